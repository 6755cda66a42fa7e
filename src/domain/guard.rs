//! Capacity: how many instances of a cell may be taken away at once. A step forward keeps what is needed and a reserve; a rollback is
//! never refused, only shaped.

use super::capacity::{self, Margin, Spare};
use super::fleet::Fleet;
use super::id::CellId;
use super::placement::{Instance, Phase, Placement};
use super::push::Push;
use super::requirement::RequirementKind;
use super::rollback::Manner;
use super::share::Share;
use super::time::EngineTime;

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
pub fn may_take(fleet: &Fleet, placement: &Placement, cell: &CellId, pace: Pace, now: EngineTime) -> u32 {
    let allowance = spare(fleet, placement, cell, pace).allowance();
    match pace {
        // Where even one breaks the margin a rollback goes one at a time, for staying exposed is worse. What it took out before comes
        // back first, unless it never comes up.
        Pace::Back(_) if allowance == 0 && out(fleet, placement, cell, now) == 0 && is_worth_it(fleet, placement, cell, now) => 1,
        Pace::Forward | Pace::Sparing | Pace::Back(_) => allowance,
    }
}

/// Instances of a cell that are out and expected to serve again: being moved, or drained. One that was given up on is not among them.
fn out(fleet: &Fleet, placement: &Placement, cell: &CellId, now: EngineTime) -> u32 {
    let usual = fleet.usual_task(&placement.id.service);
    // What is on the green side comes back only where it is asked to.
    let comes_back = |index: u32, instance: &Instance| {
        let drained = instance.phase == Phase::Drained && placement.is_blue(cell, index);
        !instance.is_given_up(usual, now) && (instance.is_coming_back() || drained)
    };
    let here = placement.instances().filter(|(at, ..)| *at == cell);
    here.filter(|(_, index, instance)| comes_back(*index, instance)).count() as u32
}

/// How many instances of a cell were given up on.
pub fn given_up(fleet: &Fleet, placement: &Placement, cell: &CellId, now: EngineTime) -> u32 {
    let usual = fleet.usual_task(&placement.id.service);
    placement.count_where(cell, |instance| instance.is_given_up(usual, now))
}

/// Whether a cell with nothing to spare goes on although instances of it did not come up. Each that dies costs capacity for good, so it
/// does as long as the old version comes up more often than not, and no more than a third of the cell has died: if it does not come up
/// at all, one after another would take the whole cell away.
fn is_worth_it(fleet: &Fleet, placement: &Placement, cell: &CellId, now: EngineTime) -> bool {
    let dead = given_up(fleet, placement, cell, now);
    let back = placement.count_where(cell, |instance| instance.is_settled_on(&placement.base));
    dead <= back + 1 && dead <= Pace::Back(Manner::Ordered).batch(placement.size_in(cell))
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
