//! A push that goes back: the first word is the answer. Users are SAFE or EXPOSED, and since when; nothing here moves forward.

use crate::console::theme::{Glyph, Role};
use crate::domain::explain;
use crate::domain::exposure;
use crate::domain::push::Course;
use crate::domain::rollback::{Manner, Rollback};

use super::super::line::{Line, keep};
use super::words::{clock, counted, listed, naming, new_version, old_version, rate};
use super::{On, Room, beside, contents, everybody, exposed, gate, head, indented, siblings, signals, steps};

/// The screen of a push that goes back, or has failed to.
pub(super) fn lines(on: On<'_>, room: Room) -> Vec<Line> {
    let Some(rollback) = on.push.course.rollback() else { return Vec::new() };
    let said = explain::push(on.fleet, on.push, on.moment);
    let mut lines = vec![head::title(on, room), users(on, rollback, room)];
    lines.extend(stuck(on, room));
    let why = if rollback.halted.is_some() { said.why.clone() } else { explain::trigger(&rollback.trigger) };
    lines.push(head::sentence("Why", &why, Role::Text, room));
    lines.push(head::sentence("Else", &said.otherwise, Role::Text, room));
    // One that its way back switches off is among its steps.
    let stepped = |line: &Line| rollback.plan.flags().any(|flag| line.text().contains(&format!(" {flag} ")));
    lines.extend(head::flags(on, room).into_iter().filter(|line| !stepped(line)));
    lines.extend(gate::exceptions(on, room, room.height / 5));
    let spaced = room.height >= 18;
    let blank = |lines: &mut Vec<Line>| lines.extend(spaced.then(Line::new));
    blank(&mut lines);
    lines.extend(steps::lines(on, rollback, room));
    blank(&mut lines);
    let column = second_panel(room);
    let title = format!("still {}", new_version(on.push));
    if room.is_paired() {
        let left = siblings::lines(on, &title, Room { width: column - 3, ..room }, 6);
        let right = Room { width: room.width - column, ..room };
        let mut better = everybody::lines(on, rollback, wide_panel(right, room));
        better.extend(signals::new_errors_in_short(on));
        better.push(exposed::harm(on.push, "harm"));
        lines.extend(beside(indented(left), better, column));
    } else {
        lines.push(Line::of(Role::Text, " ").append(exposed::harm(on.push, "harm")));
        lines.extend(indented(siblings::lines(on, &title, room, 5)));
    }
    blank(&mut lines);
    lines.push(after(on, rollback, room));
    if room.is_wide() && room.height > lines.len() + 8 {
        lines.push(Line::new());
        let left = indented(contents::lines(on, Room { width: column - 3, ..room }, 8));
        let right = Room { width: room.width - column, ..room };
        lines.extend(beside(left, contents::so_far(on, right, 10), column));
    }
    keep(&mut lines, room.height);
    lines
}

/// The panel's room, wide enough for all its rows where the screen is.
fn wide_panel(panel: Room, screen: Room) -> Room {
    if screen.is_wide() { Room { width: panel.width.max(60), ..panel } } else { panel }
}

/// Where the panel beside the siblings begins.
pub(super) const fn second_panel(room: Room) -> usize {
    match (room.is_roomy(), room.is_wide()) {
        (true, _) => 92,
        (false, true) => 60,
        (false, false) => 41,
    }
}

/// ` Users  SAFE since 15:07: …` or ` Users  EXPOSED since …`.
pub(super) fn users(on: On<'_>, rollback: &Rollback, room: Room) -> Line {
    let (new, old) = (new_version(on.push), old_version(on.push));
    let all = clock(on.moment, rollback.since + rollback.plan.all_old);
    let open = matches!(on.push.course, Course::Back { .. }) && rollback.halted.is_none();
    let head = Line::of(Role::Heading, " Users").at(7);
    let line = if let Some(safe) = rollback.users_safe {
        let rest = if open { format!(" All on {old} about {all}.") } else { String::new() };
        let since = clock(on.moment, safe);
        head.then(Role::Good, "SAFE").then(Role::Text, format!(" since {since}: no request reaches {new}.{rest}"))
    } else {
        let met = exposure::now(on.fleet, on.push);
        let met = met.map(|now| format!("{} requests/s ({}) meet {new}", rate(now.rps), now.share)).unwrap_or_default();
        let since = on.push.cursor.arrived.unwrap_or(on.push.cursor.entered);
        let safe = (rollback.since + rollback.plan.users_safe).hh_mm_ss(&on.moment.zone);
        let by = if open { format!(", safe by {safe}") } else { String::new() };
        head.then(Role::Bad, "EXPOSED").then(Role::Text, format!(" since {}{by}: {met}", clock(on.moment, since)))
    };
    line.cut(room.width)
}

/// The instances that did not get back, and what to do by hand.
fn stuck(on: On<'_>, room: Room) -> Vec<Line> {
    let Course::RollbackFailed { stuck, at, .. } = &on.push.course else { return Vec::new() };
    let names: Vec<_> = stuck.iter().map(|at| format!("{} {}#{}", at.placement.service, at.cell, at.index)).collect();
    let text = format!("{} not back by {}: ", counted(stuck.len() as u32, "instance"), clock(on.moment, *at));
    let cells = room.width.saturating_sub(9 + text.len());
    let by_hand = on.fleet.declaration().break_glass.clone().unwrap_or_else(|| "no break_glass text is declared".to_owned());
    vec![
        naming(head::sentence("Stuck", &format!("{text}{}", listed(&names, cells)), Role::Bad, room), &names, cells),
        head::sentence("", &format!("{} {by_hand}", Glyph::Arrow.symbol()), Role::Strong, room),
    ]
}

fn after(on: On<'_>, rollback: &Rollback, room: Room) -> Line {
    let rests = format!("{} rests on {} until a new push.", on.push.plan.name, old_version(on.push));
    let text = match (&on.push.course, rollback.manner) {
        _ if rollback.halted.is_some() => "r goes on back from here, R faster; nothing takes it forward".to_owned(),
        (Course::RollbackFailed { .. }, _) => {
            "the engine keeps trying; R goes faster, or take the instances out by hand".to_owned()
        }
        (_, Manner::Ordered) => format!("{rests} R is faster; s does not stop it."),
        (_, Manner::Fast) => format!("{rests} s does not stop it."),
    };
    head::sentence("Then", &text, Role::Text, room)
}
