//! What lies over a screen and asks: a question that must be answered deliberately, or which of several things is meant.

use ratatui::layout::Rect;

use crate::console::model::{Demand, Dialog, Model, Readiness, Room, Which};
use crate::console::theme::{Glyph, Role};

use super::chrome::role_of;
use super::kit::{Painter, open_dialog};
use super::line::Line;

/// Draws a question: what would happen, then its reason, what must be typed, and whether it can be answered yet.
pub fn confirm(painter: &mut Painter<'_>, model: &Model, dialog: &Dialog) {
    let room = Room::of(model.size());
    let body = dialog.body();
    let rows = (body.len() as u16).saturating_add(Room::QUESTION).min(room.height);
    boxed(painter, &dialog.title, (room.width, rows), room.framed, |inside| {
        let height = inside.height();
        let text_rows = usize::from(height.saturating_sub(Room::QUESTION));
        for (at, line) in body.iter().take(text_rows).enumerate() {
            Line::of(role_of(line.tone), line.text.as_str()).draw(inside, at as u16);
        }
        // Without a frame there is no other place that names the verb and its target.
        let named = if room.framed { Line::new() } else { Line::of(Role::Strong, dialog.title.as_str()) };
        let last = if dialog.reason.is_none() {
            [named, question(dialog), readiness(model, dialog)]
        } else {
            let gap = if named.is_empty() { "" } else { ". " };
            [reason(dialog), question(dialog), named.then(Role::Text, gap).append(readiness(model, dialog))]
        };
        let first = height.saturating_sub(Room::QUESTION);
        for (at, line) in last.into_iter().enumerate() {
            line.draw(inside, first.saturating_add(at as u16));
        }
    });
}

/// Draws the things that could be meant, the chosen one beside the bar.
pub fn which(painter: &mut Painter<'_>, which: &Which) {
    let widest = which.choices.iter().map(|(_, text)| Line::of(Role::Text, text.as_str()).width()).max().unwrap_or(0);
    let width = (widest + 3).clamp(34, 90) as u16;
    let rows = which.choices.len().saturating_add(2) as u16;
    let title = format!("{} which?", which.asking.word());
    boxed(painter, &title, (width, rows), true, |inside| {
        let room = usize::from(inside.height()).saturating_sub(2);
        let (first, shown) = super::fleet::window(which.choices.len(), Some(which.selected), room);
        for (y, (at, (_, text))) in which.choices.iter().enumerate().skip(first).take(shown).enumerate() {
            let here = at == which.selected;
            let bar = if here { Glyph::Cursor.symbol() } else { " " };
            let role = if here { Role::Strong } else { Role::Text };
            Line::of(Role::Cursor, bar).then(role, format!(" {text}")).draw(inside, y as u16);
        }
        let last = inside.height().saturating_sub(1);
        Line::of(Role::Dim, "Up and Down choose, Enter goes on, Esc leaves").draw(inside, last);
    });
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

fn reason(dialog: &Dialog) -> Line {
    let Some(reason) = &dialog.reason else { return Line::new() };
    let cursor = if reason.focused { "_" } else { "" };
    let hint = if reason.focused { "  Enter goes on" } else { "" };
    Line::of(Role::Text, "Reason (may stay empty): ").then(Role::Field, format!(" {}{cursor} ", reason.text)).then(Role::Dim, hint)
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
            .then(Role::Text, " runs it, ")
            .then(Role::Key, "Esc")
            .then(Role::Text, " leaves it stopped"),
    }
}

fn readiness(model: &Model, dialog: &Dialog) -> Line {
    match dialog.readiness(model.console_now()) {
        Readiness::Armed => Line::of(Role::Strong, "Armed. Esc: no."),
        Readiness::Arming(_) => Line::of(Role::Dim, "Arming: read on. Esc: no."),
        Readiness::Disarmed(why) => Line::of(Role::Bad, format!("Cannot be answered: {why}. Esc.")),
    }
}
