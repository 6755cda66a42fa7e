//! The Timeline screen: what happened, who did it and why, the newest first; the selected entry is told in full at the foot.
//!
//! ```text
//!  ▌▶14:31:07  lena          ◆ asked to approve storage
//! ```
//! The bar is the selection, the arrow the moment that every screen shows; what came after it is dim.

use crate::console::model::{Entry, Kind, LABEL, Model, RowKey, TimelineRow, Tone, Weight, When, wrap};
use crate::console::theme::{Glyph, Role};
use crate::domain::id::Seq;
use crate::settings::{Column, Columned};

use super::chrome::role_of;
use super::fleet::window;
use super::fleet_table::beyond;
use super::kit::Painter;
use super::line::Line;

/// Where what follows the time begins.
const AFTER_TIME: usize = 12;
/// Cells of whoever did it.
const WHO: usize = 13;
/// Where the words of the foot begin.
const FOOT: usize = LABEL + 2;
/// Rows of the list that stay beside the foot, however long that is.
const LEAST: usize = 5;

/// Draws the screen.
pub fn draw(painter: &mut Painter<'_>, model: &Model) {
    let (width, height) = (usize::from(painter.width()), usize::from(painter.height()));
    let all = model.timeline_count();
    if all == 0 {
        let why = match model.hidden() {
            Some(hidden) if hidden.of > 0 => " The filter lists nothing here.",
            _ => " Nothing has happened since this console began to listen.",
        };
        Line::of(Role::Dim, why).draw(painter, 1);
        return;
    }
    let selected = model.timeline_cursor();
    let told = foot(model, width);
    let most = if model.timeline_reading().is_some() { height.saturating_sub(LEAST + 3) } else { height / 3 };
    let foot = told.len().min(most.max(1));
    let room = height.saturating_sub(foot + 3);
    let (first, shown) = window(all, selected, room);
    let here = moment(model);
    let asked = model.columns(Columned::Timeline);
    Line::of(Role::Text, "   ")
        .append(super::columns::hidden(model, Columned::Timeline, model.columns_hidden(Columned::Timeline), width))
        .draw(painter, 0);
    for (y, row) in model.timeline_listed(first, shown).enumerate() {
        let is_selected = selected == Some(first + y);
        entry(model, row, &asked, (is_selected, here), width).draw(painter, (1 + y) as u16);
        painter.spot_row((1 + y) as u16, RowKey::Entry(row.seq));
        if is_selected {
            painter.overlay_row((1 + y) as u16, Role::Selected);
        }
    }
    if let Some(words) = beyond(first, all.saturating_sub(first + shown)) {
        Line::of(Role::Dim, format!("   {words}")).draw(painter, (1 + shown) as u16);
    }
    draw_foot(painter, model, told, foot);
}

/// The change whose moment is shown, where it is not now.
fn moment(model: &Model) -> Option<Seq> {
    match model.when() {
        When::Now => None,
        When::Past { seq, .. } | When::Replay { seq, .. } => Some(seq),
    }
}

fn entry(model: &Model, row: &TimelineRow, asked: &[Column], (selected, moment): (bool, Option<Seq>), width: usize) -> Line {
    let is_later = moment.is_some_and(|moment| row.seq > moment);
    let is_here = moment.is_some() && moment.and_then(|moment| model.timeline_shown_at(moment)) == Some(row.seq);
    let line = Line::of(Role::Cursor, if selected { Glyph::Cursor.symbol() } else { " " })
        .then(Role::Strong, if is_here { "▶" } else { " " });
    let line = if asked.contains(&Column::When) {
        let line = line.then(if is_here { Role::Strong } else { Role::Text }, row.at.hh_mm_ss(&model.moment().zone));
        line.at(AFTER_TIME)
    } else {
        line.then(Role::Text, " ")
    };
    let start = line.width();
    let line = if asked.contains(&Column::Who) { line.then(Role::Text, row.who.as_str()).at(start + WHO) } else { line };
    let text = line.width() + 2;
    let line = match mark(row) {
        Some((glyph, role)) => line.then(role, glyph.symbol()),
        None => line.then(Role::Text, " "),
    };
    let role = if row.weight == Weight::Small { Role::Dim } else { role_of(row.tone) };
    let line = line.at(text).then(role, row.text.as_str()).cut(width);
    if is_later { line.in_role(Role::Dim) } else { line }
}

/// What stands for an entry in a row and on the scrub bar, the same in both.
pub fn mark(row: &TimelineRow) -> Option<(Glyph, Role)> {
    let decided = row.weight == Weight::Decision;
    match row.kind {
        Kind::Rollback if decided || row.tone >= Tone::Bad => Some((Glyph::GoingBack, Role::Bad)),
        Kind::Alert if row.tone >= Tone::Bad => Some((Glyph::Alert, Role::Bad)),
        Kind::Stop if decided && row.tone >= Tone::Waiting => Some((Glyph::Held, Role::Waiting)),
        Kind::Stage if decided => Some((Glyph::Arrow, Role::Strong)),
        _ if decided => Some((Glyph::Person, Role::Waiting)),
        _ => None,
    }
}

/// What is told of the selected entry, broken to a width.
fn foot(model: &Model, width: usize) -> Vec<Line> {
    let Some(RowKey::Entry(seq)) = model.cursor() else { return Vec::new() };
    model.entry(*seq).iter().flat_map(|told| paragraph(told, width)).collect()
}

fn paragraph(told: &Entry, width: usize) -> Vec<Line> {
    let lines = wrap(&told.text, width.saturating_sub(FOOT + 1)).into_iter().enumerate();
    lines
        .map(|(at, text)| {
            let label = if at == 0 { told.label } else { "" };
            Line::of(Role::Heading, format!(" {label}")).at(FOOT).then(role_of(told.tone), text)
        })
        .collect()
}

/// The foot: as much of it as there is room for, and how much more there is.
fn draw_foot(painter: &mut Painter<'_>, model: &Model, told: Vec<Line>, room: usize) {
    let height = usize::from(painter.height());
    let all = told.len();
    let from = usize::from(model.timeline_reading().unwrap_or(0)).min(all.saturating_sub(room));
    let top = height.saturating_sub(room);
    let rule = usize::from(painter.width());
    let hidden = all - room.min(all);
    let words = match (hidden, model.timeline_reading()) {
        (0, _) => String::new(),
        (_, Some(_)) => format!(" lines {} to {} of {all}, Tab back to the list ", from + 1, (from + room).min(all)),
        (more, None) => format!(" {more} more {}, Tab reads them ", if more == 1 { "line" } else { "lines" }),
    };
    let head = Line::of(Role::Rule, Glyph::Rule.symbol().repeat(2)).then(Role::Dim, words);
    let rest = rule.saturating_sub(head.width());
    head.then(Role::Rule, Glyph::Rule.symbol().repeat(rest)).draw(painter, top.saturating_sub(1) as u16);
    for (y, line) in told.into_iter().skip(from).take(room).enumerate() {
        line.draw(painter, (top + y) as u16);
    }
}
