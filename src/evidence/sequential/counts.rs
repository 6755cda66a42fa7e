//! What the two arms did in one tick.

use std::iter::Sum;
use std::ops::AddAssign;

/// Requests of one arm, and how many of them were bad: failed, or slower than a bucket edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arm {
    /// Requests answered.
    pub requests: u64,
    /// Of those, the bad ones.
    pub bad: u64,
}

/// What the new version and the old one beside it did in the same time, in the same place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The new version.
    pub new: Arm,
    /// The old one.
    pub old: Arm,
}

impl Arm {
    /// An arm.
    pub const fn new(requests: u64, bad: u64) -> Self {
        Self { requests, bad }
    }

    /// Bad events as a share of requests, 0 to 1; none where there were no requests.
    pub fn share(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.bad as f64 / self.requests as f64)
    }
}

impl AddAssign for Arm {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.bad += more.bad;
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.new += more.new;
        self.old += more.old;
    }
}

impl Sum for Arm {
    fn sum<I: Iterator<Item = Self>>(arms: I) -> Self {
        arms.fold(Self::default(), |mut sum, arm| {
            sum += arm;
            sum
        })
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, counts| {
            sum += counts;
            sum
        })
    }
}

impl Counts {
    /// The share of all bad events that the new version is due if it is `ratio` times as bad per request as the old one:
    /// `q(r) = r·n_new / (r·n_new + n_old)`. None where either took no request: nothing can be compared.
    pub fn due(&self, ratio: f64) -> Option<f64> {
        let (new, old) = (ratio * self.new.requests as f64, self.old.requests as f64);
        (self.new.requests > 0 && self.old.requests > 0).then(|| new / (new + old))
    }

    /// How many bad events the new version would have shown if it were no worse than the old one, by the old one's share.
    pub fn expected(&self) -> Option<f64> {
        Some(self.old.share()? * self.new.requests as f64)
    }

    /// How many times as bad per request the new version looks; none where the old one had no bad event to compare with.
    pub fn ratio(&self) -> Option<f64> {
        self.new.share().zip(self.old.share()).filter(|(_, old)| *old > 0.0).map(|(new, old)| new / old)
    }
}

/// Requests and bad events of the new version and of the old one.
#[cfg(test)]
pub(super) const fn counts(new: (u64, u64), old: (u64, u64)) -> Counts {
    Counts { new: Arm::new(new.0, new.1), old: Arm::new(old.0, old.1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_is_the_share_of_requests_weighted_by_the_ratio() {
        let counts = Counts { new: Arm::new(100, 2), old: Arm::new(900, 9) };
        assert_eq!(counts.due(1.0), Some(0.1));
        assert_eq!(counts.due(9.0), Some(0.5));
        assert_eq!((counts.expected(), counts.ratio()), (Some(1.0), Some(2.0)));
    }

    #[test]
    fn without_requests_nothing_is_compared() {
        let alone = Counts { new: Arm::new(100, 2), old: Arm::default() };
        assert_eq!((alone.due(1.0), alone.expected(), alone.ratio()), (None, None, None));
        let spotless = Counts { new: Arm::new(100, 2), old: Arm::new(100, 0) };
        assert_eq!((spotless.due(1.0), spotless.expected(), spotless.ratio()), (Some(0.5), Some(0.0), None));
    }
}
