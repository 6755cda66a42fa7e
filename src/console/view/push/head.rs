//! Who it is and how it stands, and the sentences beneath.

use crate::console::model::wrap;
use crate::console::theme::{Glyph, Role};
use crate::domain::explain;
use crate::domain::flag::{Flag, FlagState};
use crate::domain::placement::{Instance, Phase, Placement};
use crate::domain::push::{Course, StopWatch};
use crate::domain::status::{self, Status};

use super::super::line::Line;
use super::super::mark;
use super::words::{clock, counted, environment, new_version, old_version};
use super::{On, Room};

/// What to say where the selection has no push.
pub(super) fn nothing(room: Room) -> Vec<Line> {
    let text = "No push here. A push is shown when a service that moves is selected on Fleet (1) and opened with Enter; \
                n asks for a new one. Nothing is moving because of what is selected.";
    let mut lines = vec![Line::new()];
    lines.extend(wrap(text, room.width.saturating_sub(2)).into_iter().map(|line| Line::of(Role::Text, format!(" {line}"))));
    lines
}

/// `storage v41→v42  PRODUCTION  ◐ baking 10 %`, and who asked for it.
pub(super) fn title(on: On<'_>, room: Room) -> Line {
    let push = on.push;
    let found = match status::of_push(on.fleet, push, on.moment.now) {
        // Nothing is on its way yet.
        Status::Converging if push.is_forward() && push.cursor.stage.is_none() => Status::Pending,
        found => found,
    };
    let (old, new) = (old_version(push), new_version(push));
    let goes_back = matches!(push.course, Course::Back { .. } | Course::RollbackFailed { .. });
    let versions = if goes_back { format!("{new}→{old}") } else { format!("{old}→{new}") };
    let place = environment(on.fleet, push).map(|found| found.id.as_str().to_uppercase()).unwrap_or_default();
    let (glyph, role) = mark::of_status(found);
    let stuck = push.not_stopped(on.moment.now).map(|_| "NOT STOPPED");
    let mut line = Line::of(Role::Strong, format!(" {} {versions}", push.plan.name))
        .then(Role::Text, format!("  {place}  "))
        // Never both: beside "stopped", its opposite would be read past.
        .then(
            if stuck.is_some() { Role::Loud } else { role },
            stuck.map_or_else(|| format!("{} {}", glyph.symbol(), found.word()), str::to_owned),
        )
        .then(Role::Text, standing(on, found));
    if push.is_forward() && push.cursor.stage.is_some() {
        let step = format!(", step {} of {}", push.cursor.stage.map_or(0, |index| index + 1), push.plan.stages.len());
        line = if line.width() + step.len() < room.width { line.then(Role::Text, step) } else { line.standing_for("", &step) };
    }
    let asked = format!("asked by {} at {}", push.plan.requested_by, clock(on.moment, push.plan.requested));
    let drives = match &push.driver {
        Some(driver) => format!("{} drives", driver.by),
        None => "nobody drives".to_owned(),
    };
    let both = format!("{drives}; {asked}");
    let end = room.width.saturating_sub(1);
    match [both, drives].into_iter().find(|text| line.width() + text.chars().count() + 3 <= room.width) {
        Some(text) if push.is_open() => line.right(end, Role::Dim, text),
        _ if line.width() + asked.chars().count() + 4 <= room.width => line.right(end, Role::Dim, asked),
        _ => line.standing_for("", &asked),
    }
}

fn standing(on: On<'_>, found: Status) -> String {
    let at = on.push.stage().map(|stage| stage.name.as_str());
    let steps = on.push.plan.stages.len();
    let by = on.push.course.rollback().map(|rollback| {
        let by = match &rollback.trigger {
            crate::domain::rollback::Trigger::Person { by, .. } => format!("by {by}"),
            _ => "by itself".to_owned(),
        };
        (clock(on.moment, rollback.decided), by)
    });
    match (&on.push.course, at, by) {
        (Course::Back { .. }, _, Some((since, by))) => format!(" since {since}, {by}"),
        (Course::RollbackFailed { at, .. }, ..) => format!(" at {}", clock(on.moment, *at)),
        (Course::RolledBack { at, .. }, _, Some((_, by))) => format!(" at {}, {by}", clock(on.moment, *at)),
        (Course::Converged { at } | Course::Replaced { at, .. }, ..) => format!(" since {}", clock(on.moment, *at)),
        // An approval is for what would come, not for what is.
        (Course::Forward, Some(_), _) if found == Status::WaitingApproval && on.push.next_stage().is_some() => {
            on.push.next_stage().map_or_else(String::new, |next| format!(" for {}", next.name))
        }
        (Course::Forward, Some(name), _) => format!(" {} {name}", if found == Status::Converging { "to" } else { "at" }),
        (Course::Forward, None, _) if on.push.detour().is_some() => ", before the first step of the fix".to_owned(),
        _ => format!(", before the first of {steps} steps"),
    }
}

/// The sentences: *why*, *next* and *else*. Where rows are few, *next* folds before *else*.
pub(super) fn sentences(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let said = explain::push(on.fleet, on.push, on.moment);
    let mut lines: Vec<Line> = Vec::new();
    if let Some(stop) = on.push.not_stopped(on.moment.now) {
        lines.extend(not_stopped(on, stop, room));
    }
    let left = rows.saturating_sub(lines.len());
    let all = [("Why", said.why, 1), ("Next", said.next, 3), ("Else", said.otherwise, 2)];
    for (word, text, priority) in all.into_iter().filter(|(_, text, _)| !text.is_empty()) {
        if priority <= left.max(1) {
            lines.push(sentence(word, &text, Role::Text, room));
        } else if let Some(last) = lines.pop() {
            lines.push(last.standing_for(word, &text));
        }
    }
    lines
}

/// ` Why   p99.9 of blob…`
pub(super) fn sentence(word: &str, text: &str, role: Role, room: Room) -> Line {
    Line::of(Role::Heading, format!(" {word}")).at(7).then(role, text).cut(room.width)
}

/// A row for each flag of the push that is off or on its way: what is measured meanwhile says little of what stands behind it.
pub(super) fn flags(on: On<'_>, room: Room) -> Vec<Line> {
    let told = |(flag, state): (&Flag, &FlagState)| {
        let text = state.told_of(flag, on.moment)?;
        // The heading says the first word.
        let text = text.strip_prefix("flag ").unwrap_or(&text);
        Some(sentence("Flag", text, if state.on { Role::Waiting } else { Role::Strong }, room))
    };
    on.fleet.flags_of(on.push).into_iter().filter_map(told).collect()
}

/// What to do about a stop that is not seen to work.
fn not_stopped(on: On<'_>, stop: &StopWatch, room: Room) -> Vec<Line> {
    let answer = stop.answer.as_ref().map_or_else(|| "no answer".to_owned(), |answer| format!("last answer: {answer}"));
    let moving = on.push.plan.moves.iter().filter_map(|part| on.fleet.placement(&part.service, on.push.environment()?));
    let count = moving.flat_map(Placement::instances).filter(|(_, _, instance)| is_moving(instance)).count();
    let asked = stop.asked.hh_mm_ss(&on.moment.zone);
    let text = format!("asked {asked}, told {} times; {} still moving; {answer}", stop.tries, counted(count as u32, "instance"));
    let by_hand =
        on.fleet.declaration().break_glass.clone().unwrap_or_else(|| "by hand: no break_glass text is declared".to_owned());
    vec![
        sentence("Stop", &text, Role::Bad, room),
        sentence("", &format!("{} {by_hand}", Glyph::Arrow.symbol()), Role::Strong, room),
    ]
}

fn is_moving(instance: &Instance) -> bool {
    instance.in_flight.is_some() || matches!(instance.phase, Phase::Starting | Phase::Warming | Phase::Draining)
}
