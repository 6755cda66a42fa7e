//! How wide a text is on a terminal, and cutting it to a width.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many terminal columns the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to at most `columns` terminal columns, between graphemes, with `…` last where something was left out.
/// Nothing where there is no column at all.
pub fn fit(text: &str, columns: usize) -> String {
    if columns == 0 {
        return String::new();
    }
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(columns + '…'.len_utf8());
    let mut used = 1; // the ellipsis
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > columns {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_graphemes_to_a_width() {
        for (text, columns, kept) in [
            ("checkout", 8, "checkout"),
            ("checkout", 7, "checko…"),
            ("checkout", 1, "…"),
            ("checkout", 0, ""),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
        ] {
            assert_eq!(fit(text, columns), kept, "{text} in {columns}");
            assert!(width(&fit(text, columns)) <= columns);
        }
    }
}
