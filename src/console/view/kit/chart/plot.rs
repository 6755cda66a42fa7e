//! Curves over time in several rows: bars for one version, points for the other, a line for the limit.

use ratatui::layout::Rect;

use super::super::painter::{Painter, Slot};
use super::Axis;
use crate::console::model::AXIS;
use crate::console::theme::{Glyph, Role, sparks};

/// What is drawn in one chart. Curves have a value a column, oldest first; no value is a gap, never zero, and nothing joins over it.
#[derive(Clone, Copy, Debug)]
pub struct Plot<'a> {
    /// Drawn as bars.
    pub bars: &'a [Option<f64>],
    /// The look of the bars.
    pub role: Role,
    /// Drawn as points over the bars.
    pub points: &'a [Option<f64>],
    /// Drawn as a line across.
    pub limit: Option<f64>,
    /// What is marked at a column, on the ground line.
    pub marks: &'a [(usize, &'a str, Role)],
    /// The column whose values are read.
    pub read: Option<usize>,
}

impl Painter<'_> {
    /// Draws a chart in the whole area: numbers to the left, the ground line in the last row.
    pub fn plot(&mut self, plot: &Plot<'_>, axis: &Axis) {
        let rows = usize::from(self.height().saturating_sub(1));
        if rows == 0 || self.width() <= AXIS {
            return;
        }
        self.numbers(plot, axis, rows);
        let area = Rect::new(AXIS, 0, self.width() - AXIS, self.height());
        let mut curves = self.part(area);
        let columns = usize::from(curves.width()).min(plot.bars.len().max(plot.points.len()));
        curves.ground(plot, columns, rows as u16);
        if let Some(row) = plot.limit.and_then(|limit| axis.row(limit, rows)) {
            curves.rule(Slot::new(0, row as u16, columns as u16), Role::Threshold);
        }
        for column in 0..columns {
            let value = |curve: &[Option<f64>]| curve.get(column).copied().flatten();
            let (bar, point) = (value(plot.bars), value(plot.points));
            let x = column as u16;
            if plot.read == Some(column) {
                curves.mark(x, 0, rows as u16, Role::Cursor);
            }
            match bar {
                Some(value) => curves.bar(x, rows, axis.eighths(value, rows), plot.role),
                None if point.is_none() => _ = curves.glyph(x, rows as u16 - 1, Glyph::Gap, Role::Gap),
                None => {}
            }
            if let Some(row) = point.and_then(|value| axis.row(value, rows)) {
                curves.glyph(x, row as u16, Glyph::Old, Role::SparkOld);
            }
        }
    }

    /// The round numbers at their rows; where the limit is, the limit instead.
    fn numbers(&mut self, plot: &Plot<'_>, axis: &Axis, rows: usize) {
        self.mark(AXIS - 1, 0, rows as u16, Role::Rule);
        let limit = plot.limit.and_then(|limit| Some((axis.row(limit, rows)?, limit)));
        for tick in axis.ticks() {
            let Some(row) = axis.row(tick, rows).filter(|row| limit.is_none_or(|(taken, _)| taken != *row)) else { continue };
            self.right(Slot::new(0, row as u16, AXIS - 1), &axis.label(tick), Role::Dim);
            self.text(AXIS - 1, row as u16, "┤", Role::Rule);
        }
        if let Some((row, limit)) = limit {
            self.right(Slot::new(0, row as u16, AXIS - 1), &axis.exact(limit), Role::Threshold);
            self.text(AXIS - 1, row as u16, "├", Role::Threshold);
        }
    }

    /// The ground line with what is marked on it, and a line up from each mark, behind everything.
    fn ground(&mut self, plot: &Plot<'_>, columns: usize, y: u16) {
        self.rule(Slot::new(0, y, columns as u16), Role::Rule);
        for (column, mark, role) in plot.marks.iter().filter(|(column, ..)| *column < columns) {
            self.mark(*column as u16, 0, y, Role::Rule);
            self.text(*column as u16, y, mark, *role);
        }
        if let Some(read) = plot.read.filter(|read| *read < columns) {
            self.text(read as u16, y, "┴", Role::Cursor);
        }
    }

    fn bar(&mut self, x: u16, rows: usize, eighths: Option<usize>, role: Role) {
        let Some(eighths) = eighths else { return };
        for up in 0..rows {
            let here = eighths.saturating_sub(up * 8).min(8);
            if here == 0 {
                return;
            }
            let mut bytes = [0; 4];
            let level = sparks((here as f64 - 0.5) / 8.0).encode_utf8(&mut bytes);
            self.text(x, (rows - 1 - up) as u16, level, role);
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::{Buffer, Cell};

    use super::*;
    use crate::console::theme::{ColourDepth, Theme};
    use crate::domain::metric::Unit;

    fn drawn(plot: &Plot<'_>, width: u16, height: u16) -> Vec<String> {
        let theme = Theme::for_depth(ColourDepth::Mono).unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let axis = Axis::over(0.0, 2.0, Unit::Seconds, usize::from(height) - 1);
        Painter::new(&mut buffer, &theme).plot(plot, &axis);
        let rows = buffer.content.chunks(usize::from(width));
        rows.map(|cells| cells.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned()).collect()
    }

    const EMPTY: Plot<'static> = Plot { bars: &[], role: Role::SparkNew, points: &[], limit: None, marks: &[], read: None };

    #[test]
    fn bars_points_limit_marks_and_gaps_have_their_places() {
        let bars = [Some(0.0), Some(0.25), Some(1.0), None, Some(2.0), None];
        let points = [Some(0.6), Some(0.6), Some(0.6), None, Some(0.6), Some(0.6)];
        let marks = [(1, "→", Role::Text)];
        let plot = Plot { bars: &bars, points: &points, limit: Some(1.5), marks: &marks, read: Some(5), ..EMPTY };
        assert_eq!(
            drawn(&plot, 16, 5),
            ["   1.5 s├────█│", "     1 s┤ │  █│", "        │••• ••", "     0 s┤▁▄█┄█│", "         ─→───┴",]
        );
    }

    #[test]
    fn too_little_room_draws_nothing() {
        for (width, height) in [(9, 5), (20, 1)] {
            assert!(drawn(&EMPTY, width, height).iter().all(String::is_empty));
        }
    }
}
