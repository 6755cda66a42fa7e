//! Capacity: how many instances of a cell may be taken away at once. A step forward keeps what is needed and a reserve; a rollback is
//! never refused, only shaped.

use crate::domain::capacity::{self, Margin, Spare};
use crate::domain::fleet::Fleet;
use crate::domain::id::CellId;
use crate::domain::placement::{Phase, Placement};
use crate::domain::push::Push;
use crate::domain::requirement::RequirementKind;
use crate::domain::rollback::Manner;
use crate::domain::share::Share;
use crate::domain::time::EngineTime;

/// Which way instances are moved: it decides how many at a time and with how much in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Towards a new version, or back to the target after drift.
    Forward,
    /// Towards a new version where the reserve was waived: one at a time.
    Sparing,
    /// Back to the old version.
    Back(Manner),
}

/// Largest part of a cell that goes back at once: a third, so that two thirds serve (as AWS sizes rolling updates to lose one zone of three).
const BACK_BATCH: f64 = 0.33;

impl Pace {
    /// The most instances of a cell of this size that may be on their way at once.
    pub fn batch(self, size: u32) -> u32 {
        match self {
            Self::Forward => capacity::forward_batch(size),
            Self::Sparing => 1,
            Self::Back(Manner::Ordered) => Share::new(BACK_BATCH).floor_of(size).max(1),
            Self::Back(Manner::Fast) => size,
        }
    }

    /// Serving instances kept beyond what the peak needs: two, fewer in cells of under sixteen, none on a fast rollback
    /// or where it was waived.
    pub fn reserve(self, size: u32) -> u32 {
        match self {
            Self::Back(Manner::Fast) | Self::Sparing => 0,
            Self::Forward | Self::Back(Manner::Ordered) => capacity::reserve(size),
        }
    }
}

/// What one service can spare in one cell at a pace.
pub fn spare(fleet: &Fleet, placement: &Placement, cell: &CellId, pace: Pace) -> Spare {
    Spare::of(fleet, placement, cell, pace.reserve(placement.size_in(cell)))
}

/// How many *serving* instances of a cell may be taken away now, given how many are on their way already.
pub fn may_take(fleet: &Fleet, placement: &Placement, cell: &CellId, pace: Pace) -> u32 {
    let allowance = spare(fleet, placement, cell, pace).allowance();
    let out = placement.count_where(cell, |instance| instance.in_flight.is_some() || instance.phase == Phase::Drained);
    match pace {
        // Where even one breaks the margin a rollback goes one at a time, for staying exposed is worse. What it took out before comes
        // back first.
        Pace::Back(_) if allowance == 0 && out == 0 => 1,
        Pace::Forward | Pace::Sparing | Pace::Back(_) => allowance,
    }
}

/// At which pace a push moves a placement forward, and how many serving instances it may take over all cells.
pub fn over_all(fleet: &Fleet, push: &Push, placement: &Placement, now: EngineTime) -> (Pace, u32) {
    let Some(margin) = Margin::of(fleet, placement) else { return (Pace::Forward, u32::MAX) };
    if push.waiver_in_effect(&RequirementKind::Capacity, now).is_none() {
        return (Pace::Forward, margin.allowance());
    }
    let busy = placement.instances().any(|(_, _, instance)| instance.in_flight.is_some());
    (Pace::Sparing, if busy { 0 } else { margin.above_need().min(1) })
}
