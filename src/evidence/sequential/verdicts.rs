//! What the slices say together.

use super::levels::Levels;
use super::mixture::log_mean_exp;
use super::slice::Slice;

/// The evidence of a stage's slices taken together.
///
/// That it is *worse* is said by the mean of their evidence, whatever they have to do with one another: a mean of e-processes is one. That it
/// is *cleared* takes the least of theirs: a mean would clear a release of which one slice is bad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdicts {
    worse: f64,
    no_worse: Option<f64>,
}

impl Verdicts {
    /// Of slices that all have to be cleared.
    pub fn of<'a>(slices: impl Iterator<Item = &'a Slice> + Clone) -> Self {
        let worse = log_mean_exp(slices.clone().map(Slice::worse));
        Self { worse, no_worse: slices.map(Slice::no_worse).reduce(f64::min) }
    }

    /// Evidence that it is worse, by its logarithm.
    pub const fn worse(&self) -> f64 {
        self.worse
    }

    /// Whether it is called worse.
    pub fn are_worse(&self, levels: Levels) -> bool {
        self.worse >= levels.worse()
    }

    /// Whether every slice is cleared. Of none nothing is.
    pub fn are_cleared(&self, levels: Levels) -> bool {
        self.no_worse.is_some_and(|no_worse| no_worse >= levels.no_worse())
    }
}
