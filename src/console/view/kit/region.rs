//! Where on the screen what can be pointed at was drawn.

use ratatui::layout::{Position, Rect};

use crate::console::model::Spot;

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
