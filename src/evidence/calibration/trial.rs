//! A stage of which the truth is known, lived through with drawn traffic.

use rand::RngExt as _;
use rand_distr::{Distribution as _, Geometric, Normal};
use rand_pcg::Pcg64Mcg;

use super::super::random::poisson;
use super::super::sequential::{Ahead, Arm, Counts, Dispersion, Levels, Margins, Pace, Slice, Verdicts, when};
use crate::domain::time::Period;

/// The old version's bad events as a share of its requests. What matters to the tests is how many are due, not from how many requests.
const BAD: f64 = 0.001;
/// How long the old version was watched before the stage, for its dispersion.
const WATCHED_BEFORE: Period = Period::from_mins(30);
/// Instances of the new version, where they differ.
const HOSTS: u32 = 3;

/// What else goes on, beside a release that is as good or bad as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nuisance {
    /// Nothing: bad events come one by one.
    None,
    /// Traffic swings between one and three times as much within the hour.
    Swing,
    /// For a sixth of the time both versions have five times as many bad events.
    SharedSpike,
    /// Bad events come in bursts of four in the mean.
    Bursts,
    /// A failed request is tried again twice at most, and fails again every second time.
    Retries,
    /// Hosts differ: the share of bad events of each has this standard deviation around its mean.
    Hosts {
        /// As a share of the mean.
        spread: f64,
    },
    /// The slices are edges of one histogram: each counts a part of what the one before it does.
    Nested,
}

/// A stage, and how bad the release is in each of its slices.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The new version's share of the traffic that is compared, 0 to 1.
    pub new_share: f64,
    /// Bad events that are due on the new version in a second, in each slice, if it is as good as the old one.
    pub due: f64,
    /// How many times as bad each slice is; one number a slice.
    pub ratios: Vec<f64>,
    /// What else goes on.
    pub nuisance: Nuisance,
    /// How often it is looked at.
    pub tick: Period,
    /// How long.
    pub over: Period,
    /// What the evidence is held to.
    pub margins: Margins,
    /// How much the counts vary, where that is known; else it is estimated from half an hour before the stage and from the stage itself.
    pub dispersion: Option<f64>,
}

/// What came of it: after how long it was first called so, if ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Worse.
    pub regressed: Option<Period>,
    /// Not so much worse, in every slice.
    pub cleared: Option<Period>,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            new_share: 0.01,
            due: 20.0 / 300.0,
            ratios: vec![1.0],
            nuisance: Nuisance::None,
            tick: Period::from_secs(10),
            over: Period::from_mins(60),
            margins: Margins { r0: 1.0, ruled_out: 2.0 },
            dispersion: None,
        }
    }
}

/// A stage that is being lived through.
#[derive(Clone, Debug)]
pub struct Life<'t> {
    trial: &'t Trial,
    slices: Vec<Slice>,
    by_host: f64,
    elapsed: Period,
}

impl Trial {
    /// Lives through the stage once. It ends early where it is called worse.
    pub fn run(&self, levels: Levels, rng: &mut Pcg64Mcg) -> Ran {
        let mut life = self.begin(rng);
        let mut ran = Ran::default();
        while life.elapsed < self.over {
            let found = life.tick(rng);
            if found.are_cleared(levels) {
                ran.cleared = ran.cleared.or(Some(life.elapsed));
            }
            if found.are_worse(levels) {
                ran.regressed = Some(life.elapsed);
                return ran;
            }
        }
        ran
    }

    /// Whether it was decided no later than the nine-in-ten mark that was shown after some time; `None` where it was decided before that.
    /// What is not decided until the stage is over was late, unless nothing else had been said.
    pub fn is_foretold(&self, after: Period, levels: Levels, seed: u64, rng: &mut Pcg64Mcg) -> Option<bool> {
        let mut life = self.begin(rng);
        let mut shown = None;
        loop {
            if life.elapsed >= after && shown.is_none() {
                shown = Some(when(&life.ahead(), levels, self.tick, seed).p90);
            }
            let found = life.tick(rng);
            if found.are_cleared(levels) || found.are_worse(levels) || life.elapsed >= self.over {
                return Some(shown?.is_none_or(|shown| life.elapsed <= after + shown));
            }
        }
    }

    fn begin(&self, rng: &mut Pcg64Mcg) -> Life<'_> {
        let slices = self.ratios.iter().map(|_| Slice::new(self.margins, self.watched_before(rng))).collect();
        Life { trial: self, slices, by_host: self.nuisance.of_hosts(rng), elapsed: Period::ZERO }
    }

    fn watched_before(&self, rng: &mut Pcg64Mcg) -> Dispersion {
        if let Some(known) = self.dispersion {
            return Dispersion::calibrated(known);
        }
        let mut before = Dispersion::default();
        for _ in 0..WATCHED_BEFORE.millis() / self.tick.millis().max(1) {
            before.add(self.tick(Load::USUAL, 1.0, rng).old);
        }
        before
    }

    /// Requests of the old version for one of the new.
    fn old_times(&self) -> f64 {
        (1.0 - self.new_share) / self.new_share
    }

    fn tick(&self, load: Load, ratio: f64, rng: &mut Pcg64Mcg) -> Counts {
        let due = self.due * self.tick.secs_f64() * load.traffic;
        let mut arm = |due: f64, ratio: f64| {
            let bad = self.nuisance.events(due * load.badness * ratio, rng);
            Arm::new(((due / BAD).round() as u64).max(bad), bad)
        };
        Counts { new: arm(due, ratio), old: arm(due * self.old_times(), 1.0) }
    }
}

impl Life<'_> {
    fn tick(&mut self, rng: &mut Pcg64Mcg) -> Verdicts {
        let trial = self.trial;
        self.elapsed += trial.tick;
        let load = trial.nuisance.load(self.elapsed.secs_f64() / trial.over.secs_f64());
        let mut above: Option<Counts> = None;
        for (slice, ratio) in self.slices.iter_mut().zip(&trial.ratios) {
            let counts = match above.filter(|_| trial.nuisance == Nuisance::Nested) {
                Some(above) => part_of(above, rng),
                None => trial.tick(load, ratio * self.by_host, rng),
            };
            slice.add(&[counts]);
            above = Some(counts);
        }
        Verdicts::of(self.slices.iter().map(|slice| (slice, true)))
    }

    fn ahead(&self) -> Vec<Ahead<'_>> {
        let new = self.trial.due / BAD;
        let pace = Pace { new, old: new * self.trial.old_times(), bad: BAD };
        self.slices.iter().map(|slice| Ahead { slice, pace, counts: true }).collect()
    }
}

/// What goes on for both versions alike.
#[derive(Clone, Copy, Debug)]
struct Load {
    traffic: f64,
    badness: f64,
}

impl Load {
    const USUAL: Self = Self { traffic: 1.0, badness: 1.0 };
}

impl Nuisance {
    /// At a moment of the stage, 0 to 1.
    fn load(self, at: f64) -> Load {
        match self {
            Self::Swing => Load { traffic: 2.0 + (at * std::f64::consts::TAU).sin(), ..Load::USUAL },
            Self::SharedSpike if (0.4..0.4 + 1.0 / 6.0).contains(&at) => Load { badness: 5.0, ..Load::USUAL },
            _ => Load::USUAL,
        }
    }

    /// Events where so many are expected.
    fn events(self, mean: f64, rng: &mut Pcg64Mcg) -> u64 {
        match self {
            Self::Bursts => {
                let Ok(size) = Geometric::new(0.25) else { return 0 };
                (0..poisson(rng, mean / 4.0)).map(|_| 1 + size.sample(rng)).sum()
            }
            // 1, 2 or 3 events with 1/2, 1/4 and 1/4: 1.75 in the mean.
            Self::Retries => (0..poisson(rng, mean / 1.75))
                .map(|_| 1 + if rng.random_bool(0.5) { 1 + u64::from(rng.random_bool(0.5)) } else { 0 })
                .sum(),
            _ => poisson(rng, mean),
        }
    }

    /// How much worse or better than all others the hosts of the new version are by themselves.
    fn of_hosts(self, rng: &mut Pcg64Mcg) -> f64 {
        let Self::Hosts { spread } = self else { return 1.0 };
        let Ok(each) = Normal::new(1.0, spread) else { return 1.0 };
        (0..HOSTS).map(|_| each.sample(rng).max(0.05)).sum::<f64>() / f64::from(HOSTS)
    }
}

/// The events of a histogram's next edge: four in five of those above the one before.
fn part_of(above: Counts, rng: &mut Pcg64Mcg) -> Counts {
    let mut part = |arm: Arm| Arm { bad: (0..arm.bad).filter(|_| rng.random_bool(0.8)).count() as u64, ..arm };
    Counts { new: part(above.new), old: part(above.old) }
}
