//! Minutes: what a gauge says from tick to tick hangs together, what it says from minute to minute does so much less.

use crate::domain::time::{EngineTime, Period};

/// How long a block is. Noise that halves within it is what the tests are made for; a longer one would only make them late.
pub const BLOCK: Period = Period::from_mins(1);

/// One arm's gauge in one place at one tick: a mean over instances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// As a share of what is granted.
    pub value: f64,
    /// Of how many instances (≥ 1).
    pub of: u32,
}

/// What both arms used in the same time and place: at a tick, or the mean of a minute's ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Used {
    /// The new version, as a share of what is granted.
    pub new: f64,
    /// The old one.
    pub old: f64,
    /// By how many standard deviations of a host the difference of both means varies with the hosts that they are of: `√(1/n + 1/m)`.
    pub by_hosts: f64,
}

impl Used {
    /// In one cell.
    pub fn in_cell(new: Mean, old: Mean) -> Self {
        let hosts = |mean: Mean| f64::from(mean.of.max(1));
        Self { new: new.value, old: old.value, by_hosts: (1.0 / hosts(new) + 1.0 / hosts(old)).sqrt() }
    }

    /// In all cells together: each weighs by its instances of the new version for both arms, so that a cell that uses more and has more of
    /// the new version speaks neither for nor against it. None without cells.
    pub(super) fn together<'a>(cells: impl Iterator<Item = &'a (Mean, Mean)>) -> Option<Self> {
        let (mut sum, mut weight, mut varies) = (Self::default(), 0.0, 0.0);
        for (new, old) in cells {
            let share = f64::from(new.of.max(1));
            let cell = Self::in_cell(*new, *old);
            sum.new += share * cell.new;
            sum.old += share * cell.old;
            varies += (share * cell.by_hosts).powi(2);
            weight += share;
        }
        (weight > 0.0).then(|| Self { new: sum.new / weight, old: sum.old / weight, by_hosts: varies.sqrt() / weight })
    }

    fn scaled(self, by: f64) -> Self {
        Self { new: self.new * by, old: self.old * by, by_hosts: self.by_hosts * by }
    }

    fn plus(self, more: Self) -> Self {
        Self { new: self.new + more.new, old: self.old + more.old, by_hosts: self.by_hosts + more.by_hosts }
    }

    /// The mean of some; none of none.
    pub(super) fn mean(all: impl Iterator<Item = Self>) -> Option<Self> {
        let (sum, n) = all.fold((Self::default(), 0_u32), |(sum, n), one| (sum.plus(one), n + 1));
        (n > 0).then(|| sum.scaled(1.0 / f64::from(n)))
    }
}

/// The minute that is being gathered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Minutes {
    from: EngineTime,
    /// Which minute since `from`.
    index: i64,
    sum: Used,
    ticks: u32,
}

impl Minutes {
    pub fn new(from: EngineTime) -> Self {
        Self { from, index: 0, sum: Used::default(), ticks: 0 }
    }

    /// Takes in a tick, which is stamped with its end, and gives back the minute that is over by it. A minute without a tick is none.
    pub fn add(&mut self, at: EngineTime, used: Used) -> Option<Used> {
        let index = (at.since(self.from).millis() - 1).max(0) / BLOCK.millis();
        let done = (index > self.index && self.ticks > 0).then(|| self.sum.scaled(1.0 / f64::from(self.ticks)));
        if index > self.index {
            *self = Self { index, ..Self::new(self.from) };
        }
        self.sum = self.sum.plus(used);
        self.ticks += 1;
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(new: f64, old: f64) -> Used {
        Used { new, old, by_hosts: 1.0 }
    }

    #[test]
    fn a_minute_is_the_mean_of_its_ticks_and_ends_with_the_first_tick_after_it() {
        let mut minutes = Minutes::new(EngineTime::from_millis(0));
        let mut at = |seconds: i64, new: f64| minutes.add(EngineTime::from_millis(seconds * 1_000), used(new, 0.5));
        assert_eq!((at(20, 0.1), at(40, 0.2), at(60, 0.3)), (None, None, None));
        let minute = at(80, 0.9).unwrap();
        assert!((minute.new - 0.2).abs() < 1e-12 && (minute.old - 0.5).abs() < 1e-12, "{minute:?}");
        assert!((at(600, 0.1).unwrap().new - 0.9).abs() < 1e-12, "what was missed between is no minute");
        assert_eq!(at(590, 0.1), None, "a tick that comes late belongs to the minute that is open");
    }

    #[test]
    fn cells_are_weighed_alike_for_both_versions() {
        let mean = |value, of| Mean { value, of };
        // In the hungry cell both use the same, and most of the new version is there.
        let cells = [(mean(0.8, 9), mean(0.8, 10)), (mean(0.2, 1), mean(0.2, 90))];
        let all = Used::together(cells.iter()).unwrap();
        assert!((all.new - all.old).abs() < 1e-12 && (all.new - 0.74).abs() < 1e-12, "{all:?}");
        assert_eq!(Used::together([].iter()), None);
    }

    #[test]
    fn more_hosts_differ_less_in_the_mean() {
        let by = |new, old| Used::in_cell(Mean { value: 0.5, of: new }, Mean { value: 0.5, of: old }).by_hosts;
        assert!(by(1, 30) > 1.0 && by(3, 30) < 0.61 && by(100, 100) < 0.15);
        let cells = [(Mean { value: 0.5, of: 3 }, Mean { value: 0.5, of: 30 }); 4];
        assert!((Used::together(cells.iter()).unwrap().by_hosts - by(3, 30) / 2.0).abs() < 1e-12);
    }
}
