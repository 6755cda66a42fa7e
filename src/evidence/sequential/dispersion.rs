//! How much more than Poisson the old version's bad events vary: φ, variance over mean.
//!
//! Two ticks that follow one another share the time of day and the state of everything around. Given the bad events of both, the first one's
//! are due in proportion to its requests; how much further off they are than chance puts them is φ. Pairs are weighted by their events:
//! `φ = Σ (x₁ − e₁)² / (p(1−p)) / Σ x`, with `p = n₁/(n₁+n₂)`, `x = x₁+x₂` and `e₁ = p·x`. For Poisson counts its expectation is 1; for
//! bursts it is the mean of the bursts' squared sizes over the mean of their sizes. An estimate from few pairs may be too small, and bursts have
//! longer tails than a Poisson count that is stretched by φ: what is used lies two standard errors above it, `φ·(1 + 2·√(2/pairs))`.

use super::counts::Arm;

/// So many events of ordinary dispersion are taken for granted at the beginning, so that a first pair does not decide.
const GRANTED: f64 = 20.0;

/// A running estimate of φ. It looks back only: what it says before a tick may be used for that tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dispersion {
    calibrated: Option<f64>,
    first: Option<Arm>,
    pairs: u32,
    off: f64,
    events: f64,
}

impl Dispersion {
    /// What a run of the old version against itself has said: that stands, whatever is seen.
    pub fn calibrated(phi: f64) -> Self {
        Self { calibrated: Some(phi.max(1.0)), ..Self::default() }
    }

    /// Takes in a tick of the old version in one cell.
    pub fn add(&mut self, tick: Arm) {
        let Some(first) = self.first.take() else {
            self.first = (tick.requests > 0).then_some(tick);
            return;
        };
        if tick.requests == 0 {
            return;
        }
        let (events, requests) = ((first.bad + tick.bad) as f64, (first.requests + tick.requests) as f64);
        let p = first.requests as f64 / requests;
        self.off += (first.bad as f64 - p * events).powi(2) / (p * (1.0 - p));
        self.events += events;
        self.pairs += u32::from(events > 0.0);
    }

    /// What is used; never less than 1.
    pub fn phi(&self) -> f64 {
        self.calibrated.unwrap_or_else(|| {
            let error = if self.pairs == 0 { 0.0 } else { (2.0 / f64::from(self.pairs)).sqrt() };
            (self.estimate() * (1.0 + 2.0 * error.min(1.0))).max(1.0)
        })
    }

    /// The estimate itself.
    fn estimate(&self) -> f64 {
        (self.off + GRANTED) / (self.events + GRANTED)
    }

    /// From how many bad events.
    pub const fn events(&self) -> f64 {
        self.events
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_distr::{Distribution as _, Geometric, Poisson};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn poisson_counts_have_one_and_bursts_have_theirs() {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        let (events, bursts) = (Poisson::new(8.0).unwrap(), Poisson::new(2.0).unwrap());
        // Bursts of 1 + a geometric number, 4 in the mean: their squares' mean over their mean is 7.
        let size = Geometric::new(0.25).unwrap();
        let (mut even, mut uneven) = (Dispersion::default(), Dispersion::default());
        for _ in 0..20_000 {
            even.add(Arm::new(1_000, events.sample(&mut rng) as u64));
            let many = bursts.sample(&mut rng) as u64;
            uneven.add(Arm::new(1_000, (0..many).map(|_| 1 + size.sample(&mut rng)).sum()));
        }
        assert!((1.0..1.08).contains(&even.phi()), "{}", even.phi());
        assert!((6.5..7.5).contains(&uneven.phi()), "{}", uneven.phi());
    }

    #[test]
    fn a_slow_swing_is_not_dispersion() {
        let mut swing = Dispersion::default();
        for tick in 0..2_000 {
            swing.add(Arm::new(1_000, 50 + tick / 10));
        }
        assert!(swing.phi() < 1.001, "{}", swing.phi());
    }

    #[test]
    fn little_says_little() {
        let mut first = Dispersion::default();
        assert!(first.phi() < 1.001, "nothing seen is nothing unusual");
        first.add(Arm::new(0, 0));
        first.add(Arm::new(1_000, 4));
        first.add(Arm::new(1_000, 0));
        assert!(first.estimate() < 1.6, "{}", first.estimate());
        assert!((Dispersion::calibrated(3.0).phi() - 3.0).abs() < 1e-12);
    }
}
