//! One line of the screen as runs of text with meanings, laid out by columns. A column never writes over the one before it: what does
//! not fit is cut and ends in `…`.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::console::theme::{Glyph, Role};

use super::kit::Painter;

/// A line being written, left to right. Widths are in terminal cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    runs: Vec<(Role, String)>,
    width: usize,
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

    /// Appends another line.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        for (role, text) in other.runs {
            self.push(role, text);
        }
        self
    }

    /// Goes on at a column: what is written so far is cut one cell before it, and the rest is left blank.
    #[must_use]
    pub fn at(self, column: usize) -> Self {
        let mut line = self.cut(column.saturating_sub(1));
        let gap = column.saturating_sub(line.width);
        line.push(Role::Text, " ".repeat(gap));
        line
    }

    /// Appends a run that ends just before a column, numbers for instance.
    #[must_use]
    pub fn right(self, end: usize, role: Role, text: impl Into<String>) -> Self {
        let text = text.into();
        let start = end.saturating_sub(text.width());
        if start <= self.width { self.then(Role::Text, " ").then(role, text).cut(end) } else { self.at(start).then(role, text) }
    }

    /// At most so many cells: what does not fit is cut, and the last cell says so.
    #[must_use]
    pub fn cut(self, width: usize) -> Self {
        if self.width <= width {
            return self;
        }
        let mut left = width.saturating_sub(1);
        let mut cut = Self::new();
        for (role, text) in self.runs {
            let fits = fitting(&text, left);
            let whole = fits.len() == text.len();
            left -= fits.width();
            cut.push(role, fits);
            if !whole {
                if width > 0 {
                    cut.push(role, Glyph::Ellipsis.symbol());
                }
                return cut;
            }
        }
        cut
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

    /// The text without its meanings.
    pub fn text(&self) -> String {
        self.runs.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Draws it in a row of a painter's area, cut to its width.
    pub fn draw(self, painter: &mut Painter<'_>, row: u16) {
        let width = usize::from(painter.width());
        let mut x = 0;
        for (role, text) in self.cut(width).runs {
            x = painter.text(x, row, &text, role);
        }
    }

    fn push(&mut self, role: Role, text: impl Into<String>) {
        let text = text.into();
        if text.is_empty() {
            return;
        }
        self.width += text.width();
        match self.runs.last_mut() {
            Some((last, run)) if *last == role => run.push_str(&text),
            _ => self.runs.push((role, text)),
        }
    }
}

/// The longest beginning of a text, by grapheme, that takes at most so many cells.
fn fitting(text: &str, width: usize) -> String {
    let mut taken = 0;
    text.graphemes(true)
        .take_while(|grapheme| {
            taken += grapheme.width();
            taken <= width
        })
        .collect()
}

/// Breaks a sentence into lines of at most so many cells, at spaces; a word longer than a line is broken where it must.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while line.width() > width.max(1) {
            let head = fitting(&line, width.max(1));
            if head.is_empty() {
                break;
            }
            line.drain(..head.len());
            lines.push(head);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
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
    fn numbers_end_where_their_column_ends() {
        assert_eq!(Line::of(Role::Text, "users").right(12, Role::Text, "3.4 M").text(), "users  3.4 M");
        assert_eq!(Line::of(Role::Text, "users in ten").right(12, Role::Text, "3.4 M").width(), 12);
    }

    #[test]
    fn cutting_respects_wide_characters_and_says_so() {
        let line = Line::of(Role::Text, "配信サービス");
        assert_eq!(line.clone().cut(12).text(), "配信サービス");
        assert_eq!(line.clone().cut(6).text(), "配信…");
        assert_eq!(line.clone().cut(1).text(), "…");
        assert_eq!(line.cut(0).text(), "");
    }

    #[test]
    fn sentences_break_at_spaces() {
        assert_eq!(wrap("it stays at 10 % until somebody approves", 16), ["it stays at 10 %", "until somebody", "approves"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(wrap("配", 1).concat(), "配");
    }
}
