//! The gate's requirements: what is not met in full, what is met folded while rows are few.

use crate::console::model::wrap;
use crate::console::theme::{Glyph, Role};
use crate::domain::explain;
use crate::domain::requirement::{self, Requirement, RequirementKind, RequirementState};

use super::super::line::{Line, keep, keep_and_count};
use super::super::mark;
use super::words::{listed, naming};
use super::{On, Room};

/// Where the reasons of the requirements shown begin, one beneath the other, in a panel so wide.
fn reasons_at<'r>(room: Room, shown: impl Iterator<Item = &'r Requirement>) -> usize {
    if room.width >= 60 {
        return 14;
    }
    shown.map(|found| found.kind.word().chars().count() + 4).fold(12, usize::max).min((room.width / 2).max(12))
}

/// `Before 33 %: 3 of 7 met`, then the requirements. In at most so many rows.
pub(in crate::console::view) fn lines(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let all = requirement::of_gate(on.fleet, on.push, on.moment.now);
    let (met, mut open): (Vec<&Requirement>, Vec<&Requirement>) =
        all.iter().partition(|found| found.state == RequirementState::Met);
    // What was waived never folds before what is merely awaited.
    open.sort_by_key(|found| std::cmp::Reverse((found.state != RequirementState::Pending, found.state)));
    let kept = exceptions(on, room, rows.saturating_sub(3));
    let rows = rows.saturating_sub(kept.len());
    let next = on.push.next_stage().map_or_else(|| "it is done".to_owned(), |next| next.name.clone());
    if all.is_empty() {
        let heading = Line::of(Role::Heading, format!(" Before {next}: nothing is required")).cut(room.width);
        return std::iter::once(heading).chain(kept).collect();
    }
    let mut lines = vec![Line::of(Role::Heading, format!(" Before {next}: {} of {} met", met.len(), all.len()))];
    let left = rows.saturating_sub(1);
    let unfolded = open.len() + met.len() <= left && room.width >= 60;
    // What says the same of every metric folds first; what looks beyond the push keeps its reason longest.
    let (metrics, others): (Vec<&Requirement>, Vec<&Requirement>) =
        met.iter().copied().partition(|found| matches!(found.kind, RequirementKind::Threshold { .. }));
    let half = !metrics.is_empty() && open.len() + others.len() < left && room.width >= 60;
    let met_rows = match (unfolded, half) {
        (true, _) => met.len(),
        (false, true) => others.len() + 1,
        (false, false) => usize::from(!met.is_empty()),
    };
    // What has no row of its own is named in the last one: it never folds without its name.
    let told = if open.len() + met_rows > left { left.saturating_sub(1) } else { open.len() };
    let mut spare = left.saturating_sub(open.len() + met_rows);
    let beside = if unfolded { met.as_slice() } else { others.get(..if half { others.len() } else { 0 }).unwrap_or_default() };
    let column = reasons_at(room, open.iter().take(told).chain(beside).copied());
    for found in open.iter().take(told) {
        let more = requirement_lines(on, found, (room, column), spare);
        spare = spare.saturating_sub(more.len() - 1);
        lines.extend(more);
    }
    let names = |found: &[&Requirement]| found.iter().map(|found| found.kind.to_string()).collect::<Vec<_>>();
    if told < open.len() {
        let worst = open.iter().skip(told).map(|found| found.state).max().unwrap_or(RequirementState::Pending);
        let (glyph, role) = mark::of_requirement(worst);
        let text = listed(&names(open.get(told..).unwrap_or_default()), room.width.saturating_sub(14));
        let line = Line::of(role, format!(" {} also not: {text}", glyph.symbol())).cut(room.width);
        let folded = open.iter().skip(told).flat_map(|found| requirement_lines(on, found, (room, column), 0));
        lines.push(line.standing_for_all(folded));
    } else if unfolded {
        lines.extend(met.iter().flat_map(|found| requirement_lines(on, found, (room, column), 0)));
    } else if !met.is_empty() {
        let folded = if half { &metrics } else { &met };
        lines.extend(others.iter().filter(|_| half).flat_map(|found| requirement_lines(on, found, (room, column), 0)));
        let (names, cells) = (names(folded), room.width.saturating_sub(4));
        let line = Line::of(Role::Dim, format!(" {} {}", Glyph::Met.symbol(), listed(&names, cells)));
        lines.push(naming(line, &names, cells));
    }
    keep(&mut lines, rows);
    lines.extend(kept);
    lines
}

/// What is not as usual with the push, told to its end: these never fold as long as there are rows for them, and keep their count where
/// there are not.
pub(in crate::console::view) fn exceptions(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let mut all = explain::exceptions(on.push, on.moment);
    if on.push.course.rollback().is_some() {
        all.extend(explain::remains(on.fleet, on.push, on.moment.now));
    }
    let line = |text: String| Line::of(Role::Bad, format!(" {} {text}", Glyph::Waived.symbol())).cut(room.width);
    let mut lines: Vec<Line> = all.into_iter().map(line).collect();
    keep_and_count(&mut lines, rows.max(1), |more| line(format!("{more} more exceptions, e tells them")));
    lines
}

fn requirement_lines(on: On<'_>, found: &Requirement, (room, column): (Room, usize), spare: usize) -> Vec<Line> {
    let (glyph, role) = mark_of(on, found);
    // Until when a window is closed is part of its reason.
    let due = found
        .due
        .filter(|_| found.kind != RequirementKind::Window)
        .map(|due| format!(", ends {}", on.moment.clock(due)))
        .unwrap_or_default();
    let who =
        if found.state > RequirementState::Pending && room.width >= 110 { format!(" ({})", found.who) } else { String::new() };
    let usually = found.usually.filter(|_| room.width >= 60).map(|period| format!(", usually {period}")).unwrap_or_default();
    let text = format!("{}{due}{usually}{who}", found.why);
    let column = column.max(found.kind.word().chars().count() + 4);
    let cells = room.width.saturating_sub(column);
    let mut texts = wrap(&text, cells);
    if texts.len() > spare + 1 {
        let rest = texts.split_off(spare.min(texts.len()));
        texts.push(rest.join(" "));
    }
    let text_role = if found.state == RequirementState::Met { Role::Dim } else { Role::Text };
    texts
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let head = if index == 0 { Line::of(role, format!(" {} {}", glyph.symbol(), found.kind)) } else { Line::new() };
            head.at(column).then(text_role, text).cut(room.width)
        })
        .collect()
}

fn mark_of(on: On<'_>, found: &Requirement) -> (Glyph, Role) {
    if found.kind == RequirementKind::Approval && found.state == RequirementState::Pending {
        let asked = requirement::approval_is_asked(on.fleet, on.push, on.moment.now);
        return if asked { (Glyph::Person, Role::Waiting) } else { (Glyph::Waits, Role::Text) };
    }
    mark::of_requirement(found.state)
}
