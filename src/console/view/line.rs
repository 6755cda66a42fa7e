//! One line of the screen as runs of text with meanings, laid out by columns. A column never writes over the one before it: what does
//! not fit is cut and ends in `…`.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::console::theme::{Glyph, Role};

use super::kit::{Painter, Parted, is_simple};

/// A line being written, left to right. Widths are in terminal cells. What of it is cut is remembered whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    runs: Vec<(Role, String)>,
    width: usize,
    columns: Vec<Column>,
    parted: Vec<Parted>,
}

/// Where a column begins, and the line or panel it is a column of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Column {
    at: usize,
    of: usize,
}

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one run.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::new().then(role, text)
    }

    /// Appends a run.
    #[must_use]
    pub fn then(mut self, role: Role, text: impl Into<String>) -> Self {
        self.push(role, text);
        self
    }

    /// Appends a run where there is something to say.
    #[must_use]
    pub fn maybe(self, role: Role, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.then(role, text),
            None => self,
        }
    }

    /// Appends another line, with its columns.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        let start = self.width;
        if let Some(column) = self.columns.last_mut().filter(|column| column.at == start && !other.columns.is_empty()) {
            column.of = start;
        }
        self.columns.extend(other.columns.into_iter().map(|column| Column { at: column.at + start, of: column.of + start }));
        self.parted.extend(other.parted);
        for (role, text) in other.runs {
            self.push(role, text);
        }
        self
    }

    /// Goes on at a column: what is written so far is cut one cell before it, and the rest is left blank.
    #[must_use]
    pub fn at(self, column: usize) -> Self {
        let mut line = self.cut(column.saturating_sub(1));
        line.blank(column.saturating_sub(line.width));
        line.columns.push(Column { at: line.width, of: 0 });
        line
    }

    /// Appends a run that ends just before a column, numbers for instance. Where both do not fit it is what stands before that is cut:
    /// half a number is another number.
    #[must_use]
    pub fn right(self, end: usize, role: Role, text: impl Into<String>) -> Self {
        let text = text.into();
        match end.checked_sub(cells(&text)) {
            Some(start) if start > 0 || self.is_empty() => self.at(start).then(role, text),
            _ => self.then(Role::Text, " ").then(role, text).cut(end),
        }
    }

    /// At most so many cells: what does not fit is cut, and the last cell says so.
    #[must_use]
    pub fn cut(mut self, width: usize) -> Self {
        if self.width <= width {
            return self;
        }
        // Blanks that only placed what never came are nothing to be cut.
        let is_blank = self.width - self.blanks_at_end() <= width;
        let mut left = if is_blank { width } else { width.saturating_sub(1) };
        let mut cut = Self { parted: self.parted_at(left), ..Self::default() };
        self.columns.retain(|column| column.at < width);
        cut.columns = self.columns;
        for (role, text) in self.runs {
            let fits = fitting(&text, left);
            let whole = fits.len() == text.len();
            left -= cells(&fits);
            cut.push(role, fits);
            if !whole {
                if width > 0 && !is_blank {
                    cut.push(role, Glyph::Ellipsis.symbol());
                }
                return cut;
            }
        }
        cut
    }

    /// The same line, which stands for a longer text than it shows.
    #[must_use]
    pub fn standing_for(mut self, head: &str, text: &str) -> Self {
        self.parted.extend(Parted::of(head, text));
        self
    }

    /// The same line, which stands for others that are not shown.
    #[must_use]
    pub fn standing_for_all(mut self, lines: impl IntoIterator<Item = Self>) -> Self {
        self.parted.extend(lines.into_iter().flat_map(|line| line.parted_at(0)));
        self
    }

    /// Every run in another role: a panel whose data is old.
    #[must_use]
    pub fn in_role(mut self, role: Role) -> Self {
        for run in &mut self.runs {
            run.0 = role;
        }
        self
    }

    /// How many cells it takes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.width == 0
    }

    /// Its runs, in order.
    pub fn runs(&self) -> &[(Role, String)] {
        &self.runs
    }

    /// What was cut of it, whole.
    pub fn parted(&self) -> &[Parted] {
        &self.parted
    }

    /// The text without its meanings.
    pub fn text(&self) -> String {
        self.runs.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Draws it in a row of a painter's area, cut to its width. Where there is no such row, all of it is cut.
    pub fn draw(self, painter: &mut Painter<'_>, row: u16) {
        let width = if row < painter.height() { usize::from(painter.width()) } else { 0 };
        let mut line = self.cut(width);
        painter.parted(row, &mut line.parted);
        let mut x = 0;
        for (role, text) in line.runs {
            x = painter.text(x, row, &text, role);
        }
    }

    fn push(&mut self, role: Role, text: impl Into<String>) {
        let text = text.into();
        if text.is_empty() {
            return;
        }
        self.width += cells(&text);
        match self.runs.last_mut() {
            Some((last, run)) if *last == role => run.push_str(&text),
            _ => self.runs.push((role, text)),
        }
    }

    fn blank(&mut self, cells: usize) {
        self.width += cells;
        match self.runs.last_mut() {
            Some((Role::Text, run)) => run.extend(std::iter::repeat_n(' ', cells)),
            _ if cells > 0 => self.runs.push((Role::Text, " ".repeat(cells))),
            _ => {}
        }
    }

    fn blanks_at_end(&self) -> usize {
        let mut texts = self.runs.iter().rev().map(|(_, text)| text);
        let mut blanks = 0;
        for text in texts.by_ref() {
            let said = text.trim_end_matches(' ').len();
            blanks += text.len() - said;
            if said > 0 {
                break;
            }
        }
        blanks
    }

    /// What was cut already, and every column of which something lies beyond so many cells.
    fn parted_at(&self, kept: usize) -> Vec<Parted> {
        let is_cut = |text: &str| text.trim_end().ends_with(Glyph::Ellipsis.symbol());
        let texts = self.texts();
        // What was cut before is remembered from then.
        let beyond: Vec<_> = texts.iter().filter(|(_, text, end)| *end > kept && !is_cut(text)).collect();
        let head = |column: Column| texts.iter().find(|(first, ..)| first.at == column.of && column.at != column.of);
        // What a row begins with is said along with the rest of the row.
        let alone = beyond.iter().filter(|(this, ..)| !beyond.iter().any(|(other, ..)| other.of == this.at && other.at != this.at));
        let parted = alone.filter_map(|(column, text, _)| {
            let head = head(*column).map_or("", |(_, text, _)| text).trim();
            Parted::of(if is_cut(head) { "" } else { head }, text)
        });
        self.parted.iter().cloned().chain(parted).collect()
    }

    /// Its columns, each with its text and where that ends.
    fn texts(&self) -> Vec<(Column, String, usize)> {
        let mut columns = self.columns.iter().copied().peekable();
        let mut texts = vec![(Column { at: 0, of: 0 }, String::new(), 0)];
        let mut at = 0;
        for grapheme in self.runs.iter().flat_map(|(_, text)| text.graphemes(true)) {
            while let Some(column) = columns.next_if(|column| column.at <= at) {
                texts.push((column, String::new(), at));
            }
            at += grapheme.width();
            if let Some((_, text, end)) = texts.last_mut() {
                text.push_str(grapheme);
                *end = if grapheme == " " { *end } else { at };
            }
        }
        texts
    }
}

/// Keeps as many lines as there are rows. The last one that is kept stands for those that are not.
pub fn keep(lines: &mut Vec<Line>, rows: usize) {
    if lines.len() <= rows {
        return;
    }
    let over = lines.split_off(rows);
    if let Some(last) = lines.pop() {
        lines.push(last.standing_for_all(over));
    }
}

/// Keeps as many lines as there are rows; the last of these counts the rest, and stands for them.
pub fn keep_and_count(lines: &mut Vec<Line>, rows: usize, count: impl FnOnce(usize) -> Line) {
    if lines.len() <= rows {
        return;
    }
    let over = lines.split_off(rows.saturating_sub(1));
    if rows > 0 {
        lines.push(count(over.len()).standing_for_all(over));
    }
}

/// The longest beginning of a text, by grapheme, that takes at most so many cells.
fn fitting(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let mut taken = 0;
    text.graphemes(true)
        .take_while(|grapheme| {
            taken += grapheme.width();
            taken <= width
        })
        .collect()
}

/// The cells a text takes.
fn cells(text: &str) -> usize {
    if is_simple(text) { text.chars().count() } else { text.width() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_cuts_the_one_before_it_and_never_writes_over_it() {
        let line = Line::of(Role::Text, "checkout-frontend v9→v10").at(12).then(Role::Good, "converged");
        assert_eq!(line.text(), "checkout-f… converged");
        assert_eq!(Line::of(Role::Text, "cart").at(12).then(Role::Good, "x").text(), "cart        x");
    }

    #[test]
    fn blanks_are_nothing_to_be_cut() {
        let line = Line::of(Role::Text, "cart").at(9).then(Role::Dim, " ").at(7).then(Role::Text, "x");
        assert_eq!(line.text(), "cart   x");
        assert!(line.parted().is_empty());
    }

    #[test]
    fn numbers_end_where_their_column_ends() {
        assert_eq!(Line::of(Role::Text, "users").right(12, Role::Text, "3.4 M").text(), "users  3.4 M");
        assert_eq!(Line::of(Role::Text, "users in ten").right(12, Role::Text, "3.4 M").text(), "users… 3.4 M");
        assert_eq!(Line::of(Role::Text, "users").right(5, Role::Text, "3,400,000").width(), 5);
    }

    #[test]
    fn cutting_respects_wide_characters_and_says_so() {
        let line = Line::of(Role::Text, "配信サービス");
        assert_eq!(line.clone().cut(12).text(), "配信サービス");
        assert_eq!(line.clone().cut(6).text(), "配信…");
        assert_eq!(line.clone().cut(1).text(), "…");
        assert_eq!(line.cut(0).text(), "");
    }

    fn whole(line: &Line) -> Vec<(&str, &str)> {
        line.parted().iter().map(|parted| (parted.head.as_str(), parted.text.as_str())).collect()
    }

    #[test]
    fn what_is_cut_is_remembered_whole_with_what_its_row_begins_with() {
        let line = Line::of(Role::Cursor, "▌").then(Role::Text, "checkout-frontend v9→v10").at(12).then(Role::Good, "● converged");
        assert_eq!(whole(&line), [("", "checkout-frontend v9→v10")]);
        let line = line.at(40).then(Role::Text, "by itself").cut(15);
        assert_eq!(line.text(), "▌checkout-… ● …");
        assert_eq!(
            whole(&line),
            [("", "checkout-frontend v9→v10"), ("", "● converged"), ("", "by itself")],
            "once each, and what was cut first stays"
        );
        assert_eq!(whole(&Line::of(Role::Text, "fits").at(6).then(Role::Text, "too").cut(9)), []);
        assert_eq!(whole(&Line::of(Role::SparkNew, "▂▃▄▅").cut(2)), [], "a curve has no words");
    }

    #[test]
    fn a_panel_beside_another_keeps_its_own_heads() {
        let right = Line::of(Role::Text, "users").at(8).then(Role::Text, "3.4 M of them");
        let line = Line::of(Role::Text, " bake").at(10).append(right).cut(22);
        assert_eq!(whole(&line), [("users", "3.4 M of them")]);
    }

    #[test]
    fn rows_without_room_are_remembered_by_the_last_that_has_some() {
        let row = |word: &str, text: &str| Line::of(Role::Text, word).at(6).then(Role::Text, text);
        let mut lines = vec![row("Why", "a"), row("Next", "b c"), Line::new(), row("Else", "d")];
        keep(&mut lines, 9);
        assert_eq!(lines.len(), 4);
        keep_and_count(&mut lines, 3, |more| Line::of(Role::Dim, format!("{more} more")));
        assert_eq!((lines[2].text().as_str(), whole(&lines[2])), ("2 more", vec![("Else", "d")]));
        keep(&mut lines, 1);
        assert_eq!(whole(&lines[0]), [("Next", "b c"), ("Else", "d"), ("", "2 more")]);
    }
}
