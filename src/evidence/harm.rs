//! Counting harm: what the new version failed or delayed beyond what the old one would have.
//!
//! Per tick and cell, with n and x the new version's requests and its bad ones, the harm is `x − n · ratio`, where `ratio` is the
//! old version's share of bad requests.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::histogram::Histogram;
use super::reading::{Batch, Reading};
use super::series::{Scope, Signals, Span};
use crate::domain::harm::Harm;
use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::time::{EngineTime, Period};

/// How far back the old version's ratio is taken: long enough to be steady, short enough to follow the time of day.
const BASELINE: Period = Period::from_mins(5);

/// How many requests make a ratio steady enough to hold the new version to. The last few of a version that is going away would
/// have one failure stand for all.
const STEADY: u64 = 1_000;

/// The time the rate per minute is taken over.
const RATE: Period = Period::from_mins(1);

/// One service's two versions in one environment, as a push sees them.
#[derive(Clone, Copy, Debug)]
pub struct Arms<'a> {
    /// The service and where.
    pub placement: &'a PlacementId,
    /// The version that was there.
    pub old: &'a Version,
    /// The version that is coming.
    pub new: &'a Version,
    /// The latency in seconds above which a request is slow: the limit of the p99.9 threshold. Counted at the nearest bucket edge
    /// at or below it; `None` where none is declared, and then nothing is slow.
    pub slow: Option<f64>,
}

/// The harm one push has done so far, over all its services. All of it can be written down and taken up again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HarmTally {
    failed: f64,
    slow: f64,
    requests: u64,
    usual_failed: f64,
    usual_slow: f64,
    recent: VecDeque<Recent>,
    /// The old version's ratios when it last had traffic.
    last_known: BTreeMap<PlacementId, Ratios>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Recent {
    at: EngineTime,
    over: Period,
    failed: f64,
    slow: f64,
}

/// The old version's shares of bad requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Ratios {
    failed: f64,
    slow: f64,
    /// Requests they are from.
    n: u64,
}

impl Ratios {
    fn are_steady(&self) -> bool {
        self.n >= STEADY
    }
}

impl HarmTally {
    /// Adds a tick of the services of a push. `signals` must have taken the batch already. A batch that is not later than the last
    /// one is left aside.
    ///
    /// The old version's ratio is that of its last five minutes in the same cell; where it had too little traffic there, in all
    /// cells; where that is too little as well, the last one known; where none is, that of the little traffic there was; and
    /// where there was none, 0: every bad request is then the new version's.
    pub fn add(&mut self, batch: &Batch, signals: &Signals, services: &[Arms<'_>]) {
        if self.recent.back().is_some_and(|last| batch.at <= last.at) {
            return;
        }
        let mut tick = Recent { at: batch.at, over: batch.over, failed: 0.0, slow: 0.0 };
        for arms in services {
            let elsewhere = self.baseline(signals, arms, batch.at);
            for reading in batch.readings.iter().filter(|reading| is_of(reading, arms)) {
                let cells = std::slice::from_ref(&reading.cell);
                let here = ratios(signals, arms, Some(cells), batch.at).filter(Ratios::are_steady);
                let ratios = here.unwrap_or(elsewhere);
                let usual = reading.requests as f64 * ratios.failed;
                tick.failed += reading.errors as f64 - usual;
                self.usual_failed += usual;
                if let Some((slow, timed)) = slow_requests(batch, reading, arms.slow) {
                    let usual = timed as f64 * ratios.slow;
                    tick.slow += slow as f64 - usual;
                    self.usual_slow += usual;
                }
                self.requests += reading.requests;
            }
        }
        self.failed += tick.failed;
        self.slow += tick.slow;
        self.recent.push_back(tick);
        while self.recent.front().is_some_and(|oldest| oldest.at + RATE <= batch.at) {
            self.recent.pop_front();
        }
    }

    /// The harm so far, and per minute over the minute before `now`.
    pub fn harm(&self, now: EngineTime) -> Harm {
        let lately = self.recent.iter().filter(|tick| tick.at > now - RATE && tick.at <= now);
        let (failed, slow, time) =
            lately.fold((0.0, 0.0, Period::ZERO), |sum, tick| (sum.0 + tick.failed, sum.1 + tick.slow, sum.2 + tick.over));
        let per_min = |harm: f64| if time.is_zero() { 0.0 } else { harm.max(0.0) * 60.0 / time.secs_f64() };
        Harm {
            failed: self.failed.max(0.0),
            slow: self.slow.max(0.0),
            failed_per_min: per_min(failed),
            slow_per_min: per_min(slow),
            requests: self.requests,
            usual_failed: self.usual_failed,
            usual_slow: self.usual_slow,
        }
    }

    /// The old version's ratios over all cells, kept while they are steady, or else the last that were.
    fn baseline(&mut self, signals: &Signals, arms: &Arms<'_>, now: EngineTime) -> Ratios {
        let lately = ratios(signals, arms, None, now);
        if let Some(steady) = lately.filter(Ratios::are_steady) {
            self.last_known.insert(arms.placement.clone(), steady);
        }
        self.last_known.get(arms.placement).copied().or(lately).unwrap_or_default()
    }
}

fn is_of(reading: &Reading, arms: &Arms<'_>) -> bool {
    reading.service == arms.placement.service && reading.environment == arms.placement.environment && reading.version == *arms.new
}

/// The old version's ratios in some cells over the last minutes; `None` where it had no traffic.
fn ratios(signals: &Signals, arms: &Arms<'_>, cells: Option<&[CellId]>, now: EngineTime) -> Option<Ratios> {
    let scope = Scope { placement: arms.placement, cells, version: arms.old, journey: None };
    let window = signals.window(&scope, Span { now, over: BASELINE }).filter(|window| window.requests > 0)?;
    let slow = window.latency.as_ref().and_then(|latency| {
        let (_, slow) = latency.exceeding(arms.slow?)?;
        (latency.total() > 0).then(|| slow as f64 / latency.total() as f64)
    });
    let n = window.requests;
    Some(Ratios { failed: window.errors as f64 / n as f64, slow: slow.unwrap_or(0.0), n })
}

/// How many of a reading's timed requests were slow, and how many were timed.
fn slow_requests(batch: &Batch, reading: &Reading, limit: Option<f64>) -> Option<(u64, u64)> {
    let mut histogram = Histogram::new(batch.edges.clone());
    let (_, slow) = histogram.add(&reading.latency).then(|| histogram.exceeding(limit?)).flatten()?;
    Some((slow, histogram.total()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A tick's counts: cell, version, requests, errors, slow.
    type Counts<'a> = (&'a str, &'a str, u64, u64, u64);

    fn run(ticks: &[&[Counts<'_>]]) -> HarmTally {
        let placement: PlacementId = "auth@production".parse().unwrap();
        let (old, new) = (Version::new("v41"), Version::new("v42"));
        let (mut signals, mut tally) = (Signals::default(), HarmTally::default());
        for (second, tick) in (1..).zip(ticks) {
            let readings = tick.iter().map(|(cell, version, requests, errors, slow)| Reading {
                service: placement.service.clone(),
                environment: placement.environment.clone(),
                cell: CellId::new(cell),
                version: Version::new(version),
                requests: *requests,
                errors: *errors,
                latency: vec![requests - slow, *slow],
                cpu: None,
                memory: None,
                saturation: None,
                up: 1,
            });
            let batch = Batch {
                at: EngineTime::from_millis(second * 10_000),
                over: Period::from_secs(10),
                edges: Arc::from([0.5]),
                readings: readings.collect(),
                ..Batch::default()
            };
            signals.ingest(&batch);
            let arms = [Arms { placement: &placement, old: &old, new: &new, slow: Some(0.6) }];
            tally.add(&batch, &signals, &arms);
            tally.add(&batch, &signals, &arms);
        }
        tally
    }

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
    }

    #[test]
    fn harm_is_what_the_old_version_would_not_have_done() {
        let tick: &[Counts<'_>] = &[("eu", "v41", 1_000, 10, 5), ("eu", "v42", 100, 4, 1)];
        let tally = run(&[tick, tick]);
        let harm = tally.harm(EngineTime::from_millis(20_000));
        close(harm.failed, 6.0);
        close(harm.slow, 1.0);
        close(harm.failed_per_min, 18.0);
        assert_eq!(harm.requests, 200);
        close(tally.harm(EngineTime::from_millis(200_000)).failed_per_min, 0.0);
    }

    #[test]
    fn the_ratio_comes_from_the_same_cell_or_the_others_or_the_last_known() {
        let tally = run(&[
            &[("eu", "v41", 1_000, 500, 0), ("us", "v41", 1_000, 100, 0), ("us", "v42", 10, 1, 0)],
            &[("cn", "v42", 10, 3, 0)],
        ]);
        close(tally.harm(EngineTime::from_millis(20_000)).failed, 0.0);

        let mut gone: Vec<&[Counts<'_>]> = vec![&[("eu", "v41", 1_000, 100, 0)]];
        gone.resize(40, &[]);
        gone.push(&[("eu", "v42", 100, 15, 0)]);
        close(run(&gone).harm(EngineTime::from_millis(410_000)).failed, 5.0);
    }

    #[test]
    fn the_last_few_requests_of_the_old_version_are_no_yardstick() {
        let mut going: Vec<&[Counts<'_>]> = vec![&[("eu", "v41", 1_000, 100, 0)]];
        going.resize(40, &[]);
        going.push(&[("eu", "v41", 2, 2, 0), ("eu", "v42", 100, 15, 0)]);
        close(run(&going).harm(EngineTime::from_millis(410_000)).failed, 5.0);
    }

    #[test]
    fn noise_below_nothing_is_shown_as_nothing() {
        let harm = run(&[&[("eu", "v41", 100, 10, 10), ("eu", "v42", 100, 0, 0)]]).harm(EngineTime::from_millis(10_000));
        assert_eq!((harm.failed, harm.slow, harm.failed_per_min), (0.0, 0.0, 0.0));
    }

    #[test]
    fn a_tally_can_be_written_down_and_taken_up_again() {
        let tally = run(&[&[("eu", "v41", 100, 1, 1), ("eu", "v42", 100, 4, 4)]]);
        let read: HarmTally = serde_json::from_str(&serde_json::to_string(&tally).unwrap()).unwrap();
        assert_eq!(read, tally);
    }
}
