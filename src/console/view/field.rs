//! A line of text being typed, in the cells there are: its end, where one types, is always seen, and what is cut before it is marked.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::console::theme::Glyph;

/// What is shown while one types: the text, and where the next character goes.
pub fn with_cursor(text: &str) -> String {
    format!("{text}_")
}

/// The end of a text in at most so many rows of so many cells; never broken inside a grapheme. Where the beginning has no room it is
/// marked.
pub fn rows(text: &str, cells: usize, rows: usize) -> Vec<String> {
    let whole = broken(text, cells);
    if whole.len() <= rows.max(1) {
        return whole;
    }
    let mark = Glyph::Before.symbol();
    let mut ends = text.grapheme_indices(true).skip(1).filter_map(|(at, _)| text.get(at..));
    let fits = |end: &str| Some(broken(&format!("{mark}{end}"), cells)).filter(|found| found.len() <= rows.max(1));
    ends.find_map(fits).unwrap_or_else(|| vec![mark.to_owned()])
}

/// The same in one row.
pub fn row(text: &str, cells: usize) -> String {
    rows(text, cells, 1).concat()
}

fn broken(text: &str, cells: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let takes = grapheme.width();
        if used > 0 && used + takes > cells {
            rows.push(String::new());
            used = 0;
        }
        if let Some(row) = rows.last_mut() {
            row.push_str(grapheme);
        }
        used += takes;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_seen_and_what_is_cut_before_it_is_marked() {
        assert_eq!(row("too slow_", 9), "too slow_");
        assert_eq!(row("too slow in eu_", 9), "‹w in eu_");
        assert_eq!(row("too slow in eu_", 1), "‹");
        assert_eq!(row("", 9), "");
        assert_eq!(rows("too slow in eu_", 9, 2), ["too slow ", "in eu_"]);
        assert_eq!(rows("too slow in eu since noon_", 9, 2), ["‹in eu si", "nce noon_"]);
    }

    #[test]
    fn wide_and_combined_characters_are_never_halved() {
        assert_eq!(row("遅い遅い_", 6), "‹遅い_");
        assert_eq!(row("e\u{301}e\u{301}e\u{301}_", 3), "‹e\u{301}_");
        assert_eq!(rows("遅い遅い_", 5, 2), ["遅い", "遅い_"]);
        assert!(rows("遅い遅い_", 5, 2).iter().all(|row| row.width() <= 5));
    }
}
