//! What a cell can spare: instances that serve, less those the declared peak needs and a reserve.

use super::fleet::Fleet;
use super::id::CellId;
use super::placement::{Instance, Placement};
use super::share::Share;

/// Serving instances kept beyond what the peak needs: two, fewer in cells of under sixteen.
pub const fn reserve(size: u32) -> u32 {
    let eighth = size / 8;
    if eighth < 2 { eighth } else { 2 }
}

/// Largest part of a cell that moves forward at once.
const FORWARD_BATCH: f64 = 0.10;

/// The most instances of a cell of this size that may be on their way forward at once.
pub fn forward_batch(size: u32) -> u32 {
    Share::new(FORWARD_BATCH).ceil_of(size).max(1)
}

/// What a cell can spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spare {
    /// Instances that serve and to which nothing is being done.
    pub counted_on: u32,
    /// Instances that must serve at the peak.
    pub needed: u32,
    /// Kept beyond that.
    pub reserve: u32,
}

impl Spare {
    /// Of one service in one cell, with so many kept in reserve.
    pub fn of(fleet: &Fleet, placement: &Placement, cell: &CellId, reserve: u32) -> Self {
        Self {
            counted_on: placement.count_where(cell, Instance::can_be_counted_on),
            needed: fleet.needed_in(&placement.id, cell),
            reserve,
        }
    }

    /// How many serving instances may be taken away.
    pub fn allowance(self) -> u32 {
        self.counted_on.saturating_sub(self.needed + self.reserve)
    }
}
