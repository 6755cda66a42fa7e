//! The gate's requirements: what is not met in full, what is met folded while rows are few.

use crate::console::theme::{Glyph, Role};
use crate::domain::requirement::{self, Requirement, RequirementKind, RequirementState};

use super::super::line::{Line, wrap};
use super::super::mark;
use super::words::{clock, listed};
use super::{On, Room};

/// Where the reasons begin.
const REASON: usize = 14;

/// `Before 33 %: 3 of 7 met`, then the requirements. In at most so many rows.
pub(super) fn lines(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let all = requirement::of_gate(on.fleet, on.push, on.moment.now);
    let (met, mut open): (Vec<&Requirement>, Vec<&Requirement>) =
        all.iter().partition(|found| found.state == RequirementState::Met);
    open.sort_by_key(|found| std::cmp::Reverse(found.state));
    let next = on.push.next_stage().map_or_else(|| "it is done".to_owned(), |next| next.name.clone());
    let mut lines = vec![Line::of(Role::Heading, format!(" Before {next}: {} of {} met", met.len(), all.len()))];
    let left = rows.saturating_sub(1);
    let unfolded = open.len() + met.len() <= left && room.width >= 60;
    let met_rows = if unfolded { met.len() } else { usize::from(!met.is_empty()) };
    let mut spare = left.saturating_sub(open.len() + met_rows);
    for found in &open {
        let more = requirement_lines(on, found, room, spare);
        spare = spare.saturating_sub(more.len() - 1);
        lines.extend(more);
    }
    if unfolded {
        lines.extend(met.iter().flat_map(|found| requirement_lines(on, found, room, 0)));
    } else if !met.is_empty() {
        let names: Vec<_> = met.iter().map(|found| found.kind.to_string()).collect();
        let text = listed(&names, room.width.saturating_sub(4));
        lines.push(Line::of(Role::Dim, format!(" {} {text}", Glyph::Met.symbol())));
    }
    fold(lines, rows)
}

/// What does not fit is counted, never dropped in silence.
fn fold(mut lines: Vec<Line>, rows: usize) -> Vec<Line> {
    if lines.len() > rows && rows > 0 {
        let more = lines.len() - rows + 1;
        lines.truncate(rows - 1);
        lines.push(Line::of(Role::Strong, format!(" {} {more} more lines: Enter", Glyph::Ellipsis.symbol())));
    }
    lines.truncate(rows);
    lines
}

fn requirement_lines(on: On<'_>, found: &Requirement, room: Room, spare: usize) -> Vec<Line> {
    let (glyph, role) = mark_of(on, found);
    let due = found.due.map(|due| format!(", ends {}", clock(on.moment, due))).unwrap_or_default();
    let who = if found.state > RequirementState::Pending && room.width >= 60 { format!(" ({})", found.who) } else { String::new() };
    let reason = format!("{}{due}{who}", found.why);
    let cells = room.width.saturating_sub(REASON);
    let mut texts = wrap(&reason, cells);
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
            head.at(REASON).then(text_role, text).cut(room.width)
        })
        .collect()
}

fn mark_of(on: On<'_>, found: &Requirement) -> (Glyph, Role) {
    if found.kind == RequirementKind::Approval && found.state == RequirementState::Pending {
        return match requirement::approval_is_asked(on.fleet, on.push, on.moment.now) {
            true => (Glyph::Person, Role::Waiting),
            false => (Glyph::Waits, Role::Text),
        };
    }
    mark::of_requirement(found.state)
}
