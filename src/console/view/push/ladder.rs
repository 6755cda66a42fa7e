//! The ladder: every stage, what it grants, and where the push stands on it.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::console::model::RowKey;
use crate::console::theme::{Glyph, Role};
use crate::domain::environment::Environment;
use crate::domain::id::CellId;
use crate::domain::number::times;
use crate::domain::placement::Placement;
use crate::domain::push::Course;
use crate::domain::stage::{Advance, Green, PlannedStage};
use crate::domain::verdict::Verdict;

use super::super::kit::width;
use super::super::line::{Line, keep};
use super::super::mark;
use super::words::{cells, new_version};
use super::{On, Room};
use crate::domain::status;

/// Where a stage lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lies {
    Behind,
    Here,
    Ahead,
    /// A fix has to pass it before it is where it set out from.
    Waits,
}

/// The ladder in at most so many rows, its heading among them. Stages behind fold first, then the ones after the next; what is selected
/// never folds.
pub(super) fn lines(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let stages = &on.push.plan.stages;
    let mut lines: Vec<Line> = (rows > 3).then(|| heading(on, room)).into_iter().collect();
    let places: Vec<Lies> = (0..).zip(stages).map(|(index, _)| place(on, index)).collect();
    let selected = match on.selected {
        Some(RowKey::Stage(push, index)) if *push == on.push.id() => Some(*index as usize),
        _ => None,
    };
    let all = 0..stages.len();
    let mut next = 0;
    for shown in shown(&places, selected, rows.saturating_sub(lines.len())) {
        let unshown = next..shown.start;
        next = shown.end;
        lines.push(told(on, room, shown, &places).standing_for_all(unshown.map(|index| alone(on, room, index, &places))));
    }
    if let Some(last) = lines.pop() {
        let unshown = next..all.end;
        lines.push(last.standing_for_all(unshown.map(|index| alone(on, room, index, &places))));
    }
    keep(&mut lines, rows);
    lines
}

/// Where a stage lies. A fix passes the last stage of each earlier environment anew, and what lies between is not done again.
fn place(on: On<'_>, index: u32) -> Lies {
    let cursor = on.push.cursor.stage;
    let is_over = matches!(on.push.course, Course::Converged { .. });
    match on.push.detour().filter(|_| on.push.is_forward()) {
        _ if is_over => Lies::Behind,
        _ if cursor == Some(index) => Lies::Here,
        Some(_) if on.push.detour_way().contains(&index) && cursor.is_none_or(|at| index > at) => Lies::Waits,
        Some(fix) if index < fix.resume_at => Lies::Behind,
        None if cursor.is_some_and(|at| index < at) => Lies::Behind,
        _ => Lies::Ahead,
    }
}

/// The stages in at most so many rows, in order: a row of several folds them. Without room for that they are left out.
fn shown(lies: &[Lies], selected: Option<usize>, rows: usize) -> Vec<Range<usize>> {
    if lies.len() <= rows {
        return (0..lies.len()).map(|index| index..index + 1).collect();
    }
    let must = |index: &usize| selected == Some(*index) || lies.get(*index) == Some(&Lies::Here);
    let mut alone: BTreeSet<usize> = (0..lies.len()).filter(must).collect();
    for index in (0..lies.len()).filter(|index| lies.get(*index) != Some(&Lies::Behind)) {
        let is_new = alone.insert(index);
        if is_new && folded(&alone, lies.len()).len() > rows {
            alone.remove(&index);
        }
    }
    let mut found = folded(&alone, lies.len());
    // What is behind is left out before what is ahead.
    while found.len() > rows.max(1) {
        match found.iter().position(|range| !alone.contains(&range.start)) {
            Some(at) => found.remove(at),
            None => break,
        };
    }
    found
}

/// Each of some stages, and in one range whatever lies between two of them.
fn folded(alone: &BTreeSet<usize>, count: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut next = 0;
    for index in alone.iter().copied().chain([count]) {
        found.extend((next < index).then_some(next..index));
        found.extend((index < count).then_some(index..index + 1));
        next = index + 1;
    }
    found
}

/// A row: a stage, or several folded into one.
fn told(on: On<'_>, room: Room, shown: Range<usize>, lies: &[Lies]) -> Line {
    let Some(last) = shown.end.checked_sub(1).filter(|last| *last > shown.start) else {
        return alone(on, room, shown.start, lies);
    };
    let Some(stage) = on.push.plan.stages.get(last) else { return Line::new() };
    let is_behind = lies.get(shown.clone()).is_some_and(|lies| lies.iter().all(|lies| *lies == Lies::Behind));
    let (name, lie) =
        if is_behind { (format!("to {}", stage.name), Lies::Behind) } else { (format!("{} more", shown.len()), Lies::Ahead) };
    row(on, room, (stage, lie), Line::of(Role::Text, " "), &name).standing_for_all(shown.map(|index| alone(on, room, index, lies)))
}

/// A stage in a row of its own.
fn alone(on: On<'_>, room: Room, index: usize, lies: &[Lies]) -> Line {
    let Some((stage, lies)) = on.push.plan.stages.get(index).zip(lies.get(index)) else { return Line::new() };
    let key = RowKey::Stage(on.push.id(), index as u32);
    on.listing(row(on, room, (stage, *lies), on.bar(&key), &stage.name), key)
}

/// Where the columns beside the count begin where there is room for them.
const BAKE: usize = 50;
const RULES_OUT: usize = 61;
const ENTERS: usize = 71;

/// Where the columns stand: cells from here, so far apart, and the count's right end.
struct Columns {
    cells: usize,
    step: usize,
    shown: usize,
    count: usize,
}

fn columns(on: On<'_>, room: Room) -> Columns {
    let cells = cells(on.fleet, on.push);
    let (from, most) = if room.is_wide() { (17, 20) } else { (13, 10) };
    let longest = cells.iter().map(|cell| usize::from(width(cell.as_str()))).max().unwrap_or(0);
    let step = (longest + 1).max(if room.is_wide() { 5 } else { 3 });
    let shown = if step * cells.len() > most { 0 } else { cells.len() };
    let end = if room.is_wide() { 46 } else { 35 };
    Columns { cells: from, step, shown, count: end }
}

fn heading(on: On<'_>, room: Room) -> Line {
    let at = columns(on, room);
    let mut line = Line::of(Role::Heading, "   share");
    for (index, cell) in cells(on.fleet, on.push).iter().take(at.shown).enumerate() {
        line = line.at(at.cells + index * at.step).then(Role::Heading, cell.as_str());
    }
    let line = line.right(at.count, Role::Heading, format!("on {}", new_version(on.push)));
    if room.is_wide() {
        line.at(BAKE)
            .then(Role::Heading, "bake")
            .at(RULES_OUT)
            .then(Role::Heading, "rules out")
            .at(ENTERS)
            .then(Role::Heading, "to enter it")
    } else {
        line
    }
}

fn row(on: On<'_>, room: Room, (stage, lies): (&PlannedStage, Lies), bar: Line, name: &str) -> Line {
    let at = columns(on, room);
    let (glyph, role) = match lies {
        Lies::Behind => (Glyph::Met, Role::Dim),
        Lies::Here => mark::of_status(status::of_push(on.fleet, on.push, on.moment.now)),
        Lies::Ahead | Lies::Waits => (Glyph::Waits, Role::Text),
    };
    let text = if lies == Lies::Behind { Role::Dim } else { Role::Text };
    let name_role = if lies == Lies::Here { Role::Strong } else { text };
    let mut line = bar.then(role, glyph.symbol()).then(name_role, format!(" {name}"));
    let is_shown_here = on.push.environment() == Some(&stage.environment);
    for (index, cell) in cells(on.fleet, on.push).iter().take(at.shown).enumerate().filter(|_| is_shown_here) {
        let (glyph, role) = in_cell(on, stage, lies, cell);
        line = line.at(at.cells + index * at.step).then(role, glyph);
    }
    let line = line.right(at.count, text, count(on, stage, lies, room));
    if !room.is_wide() {
        return line;
    }
    let (shows_role, shows) = ruled_out(on, stage, lies);
    let line = line.at(BAKE).then(text, stage.bake.to_string()).at(RULES_OUT).then(shows_role, shows).at(ENTERS);
    let merged = if stage.merged.is_empty() { String::new() } else { format!("; grants the same as {}", stage.merged.join(", ")) };
    line.then(text, entering(stage) + &merged)
}

/// How much worse than the old version a stage rules out, and whether it has.
fn ruled_out(on: On<'_>, stage: &PlannedStage, lies: Lies) -> (Role, String) {
    let Some(rule) = &stage.evidence else {
        let has_users = on.fleet.declaration().environment(&stage.environment).is_some_and(Environment::has_users);
        return (Role::Dim, if has_users { String::new() } else { "probes".to_owned() });
    };
    let verdict = match lies {
        Lies::Here => on.push.evidence.as_ref().map(|gathered| &gathered.evidence.verdict),
        _ => on
            .push
            .passages
            .iter()
            .rfind(|passed| passed.environment == stage.environment && passed.name == stage.name)
            .and_then(|passed| passed.verdict.as_ref()),
    };
    let met = Glyph::Met.symbol();
    match (lies, verdict) {
        (Lies::Ahead | Lies::Waits, _) => (Role::Text, rule.rule_out.to_string()),
        (_, Some(Verdict::Cleared { ruled_out: Some(ratio) })) => (Role::Good, format!("{met} {}", times(*ratio))),
        (_, Some(Verdict::Cleared { ruled_out: None })) => (Role::Good, format!("{met} limits")),
        (_, Some(Verdict::Regressed { .. })) => (Role::Bad, "WORSE".to_owned()),
        (Lies::Here, Some(Verdict::NoData { .. })) => (Role::Bad, "no data".to_owned()),
        (Lies::Here, _) => (Role::Text, format!("{} {}", Glyph::Moving.symbol(), rule.rule_out)),
        // It was left although nothing had been ruled out.
        (Lies::Behind, _) => (Role::Waiting, "nothing".to_owned()),
    }
}

fn in_cell(on: On<'_>, stage: &PlannedStage, lies: Lies, cell: &CellId) -> (&'static str, Role) {
    let granted: u32 = stage.grants.keys().map(|service| stage.grant(service, cell)).sum();
    match lies {
        _ if granted == 0 => ("", Role::Dim),
        Lies::Ahead | Lies::Waits => ("", Role::Dim),
        Lies::Behind => (Glyph::Met.symbol(), Role::Dim),
        Lies::Here => {
            let there = stage.grants.keys().all(|service| {
                let placement = on.fleet.placement(service, &stage.environment);
                let new = on.push.move_of(service).map(|part| &part.to.version);
                placement.zip(new).is_some_and(|(placement, new)| {
                    placement.count_where(cell, |instance| instance.is_settled_on(new)) >= stage.grant(service, cell)
                })
            });
            if there { (Glyph::Met.symbol(), Role::Good) } else { (Glyph::Moving.symbol(), Role::Moving) }
        }
    }
}

fn count(on: On<'_>, stage: &PlannedStage, lies: Lies, room: Room) -> String {
    let all: u32 =
        stage.grants.keys().filter_map(|service| on.fleet.placement(service, &stage.environment)).map(Placement::size).sum();
    if lies == Lies::Waits {
        return "waits".to_owned();
    }
    let (there, granted) = match stage.green {
        Some(Green::Warm) => on.fleet.arrived(on.push, stage),
        _ => (on.fleet.settled_on_new(on.push, stage), stage.granted()),
    };
    if stage.green == Some(Green::Warm) {
        return if lies == Lies::Here { format!("{there} of {granted} warm") } else { format!("{granted} warm") };
    }
    if lies == Lies::Here && on.push.cursor.arrived.is_none() {
        let arrow = Glyph::Arrow.symbol();
        return if room.is_wide() { format!("{there} {arrow} {granted} of {all}") } else { format!("{there} {arrow} {granted}") };
    }
    format!("{granted} of {all}")
}

/// What it takes to enter a stage besides its gate's numbers.
fn entering(stage: &PlannedStage) -> String {
    let roles = |roles: &[crate::domain::id::Role]| roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
    let mut text = match &stage.approval {
        Some(rule) => format!("{} of {}", rule.needed, roles(&rule.roles)),
        None => "by itself".to_owned(),
    };
    if stage.advance == Advance::Hand {
        text.push_str("; left by hand");
    }
    match stage.keep() {
        Some(keep) => format!("{text}; blue kept {keep}"),
        None => text,
    }
}
