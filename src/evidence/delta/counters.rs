//! The last values of a cell's counters.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::exposition::{Sample, Series, limits};

/// For how many scrapes a counter that is no longer exposed is remembered. One that comes back within that time is not taken for
/// a new one whose whole count happened just now; beyond it, memory would grow with every instance that ever ran.
const REMEMBERED_SCRAPES: u32 = 10;

/// Counters by series, with their last value.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    last: HashMap<Arc<Series>, Counter>,
}

#[derive(Clone, Copy, Debug)]
struct Counter {
    value: f64,
    /// Scrapes since it was last seen; 0 within the scrape that holds it.
    unseen: u32,
}

impl Counters {
    /// How much a counter rose since the last scrape. From zero where it is new or fell. `None` where the value is no count.
    pub(super) fn advance(&mut self, sample: &Sample) -> Option<u64> {
        let value = sample.value;
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        let counter = self.last.entry(Arc::clone(&sample.series)).or_insert(Counter { value: 0.0, unseen: 0 });
        let rise = if value < counter.value { value } else { value - counter.value };
        *counter = Counter { value, unseen: 0 };
        Some(rise.round() as u64)
    }

    /// Ends a scrape: what has not been seen for long is forgotten, and sooner where there would be more than a scrape may hold.
    pub(super) fn end_scrape(&mut self) {
        self.last.values_mut().for_each(|counter| counter.unseen += 1);
        self.forget(limits::SERIES);
    }

    /// Forgets those that were not seen for the longest time until there are no more than `most`, but none of this scrape.
    fn forget(&mut self, most: usize) {
        for unseen in (1..=REMEMBERED_SCRAPES).rev() {
            self.last.retain(|_, counter| counter.unseen <= unseen);
            if self.last.len() <= most {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::exposition::Reader;

    #[test]
    fn those_longest_away_are_forgotten_where_there_would_be_too_many() {
        let mut counters = Counters::default();
        let samples = Reader::default().read("a 1\nb 1\nc 1\nd 1\n", &["a", "b", "c", "d"]).samples;
        for seen in [0..2, 2..3, 3..4] {
            for sample in &samples[seen] {
                counters.advance(sample);
            }
            counters.end_scrape();
        }
        counters.forget(4);
        assert_eq!(counters.last.len(), 4);
        counters.forget(3);
        let kept: Vec<bool> = samples.iter().map(|sample| counters.last.contains_key(&sample.series)).collect();
        assert_eq!(kept, [false, false, true, true]);
        counters.forget(0);
        assert_eq!(counters.last.len(), 1);
    }
}
