//! What lies over a screen and asks: a question that must be answered deliberately, or which of several things is meant.

use ratatui::layout::Rect;

use crate::console::model::{Demand, Dialog, Intent, Model, Readiness, Room, Which, wrap};
use crate::console::theme::{Glyph, Role};

use super::chrome::role_of;
use super::field;
use super::kit::{Painter, open_dialog};
use super::line::{Line, keep_and_count};

/// Draws a question: what would happen, then its reason, what must be typed, and whether it can be answered yet.
pub fn confirm(painter: &mut Painter<'_>, model: &Model, dialog: &Dialog) {
    let room = Room::of(model.size());
    let body = dialog.body();
    // A reason is read whole where there are rows for it.
    let others = (body.len() as u16).saturating_add(dialog.question_rows());
    let reason = reason(dialog, room.width.into(), usize::from(room.height.saturating_sub(others)) + 1);
    let below = dialog.question_rows().saturating_add(reason.len().saturating_sub(1) as u16);
    let rows = (body.len() as u16).saturating_add(below).min(room.height);
    boxed(painter, &dialog.title, (room.width, rows), room.framed, |inside| {
        let height = inside.height();
        let first = height.saturating_sub(below);
        let mut lines = body.iter().map(|line| Line::of(role_of(line.tone), line.text.as_str())).collect();
        // What takes exposure away can be answered although not all of it is seen, but not without that being seen.
        keep_and_count(&mut lines, first.into(), |more| Line::of(Role::Bad, format!("{more} more lines, in a larger terminal")));
        for (at, line) in lines.into_iter().enumerate() {
            line.draw(inside, at as u16);
        }
        let last = closing(model, dialog, room, reason);
        // Why it cannot be answered may take the room of what cannot be answered.
        let first = first.min(height.saturating_sub(last.len() as u16));
        for (at, line) in last.into_iter().enumerate() {
            inside.fill_row(first.saturating_add(at as u16), Role::Dialog);
            line.draw(inside, first.saturating_add(at as u16));
        }
    });
}

/// The rows below a question's material: the reason, what must be typed, and whether it can be answered yet.
fn closing(model: &Model, dialog: &Dialog, room: Room, reason: Vec<Line>) -> Vec<Line> {
    let readiness = dialog.readiness(model.console_now());
    // Without a frame there is no other place that names the verb and its target.
    let named = if room.framed || dialog.is_terse() { Line::new() } else { Line::of(Role::Strong, dialog.title.as_str()) };
    let asked = match &readiness {
        Readiness::Disarmed(why) => {
            let texts = wrap(&format!("Cannot be answered: {why}. Esc."), room.width.into());
            let lines = texts.into_iter().map(|text| Line::of(Role::Bad, text));
            let lines = if dialog.is_terse() { lines.collect() } else { std::iter::once(named).chain(lines).collect() };
            return pad(lines, usize::from(dialog.question_rows()));
        }
        _ if dialog.is_mistyped() => Line::of(Role::Bad, "Not the code: Backspace. Esc: no."),
        _ => ready(&readiness),
    };
    if dialog.is_terse() {
        return reason.into_iter().chain([question(dialog).then(Role::Text, "  ").append(asked)]).collect();
    }
    if reason.is_empty() {
        return vec![named, question(dialog), asked];
    }
    let gap = if named.is_empty() { "" } else { ". " };
    reason.into_iter().chain([question(dialog), named.then(Role::Text, gap).append(asked)]).collect()
}

/// So many rows at the least.
fn pad(mut lines: Vec<Line>, rows: usize) -> Vec<Line> {
    while lines.len() < rows {
        lines.push(Line::new());
    }
    lines
}

/// Draws the things that could be meant, the chosen one beside the bar.
pub fn which(painter: &mut Painter<'_>, which: &Which) {
    let widest = which.choices.iter().map(|(_, text)| Line::of(Role::Text, text.as_str()).width()).max().unwrap_or(0);
    let width = (widest + 3).clamp(34, 90) as u16;
    let rows = which.choices.len().saturating_add(2) as u16;
    let title = format!("{} which?", which.asking.word());
    boxed(painter, &title, (width, rows), true, |inside| {
        let chosen = which.choices.get(which.selected).map_or("", |(_, text)| text);
        let told = in_full(chosen, inside.width().saturating_sub(2), inside.width());
        let room = usize::from(inside.height()).saturating_sub(2 + told.len());
        let (first, shown) = super::fleet::window(which.choices.len(), Some(which.selected), room);
        for (y, (at, (_, text))) in which.choices.iter().enumerate().skip(first).take(shown).enumerate() {
            let here = at == which.selected;
            let bar = if here { Glyph::Cursor.symbol() } else { " " };
            let role = if here { Role::Strong } else { Role::Text };
            Line::of(Role::Cursor, bar).then(role, format!(" {text}")).draw(inside, y as u16);
        }
        let last = inside.height().saturating_sub(1);
        draw_above(inside, last, told);
        Line::of(Role::Dim, "Up and Down choose, Enter goes on, Esc leaves").draw(inside, last);
    });
}

/// The text of the chosen row, broken to a width, where its row has fewer cells than it takes.
pub fn in_full(text: &str, cells: u16, width: u16) -> Vec<Line> {
    if super::kit::width(text) <= cells {
        return Vec::new();
    }
    wrap(text, width.into()).into_iter().map(|text| Line::of(Role::Text, text)).collect()
}

/// Draws lines that end just above a row.
pub fn draw_above(painter: &mut Painter<'_>, row: u16, lines: Vec<Line>) {
    let first = row.saturating_sub(lines.len() as u16);
    for (y, line) in (first..).zip(lines) {
        line.draw(painter, y);
    }
}

/// A box in the middle of the painter's area, or, without a frame, the area itself.
fn boxed(painter: &mut Painter<'_>, title: &str, (width, rows): (u16, u16), framed: bool, inside: impl FnOnce(&mut Painter<'_>)) {
    if framed {
        if let Some(mut part) = open_dialog(painter, title, width, rows).painter {
            inside(&mut part);
        }
        return;
    }
    painter.fill(Role::Dialog);
    let part = Rect::new(1, 0, painter.width().saturating_sub(2), painter.height());
    inside(&mut painter.part(part));
}

/// What was typed, in as many rows as it takes of those there are; nothing where no reason is asked for.
fn reason(dialog: &Dialog, width: usize, most: usize) -> Vec<Line> {
    let Some(reason) = &dialog.reason else { return Vec::new() };
    let hint = match (reason.focused, reason.is_missing(), reason.text.is_empty()) {
        (true, true, _) => "  needed",
        (true, false, true) => "  may stay empty, Enter goes on",
        (true, false, false) => "  Enter goes on",
        (false, ..) => "",
    };
    let label = if matches!(dialog.intent, Intent::Note(_)) { "Note: " } else { "Reason: " };
    let typed = if reason.focused { field::with_cursor(&reason.text) } else { reason.text.clone() };
    // A blank stands on each side of what is typed.
    let rows = field::rows(&typed, width.saturating_sub(label.len() + hint.len() + 2), most);
    let last = rows.len() - 1;
    let line = |(at, typed): (usize, String)| {
        let line = Line::of(Role::Text, if at == 0 { label } else { "" }).at(label.len());
        line.then(Role::Field, format!(" {typed} ")).then(Role::Dim, if at == last { hint } else { "" })
    };
    rows.into_iter().enumerate().map(line).collect()
}

fn question(dialog: &Dialog) -> Line {
    match &dialog.demand {
        Demand::Code { code, typed } => Line::of(Role::Text, "Type ")
            .then(Role::Code, code.as_str())
            .then(Role::Text, " and press Enter: ")
            .then(Role::Field, format!(" {typed:<4} ")),
        Demand::Yes { said } => {
            let typed = if *said { "y" } else { " " };
            Line::of(Role::Text, "Type ")
                .then(Role::Code, "y")
                .then(Role::Text, " and press Enter: ")
                .then(Role::Field, format!(" {typed} "))
        }
        Demand::Enter => Line::of(Role::Key, "Enter")
            .then(Role::Text, if matches!(dialog.intent, Intent::Note(_)) { " writes it, " } else { " runs it, " })
            .then(Role::Key, "Esc")
            .then(Role::Text, if matches!(dialog.intent, Intent::RollBack(..)) { " leaves it stopped" } else { ": no" }),
    }
}

fn ready(readiness: &Readiness) -> Line {
    match readiness {
        Readiness::Armed => Line::of(Role::Strong, "Armed. Esc: no."),
        Readiness::Arming(_) | Readiness::Disarmed(_) => Line::of(Role::Dim, "Read on. Esc: no."),
    }
}
