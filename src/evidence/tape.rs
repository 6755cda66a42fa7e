//! The ticks that were read, kept so that charts can be drawn as of any moment.
//!
//! Bounded: the newest [`EXACT`] ticks are kept as they came, and before them at most as many again. Where there would be more, ticks
//! that follow one another are merged, so that what is older is coarser and nothing is ever missing.

use std::collections::VecDeque;
use std::sync::Arc;

use super::reading::{Batch, JourneyReading, Reading};
use super::series::Signals;
use crate::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use crate::domain::time::{EngineTime, Period};

/// So many of the newest ticks are kept as they came.
pub const EXACT: usize = 240;
/// Ticks kept in all.
const MOST: usize = 2 * EXACT;
/// Of those before the newest, so many are left after merging at most.
const ROOM: usize = EXACT * 3 / 4;

/// Ticks, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    batches: VecDeque<Arc<Batch>>,
    /// The length up to which ticks have been merged; nothing before the first time.
    merged_to: Period,
}

impl Tape {
    /// Takes the next tick. One that is not later than the last is a repetition and is left aside.
    pub fn push(&mut self, batch: &Arc<Batch>) {
        if self.batches.back().is_some_and(|last| batch.at <= last.at) {
            return;
        }
        self.batches.push_back(Arc::clone(batch));
        if self.batches.len() > MOST {
            self.thin();
        }
    }

    /// Every tick kept, oldest first.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &Arc<Batch>> + ExactSizeIterator {
        self.batches.iter()
    }

    /// The ticks that ended after one moment and not after another, oldest first.
    pub fn between(&self, after: EngineTime, until: EngineTime) -> impl Iterator<Item = &Arc<Batch>> {
        let first = self.batches.partition_point(|batch| batch.at <= after);
        self.batches.range(first..).take_while(move |batch| batch.at <= until)
    }

    /// What was known of the numbers at a moment: a tick that was not over counts for nothing.
    pub fn at(&self, moment: EngineTime) -> Signals {
        let mut signals = Signals::of_hours();
        for batch in self.batches.iter().take_while(|batch| batch.at <= moment) {
            signals.ingest(batch);
        }
        signals
    }

    /// Merges old ticks up to the length they were merged to before, and to twice that as often as it takes to make room.
    fn thin(&mut self) {
        let exact = self.batches.split_off(self.batches.len().saturating_sub(EXACT));
        let shortest = self.batches.iter().map(|batch| batch.over).filter(|over| !over.is_zero()).min();
        self.merged_to = self.merged_to.max(shortest.unwrap_or(Period::from_secs(1)) * 2);
        self.merge();
        while self.batches.len() > ROOM {
            self.merged_to = self.merged_to * 2;
            self.merge();
        }
        self.batches.extend(exact);
    }

    fn merge(&mut self) {
        let mut merged: VecDeque<Arc<Batch>> = VecDeque::new();
        for batch in self.batches.drain(..) {
            match merged.back_mut() {
                Some(last) if last.over + batch.over <= self.merged_to => *last = Arc::new(both(last, &batch)),
                _ => merged.push_back(batch),
            }
        }
        self.batches = merged;
    }
}

/// Two ticks that follow one another as one: counts are added, and means are those of the later one. A cell is missing only where it
/// gave nothing in the later one.
fn both(early: &Batch, late: &Batch) -> Batch {
    let same_edges = early.edges == late.edges;
    // There may be tens of thousands: they are looked up by their order.
    let mut readings = late.readings.clone();
    readings.sort_by(|one, other| of(one).cmp(&of(other)));
    let mut gone = Vec::new();
    for before in &early.readings {
        let known = readings.binary_search_by(|reading| of(reading).cmp(&of(before))).ok();
        match known.and_then(|at| readings.get_mut(at)) {
            Some(reading) => {
                reading.requests += before.requests;
                reading.errors += before.errors;
                if same_edges && reading.latency.len() == before.latency.len() {
                    reading.latency.iter_mut().zip(&before.latency).for_each(|(count, more)| *count += more);
                }
            }
            None if same_edges => gone.push(before.clone()),
            None => gone.push(Reading { latency: Vec::new(), ..before.clone() }),
        }
    }
    readings.extend(gone);
    readings.sort_by(|one, other| of(one).cmp(&of(other)));
    let mut journeys: Vec<JourneyReading> = late.journeys.clone();
    for before in &early.journeys {
        let is_same = |known: &&mut JourneyReading| {
            (&known.environment, &known.cell, &known.journey) == (&before.environment, &before.cell, &before.journey)
        };
        match journeys.iter_mut().find(is_same) {
            Some(journey) => {
                journey.attempts += before.attempts;
                journey.succeeded += before.succeeded;
                if same_edges && journey.latency.len() == before.latency.len() {
                    journey.latency.iter_mut().zip(&before.latency).for_each(|(count, more)| *count += more);
                } else if same_edges && journey.latency.is_empty() {
                    journey.latency.clone_from(&before.latency);
                }
                journey.failure = journey.failure.take().or_else(|| before.failure.clone());
            }
            None if same_edges => journeys.push(before.clone()),
            None => journeys.push(JourneyReading { latency: Vec::new(), ..before.clone() }),
        }
    }
    let unreadable = early.unreadable.max(late.unreadable);
    let mut logs = late.logs.clone();
    logs.take_in(&early.logs);
    Batch { over: early.over + late.over, readings, journeys, unreadable, logs, ..late.clone() }
}

/// What a reading is of.
const fn of(reading: &Reading) -> (&ServiceId, &EnvironmentId, &CellId, &Version) {
    (&reading.service, &reading.environment, &reading.cell, &reading.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(second: i64) -> Arc<Batch> {
        let reading = Reading {
            service: "blob".into(),
            environment: "production".into(),
            cell: "eu".into(),
            version: "v42".into(),
            requests: 10,
            errors: 1,
            latency: vec![8, 2],
            cpu: Some(second as f64),
            memory: None,
            saturation: None,
            up: 1,
        };
        let edges = Arc::from([0.1]);
        let (at, over) = (EngineTime::from_millis(second * 1_000), Period::from_secs(1));
        Arc::new(Batch { at, over, edges, readings: vec![reading], ..Batch::default() })
    }

    fn requests(tape: &Tape) -> u64 {
        tape.batches().flat_map(|batch| &batch.readings).map(|reading| reading.requests).sum()
    }

    #[test]
    fn new_ticks_are_exact_old_ones_coarse_and_none_is_lost() {
        let mut tape = Tape::default();
        for second in 1..=10_000 {
            tape.push(&tick(second));
        }
        assert!(tape.batches().len() <= MOST && tape.batches().len() > EXACT, "{}", tape.batches().len());
        assert_eq!(requests(&tape), 100_000);
        assert!(tape.batches().rev().take(EXACT).all(|batch| batch.over == Period::from_secs(1)));
        let lengths: Vec<_> = tape.batches().map(|batch| batch.over).collect();
        assert!(lengths.iter().all(|over| *over <= Period::from_secs(128)), "{lengths:?}");
        let first = tape.batches().next().unwrap();
        assert_eq!(first.readings[0].latency.iter().sum::<u64>(), first.readings[0].requests);
    }

    #[test]
    fn whoever_is_given_a_tape_knows_what_was_before_they_came() {
        let mut kept = Tape::default();
        for second in 1..=3_000 {
            kept.push(&tick(second));
        }
        let mut given = Tape::default();
        kept.batches().for_each(|batch| given.push(batch));
        let early = EngineTime::from_millis(600_000);
        assert_eq!((requests(&given), given.at(early).last_tick()), (30_000, kept.at(early).last_tick()));
        assert!(given.at(early).last_tick().is_some_and(|last| early.since(last) < Period::from_mins(1)));
        for second in 3_001..=6_000 {
            given.push(&tick(second));
        }
        assert_eq!(requests(&given), 60_000);
    }

    #[test]
    fn what_is_merged_keeps_what_came_and_went_in_order() {
        let of = |second: i64, versions: &[&str]| {
            let batch = tick(second);
            let reading = |version: &&str| Reading { version: Version::new(version), ..batch.readings[0].clone() };
            Batch { readings: versions.iter().map(reading).collect(), ..Batch::clone(&batch) }
        };
        let merged = both(&of(1, &["v41", "v43", "v40"]), &of(2, &["v41", "v42"]));
        let counts: Vec<_> = merged.readings.iter().map(|reading| (reading.version.as_str(), reading.requests)).collect();
        assert_eq!(counts, [("v40", 10), ("v41", 20), ("v42", 10), ("v43", 10)]);
    }

    #[test]
    fn a_moment_knows_nothing_of_what_came_later() {
        let mut tape = Tape::default();
        for second in 1..=20 {
            tape.push(&tick(second));
        }
        tape.push(&tick(20));
        let at = |second: i64| EngineTime::from_millis(second * 1_000);
        assert_eq!(tape.at(at(7)).last_tick(), Some(at(7)));
        assert_eq!(tape.at(EngineTime::from_millis(7_900)).last_tick(), Some(at(7)));
        assert_eq!(tape.between(at(5), at(8)).map(|batch| batch.at).collect::<Vec<_>>(), [6, 7, 8].map(at));
    }
}
