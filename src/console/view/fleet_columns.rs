//! Where the columns of the Fleet table stand: by the width alone and what is declared, never by what the cells hold, so that nothing
//! jumps.

use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, EnvironmentId};

/// The table's columns, from left to right. Column 0 is the cursor's.
pub struct Columns<'a> {
    /// Environments that fit, in promotion order; where they do not all fit, the first ones are missing.
    pub environments: Vec<(&'a EnvironmentId, usize)>,
    /// Environments that are missing.
    pub hidden: usize,
    /// Cells of the last environment, each with the column before which its number ends. Empty where there is no room.
    pub cells: Vec<(&'a CellId, usize)>,
    /// Where the last environment's text must have ended.
    pub end: usize,
    /// Where what comes next begins.
    pub next: usize,
    /// The table's width.
    pub width: usize,
}

/// The narrowest a placement can be told in.
const LEAST: usize = 15;
/// The widest it needs.
const MOST: usize = 28;

impl<'a> Columns<'a> {
    /// Lays out what a spec declares in so many cells.
    pub fn of(declaration: &'a Declaration, width: usize) -> Self {
        let all = &declaration.environments;
        let wide = width >= 120;
        let name = if wide { 26 } else { 19 }.min(width / 4 + 2);
        let next_width = if wide { 30 } else { 14 }.min(width / 5);
        let cells: Vec<&CellId> = all.last().map(|last| last.cells.iter().map(|cell| &cell.id).collect()).unwrap_or_default();
        let each = cells.iter().map(|cell| cell.as_str().chars().count() + 1).max().unwrap_or(4).clamp(4, 8);
        let room = width.saturating_sub(name + next_width);
        let block = cells.len() * each + 1;
        let shows_cells = room >= block + LEAST * all.len();
        let room = room.saturating_sub(if shows_cells { block } else { 0 });
        let fitting = (room / LEAST).clamp(1, all.len().max(1)).min(all.len());
        let hidden = all.len() - fitting;
        let placed = (room / fitting.max(1)).min(MOST);
        // The last environment is where users are, and where there is most to say.
        let extra = room.saturating_sub(placed * fitting).min(MOST.saturating_sub(placed));
        let first = if shows_cells && placed > LEAST && !wide { placed - 1 } else { placed };
        let environments: Vec<_> =
            all.iter().skip(hidden).enumerate().map(|(at, environment)| (&environment.id, name + at * first)).collect();
        let end = name + first * fitting.saturating_sub(1) + placed + (placed - first) * fitting.saturating_sub(1) + extra;
        let cells = if shows_cells {
            cells.into_iter().enumerate().map(|(at, cell)| (cell, end + (at + 1) * each)).collect()
        } else {
            Vec::new()
        };
        let next = end + if shows_cells { block + 1 } else { 0 };
        Self { environments, hidden, cells, end, next, width }
    }
}
