//! What serves is enough for the declared peak and a reserve, over the whole environment and in each cell, while the next instances are
//! taken: of the step that is being taken, and of the next one once all have arrived.

use super::super::capacity::{self, Margin, Spare};
use super::super::fleet::Fleet;
use super::super::id::CellId;
use super::super::placement::Placement;
use super::super::push::{Move, Push};
use super::super::stage::PlannedStage;
use super::super::time::EngineTime;
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Requirement> {
    let taking = push.stage().filter(|_| push.cursor.arrived.is_none());
    let stage = taking.or_else(|| push.next_stage())?;
    let parts = push.plan.moves.iter().filter_map(|part| {
        let placement = fleet.placement(&part.service, &stage.environment)?;
        Some((part, placement, Margin::of(fleet, placement)?))
    });
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() {
        return None;
    }
    let worst = parts
        .into_iter()
        .filter_map(|(part, placement, margin)| Asked::of(fleet, stage, part, placement, margin))
        .min_by_key(|asked| (asked.offered.min(1), asked.spare));
    let (found, why) = match &worst {
        None => (RequirementState::Met, "nothing more is taken out for this step".to_owned()),
        Some(asked) if asked.offered == 0 => (RequirementState::Unmet, asked.refusal()),
        Some(asked) => (RequirementState::Met, asked.offer()),
    };
    let owners = fleet.declaration.group(&push.plan.group).map(|group| group.owners.to_string()).unwrap_or_default();
    let waived = push.waiver_in_effect(&RequirementKind::Capacity, now).is_some();
    let who = if waived {
        "the engine, one instance at a time".to_owned()
    } else {
        format!("whoever brings instances up; somebody of {owners} can waive the reserve")
    };
    Some(Requirement { kind: RequirementKind::Capacity, state: found, why, who, due: None, usually: None })
}

/// What a step asks of one service, and what can be given.
struct Asked<'f> {
    part: &'f Move,
    margin: Margin,
    /// How many would be taken at once where there is room enough.
    usual: u32,
    /// How many can be taken at once.
    offered: u32,
    /// What is left beyond need and reserve while those are out.
    spare: u32,
    /// Where a cell alone has no room.
    short: Option<(&'f CellId, Spare)>,
}

impl<'f> Asked<'f> {
    fn of(fleet: &'f Fleet, stage: &'f PlannedStage, part: &'f Move, placement: &'f Placement, margin: Margin) -> Option<Self> {
        let cells = stage.grants.get(&part.service)?;
        let missing = |cell: &CellId, granted: u32| {
            granted.saturating_sub(placement.count_where(cell, |instance| *instance.heading_for() == part.to.version))
        };
        let taken: Vec<(&CellId, u32)> =
            cells.iter().map(|(cell, granted)| (cell, missing(cell, *granted))).filter(|(_, missing)| *missing > 0).collect();
        if taken.is_empty() {
            return None;
        }
        let usual = taken.iter().map(|(cell, missing)| capacity::forward_batch(placement.size_in(cell)).min(*missing)).sum();
        let short = taken.iter().find_map(|(cell, _)| {
            let coming = placement.count_where(cell, |instance| instance.in_flight.is_some());
            let spare = Spare::of(fleet, placement, cell, capacity::reserve(placement.size_in(cell)));
            let spare = Spare { counted_on: spare.counted_on + coming, ..spare };
            (spare.allowance() == 0).then_some((*cell, spare))
        });
        // What is under way comes back: a batch is no shortage.
        let coming = placement.instances().filter(|(_, _, instance)| instance.in_flight.is_some()).count() as u32;
        let margin = Margin { ready: margin.ready + coming, ..margin };
        let offered = if short.is_some() { 0 } else { margin.allowance().min(usual) };
        Some(Self { part, margin, usual, offered, spare: margin.allowance().saturating_sub(offered), short })
    }

    fn refusal(&self) -> String {
        let Self { part, margin, .. } = self;
        match self.short {
            Some((cell, Spare { counted_on, needed, reserve })) if margin.allowance() > 0 => format!(
                "{} in {cell}: {counted_on} are ready; the peak needs {needed} there, reserve {reserve}: not one can be taken",
                part.service
            ),
            _ => format!(
                "{}: {} are ready; the peak needs {}, reserve {}: not one can be taken",
                part.service, margin.ready, margin.needed, margin.reserve
            ),
        }
    }

    fn offer(&self) -> String {
        let Self { part, margin, usual, offered, spare, .. } = self;
        let smaller = if offered < usual { format!(" instead of {usual}") } else { String::new() };
        format!(
            "{}: batches of {offered}{smaller} keep {} ready; the peak needs {}, reserve {}: {spare} spare",
            part.service,
            margin.ready - offered,
            margin.needed,
            margin.reserve
        )
    }
}
