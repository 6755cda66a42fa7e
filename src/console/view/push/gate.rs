//! The gate's requirements: what is not met in full, what is met folded while rows are few.

use crate::console::model::{RowKey, gate_rows, wrap};
use crate::console::theme::{Glyph, Role};
use crate::domain::explain;
use crate::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use crate::domain::verdict::Verdict;

use super::super::evidence;
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
    let all = gate_rows(on.fleet, on.push, on.moment.now);
    let kept = exceptions(on, room, rows.saturating_sub(3));
    let rows = rows.saturating_sub(kept.len());
    let next = on.push.next_stage().map_or_else(|| "it is done".to_owned(), |next| next.name.clone());
    if all.is_empty() {
        let heading = Line::of(Role::Heading, format!(" Before {next}: nothing is required")).cut(room.width);
        return std::iter::once(heading).chain(kept).collect();
    }
    let met = all.iter().filter(|found| found.state == RequirementState::Met).count();
    let folding = Folding::of(&all, room, |found| on.selected == Some(&key(on, found)), rows.saturating_sub(1));
    let unnamed = all.iter().filter(|found| !folding.alone.contains(found) && !folding.folded.contains(found));
    let unnamed = unnamed.map(|found| found.kind.to_string()).collect::<Vec<_>>().join(", ");
    let heading = Line::of(Role::Heading, format!(" Before {next}: {met} of {} met", all.len()));
    let mut lines = vec![heading.standing_for("met", &unnamed)];
    let column = reasons_at(room, folding.alone.iter().copied());
    let mut spare = folding.spare;
    for found in &folding.alone {
        let is_open = found.state != RequirementState::Met;
        let more = requirement_lines(on, found, (room, column), if is_open { spare } else { 0 });
        spare = spare.saturating_sub(more.len() - 1);
        lines.extend(more);
    }
    lines.extend(folding.line(on, room, column));
    keep(&mut lines, rows);
    lines.extend(kept);
    lines
}

fn key(on: On<'_>, found: &Requirement) -> RowKey {
    RowKey::Requirement(on.push.id(), found.kind.clone())
}

/// Which requirements have rows of their own, and which are named in one.
struct Folding<'r> {
    alone: Vec<&'r Requirement>,
    folded: Vec<&'r Requirement>,
    /// Rows that are left.
    spare: usize,
}

impl<'r> Folding<'r> {
    /// What says the same of every metric folds first; what looks beyond the push keeps its reason longest. What is not met folds last,
    /// and what is selected never.
    fn of(all: &'r [Requirement], room: Room, is_selected: impl Fn(&Requirement) -> bool, left: usize) -> Self {
        let is_met = |found: &&Requirement| found.state == RequirementState::Met;
        let is_short = |found: &&Requirement| !is_met(found) || !matches!(found.kind, RequirementKind::Threshold { .. });
        let parted = |keeps: &dyn Fn(&&Requirement) -> bool| -> (Vec<&'r Requirement>, Vec<&'r Requirement>) {
            all.iter().partition(|found| keeps(found) || is_selected(found))
        };
        let ways = [parted(&|_| true), parted(&is_short), parted(&|found| !is_met(found))];
        let all_fit = |(alone, folded): &&(Vec<_>, Vec<_>)| alone.len() + usize::from(!folded.is_empty()) <= left;
        let tried = if room.width >= 60 { 0 } else { 2 };
        if let Some((alone, folded)) = ways.iter().skip(tried).find(all_fit) {
            let spare = left - alone.len() - usize::from(!folded.is_empty());
            return Self { alone: alone.clone(), folded: folded.clone(), spare };
        }
        // What has no row of its own is named in the last one: what is not met never folds without its name.
        let open: Vec<_> = all.iter().filter(|found| !is_met(found)).collect();
        let rows = if open.len() <= left { left } else { left.saturating_sub(1) };
        let mut alone: Vec<_> = open.iter().copied().take(rows).collect();
        if let Some(selected) = all.iter().find(|found| is_selected(found)).filter(|found| !alone.contains(found)) {
            alone.truncate(rows.saturating_sub(1));
            alone.push(selected);
        }
        let folded = open.into_iter().filter(|found| !alone.contains(found)).collect();
        Self { alone, folded, spare: 0 }
    }

    /// The row of what has none of its own.
    fn line(&self, on: On<'_>, room: Room, column: usize) -> Option<Line> {
        let names: Vec<_> = self.folded.iter().map(|found| found.kind.to_string()).collect();
        let worst = self.folded.iter().map(|found| found.state).max()?;
        if worst == RequirementState::Met {
            let cells = room.width.saturating_sub(4);
            let line = Line::of(Role::Dim, format!(" {} {}", Glyph::Met.symbol(), listed(&names, cells)));
            return Some(naming(line, &names, cells));
        }
        let (glyph, role) = mark::of_requirement(worst);
        let text = listed(&names, room.width.saturating_sub(14));
        let line = Line::of(role, format!(" {} also not: {text}", glyph.symbol())).cut(room.width);
        Some(line.standing_for_all(self.folded.iter().flat_map(|found| requirement_lines(on, found, (room, column), 0))))
    }
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
    if found.kind == RequirementKind::Evidence
        && found.state != RequirementState::Met
        && let Some(lines) = evidence_lines(on, found, (room, column), spare)
    {
        return lines;
    }
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
    let key = key(on, found);
    let text_role = if found.state == RequirementState::Met { Role::Dim } else { Role::Text };
    texts
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let head = if index == 0 { on.bar(&key).then(role, format!("{} {}", glyph.symbol(), found.kind)) } else { Line::new() };
            on.listing(head.at(column).then(text_role, text).cut(room.width), key.clone())
        })
        .collect()
}

/// Evidence that is open: its two ends and when it will be decided, then why.
fn evidence_lines(on: On<'_>, found: &Requirement, (room, column): (Room, usize), spare: usize) -> Option<Vec<Line>> {
    let gathered = on.push.evidence.as_ref().filter(|_| found.state != RequirementState::Waived)?;
    let (wide, narrow) = evidence::HALVES;
    let half = if room.width >= 60 { wide } else { narrow };
    let bar = evidence::bar(evidence::lean(gathered)?, half);
    let (glyph, role) = mark_of(on, found);
    let head = on
        .bar(&key(on, found))
        .then(role, format!("{} {}", glyph.symbol(), found.kind))
        .at(column)
        .append(bar)
        .then(Role::Text, "  ");
    let decides = match gathered.decides() {
        Some((half, Some(most))) => format!("decides {}–{}", on.moment.clock(half), on.moment.clock(most)),
        Some((half, None)) => format!("decides {} at the earliest", on.moment.clock(half)),
        None if matches!(gathered.evidence.verdict, Verdict::Undecided { .. }) => "too few to decide within a day".to_owned(),
        None => String::new(),
    };
    let fits = head.width() + decides.chars().count() <= room.width;
    let (decides, why) = match (fits, decides.is_empty()) {
        (false, false) => (String::new(), format!("{decides}; {}", found.why)),
        _ => (decides, found.why.clone()),
    };
    if spare == 0 {
        let text = if decides.is_empty() { why } else { format!("{decides}; {why}") };
        return Some(vec![on.listing(head.then(Role::Text, text).cut(room.width), key(on, found))]);
    }
    let mut lines = vec![on.listing(head.then(Role::Text, decides).cut(room.width), key(on, found))];
    let mut texts = wrap(&why, room.width.saturating_sub(column));
    if texts.len() > spare {
        let rest = texts.split_off(spare - 1);
        texts.push(rest.join(" "));
    }
    lines.extend(
        texts.into_iter().map(|text| on.listing(Line::new().at(column).then(Role::Text, text).cut(room.width), key(on, found))),
    );
    Some(lines)
}

fn mark_of(on: On<'_>, found: &Requirement) -> (Glyph, Role) {
    if found.kind == RequirementKind::Approval && found.state == RequirementState::Pending {
        let asked = requirement::approval_is_asked(on.fleet, on.push, on.moment.now);
        return if asked { (Glyph::Person, Role::Waiting) } else { (Glyph::Waits, Role::Text) };
    }
    mark::of_requirement(found.state)
}
