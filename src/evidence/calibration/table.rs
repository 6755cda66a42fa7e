//! How often the verdict is wrong, and how long it takes to be right.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;

use super::super::sequential::{Belief, Levels, Margins};
use super::trial::{Nuisance, Ran, Trial};
use crate::domain::time::Period;

/// A stage of a release that is no worse, and how often it was called worse.
#[derive(Clone, Debug, PartialEq)]
pub struct FalseAlarms {
    /// What went on beside it.
    pub name: &'static str,
    /// How often it may be called worse.
    pub level: f64,
    /// How often it was lived through.
    pub runs: u32,
    /// How often it was called worse.
    pub alarms: u32,
}

/// How much a stage has to see before nine in ten releases so bad are called worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// How many times as bad.
    pub ratio: f64,
    /// Bad events that were due on the new version, if it were as good as the old one, when half of them had been called worse; `None` where
    /// fewer were.
    pub half: Option<f64>,
    /// The same for nine in ten of them.
    pub nine_in_ten: Option<f64>,
    /// How often it was lived through.
    pub runs: u32,
}

/// A stage of a release that is as bad as what is to be ruled out, and how often it was cleared.
#[derive(Clone, Debug, PartialEq)]
pub struct WrongClear {
    /// How bad.
    pub name: &'static str,
    /// How often it may be cleared.
    pub level: f64,
    /// How often it was lived through.
    pub runs: u32,
    /// How often it was cleared.
    pub cleared: u32,
}

/// Stages in which a time was shown by which nine in ten are decided, and how many were decided by then.
#[derive(Clone, Debug, PartialEq)]
pub struct Foretold {
    /// How bad the release is: so many times; `None` where each is drawn from what is believed before anything is seen.
    pub ratio: Option<f64>,
    /// After how long the time was shown.
    pub after: Period,
    /// How many were not decided before that.
    pub runs: u32,
    /// How many of these were decided by the time shown.
    pub by_then: u32,
}

impl Foretold {
    /// The share of them, 0 to 1.
    pub fn share(&self) -> f64 {
        f64::from(self.by_then) / f64::from(self.runs.max(1))
    }
}

/// A count of runs against the level it must keep to.
pub trait Row {
    /// The level.
    fn level(&self) -> f64;
    /// How many, of how many.
    fn counted(&self) -> (u32, u32);

    /// The share of runs.
    fn share(&self) -> f64 {
        let (found, runs) = self.counted();
        f64::from(found) / f64::from(runs.max(1))
    }

    /// The most that is still chance: the level and three standard deviations.
    fn most(&self) -> f64 {
        let (level, runs) = (self.level(), f64::from(self.counted().1.max(1)));
        level + 3.0 * (level * (1.0 - level) / runs).sqrt()
    }

    /// Whether it keeps to its level.
    fn keeps(&self) -> bool {
        self.share() <= self.most()
    }
}

impl Row for FalseAlarms {
    fn level(&self) -> f64 {
        self.level
    }
    fn counted(&self) -> (u32, u32) {
        (self.alarms, self.runs)
    }
}

impl Row for WrongClear {
    fn level(&self) -> f64 {
        self.level
    }
    fn counted(&self) -> (u32, u32) {
        (self.cleared, self.runs)
    }
}

fn runs(trial: &Trial, levels: Levels, runs: u32, seed: u64) -> impl Iterator<Item = Ran> {
    (0..runs).map(move |run| trial.run(levels, &mut Pcg64Mcg::seed_from_u64(seed ^ (u64::from(run) << 20))))
}

/// Every nuisance that is known to make other judges cry wolf, each at both levels, twenty bad events being due in five minutes.
pub fn false_alarms(count: u32, seed: u64) -> Vec<FalseAlarms> {
    let usual = Trial::default();
    let margin = Margins { r0: 1.25, ..usual.margins };
    let stages = [
        ("one by one", usual.clone()),
        ("traffic swings between 1 and 3 times", Trial { nuisance: Nuisance::Swing, ..usual.clone() }),
        ("both five times as bad for ten minutes", Trial { nuisance: Nuisance::SharedSpike, ..usual.clone() }),
        ("bursts of four", Trial { nuisance: Nuisance::Bursts, ..usual.clone() }),
        ("retries", Trial { nuisance: Nuisance::Retries, ..usual.clone() }),
        ("hosts differ by 20 %, r0 1.25", Trial { nuisance: Nuisance::Hosts { spread: 0.2 }, margins: margin, ..usual.clone() }),
        ("twelve edges of one histogram", Trial { nuisance: Nuisance::Nested, ratios: vec![1.0; 12], ..usual.clone() }),
        ("looked at every second", Trial { tick: Period::from_secs(1), ..usual.clone() }),
        ("looked at every minute", Trial { tick: Period::from_secs(60), ..usual }),
    ];
    let at = |level: f64| {
        stages.iter().map(move |(name, trial)| {
            let levels = Levels { regressed: level, ..Levels::default() };
            let alarms = runs(trial, levels, count, seed).filter(|ran| ran.regressed.is_some()).count() as u32;
            FalseAlarms { name, level, runs: count, alarms }
        })
    };
    at(0.01).chain(at(0.001)).collect()
}

/// How much it takes to call a release worse that is 1.5, 2, 3, 5 and 10 times as bad, with this margin. `dispersion` as in [`Trial`].
pub fn power(r0: f64, dispersion: Option<f64>, count: u32, seed: u64) -> Vec<Power> {
    [1.5, 2.0, 3.0, 5.0, 10.0]
        .into_iter()
        .map(|ratio| {
            // Seen in steps of a fiftieth of what it takes on average, so that the steps do not show in the figure.
            let mean = 7.0 / (ratio * f64::ln(ratio) - ratio + 1.0);
            let trial = Trial {
                due: mean / 50.0,
                ratios: vec![ratio],
                tick: Period::from_secs(1),
                over: Period::from_secs(1_000),
                margins: Margins { r0, ruled_out: 2.0 },
                dispersion,
                ..Trial::default()
            };
            let mut times: Vec<Option<Period>> = runs(&trial, Levels::default(), count, seed).map(|ran| ran.regressed).collect();
            times.sort_by_key(|time| time.map_or(i64::MAX, Period::millis));
            let due =
                |q: f64| times.get((q * times.len() as f64) as usize).copied().flatten().map(|time| time.secs_f64() * trial.due);
            Power { ratio, half: due(0.5), nine_in_ten: due(0.9), runs: count }
        })
        .collect()
}

/// Whether verdicts come when they were said to come.
pub fn foretold(count: u32, seed: u64) -> Vec<Foretold> {
    let belief = Belief::default();
    let looks = [Period::ZERO, Period::from_mins(1), Period::from_mins(5)];
    let ratios = [None, Some(1.0), Some(1.5), Some(2.0), Some(3.0), Some(5.0)];
    let stages = ratios.into_iter().flat_map(|ratio| looks.map(|after| (ratio, after)));
    stages
        .map(|(ratio, after)| {
            let mut found = Foretold { ratio, after, runs: 0, by_then: 0 };
            for run in 0..count {
                let seed = seed ^ (u64::from(run) << 20);
                let mut rng = Pcg64Mcg::seed_from_u64(seed);
                let trial = Trial {
                    new_share: 0.1,
                    due: 0.2,
                    ratios: vec![ratio.unwrap_or_else(|| belief.draw(&mut rng))],
                    over: Period::from_mins(24 * 60),
                    margins: Margins { r0: 1.25, ruled_out: 2.0 },
                    ..Trial::default()
                };
                if let Some(by_then) = trial.is_foretold(after, Levels::default(), seed, &mut rng) {
                    found.runs += 1;
                    found.by_then += u32::from(by_then);
                }
            }
            found
        })
        .collect()
}

/// Releases that must not be cleared.
pub fn wrong_clears(count: u32, seed: u64) -> Vec<WrongClear> {
    let stage = |ruled_out: f64, ratios: Vec<f64>| Trial {
        ratios,
        over: Period::from_mins(120),
        margins: Margins { r0: 1.25, ruled_out },
        ..Trial::default()
    };
    let one_bad = |of: usize| {
        let mut ratios = vec![1.0; of];
        ratios.iter_mut().take(1).for_each(|ratio| *ratio = 3.0);
        ratios
    };
    let stages = [
        ("1.5 times as bad, 1.5 to be ruled out", stage(1.5, vec![1.5])),
        ("twice as bad, 2 to be ruled out", stage(2.0, vec![2.0])),
        ("three times as bad, 3 to be ruled out", stage(3.0, vec![3.0])),
        ("one slice of 3 three times as bad, 3 to be ruled out", stage(3.0, one_bad(3))),
        ("one slice of 12 three times as bad, 3 to be ruled out", stage(3.0, one_bad(12))),
    ];
    // What is called worse first is not cleared: so that every chance to be wrong is taken, nothing is called worse here.
    let levels = Levels { regressed: 0.0, ..Levels::default() };
    stages
        .iter()
        .map(|(name, trial)| {
            let cleared = runs(trial, levels, count, seed).filter(|ran| ran.cleared.is_some()).count() as u32;
            WrongClear { name, level: levels.cleared, runs: count, cleared }
        })
        .collect()
}
