//! Whether the new version uses more than the old one beside it, and whether so much more is ruled out.
//!
//! A minute's excess is what the new version used beyond what is allowed, `x = new − (allowed · old + floor)`. Noise that lasts carries a part
//! of one minute's excess into the next; so a minute is heads only if its excess is greater than half of the last one's, where that was one:
//! `x > ½ · max(last, 0)`.
//!
//! Null: given the past, a minute's excess is as likely at most ρ times the last one as not, for some ρ between 0 and ½ and a level of
//! 0 at most; which of them need not be known. Then heads come with probability ½ at most. Noise of the first order does so where its
//! correlation over ten seconds is 0.8 or less, or over one second 0.98 or less. Slower noise (0.95 over ten seconds) makes a release that
//! lies exactly at what is allowed be called worse in a few of a hundred stages, and keeps the level where it lies below that by half of the
//! noise's standard deviation.
//!
//! Each minute is worth a factor of two at most, whatever it shows: twelve are needed at 0.1 %, five to rule something out at 5 %.

use super::block::Used;
use super::coin::Coin;
use super::terms::GaugeTerms;

/// Nobody minds a hundredth of what is granted, whatever it is a multiple of.
pub(super) const FLOOR: f64 = 0.01;
/// How much of a minute's excess may be left in the next one.
pub(super) const CARRIED: f64 = 0.5;

/// Evidence on the level of one gauge, in one place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Level {
    worse: Side,
    no_worse: Side,
}

/// A coin, with what the last minute left for the next.
#[derive(Clone, Debug, Default, PartialEq)]
struct Side {
    coin: Coin,
    last: f64,
}

impl Side {
    fn add(&mut self, excess: f64) {
        self.coin.thrown(excess > CARRIED * self.last.max(0.0));
        self.last = excess;
    }
}

impl Level {
    /// Takes in a minute.
    pub fn add(&mut self, minute: &Used, terms: &GaugeTerms) {
        self.worse.add(minute.new - (terms.allowed(minute.by_hosts) * minute.old + FLOOR));
        self.no_worse.add(terms.ruled_out * minute.old + FLOOR - minute.new);
    }

    /// Evidence that the new version uses more, by its logarithm.
    pub fn worse(&self) -> f64 {
        self.worse.coin.log_evidence()
    }

    /// Evidence that it began to do so late.
    pub fn late(&self) -> f64 {
        self.worse.coin.of_late()
    }

    /// The most evidence there ever was that it does not use so much more as is to be ruled out.
    pub const fn no_worse(&self) -> f64 {
        self.no_worse.coin.peak()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sequential::Levels;
    use super::*;
    use crate::domain::time::Period;

    fn after(minutes: u32, new: f64, old: f64) -> Level {
        let terms = GaugeTerms { spread: 0.05, ..GaugeTerms::before_calibration(Levels::default(), Period::ZERO) };
        let mut level = Level::default();
        (0..minutes).for_each(|_| level.add(&Used { new, old, by_hosts: 0.6 }, &terms));
        level
    }

    #[test]
    fn a_dozen_minutes_show_a_fifth_more() {
        let levels = Levels::default();
        assert!(after(11, 0.6, 0.5).worse() < levels.worse() && after(12, 0.6, 0.5).worse() > levels.worse());
        assert!(after(60, 0.55, 0.5).worse() < 0.0, "what hosts differ by is no fault");
    }

    #[test]
    fn half_as_much_again_is_ruled_out_by_minutes_that_use_less() {
        let levels = Levels::default();
        assert!(after(6, 0.55, 0.5).no_worse() > levels.no_worse());
        assert!(after(2, 0.55, 0.5).no_worse() < levels.no_worse());
        assert!(after(60, 0.9, 0.5).no_worse() < 1e-9);
    }

    #[test]
    fn what_is_next_to_nothing_is_not_compared_by_its_ratio() {
        assert!(after(60, 0.008, 0.002).worse() < 0.0, "four times nothing");
        assert!(after(6, 0.008, 0.002).no_worse() > Levels::default().no_worse());
        assert!(after(60, 0.0, 0.0).worse() < 0.0);
    }
}
