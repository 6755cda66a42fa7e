//! How each target has answered lately: what a person looks at who wonders why there are no numbers.

use std::time::{Duration, Instant};

use crate::domain::id::{CellId, EnvironmentId};
use crate::evidence::delta::{CellTick, NoTick};

/// Why a target gave no tick this round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Without {
    /// It answered well, and from the next answer on there is something to compare.
    Begun(String),
    /// It did not answer, or not so that it could be used.
    Failed(String),
}

/// How one target has answered lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    last_success: Option<Instant>,
    failures: u32,
    error: Option<String>,
}

/// A target, and how it has answered lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    /// Of which environment.
    pub environment: EnvironmentId,
    /// Which cell.
    pub cell: CellId,
    /// How it has answered.
    pub health: Health,
}

impl Health {
    /// How long ago, by the wall, it last answered so that it could be used; `None` where it never has.
    pub fn age(&self) -> Option<Duration> {
        self.last_success.map(|at| at.elapsed())
    }

    /// How often in a row it has failed since; 0 for one that is well.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Why it failed the last time, whether or not it has answered since. In a sentence that may be shown.
    pub fn last_error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Notes what came of a round.
    pub(super) fn note(&mut self, outcome: &Result<CellTick, Without>) {
        match outcome {
            Ok(_) | Err(Without::Begun(_)) => {
                self.last_success = Some(Instant::now());
                self.failures = 0;
            }
            Err(Without::Failed(why)) => {
                self.failures = self.failures.saturating_add(1);
                self.error = Some(why.clone());
            }
        }
    }
}

impl From<NoTick> for Without {
    fn from(why: NoTick) -> Self {
        match why {
            NoTick::First | NoTick::WentBack => Self::Begun(why.to_string()),
            NoTick::NoTime | NoTick::NotMoved => Self::Failed(why.to_string()),
        }
    }
}

impl Without {
    /// In a sentence.
    pub(super) fn why(self) -> String {
        match self {
            Self::Begun(why) | Self::Failed(why) => why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted_until_it_answers_and_the_last_error_stays_known() {
        let mut health = Health::default();
        assert_eq!((health.age(), health.failures(), health.last_error()), (None, 0, None));
        for why in ["one", "two"] {
            health.note(&Err(Without::Failed(why.to_owned())));
        }
        assert_eq!((health.age(), health.failures(), health.last_error()), (None, 2, Some("two")));
        health.note(&Err(NoTick::First.into()));
        assert_eq!((health.age().is_some(), health.failures(), health.last_error()), (true, 0, Some("two")));
        health.note(&Err(NoTick::NotMoved.into()));
        assert_eq!((health.age().is_some(), health.failures()), (true, 1));
    }
}
