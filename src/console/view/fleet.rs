//! The Fleet screen: groups and services down, environments across in promotion order; at the foot *why, next, else, back* of the
//! selection, and under it, where there is room, its gate, its exposure and its way back.

use crate::console::model::words::push_name;
use crate::console::model::{FleetRow, Model, wrap};
use crate::console::theme::Role;
use crate::domain::explain::{self, Explanation};
use crate::domain::fleet::Fleet;
use crate::domain::id::{EnvironmentId, GroupId, ServiceId};
use crate::domain::push::Push;

use super::fleet_table;
use super::kit::Painter;
use super::line::{Line, keep};
use super::placed::Placed;
use super::push::{On, Room, back, beside, contents, everybody, exposed, gate, indented, steps};

/// Rows of the foot at its least: the three states, then why, next, else and back.
const ANSWERS: usize = 5;

/// Draws the screen.
pub fn draw(painter: &mut Painter<'_>, model: &Model) {
    let (width, height) = (usize::from(painter.width()), usize::from(painter.height()));
    let rows = model.fleet_rows();
    // What is blank gives way to rows before any row is folded.
    let claimed = ANSWERS + usize::from(width < 72);
    let head = height.saturating_sub(rows.len() + claimed + 1).clamp(1, 3);
    // The foot stands at the bottom: it does not move when rows come or go.
    let list_room = rows.len().min(height.saturating_sub(head + claimed)).max(1);
    let foot = foot(model, Room { width, height: height.saturating_sub(head + list_room) });
    let top = height.saturating_sub(foot.len());
    fleet_table::draw(painter, model, head, top.saturating_sub(head).min(rows.len()));
    for (at, line) in foot.into_iter().enumerate() {
        line.draw(painter, (top + at) as u16);
    }
}

/// Which rows are shown: as many as fit with the selected one among them. Where not all fit, the last line counts the rest.
pub fn window(rows: usize, selected: Option<usize>, room: usize) -> (usize, usize) {
    if rows <= room {
        return (0, rows);
    }
    let shown = room.saturating_sub(1);
    let first = selected.map_or(0, |at| (at + 1).saturating_sub(shown.max(1) - shown.max(1) / 4));
    (first.min(rows - shown), shown)
}

pub fn services_of<'a>(fleet: &'a Fleet, group: &GroupId) -> &'a [ServiceId] {
    fleet.declaration().group(group).map_or(&[], |group| &group.services)
}

/// Name with its three states, then the four answers, then, where there is room, what they rest on.
fn foot(model: &Model, extent: Room) -> Vec<Line> {
    let Room { width, height } = extent;
    let fleet = model.fleet();
    let moment = model.moment();
    let selected = model.cursor().and_then(|key| model.fleet_rows().iter().find(|row| row.key() == *key));
    let Some(row) = selected else {
        let why = if model.hidden().is_some() { " The filter lists nothing here." } else { " Nothing is declared yet." };
        return vec![Line::of(Role::Dim, why)];
    };
    let push = row.push().and_then(|push| fleet.push(push));
    let environment = model.selected_placement().map(|id| id.environment);
    let name = match row {
        FleetRow::Group { id, .. } => id.to_string(),
        FleetRow::Service { id, .. } => id.to_string(),
    };
    let mut lines = vec![title(fleet, row, push, &name, environment.as_ref())];
    let explanation = match (row, push) {
        (FleetRow::Group { .. }, Some(push)) => explain::push(fleet, push, &moment),
        _ => match model.selected_placement().and_then(|id| fleet.placement_by_id(&id)) {
            Some(placement) => explain::placement(fleet, placement, &moment),
            None => Explanation::default(),
        },
    };
    let spare = height.saturating_sub(ANSWERS + if width < 72 { 0 } else { 2 });
    lines.extend(answers(&explanation, width, spare));
    if let Some(push) = push {
        // A row stays free above the foot and below it.
        let height = height.saturating_sub(lines.len() + 2);
        let on = On { fleet, signals: model.signals(), push, moment: &moment, pinned: model.pinned() };
        lines.extend(rest(on, Room { width, height }));
    }
    // The row above the keys is kept free for the outcome of the last command, where there is room for that.
    if height > lines.len() + 1 {
        lines.push(Line::new());
    }
    lines
}

fn title(fleet: &Fleet, row: &FleetRow, push: Option<&Push>, name: &str, environment: Option<&EnvironmentId>) -> Line {
    let Some(environment) = environment else { return Line::of(Role::Strong, format!(" {name}")) };
    let services: Vec<&ServiceId> = match row {
        FleetRow::Group { id, .. } => services_of(fleet, id).iter().collect(),
        FleetRow::Service { id, .. } => vec![id],
    };
    let placed = Placed::new(fleet, push, services.into_iter(), environment);
    Line::of(Role::Strong, format!(" {name}, {environment}")).then(Role::Text, format!("     {}", placed.three_states()))
}

/// *Why, Next, Else, Back*: each a line, or more where there are lines to spare.
pub fn answers(said: &Explanation, width: usize, spare: usize) -> Vec<Line> {
    let all = [("Why", &said.why), ("Next", &said.next), ("Else", &said.otherwise), ("Back", &said.back)];
    sentences(&all.map(|(word, sentence)| (word, sentence.as_str())), width, spare)
}

/// Sentences behind their words, as far as they say something: each a line, or more where there are lines to spare.
pub fn sentences(all: &[(&'static str, &str)], width: usize, mut spare: usize) -> Vec<Line> {
    let room = width.saturating_sub(8);
    let all: Vec<_> = all.iter().filter(|(_, sentence)| !sentence.is_empty()).collect();
    let mut broken: Vec<_> = all.iter().map(|(_, sentence)| wrap(sentence, room)).collect();
    // The last one, the way back, never folds, so it has the first claim on the lines there are.
    for (lines, (_, sentence)) in broken.iter_mut().zip(&all).rev().take(1) {
        take(&mut spare, lines, sentence);
    }
    let others = all.len().saturating_sub(1);
    for (lines, (_, sentence)) in broken.iter_mut().zip(&all).take(others) {
        take(&mut spare, lines, sentence);
    }
    let mut lines = Vec::new();
    for ((word, _), texts) in all.iter().zip(broken) {
        for (at, text) in texts.into_iter().enumerate() {
            let head = if at == 0 { format!(" {word}") } else { String::new() };
            lines.push(Line::of(Role::Heading, head).at(7).then(Role::Text, text).cut(width.saturating_sub(1)));
        }
    }
    lines
}

/// Takes the further lines of a sentence from those to spare; where there are too few, it stays one line, to be cut.
fn take(spare: &mut usize, lines: &mut Vec<String>, sentence: &str) {
    let more = lines.len().saturating_sub(1);
    if more <= *spare {
        *spare -= more;
    } else {
        *lines = vec![sentence.to_owned()];
    }
}

/// What the answers rest on, in two columns under a blank line: gate and exposure, then the way back and what is in it; of a push that
/// went back its steps, and whether users are better off.
fn rest(on: On<'_>, extent: Room) -> Vec<Line> {
    if extent.width < 110 || extent.height < 9 {
        return Vec::new();
    }
    let half = extent.width / 2;
    let (left, right) = (Room { width: half - 2, ..extent }, Room { width: half - 1, ..extent });
    let mut lines = vec![Line::new(), Line::of(Role::Strong, format!(" {}", push_name(on.push)))];
    let below = if let Some(rollback) = on.push.course.rollback() {
        let mut users = everybody::lines(on, rollback, right);
        users.push(exposed::harm(on.push, "harm in all"));
        lines.extend(beside(steps::lines(on, rollback, left), users, half));
        beside(indented(contents::lines(on, left, 9)), contents::so_far(on, right, 9), half)
    } else {
        lines.extend(beside(gate::lines(on, left, 9), exposed::lines(on, right, 7), half));
        let mut facts = contents::lines(on, right, 6);
        facts.push(Line::new());
        facts.extend(contents::so_far(on, right, 8));
        beside(back::lines(on, left, 12), facts, half)
    };
    if lines.len() + 1 < extent.height {
        lines.push(Line::new());
        lines.extend(below);
    }
    keep(&mut lines, extent.height);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_always_among_those_shown() {
        assert_eq!(window(5, Some(4), 5), (0, 5));
        for rows in 1..40 {
            for room in 2..12 {
                for at in 0..rows {
                    let (first, shown) = window(rows, Some(at), room);
                    assert!((first..first + shown).contains(&at), "{at} of {rows} in {room}");
                    assert!(first + shown <= rows && shown <= room);
                }
            }
        }
        let _ = (window(3, Some(2), 0), window(3, None, 1));
    }

    #[test]
    fn answers_take_more_lines_only_where_there_are_some() {
        let said =
            Explanation { why: "one two three four".to_owned(), next: "five six seven".to_owned(), ..Explanation::default() };
        let texts = |spare| answers(&said, 20, spare).iter().map(Line::text).collect::<Vec<_>>();
        assert_eq!(texts(9), [" Why   one two", "       three four", " Next  five six", "       seven"]);
        assert_eq!(texts(0), [" Why   one two thr…", " Next  five six se…"]);
    }
}
