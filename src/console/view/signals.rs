//! The Signals screen: every judged slice of the selection against its limit, the worst first.

use crate::console::model::{Model, RowKey, SignalRow};
use crate::console::theme::{Glyph, Role};
use crate::domain::metric::Standing;

use super::fleet::window;
use super::fleet_table::beyond;
use super::kit::Painter;
use super::line::Line;

/// Draws the screen.
pub fn draw(painter: &mut Painter<'_>, model: &Model) {
    let rows = model.signal_rows();
    let width = usize::from(painter.width());
    if rows.is_empty() {
        Line::of(Role::Dim, " No metric of the selection has been judged yet.").draw(painter, 1);
        return;
    }
    heading(width).draw(painter, 1);
    let selected = model.cursor().and_then(|key| rows.iter().position(|row| RowKey::Slice(row.slice.clone()) == *key));
    let room = usize::from(painter.height()).saturating_sub(3);
    let (first, shown) = window(rows.len(), selected, room);
    for (at, row) in rows.iter().enumerate().skip(first).take(shown) {
        let y = (2 + at - first) as u16;
        signal(model, row, selected == Some(at), width).draw(painter, y);
        painter.spot_row(y, RowKey::Slice(row.slice.clone()));
        if selected == Some(at) {
            painter.overlay_row(y, Role::Selected);
        }
    }
    if let Some(words) = beyond(first, rows.len().saturating_sub(first + shown)) {
        Line::of(Role::Dim, format!("   {words}")).draw(painter, (2 + shown) as u16);
    }
}

/// Where the columns stand: service and version, place, limit, since, verdict.
fn columns(width: usize) -> [usize; 5] {
    if width >= 120 { [16, 46, 74, 88, 98] } else { [14, 30, 52, 62, 69] }
}

fn heading(width: usize) -> Line {
    let [service, place, limit, since, _] = columns(width);
    Line::of(Role::Heading, "   metric")
        .at(service)
        .then(Role::Heading, "version")
        .at(place)
        .then(Role::Heading, "where")
        .right(limit - 2, Role::Heading, "value")
        .at(limit)
        .then(Role::Heading, "limit")
        .at(since)
        .then(Role::Heading, "since")
}

fn signal(model: &Model, row: &SignalRow, here: bool, width: usize) -> Line {
    let [service, place, limit, since, verdict] = columns(width);
    let slice = &row.slice;
    let (glyph, role, value, words) = match &row.judgement.standing {
        Standing::Within { value } => (Glyph::Met, Role::Text, slice.metric.show(*value), String::new()),
        Standing::Beyond { value, .. } => (Glyph::Failed, Role::Bad, slice.metric.show(*value), "beyond".to_owned()),
        Standing::SharedFault { value, base, .. } => {
            (Glyph::Failed, Role::Bad, slice.metric.show(*value), format!("old too, {}", slice.metric.show(*base)))
        }
        Standing::TooFew { n, need } => (Glyph::Moving, Role::Text, "too few".to_owned(), format!("{n} of {need}")),
        Standing::NoData { why } => (Glyph::Unknown, Role::Bad, "no data".to_owned(), why.clone()),
    };
    let glyph = if row.alert { Glyph::Alert } else { glyph };
    let shown = row.limit.map(|limit| slice.metric.show(limit)).unwrap_or_default();
    let which = if row.is_new { Role::Strong } else { Role::Dim };
    Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " })
        .then(role, format!("{} {}", glyph.symbol(), slice.metric))
        .at(service)
        .then(which, format!("{} {}", slice.service, slice.version))
        .at(place)
        .then(Role::Text, format!("{} {}", slice.cell, slice.environment))
        .right(limit - 2, role, value)
        .at(limit)
        .then(Role::Dim, shown)
        .at(since)
        .then(Role::Text, row.judgement.since.hh_mm(&model.moment().zone))
        .at(verdict)
        .then(role, words)
        .cut(width)
}
