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
        self.last.retain(|_, counter| {
            counter.unseen += 1;
            counter.unseen <= REMEMBERED_SCRAPES
        });
        for most in (1..REMEMBERED_SCRAPES).rev() {
            if self.last.len() <= limits::SERIES {
                break;
            }
            self.last.retain(|_, counter| counter.unseen <= most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::exposition::Reader;

    #[test]
    fn however_many_come_and_go_no_more_are_kept_than_a_scrape_may_hold() {
        const EACH: usize = limits::SERIES / 4;
        let mut counters = Counters::default();
        for scrape in 0..8 {
            let lines: Vec<String> = (0..EACH).map(|counter| format!("a {{x=\"{scrape}_{counter}\"}} 1\n")).collect();
            let samples = Reader::default().read(&lines.concat(), &["a"]).samples;
            assert!(samples.iter().all(|sample| counters.advance(sample) == Some(1)));
            counters.end_scrape();
            assert_eq!(counters.last.len(), EACH * (scrape + 1).min(4));
        }
    }
}
