//! What goes wrong on the way from a counter to a verdict: counters that begin anew, clocks that differ, scrapes that are missing, come twice
//! or come late. All of it through exposition text, as a scrape brings it, to what a stage says in the end.

use std::fmt::Write as _;

use pushdeck::domain::gauge::GaugeVerdict;
use pushdeck::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use pushdeck::domain::metric::{Metric, Threshold};
use pushdeck::domain::slo::Objective;
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::domain::verdict::{Bad, Verdict};
use pushdeck::evidence::delta::CellCounters;
use pushdeck::evidence::gauges::{GaugeTerms, Gauges};
use pushdeck::evidence::round::{self, CellResult};
use pushdeck::evidence::sequential::{Levels, Margins};
use pushdeck::evidence::stage::{StageEvidence, Subject, Terms};
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Poisson};
use rand_pcg::Pcg64Mcg;

/// How often the cells are scraped, in seconds.
const EVERY: i64 = 10;
const CELLS: [&str; 3] = ["ap", "eu", "us"];
/// Of each version in each cell, with the requests a second of each of its instances.
const VERSIONS: [(&str, usize, f64); 2] = [("v41", 9, 40.0), ("v42", 1, 40.0)];
/// Failed requests as a share of all, and those slower than 250 ms.
const ERRORS: f64 = 0.005;
const SLOW: f64 = 0.01;

/// What is wrong with the numbers, not with the release.
#[derive(Clone, Copy, Debug, Default)]
struct Troubles {
    /// A process starts anew at a tick with this probability, 0 to 1.
    resets: f64,
    /// A scrape fails with this probability.
    missing: f64,
    /// A scrape is answered with the last one's text with this probability.
    twice: f64,
    /// A scrape is answered with the text of the one before the last with this probability.
    late: f64,
    /// How far the cells' clocks are off, in seconds.
    skew: [i64; 3],
    /// The new version gets no requests.
    no_traffic: bool,
}

/// What is wrong with the release: so many times as many errors, and so much memory more an hour, from a minute on.
#[derive(Clone, Copy, Debug)]
struct Release {
    errors: f64,
    leak: f64,
    from: i64,
}

const HEALTHY: Release = Release { errors: 1.0, leak: 0.0, from: 0 };

#[derive(Clone, Copy, Default)]
struct Instance {
    good: u64,
    failed: u64,
    fast: u64,
    slow: u64,
}

/// A cell as its exporter sees it, and what the engine remembers of it.
struct Cell {
    name: &'static str,
    skew: i64,
    instances: Vec<(usize, Instance)>,
    counters: CellCounters,
    texts: Vec<String>,
}

struct World {
    rng: Pcg64Mcg,
    troubles: Troubles,
    release: Release,
    cells: Vec<Cell>,
    stage: StageEvidence,
    gauges: Gauges,
    last: Option<EngineTime>,
    second: i64,
    subject: Subject,
    /// The noise of each arm's memory: gauges hang together.
    noise: [f64; 2],
}

fn drawn(mean: f64, rng: &mut Pcg64Mcg) -> u64 {
    Poisson::new(mean).map_or(0, |events| events.sample(rng) as u64)
}

impl World {
    fn new(troubles: Troubles, release: Release, seed: u64) -> Self {
        let subject = Subject {
            service: ServiceId::new("blob"),
            environment: EnvironmentId::new("production"),
            new: Version::new("v42"),
            old: Some(Version::new("v41")),
            objectives: vec![
                Objective { bad: Bad::Errors, allowed: 0.01 },
                Objective { bad: Bad::slower_than(0.25), allowed: 0.01 },
            ],
            limits: vec![Threshold { metric: Metric::Memory, limit: 0.9, sustained: Period::ZERO, least: 0 }],
        };
        let now = EngineTime::from_millis(1_000_000_000);
        let terms = Terms { levels: Levels::default(), margins: Margins { r0: 1.25, ruled_out: 2.0 }, warm_up: Period::ZERO };
        let cells = CELLS.into_iter().zip(troubles.skew).map(|(name, skew)| Cell {
            name,
            skew,
            instances: VERSIONS.iter().enumerate().flat_map(|(arm, (_, n, _))| vec![(arm, Instance::default()); *n]).collect(),
            counters: CellCounters::new(EnvironmentId::new("production"), CellId::new(name)),
            texts: Vec::new(),
        });
        Self {
            rng: Pcg64Mcg::seed_from_u64(seed),
            troubles,
            release,
            cells: cells.collect(),
            stage: StageEvidence::new(vec![subject.clone()], terms, now),
            gauges: Gauges::new(GaugeTerms::before_calibration(terms.levels, Period::ZERO), now),
            last: None,
            second: 1_000_000,
            subject,
            noise: [0.0; 2],
        }
    }

    fn minute(&self) -> f64 {
        (self.second - 1_000_000) as f64 / 60.0
    }

    /// Ten seconds of traffic, and what the scrapes after it tell.
    fn round(&mut self) {
        self.second += EVERY;
        let since = self.minute() - self.release.from as f64;
        let ratio = if since > 0.0 { self.release.errors } else { 1.0 };
        let leaked = self.release.leak * since.max(0.0) / 60.0;
        for noise in &mut self.noise {
            *noise = 0.9 * *noise + 0.004 * (self.rng.random::<f64>() * 2.0 - 1.0);
        }
        let memory = [0.4 + self.noise[0] / 3.0, 0.42 + leaked + self.noise[1]];
        let now = EngineTime::from_millis(self.second * 1_000);
        let mut results = Vec::new();
        for cell in &mut self.cells {
            for (arm, instance) in &mut cell.instances {
                if self.rng.random_bool(self.troubles.resets) {
                    *instance = Instance::default();
                }
                let a_second = if self.troubles.no_traffic && *arm == 1 { 0.0 } else { VERSIONS.get(*arm).unwrap().2 };
                let due = a_second * EVERY as f64;
                instance.failed += drawn(due * ERRORS * if *arm == 1 { ratio } else { 1.0 }, &mut self.rng);
                instance.good += drawn(due * (1.0 - ERRORS), &mut self.rng);
                instance.slow += drawn(due * SLOW, &mut self.rng);
                instance.fast += drawn(due * (1.0 - SLOW), &mut self.rng);
            }
            let text = cell.text(self.second, memory);
            cell.texts.push(text);
            let answer = self.troubles.answer(&mut self.rng, cell.texts.len());
            let tick = match answer {
                None => Err("no answer within 2 s".to_owned()),
                Some(back) => {
                    let text = cell.texts.iter().rev().nth(back).unwrap();
                    cell.counters.advance(text).map_err(|why| why.to_string())
                }
            };
            results.push(CellResult { environment: EnvironmentId::new("production"), cell: CellId::new(cell.name), tick });
        }
        let batch = round::batch(results, now, self.last);
        self.last = Some(batch.at);
        self.stage.add(&batch);
        self.gauges.add(std::slice::from_ref(&self.subject), &batch);
    }

    /// Lives through so many minutes; what was ever said on the way: worse, cleared.
    fn live(&mut self, minutes: i64) -> [bool; 2] {
        let mut ever = [false; 2];
        for _ in 0..minutes * 60 / EVERY {
            self.round();
            ever[0] |= matches!(self.stage.verdict(), Verdict::Regressed { .. });
            ever[1] |= matches!(self.stage.verdict(), Verdict::Cleared { .. });
        }
        ever
    }
}

impl Troubles {
    /// Which text a scrape is answered with: so many before the newest; none where it fails.
    fn answer(self, rng: &mut Pcg64Mcg, texts: usize) -> Option<usize> {
        let chance: f64 = rng.random();
        let back = match chance {
            _ if chance < self.missing => return None,
            _ if chance < self.missing + self.twice => 1,
            _ if chance < self.missing + self.twice + self.late => 2,
            _ => 0,
        };
        Some(back.min(texts - 1))
    }
}

impl Cell {
    fn text(&self, second: i64, memory: [f64; 2]) -> String {
        let mut out = format!("pushdeck_time_seconds {}\n", second + self.skew);
        for (arm, (version, ..)) in VERSIONS.iter().enumerate() {
            let of_arm = || self.instances.iter().enumerate().filter(move |(_, (of, _))| *of == arm);
            for (index, (_, instance)) in of_arm() {
                let labels = format!("service=\"blob\",version=\"{version}\",instance=\"{index}\"");
                let _ = writeln!(out, "pushdeck_requests_total{{{labels},code=\"200\"}} {}", instance.good);
                let _ = writeln!(out, "pushdeck_requests_total{{{labels},code=\"500\"}} {}", instance.failed);
                let _ =
                    writeln!(out, "pushdeck_up{{{labels}}} 1\npushdeck_memory_ratio{{{labels}}} {:.5}", memory.get(arm).unwrap());
            }
            let (fast, slow) = of_arm().fold((0, 0), |(fast, slow), (_, (_, one))| (fast + one.fast, slow + one.slow));
            let labels = format!("service=\"blob\",version=\"{version}\"");
            for (le, count) in [("0.25", fast), ("1", fast + slow), ("+Inf", fast + slow)] {
                let _ = writeln!(out, "pushdeck_request_seconds_bucket{{{labels},le=\"{le}\"}} {count}");
            }
        }
        out
    }
}

/// Everything that goes wrong at once, but for scrapes that come late.
const ROUGH: Troubles = Troubles { resets: 0.002, missing: 0.2, twice: 0.05, late: 0.0, skew: [-30, 0, 30], no_traffic: false };

#[test]
fn a_healthy_release_is_cleared_and_not_called_worse_whatever_happens_on_the_way() {
    let none = Troubles::default();
    let troubles = [
        ("resets", Troubles { resets: 0.005, ..none }),
        ("missing", Troubles { missing: 0.2, ..none }),
        ("skew", Troubles { skew: [-30, 0, 30], ..none }),
        ("twice", Troubles { twice: 0.2, ..none }),
        ("late", Troubles { late: 0.05, ..none }),
        ("all", ROUGH),
    ];
    let mut wrong = Vec::new();
    for (name, troubles) in troubles {
        for seed in 0..6 {
            let [worse, cleared] = World::new(troubles, HEALTHY, seed).live(15);
            if worse || !cleared {
                wrong.push(format!("{name} {seed}: worse {worse}, cleared {cleared}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_bad_release_is_called_worse_and_never_cleared_whatever_happens_on_the_way() {
    for seed in 0..4 {
        let bad = Release { errors: 3.0, leak: 0.0, from: 0 };
        let mut world = World::new(Troubles { late: 0.05, ..ROUGH }, bad, seed);
        let [worse, cleared] = world.live(15);
        assert!(worse && !cleared, "{seed}: {:?}", world.stage.verdict());
    }
}

#[test]
fn what_begins_after_half_an_hour_is_found_and_not_cleared_again() {
    for (seed, troubles) in [(1, Troubles::default()), (2, ROUGH)] {
        let mut world = World::new(troubles, Release { errors: 4.0, leak: 0.0, from: 30 }, seed);
        let [worse, cleared] = world.live(30);
        assert!(!worse && cleared, "{seed}: well until then");
        let [worse, _] = world.live(10);
        assert!(worse, "{seed}: {:?}", world.stage.verdict());
        assert!(matches!(world.stage.verdict(), Verdict::Regressed { .. }));
    }
}

#[test]
fn a_slow_leak_is_found_by_the_gauges_while_the_requests_are_well() {
    for (seed, troubles) in [(1, Troubles::default()), (2, Troubles { resets: 0.0, ..ROUGH })] {
        let mut world = World::new(troubles, Release { errors: 1.0, leak: 0.2, from: 10 }, seed);
        world.live(75);
        let GaugeVerdict::Leaking { gauge, growth, .. } = world.gauges.verdict() else {
            panic!("{seed}: {:?}", world.gauges.verdict())
        };
        assert_eq!(gauge.metric, Metric::Memory);
        assert!(growth.is_some_and(|growth| growth.per_hour > 0.05 && growth.reached_in.is_some()), "{growth:?}");
        assert!(!matches!(world.stage.verdict(), Verdict::Regressed { .. }));
    }
}

#[test]
fn gauges_that_are_well_are_cleared_through_the_same_troubles() {
    for seed in 0..4 {
        let mut world = World::new(Troubles { late: 0.05, ..ROUGH }, HEALTHY, seed);
        let ever = (0..60).any(|_| {
            world.live(1);
            matches!(world.gauges.verdict(), GaugeVerdict::Cleared { .. })
        });
        assert!(ever, "{seed}: {:?}", world.gauges.verdict());
    }
}

#[test]
fn a_canary_without_traffic_is_no_data_and_never_cleared() {
    let mut world = World::new(Troubles { no_traffic: true, ..Troubles::default() }, HEALTHY, 3);
    let [worse, cleared] = world.live(15);
    assert!(!worse && !cleared);
    let Verdict::NoData { why } = world.stage.verdict() else { panic!("{:?}", world.stage.verdict()) };
    assert_eq!(why, "no request reached blob v42 in production");
}

#[test]
fn where_no_scrape_comes_any_more_the_all_clear_is_taken_back() {
    let mut world = World::new(Troubles::default(), HEALTHY, 4);
    assert!(world.live(15)[1]);
    world.troubles.missing = 1.0;
    world.live(1);
    assert!(matches!(world.stage.verdict(), Verdict::NoData { .. }), "{:?}", world.stage.verdict());
    assert!(matches!(world.gauges.verdict(), GaugeVerdict::NoData { .. }), "{:?}", world.gauges.verdict());
}
