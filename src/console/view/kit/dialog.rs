//! The box a dialog is drawn in.

use ratatui::layout::Rect;

use super::painter::{Painter, Slot};
use crate::console::theme::Role;

/// A dialog's box, drawn.
pub struct Opened<'a> {
    /// Draws inside the frame; none where there is no room for even one cell.
    pub painter: Option<Painter<'a>>,
    /// Whether the inside is as large as was asked for. A dialog that cannot show its material whole says so and must not arm.
    pub whole: bool,
}

/// Opens a box with so many cells inside in the middle of the painter's area, or as many as there is room for. What lies under
/// it is shaded first, so `painter` should leave out the rows that must stay loud.
pub fn open_dialog<'p>(painter: &'p mut Painter<'_>, title: &str, width: u16, height: u16) -> Opened<'p> {
    painter.shade();
    let outer_width = width.saturating_add(4).min(painter.width());
    let outer_height = height.saturating_add(2).min(painter.height());
    let outer = Rect::new((painter.width() - outer_width) / 2, (painter.height() - outer_height) / 2, outer_width, outer_height);
    let inner = Rect::new(outer.x + 2, outer.y + 1, outer_width.saturating_sub(4), outer_height.saturating_sub(2));
    let whole = inner.width >= width && inner.height >= height;
    frame(&mut painter.part(outer), title);
    let painter = (inner.width > 0 && inner.height > 0).then(|| painter.part(inner));
    Opened { painter, whole }
}

fn frame(painter: &mut Painter<'_>, title: &str) {
    painter.fill(Role::Dialog);
    let (Some(right), Some(bottom)) = (painter.width().checked_sub(1), painter.height().checked_sub(1)) else {
        return;
    };
    for y in [0, bottom] {
        painter.rule(Slot::new(0, y, painter.width()), Role::Frame);
    }
    for x in [0, right] {
        painter.mark(x, 0, painter.height(), Role::Frame);
    }
    for (x, y, corner) in [(0, 0, "┌"), (right, 0, "┐"), (0, bottom, "└"), (right, bottom, "┘")] {
        painter.text(x, y, corner, Role::Frame);
    }
    // Room for the corners, a line beside each and a space around the title.
    if let Some(room) = painter.width().checked_sub(6).filter(|room| *room > 0 && !title.is_empty()) {
        let title = painter.clipped(0, title, room);
        painter.text(2, 0, &format!(" {title} "), Role::Heading);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;
    use crate::console::theme::{ColourDepth, Theme};

    fn opened(size: (u16, u16), inside: (u16, u16)) -> (Vec<String>, bool) {
        let theme = Theme::for_depth(ColourDepth::Mono).unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        let mut painter = Painter::new(&mut buffer, &theme);
        let mut opened = open_dialog(&mut painter, "Approve", inside.0, inside.1);
        let whole = opened.whole;
        if let Some(painter) = &mut opened.painter {
            painter.text(0, 0, "storage v42", Role::Text);
        }
        let row = |y| (0..size.0).map(|x| buffer[(x, y)].symbol()).collect();
        ((0..size.1).map(row).collect(), whole)
    }

    #[test]
    fn stands_in_the_middle_with_its_title() {
        let (lines, whole) = opened((21, 5), (11, 1));
        assert!(whole);
        assert_eq!(
            lines,
            [
                "                     ",
                "   ┌─ Approve ───┐   ",
                "   │ storage v42 │   ",
                "   └─────────────┘   ",
                "                     "
            ]
        );
    }

    #[test]
    fn says_when_it_could_not_have_its_size() {
        assert!(!opened((21, 5), (18, 1)).1);
        assert!(!opened((21, 5), (11, 4)).1);
        assert!(!opened((3, 1), (11, 1)).1);
        assert!(!opened((0, 0), (1, 1)).1);
    }
}
