//! What the comparison of gauges is held to.

use super::super::sequential::Levels;
use crate::domain::time::Period;

/// How many standard deviations hosts may differ by before it is the release that differs.
const HOSTS: f64 = 3.0;

/// What is a difference between hosts, what is to be ruled out, and how sure a verdict must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeTerms {
    /// How sure a verdict must be.
    pub levels: Levels,
    /// So much more than the old version is nobody's concern, as a share of what the old one uses (≥ 0).
    pub margin: f64,
    /// How much hosts with the same version differ among themselves: the standard deviation of their use over its mean (≥ 0). A run of the old
    /// version against itself tells it.
    pub spread: f64,
    /// What must be ruled out before a gauge is cleared: so many times as much as the old version (> 1).
    pub ruled_out: f64,
    /// How long the beginning does not count, while new instances get warm.
    pub warm_up: Period,
}

impl GaugeTerms {
    /// What is used before an A/A run has said better: hosts that differ by 10 %. Three new instances among many have then to use 23 % more
    /// before it is the release, ten 15 %, one 37 %.
    pub fn before_calibration(levels: Levels, warm_up: Period) -> Self {
        Self { levels, margin: 0.05, spread: 0.1, ruled_out: 1.5, warm_up }
    }

    /// So many times as much as the old version is still the difference between hosts, where the mean varies by so many standard deviations
    /// of one host.
    pub(super) fn allowed(&self, by_hosts: f64) -> f64 {
        1.0 + self.margin + HOSTS * self.spread * by_hosts
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::{Mean, Used};
    use super::*;

    #[test]
    fn fewer_hosts_are_allowed_more() {
        let terms = GaugeTerms::before_calibration(Levels::default(), Period::ZERO);
        let allowed = |new, old| {
            let mean = |of| Mean { value: 0.5, of };
            (terms.allowed(Used::in_cell(mean(new), mean(old)).by_hosts) * 100.0).round() as u32
        };
        assert_eq!([allowed(1, 9), allowed(3, 27), allowed(10, 90), allowed(50, 50)], [137, 123, 115, 111]);
    }
}
