//! Measuring and cutting text by what the eye counts: graphemes and cells.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::console::theme::Glyph;

/// The cells a text takes.
pub fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// Whether each of its characters stands in a cell of its own and takes no more: ASCII, and the marks and lines that screens are drawn
/// with. Nearly every text is so, and need not be taken apart any further.
pub fn is_simple(text: &str) -> bool {
    let simple = |character| {
        matches!(character,
            ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
            | '\u{2190}'..='\u{21ff}' | '\u{2200}'..='\u{22ff}' | '\u{2500}'..='\u{25fc}')
    };
    text.chars().all(simple)
}

/// The text cut to so many cells, ending in `…` where something was cut; never cut inside a grapheme.
pub fn clip(text: &str, cells: u16) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    let mut kept = String::with_capacity(usize::from(cells) + 2);
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += width(grapheme);
        if used >= cells {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push_str(Glyph::Ellipsis.symbol());
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_simple_takes_a_cell_for_each_character() {
        for character in '\u{0}'..='\u{2fff}' {
            let text = format!("{character}{character}");
            assert!(!is_simple(&text) || (width(&text) == 2 && text.graphemes(true).count() == 2), "{character:?}");
        }
        assert!(
            is_simple("● converged 0.02 % · v41→v42 ▁█ ──") && !is_simple("e\u{301}") && !is_simple("日本") && !is_simple("\u{ad}")
        );
    }

    #[test]
    fn cuts_by_grapheme_and_says_so() {
        assert_eq!(clip("storage", 7), "storage");
        assert_eq!(clip("storage", 6), "stora…");
        assert_eq!(clip("storage", 1), "…");
        assert_eq!(clip("storage", 0), "");
        assert_eq!(clip("日本語", 5), "日本…");
        assert_eq!(clip("日本語", 4), "日…");
        assert_eq!(clip("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    }
}
