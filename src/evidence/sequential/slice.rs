//! One slice: what is compared, over the cells in which both versions serve.

use super::counts::Counts;
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

/// Evidence on one kind of bad event, from a stage's beginning.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    worse: Mixture,
    no_worse: Mixture,
    onset: Onset,
    dispersion: Dispersion,
    seen: Counts,
}

impl Slice {
    /// A slice of which nothing was seen in this stage. What is known of the old version's dispersion may be from before it.
    pub fn new(margins: Margins, dispersion: Dispersion) -> Self {
        Self {
            worse: Mixture::worse(margins.r0),
            no_worse: Mixture::ruling_out(margins.ruled_out),
            onset: Onset::new(margins.r0),
            dispersion,
            seen: Counts::default(),
        }
    }

    /// Takes in a tick: what each cell's two arms did.
    pub fn add(&mut self, cells: &[Counts]) {
        // The estimate from before this tick: one that has looked at what it weighs would not be honest.
        let phi = self.dispersion.phi();
        self.worse.add(cells, phi);
        self.no_worse.add(cells, phi);
        self.onset.add(cells, phi);
        self.seen += cells.iter().filter(|counts| counts.due(1.0).is_some()).copied().sum();
        self.dispersion.add(cells.iter().map(|counts| counts.old).sum());
    }

    pub(super) const fn mixtures(&self) -> [&Mixture; 2] {
        [&self.worse, &self.no_worse]
    }

    /// Evidence that it is worse, by its logarithm: see [`Mixture::log_evidence`].
    pub fn worse(&self) -> f64 {
        self.worse.log_evidence()
    }

    /// The most evidence there ever was in this stage that it is not so much worse, by its logarithm.
    pub const fn no_worse(&self) -> f64 {
        self.no_worse.peak()
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

    /// The old version's dispersion as known by now.
    pub const fn dispersion(&self) -> &Dispersion {
        &self.dispersion
    }
}

#[cfg(test)]
mod tests {
    use super::super::counts::Arm;
    use super::*;

    fn counts(new: (u64, u64), old: (u64, u64)) -> Counts {
        Counts { new: Arm::new(new.0, new.1), old: Arm::new(old.0, old.1) }
    }

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
}
