//! What a frame shows: where what can be pointed at was drawn, and what is cut.

use ratatui::layout::{Position, Rect};

use crate::console::model::Spot;
use crate::console::theme::Glyph;

/// What a painter reports of what it drew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What can be pointed at.
    pub regions: Vec<Region>,
    /// What is cut, and in which row of the whole screen.
    pub cuts: Vec<(u16, Parted)>,
}

/// What was drawn where, so that a click finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The cells, in the coordinates of the whole screen.
    pub area: Rect,
    /// What is there.
    pub spot: Spot,
}

/// What is drawn at these cells; the last one drawn lies on top.
pub fn spot_at(regions: &[Region], column: u16, row: u16) -> Option<&Spot> {
    regions.iter().rev().find(|region| region.area.contains(Position::new(column, row))).map(|region| &region.spot)
}

/// A text of which only a part is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parted {
    /// What its row begins with, where that is not the text itself: `Else`, `p99.9`.
    pub head: String,
    /// All of the text; what blanks keep apart in it is parted by semicolons.
    pub text: String,
}

impl Parted {
    /// A text, without the blanks that only place it; `None` where there are no words in it, such as a curve.
    pub fn of(head: &str, text: &str) -> Option<Self> {
        let says = |part: &&str| part.contains(char::is_alphanumeric);
        // The bar of the selection is no part of what it stands beside.
        let text = text.trim_start_matches(Glyph::Cursor.symbol());
        let parts: Vec<_> = text.split("  ").map(str::trim).filter(says).collect();
        let head = head.trim_matches(|character: char| !character.is_alphanumeric()).to_owned();
        (!parts.is_empty()).then(|| Self { head, text: parts.join("; ") })
    }
}
