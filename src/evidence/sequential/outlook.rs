//! When a verdict will be there: a range, from futures that are drawn from what is known now.
//!
//! Each future draws how bad each slice really is from what it has shown: having seen `x` bad events where `e` were due, its ratio is
//! `Gamma(PRIOR + x, PRIOR + e)`, which begins as "about as good as the old version, give or take seven tenths". Then it draws the ticks to come,
//! and looks when they decide. One time alone would be a promise that nobody can keep: even knowing the ratio, decisions come at very
//! different times.

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Gamma};
use rand_pcg::Pcg64Mcg;

use super::super::random::poisson;
use super::bound::Bound;
use super::counts::{Arm, Counts};
use super::levels::Levels;
use super::mixture::{Weight, log_mean_exp};
use super::slice::{Slice, at_most};
use super::verdicts::worse_together;
use crate::domain::time::Period;
use crate::domain::verdict::When;

/// Futures that are drawn. With so many, the nine-in-ten mark is known to within a few in a hundred.
const FUTURES: usize = 200;
/// What lies further ahead is not told apart.
const HORIZON: Period = Period::from_mins(24 * 60);
/// Bad events that the belief "as good as the old version" is worth.
const PRIOR: f64 = 2.0;
/// Ticks are drawn together where they are short beside the time that has passed: a twentieth of it.
const COARSE: f64 = 0.05;

/// What is expected of a slice's ticks to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Requests of the new version, a second.
    pub new: f64,
    /// Requests of the old one beside it, a second.
    pub old: f64,
    /// The old version's bad events as a share of its requests.
    pub bad: f64,
}

/// What is believed of how many times as bad as the old version a release is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Belief {
    /// Bad events that it showed.
    bad: f64,
    /// Bad events that were due if it is as good.
    due: f64,
}

impl Belief {
    /// After what was seen.
    pub fn after(seen: &Counts) -> Self {
        let due = seen.expected().unwrap_or(0.0);
        if due > 0.0 { Self { bad: seen.new.bad as f64, due } } else { Self::default() }
    }

    /// One ratio that may be the true one.
    pub fn draw(self, rng: &mut Pcg64Mcg) -> f64 {
        Gamma::new(PRIOR + self.bad, 1.0 / (PRIOR + self.due)).map_or(1.0, |ratio| ratio.sample(rng))
    }
}

/// A slice and what is expected of it.
#[derive(Clone, Copy, Debug)]
pub struct Ahead<'a> {
    /// What is known.
    pub slice: &'a Slice,
    /// What is expected.
    pub pace: Pace,
    /// Whether the release is cleared only once this slice is.
    pub counts: bool,
}

/// One slice on its way through a future.
struct Path<'a> {
    slice: &'a Slice,
    worse: Vec<(f64, Weight)>,
    no_worse: Vec<(f64, Weight)>,
    above: Option<Bound>,
    below: Option<Bound>,
    peak: f64,
    counts: bool,
    dispersion: f64,
    /// Requests of the new version a second.
    requests: f64,
    /// Bad events a second of the new version and of the old one.
    rates: [f64; 2],
}

/// When the verdict over these slices will be there. The same answer for the same `seed`.
pub fn when(slices: &[Ahead<'_>], levels: Levels, tick: Period, seed: u64) -> When {
    quantiles(slices, levels, tick, (None, seed))
}

/// When slices of which nothing was seen yet would be decided if each were `ratio` times as bad as the old version: what a stage can see.
pub fn if_it_were(ratio: f64, slices: &[Ahead<'_>], levels: Levels, tick: Period, seed: u64) -> When {
    quantiles(slices, levels, tick, (Some(ratio), seed))
}

/// Draws futures until it is known when half and nine in ten of them have decided, or that more than the others never do.
fn quantiles(slices: &[Ahead<'_>], levels: Levels, tick: Period, (ratio, seed): (Option<f64>, u64)) -> When {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let rank = |q: f64| (q * FUTURES as f64).ceil() as usize;
    let mut times = Vec::with_capacity(FUTURES);
    for drawn in 1..=FUTURES {
        times.extend(future(slices, levels, tick, ratio, &mut rng));
        if drawn - times.len() > FUTURES - rank(0.5) {
            return When { p50: None, p90: None };
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |q: f64| times.get(rank(q) - 1).copied().map(Period::from_secs_f64);
    When { p50: at(0.5), p90: at(0.9) }
}

/// After how many seconds one future decides.
fn future(slices: &[Ahead<'_>], levels: Levels, tick: Period, ratio: Option<f64>, rng: &mut Pcg64Mcg) -> Option<f64> {
    let mut paths: Vec<Path<'_>> = slices.iter().map(|ahead| Path::draw(ahead, levels, ratio, rng)).collect();
    let (mut elapsed, tick) = (0.0, tick.secs_f64().max(0.1));
    while elapsed < HORIZON.secs_f64() {
        let step = (elapsed * COARSE / tick).floor().max(1.0) * tick;
        elapsed += step;
        for path in &mut paths {
            path.go(step, rng);
        }
        let worse = worse_together(&paths.iter().map(|path| (at_most(evidence(&path.worse), path.above.as_ref()), path.counts)));
        let mut required = paths.iter().filter(|path| path.counts).peekable();
        let cleared = required.peek().is_some() && required.all(|path| path.peak >= levels.no_worse());
        if worse >= levels.worse() || cleared {
            return Some(elapsed);
        }
    }
    None
}

fn evidence(logs: &[(f64, Weight)]) -> f64 {
    log_mean_exp(logs.iter().map(|(log, _)| *log))
}

impl<'a> Path<'a> {
    fn draw(ahead: &Ahead<'a>, levels: Levels, ratio: Option<f64>, rng: &mut Pcg64Mcg) -> Self {
        let Ahead { slice, pace, counts } = *ahead;
        let ratio = ratio.unwrap_or_else(|| Belief::after(slice.seen()).draw(rng));
        let dispersion = slice.dispersion().phi();
        // Only how the requests of the two compare matters to what an event says.
        let shape = |rps: f64| Arm::new((rps * 1e6).round() as u64, 0);
        let shape = Counts { new: shape(pace.new), old: shape(pace.old) };
        let [worse, no_worse] = slice.mixtures().map(|mixture| mixture.steps(&shape, dispersion));
        let rates = [pace.new * pace.bad * ratio, pace.old * pace.bad];
        let [above, below] = slice.bounds().map(Clone::clone);
        let mut path =
            Self { slice, worse, no_worse, above, below, peak: slice.no_worse(), counts, dispersion, requests: pace.new, rates };
        if !counts || path.peak >= levels.no_worse() {
            // It is cleared, or need not be: that way there is nothing left to follow.
            (path.no_worse, path.below) = (Vec::new(), None);
        }
        path
    }

    fn go(&mut self, seconds: f64, rng: &mut Pcg64Mcg) {
        // Bursts: fewer of them, each worth several events.
        let [new, old] = self.rates.map(|rate| self.dispersion * poisson(rng, rate * seconds / self.dispersion) as f64);
        for (log, weight) in self.worse.iter_mut().chain(&mut self.no_worse) {
            *log += weight.says(new, old);
        }
        for bound in [&mut self.above, &mut self.below].into_iter().flatten() {
            bound.go(self.requests * seconds, new, self.dispersion);
        }
        if self.below.is_some() || !self.no_worse.is_empty() {
            self.peak = self.peak.max(self.slice.staked(evidence(&self.no_worse), self.below.as_ref()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dispersion::Dispersion;
    use super::super::slice::Margins;
    use super::*;

    const TICK: Period = Period::from_secs(10);

    fn at(rps: f64, new_share: f64, bad: f64) -> Pace {
        Pace { new: rps * new_share, old: rps * (1.0 - new_share), bad }
    }

    fn sees(ratio: f64, pace: Pace) -> When {
        let slice = Slice::new(Margins { r0: 1.0, ruled_out: 3.0 }, Dispersion::default());
        if_it_were(ratio, &[Ahead { slice: &slice, pace, counts: false }], Levels::default(), TICK, 1)
    }

    #[test]
    fn a_small_stage_sees_a_large_fault_soon_and_a_small_one_late() {
        let [small, double, large] = [1.5, 2.0, 5.0].map(|ratio| sees(ratio, at(1_000.0, 0.01, 0.001)).p90.unwrap().secs());
        // Λ is 0.01 a second: 39 for twice as bad, 3.9 for five times.
        assert!((3_300..=4_600).contains(&double) && (300..=480).contains(&large) && small > 9_000, "{small} {double} {large}");
    }

    #[test]
    fn without_traffic_or_bad_events_it_is_never_there() {
        let never = When { p50: None, p90: None };
        assert_eq!([at(0.0, 0.5, 0.01), at(100.0, 0.0, 0.01), at(100.0, 0.5, 0.0)].map(|pace| sees(5.0, pace)), [never; 3]);
        assert_eq!(when(&[], Levels::default(), TICK, 1), never);
    }

    #[test]
    fn what_is_nearly_decided_is_decided_soon() {
        let pace = at(1_000.0, 0.1, 0.01);
        let ahead = |slice: &Slice| when(&[Ahead { slice, pace, counts: true }], Levels::default(), TICK, 1).p90.unwrap();
        let fresh = Slice::new(Margins::before_calibration(0.1), Dispersion::default());
        let mut well = fresh.clone();
        (0..5).for_each(|_| well.add(&[Counts { new: Arm::new(1_000, 10), old: Arm::new(9_000, 90) }]));
        assert!(ahead(&well) < ahead(&fresh), "{} {}", ahead(&well), ahead(&fresh));
        assert_eq!(ahead(&fresh), ahead(&fresh), "the same for the same seed");
    }
}
