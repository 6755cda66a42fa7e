//! What a cell, and an environment as a whole, can spare: instances that serve, less those the declared peak needs and a reserve.

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

/// What a service has in hand over a whole environment, so that it would bear losing its largest cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// Instances that serve and to which nothing is being done.
    pub ready: u32,
    /// Instances that must serve at the declared peak of the environment.
    pub needed: u32,
    /// Kept beyond that: two, or as many as the largest cell has, whichever is more.
    pub reserve: u32,
}

impl Margin {
    /// Of one service in one environment. `None` where only the cells' own rule holds: in unprotected environments and in those of one
    /// cell, the loss of which no reserve would make up for.
    pub fn of(fleet: &Fleet, placement: &Placement) -> Option<Self> {
        let environment = fleet.declaration.environment(&placement.id.environment)?;
        if !environment.protected || placement.cells.len() < 2 {
            return None;
        }
        let largest = placement.cells.keys().map(|cell| placement.size_in(cell)).max().unwrap_or(0);
        Some(Self {
            ready: placement.instances().filter(|(_, _, instance)| instance.can_be_counted_on()).count() as u32,
            needed: fleet.needed(&placement.id),
            reserve: largest.max(2),
        })
    }

    /// How many may be taken away while the reserve is kept.
    pub const fn allowance(self) -> u32 {
        self.ready.saturating_sub(self.needed + self.reserve)
    }

    /// How many may be taken away where the reserve was waived.
    pub const fn above_need(self) -> u32 {
        self.ready.saturating_sub(self.needed)
    }
}
