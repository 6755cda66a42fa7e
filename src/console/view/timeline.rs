//! The Timeline screen: what happened, who did it and why, the newest first.

use crate::console::model::{Model, RowKey, TimelineRow};
use crate::console::theme::{Glyph, Role};

use super::chrome::role_of;
use super::fleet::window;
use super::fleet_table::beyond;
use super::kit::Painter;
use super::line::{Line, wrap};

/// Where what happened is told.
const TEXT: usize = 25;

/// Draws the screen. The selected row is told in full at the foot.
pub fn draw(painter: &mut Painter<'_>, model: &Model) {
    let (width, height) = (usize::from(painter.width()), usize::from(painter.height()));
    let all = model.timeline_rows().len();
    if all == 0 {
        Line::of(Role::Dim, " Nothing has happened since this console began to listen.").draw(painter, 1);
        return;
    }
    let selected = model.cursor().and_then(|key| model.timeline_rows().position(|row| RowKey::Entry(row.seq) == *key));
    let full = selected.and_then(|at| model.timeline_rows().nth(at)).map(|row| wrap(&row.text, width.saturating_sub(2)));
    let foot = full.filter(|lines| lines.len() > 1 || lines.iter().any(|line| line.len() + TEXT > width)).unwrap_or_default();
    let room = height.saturating_sub(2 + if foot.is_empty() { 0 } else { foot.len() + 1 });
    let (first, shown) = window(all, selected, room);
    for (y, row) in model.timeline_rows().skip(first).take(shown).enumerate() {
        let here = selected == Some(first + y);
        entry(model, row, here, width).draw(painter, (1 + y) as u16);
        painter.spot_row((1 + y) as u16, RowKey::Entry(row.seq));
        if here {
            painter.overlay_row((1 + y) as u16, Role::Selected);
        }
    }
    if let Some(words) = beyond(first, all.saturating_sub(first + shown)) {
        Line::of(Role::Dim, format!("   {words}")).draw(painter, (1 + shown) as u16);
    }
    let top = height.saturating_sub(foot.len() + 1);
    for (at, text) in foot.into_iter().enumerate() {
        Line::of(Role::Text, format!(" {text}")).draw(painter, (top + at) as u16);
    }
}

fn entry(model: &Model, row: &TimelineRow, here: bool, width: usize) -> Line {
    Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " })
        .then(Role::Text, row.at.hh_mm_ss(&model.moment().zone))
        .at(11)
        .then(Role::Text, row.who.as_str())
        .at(TEXT)
        .then(role_of(row.tone), row.text.as_str())
        .cut(width)
}
