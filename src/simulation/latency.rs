//! How long requests take: lognormal, drawn straight into histogram buckets.

use rand_distr::{Distribution as _, StandardNormal};

use crate::domain::id::ServiceId;

use super::random::{Stream, binomial};

/// Upper edges of the latency buckets, in seconds, rising. What exceeds the last falls into `+Inf`.
pub const EDGES: [f64; 18] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0];

/// The distribution of a healthy service's latency: lognormal with this median and spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    ln_median: f64,
    sigma: f64,
}

impl Shape {
    /// A service's own shape, from its name alone, so that it is the same in every run. Its p99 lies between 130 and 220 ms, its
    /// p99.9 below 400 ms.
    pub fn of(service: &ServiceId) -> Self {
        let hash = blake3::hash(service.as_str().as_bytes());
        let part = |at: usize| f64::from(hash.as_bytes().get(at).copied().unwrap_or_default()) / 255.0;
        let (p99, sigma) = (0.13 + 0.09 * part(0), 0.5 + 0.15 * part(1));
        Self { ln_median: p99.ln() - 2.326 * sigma, sigma }
    }

    /// The share of requests that take longer than `seconds` where everything takes `slower` times as long.
    pub fn exceeding(&self, seconds: f64, slower: f64) -> f64 {
        normal_tail((seconds.ln() - self.ln_median - slower.ln()) / self.sigma)
    }

    /// One latency in seconds, where everything takes `slower` times as long.
    pub fn draw(&self, slower: f64, rng: &mut Stream) -> f64 {
        let z: f64 = StandardNormal.sample(rng);
        (self.ln_median + self.sigma * z).exp() * slower
    }

    fn mean(&self, slower: f64) -> f64 {
        (self.ln_median + self.sigma * self.sigma / 2.0).exp() * slower
    }
}

/// Requests by how long they took.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: [u64; EDGES.len()],
    beyond: u64,
    sum: f64,
}

impl Histogram {
    /// Adds `n` requests, each drawn from the shape made `slower` times as slow. The sum of their times is its expectation.
    pub fn draw(&mut self, n: u64, shape: &Shape, slower: f64, rng: &mut Stream) {
        self.sum += shape.mean(slower) * n as f64;
        let (mut left, mut tail) = (n, 1.0);
        for (count, edge) in self.counts.iter_mut().zip(EDGES) {
            if left == 0 {
                return;
            }
            let beyond = shape.exceeding(edge, slower).min(tail);
            let here = binomial(rng, left, if tail > 0.0 { 1.0 - beyond / tail } else { 1.0 });
            *count += here;
            left -= here;
            tail = beyond;
        }
        self.beyond += left;
    }

    /// Adds one that took so many seconds.
    pub fn add(&mut self, seconds: f64) {
        self.sum += seconds;
        match self.counts.get_mut(EDGES.partition_point(|edge| *edge < seconds)) {
            Some(count) => *count += 1,
            None => self.beyond += 1,
        }
    }

    /// Per edge, how many took at most that long.
    pub fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        EDGES.into_iter().zip(self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        }))
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.beyond
    }

    /// All their times together, in seconds.
    pub fn sum(&self) -> f64 {
        self.sum
    }
}

/// How many times as long requests take at a utilisation (offered load ÷ capacity): the queueing factor 1 ÷ (1 − u) in proportion to
/// its value at 0.7, up to which nothing is felt; 12 at most, since a full queue turns requests away instead.
pub fn queueing(utilisation: f64) -> f64 {
    if utilisation <= 0.7 { 1.0 } else { (0.3 / (1.0 - utilisation.min(0.975))).min(12.0) }
}

/// P(Z > z) of the standard normal distribution. Complementary error function after Numerical Recipes (2nd ed., 6.2), fractional error
/// below 1.2e-7 everywhere, so that tails keep their size.
fn normal_tail(z: f64) -> f64 {
    const TERMS: [f64; 10] = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let series = TERMS.iter().fold(0.0, |sum, term| sum * t + term);
    let tail = 0.5 * t * (series - x * x).exp();
    if x >= 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::super::random::stream;
    use super::*;

    #[test]
    fn the_normal_tail_has_its_known_values() {
        for (z, tail) in [(0.0, 0.5), (1.0, 0.158_655_25), (2.326_348, 0.01), (3.090_232, 0.001), (-1.0, 0.841_344_75)] {
            assert!((normal_tail(z) / tail - 1.0).abs() < 1e-5, "{z}: {}", normal_tail(z));
        }
    }

    #[test]
    fn a_healthy_service_stays_well_within_the_usual_limits() {
        for name in ["gateway", "blob", "index", "search", "auth"] {
            let shape = Shape::of(&name.into());
            assert!(shape.exceeding(0.25, 1.0) < 0.01 && shape.exceeding(0.5, 1.0) < 0.001, "{name}");
        }
    }

    #[test]
    fn a_histogram_keeps_every_request_and_follows_the_shape() {
        let (shape, mut histogram) = (Shape::of(&"blob".into()), Histogram::default());
        histogram.draw(1_000_000, &shape, 2.0, &mut stream(1, &["test"]));
        assert_eq!(histogram.count(), 1_000_000);
        for (edge, count) in histogram.cumulative() {
            let beyond = 1.0 - count as f64 / 1e6;
            assert!((beyond - shape.exceeding(edge, 2.0)).abs() < 0.002, "{edge}: {beyond}");
        }
    }

    #[test]
    fn single_latencies_follow_the_shape_too() {
        let (shape, mut histogram, mut rng) = (Shape::of(&"blob".into()), Histogram::default(), stream(1, &["test"]));
        (0..100_000).for_each(|_| histogram.add(shape.draw(2.0, &mut rng)));
        assert_eq!(histogram.count(), 100_000);
        for (edge, count) in histogram.cumulative() {
            let beyond = 1.0 - count as f64 / 1e5;
            assert!((beyond - shape.exceeding(edge, 2.0)).abs() < 0.006, "{edge}: {beyond}");
        }
        histogram.add(99.0);
        assert_eq!(histogram.count(), 100_001);
    }

    #[test]
    fn queues_are_felt_only_near_capacity() {
        assert!((queueing(0.5) - 1.0).abs() < 1e-9);
        assert!((queueing(0.85) - 2.0).abs() < 1e-9);
        assert!((queueing(3.0) - 12.0).abs() < 1e-9);
    }
}
