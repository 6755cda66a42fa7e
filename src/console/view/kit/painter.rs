//! The brush every view draws with.

use std::borrow::Cow;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::region::{Parted, Region, Report};
use super::text::{clip, is_simple, width};
use crate::console::model::{RowKey, Spot};
use crate::console::theme::{Glyph, Role, Theme};

/// A run of cells in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Cells from the left of the painter's area.
    pub x: u16,
    /// Rows from its top.
    pub y: u16,
    /// How many cells.
    pub width: u16,
}

impl Slot {
    /// `width` cells from (x, y).
    pub const fn new(x: u16, y: u16, width: u16) -> Self {
        Self { x, y, width }
    }
}

/// To which end of its cells a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column of a table: where it stands, not how much of the rest it gets, so that figures never jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Cells from the left of the painter's area.
    pub x: u16,
    /// How many cells.
    pub width: u16,
    /// To which end its texts go.
    pub align: Align,
}

/// Draws into one area of a buffer and never outside it, whatever it is asked.
pub struct Painter<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    area: Rect,
    report: Option<&'a mut Report>,
}

impl<'a> Painter<'a> {
    /// A painter of the whole buffer.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Self {
        let area = buffer.area;
        Self { buffer, theme, area, report: None }
    }

    /// The same, which reports what can be pointed at, and what it cuts.
    #[must_use]
    pub fn reporting(self, report: &'a mut Report) -> Self {
        Self { report: Some(report), ..self }
    }

    /// The same, which reports nothing.
    #[must_use]
    pub fn silent(self) -> Self {
        Self { report: None, ..self }
    }

    /// Says that so many cells from (x, y) show something that can be pointed at.
    pub fn spot(&mut self, at: Slot, spot: Spot) {
        let area = self.absolute(Rect::new(at.x, at.y, at.width, 1));
        if let Some(report) = self.report.as_deref_mut().filter(|_| !area.is_empty()) {
            report.regions.push(Region { area, spot });
        }
    }

    /// Says that a whole row shows something that can be selected.
    pub fn spot_row(&mut self, y: u16, key: RowKey) {
        self.spot(Slot::new(0, y, self.area.width), Spot::Row(key));
    }

    /// Says what of a row is cut, and takes it.
    pub fn parted(&mut self, y: u16, parted: &mut Vec<Parted>) {
        let row = self.area.y.saturating_add(y);
        if let Some(report) = self.report.as_deref_mut().filter(|_| !parted.is_empty()) {
            report.cuts.extend(parted.drain(..).map(|parted| (row, parted)));
        }
    }

    /// Forgets what was reported: it is drawn over.
    pub fn forget_report(&mut self) {
        if let Some(report) = self.report.as_deref_mut() {
            *report = Report::default();
        }
    }

    /// A painter of a part: `part` is in this painter's coordinates, and what of it lies outside is cut off.
    pub fn part(&mut self, part: Rect) -> Painter<'_> {
        let area = self.absolute(part);
        Painter { buffer: self.buffer, theme: self.theme, area, report: self.report.as_deref_mut() }
    }

    /// How many cells a row has.
    pub const fn width(&self) -> u16 {
        self.area.width
    }

    /// How many rows there are.
    pub const fn height(&self) -> u16 {
        self.area.height
    }

    /// Whether nothing is written in its area.
    pub fn is_blank(&self) -> bool {
        self.area.positions().all(|position| self.buffer.cell(position).is_none_or(|cell| cell.symbol().trim().is_empty()))
    }

    /// The area in the coordinates of the whole buffer, for what reports where it drew.
    pub const fn area(&self) -> Rect {
        self.area
    }

    /// The theme drawn with.
    pub const fn theme(&self) -> &'a Theme {
        self.theme
    }

    /// Writes text to the right of (x, y), as far as the area goes. Returns the x behind it, so that writing can go on there.
    pub fn text(&mut self, x: u16, y: u16, text: &str, role: Role) -> u16 {
        let style = self.theme.style(role);
        if is_simple(text) {
            let characters = text.chars().count();
            let behind = self.simple(x, y, (text, characters), style);
            if usize::from(behind - x) < characters {
                self.parted(y, &mut Parted::of("", text).into_iter().collect());
            }
            return behind;
        }
        let mut at = x;
        for grapheme in text.graphemes(true) {
            let cells = width(grapheme);
            if cells == 0 {
                // Alone it would stand in no cell; inside a grapheme it has already been counted.
                continue;
            }
            if at.saturating_add(cells) > self.area.width || !self.put(at, y, grapheme, style) {
                self.parted(y, &mut Parted::of("", text).into_iter().collect());
                break;
            }
            for covered in 1..cells {
                self.put(at + covered, y, "", style);
            }
            at += cells;
        }
        at
    }

    fn simple(&mut self, x: u16, y: u16, (text, characters): (&str, usize), style: Style) -> u16 {
        let cells = usize::from(self.area.width.saturating_sub(x)).min(characters);
        let row = self.area.y.saturating_add(y).checked_sub(self.buffer.area.y).filter(|_| y < self.area.height);
        let column = self.area.x.saturating_add(x).checked_sub(self.buffer.area.x);
        let (Some(row), Some(column)) = (row, column) else { return x };
        let start = usize::from(row) * usize::from(self.buffer.area.width) + usize::from(column);
        let Some(row) = self.buffer.content.get_mut(start..start + cells) else { return x };
        for (cell, character) in row.iter_mut().zip(text.chars()) {
            cell.set_char(character);
            dress(cell, style);
        }
        x + cells as u16
    }

    /// Writes runs of text one behind another. Returns the x behind them.
    pub fn runs(&mut self, x: u16, y: u16, runs: &[(&str, Role)]) -> u16 {
        runs.iter().fold(x, |at, (text, role)| self.text(at, y, text, *role))
    }

    /// Draws one mark. Returns the x behind it.
    pub fn glyph(&mut self, x: u16, y: u16, glyph: Glyph, role: Role) -> u16 {
        self.text(x, y, glyph.symbol(), role)
    }

    /// Writes marks of one cell each side by side, as far as the area goes. They are not taken apart: there may be thousands.
    pub fn marks(&mut self, x: u16, y: u16, marks: impl Iterator<Item = (&'static str, Role)>) {
        let mut last: Option<(Role, Style)> = None;
        for (at, (symbol, role)) in (x..self.area.width).zip(marks) {
            let style = match last {
                Some((known, style)) if known == role => style,
                _ => last.insert((role, self.theme.style(role))).1,
            };
            self.put(at, y, symbol, style);
        }
    }

    /// Gives one cell another look, its mark kept.
    pub fn again(&mut self, x: u16, y: u16, role: Role) {
        let style = self.theme.style(role);
        self.part(Rect::new(x, y, 1, 1)).each(|cell| dress(cell, style));
    }

    /// Writes text at the left end of a slot; what does not fit ends in `…`.
    pub fn left(&mut self, slot: Slot, text: &str, role: Role) {
        let cells = slot.width.min(self.area.width.saturating_sub(slot.x));
        let shown = self.clipped(slot.y, text, cells);
        self.text(slot.x, slot.y, &shown, role);
    }

    /// Writes text at the right end of a slot; what does not fit ends in `…`.
    pub fn right(&mut self, slot: Slot, text: &str, role: Role) {
        let cells = slot.width.min(self.area.width.saturating_sub(slot.x));
        let text = self.clipped(slot.y, text, cells);
        self.text(slot.x + (cells - width(&text)), slot.y, &text, role);
    }

    /// A text cut to so many cells of a row, which is reported.
    pub fn clipped<'t>(&mut self, y: u16, text: &'t str, cells: u16) -> Cow<'t, str> {
        let shown = clip(text, cells);
        if matches!(shown, Cow::Owned(_)) || shown.len() < text.len() {
            self.parted(y, &mut Parted::of("", text).into_iter().collect());
        }
        shown
    }

    /// Writes one row of a table: each text into its column. A text without a column, or a column without a text, is left out.
    pub fn cells(&mut self, y: u16, columns: &[Column], texts: &[(&str, Role)]) {
        for (column, (text, role)) in columns.iter().zip(texts) {
            let slot = Slot::new(column.x, y, column.width);
            match column.align {
                Align::Left => self.left(slot, text, *role),
                Align::Right => self.right(slot, text, *role),
            }
        }
    }

    /// Empties the whole area and gives it the look of a role.
    pub fn fill(&mut self, role: Role) {
        let style = self.theme.style(role);
        // Where nothing shows through, a whole frame is one blank cell over and over.
        if style.fg.is_some() && style.bg.is_some() && self.area == self.buffer.area {
            let mut blank = Cell::EMPTY;
            dress(&mut blank, style);
            self.buffer.content.fill(blank);
            return;
        }
        self.each(|cell| {
            cell.set_symbol(" ");
            dress(cell, style);
        });
    }

    /// Empties one row and gives it the look of a role.
    pub fn fill_row(&mut self, y: u16, role: Role) {
        self.part(Rect::new(0, y, self.area.width, 1)).fill(role);
    }

    /// Lays a role over what a row already shows, text kept: its background, and its emphasis added. For the selected row,
    /// after it is drawn.
    pub fn overlay_row(&mut self, y: u16, role: Role) {
        let style = self.theme.style(role);
        self.part(Rect::new(0, y, self.area.width, 1)).each(|cell| {
            cell.set_style(style);
        });
    }

    /// Takes all emphasis from what the area already shows, text kept: for what lies under a dialog.
    pub fn shade(&mut self) {
        let style = self.theme.style(Role::Shade);
        self.each(|cell| dress(cell, style));
    }

    /// A line across a slot.
    pub fn rule(&mut self, slot: Slot, role: Role) {
        for x in 0..slot.width.min(self.area.width.saturating_sub(slot.x)) {
            self.glyph(slot.x + x, slot.y, Glyph::Rule, role);
        }
    }

    /// A line downwards from (x, y), so many rows long.
    pub fn mark(&mut self, x: u16, y: u16, rows: u16, role: Role) {
        for down in 0..rows.min(self.area.height.saturating_sub(y)) {
            self.glyph(x, y + down, Glyph::Mark, role);
        }
    }

    fn each(&mut self, mut change: impl FnMut(&mut Cell)) {
        let area = self.area;
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                change(cell);
            }
        }
    }

    /// Puts one grapheme; says whether there was a cell for it.
    fn put(&mut self, x: u16, y: u16, symbol: &str, style: Style) -> bool {
        if x >= self.area.width || y >= self.area.height {
            return false;
        }
        let Some(cell) = self.buffer.cell_mut((self.area.x.saturating_add(x), self.area.y.saturating_add(y))) else {
            return false;
        };
        if symbol.is_empty() {
            // Covered by the wide character to its left.
            cell.set_symbol(" ");
        } else {
            cell.set_symbol(symbol);
        }
        dress(cell, style);
        true
    }

    fn absolute(&self, part: Rect) -> Rect {
        let x = self.area.x.saturating_add(part.x);
        let y = self.area.y.saturating_add(part.y);
        let right = self.area.right().min(x.saturating_add(part.width));
        let bottom = self.area.bottom().min(y.saturating_add(part.height));
        Rect::new(x.min(right), y.min(bottom), right.saturating_sub(x), bottom.saturating_sub(y))
    }
}

/// Gives a cell a look: emphasis is replaced, not added to; a background left open keeps the one underneath.
fn dress(cell: &mut Cell, style: Style) {
    if let Some(fg) = style.fg {
        cell.fg = fg;
    }
    if let Some(bg) = style.bg {
        cell.bg = bg;
    }
    cell.modifier = style.add_modifier;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Modifier;

    use super::super::chart::{Scale, TwoSided};
    use super::super::dialog::open_dialog;
    use super::super::scrub::scrub;
    use super::*;
    use crate::console::theme::ColourDepth;

    fn theme() -> Theme {
        Theme::for_depth(ColourDepth::True).unwrap()
    }

    fn lines(buffer: &Buffer) -> Vec<String> {
        let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
        (0..buffer.area.height).map(row).collect()
    }

    #[test]
    fn texts_stand_where_they_were_put() {
        let theme = theme();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
        let mut painter = Painter::new(&mut buffer, &theme);
        assert_eq!(painter.runs(0, 0, &[("▌", Role::Cursor), ("storage", Role::Text)]), 8);
        let columns = [Column { x: 0, width: 6, align: Align::Left }, Column { x: 7, width: 6, align: Align::Right }];
        painter.cells(1, &columns, &[("gateway", Role::Text), ("1,700", Role::Strong)]);
        painter.right(Slot::new(14, 0, 99), "27 %", Role::Good);
        assert_eq!(lines(&buffer), ["▌storage        27 %", "gatew…  1,700       "]);
    }

    #[test]
    fn a_wide_character_is_not_split_at_the_edge() {
        let theme = theme();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 5, 1));
        assert_eq!(Painter::new(&mut buffer, &theme).text(0, 0, "日本語", Role::Text), 4);
        assert_eq!(lines(&buffer), ["日 本  "]);
    }

    #[test]
    fn the_selected_row_keeps_its_colours_on_another_ground() {
        let theme = theme();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        let mut painter = Painter::new(&mut buffer, &theme);
        painter.fill(Role::Base);
        painter.text(0, 0, "bad", Role::Bad);
        painter.overlay_row(0, Role::Selected);
        let cell = &buffer[(0, 0)];
        assert_eq!((cell.symbol(), Some(cell.fg), Some(cell.bg)), ("b", theme.style(Role::Bad).fg, theme.style(Role::Selected).bg));
        assert!(cell.modifier.contains(Modifier::BOLD));
        Painter::new(&mut buffer, &theme).shade();
        assert_eq!((buffer[(0, 0)].symbol(), buffer[(0, 0)].modifier), ("b", Modifier::empty()));
    }

    fn everything(painter: &mut Painter<'_>, (x, y, width): (u16, u16, u16), text: &str) {
        let slot = Slot::new(x, y, width);
        painter.text(x, y, text, Role::Text);
        painter.left(slot, text, Role::Good);
        painter.right(slot, text, Role::Bad);
        painter.rule(slot, Role::Rule);
        painter.mark(x, y, width, Role::Rule);
        painter.fill_row(y, Role::Mode);
        painter.overlay_row(y, Role::Selected);
        let values = [Some(1.0), None, Some(f64::NAN), Some(f64::INFINITY), Some(-3.0)];
        painter.spark(slot, &values, Scale::over([&values[..]]), Role::SparkNew);
        painter.two_sided(slot, TwoSided { lean: f64::NAN, role: Role::Waiting });
        painter.shade();
        if let Some(mut opened) = open_dialog(painter, text, width, y).painter {
            opened.text(x, y, text, Role::Code);
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_or_leaves_its_area(
            (w, h) in (0u16..40, 0u16..12),
            (px, py, pw, ph) in (0u16..50, 0u16..15, 0u16..50, 0u16..15),
            at in prop_oneof![(0u16..60, 0u16..16, 0u16..60), Just((u16::MAX, u16::MAX, u16::MAX)), Just((1, 0, u16::MAX))],
            text in "\\PC{0,30}|[a-z]{0,40}",
        ) {
            let theme = theme();
            let mut buffer = Buffer::filled(Rect::new(0, 0, w, h), Cell::new("§"));
            let mut painter = Painter::new(&mut buffer, &theme);
            let mut part = painter.part(Rect::new(px, py, pw, ph));
            let area = part.area();
            everything(&mut part, at, &text);
            for position in Rect::new(0, 0, w, h).positions().filter(|position| !area.contains(*position)) {
                prop_assert_eq!(buffer[position].symbol(), "§");
            }
            scrub(&mut buffer, true);
            prop_assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()));
        }
    }
}
