//! Evidence on the new version's share of bad requests against a fixed share, whatever the old version does.
//!
//! A ratio to the old version says nothing where the old one has no bad events to compare with: three times nothing is nothing, and a single
//! event is any number of times as much. There it counts whether there are next to none. Of `n` requests `share · n` bad ones are due; each
//! alternative says "`a` times that", and for `x` bad events its log-likelihood ratio is `x · ln a + (1 − a) · share · n`. The evidence is
//! the mean of the ratios; by Ville's inequality it is wrong as seldom as a [`super::Mixture`] is.

use super::counts::Arm;
use super::mixture::log_mean_exp;

/// How many times the share the alternatives below it are. Where no bad event was seen the first says most; the others bear a few.
const BELOW: [f64; 3] = [0.02, 0.25, 0.5];
/// How many times the share the alternatives above it are.
const ABOVE: [f64; 6] = [1.25, 1.5, 2.0, 3.0, 5.0, 10.0];

/// Evidence against one hypothesis on the share, in one slice.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    share: f64,
    alternatives: Vec<(f64, f64)>,
}

impl Bound {
    /// Against "at least this share of the requests is bad", 0 to 1.
    pub fn below(share: f64) -> Self {
        Self { share, alternatives: BELOW.map(|times| (times, 0.0)).into() }
    }

    /// Against "at most this share of the requests is bad".
    pub fn above(share: f64) -> Self {
        Self { share, alternatives: ABOVE.map(|times| (times, 0.0)).into() }
    }

    /// Takes in a tick of the new version: see [`super::Mixture::add`] for `dispersion`.
    pub fn add(&mut self, tick: Arm, dispersion: f64) {
        self.go(tick.requests as f64, tick.bad as f64, dispersion);
    }

    /// The same for numbers that were not counted but are expected.
    pub(super) fn go(&mut self, requests: f64, bad: f64, dispersion: f64) {
        for (times, log) in &mut self.alternatives {
            *log += log_ratio(requests * self.share, bad, *times) / dispersion.max(1.0);
        }
    }

    /// The natural logarithm of the evidence now.
    pub fn log_evidence(&self) -> f64 {
        log_mean_exp(self.alternatives.iter().map(|(_, log)| *log))
    }
}

/// The logarithm of how much more likely so many bad events are where `times` as many as `due` are to be expected.
pub(super) fn log_ratio(due: f64, bad: f64, times: f64) -> f64 {
    bad * times.ln() + (1.0 - times) * due
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_distr::{Distribution as _, Poisson};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn without_a_bad_event_it_takes_about_as_many_requests_as_make_four_due() {
        let mut bound = Bound::below(0.001);
        let requests = (1..1_000).find(|_| {
            bound.add(Arm::new(100, 0), 1.0);
            bound.log_evidence() >= 20.0_f64.ln()
        });
        assert!((3_800..=4_600).contains(&(requests.unwrap() * 100)), "{requests:?}");
    }

    #[test]
    fn what_is_as_bad_as_the_bound_is_seldom_called_below_it() {
        let mut rng = Pcg64Mcg::seed_from_u64(11);
        let due = Poisson::new(0.2).unwrap();
        let is_wrong = |rng: &mut Pcg64Mcg| {
            let mut bound = Bound::below(0.002);
            (0..2_000).any(|_| {
                bound.add(Arm::new(100, due.sample(rng) as u64), 1.0);
                bound.log_evidence() >= 20.0_f64.ln()
            })
        };
        let wrong = (0..1_000).filter(|_| is_wrong(&mut rng)).count();
        assert!(wrong <= 50 + 21, "{wrong} of 1,000, of which 50 may be and 21 are three standard deviations");
    }

    #[test]
    fn what_is_above_a_share_is_found_and_what_is_at_it_is_not() {
        let after = |bad: u64| {
            let mut bound = Bound::above(0.001);
            (0..20).for_each(|_| bound.add(Arm::new(1_000, bad), 1.0));
            bound.log_evidence()
        };
        assert!(after(3) > 1_000.0_f64.ln() && after(1) < 0.0 && after(0) < after(1), "{} {} {}", after(3), after(1), after(0));
    }
}
