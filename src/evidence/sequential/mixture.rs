//! A mixture e-process on the new version's share of bad events.
//!
//! Given how many bad events both arms had together, those of the new version are as many as `n` draws with probability `q(r)` give, where
//! `r` says how many times as bad as the old version it is. Whatever raises both arms alike, such as the time of day or a fault of something
//! they share, falls out. For each alternative `r` the log-likelihood ratio to the null `r0` is summed over ticks; the evidence is the mean
//! of the ratios. Under the null its expectation is at most 1 at every moment, so that by Ville's inequality it ever reaches `1/α` with
//! probability α at most, however often it is looked at. (Robbins 1970; Lindon and Malek 2022 for counts.)
//!
//! The counts are taken as Poisson. Bad events that are more than a few in a hundred requests vary less than that: the test is then
//! conservative, never hasty.

use super::counts::Counts;

/// How many times as bad as the null the alternatives of [`Mixture::worse`] are.
const WORSE: [f64; 6] = [1.25, 1.5, 2.0, 3.0, 5.0, 10.0];
/// How many times as bad as the old version the alternatives of [`Mixture::ruling_out`] are.
const NO_WORSE: [f64; 3] = [0.5, 0.75, 1.0];

/// Evidence against one null hypothesis, in one slice.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    null: f64,
    /// Each alternative with its log-likelihood ratio to the null so far.
    alternatives: Vec<(f64, f64)>,
}

impl Mixture {
    /// Against "at most `r0` times as bad as the old version". `r0` ≥ 1 is the margin within which hosts differ by themselves.
    pub fn worse(r0: f64) -> Self {
        Self::against(r0, WORSE.iter().map(|times| r0 * times))
    }

    /// The mirror of it: against "at least `ratio` times as bad as the old version". `ratio` > 1.
    pub fn ruling_out(ratio: f64) -> Self {
        Self::against(ratio, NO_WORSE.into_iter())
    }

    fn against(null: f64, alternatives: impl Iterator<Item = f64>) -> Self {
        Self { null, alternatives: alternatives.map(|ratio| (ratio, 0.0)).collect() }
    }

    /// The null's ratio.
    pub const fn null(&self) -> f64 {
        self.null
    }

    /// Takes in one tick: what each cell's two arms did. Cells are independent, so that their log-evidence adds up; each is compared within
    /// itself, or a cell that is worse and has more of the new version would speak against it. `dispersion` is how many times as much as
    /// Poisson the counts vary (≥ 1): bad events that come in bursts are fewer pieces of news than they are events. It must not be estimated
    /// from this very tick.
    pub fn add(&mut self, cells: &[Counts], dispersion: f64) {
        for (alternative, log) in &mut self.alternatives {
            *log += log_ratio(cells, *alternative, self.null) / dispersion.max(1.0);
        }
    }

    /// The natural logarithm of the evidence now: 0 says nothing either way.
    pub fn log_evidence(&self) -> f64 {
        log_mean_exp(self.alternatives.iter().map(|(_, log)| *log))
    }

    /// Each alternative's logarithm so far, with what one more bad event of either arm adds to it where their requests are as in `pace`.
    pub(super) fn steps(&self, pace: &Counts, dispersion: f64) -> Vec<(f64, Weight)> {
        let each = self.alternatives.iter().filter_map(|(alternative, log)| {
            let Weight { new, old } = Weight::of(pace, *alternative, self.null)?;
            Some((*log, Weight { new: new / dispersion.max(1.0), old: old / dispersion.max(1.0) }))
        });
        each.collect()
    }
}

/// How much one bad event of each arm says for one alternative, by the logarithm of the likelihood ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weight {
    /// An event of the new version.
    pub new: f64,
    /// An event of the old one.
    pub old: f64,
}

impl Weight {
    /// Of arms with so many requests; none where they cannot be compared.
    pub fn of(counts: &Counts, ratio: f64, null: f64) -> Option<Self> {
        let (alternative, null) = counts.due(ratio).zip(counts.due(null))?;
        Some(Self { new: (alternative / null).ln(), old: ((1.0 - alternative) / (1.0 - null)).ln() })
    }

    /// What so many events of each say together.
    pub fn says(self, new: f64, old: f64) -> f64 {
        new * self.new + old * self.old
    }
}

/// The logarithm of how much more likely a tick is where the new version is `ratio` times as bad than where it is `null` times. A cell in
/// which nothing can be compared adds nothing.
pub(super) fn log_ratio(cells: &[Counts], ratio: f64, null: f64) -> f64 {
    let says = |counts: &Counts| Some(Weight::of(counts, ratio, null)?.says(counts.new.bad as f64, counts.old.bad as f64));
    cells.iter().filter_map(says).sum()
}

/// `ln(mean(exp(x)))` without overflow. Nothing to average is no evidence.
pub(in crate::evidence) fn log_mean_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() {
        return if most > 0.0 { most } else { 0.0 };
    }
    let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), value| (sum + (value - most).exp(), n + 1));
    most + (sum / f64::from(n)).ln()
}

#[cfg(test)]
mod tests {
    use super::super::counts::counts as tick;
    use super::*;

    #[test]
    fn evidence_grows_where_the_new_version_is_worse_and_shrinks_where_it_is_not() {
        let after = |bad: u64| {
            let mut mixture = Mixture::worse(1.0);
            (0..60).for_each(|_| mixture.add(&[tick((1_000, bad), (99_000, 99))], 1.0));
            mixture.log_evidence()
        };
        assert!(after(3) > 1_000.0_f64.ln() && after(1) < 0.0 && after(0) < after(1), "{} {} {}", after(3), after(1), after(0));
    }

    #[test]
    fn what_both_arms_suffer_alike_is_no_evidence_against_the_new_one() {
        let mut mixture = Mixture::worse(1.0);
        for shared in [1, 1, 50, 50, 50, 2, 1] {
            mixture.add(&[tick((1_000, shared), (99_000, 99 * shared))], 1.0);
            assert!(mixture.log_evidence() < 0.1, "{mixture:?}");
        }
    }

    #[test]
    fn a_ratio_is_ruled_out_by_enough_events_that_do_not_show_it() {
        let mut mixture = Mixture::ruling_out(2.0);
        mixture.add(&[tick((1_000, 1), (99_000, 99))], 1.0);
        assert!(mixture.log_evidence() < 20.0_f64.ln(), "one event says little");
        (0..15).for_each(|_| mixture.add(&[tick((1_000, 1), (99_000, 99))], 1.0));
        assert!(mixture.log_evidence() > 20.0_f64.ln(), "{mixture:?}");
    }

    #[test]
    fn bursts_count_for_less() {
        let after = |dispersion| {
            let mut mixture = Mixture::worse(1.0);
            mixture.add(&[tick((1_000, 12), (99_000, 99))], dispersion);
            mixture.log_evidence()
        };
        assert!(after(1.0) > 3.0 && after(7.0) < 2.0, "{} {}", after(1.0), after(7.0));
        assert!((after(0.2) - after(1.0)).abs() < 1e-12, "less than Poisson is not believed");
    }

    #[test]
    fn a_tick_that_cannot_be_compared_changes_nothing() {
        let mut mixture = Mixture::worse(1.0);
        for counts in [tick((0, 0), (99_000, 99)), tick((1_000, 9), (0, 0)), tick((0, 0), (0, 0)), tick((1_000, 0), (99_000, 0))] {
            mixture.add(&[counts], 1.0);
        }
        assert!(mixture.log_evidence().abs() < 1e-12, "{mixture:?}");
    }

    #[test]
    fn a_mean_of_exponentials_does_not_overflow() {
        assert!((log_mean_exp([1e6, 1e6].into_iter()) - 1e6).abs() < 1e-6);
        assert!((log_mean_exp([0.0, f64::NEG_INFINITY].into_iter()) - 0.5_f64.ln()).abs() < 1e-12);
        assert!(log_mean_exp([].into_iter()).abs() < 1e-12);
    }
}
