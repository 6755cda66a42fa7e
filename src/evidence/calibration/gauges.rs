//! The same for gauges: stages whose gauges are drawn, with noise that lasts from tick to tick and hosts that differ.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, StandardNormal};
use rand_pcg::Pcg64Mcg;

use super::super::gauges::{GaugeEvidence, GaugeTerms, Mean, late_threshold};
use super::super::sequential::Levels;
use super::table::FalseAlarms;
use crate::domain::id::CellId;
use crate::domain::time::{EngineTime, Period};

/// What the old version uses in the mean, as a share of what is granted.
const USED: f64 = 0.4;
/// How long the noise of both versions is followed before the stage, so that it has its full size when that begins.
const BEFORE: u32 = 200;

/// A stage, seen by one gauge in one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeTrial {
    /// How many times as much as the old version the new one uses by itself.
    pub ratio: f64,
    /// By how much it grows in an hour, as a share of what the old version uses.
    pub leak: f64,
    /// When that begins, or when it begins to use more.
    pub begins: Period,
    /// By how much it fills up from the beginning, as a share of what the old version uses, and with which time constant.
    pub fills: (f64, Period),
    /// The correlation from one tick to the next of each arm's noise, 0 to 1.
    pub persists: f64,
    /// The noise's standard deviation, as a share of what is used: in the mean of the new version's hosts; half of it in the old one's.
    pub noise: f64,
    /// How far hosts differ: the standard deviation of their use, as a share of its mean.
    pub hosts: f64,
    /// How far the time of day carries both up and down within four hours, as a share.
    pub swing: f64,
    /// Instances of the new version; there are nine times as many of the old one.
    pub instances: u32,
    /// How often it is looked at.
    pub tick: Period,
    /// How long.
    pub over: Period,
}

impl Default for GaugeTrial {
    fn default() -> Self {
        Self {
            ratio: 1.0,
            leak: 0.0,
            begins: Period::ZERO,
            fills: (0.0, Period::from_mins(1)),
            persists: 0.8,
            noise: 0.05,
            hosts: 0.0,
            swing: 0.0,
            instances: 10,
            tick: Period::from_secs(10),
            over: Period::from_mins(120),
        }
    }
}

/// After how long it was first called so, if ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaugeRan {
    /// Worse, or leaking.
    pub bad: Option<Period>,
    /// Not so much worse.
    pub cleared: Option<Period>,
}

/// Noise of the first order.
struct Noise {
    persists: f64,
    now: f64,
}

impl Noise {
    fn next(&mut self, rng: &mut Pcg64Mcg) -> f64 {
        let fresh: f64 = StandardNormal.sample(rng);
        self.now = self.persists * self.now + (1.0 - self.persists * self.persists).sqrt() * fresh;
        self.now
    }
}

impl GaugeTrial {
    /// Lives through the stage once. It ends early where it is called worse or leaking.
    pub fn run(&self, levels: Levels, rng: &mut Pcg64Mcg) -> GaugeRan {
        let terms = GaugeTerms::before_calibration(levels, Period::ZERO);
        let mut evidence = GaugeEvidence::new(EngineTime::default());
        let cell = CellId::new("cell");
        let of_hosts = [self.instances, self.instances * 9].map(|hosts| {
            let drawn: f64 = StandardNormal.sample(rng);
            1.0 + self.hosts / f64::from(hosts).sqrt() * drawn
        });
        let mut noise = [(); 2].map(|()| Noise { persists: self.persists, now: 0.0 });
        for arm in &mut noise {
            for _ in 0..BEFORE {
                arm.next(rng);
            }
        }
        let mut ran = GaugeRan::default();
        let mut at = Period::ZERO;
        while at < self.over {
            at += self.tick;
            let usual = USED * (1.0 + self.swing * (at.secs_f64() / 14_400.0 * std::f64::consts::TAU).sin());
            let sizes = [self.noise, self.noise / 2.0];
            let [new, old] = [0, 1].map(|arm| {
                let own = of_hosts.get(arm).copied().unwrap_or(1.0);
                let shaken = noise.get_mut(arm).map_or(0.0, |noise| noise.next(rng));
                usual * own * (1.0 + sizes.get(arm).copied().unwrap_or(0.0) * shaken)
            });
            let new = Mean { value: new * self.times(at), of: self.instances };
            let cells = BTreeMap::from([(&cell, (new, Mean { value: old, of: self.instances * 9 }))]);
            evidence.add(EngineTime::default() + at, &cells, &terms);
            if evidence.no_worse() >= levels.no_worse() {
                ran.cleared = ran.cleared.or(Some(at));
            }
            if evidence.worse() >= levels.worse() || evidence.late().max(evidence.leaking()) >= late_threshold() {
                ran.bad = Some(at);
                return ran;
            }
        }
        ran
    }

    /// How many times as much it uses at a moment of the stage.
    fn times(&self, at: Period) -> f64 {
        let (size, fills_in) = self.fills;
        let filled = size * (1.0 - (-at.secs_f64() / fills_in.secs_f64().max(1.0)).exp());
        let since = at.less(self.begins).secs_f64();
        let ratio = if at > self.begins { self.ratio } else { 1.0 };
        ratio + filled + self.leak * since / 3_600.0
    }
}

/// A stage whose gauge is worse, and how long it took to be called so.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeDelay {
    /// In which way.
    pub name: &'static str,
    /// How long after it began half of them were called so; none where fewer were.
    pub half: Option<Period>,
    /// The same for nine in ten.
    pub nine_in_ten: Option<Period>,
    /// How often it was lived through.
    pub runs: u32,
}

fn lived(trial: &GaugeTrial, levels: Levels, runs: u32, seed: u64) -> impl Iterator<Item = GaugeRan> {
    (0..runs).map(move |run| trial.run(levels, &mut Pcg64Mcg::seed_from_u64(seed ^ (u64::from(run) << 20))))
}

/// Releases that use no more than hosts differ by, or only what fills up, each at both levels.
pub fn false_alarms(count: u32, seed: u64) -> Vec<FalseAlarms> {
    let usual = GaugeTrial::default();
    let three = GaugeTrial { instances: 3, ..usual };
    let fills = |minutes: i64| GaugeTrial {
        ratio: 0.85,
        fills: (0.27, Period::from_mins(minutes)),
        noise: 0.015,
        over: Period::from_mins(240),
        ..usual
    };
    // Ten new hosts among a hundred: 1.05 + 3 · 0.1 · √(1/10 + 1/90), and a hundredth of what is granted.
    let at_the_edge = GaugeTrial { ratio: 1.15 + 0.01 / USED, ..usual };
    let stages = [
        ("a gauge that lasts, 0.8 from tick to tick", usual),
        ("the same, exactly at what is allowed", at_the_edge),
        ("0.95 from tick to tick", GaugeTrial { persists: 0.95, ..usual }),
        ("0.95 from second to second", GaugeTrial { persists: 0.95, tick: Period::from_secs(1), ..usual }),
        ("the time of day carries both up by half", GaugeTrial { swing: 0.5, ratio: 1.1, ..usual }),
        ("three hosts that differ by 5 %", GaugeTrial { hosts: 0.05, ..three }),
        ("three hosts that differ by 10 %", GaugeTrial { hosts: 0.1, ..three }),
        ("memory that fills up within minutes", fills(10)),
        ("memory that fills up within the hour", fills(25)),
    ];
    let at = |level: f64| {
        stages.map(|(name, trial)| {
            let levels = Levels { regressed: level, ..Levels::default() };
            let alarms = lived(&trial, levels, count, seed).filter(|ran| ran.bad.is_some()).count() as u32;
            FalseAlarms { name, level, runs: count, alarms }
        })
    };
    [at(0.01), at(0.001)].concat()
}

/// Releases whose gauges are worse.
pub fn delays(count: u32, seed: u64) -> Vec<GaugeDelay> {
    let usual = GaugeTrial { over: Period::from_mins(480), ..GaugeTrial::default() };
    let memory = GaugeTrial { noise: 0.015, ratio: 1.02, persists: 0.9, ..usual };
    let late = Period::from_mins(60);
    let stages = [
        ("20 % more, on thirty hosts", GaugeTrial { ratio: 1.2, instances: 30, ..usual }),
        ("20 % more, on thirty hosts, half the noise", GaugeTrial { ratio: 1.2, instances: 30, noise: 0.025, ..usual }),
        ("50 % more, on three hosts", GaugeTrial { ratio: 1.5, instances: 3, ..usual }),
        ("50 % more after an hour, on three hosts", GaugeTrial { ratio: 1.5, instances: 3, begins: late, ..usual }),
        ("a leak of 10 % an hour", GaugeTrial { leak: 0.1, ..memory }),
        ("a leak of 50 % an hour", GaugeTrial { leak: 0.5, ..memory }),
        ("a leak of 50 % an hour after an hour", GaugeTrial { leak: 0.5, begins: late, ..memory }),
    ];
    stages
        .into_iter()
        .map(|(name, trial)| {
            let called = lived(&trial, Levels::default(), count, seed).map(|ran| ran.bad.map(|bad| bad.less(trial.begins)));
            let mut times: Vec<Option<Period>> = called.collect();
            times.sort_by_key(|time| time.map_or(i64::MAX, Period::millis));
            let at = |q: f64| times.get((q * times.len() as f64) as usize).copied().flatten();
            GaugeDelay { name, half: at(0.5), nine_in_ten: at(0.9), runs: count }
        })
        .collect()
}
