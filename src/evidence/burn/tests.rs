use std::sync::Arc;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Poisson};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::domain::environment::Cell;
use crate::domain::slo::{LatencyObjective, Slo};
use crate::domain::tiny;
use crate::evidence::reading::Reading;

/// Requests, failed ones, and those slower than 250 ms.
type Tick = (u64, u64, u64);

const WELL: Tick = (600, 0, 0);

fn declaration() -> Declaration {
    let mut declared = tiny::declaration("production", 1);
    declared.environments[0].cells = vec![Cell::new("eu".into(), 1.0, 9), Cell::new("us".into(), 1.0, 9)];
    let latency = vec![LatencyObjective::of(99.0, 0.3)];
    declared.services[0].slo = Slo { availability: 0.999, window_days: 30, budget_left: 1.0, latency };
    declared
}

fn placement() -> PlacementId {
    PlacementId::new("cart".into(), "production".into())
}

struct Told {
    ledger: BurnLedger,
    declared: Declaration,
    at: EngineTime,
}

impl Told {
    fn new() -> Self {
        Self { ledger: BurnLedger::default(), declared: declaration(), at: EngineTime::from_millis(0) }
    }

    /// Ten seconds in which each arm, `cell/version`, did so much.
    fn tick(&mut self, arms: &[(&str, Tick)]) {
        self.at = self.at + Period::from_secs(10);
        let reading = |(arm, (requests, errors, slow)): &(&str, Tick)| {
            let (cell, version) = arm.split_once('/').unwrap();
            Reading {
                service: "cart".into(),
                environment: "production".into(),
                cell: cell.into(),
                version: version.into(),
                requests: *requests,
                errors: *errors,
                latency: vec![requests - slow, *slow, 0],
                cpu: None,
                memory: None,
                saturation: None,
                up: 1,
            }
        };
        let (at, over) = (self.at, Period::from_secs(10));
        let readings = arms.iter().map(reading).collect();
        let batch = Batch { at, over, edges: Arc::from([0.25, 1.0]), readings, ..Batch::default() };
        self.ledger.ingest(&batch, &self.declared);
    }

    fn minutes(&mut self, minutes: u32, arms: &[(&str, Tick)]) {
        (0..minutes * 6).for_each(|_| self.tick(arms));
    }

    fn objectives(&self) -> Vec<Objective> {
        self.declared.services[0].objectives().collect()
    }

    fn found(&self) -> Vec<(Budget, Option<Burn>)> {
        let arms = Arms { placement: &placement(), new: &"v2".into(), old: &"v1".into() };
        self.ledger.burns(arms, &self.objectives(), self.at)
    }

    /// What burns, told.
    fn told(&self) -> Vec<String> {
        let burns = self.found().into_iter().filter_map(|(_, burn)| burn);
        burns.map(|burn| format!("{burn}{}", if burn.is_shared() { ", shared" } else { "" })).collect()
    }
}

#[test]
fn what_fails_all_the_time_burns_once_it_has_burned_as_much_as_the_rate_means_in_the_whole_window() {
    let mut told = Told::new();
    // A tenth fails: 100×. That is 14.4× over an hour after 8 min 38 s, and by more than chance soon after.
    told.minutes(8, &[("eu/v2", (600, 60, 0))]);
    assert_eq!(told.told(), [""; 0]);
    told.minutes(2, &[("eu/v2", (600, 60, 0))]);
    assert_eq!(told.told(), ["availability of cart v2 in eu: budget burn 17× over 1 h, and over the last 5 min"]);
    // It stops: the short window says so within six minutes, although the long one still holds it all.
    told.minutes(6, &[("eu/v2", WELL)]);
    assert_eq!(told.told(), [""; 0]);
}

#[test]
fn a_slow_burn_is_seen_over_six_hours_and_a_slower_one_is_not() {
    let hours = |failed: u64| {
        let mut told = Told::new();
        told.minutes(6 * 60, &[("eu/v2", (1_000, failed, 0))]);
        told.told()
    };
    assert_eq!(hours(7), ["availability of cart v2 in eu: budget burn 7× over 6 h, and over the last 30 min"]);
    assert_eq!(hours(5), [""; 0]);
}

#[test]
fn latency_is_counted_at_the_edge_next_to_the_limit() {
    let mut told = Told::new();
    told.minutes(20, &[("eu/v2", (600, 0, 300))]);
    assert_eq!(told.told(), ["p99 of cart v2 in eu: budget burn 17× over 1 h, and over the last 5 min"]);
}

#[test]
fn few_requests_are_no_burn() {
    let mut told = Told::new();
    told.minutes(60, &[("eu/v2", (0, 0, 0))]);
    told.tick(&[("eu/v2", (3, 1, 0))]);
    let errors = told.objectives()[0];
    let span = Span { now: told.at, over: Period::from_mins(60) };
    let rate = told.ledger.rate((&placement(), &"v2".into()), None, &errors, span);
    assert!(rate.is_some_and(|rate| rate > 300.0), "{rate:?}");
    assert_eq!(told.told(), [""; 0], "one of three failed");
    told.tick(&[("eu/v2", (3, 3, 0))]);
    assert_eq!(told.told().len(), 1, "four of six did, which is no chance at 14.4×");
}

#[test]
fn nothing_read_is_neither_burning_nor_kept() {
    let mut told = Told::new();
    assert_eq!(told.found(), []);
    told.minutes(20, &[("eu/v2", (600, 60, 0))]);
    assert_eq!(told.found().len(), 2);
    told.minutes(10, &[("eu/v1", WELL)]);
    assert_eq!(told.found(), [], "v2 was not read in five minutes");
    told.minutes(6 * 60, &[("eu/v1", WELL)]);
    assert!(told.ledger.arms[&placement()].keys().all(|(_, version)| version.as_str() == "v1"));
    // Neither is a staging environment, whose users are nobody.
    told.declared.environments[0].cells.iter_mut().for_each(|cell| cell.users = 0);
    let before = told.ledger.arms[&placement()].clone();
    told.minutes(1, &[("us/v1", WELL)]);
    assert_eq!(told.ledger.arms[&placement()].len(), before.len());
}

#[test]
fn what_the_old_version_beside_it_does_too_is_shared() {
    let mut told = Told::new();
    told.minutes(60, &[("eu/v1", WELL)]);
    let fault = |new: u64, old: u64| [("eu/v2", (60, new, 0)), ("eu/v1", (600, old, 0))];
    told.minutes(12, &fault(6, 60));
    assert_eq!(told.told(), ["availability of cart v2 in eu: budget burn 20× over 1 h, and over the last 5 min, shared"]);
    let beside = told.found()[0].1.as_ref().and_then(|burn| burn.beside);
    assert!(beside.is_some_and(|beside| (beside - 100.0).abs() < 1e-6), "{beside:?}");
    // The old one is well again, and the new one is not.
    told.minutes(6, &fault(6, 0));
    assert_eq!(told.told(), ["availability of cart v2 in eu: budget burn 30× over 1 h, and over the last 5 min"]);
    // Both fail, the new one twice as often: that half of it is its own.
    told.minutes(6, &fault(12, 60));
    assert!(!told.told()[0].ends_with("shared"), "{:?}", told.told());
}

#[test]
fn a_fault_of_one_cell_is_not_the_version_s_that_has_its_requests_there() {
    let mut told = Told::new();
    let cells = [("eu/v2", (600, 120, 0)), ("eu/v1", (600, 120, 0)), ("us/v1", (6_000, 0, 0))];
    told.minutes(20, &cells);
    assert!(told.told()[0].ends_with("shared"), "{:?}", told.told());
    // In the other cell it fails alone: that is what counts.
    let cells = [("eu/v2", (600, 120, 0)), ("eu/v1", (600, 120, 0)), ("us/v2", (60, 9, 0)), ("us/v1", (6_000, 0, 0))];
    told.minutes(20, &cells);
    assert!(
        told.told()[0].starts_with("availability of cart v2 in us") && !told.told()[0].ends_with("shared"),
        "{:?}",
        told.told()
    );
}

#[test]
fn cells_that_each_have_too_few_requests_are_seen_together() {
    let mut told = Told::new();
    for minute in 0..60 {
        let failed = |cell: u32| (4, u64::from(minute % 6 == cell), 0);
        told.tick(&[("eu/v2", failed(0)), ("us/v2", failed(3))]);
        (0..5).for_each(|_| told.tick(&[("eu/v2", (0, 0, 0)), ("us/v2", (0, 0, 0))]));
    }
    assert!(told.told().first().is_some_and(|burn| burn.contains(" in production: ")), "{:?}", told.told());
}

#[test]
fn with_other_objectives_counting_begins_anew() {
    let mut told = Told::new();
    told.minutes(20, &[("eu/v2", (600, 60, 0))]);
    told.declared.services[0].slo.availability = 0.99;
    told.tick(&[("eu/v2", (600, 60, 0))]);
    assert_eq!(told.told(), [""; 0]);
}

#[test]
fn a_service_that_keeps_its_slo_never_burns_however_few_its_requests_and_however_often_it_is_looked_at() {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    for (requests, share) in [(0.02, 0.001), (0.5, 0.001), (5.0, 0.002), (200.0, 0.003)] {
        let mut told = Told::new();
        let [good, bad] = [requests * (1.0 - share), requests * share].map(|mean| Poisson::new(mean).unwrap());
        for _ in 0..24 * 360 {
            let (good, bad) = (good.sample(&mut rng) as u64, bad.sample(&mut rng) as u64);
            told.tick(&[("eu/v2", (good + bad, bad, 0))]);
            assert_eq!(told.told(), [""; 0], "{requests} requests in ten seconds, {share}");
        }
    }
}

/// Ticks of one arm, some of them missing.
fn life() -> impl Strategy<Value = Vec<Option<(u64, u64)>>> {
    let part = (0_u64..400, 0_u64..40, 1_usize..200, proptest::bool::weighted(0.8));
    let ticks = proptest::collection::vec(part, 1..12);
    ticks.prop_map(|parts| {
        let part = |(requests, bad, ticks, read): (u64, u64, usize, bool)| vec![read.then(|| (requests, bad.min(requests))); ticks];
        parts.into_iter().flat_map(part).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happened, what is said to burn did: added up from the ticks themselves, both windows hold as many bad requests as the
    /// rate means for the whole of them, and several of them.
    #[test]
    fn what_is_said_to_burn_did(life in life()) {
        let mut told = Told::new();
        for tick in &life {
            match tick {
                Some((requests, bad)) => told.tick(&[("eu/v2", (*requests, *bad, 0))]),
                None => told.tick(&[]),
            }
        }
        for burn in told.found().into_iter().filter_map(|(_, burn)| burn) {
            let windows = PAGE.into_iter().find(|windows| windows.long == burn.over).unwrap();
            prop_assert_eq!(burn.confirmed, windows.short);
            let (mut most, mut several) = (0.0_f64, 0);
            for window in [windows.long, windows.short] {
                // Windows are whole minutes and the one under way.
                let minute = |index: usize| index as i64 / 6;
                let first = minute(life.len() - 1) - window.secs() / 60;
                let read: Vec<_> = life.iter().enumerate().filter(|(at, _)| minute(*at) >= first).filter_map(|(_, tick)| *tick).collect();
                let sum = |part: fn(&(u64, u64)) -> u64| read.iter().map(part).sum::<u64>();
                let missing = (window.secs_f64() / (read.len() as f64 * 10.0)).max(1.0);
                let rate = sum(|tick| tick.1) as f64 / (sum(|tick| tick.0) as f64 * missing) / burn.budget.objective.allowed;
                prop_assert!(rate >= windows.rate * 0.999_999, "{} over {}", rate, window);
                if window == windows.long {
                    (most, several) = (rate, sum(|tick| tick.1));
                }
            }
            prop_assert!((burn.rate - most).abs() < 1e-6 * most && several >= 2, "{} {} {}", burn.rate, most, several);
        }
    }
}
