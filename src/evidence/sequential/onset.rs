//! What begins late: a detector for leaks and slow burns through a bake.
//!
//! An e-process that has gathered an hour of good news takes long to be turned. This one forgets good news: for each alternative the product
//! of likelihood ratios is begun anew whenever it falls below one (CUSUM; Page 1954), and the mean over the alternatives is what counts. It
//! is at most the sum of e-processes begun at every tick, so that under the null the mean time until it reaches `c` is at least `c` ticks
//! (Shin, Ramdas and Rinaldo 2023).

use super::bound;
use super::counts::Counts;
use super::mixture::{log_mean_exp, log_ratio};
use crate::domain::time::Period;

/// How many times as bad as the null a late fault may be. Smaller ones are not looked for: they would raise the alarm's threshold for all.
const LATE: [f64; 4] = [1.5, 2.0, 3.0, 5.0];

/// On average no more than one false alarm in so long, for a service that is pushed all the time.
const FALSE_ALARM_EVERY: Period = Period::from_mins(30 * 24 * 60);

/// The detector of one slice.
#[derive(Clone, Debug, PartialEq)]
pub struct Onset {
    null: f64,
    alternatives: [(f64, f64); LATE.len()],
    /// The same against a share that is as good as none, where there is one.
    above: Option<(f64, [(f64, f64); LATE.len()])>,
}

impl Onset {
    /// Against "at most `r0` times as bad as the old version", from now on.
    pub fn new(r0: f64) -> Self {
        Self { null: r0, alternatives: LATE.map(|times| (r0 * times, 0.0)), above: None }
    }

    /// The same where what becomes worse must be worse than `r0` times this share, too.
    #[must_use]
    pub fn above(self, share: f64) -> Self {
        Self { above: Some((share * self.null, LATE.map(|times| (times, 0.0)))), ..self }
    }

    /// Takes in one tick: see [`super::Mixture::add`].
    pub fn add(&mut self, cells: &[Counts], dispersion: f64) {
        for (alternative, log) in &mut self.alternatives {
            *log = log.max(0.0) + log_ratio(cells, *alternative, self.null) / dispersion.max(1.0);
        }
        if let Some((share, alternatives)) = &mut self.above {
            let (requests, bad) = cells.iter().fold((0, 0), |sum, cell| (sum.0 + cell.new.requests, sum.1 + cell.new.bad));
            for (times, log) in alternatives {
                *log = log.max(0.0) + bound::log_ratio(*share * requests as f64, bad as f64, *times) / dispersion.max(1.0);
            }
        }
    }

    /// The logarithm of the mean.
    pub fn log_evidence(&self) -> f64 {
        let mean = |alternatives: &[(f64, f64)]| log_mean_exp(alternatives.iter().map(|(_, log)| *log));
        let beside = mean(&self.alternatives);
        self.above.as_ref().map_or(beside, |(_, above)| beside.min(mean(above)))
    }

    /// What the evidence must reach, by its logarithm, where a tick is so long.
    pub fn threshold(tick: Period) -> f64 {
        (FALSE_ALARM_EVERY.secs_f64() / tick.secs_f64().max(0.001)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::super::counts::Arm;
    use super::super::mixture::Mixture;
    use super::*;

    #[test]
    fn a_fault_that_begins_after_an_hour_is_found_sooner_than_by_what_remembers_the_hour() {
        let tick = |bad| Counts { new: Arm::new(1_000, bad), old: Arm::new(9_000, 18) };
        let (mut onset, mut mixture) = (Onset::new(1.25), Mixture::worse(1.25));
        for _ in 0..360 {
            onset.add(&[tick(2)], 1.0);
            mixture.add(&[tick(2)], 1.0);
        }
        assert!(onset.log_evidence() < 0.1, "{onset:?}");
        let until = |found: &mut dyn FnMut() -> bool| (1..10_000).find(|_| found());
        let late = until(&mut || {
            onset.add(&[tick(6)], 1.0);
            onset.log_evidence() >= Onset::threshold(Period::from_secs(10))
        });
        let slow = until(&mut || {
            mixture.add(&[tick(6)], 1.0);
            mixture.log_evidence() >= 1_000.0_f64.ln()
        });
        assert!(late < slow && late.is_some_and(|ticks| ticks <= 12), "{late:?} {slow:?}");
    }

    #[test]
    fn shorter_ticks_are_looked_at_more_often_and_have_to_show_more() {
        assert!(Onset::threshold(Period::from_secs(1)) > Onset::threshold(Period::from_secs(10)));
        assert!((Onset::threshold(Period::from_secs(10)) - 259_200.0_f64.ln()).abs() < 1e-9);
    }
}
