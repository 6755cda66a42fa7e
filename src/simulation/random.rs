//! Repeatable randomness: one stream of numbers for each thing that needs one, so that a draw more in one place moves nothing
//! elsewhere.

use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Binomial, Distribution as _};
use rand_pcg::Pcg64Mcg;

pub use crate::evidence::random::poisson;

/// A stream of random numbers.
pub type Stream = Pcg64Mcg;

/// The stream of the thing at `path`. Names are told apart by their lengths too: `a`, `bc` is not `ab`, `c`.
pub fn stream(seed: u64, path: &[&str]) -> Stream {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    for part in path {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    Stream::from_seed(key)
}

/// How many of `n` trials succeed that each do so with probability `p`.
pub fn binomial(rng: &mut Stream, n: u64, p: f64) -> u64 {
    if n == 0 || p <= 0.0 {
        0
    } else if p >= 1.0 {
        n
    } else {
        Binomial::new(n, p).map_or(0, |distribution| distribution.sample(rng))
    }
}

/// A factor around 1 for a length of time: between 0.8 and 1.2, evenly.
pub fn jitter(rng: &mut Stream) -> f64 {
    0.8 + 0.4 * rng.random::<f64>()
}
