//! One cell as a server knows it: its scrapes, put together again from raw samples, and what happened between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::Found;
use super::seen::Target;
use crate::domain::id::{CellId, EnvironmentId};
use crate::evidence::delta::{CellCounters, CellTick, NoTick};
use crate::evidence::exposition::{Exposition, Gathered, Series};

/// The most scrapes of a cell that are gone through at once. Where there are more, counts are those between fewer.
const MOST_SCRAPES: usize = 10;

/// What is remembered of a cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    counters: CellCounters,
    /// The newest scrape that was taken in, in milliseconds of the server's clock.
    pub(super) since: i64,
}

/// Scrapes that were found and not yet taken in.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) target: Target,
    /// When each was made, rising; in milliseconds of the server's clock.
    times: Vec<i64>,
    /// The one before them.
    since: i64,
}

impl Cell {
    /// A cell of which nothing is counted that a server knew at that moment: whatever answered until then may be gone.
    pub(super) fn new(environment: EnvironmentId, cell: CellId, since: i64) -> Self {
        Self { counters: CellCounters::new(environment, cell), since }
    }

    /// The newest of these scrapes, as many as are gone through.
    pub(super) fn due(&self, target: Target, mut times: Vec<i64>) -> Due {
        let skipped = times.len().saturating_sub(MOST_SCRAPES);
        let since = skipped.checked_sub(1).and_then(|last| times.get(last)).copied().unwrap_or(self.since);
        times.drain(..skipped);
        Due { target, times, since }
    }

    /// Takes in what a server answered about scrapes that are due.
    pub(super) fn take(&mut self, due: &Due, found: &[Found]) -> Result<CellTick, NoTick> {
        let mut tick: Result<CellTick, NoTick> = Err(NoTick::First);
        for scrape in due.scrapes(found) {
            tick = match (tick, self.counters.compare(scrape)) {
                (Ok(before), Ok(after)) => Ok(before.then(after)),
                // The same moment twice takes nothing from what was known.
                (Ok(before), Err(NoTick::NotMoved)) => Ok(before),
                (_, after) => after,
            };
        }
        self.since = due.times.last().copied().unwrap_or(self.since);
        tick
    }
}

impl Due {
    /// The query that finds the samples, and the moment it is asked of.
    pub(super) fn query(&self) -> Option<(String, i64)> {
        let last = *self.times.last()?;
        // A target seen for the first time, or after a while, is asked for its last scrapes alone.
        let first = *self.times.first()?;
        let reach = if self.since > first - LONGEST { self.since } else { first - 1 };
        Some((self.target.samples((last - reach).max(1)), last))
    }

    /// The scrapes: to each belongs what was said after the one before it and until it, which is all at its own moment unless a target
    /// gives timestamps of its own.
    fn scrapes(&self, found: &[Found]) -> Vec<Exposition> {
        let series: Vec<Option<Arc<Series>>> = found.iter().map(|found| self.series(found).map(Arc::new)).collect();
        let mut after = self.since;
        let mut scrapes = Vec::with_capacity(self.times.len());
        for until in &self.times {
            let mut gathered = Gathered::default();
            for (found, series) in found.iter().zip(&series) {
                let newest = found.points.iter().rev().find(|point| point.at > after && point.at <= *until);
                match (newest, series) {
                    (Some(point), Some(series)) => gathered.add(series, point.value),
                    (Some(_), None) => gathered.unreadable(),
                    (None, _) => {}
                }
            }
            scrapes.push(gathered.finish());
            after = *until;
        }
        scrapes
    }

    /// A series as the target exposed it, without the labels that the server added. So one whose target is labelled anew is no new one,
    /// whose whole count would seem to have happened just now.
    fn series(&self, found: &Found) -> Option<Series> {
        let said = found.labels.iter().filter(|(name, value)| *name != "__name__" && !self.target.has(name, value));
        let labels: BTreeMap<&str, &str> = said.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Series::gathered(found.label("__name__"), labels)
    }
}

/// How long before a scrape the one before it may lie such that what was said in between is asked for, in milliseconds. A scrape's own
/// moment is always within.
const LONGEST: i64 = 600_000;

#[cfg(test)]
mod tests;
