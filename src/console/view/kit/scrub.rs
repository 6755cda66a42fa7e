//! The last pass over a frame before it leaves.
//!
//! Text from outside is cleaned where it comes in; this is the second door. A frame is a grid, and a cell that holds anything
//! but one visible character could steer the terminal: `Cell::set_symbol` lets everything through.

use ratatui::buffer::{Buffer, Cell};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::console::theme::ascii_cell;

/// So many combining marks may follow a character; more would paint over other rows.
const MARKS: usize = 4;

/// Replaces every cell that must not reach a terminal by `�`, and with `ascii` every cell by its ASCII twin.
/// Returns how many were replaced as unfit: none, unless a cleaning was forgotten somewhere.
pub fn scrub(buffer: &mut Buffer, ascii: bool) -> usize {
    scrub_cells(&mut buffer.content, ascii)
}

/// The same for some of a frame's cells.
pub fn scrub_cells(cells: &mut [Cell], ascii: bool) -> usize {
    let mut unfit = 0;
    for cell in cells {
        if plain(cell) {
            continue;
        }
        if !fit(cell.symbol()) {
            cell.set_symbol("�");
            unfit += 1;
        }
        if ascii && !cell.symbol().is_ascii() {
            cell.set_char(ascii_cell(cell.symbol()));
        }
    }
    unfit
}

/// Nearly every cell: one visible ASCII character.
fn plain(cell: &Cell) -> bool {
    matches!(cell.symbol().as_bytes(), [b' '..=b'~'])
}

fn fit(symbol: &str) -> bool {
    !symbol.is_empty() && symbol.chars().count() <= 1 + MARKS && symbol.chars().all(visible)
}

fn visible(character: char) -> bool {
    !matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    )
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    fn scrubbed(symbol: &str, ascii: bool) -> (String, usize) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
        buffer[(0, 0)].set_symbol(symbol);
        let unfit = scrub(&mut buffer, ascii);
        (buffer[(0, 0)].symbol().to_owned(), unfit)
    }

    #[test]
    fn nothing_that_steers_a_terminal_gets_out() {
        let zalgo = format!("a{}", "\u{301}".repeat(9));
        for bad in [
            "\u{1b}",
            "a\u{1b}[2J",
            "\u{7}",
            "\u{9b}",
            "\u{202e}",
            "\u{200b}",
            "\u{e0041}",
            "\u{e000}",
            "a\u{200d}",
            "\u{2028}",
            &zalgo,
            "",
        ] {
            assert_eq!(scrubbed(bad, false), ("�".to_owned(), 1), "{bad:?}");
            assert_eq!(scrubbed(bad, true), ("?".to_owned(), 1), "{bad:?}");
        }
    }

    #[test]
    fn what_is_fit_stays() {
        for good in ["a", " ", "●", "e\u{301}", "日", "▁"] {
            assert_eq!(scrubbed(good, false), (good.to_owned(), 0));
        }
        assert_eq!(scrubbed("●", true), ("*".to_owned(), 0));
        assert_eq!(scrubbed("→", true), (">".to_owned(), 0));
    }
}
