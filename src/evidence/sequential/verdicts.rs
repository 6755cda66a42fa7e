//! What the slices say together.

use super::levels::Levels;
use super::mixture::log_mean_exp;
use super::slice::Slice;

/// The evidence of a stage's slices taken together.
///
/// That it is *worse* is said by the [mean](worse_together) of their evidence. That it is *cleared* takes the least of those that the limits
/// name: a mean would clear a release of which one slice is bad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdicts {
    worse: f64,
    no_worse: Option<f64>,
}

impl Verdicts {
    /// Of slices, each with whether a limit names it, so that it has to be cleared.
    pub fn of<'a>(slices: impl Iterator<Item = (&'a Slice, bool)> + Clone) -> Self {
        let worse = worse_together(&slices.clone().map(|(slice, named)| (slice.worse(), named)));
        let named = slices.filter(|(_, named)| *named);
        Self { worse, no_worse: named.map(|(slice, _)| slice.no_worse()).reduce(f64::min) }
    }

    /// Whether it is called worse.
    pub fn are_worse(&self, levels: Levels) -> bool {
        self.worse >= levels.worse()
    }

    /// Whether every slice that is named is cleared. Of none nothing is.
    pub fn are_cleared(&self, levels: Levels) -> bool {
        self.no_worse.is_some_and(|no_worse| no_worse >= levels.no_worse())
    }

    /// How far it leans, from −1, all the way to worse, to 1, all the way to cleared.
    pub fn lean(&self, levels: Levels) -> f64 {
        let towards = |evidence: f64, needed: f64| (evidence / needed).clamp(0.0, 1.0);
        self.no_worse.map_or(0.0, |no_worse| towards(no_worse, levels.no_worse())) - towards(self.worse, levels.worse())
    }
}

/// The mean of the evidence, by its logarithm: half of it for the slices that are named, half for all others. A mean of e-processes is one,
/// whatever they have to do with one another, as long as the weights are not chosen by what they say.
pub(super) fn worse_together(slices: &(impl Iterator<Item = (f64, bool)> + Clone)) -> f64 {
    let of = |wanted: bool| slices.clone().filter(move |(_, named)| *named == wanted).map(|(log, _)| log);
    let kinds = [of(true), of(false)].map(|kind| kind.clone().next().map(|_| log_mean_exp(kind)));
    log_mean_exp(kinds.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_slices_that_nobody_names_do_not_drown_one_that_is_named() {
        let together = |others: usize| worse_together(&[(10.0, true)].into_iter().chain(std::iter::repeat_n((0.0, false), others)));
        assert!((together(0) - 10.0).abs() < 1e-9);
        assert!((together(1) - together(100)).abs() < 1e-9 && together(100) > 9.0, "{}", together(100));
        assert!(worse_together(&std::iter::empty()).abs() < 1e-12, "nothing is no evidence");
    }
}
