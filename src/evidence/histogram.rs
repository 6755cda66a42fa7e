//! Latency histograms: counts at bucket edges are exact, what lies between is estimated and says when it cannot be.

use std::sync::Arc;

/// How sure a quantile's upper bound must be before the quantile is shown: one-sided, 95 %.
const CONFIDENCE: f64 = 0.95;

/// Requests by how long they took. Histograms are merged; quantiles are never averaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    edges: Arc<[f64]>,
    counts: Vec<u64>,
}

/// What a histogram can say about a quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantile {
    /// About so many seconds, by linear interpolation within the bucket.
    Value(f64),
    /// Too few requests for the quantile to have an upper bound at all.
    TooFew {
        /// How many there are.
        n: u64,
        /// How many are needed.
        need: u64,
    },
    /// Above the last edge, which is given in seconds; by how much is not known.
    BeyondLastEdge(f64),
}

impl Histogram {
    /// A histogram without requests. `edges`: upper edges in seconds, rising and finite.
    pub fn new(edges: Arc<[f64]>) -> Self {
        let counts = vec![0; edges.len() + 1];
        Self { edges, counts }
    }

    /// Adds counts per bucket (not cumulative; the last for what exceeds every edge). Whether they fitted: counts of another
    /// number of buckets are not added.
    pub fn add(&mut self, counts: &[u64]) -> bool {
        self.add_each(counts.iter().copied())
    }

    /// The same, of counts that stand elsewhere.
    pub fn add_each(&mut self, counts: impl ExactSizeIterator<Item = u64>) -> bool {
        let fits = counts.len() == self.counts.len();
        if fits {
            for (sum, count) in self.counts.iter_mut().zip(counts) {
                *sum = sum.saturating_add(count);
            }
        }
        fits
    }

    /// Upper edges in seconds.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// Requests per bucket, one more than there are edges.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The latency in seconds that a share `q` of the requests does not exceed, as Prometheus' `histogram_quantile` has it:
    /// `lower + (upper − lower) · (q·n − before) / count`, with 0 below the first edge. `q` lies between 0 and 1.
    pub fn quantile(&self, q: f64) -> Quantile {
        let (n, need) = (self.total(), needed(q));
        if n < need || n == 0 {
            return Quantile::TooFew { n, need };
        }
        let rank = q * n as f64;
        let (mut before, mut lower) = (0.0, 0.0);
        for (upper, count) in self.edges.iter().zip(&self.counts) {
            let count = *count as f64;
            if count > 0.0 && before + count >= rank {
                let value = if *upper <= 0.0 { *upper } else { lower + (upper - lower) * ((rank - before) / count) };
                return Quantile::Value(value);
            }
            (before, lower) = (before + count, *upper);
        }
        Quantile::BeyondLastEdge(lower)
    }

    /// The edge nearest to `limit` seconds at or below it, and how many requests exceeded that edge: an exact count. `None`
    /// where every edge is above the limit.
    pub fn exceeding(&self, limit: f64) -> Option<(f64, u64)> {
        let below = self.edges.iter().take_while(|edge| **edge <= limit).count();
        let edge = self.edges.get(below.checked_sub(1)?)?;
        Some((*edge, self.counts.iter().skip(below).sum()))
    }

    /// About how many requests took longer than so many seconds: those of the bucket in which that lies are taken to be spread evenly.
    pub fn about_above(&self, seconds: f64) -> f64 {
        let (mut above, mut lower) = (0.0, 0.0);
        for (upper, count) in self.edges.iter().zip(&self.counts) {
            let part = if *upper > lower { ((upper - seconds.max(lower)) / (upper - lower)).clamp(0.0, 1.0) } else { 0.0 };
            above += part * *count as f64;
            lower = *upper;
        }
        above + self.counts.last().map_or(0.0, |beyond| *beyond as f64)
    }
}

/// How many requests a quantile needs: below `ln(1 − 0.95) / ln q` the slowest request seen is no upper bound of it with 95 %
/// confidence. 299 for p99, 2,995 for p99.9.
pub fn needed(q: f64) -> u64 {
    if q > 0.0 && q < 1.0 { ((1.0 - CONFIDENCE).ln() / q.ln()).ceil() as u64 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(edges: &[f64], counts: &[u64]) -> Histogram {
        let mut histogram = Histogram::new(Arc::from(edges));
        assert!(histogram.add(counts));
        histogram
    }

    #[test]
    fn a_quantile_needs_as_many_requests_as_give_it_an_upper_bound() {
        assert_eq!((needed(0.99), needed(0.999)), (299, 2_995));
        let few = histogram(&[0.1], &[298, 0]);
        assert_eq!(few.quantile(0.99), Quantile::TooFew { n: 298, need: 299 });
        assert!(matches!(histogram(&[0.1], &[299, 0]).quantile(0.99), Quantile::Value(_)));
    }

    #[test]
    fn a_quantile_is_interpolated_as_prometheus_does() {
        let histogram = histogram(&[0.1, 0.2, 0.4], &[900, 80, 20, 0]);
        assert_eq!(histogram.quantile(0.5), Quantile::Value(0.1 * (500.0 / 900.0)));
        let Quantile::Value(p99) = histogram.quantile(0.99) else { panic!("1,000 requests are enough") };
        assert!((p99 - 0.3).abs() < 1e-12, "{p99}");
    }

    #[test]
    fn beyond_the_last_edge_nothing_is_invented() {
        assert_eq!(histogram(&[0.1, 0.2], &[900, 0, 100]).quantile(0.99), Quantile::BeyondLastEdge(0.2));
    }

    #[test]
    fn exceedances_are_counted_at_the_nearest_edge_at_or_below() {
        let histogram = histogram(&[0.1, 0.2, 0.4], &[5, 4, 3, 2]);
        assert_eq!(histogram.exceeding(0.2), Some((0.2, 5)));
        assert_eq!(histogram.exceeding(0.39), Some((0.2, 5)));
        assert_eq!(histogram.exceeding(9.0), Some((0.4, 2)));
        assert_eq!(histogram.exceeding(0.05), None);
    }

    #[test]
    fn histograms_with_other_buckets_do_not_mix() {
        let mut histogram = histogram(&[0.1], &[1, 1]);
        assert!(!histogram.add(&[1, 1, 1]));
        assert_eq!(histogram.counts(), [1, 1]);
    }
}
