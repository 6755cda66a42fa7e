//! Where the columns of the Fleet table stand: by the width alone, what is declared and what a person wants to see, never by what the
//! cells hold, so that nothing jumps.

use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, EnvironmentId};
use crate::settings::{Column, Columned};

/// The table's columns, from left to right. Column 0 is the cursor's.
pub struct Columns<'a> {
    /// Where what went wrong in an environment without a column is told, and in how many cells. `None` where each has one.
    pub elsewhere: Option<(usize, usize)>,
    /// Environments with a column, in promotion order.
    pub environments: Vec<(&'a EnvironmentId, usize)>,
    /// Environments without one, likewise.
    pub without: Vec<&'a EnvironmentId>,
    /// Those of them for which there was no room.
    pub crowded_out: Vec<&'a EnvironmentId>,
    /// Cells of the last environment, each with the column before which its number ends. Empty where they are not shown.
    pub cells: Vec<(&'a CellId, usize)>,
    /// Where the last environment's text must have ended.
    pub end: usize,
    /// Where what comes next begins. `None` where it is not shown.
    pub next: Option<usize>,
    /// How many columns are not shown, by choice or for lack of room.
    pub hidden: usize,
    /// The table's width.
    pub width: usize,
}

/// The narrowest a placement can be told in.
const LEAST: usize = 15;
/// The widest it needs.
const MOST: usize = 28;

/// What each column takes at the least, in cells.
struct Needs {
    elsewhere: usize,
    next: usize,
    cells: usize,
}

impl<'a> Columns<'a> {
    /// Lays out these columns of what a spec declares in so many cells. Those that come first keep their place where not all fit.
    pub fn of(declaration: &'a Declaration, asked: &[Column], width: usize) -> Self {
        let all = &declaration.environments;
        let wide = width >= 120;
        let name = if wide { 26 } else { 19 }.min(width / 4 + 2);
        let cells: Vec<&CellId> = all.last().map(|last| last.cells.iter().map(|cell| &cell.id).collect()).unwrap_or_default();
        let each = cells.iter().map(|cell| cell.as_str().chars().count() + 1).max().unwrap_or(4).clamp(4, 8);
        let needs = Needs {
            elsewhere: if wide { 22 } else { 13 }.min(width / 5),
            next: if wide { 30 } else { 14 }.min(width / 5),
            cells: cells.len() * each + 1,
        };
        let is_in = |columns: &[&Column], id: &EnvironmentId| {
            columns.iter().any(|column| matches!(column, Column::Environment(other) if other == id))
        };
        let all_are_in = |columns: &[&Column]| all.iter().all(|environment| is_in(columns, &environment.id));
        let room = width.saturating_sub(name);
        let mut fitting = fitting(asked, &needs, room);
        let elsewhere = (!all_are_in(&fitting)).then_some((name, needs.elsewhere.saturating_sub(1)));
        let mut start = name;
        if elsewhere.is_some() {
            fitting = self::fitting(asked, &needs, room.saturating_sub(needs.elsewhere));
            start += needs.elsewhere;
        }
        let has_cells = fitting.contains(&&Column::Cells);
        let has_next = fitting.contains(&&Column::Next);
        let taken = if has_cells { needs.cells } else { 0 } + if has_next { needs.next } else { 0 };
        let (shown, without): (Vec<_>, Vec<_>) = all.iter().map(|environment| &environment.id).partition(|id| is_in(&fitting, id));
        let (environments, end) = placed(shown, (start, width.saturating_sub(start + taken)), &fitting, wide);
        let asked: Vec<&Column> = asked.iter().collect();
        let crowded_out = without.iter().copied().filter(|id| is_in(&asked, id)).collect();
        let usual = Columned::Fleet.fixed().len() + all.len();
        Self {
            elsewhere,
            environments,
            without,
            crowded_out,
            cells: if has_cells {
                cells.into_iter().enumerate().map(|(at, cell)| (cell, end + (at + 1) * each)).collect()
            } else {
                Vec::new()
            },
            end,
            next: has_next.then_some(end + if has_cells { needs.cells + 1 } else { 0 }),
            hidden: usual.saturating_sub(fitting.len()),
            width,
        }
    }

    /// Where the names must have ended.
    pub fn name_ends(&self) -> usize {
        let first = || self.environments.first().map_or(self.end, |(_, at)| *at);
        self.elsewhere.map_or_else(first, |(at, _)| at)
    }

    /// Whether a column found its place.
    pub fn has(&self, column: &Column) -> bool {
        match column {
            Column::Environment(id) => self.environments.iter().any(|(other, _)| *other == id),
            Column::Cells => !self.cells.is_empty(),
            Column::Next => self.next.is_some(),
            Column::Who | Column::Since | Column::Until | Column::When => false,
        }
    }
}

/// As many of the columns as there is room for, one environment in any case: those that come first, none of them passed over.
fn fitting<'c>(asked: &'c [Column], needs: &Needs, mut room: usize) -> Vec<&'c Column> {
    let mut found: Vec<&Column> = Vec::new();
    let mut is_full = false;
    for column in asked {
        let need = match column {
            Column::Environment(_) => LEAST,
            Column::Cells => needs.cells,
            _ => needs.next,
        };
        is_full |= need > room;
        let has_one = found.iter().any(|column| matches!(column, Column::Environment(_)));
        if !is_full || (!has_one && matches!(column, Column::Environment(_))) {
            room = room.saturating_sub(need);
            found.push(column);
        }
    }
    found
}

/// Where each environment begins in a room, and where the last one must have ended.
fn placed<'a>(
    shown: Vec<&'a EnvironmentId>,
    (start, room): (usize, usize),
    beside: &[&Column],
    wide: bool,
) -> (Vec<(&'a EnvironmentId, usize)>, usize) {
    let close = beside.contains(&&Column::Cells) && !wide;
    let count = shown.len();
    if count == 0 {
        return (Vec::new(), start);
    }
    let width = (room / count).min(MOST);
    // The last environment is where users are, and where there is most to say; without a column for what comes next, it says what is wrong
    // there.
    let most = if beside.contains(&&Column::Next) { MOST } else { MOST + LEAST };
    let extra = room.saturating_sub(width * count).min(most.saturating_sub(width));
    let first = if close && width > LEAST { width - 1 } else { width };
    let end = start + width * count + extra;
    (shown.into_iter().enumerate().map(|(at, id)| (id, start + at * first)).collect(), end)
}
