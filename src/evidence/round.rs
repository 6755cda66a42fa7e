//! Putting the cells' ticks of one round together into a batch.

use std::sync::Arc;

use super::delta::CellTick;
use super::reading::{Batch, MissingCell};
use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::time::{EngineTime, Period};

/// What one cell gave this round: its tick, or why there is none.
pub struct CellResult {
    /// Where.
    pub environment: EnvironmentId,
    /// Which cell.
    pub cell: CellId,
    /// Its tick, or why there is none.
    pub tick: Result<CellTick, String>,
}

/// One round's batch. It is stamped with the middle one of the cells' clocks, so that a single wrong clock carries nobody away, or
/// with `now` where no cell answered; and always later than the `last` batch where it holds readings, which would be lost otherwise.
pub fn batch(results: Vec<CellResult>, now: EngineTime, last: Option<EngineTime>) -> Batch {
    let ticks = || results.iter().filter_map(|result| result.tick.as_ref().ok());
    let at = middle(ticks().map(|tick| tick.at).collect())
        .map_or(now, |at| last.map_or(at, |last| at.max(last + Period::from_millis(1))));
    let over = middle(ticks().map(|tick| tick.over).collect()).unwrap_or_else(|| last.map_or(Period::ZERO, |last| at - last));
    let edges = shared_edges(ticks());

    let mut batch = Batch { at, over, edges, ..Batch::default() };
    for CellResult { environment, cell, tick } in results {
        match tick {
            Ok(tick) => take(&mut batch, tick),
            Err(why) => batch.missing.push(MissingCell { environment, cell, why }),
        }
    }
    batch
        .readings
        .sort_by(|a, b| (&a.service, &a.environment, &a.cell, &a.version).cmp(&(&b.service, &b.environment, &b.cell, &b.version)));
    batch.journeys.sort_by(|a, b| (&a.environment, &a.cell, &a.journey).cmp(&(&b.environment, &b.cell, &b.journey)));
    batch.missing.sort_by(|a, b| (&a.environment, &a.cell).cmp(&(&b.environment, &b.cell)));
    batch
}

/// Adds a cell's tick. Histograms with other edges than the batch's cannot be given with it, and are counted.
fn take(batch: &mut Batch, mut tick: CellTick) {
    if tick.edges != batch.edges {
        for reading in tick.readings.iter_mut().filter(|reading| !reading.latency.is_empty()) {
            reading.latency.clear();
            batch.unreadable += 1;
        }
        for journey in tick.journeys.iter_mut().filter(|journey| !journey.latency.is_empty()) {
            journey.latency.clear();
            batch.unreadable += 1;
        }
    }
    batch.unreadable += tick.unreadable;
    batch.readings.append(&mut tick.readings);
    batch.journeys.append(&mut tick.journeys);
}

/// The lower of the two middle ones where there is no middle.
fn middle<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

/// The edges that most cells have; the first of equals.
fn shared_edges<'a>(ticks: impl Iterator<Item = &'a CellTick> + Clone) -> Arc<[f64]> {
    let with_edges = ticks.filter(|tick| !tick.edges.is_empty());
    let votes = |tick: &CellTick| with_edges.clone().filter(|other| other.edges == tick.edges).count();
    let most = with_edges.clone().map(votes).max();
    let chosen = with_edges.clone().find(|tick| Some(votes(tick)) == most);
    chosen.map_or_else(|| Arc::from([]), |tick| Arc::clone(&tick.edges))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{ServiceId, Version};
    use crate::evidence::reading::Reading;

    fn result(cell: &str, seconds: i64, edges: &[f64]) -> CellResult {
        let (environment, cell) = (EnvironmentId::new("production"), CellId::new(cell));
        let reading = Reading {
            service: ServiceId::new("auth"),
            environment: environment.clone(),
            cell: cell.clone(),
            version: Version::new("v42"),
            requests: 10,
            errors: 0,
            latency: vec![1; edges.len() + 1],
            cpu: None,
            memory: None,
            saturation: None,
            up: 1,
        };
        let tick = CellTick {
            at: EngineTime::from_millis(seconds * 1_000),
            over: Period::from_secs(1),
            edges: Arc::from(edges),
            readings: vec![reading],
            journeys: vec![],
            unreadable: 1,
        };
        CellResult { environment, cell, tick: Ok(tick) }
    }

    #[test]
    fn one_wrong_clock_carries_nobody_away() {
        let results = vec![result("us", 100, &[0.1]), result("eu", 131, &[0.1]), result("cn", 101, &[0.1])];
        let batch = batch(results, EngineTime::from_millis(0), Some(EngineTime::from_millis(100_000)));
        assert_eq!((batch.at, batch.over), (EngineTime::from_millis(101_000), Period::from_secs(1)));
        let cells: Vec<_> = batch.readings.iter().map(|reading| reading.cell.as_str()).collect();
        assert_eq!((cells.as_slice(), batch.unreadable), (["cn", "eu", "us"].as_slice(), 3));
    }

    #[test]
    fn a_batch_with_readings_is_later_than_the_last() {
        let last = EngineTime::from_millis(200_000);
        assert_eq!(batch(vec![result("eu", 100, &[])], last, Some(last)).at, EngineTime::from_millis(200_001));
    }

    #[test]
    fn a_histogram_with_other_edges_is_left_out_and_counted() {
        let results = vec![result("cn", 9, &[0.5]), result("eu", 9, &[0.1, 0.2]), result("us", 9, &[0.1, 0.2])];
        let batch = batch(results, EngineTime::default(), None);
        assert_eq!(&*batch.edges, [0.1, 0.2]);
        let buckets: Vec<_> = batch.readings.iter().map(|reading| reading.latency.len()).collect();
        assert_eq!((buckets, batch.unreadable), (vec![0, 3, 3], 4));
    }

    #[test]
    fn a_round_without_an_answer_is_stamped_by_the_engine() {
        let why = "no answer within 2 s".to_owned();
        let results = vec![CellResult { tick: Err(why.clone()), ..result("eu", 0, &[]) }];
        let batch = batch(results, EngineTime::from_millis(7_000), Some(EngineTime::from_millis(5_000)));
        assert_eq!((batch.at, batch.over), (EngineTime::from_millis(7_000), Period::from_secs(2)));
        assert_eq!(batch.missing.first().map(|missing| &missing.why), Some(&why));
    }
}
