//! What a stage can see before it begins: how bad a release would have to be for the stage to tell, and how long that takes.
//!
//! From what the running version does now, cell by cell: requests a second, and the share of them that is bad at each limit. The slice in which
//! the fewest bad events are due is the one that takes longest; it is the one that is told. One in which the running version shows none at all is
//! left out, as long as there is another: a few bad events there speak for themselves.

use super::sequential::{Ahead, Arm, Dispersion, Levels, Margins, Pace, Slice, if_it_were};
use super::series::{Scope, Signals, Span, Window};
use super::stage::{Subject, arm_of};
use crate::domain::environment::Environment;
use crate::domain::fleet::Fleet;
use crate::domain::id::PlacementId;
use crate::domain::push::Move;
use crate::domain::stage::PlannedStage;
use crate::domain::time::{EngineTime, Period};
use crate::domain::verdict::{Bad, Compared};

/// How many times as bad a release may be that is asked about, the worst first.
const RATIOS: [f64; 5] = [10.0, 5.0, 3.0, 2.0, 1.5];
/// Over how much of the past the running version is measured.
const MEASURED_OVER: Period = Period::from_mins(10);
/// The same question has the same answer.
const SEED: u64 = 1;

/// How bad, and after how long nine in ten stages have told; `None` where that is more than a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// So many times as bad as the running version.
    pub ratio: f64,
    /// After so long.
    pub after: Option<Period>,
}

/// What a stage can see.
#[derive(Clone, Debug, PartialEq)]
pub enum Detects {
    /// Its environment has no users: nobody's requests are compared there.
    NoUsers,
    /// All of a service goes over: nothing is left beside it to compare with.
    NothingBeside(Compared),
    /// No limit on errors or latency names anything to compare.
    NothingNamed,
    /// The running version showed no bad event, or was not measured: nobody can tell.
    Unknown {
        /// Where.
        slice: Compared,
        /// Requests that it was measured over.
        requests: u64,
    },
    /// So much.
    Sees {
        /// The slice that takes longest.
        slice: Compared,
        /// From the worst release to the least bad.
        told: Vec<Told>,
        /// How bad a release would be that just crosses the limit, where the running version is well within it.
        limit: Option<Told>,
    },
}

/// A slice of the stage, and what the running version does there.
struct Expected {
    slice: Compared,
    pace: Pace,
    /// The running version's, over the time it was measured.
    measured: Arm,
    allowed: f64,
}

/// What a stage of a push could see, by what runs now.
pub fn of_stage(fleet: &Fleet, signals: &Signals, moves: &[Move], stage: &PlannedStage, now: EngineTime) -> Detects {
    if !fleet.declaration().environment(&stage.environment).is_some_and(Environment::has_users) {
        return Detects::NoUsers;
    }
    let parts = moves.iter().filter(|part| stage.grants.contains_key(&part.service) && part.changes(&stage.environment));
    let all: Vec<Expected> = parts.flat_map(|part| expected(fleet, signals, part, stage, now)).collect();
    let by_due = |a: &&Expected, b: &&Expected| due(a).total_cmp(&due(b));
    let shown = all.iter().filter(|expected| due(expected) > 0.0).min_by(by_due);
    let Some(least) = shown.or(all.first()) else { return Detects::NothingNamed };
    let slice = least.slice.clone();
    if least.pace.old <= 0.0 && least.pace.new > 0.0 {
        return Detects::NothingBeside(slice);
    }
    if due(least) <= 0.0 {
        return Detects::Unknown { slice, requests: least.measured.requests };
    }
    let told = RATIOS.map(|ratio| told(ratio, least.pace, signals.tick_length()));
    let crosses = least.allowed / least.pace.bad;
    let limit = (crosses > 1.25).then(|| self::told(crosses, least.pace, signals.tick_length()));
    Detects::Sees { slice, told: told.into(), limit }
}

/// Bad events a second that are due on the new version if it is as good as the old one.
fn due(expected: &Expected) -> f64 {
    if expected.pace.old > 0.0 { expected.pace.new * expected.pace.bad } else { 0.0 }
}

/// After how long a release so bad is called worse, nine times in ten.
fn told(ratio: f64, pace: Pace, tick: Period) -> Told {
    let slice = Slice::new(Margins::before_calibration(pace.new / (pace.new + pace.old)), Dispersion::default());
    let ahead = [Ahead { slice: &slice, pace, counts: false }];
    Told { ratio, after: if_it_were(ratio, &ahead, Levels::default(), tick, SEED).p90 }
}

fn expected(fleet: &Fleet, signals: &Signals, part: &Move, stage: &PlannedStage, now: EngineTime) -> Vec<Expected> {
    let placement = PlacementId::new(part.service.clone(), stage.environment.clone());
    let Some((old, declared)) = part.from.get(&stage.environment).zip(fleet.declaration().service(&part.service)) else {
        return Vec::new();
    };
    let granted = stage.grants.get(&part.service).into_iter().flatten().filter(|(_, granted)| **granted > 0);
    let cells: Vec<(f64, Window)> = granted
        .filter_map(|(cell, granted)| {
            let size = fleet.placement_by_id(&placement).map_or(0, |placement| placement.size_in(cell));
            let scope = Scope { placement: &placement, cells: Some(std::slice::from_ref(cell)), version: old, journey: None };
            let window = signals.window(&scope, Span { now, over: MEASURED_OVER })?;
            Some((f64::from(*granted) / f64::from(size.max(1)), window))
        })
        .collect();
    let edges = cells.iter().find_map(|(_, window)| window.latency.as_ref()).map_or(&[][..], |latency| latency.edges());
    let subject = Subject {
        service: part.service.clone(),
        environment: stage.environment.clone(),
        new: part.to.version.clone(),
        old: Some(old.clone()),
        objectives: declared.objectives().collect(),
        limits: Vec::new(),
    };
    let named = subject.named(edges).filter_map(|(bad, allowed)| {
        let (mut pace, mut measured) = (Pace { new: 0.0, old: 0.0, bad: 0.0 }, Arm::default());
        for (share, window) in &cells {
            let arm = of_window(window, bad)?;
            let rps = arm.requests as f64 / (signals.tick_length().secs_f64() * window.readings as f64).max(1e-3);
            pace.new += rps * share;
            pace.old += rps * (1.0 - share);
            measured += arm;
        }
        pace.bad = measured.share().unwrap_or(0.0);
        Some(Expected { slice: Compared { service: part.service.clone(), bad }, pace, measured, allowed })
    });
    named.collect()
}

fn of_window(window: &Window, bad: Bad) -> Option<Arm> {
    let latency = window.latency.as_ref().map_or((&[][..], &[][..]), |latency| (latency.edges(), latency.counts()));
    arm_of(bad, Arm::new(window.requests, window.errors), latency)
}
