//! Bets on a coin that is said to favour nobody.
//!
//! Under the null, heads come with probability 1/2 at most, whatever came before. Who bets a fixed share of what he has on heads, so that it
//! is multiplied by `2p` on heads and by `2(1 − p)` on tails (`p ≥ 1/2`), has no more than he began with in expectation: an e-process, and so
//! is the mean over several `p`. By Ville's inequality it ever reaches `1/α` with probability α at most. (Ville 1939; Shafer and Vovk 2019.)
//! Twelve heads in a row are worth 1,000 to one.
//!
//! Begun anew whenever it falls below one, the same bets are a detector of what begins late: see [`Onset`](super::super::sequential::Onset).

use super::super::sequential::log_mean_exp;

/// With what probability heads come for each of the betters: a faint tendency, and certainty.
const HEADS: [f64; 4] = [0.6, 0.75, 0.9, 0.99];

/// One coin that is bet on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Coin {
    /// The logarithm of what each better has.
    since_begin: [f64; HEADS.len()],
    /// The same, begun anew whenever it was below what it began with.
    of_late: [f64; HEADS.len()],
    peak: f64,
}

impl Coin {
    /// Takes in one throw.
    pub fn thrown(&mut self, heads: bool) {
        for ((all, late), p) in self.since_begin.iter_mut().zip(&mut self.of_late).zip(HEADS) {
            let gain = (2.0 * if heads { p } else { 1.0 - p }).ln();
            *all += gain;
            *late = late.max(0.0) + gain;
        }
        self.peak = self.peak.max(self.log_evidence());
    }

    /// Evidence against the null now, by its natural logarithm: 0 says nothing.
    pub fn log_evidence(&self) -> f64 {
        log_mean_exp(self.since_begin.iter().copied())
    }

    /// The most it ever was, likewise.
    pub const fn peak(&self) -> f64 {
        self.peak
    }

    /// Evidence that it favours heads of late, likewise.
    pub fn of_late(&self) -> f64 {
        log_mean_exp(self.of_late.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(throws: impl Iterator<Item = bool>) -> Coin {
        let mut coin = Coin::default();
        throws.for_each(|heads| coin.thrown(heads));
        coin
    }

    #[test]
    fn a_dozen_heads_in_a_row_are_a_thousand_to_one_and_a_fair_coin_is_nothing() {
        let worth = |heads| after((0..heads).map(|_| true)).log_evidence();
        assert!(worth(11) < 1_000.0_f64.ln() && worth(12) > 1_000.0_f64.ln(), "{} {}", worth(11), worth(12));
        assert!(after((0..400).map(|throw| throw % 2 == 0)).log_evidence() < 0.0);
        assert!((worth(0) - 0.0).abs() < 1e-12);
    }

    #[test]
    fn the_expected_gain_of_a_fair_coin_is_none() {
        // Every sequence of ten throws alike: the mean of what is won is exactly what was put in.
        let mean: f64 = (0..1_024_u32).map(|throws| after((0..10).map(|at| throws >> at & 1 == 1)).log_evidence().exp()).sum();
        assert!((mean / 1_024.0 - 1.0).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn a_turn_after_a_long_time_is_seen_at_once_by_what_forgets() {
        let coin = after((0..600).map(|throw| throw >= 580));
        assert!(coin.of_late() > 10.0 && coin.log_evidence() < 0.0 && coin.peak() < 1e-9, "{coin:?}");
    }
}
