//! The Waiting screen: whatever waits for a person, yours first; and of the selected one everything that its decision rests on.

use crate::console::keymap::{Action, Place};
use crate::console::model::{Model, WaitingFor, WaitingRow, wrap};
use crate::console::theme::{Glyph, Role};
use crate::domain::explain;
use crate::domain::exposure;
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::requirement::{self, RequirementKind};
use crate::domain::stage::Advance;
use crate::domain::status;
use crate::settings::{Column, Columned};

use super::fleet::{sentences, window};
use super::fleet_table::beyond;
use super::kit::{Painter, width};
use super::line::{Line, keep};
use super::mark;
use super::push::{On, Room, back, beside, contents, exposed, gate, indented, signals};

/// Draws the screen.
pub fn draw(painter: &mut Painter<'_>, model: &Model) {
    let (width, height) = (usize::from(painter.width()), usize::from(painter.height()));
    let rows = model.waiting_shown();
    if rows.is_empty() && model.hidden().is_some_and(|hidden| hidden.of > 0) {
        Line::of(Role::Dim, " The filter lists nothing here.").draw(painter, 1);
        return;
    }
    if rows.is_empty() {
        Line::of(Role::Dim, " Nothing waits for a person.").draw(painter, 1);
        if let Some(next) = model.decisions().first() {
            let at = model.moment().day_clock(next.since);
            let text = format!(" The next decision is due about {at}: {}, {} ({}).", next.name, next.words, next.who);
            Line::of(Role::Text, text).cut(width).draw(painter, 2);
        }
        return;
    }
    let selected = model.cursor().and_then(|key| rows.iter().position(|row| row_key(row) == *key));
    let lines = list(rows);
    let top = usize::from(height >= 15);
    let at = selected.and_then(|at| lines.iter().position(|line| *line == Listed::Row(at)));
    // The decision has the first claim on the room; the list scrolls.
    let room = lines.len().min((height / 3).max(3));
    let (first, shown) = window(lines.len(), at, room);
    for (y, line) in lines.iter().enumerate().skip(first).take(shown) {
        let row = (top + y - first) as u16;
        let here = at == Some(y);
        listed(model, line, (here, y == 0), width).draw(painter, row);
        if let Listed::Row(at) = line {
            rows.get(*at).into_iter().for_each(|waiting| painter.spot_row(row, row_key(waiting)));
        }
        if here {
            painter.overlay_row(row, Role::Selected);
        }
    }
    if let Some(words) = beyond(first, lines.len().saturating_sub(first + shown)) {
        Line::of(Role::Dim, format!("   {words}")).draw(painter, (top + shown) as u16);
    }
    let start = top + room + usize::from(height >= 18);
    let detail =
        selected.and_then(|at| rows.get(at)).map(|row| detail(model, row, Room { width, height: height.saturating_sub(start) }));
    for (at, line) in detail.unwrap_or_default().into_iter().enumerate() {
        line.draw(painter, (start + at) as u16);
    }
    if model.fleet().declaration().notify.is_none() && height >= 15 {
        // Row 0 is blank here, and this is the only screen that lists what somebody would be called for.
        Line::of(Role::Dim, " Nobody is configured to be called; what waits is only shown.").cut(width).draw(painter, 0);
    }
}

fn row_key(row: &WaitingRow) -> crate::console::model::RowKey {
    crate::console::model::RowKey::Waiting(row.key.clone())
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Listed {
    /// `for you, 2`; the first one also names the columns.
    Heading(String),
    /// One that waits, by its place among the rows.
    Row(usize),
}

fn list(rows: &[WaitingRow]) -> Vec<Listed> {
    let yours = rows.iter().filter(|row| row.yours).count();
    let mut lines = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        if at == 0 && row.yours {
            lines.push(Listed::Heading(format!("for you, {yours}")));
        }
        if !row.yours && (at == 0 || at == yours) {
            lines.push(Listed::Heading(format!("for others, {}", rows.len() - yours)));
        }
        lines.push(Listed::Row(at));
    }
    lines
}

fn listed(model: &Model, line: &Listed, (here, is_first): (bool, bool), width: usize) -> Line {
    let ends = model.waiting_shown().iter().any(|row| row.until.is_some());
    let columns = Columns::of(width, ends, &model.columns(Columned::Waiting));
    let index = match line {
        Listed::Heading(text) => return heading(model, &columns, text, is_first),
        Listed::Row(index) => *index,
    };
    let Some(row) = model.waiting_shown().get(index) else { return Line::new() };
    let moment = model.moment();
    let fleet = model.fleet();
    let of_push = row.key.push.and_then(|push| fleet.push(push)).map(|push| status::of_push(fleet, push, moment.now));
    let strayed = || row.key.placement.as_ref().and_then(|placement| fleet.placement_by_id(placement));
    let status = of_push.or_else(|| strayed().map(|placement| status::of_placement(fleet, placement, moment.now)));
    let (glyph, role) = status.map_or((Glyph::Person, Role::Waiting), mark::of_status);
    let clock = |at: crate::domain::time::EngineTime| at.hh_mm(&moment.zone);
    let line = Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " })
        .then(role, glyph.symbol())
        .then(Role::Strong, format!(" {}", row.name))
        .at(columns.words)
        .then(Role::Text, row.words.as_str());
    let line = put(line, columns.who, if row.yours { Role::Strong } else { Role::Text }, row.who.as_str());
    let line = put(line, columns.since, Role::Text, &clock(row.since));
    let line = match row.until {
        Some(until) => put(line, columns.until, Role::Text, &clock(until)),
        None => line,
    };
    line.cut(width)
}

/// For whom, and over the clock times what they are; on the first line of all, how many columns are not shown.
fn heading(model: &Model, columns: &Columns, text: &str, is_first: bool) -> Line {
    let line = Line::of(Role::Heading, format!("   {text}"));
    let hidden = super::columns::hidden(model, Columned::Waiting, model.columns_hidden(Columned::Waiting), usize::MAX);
    let line = if hidden.is_empty() || !is_first { line } else { line.then(Role::Text, "   ").append(hidden) };
    let line = put(line, columns.since, Role::Heading, "since");
    put(line, columns.until, Role::Heading, "until")
}

/// Where the columns begin; `None` for those that are not shown.
struct Columns {
    words: usize,
    who: Option<usize>,
    since: Option<usize>,
    until: Option<usize>,
    /// Where the words must have ended.
    end: usize,
}

impl Columns {
    /// By the width alone, by what is to be shown, and whether a clock decides anything.
    fn of(width: usize, ends: bool, asked: &[Column]) -> Self {
        let has = |column| asked.contains(&column);
        let ends = ends && has(Column::Until);
        if width >= 120 {
            let (who, since) = (has(Column::Who).then_some(70), has(Column::Since).then_some(100));
            let until = ends.then_some(108);
            return Self { words: 32, who, since, until, end: who.or(since).or(until).unwrap_or(width) };
        }
        let mut end = width;
        let mut put = |is_shown: bool, cells: usize| {
            end = end.saturating_sub(if is_shown { cells } else { 0 });
            is_shown.then_some(end)
        };
        let until = put(ends, 8);
        let since = put(has(Column::Since), 8);
        let who = put(has(Column::Who), if width < 76 || ends { 12 } else { 23 });
        Self { words: 20.min(width / 4 + 1), who, since, until, end }
    }
}

/// Goes on with a column, where it is shown.
fn put(line: Line, at: Option<usize>, role: Role, text: &str) -> Line {
    match at {
        Some(at) => line.at(at).then(role, text),
        None => line,
    }
}

/// What the decision rests on.
fn detail(model: &Model, row: &WaitingRow, extent: Room) -> Vec<Line> {
    let (fleet, moment) = (model.fleet(), model.moment());
    if let Some(placement) = row.key.placement.as_ref().and_then(|placement| fleet.placement_by_id(placement)) {
        return strayed(model, row, placement, extent);
    }
    let Some(push) = row.key.push.and_then(|push| fleet.push(push)) else {
        return vec![Line::of(Role::Bad, " This push is not known any more.")];
    };
    let on = On { fleet, signals: model.signals(), push, moment: &moment, pinned: model.pinned(), selected: None };
    let mut lines = said(model, row, push, extent);
    let left = Room { height: extent.height.saturating_sub(lines.len()), ..extent };
    lines.extend(if push.is_forward() && push.rejection.is_none() { ahead(on, left) } else { behind(model, row, on, left) });
    keep(&mut lines, extent.height);
    lines
}

/// Of what was changed by hand: what, what becomes of it, and who can have it brought back.
fn strayed(model: &Model, row: &WaitingRow, placement: &Placement, extent: Room) -> Vec<Line> {
    let said = explain::placement(model.fleet(), placement, &model.moment());
    let status = mark::said(status::of_placement(model.fleet(), placement, model.moment().now));
    let title = Line::of(Role::Strong, format!(" {}", row.name)).then(Role::Text, "  ").append(status).cut(extent.width);
    let all =
        [("Why", said.why.as_str()), ("Next", &said.next), ("Else", &said.otherwise), ("Back", &said.back), ("Who", &said.who)];
    let mut lines = vec![title];
    lines.extend(sentences(&all, extent.width, extent.height.saturating_sub(all.len() + 1)));
    keep(&mut lines, extent.height);
    lines
}

/// Of a push that may go on: exposure beside requirements, then what is in it and the way back.
fn ahead(on: On<'_>, extent: Room) -> Vec<Line> {
    let Room { width, height } = extent;
    let half = if width >= 110 { width / 2 } else { 44 };
    let mut middle = if width >= 76 {
        let exposed = indented(exposed::lines(on, Room { width: half - 2, ..extent }, 7));
        beside(exposed, gate::lines(on, Room { width: width - half, ..extent }, if width >= 110 { 9 } else { 7 }), half)
    } else {
        let mut gate = gate::lines(on, extent, 4);
        gate.extend(indented(exposed::lines(on, extent, 7)));
        gate
    };
    let tail = tail(on, extent, height.saturating_sub(middle.len() + 2));
    // The way back never folds: what is in the middle gives way.
    keep(&mut middle, height.saturating_sub(tail.len()).max(1));
    let spare = height.saturating_sub(middle.len() + tail.len() + 2);
    if width >= 120 && spare >= 5 {
        middle.push(Line::new());
        middle.extend(signals::lines(on, extent, spare.min(9) - 1));
    }
    let blanks = height.saturating_sub(middle.len() + tail.len());
    let mut lines: Vec<Line> = (blanks > 0).then(Line::new).into_iter().collect();
    lines.extend(middle);
    lines.extend((blanks > 1).then(Line::new));
    lines.extend(tail);
    lines
}

/// What is in it and the way back: whole where there is room, else a line each.
fn tail(on: On<'_>, extent: Room, room: usize) -> Vec<Line> {
    let Room { width, .. } = extent;
    let half = width / 2;
    if width >= 110 {
        let mut facts = contents::lines(on, Room { width: half - 1, ..extent }, 6);
        facts.push(Line::new());
        facts.extend(contents::so_far(on, Room { width: half - 1, ..extent }, 8));
        let whole = beside(back::lines(on, Room { width: half - 2, ..extent }, 12), facts, half);
        if whole.len() <= room {
            return whole;
        }
    }
    let back = Line::of(Role::Heading, " Back").at(7).then(Role::Text, explain::push(on.fleet, on.push, on.moment).back).cut(width);
    let contents = contents::lines(on, Room { width: width.saturating_sub(2), ..extent }, 6);
    if room > contents.len() {
        return indented(contents).into_iter().chain([back]).collect();
    }
    vec![contents::in_a_line(on, extent), back]
}

/// Of a push that goes forward no more: why, what it cost, how it stands, and what is asked of a person.
fn behind(model: &Model, row: &WaitingRow, on: On<'_>, extent: Room) -> Vec<Line> {
    let Room { width, height } = extent;
    let said = explain::push(on.fleet, on.push, on.moment);
    let key = |action| model.keymap().keys(action, Place::Screen).first().map_or_else(|| "no key".to_owned(), |key| key.label());
    let seen = format!("{} says that you have seen it", key(Action::Acknowledge));
    let act = match row.key.what {
        WaitingFor::RollbackFailed => format!("{} tries again faster; {seen}", key(Action::RollBackFast)),
        WaitingFor::WayBack => format!("{} takes it back; {seen}", key(Action::RollBack)),
        _ => format!("{seen}, and it leaves this list; {} starts a new push", key(Action::StartPush)),
    };
    let harm = exposed::harmed(on.push).1;
    let over = row.key.what == WaitingFor::Seen;
    let (now, otherwise, back) =
        if over { (said.next.as_str(), "", "") } else { ("", said.otherwise.as_str(), said.back.as_str()) };
    let all =
        [("Why", said.why.as_str()), ("Harm", &harm), ("Now", now), ("Else", otherwise), ("Back", back), ("Act", act.as_str())];
    let mut lines = sentences(&all, width, height.saturating_sub(all.len() + 1));
    let half = width / 2;
    lines.push(Line::new());
    if width >= 110 {
        let part = Room { width: half - 2, ..extent };
        lines.extend(beside(indented(contents::lines(on, part, 8)), contents::so_far(on, part, 10), half));
    } else {
        let room = height.saturating_sub(lines.len());
        lines.extend(indented(contents::so_far(on, extent, room.min(6))));
    }
    lines
}

/// `cart v9→v10  PRODUCTION  ◆ approval…`, and what giving it starts.
fn said(model: &Model, row: &WaitingRow, push: &Push, Room { width, height }: Room) -> Vec<Line> {
    let fleet = model.fleet();
    let moment = model.moment();
    let place = exposure::after_next(fleet, push).or_else(|| exposure::now(fleet, push)).map(|shown| shown.environment);
    let place = place.map(|environment| environment.as_str().to_uppercase()).unwrap_or_default();
    let status = mark::said(status::of_push(fleet, push, moment.now));
    let asked = format!("asked for by {} at {}", push.plan.requested_by, push.plan.requested.hh_mm(&moment.zone));
    let title = Line::of(Role::Strong, format!(" {}", row.name))
        .then(Role::Text, format!("  {place}  "))
        .append(status)
        .then(Role::Dim, format!("   {asked}"))
        .cut(width);
    let mut lines = vec![title];
    // Where rows are so few that it would push an unmet requirement out, that comes first.
    if height >= 10 {
        lines.extend(in_full(model, row, width));
    }
    let rest_met = requirement::of_gate(fleet, push, moment.now)
        .iter()
        .all(|found| found.kind == RequirementKind::Approval || found.state.lets_pass());
    let otherwise = || format!("If nobody acts: {}.", explain::push(fleet, push, &moment).otherwise);
    let cut = (row.key.what == WaitingFor::Window).then(otherwise);
    if let Some(sentence) = cut.or_else(|| consequence(row, push, rest_met)) {
        lines.extend(wrap(&sentence, width.saturating_sub(2)).into_iter().map(|text| Line::of(Role::Strong, format!(" {text}"))));
    }
    lines
}

/// What is waited for and who can do it, where the list has no room for all of it.
fn in_full(model: &Model, row: &WaitingRow, cells: usize) -> Vec<Line> {
    let ends = model.waiting_shown().iter().any(|row| row.until.is_some());
    let columns = Columns::of(cells, ends, &model.columns(Columned::Waiting));
    let fits = |text: &str, from: usize, to: usize| usize::from(width(text)) < to.saturating_sub(from);
    let who_ends = columns.since.or(columns.until).unwrap_or(cells);
    if fits(&row.words, columns.words, columns.end) && columns.who.is_some_and(|who| fits(&row.who, who, who_ends)) {
        return Vec::new();
    }
    let text = format!("Asked: {} ({}).", row.words, row.who);
    wrap(&text, cells.saturating_sub(2)).into_iter().map(|text| Line::of(Role::Text, format!(" {text}"))).collect()
}

/// What happens when it is given: whether something starts at once, or more is needed.
fn consequence(row: &WaitingRow, push: &Push, rest_met: bool) -> Option<String> {
    let next = push.next_stage()?;
    let entered = explain::entered(Some(next));
    match row.key.what {
        WaitingFor::Approval => {
            let needed = push.approval_rule().map_or(1, |rule| rule.needed) as usize;
            let given = push.approvals.iter().filter(|approval| approval.is_for(push)).count();
            let left = needed.saturating_sub(given);
            let by_hand = push.stage().is_some_and(|stage| stage.advance == Advance::Hand) && push.promoted.is_none();
            Some(match (left, row.yours) {
                (0 | 1, true) if by_hand => format!("Yours is the last approval; then somebody promotes it (p) to {entered}."),
                (0 | 1, true) if rest_met => format!("Yours is the last approval: {entered} STARTS AT ONCE."),
                (0 | 1, true) => format!("Yours is the last approval: {entered} starts by itself once the rest is met."),
                (left, true) => format!("You may give one of the {left} approvals that are missing for {entered}."),
                (1, false) => format!("One approval is missing for {entered}, and it is not yours to give."),
                (left, false) => format!("{left} approvals are missing for {entered}, and none is yours to give."),
            })
        }
        WaitingFor::Go => Some(format!("Everything is met: {entered} STARTS AT ONCE when somebody promotes it (p).")),
        WaitingFor::Resume => Some(format!("It moves again when somebody resumes it (u); next is {entered}.")),
        WaitingFor::Undecided => {
            Some(format!("Its numbers had their time and do not say. Waived (w), {entered} needs them no more."))
        }
        WaitingFor::NotStopped => Some("Its stop is not seen to work: s tells it again, r takes it back.".to_owned()),
        WaitingFor::Drift | WaitingFor::Window | WaitingFor::WayBack | WaitingFor::Seen | WaitingFor::RollbackFailed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_do_not_overlap_at_any_usable_width() {
        for (width, ends) in (60..300).flat_map(|width| [(width, true), (width, false)]) {
            for asked in [&[Column::Since, Column::Until, Column::Who][..], &[Column::Who], &[Column::Until, Column::Who], &[]] {
                let columns = Columns::of(width, ends, asked);
                let all = [Some(columns.words + 1), columns.who, columns.since, columns.until, Some(width + 1)];
                let all: Vec<usize> = all.into_iter().flatten().collect();
                assert!(columns.words + 12 <= columns.end && all.windows(2).all(|two| two[0] + 6 <= two[1]), "{width} {all:?}");
            }
        }
    }
}
