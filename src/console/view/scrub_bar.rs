//! Where in time one is: one row above the last, in the past and in a replay.
//!
//! ```text
//!  08:05 ──◆→──◆‖───▲«──█········ 14:32 now
//! ```
//! Time runs evenly from left to right; the marks are those of the Timeline.

use crate::console::model::{Model, When};
use crate::console::theme::{Glyph, Role};
use crate::domain::time::EngineTime;

use super::kit::Painter;
use super::line::Line;
use super::timeline::mark;

/// Whether there is one.
pub fn is_shown(model: &Model) -> bool {
    model.when() != When::Now && model.has_data()
}

/// Draws it in a row of the painter.
pub fn draw(painter: &mut Painter<'_>, model: &Model, row: u16) {
    let (from, until, is_kept_from) = model.span();
    let zone = model.moment().zone;
    let kept = if is_kept_from { "kept from " } else { "" };
    let end = if matches!(model.when(), When::Past { .. }) { "now" } else { "end" };
    let left = Line::of(Role::Dim, format!(" {kept}")).then(Role::Text, format!("{} ", from.hh_mm(&zone)));
    let right = Line::of(Role::Text, format!(" {} {end} ", until.hh_mm(&zone)));
    let cells = usize::from(painter.width()).saturating_sub(left.width() + right.width());
    painter.fill_row(row, Role::Base);
    left.append(bar(model, (from, until), cells)).append(right).draw(painter, row);
}

fn bar(model: &Model, (from, until): (EngineTime, EngineTime), cells: usize) -> Line {
    let place = |at: EngineTime| {
        let share = (at - from).secs_f64() / (until - from).secs_f64().max(0.001);
        ((share.clamp(0.0, 1.0) * cells.saturating_sub(1) as f64).round() as usize).min(cells.saturating_sub(1))
    };
    let (here, push) = (place(model.now()), model.selected_push());
    let ground = |cell: usize| if cell <= here { (Glyph::Rule, Role::Text) } else { (Glyph::Dot, Role::Dim) };
    let mut drawn: Vec<_> = (0..cells).map(|cell| (ground(cell), 0)).collect();
    for row in model.timeline_rows().filter(|row| row.at >= from) {
        let Some((look, cell)) = mark(row).zip(drawn.get_mut(place(row.at))) else { continue };
        let rank = rank(look.0);
        if rank > cell.1 {
            // Other pushes' marks are there, and do not shout.
            let is_other = push.is_some() && row.push.is_some() && row.push != push;
            let role = if row.at > model.now() || is_other { Role::Dim } else { look.1 };
            *cell = ((look.0, role), rank);
        }
    }
    if let Some(cell) = drawn.get_mut(here) {
        cell.0 = (Glyph::Bar, Role::Strong);
    }
    drawn.into_iter().fold(Line::new(), |line, ((glyph, role), _)| line.then(role, glyph.symbol()))
}

/// Which of several marks in one cell is seen: the worst.
const fn rank(glyph: Glyph) -> u8 {
    match glyph {
        Glyph::GoingBack => 5,
        Glyph::Alert => 4,
        Glyph::Held => 3,
        Glyph::Arrow => 2,
        _ => 1,
    }
}
