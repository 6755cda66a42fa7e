//! From two consecutive scrapes of a cell to what happened between them.
//!
//! Counters become differences. A counter that fell was started anew and counts from zero; so does one that was not there at the
//! cell's last scrape, because its instance started since. The first scrape of a cell says nothing: what its counters counted, and
//! since when, is not known.
//!
//! What is remembered of a cell is bounded as its scrapes are: no more counters than one scrape may have
//! [series](super::exposition::limits::SERIES), and the histograms of the last ten scrapes.

mod counters;
mod families;
mod joined;
mod latency;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::counters::Counters;
use self::families::Family;
pub use self::families::{SAMPLES, TIME};
use self::latency::{Latency, Timed};
use super::exposition::{Exposition, Reader, Sample};
use super::reading::{JourneyReading, Reading};
use crate::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use crate::domain::time::{EngineTime, Period};

/// One cell's tick: what its scrape adds to a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct CellTick {
    /// When the cell says it was scraped, on the engine's clock.
    pub at: EngineTime,
    /// How long since the scrape it is compared with.
    pub over: Period,
    /// Upper edges of the latency buckets in seconds, rising; empty where the cell exposes none.
    pub edges: Arc<[f64]>,
    /// In order of service and version.
    pub readings: Vec<Reading>,
    /// In order of journey.
    pub journeys: Vec<JourneyReading>,
    /// Wanted lines that could not be read.
    pub unreadable: u64,
}

/// Why a scrape says nothing about the time before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTick {
    /// The first scrape of the cell.
    #[error("first scrape of the cell: its counters are compared from the next one on")]
    First,
    /// The text does not say when it was made.
    #[error("the scrape has no readable pushdeck_time_seconds, so nobody knows when it is from")]
    NoTime,
    /// The same moment as the last scrape, so there is nothing new in it.
    #[error("the cell's clock has not moved since the last scrape")]
    NotMoved,
    /// The cell's clock went back: another process answers now.
    #[error("the cell's clock went back: its counters are compared from the next scrape on")]
    WentBack,
}

/// What one cell's last scrape said, to compare the next one with.
#[derive(Clone, Debug)]
pub struct CellCounters {
    environment: EnvironmentId,
    cell: CellId,
    reader: Reader,
    last: Option<EngineTime>,
    requests: Counters,
    journeys: Counters,
    latency: Latency,
}

/// What the instances of one version said.
#[derive(Default)]
struct Tally {
    requests: u64,
    errors: u64,
    cpu: Mean,
    memory: Mean,
    saturation: Mean,
    up: u32,
}

/// A mean of the finite values; nothing where there were none.
#[derive(Default)]
struct Mean {
    sum: f64,
    n: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.sum += value;
            self.n += 1;
        }
    }

    fn value(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / f64::from(self.n))
    }
}

type Arm = (ServiceId, Version);

impl CellCounters {
    /// A cell that has not been scraped yet.
    pub fn new(environment: EnvironmentId, cell: CellId) -> Self {
        Self {
            environment,
            cell,
            reader: Reader::default(),
            last: None,
            requests: Counters::default(),
            journeys: Counters::default(),
            latency: Latency::default(),
        }
    }

    /// Takes the next scrape's text and says what happened since the one before.
    pub fn advance(&mut self, text: &(impl AsRef<[u8]> + ?Sized)) -> Result<CellTick, NoTick> {
        let scrape = self.reader.read(text, families::WANTED);
        self.compare(scrape)
    }

    /// The same of a scrape that was read elsewhere.
    pub fn compare(&mut self, scrape: Exposition) -> Result<CellTick, NoTick> {
        let at = time_of(&scrape).ok_or(NoTick::NoTime)?;
        let over = match self.last {
            Some(last) if at == last => return Err(NoTick::NotMoved),
            Some(last) if at > last => Ok(at - last),
            Some(_) => Err(NoTick::WentBack),
            None => Err(NoTick::First),
        };
        if over.is_err() {
            let reader = std::mem::take(&mut self.reader);
            *self = Self { reader, ..Self::new(self.environment.clone(), self.cell.clone()) };
        }
        let mut tick = self.take(scrape);
        self.last = Some(at);
        (tick.at, tick.over) = (at, over?);
        Ok(tick)
    }

    fn take(&mut self, scrape: Exposition) -> CellTick {
        let mut arms: BTreeMap<Arm, Tally> = BTreeMap::new();
        let mut journeys: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let mut unreadable = scrape.unreadable;
        for sample in scrape.samples {
            let read = match Family::of(&sample.series.name) {
                Some(Family::Attempts | Family::Successes) => self.journey(&sample, &mut journeys),
                Some(Family::LatencyBucket) => arm(&sample).and_then(|arm| self.latency.bucket(Timed::Arm(arm), &sample)),
                Some(Family::JourneyBucket) => {
                    journey_of(&sample).and_then(|journey| self.latency.bucket(Timed::Journey(journey), &sample))
                }
                Some(Family::Unused) | None => Some(()),
                Some(family) => self.instance(family, &sample, &mut arms),
            };
            unreadable += u64::from(read.is_none());
        }
        self.requests.end_scrape();
        self.journeys.end_scrape();
        let edges = self.latency.end_scrape();
        let mut readings: Vec<Reading> = arms.into_iter().map(|(arm, tally)| self.reading(arm, &tally)).collect();
        for reading in &mut readings {
            let (counts, fits) = self.latency.counts(&Timed::Arm((reading.service.clone(), reading.version.clone())));
            reading.latency = counts;
            unreadable += u64::from(!fits);
        }
        let journeys: Vec<_> = journeys.into_iter().map(|(journey, counts)| self.journey_reading(journey, counts)).collect();
        unreadable += journeys.iter().filter(|(_, fits)| !fits).count() as u64;
        let journeys = journeys.into_iter().map(|(reading, _)| reading).collect();
        CellTick { at: EngineTime::default(), over: Period::ZERO, edges, readings, journeys, unreadable }
    }

    /// Counts a sample of one instance; `None` where its labels or value make no sense.
    fn instance(&mut self, family: Family, sample: &Sample, arms: &mut BTreeMap<Arm, Tally>) -> Option<()> {
        let tally = arms.entry(arm(sample)?).or_default();
        match family {
            Family::Requests => {
                let more = self.requests.advance(sample)?;
                tally.requests += more;
                if sample.series.label("code").is_some_and(|code| code.len() == 3 && code.starts_with('5')) {
                    tally.errors += more;
                }
            }
            Family::Up => tally.up += u32::from(sample.value > 0.5),
            Family::Cpu => tally.cpu.add(sample.value),
            Family::Memory => tally.memory.add(sample.value),
            Family::Saturation => tally.saturation.add(sample.value),
            Family::LatencyBucket | Family::JourneyBucket | Family::Attempts | Family::Successes | Family::Unused => {}
        }
        Some(())
    }

    fn journey(&mut self, sample: &Sample, journeys: &mut BTreeMap<String, (u64, u64)>) -> Option<()> {
        let more = self.journeys.advance(sample)?;
        let (attempts, succeeded) = journeys.entry(journey_of(sample)?).or_default();
        *(if Family::of(&sample.series.name) == Some(Family::Attempts) { attempts } else { succeeded }) += more;
        Some(())
    }

    /// What is told of a journey, and whether its histogram, if it has one, could be used.
    fn journey_reading(&self, journey: String, (attempts, succeeded): (u64, u64)) -> (JourneyReading, bool) {
        let of = Timed::Journey(journey.clone());
        let (latency, fits) = self.latency.counts(&of);
        let reading = JourneyReading {
            environment: self.environment.clone(),
            cell: self.cell.clone(),
            journey,
            attempts,
            succeeded: succeeded.min(attempts),
            latency,
            failure: None,
            untried: None,
        };
        (reading, fits)
    }

    fn reading(&self, (service, version): Arm, tally: &Tally) -> Reading {
        Reading {
            service,
            environment: self.environment.clone(),
            cell: self.cell.clone(),
            version,
            requests: tally.requests,
            errors: tally.errors,
            latency: Vec::new(),
            cpu: tally.cpu.value(),
            memory: tally.memory.value(),
            saturation: tally.saturation.value(),
            up: tally.up,
        }
    }
}

fn arm(sample: &Sample) -> Option<Arm> {
    Some((ServiceId::new(sample.series.label("service")?), Version::new(sample.series.label("version")?)))
}

fn journey_of(sample: &Sample) -> Option<String> {
    Some(crate::domain::id::GroupId::new(sample.series.label("journey")?).into())
}

fn time_of(scrape: &Exposition) -> Option<EngineTime> {
    let seconds = scrape.samples.iter().find(|sample| *sample.series.name == *families::TIME)?.value;
    (seconds.is_finite() && seconds >= 0.0).then(|| EngineTime::from_millis((seconds * 1_000.0).round() as i64))
}

#[cfg(test)]
mod tests;
