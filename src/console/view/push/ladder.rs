//! The ladder: every stage, what it grants, and where the push stands on it.

use crate::console::theme::{Glyph, Role};
use crate::domain::id::CellId;
use crate::domain::placement::Placement;
use crate::domain::push::Course;
use crate::domain::stage::{Advance, Green, PlannedStage};

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

/// The ladder in at most so many rows, its heading among them. Stages behind fold first, then the ones after the next.
pub(super) fn lines(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let stages = &on.push.plan.stages;
    if on.push.detour().is_some() && on.push.is_forward() {
        return on_detour(on, room, rows);
    }
    let here = on.push.cursor.stage.map(|index| index as usize);
    let behind = if matches!(on.push.course, Course::Converged { .. }) { stages.len() } else { here.unwrap_or(0) };
    let mut lines = Vec::new();
    if rows > 3 {
        lines.push(heading(on, room));
    }
    let left = rows.saturating_sub(lines.len());
    let folds_behind = stages.len() > left && behind > 1;
    if folds_behind && left > 2 {
        if let Some(last) = stages.get(behind - 1) {
            let folded = stages.iter().take(behind - 1).map(|stage| row(on, room, (stage, Lies::Behind), &stage.name));
            lines.push(row(on, room, (last, Lies::Behind), &format!("to {}", last.name)).standing_for_all(folded));
        }
    } else if !folds_behind {
        lines.extend(stages.iter().take(behind).map(|stage| row(on, room, (stage, Lies::Behind), &stage.name)));
    }
    let rest = stages.get(behind..).unwrap_or_default();
    let left = rows.saturating_sub(lines.len());
    let shown = if rest.len() > left { left.saturating_sub(1).max(1) } else { rest.len() };
    for (index, stage) in rest.iter().take(shown).enumerate() {
        let place = if here == Some(behind + index) { Lies::Here } else { Lies::Ahead };
        lines.push(row(on, room, (stage, place), &stage.name));
    }
    if let Some(last) = rest.last().filter(|_| shown < rest.len()) {
        let name = format!("{} more", rest.len() - shown);
        let folded = rest.iter().skip(shown).map(|stage| row(on, room, (stage, Lies::Ahead), &stage.name));
        lines.push(row(on, room, (last, Lies::Ahead), &name).standing_for_all(folded));
    }
    keep(&mut lines, rows);
    lines
}

/// The same while a fix is on its way to where it set out from: it passes the last stage of each earlier environment anew, and what
/// lies between is not done again.
fn on_detour(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let (stages, cursor) = (&on.push.plan.stages, on.push.cursor.stage);
    let (way, resume_at) = (on.push.detour_way(), on.push.detour().map_or(0, |fix| fix.resume_at));
    let place = |index: u32| match cursor {
        Some(at) if at == index => Lies::Here,
        _ if way.contains(&index) && cursor.is_none_or(|at| index > at) => Lies::Waits,
        _ if index < resume_at => Lies::Behind,
        _ => Lies::Ahead,
    };
    let mut lines: Vec<Line> = (rows > 3).then(|| heading(on, room)).into_iter().collect();
    let left = rows.saturating_sub(lines.len());
    let mut shown: Vec<(&PlannedStage, Lies)> = (0..).zip(stages).map(|(index, stage)| (stage, place(index))).collect();
    if shown.len() > left {
        shown.retain(|(_, lies)| *lies != Lies::Behind);
    }
    let more = shown.len().saturating_sub(left);
    let last = shown.last().copied();
    let folded = if more > 0 { shown.split_off(left.saturating_sub(1).min(shown.len())) } else { Vec::new() };
    let told = |(stage, lies): (&PlannedStage, Lies)| row(on, room, (stage, lies), &stage.name);
    lines.extend(shown.into_iter().map(told));
    let last = last.filter(|_| more > 0).map(|(stage, _)| row(on, room, (stage, Lies::Ahead), &format!("{} more", more + 1)));
    lines.extend(last.map(|line| line.standing_for_all(folded.into_iter().map(told))));
    keep(&mut lines, rows);
    lines
}

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
    if room.is_wide() { line.at(50).then(Role::Heading, "bake").at(62).then(Role::Heading, "to enter it") } else { line }
}

fn row(on: On<'_>, room: Room, (stage, lies): (&PlannedStage, Lies), name: &str) -> Line {
    let at = columns(on, room);
    let (glyph, role) = match lies {
        Lies::Behind => (Glyph::Met, Role::Dim),
        Lies::Here => mark::of_status(status::of_push(on.fleet, on.push, on.moment.now)),
        Lies::Ahead | Lies::Waits => (Glyph::Waits, Role::Text),
    };
    let line = if lies == Lies::Here { Line::of(Role::Cursor, Glyph::Cursor.symbol()) } else { Line::of(Role::Text, " ") };
    let text = if lies == Lies::Behind { Role::Dim } else { Role::Text };
    let name_role = if lies == Lies::Here { Role::Strong } else { text };
    let mut line = line.then(role, glyph.symbol()).then(name_role, format!(" {name}"));
    let is_shown_here = on.push.environment() == Some(&stage.environment);
    for (index, cell) in cells(on.fleet, on.push).iter().take(at.shown).enumerate().filter(|_| is_shown_here) {
        let (glyph, role) = in_cell(on, stage, lies, cell);
        line = line.at(at.cells + index * at.step).then(role, glyph);
    }
    let line = line.right(at.count, text, count(on, stage, lies, room));
    if !room.is_wide() {
        return line;
    }
    let line = line.at(50).then(text, stage.bake.to_string()).at(62);
    let merged = if stage.merged.is_empty() { String::new() } else { format!("; grants the same as {}", stage.merged.join(", ")) };
    line.then(text, entering(stage) + &merged)
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
