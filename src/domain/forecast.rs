//! When a push is expected to get where, where people will be needed, and what will be closed before it is through.
//!
//! Everything is *at the earliest*: people are taken to answer when they are asked, numbers to be good, and instances to take as long as
//! is declared. A stage's deadline is no estimate and plays no part. How long each stage takes comes from outside ([`Lengths`]), so that
//! what was measured of earlier pushes can stand in for what is declared.

use serde::{Deserialize, Serialize};

use super::capacity;
use super::fleet::Fleet;
use super::id::{CellId, EnvironmentId, ServiceId};
use super::push::{APPROVAL_LIFE, Push, PushPlan};
use super::schedule::{Closure, Opening};
use super::stage::{Advance, Green, PlannedStage};
use super::time::{EngineTime, Period};

/// How long a stage takes from here on: its whole way, or what is left of it where the push is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Until its last instance has arrived. Stands still while its environment is closed.
    pub moves: Period,
    /// How long it is watched after that.
    pub bakes: Period,
}

/// One stage still to come, or the one the push is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// Its number in the plan.
    pub stage: u32,
    /// When people are asked before it is entered: for an approval, or to let the stage before go on. `None` where nobody is.
    pub asked: Option<EngineTime>,
    /// When it is entered; of the one the push is in, when it was.
    pub enters: EngineTime,
    /// When its last instance has arrived.
    pub arrives: EngineTime,
    /// When it can be left.
    pub leaves: EngineTime,
    /// What it takes.
    pub lengths: Lengths,
}

/// An environment that closes before a push is through it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Which.
    pub environment: EnvironmentId,
    /// What closes it.
    pub by: Closure,
    /// When.
    pub closes: EngineTime,
    /// The first stage that cannot be reached before that, by its name.
    pub stage: String,
}

/// A [`Cut`] with what else is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What is cut.
    pub cut: Cut,
    /// When the environment's last stage would have arrived if it did not close.
    pub through: EngineTime,
    /// The name of that stage.
    pub last: String,
    /// When it opens again; `None` where nothing that is declared opens it.
    pub opens: Option<EngineTime>,
}

/// What is ahead of a push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// The stage it is in and those to come, in order. Ends where an environment never opens.
    pub stages: Vec<Ahead>,
    /// Environments that will close before it is through them, in order.
    pub conflicts: Vec<Conflict>,
}

impl Forecast {
    /// What is cut in an environment, if anything is.
    pub fn conflict_in(&self, environment: &EnvironmentId) -> Option<&Conflict> {
        self.conflicts.iter().find(|conflict| conflict.cut.environment == *environment)
    }

    /// When all of it is done, at the earliest.
    pub fn done(&self) -> Option<EngineTime> {
        self.stages.last().map(|last| last.leaves)
    }
}

/// What is ahead of a push that goes forward, by what is declared. A stop counts as if it ended now.
pub fn of_push(fleet: &Fleet, push: &Push, now: EngineTime) -> Forecast {
    with(fleet, push, now, |stage| declared(fleet, push, stage, now))
}

/// What would be ahead of a push that has not begun.
pub fn of_plan(fleet: &Fleet, plan: &PushPlan, now: EngineTime) -> Forecast {
    of_push(fleet, &Push::requested(plan.clone()), now)
}

/// What is ahead of a push, by somebody's idea of how long each stage takes.
pub fn with(fleet: &Fleet, push: &Push, now: EngineTime, lengths: impl Fn(u32) -> Lengths) -> Forecast {
    if !push.is_forward() {
        return Forecast::default();
    }
    let mut stages: Vec<Ahead> = Vec::new();
    let mut free = now;
    for (number, stage) in (0..).zip(&push.plan.stages).skip(push.cursor.stage.unwrap_or(0) as usize) {
        let here = push.cursor.stage == Some(number);
        let schedule = fleet.declaration().schedule(&stage.environment, Some(&push.plan.group));
        let bound = !(here && push.cursor.exempt);
        let lengths = lengths(number);
        let Some(enters) = (if here { Some(push.cursor.entered) } else { schedule.opens(free) }) else { break };
        let there = stages.last().map_or(now, |before| before.arrives.max(now));
        let asked = if here { None } else { asked(push, number, stage, (there, enters)) };
        let begins = enters.max(now);
        let Some(arrives) = (if bound { schedule.after(begins, lengths.moves) } else { Some(begins + lengths.moves) }) else {
            break;
        };
        let arrives = if lengths.moves.is_zero() { begins } else { arrives };
        free = arrives + lengths.bakes;
        stages.push(Ahead { stage: number, asked, enters, arrives, leaves: free, lengths });
    }
    let conflicts = conflicts(fleet, push, &stages, now);
    Forecast { stages, conflicts }
}

/// When people are asked before a stage: between the moment all of the one before it have arrived, and the one it could be entered.
fn asked(push: &Push, number: u32, stage: &PlannedStage, (there, enters): (EngineTime, EngineTime)) -> Option<EngineTime> {
    let is_next = push.next_index() == Some(number);
    let left_by_hand = number
        .checked_sub(1)
        .and_then(|before| push.plan.stages.get(before as usize))
        .is_some_and(|before| before.advance == Advance::Hand);
    let given = push.approvals.iter().filter(|approval| is_next && approval.is_for(push)).count() as u32;
    if stage.approval.as_ref().is_some_and(|rule| given < rule.needed) {
        // It is asked for a little ahead, but not before the push is there.
        return Some((enters - APPROVAL_LIFE).max(there));
    }
    (left_by_hand && !(is_next && push.promoted.is_some())).then_some(enters)
}

/// How long a stage takes, by what is declared: one sibling after the other, each in batches of a tenth of a cell, or of what the cell
/// can spare at its peak if that is less.
pub fn declared(fleet: &Fleet, push: &Push, number: u32, now: EngineTime) -> Lengths {
    let Some(stage) = push.plan.stages.get(number as usize) else { return Lengths::default() };
    let here = push.cursor.stage == Some(number);
    let before = number
        .checked_sub(1)
        .and_then(|before| push.plan.stages.get(before as usize))
        .filter(|before| before.environment == stage.environment);
    let there = |service: &ServiceId, cell: &CellId| {
        if !here {
            return before.map_or(0, |before| before.grant(service, cell));
        }
        let (placement, part) = (fleet.placement(service, &stage.environment), push.move_of(service));
        placement
            .zip(part)
            .map_or(0, |(placement, part)| placement.count_where(cell, |instance| instance.is_settled_on(&part.to.version)))
    };
    let arrived = here && push.cursor.arrived.is_some();
    let moves = stage.grants.keys().map(|service| if arrived { Period::ZERO } else { moves(fleet, stage, service, &there) });
    Lengths {
        moves: moves.fold(Period::ZERO, |sum, each| sum + each),
        bakes: if here { stage.bake.less(push.cursor.bake.elapsed(now)) } else { stage.bake },
    }
}

/// How long one sibling takes to where a stage allows it; its cells move at the same time.
fn moves(fleet: &Fleet, stage: &PlannedStage, service: &ServiceId, there: &dyn Fn(&ServiceId, &CellId) -> u32) -> Period {
    let (Some(declared), Some(placement), Some(cells)) =
        (fleet.declaration().service(service), fleet.placement(service, &stage.environment), stage.grants.get(service))
    else {
        return Period::ZERO;
    };
    match stage.green {
        // All of green is installed at once, and nobody waits for it.
        Some(Green::Warm) => return declared.install,
        // Green is running: it is put in, and as many of blue let their requests run out.
        Some(Green::Weight | Green::All { .. }) => return declared.drain,
        None => {}
    }
    let batches = cells.iter().map(|(cell, granted)| {
        let size = placement.size_in(cell);
        let spare = size.saturating_sub(fleet.needed_in(&placement.id, cell) + capacity::reserve(size));
        granted.saturating_sub(there(service, cell)).div_ceil(capacity::forward_batch(size).min(spare).max(1))
    });
    (declared.drain + declared.install) * batches.max().unwrap_or(0)
}

/// The environments that close before the push is through them.
fn conflicts(fleet: &Fleet, push: &Push, ahead: &[Ahead], now: EngineTime) -> Vec<Conflict> {
    let of = |ahead: &Ahead| push.plan.stages.get(ahead.stage as usize);
    let mut found: Vec<Conflict> = Vec::new();
    for first in ahead {
        let Some(environment) = of(first).map(|stage| &stage.environment) else { continue };
        let is_first = ahead.iter().find(|other| of(other).is_some_and(|stage| stage.environment == *environment)) == Some(first);
        let schedule = fleet.declaration().schedule(environment, Some(&push.plan.group));
        if !is_first || schedule.is_empty() {
            continue;
        }
        let here: Vec<&Ahead> =
            ahead.iter().filter(|other| of(other).is_some_and(|stage| stage.environment == *environment)).collect();
        let begins = first.enters.max(now);
        let (closes, by) = match schedule.at(begins) {
            Opening::Open { closes: Some(found) } => found,
            Opening::Open { closes: None } => continue,
            Opening::Shut(shut) => (shut.since, shut.by),
        };
        // How it would go on if nothing closed: the first that then would come too late is the first that is cut.
        let (mut at, mut cut) = (begins, None);
        for stage in &here {
            let arrives = at + stage.lengths.moves;
            let is_there = stage.lengths.moves.is_zero() && push.cursor.stage == Some(stage.stage);
            if cut.is_none() && !is_there && arrives > closes {
                cut = of(stage).map(|stage| stage.name.clone());
            }
            at = if Some(stage) == here.last() { arrives } else { arrives + stage.lengths.bakes };
        }
        let (Some(stage), Some(last)) = (cut, here.last().and_then(|last| of(last))) else { continue };
        let opens = schedule.opens(closes.max(now));
        let cut = Cut { environment: environment.clone(), by, closes, stage };
        found.push(Conflict { cut, through: at, last: last.name.clone(), opens });
    }
    found
}

/// The environment a push is in, where that closes, or has closed, before the push is through: a person's decision is due.
pub fn cut_here(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Conflict> {
    let stage = push.stage()?;
    let schedule = fleet.declaration().schedule(&stage.environment, Some(&push.plan.group));
    // What somebody let in although it was closed has been decided about.
    let decided = push.cursor.exempt && schedule.shut(now).is_some();
    if !push.is_forward() || push.rejection.is_some() || schedule.is_empty() || decided {
        return None;
    }
    of_push(fleet, push, now).conflict_in(&stage.environment).cloned()
}
