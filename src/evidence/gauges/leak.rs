//! Whether the new version's use grows away from the old one's, and does not level off.
//!
//! What is followed is the new version's gap to the old one beside it, in two ways at once: as a difference and as a ratio. Where both carry
//! the same traffic, a version that needs a fixed amount more has a steady difference, and one that needs some percent more a steady ratio,
//! whatever the time of day does to both. A minute is heads only if both are greater than everything that the past explains without a leak:
//!
//! - *it uses no more than the old version*: then it is not called a leak, however it grows. A cache that fills up to what is usual stays below;
//! - *it levels off*: what is being filled with a time constant of [`FILLS_IN`] or less grows from the middle third of the history until now by
//!   no more than [`projected`] says of its growth from the first third to the middle one, and [`GRANTED`] is given beside it;
//! - *it went up a step*: no more than the last [`RECENT`] minutes, and half of what the last one had beyond these (noise that lasts, as in
//!   [`super::level`]).
//!
//! Null: given the past, the gap is at least as likely at or below the greatest of these as above it. Heads then come with probability ½ at
//! most, and the detector that begins its bets anew at every minute has false alarms no more often than its budget allows (see
//! [`Onset`](super::super::sequential::Onset)). After a step, heads come for a dozen minutes; a score of them in a row is needed.
//!
//! Minutes see a fast leak soon; slow ones drown in the noise of single minutes, and are seen in blocks of five. Each of both detectors is one
//! by itself, so that their mean is one.
//!
//! What it cannot see: a leak while the new version still uses less than the old one; one of less than about 2 % of what is granted in an
//! hour; and one that both versions have. What fills more slowly than with a time constant of half an hour, by half as much as the old version
//! uses, is taken for a leak in some of the stages before it levels off.

use std::collections::VecDeque;

use super::block::Used;
use super::coin::Coin;
use super::level::CARRIED;

/// The history in which the thirds are taken, in blocks: three hours of minutes.
const HISTORY: usize = 180;
/// With how long a time constant a cache may fill, in minutes: it is nine tenths full after more than twice that.
const FILLS_IN: f64 = 30.0;
/// Over how many blocks a step is forgotten.
const RECENT: usize = 12;
/// Growth that is granted, as a share of what the old version uses…
const GRANTED: f64 = 0.02;
/// … and of what is granted to an instance.
const GRANTED_FLOOR: f64 = 0.005;
/// How many minutes the blocks of the slower detector are.
const SLOW: usize = 5;

/// Both detectors of one gauge, in one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leak {
    fast: Watch,
    slow: Watch,
    /// Minutes of the slower one's block so far.
    gathered: Vec<Used>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
struct Watch {
    coin: Coin,
    history: VecDeque<Used>,
    /// From how many blocks of history on anything is said.
    first: usize,
    /// How many blocks [`FILLS_IN`] is.
    fills_in: f64,
}

impl Default for Leak {
    fn default() -> Self {
        let watch = |first: usize, minutes: f64| Watch {
            coin: Coin::default(),
            history: VecDeque::new(),
            first,
            fills_in: FILLS_IN / minutes,
        };
        Self { fast: watch(20, 1.0), slow: watch(RECENT, SLOW as f64), gathered: Vec::new() }
    }
}

impl Leak {
    /// Takes in a minute.
    pub fn add(&mut self, minute: Used) {
        self.fast.add(minute);
        self.gathered.push(minute);
        if self.gathered.len() >= SLOW
            && let Some(block) = Used::mean(self.gathered.drain(..))
        {
            self.slow.add(block);
        }
    }

    /// Evidence of a leak that goes on, by its logarithm: that of both detectors.
    pub fn log_evidence(&self) -> [f64; 2] {
        [self.fast.coin.of_late(), self.slow.coin.of_late()]
    }

    /// The last minutes, the oldest first.
    pub fn minutes(&self) -> impl DoubleEndedIterator<Item = &Used> + ExactSizeIterator + Clone {
        self.fast.history.iter()
    }

    /// By how much the gap to the old version grew in a block, and over how many blocks that was seen; none before there is enough to tell.
    pub fn growth(&self) -> Option<(f64, usize)> {
        let history = &self.fast.history;
        let third = history.len() / 3;
        let gap = |used: &Used| used.new - used.old;
        let first = mean(history.iter().take(third).map(gap))?;
        let last = mean(history.iter().rev().take(third).map(gap))?;
        (third >= RECENT / 2).then(|| ((last - first) / (history.len() - third) as f64, history.len()))
    }
}

impl Watch {
    fn add(&mut self, block: Used) {
        if self.history.len() >= self.first {
            let granted = GRANTED * block.old + GRANTED_FLOOR;
            let difference = |used: &Used| used.new - used.old;
            let ratio = |used: &Used| used.new / (used.old + GRANTED_FLOOR);
            let grows = block.new > block.old
                && difference(&block) > self.explained(difference, granted)
                && ratio(&block) > self.explained(ratio, granted / (block.old + GRANTED_FLOOR));
            self.coin.thrown(grows);
        }
        self.history.push_back(block);
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }

    /// Up to where the past explains the gap without a leak.
    fn explained(&self, gap: impl Fn(&Used) -> f64, granted: f64) -> f64 {
        let blocks = || self.history.iter().map(&gap);
        let (n, third) = (self.history.len(), self.history.len() / 3);
        let first = mean(blocks().take(third)).unwrap_or(0.0);
        let middle = mean(blocks().skip(third).take(third)).unwrap_or(0.0);
        let levels_off = middle + projected(n as f64, self.fills_in) * (middle - first).max(0.0) + granted;
        let recent = mean(blocks().rev().take(RECENT)).unwrap_or(0.0);
        let last = blocks().next_back().unwrap_or(0.0);
        levels_off.max(recent + CARRIED * (last - recent).max(0.0))
    }
}

/// What fills up by `1 − exp(−t/τ)` from the beginning of a history of `n` blocks: its growth from the middle third to the end, for what it
/// grew from the first third to the middle one. Of steady growth that is 1.5.
fn projected(n: f64, fills_in: f64) -> f64 {
    let third = n / 3.0;
    let left = |at: f64| (-at / fills_in).exp();
    let over = |from: f64, to: f64| fills_in / (to - from) * (left(from) - left(to));
    let [first, middle] = [over(0.0, third), over(third, 2.0 * third)];
    if first > middle { (middle - left(n)) / (first - middle) } else { 0.0 }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More than the detector asks for.
    const SURE: f64 = 11.4;

    /// After how many minutes it is sure of what the new and the old version use, each a function of the minute.
    fn found(minutes: u32, new: impl Fn(f64) -> f64, old: impl Fn(f64) -> f64) -> Option<u32> {
        let mut leak = Leak::default();
        (1..=minutes).find(|minute| {
            let at = f64::from(*minute);
            leak.add(Used { new: new(at), old: old(at), by_hosts: 0.6 });
            leak.log_evidence().into_iter().fold(0.0, f64::max) > SURE
        })
    }

    #[test]
    fn a_leak_is_seen_within_the_hour_and_one_that_begins_late_sooner_after_its_beginning() {
        let at_once = found(240, |at| 0.42 + 0.2 * at / 60.0, |_| 0.4).unwrap();
        let late = found(240, |at| 0.42 + 0.2 * (at - 120.0).max(0.0) / 60.0, |_| 0.4).unwrap();
        assert!(at_once <= 50 && (121..=146).contains(&late), "{at_once} {late}");
    }

    #[test]
    fn what_levels_off_or_stays_below_the_old_version_is_no_leak() {
        for fills_in in [5.0, 10.0, 20.0, 28.0] {
            let filled = found(480, |at| 0.41 + 0.2 * (1.0 - (-at / fills_in).exp()), |_| 0.4);
            assert_eq!(filled, None, "{fills_in}");
        }
        assert_eq!(found(400, |at| 0.1 + 0.04 * at / 60.0, |_| 0.4), None, "it gets where the old version is");
    }

    #[test]
    fn a_step_is_no_leak() {
        assert_eq!(found(480, |at| if at > 200.0 { 0.6 } else { 0.42 }, |_| 0.4), None);
    }

    #[test]
    fn the_time_of_day_is_no_leak_for_one_that_needs_more() {
        let day = |at: f64| 0.3 + 0.2 * (at / 480.0 * std::f64::consts::TAU).sin();
        assert_eq!(found(960, |at| 1.2 * day(at), day), None);
        assert_eq!(found(960, |at| 0.1 + day(at), day), None);
        assert_eq!(found(480, |_| 0.0, |_| 0.0), None);
    }

    #[test]
    fn steady_growth_is_more_than_anything_that_fills() {
        for n in [12.0, 20.0, 60.0, 180.0] {
            assert!(projected(n, 30.0) < 1.5, "{n}");
        }
        assert!(projected(180.0, 30.0) < 0.2);
    }

    #[test]
    fn its_pace_is_told() {
        let mut leak = Leak::default();
        (0..6).for_each(|_| leak.add(Used { new: 0.4, old: 0.4, by_hosts: 1.0 }));
        assert_eq!(leak.growth(), None);
        let mut leak = Leak::default();
        (0..60).for_each(|minute| leak.add(Used { new: 0.4 + 0.002 * f64::from(minute), old: 0.4, by_hosts: 1.0 }));
        let (pace, over) = leak.growth().unwrap();
        assert!((pace - 0.002).abs() < 1e-9 && over == 60, "{pace} {over}");
    }
}
