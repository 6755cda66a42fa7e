//! Where the marks of a strip stand at a size of the terminal. Cells stand side by side as far as there is room, services one below
//! another; where there are more instances than room for marks, a mark stands for several of them.

use unicode_width::UnicodeWidthStr;

use super::kind::Kind;
use super::picture::{Picture, Spot};

/// Columns between two cells.
const GAP: usize = 2;
/// The narrowest that a cell is shown in beside another.
const NARROW: usize = 8;

/// Marks of one block that stand side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// In which column the first stands.
    pub x: usize,
    /// Of which cell.
    pub cell: usize,
    /// The number of the first among the marks of its block.
    pub from: usize,
    /// How many they are.
    pub marks: usize,
}

/// A row of a strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The names of cells: in which column, and which.
    Cells(Vec<(usize, usize)>),
    /// Marks.
    Marks {
        /// Of which strand.
        strand: usize,
        /// Whether it is the first of several rows, and bears the name.
        named: bool,
        /// The marks of each cell.
        pieces: Vec<Piece>,
    },
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// How many instances a mark stands for, at most; a power of two.
    pub each: usize,
    /// Every row, whether or not there is room for it.
    pub rows: Vec<Row>,
    /// In which column the marks of the first cell begin.
    pub marks_at: usize,
}

/// A mark: which of its block, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub strand: usize,
    pub cell: usize,
    pub nth: usize,
}

/// How marks are shared out over a row.
#[derive(Clone, Copy)]
struct Shape {
    each: usize,
    /// How many cells stand side by side.
    beside: usize,
    /// Columns of a cell, and how many of them hold marks.
    column: usize,
    marks: usize,
}

impl Shape {
    /// As wide as there is room for, and no wider than the widest block or heading needs.
    fn of(each: usize, beside: usize, room: usize, needed: usize) -> Self {
        let column = (room / beside.max(1)).min(needed + GAP);
        Self { each, beside, column, marks: column.saturating_sub(GAP).max(1) }
    }

    fn lines(self, instances: usize) -> usize {
        instances.div_ceil(self.each).div_ceil(self.marks)
    }
}

impl Layout {
    /// Lays a picture out in so many columns and rows: as few instances to a mark as there is room for. Where not even one row to a block
    /// fits, there are more rows than room.
    pub(super) fn of(picture: &Picture, (width, height): (usize, usize)) -> Self {
        let marks_at = (picture.label_width() + 3).min(width / 3 + 2);
        let room = width.saturating_sub(marks_at);
        let most = (room / NARROW).clamp(1, picture.cells.len().max(1));
        let largest = picture.strands.iter().flat_map(|strand| strand.blocks.iter().map(Vec::len)).max().unwrap_or(1);
        let heading = picture.headings().map(|heading| heading.width()).max().unwrap_or(0);
        let shapes = |each: usize| {
            let needed = largest.div_ceil(each).max(heading);
            (1..=most).map(move |beside| Shape::of(each, beside, room, needed))
        };
        // Of shapes with as few rows the one with more cells side by side.
        let best = |each: usize| shapes(each).map(|shape| (rows(picture, shape), shape)).rev().min_by_key(|(rows, _)| *rows);
        let together = largest.next_power_of_two();
        let least = best(together).map_or(0, |(rows, _)| rows);
        let mut each = 1;
        loop {
            if let Some((rows, shape)) = best(each)
                && (rows <= height.max(least) || each >= together)
            {
                return Self { each, rows: laid(picture, shape, marks_at), marks_at };
            }
            each *= 2;
        }
    }

    /// The mark that an instance is in.
    pub(super) const fn mark_of(&self, spot: Spot) -> Mark {
        Mark { strand: spot.strand, cell: spot.cell, nth: spot.at / if self.each == 0 { 1 } else { self.each } }
    }

    /// The instances of a mark.
    pub(super) fn instances<'p>(&self, picture: &'p Picture, mark: Mark) -> &'p [(u32, Kind)] {
        let block = picture.block(mark.strand, mark.cell);
        let first = (mark.nth * self.each).min(block.len());
        block.get(first..(first + self.each).min(block.len())).unwrap_or_default()
    }

    /// In which row a mark stands, and in which column.
    pub(super) fn place_of(&self, of: Mark) -> Option<(usize, usize)> {
        let in_row = |row: &Row| match row {
            Row::Marks { strand, pieces, .. } if *strand == of.strand => pieces
                .iter()
                .find(|piece| piece.cell == of.cell && (piece.from..piece.from + piece.marks).contains(&of.nth))
                .map(|piece| piece.x + of.nth - piece.from),
            _ => None,
        };
        self.rows.iter().enumerate().find_map(|(at, row)| Some((at, in_row(row)?)))
    }

    /// The rows that one goes through from a mark upwards and downwards: those of its cell, and those of cells that stand above or below.
    pub(super) fn column(&self, of: Mark, x: usize) -> Vec<usize> {
        let mut bands = Vec::new();
        for row in &self.rows {
            bands.push(bands.last().map_or(0, |last| last + usize::from(matches!(row, Row::Cells(_)))));
        }
        let own = self.place_of(of).and_then(|(row, _)| bands.get(row));
        let rows = bands.iter().enumerate().filter_map(|(row, band)| Some((row, band, self.nearest(row, x)?)));
        rows.filter(|(_, band, mark)| Some(*band) != own || mark.cell == of.cell).map(|(row, ..)| row).collect()
    }

    /// The mark in a row that is nearest to a column.
    pub(super) fn nearest(&self, row: usize, x: usize) -> Option<Mark> {
        let Row::Marks { strand, pieces, .. } = self.rows.get(row)? else { return None };
        let inside = |piece: &Piece| x.clamp(piece.x, piece.x + piece.marks.saturating_sub(1));
        let piece = pieces.iter().filter(|piece| piece.marks > 0).min_by_key(|piece| inside(piece).abs_diff(x))?;
        Some(Mark { strand: *strand, cell: piece.cell, nth: piece.from + inside(piece) - piece.x })
    }

    /// Every mark, in the order of services, cells and numbers.
    pub(super) fn marks<'p>(&self, picture: &'p Picture) -> impl DoubleEndedIterator<Item = Mark> + Clone + use<'p> {
        let each = self.each.max(1);
        (0..picture.strands.len()).flat_map(move |strand| {
            (0..picture.cells.len()).flat_map(move |cell| {
                let marks = picture.block(strand, cell).len().div_ceil(each);
                (0..marks).map(move |nth| Mark { strand, cell, nth })
            })
        })
    }
}

/// The cells in groups that stand side by side.
fn bands(cells: usize, beside: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..cells).step_by(beside.max(1)).map(move |first| first..(first + beside.max(1)).min(cells))
}

fn rows(picture: &Picture, shape: Shape) -> usize {
    let lines = |strand: usize, band: std::ops::Range<usize>| {
        band.map(|cell| shape.lines(picture.block(strand, cell).len())).max().unwrap_or(0)
    };
    bands(picture.cells.len(), shape.beside)
        .map(|band| 1 + (0..picture.strands.len()).map(|strand| lines(strand, band.clone())).sum::<usize>())
        .sum()
}

fn laid(picture: &Picture, shape: Shape, marks_at: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for band in bands(picture.cells.len(), shape.beside) {
        let x = |cell: usize| marks_at + (cell - band.start) * shape.column;
        rows.push(Row::Cells(band.clone().map(|cell| (x(cell), cell)).collect()));
        for strand in 0..picture.strands.len() {
            let marks = |cell: usize| picture.block(strand, cell).len().div_ceil(shape.each);
            let lines = band.clone().map(|cell| marks(cell).div_ceil(shape.marks)).max().unwrap_or(0);
            rows.extend((0..lines).map(|line| {
                let from = line * shape.marks;
                let piece = |cell| Piece { x: x(cell), cell, from, marks: marks(cell).saturating_sub(from).min(shape.marks) };
                let pieces = band.clone().map(piece).filter(|piece| piece.marks > 0).collect();
                Row::Marks { strand, named: line == 0, pieces }
            }));
        }
    }
    rows
}
