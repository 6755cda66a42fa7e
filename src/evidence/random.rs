//! Draws that both the calibration and the simulated fleet make.

use rand_distr::{Distribution as _, Poisson};
use rand_pcg::Pcg64Mcg;

/// How many events happen where `mean` are expected.
pub fn poisson(rng: &mut Pcg64Mcg, mean: f64) -> u64 {
    Poisson::new(mean).map_or(0, |distribution| distribution.sample(rng) as u64)
}
