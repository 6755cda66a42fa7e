//! One slice: what is compared, over the cells in which both versions serve.

use super::bound::Bound;
use super::counts::{Arm, Counts};
use super::dispersion::Dispersion;
use super::mixture::Mixture;
use super::onset::Onset;

/// What a slice's evidence is held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margins {
    /// So many times as bad as the old version is still the difference between hosts, not a fault (≥ 1).
    pub r0: f64,
    /// What must be ruled out before the slice is cleared: so many times as bad (> 1).
    pub ruled_out: f64,
}

impl Margins {
    /// What is used before an A/A run has said better. To rule out 1.5 times takes so much traffic that a stage of a few percent asks for
    /// 2 only, and one of one percent or less for 3.
    pub fn before_calibration(new_share: f64) -> Self {
        let ruled_out = match new_share {
            share if share >= 0.1 => 1.5,
            share if share > 0.01 => 2.0,
            _ => 3.0,
        };
        Self { r0: 1.25, ruled_out }
    }
}

/// The part of the evidence for "not so much worse" that is staked on the ratio to the old version; the rest is staked on the bound below
/// which nobody calls it worse. A mean of two e-processes for one hypothesis is one.
const STAKED_ON_RATIO: f64 = 0.8;

/// Evidence on one kind of bad event, from a stage's beginning.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    worse: Mixture,
    no_worse: Mixture,
    /// That it is above the share that is as good as none; without it hardly any bad event is too few to speak of.
    above: Option<Bound>,
    /// That it is below what would be called worse.
    below: Option<Bound>,
    /// How much of the evidence for "not so much worse" rests on the ratio, 0 to 1.
    staked_on_ratio: f64,
    /// The most there ever was of it, by its logarithm; 0 at least.
    peak: f64,
    onset: Onset,
    dispersion: Dispersion,
    seen: Counts,
    /// The new version, in every cell.
    alone: Arm,
}

impl Slice {
    /// A slice of which nothing was seen in this stage. What is known of the old version's dispersion may be from before it.
    pub fn new(margins: Margins, dispersion: Dispersion) -> Self {
        Self {
            worse: Mixture::worse(margins.r0),
            no_worse: Mixture::ruling_out(margins.ruled_out),
            above: None,
            below: None,
            staked_on_ratio: 1.0,
            peak: 0.0,
            onset: Onset::new(margins.r0),
            dispersion,
            seen: Counts::default(),
            alone: Arm::default(),
        }
    }

    /// The same slice where a share of bad requests this small is as good as none: "so many times as bad" then means as the old version, or as
    /// this share where the old one has fewer. Without it nothing could be ruled out where the old version has no bad events at all, and
    /// a handful among millions would be a regression.
    #[must_use]
    pub fn as_good_as_none(self, share: f64) -> Self {
        let (below, above) = (Bound::below(share * self.no_worse.null()), Bound::above(share * self.worse.null()));
        let onset = self.onset.above(share);
        Self { below: Some(below), above: Some(above), onset, staked_on_ratio: STAKED_ON_RATIO, ..self }
    }

    /// The same slice where no old version is left beside the new one: what is ruled out is that so large a share is bad.
    #[must_use]
    pub fn held_to(self, share: f64) -> Self {
        Self { below: Some(Bound::below(share)), above: None, staked_on_ratio: 0.0, ..self }
    }

    /// Takes in a tick: what each cell's two arms did.
    pub fn add(&mut self, cells: &[Counts]) {
        // The estimate from before this tick: one that has looked at what it weighs would not be honest.
        let phi = self.dispersion.phi();
        self.worse.add(cells, phi);
        self.no_worse.add(cells, phi);
        let alone: Arm = cells.iter().map(|counts| counts.new).sum();
        for bound in [&mut self.above, &mut self.below].into_iter().flatten() {
            bound.add(alone, phi);
        }
        self.alone += alone;
        self.peak = self.peak.max(self.staked(self.no_worse.log_evidence(), self.below.as_ref()));
        self.onset.add(cells, phi);
        self.seen += cells.iter().filter(|counts| counts.due(1.0).is_some()).copied().sum();
        self.dispersion.add(cells.iter().map(|counts| counts.old).sum());
    }

    pub(super) const fn mixtures(&self) -> [&Mixture; 2] {
        [&self.worse, &self.no_worse]
    }

    /// Above what is as good as none, and below what is called worse.
    pub(super) const fn bounds(&self) -> [&Option<Bound>; 2] {
        [&self.above, &self.below]
    }

    /// The evidence for "not so much worse", by its logarithm, where that of the ratio and of the bound is so.
    pub(super) fn staked(&self, ratio: f64, below: Option<&Bound>) -> f64 {
        let Some(bound) = below.map(Bound::log_evidence) else { return ratio };
        if self.staked_on_ratio <= 0.0 {
            return bound;
        }
        log_sum_exp([self.staked_on_ratio.ln() + ratio, (1.0 - self.staked_on_ratio).ln() + bound])
    }

    /// Evidence that it is worse, by its logarithm: see [`Mixture::log_evidence`]. It has to be worse than the old version and than what is
    /// as good as none: the lesser of the two speaks.
    pub fn worse(&self) -> f64 {
        at_most(self.worse.log_evidence(), self.above.as_ref())
    }

    /// The most evidence there ever was in this stage that it is not so much worse, by its logarithm.
    pub const fn no_worse(&self) -> f64 {
        self.peak
    }

    /// What it rules out once it is cleared: so many times as bad.
    pub const fn rules_out(&self) -> f64 {
        self.no_worse.null()
    }

    /// Evidence that it became worse of late, by its logarithm: see [`Onset`].
    pub fn of_late(&self) -> f64 {
        self.onset.log_evidence()
    }

    /// What was compared so far.
    pub const fn seen(&self) -> &Counts {
        &self.seen
    }

    /// What the new version did in every cell, compared or not.
    pub const fn alone(&self) -> Arm {
        self.alone
    }

    /// Whether an old version is compared with at all.
    pub fn is_beside(&self) -> bool {
        self.staked_on_ratio > 0.0
    }

    /// The old version's dispersion as known by now.
    pub const fn dispersion(&self) -> &Dispersion {
        &self.dispersion
    }
}

/// Evidence that must hold against a bound too.
pub(super) fn at_most(evidence: f64, above: Option<&Bound>) -> f64 {
    above.map_or(evidence, |above| evidence.min(above.log_evidence()))
}

/// `ln(e^a + e^b)` without overflow.
fn log_sum_exp([a, b]: [f64; 2]) -> f64 {
    let (most, least) = if a > b { (a, b) } else { (b, a) };
    most + (least - most).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::super::counts::counts;
    use super::*;

    #[test]
    fn cells_are_compared_within_themselves() {
        // In one cell everything is ten times as bad, and there is more of the new version there (Simpson).
        let cells = [counts((900, 90), (900, 90)), counts((100, 1), (9_900, 99))];
        let mut slice = Slice::new(Margins { r0: 1.0, ruled_out: 2.0 }, Dispersion::default());
        (0..40).for_each(|_| slice.add(&cells));
        assert!(slice.worse() < 0.0, "{}", slice.worse());
        assert!(slice.seen().ratio().is_some_and(|ratio| ratio > 5.0), "added up it would look worse");
        assert!(slice.no_worse() > 20.0_f64.ln());
    }

    #[test]
    fn a_cell_without_the_new_version_is_not_compared_and_tells_of_the_old_ones_dispersion() {
        let mut slice = Slice::new(Margins::before_calibration(0.01), Dispersion::default());
        slice.add(&[counts((0, 0), (1_000, 40))]);
        slice.add(&[counts((0, 0), (1_000, 0))]);
        assert_eq!((slice.worse(), *slice.seen()), (0.0, Counts::default()));
        assert!(slice.dispersion().phi() > 2.0, "{:?}", slice.dispersion());
    }

    #[test]
    fn smaller_stages_are_asked_to_rule_out_less() {
        for (share, ruled_out) in [(0.005, 3.0), (0.01, 3.0), (0.05, 2.0), (0.1, 1.5), (1.0, 1.5)] {
            assert!((Margins::before_calibration(share).ruled_out - ruled_out).abs() < 1e-12, "{share}");
        }
    }

    #[test]
    fn where_the_old_version_has_no_bad_events_a_share_that_is_as_good_as_none_can_be_shown() {
        let margins = Margins { r0: 1.25, ruled_out: 3.0 };
        let after = |slice: &Slice, bad: u64| {
            let mut slice = slice.clone();
            (0..60).for_each(|_| slice.add(&[counts((1_000, bad), (99_000, 0))]));
            slice
        };
        let ratio_alone = Slice::new(margins, Dispersion::default());
        let with_floor = ratio_alone.clone().as_good_as_none(0.0002);
        assert!(after(&ratio_alone, 0).no_worse() < 0.01, "of nothing nobody is three times as much");
        assert!(after(&with_floor, 0).no_worse() > 20.0_f64.ln());
        let bad = after(&with_floor, 1);
        assert!(bad.no_worse() < 1.0 && bad.worse() > 1_000.0_f64.ln(), "{} {}", bad.no_worse(), bad.worse());
        let mut handful = with_floor;
        (0..60).for_each(|tick| handful.add(&[counts((10_000, u64::from(tick % 10 == 0)), (990_000, 0))]));
        assert!(handful.worse() < 0.0, "6 of 600,000 are as good as none: {}", handful.worse());
    }

    #[test]
    fn without_an_old_version_it_is_held_to_the_limit_alone() {
        let mut slice = Slice::new(Margins::before_calibration(1.0), Dispersion::default()).held_to(0.01);
        (0..10).for_each(|_| slice.add(&[counts((1_000, 2), (0, 0))]));
        assert!(slice.no_worse() > 20.0_f64.ln() && slice.worse().abs() < 1e-9, "{}", slice.no_worse());
        assert_eq!((slice.alone(), slice.is_beside()), (Arm::new(10_000, 20), false));
    }
}
