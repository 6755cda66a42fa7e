//! Slower requests, of several shapes and in several histograms, through the whole fold of a stage: each fault is found within so many
//! requests of the new version, and a release that is as fast is not called worse.
//!
//! Ticks are a tenth of a second: when the verdict will be there is foretold every five seconds, and is not what is asked here.

use std::sync::Arc;

use pushdeck::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use pushdeck::domain::slo::Objective;
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::domain::verdict::{Bad, Verdict};
use pushdeck::evidence::reading::{Batch, Reading};
use pushdeck::evidence::sequential::{Levels, Margins};
use pushdeck::evidence::stage::{StageEvidence, Subject, Terms};
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, LogNormal, Pareto, Poisson};
use rand_pcg::Pcg64Mcg;

/// Requests of the new version in a tick; there are nine times as many of the old one.
const A_TICK: u64 = 1_000;
const OLD_TIMES: u64 = 9;
/// Requests from which a shape's share of each bucket is known.
const DRAWN: u32 = 200_000;

/// How long requests take while nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Lognormal,
    Bimodal,
    Pareto,
}

/// What the new version does to them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// All take 1.3 times as long.
    Body,
    /// One in a hundred takes five times as long.
    Tail,
    /// One in ten, those of one endpoint, take three times as long.
    Endpoint,
    /// One in three, those of one host, take twice as long.
    Host,
}

impl Shape {
    /// The limit of its p99, in seconds: about what it is.
    const fn limit(self) -> f64 {
        match self {
            Self::Lognormal | Self::Bimodal => 0.5,
            Self::Pareto => 0.3,
        }
    }

    fn seconds(self, rng: &mut Pcg64Mcg) -> f64 {
        let lognormal = |median: f64, sigma: f64, rng: &mut Pcg64Mcg| LogNormal::new(median.ln(), sigma).unwrap().sample(rng);
        match self {
            Self::Lognormal => lognormal(0.1, 0.65, rng),
            Self::Bimodal if rng.random_bool(0.5) => lognormal(0.02, 0.3, rng),
            Self::Bimodal => lognormal(0.25, 0.3, rng),
            Self::Pareto => Pareto::new(0.05, 2.5).unwrap().sample(rng),
        }
    }
}

impl Fault {
    fn slows(self, seconds: f64, rng: &mut Pcg64Mcg) -> f64 {
        let (share, times) = match self {
            Self::None => (0.0, 1.0),
            Self::Body => (1.0, 1.3),
            Self::Tail => (0.01, 5.0),
            Self::Endpoint => (0.1, 3.0),
            Self::Host => (1.0 / 3.0, 2.0),
        };
        if rng.random_bool(share) { seconds * times } else { seconds }
    }
}

/// The edges that client libraries have by default.
fn classic() -> Arc<[f64]> {
    Arc::from([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
}

/// The edges of a native histogram of schema 3: each 2^(1/8) times the one before, from 1 ms to 16 s.
fn native() -> Arc<[f64]> {
    (-80..=32).map(|index| (f64::from(index) / 8.0).exp2()).collect()
}

/// The share of requests in each bucket.
fn shares(shape: Shape, fault: Fault, edges: &[f64]) -> Vec<f64> {
    let mut rng = Pcg64Mcg::seed_from_u64(77);
    let mut counts = vec![0.0; edges.len() + 1];
    for _ in 0..DRAWN {
        let seconds = shape.seconds(&mut rng);
        let seconds = fault.slows(seconds, &mut rng);
        if let Some(count) = counts.get_mut(edges.partition_point(|edge| *edge < seconds)) {
            *count += 1.0 / f64::from(DRAWN);
        }
    }
    counts
}

fn subject(service: &str, shape: Shape) -> Subject {
    Subject {
        service: ServiceId::new(service),
        environment: EnvironmentId::new("production"),
        new: Version::new("v42"),
        old: Some(Version::new("v41")),
        objectives: vec![
            Objective { bad: Bad::Errors, allowed: 0.01 },
            Objective { bad: Bad::slower_than(shape.limit()), allowed: 0.01 },
        ],
        limits: Vec::new(),
    }
}

fn reading(service: &str, version: &str, latency: Vec<u64>) -> Reading {
    Reading {
        service: ServiceId::new(service),
        environment: EnvironmentId::new("production"),
        cell: CellId::new("eu"),
        version: Version::new(version),
        requests: latency.iter().sum(),
        errors: 0,
        latency,
        cpu: None,
        memory: None,
        saturation: None,
        up: 3,
    }
}

fn counts(shares: &[f64], requests: u64, rng: &mut Pcg64Mcg) -> Vec<u64> {
    let due = |share: &f64| share * requests as f64;
    shares.iter().map(|share| Poisson::new(due(share)).map_or(0, |events| events.sample(rng) as u64)).collect()
}

/// A stage of services, each with its shares of the old and the new version, for so many ticks: the verdict that is not taken back, and
/// after how many requests of each service's new version.
fn lived(services: &[(&str, [&[f64]; 2])], shape: Shape, edges: &Arc<[f64]>, (ticks, seed): (i64, u64)) -> (Verdict, u64) {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let terms = Terms { levels: Levels::default(), margins: Margins { r0: 1.25, ruled_out: 2.0 }, warm_up: Period::ZERO };
    let subjects = services.iter().map(|(service, _)| subject(service, shape)).collect();
    let mut stage = StageEvidence::new(subjects, terms, EngineTime::from_millis(0));
    for tick in 1..=ticks {
        let readings = services.iter().flat_map(|(service, [old, new])| {
            let (old, new) = (counts(old, A_TICK * OLD_TIMES, &mut rng), counts(new, A_TICK, &mut rng));
            [reading(service, "v41", old), reading(service, "v42", new)]
        });
        let readings = readings.collect();
        let (at, over) = (EngineTime::from_millis(tick * 100), Period::from_millis(100));
        stage.add(&Batch { at, over, edges: Arc::clone(edges), readings, ..Batch::default() });
        if matches!(stage.verdict(), Verdict::Regressed { .. }) {
            return (stage.verdict(), tick as u64 * A_TICK);
        }
    }
    (stage.verdict(), ticks as u64 * A_TICK)
}

/// Faults with the most requests of the new version, in thousands, that it takes to find each: of lognormal, bimodal and Pareto latencies.
const FOUND_WITHIN: [(Fault, [i64; 3]); 4] =
    [(Fault::Body, [15, 10, 10]), (Fault::Tail, [90, 60, 90]), (Fault::Endpoint, [10, 10, 10]), (Fault::Host, [10, 10, 10])];
const SHAPES: [Shape; 3] = [Shape::Lognormal, Shape::Bimodal, Shape::Pareto];

fn every_fault_is_found(edges: &Arc<[f64]>) {
    let mut missed = Vec::new();
    for (place, shape) in SHAPES.into_iter().enumerate() {
        let old = shares(shape, Fault::None, edges);
        for (fault, within) in FOUND_WITHIN {
            let new = shares(shape, fault, edges);
            let most = within.get(place).copied().unwrap();
            for seed in 0..3 {
                let (verdict, requests) = lived(&[("blob", [&old, &new])], shape, edges, (most, seed));
                if !matches!(verdict, Verdict::Regressed { .. }) {
                    missed.push(format!("{shape:?} {fault:?} {seed}: {requests} requests and {verdict:?}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn every_fault_is_found_at_classic_edges() {
    every_fault_is_found(&classic());
}

#[test]
fn every_fault_is_found_at_native_edges() {
    every_fault_is_found(&native());
}

/// How many of so many stages of each shape were called worse without being so.
fn alarms(edges: &Arc<[f64]>, seeds: u64) -> u64 {
    let alarms = |shape: Shape| {
        let same = shares(shape, Fault::None, edges);
        let called = |seed: &u64| {
            matches!(lived(&[("blob", [&same, &same])], shape, edges, (30, seed + 1_000)).0, Verdict::Regressed { .. })
        };
        (0..seeds).filter(called).count() as u64
    };
    SHAPES.into_iter().map(alarms).sum()
}

#[test]
fn a_release_that_is_as_fast_is_not_called_worse() {
    let (classic_seeds, native_seeds) = (80, 10);
    let found = alarms(&classic(), classic_seeds) + alarms(&native(), native_seeds);
    let (level, runs) = (Levels::default().regressed, (3 * (classic_seeds + native_seeds)) as f64);
    assert!(found as f64 <= runs * level + 3.0 * (runs * level * (1.0 - level)).sqrt(), "{found} of {runs}");
}

#[test]
fn one_slow_service_of_three_is_named() {
    let (shape, edges) = (Shape::Lognormal, classic());
    let (same, slow) = (shares(shape, Fault::None, &edges), shares(shape, Fault::Body, &edges));
    let services: [(&str, [&[f64]; 2]); 3] = [("blob", [&same, &same]), ("gateway", [&same, &same]), ("index", [&same, &slow])];
    let (verdict, requests) = lived(&services, shape, &edges, (30, 5));
    let Verdict::Regressed { slice, .. } = verdict else { panic!("{verdict:?} after {requests}") };
    assert_eq!(slice.service.as_str(), "index");
}
