//! Measuring and cutting text by what the eye counts: graphemes and cells.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::console::theme::Glyph;

/// The cells a text takes.
pub fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
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
