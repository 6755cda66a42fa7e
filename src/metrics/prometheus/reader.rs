//! Reading all cells from one server, a batch for each time it has scraped them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use super::answer::Found;
use super::cell::{Cell, Due};
use super::seen::{self, Seen};
use super::server::Server;
use super::{CELL, ENVIRONMENT};
use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::time::EngineTime;
use crate::evidence::delta::CellTick;
use crate::evidence::reading::Batch;
use crate::evidence::round::{self, CellResult};
use crate::metrics::health::{Health, TargetHealth, Without};

/// The shortest scrape interval that is reckoned with, and the one before any was seen.
const SHORTEST: Duration = Duration::from_secs(1);

/// How much later than due a scrape may be seen.
const GRACE: Duration = Duration::from_secs(1);

/// How far back the first look goes, and no later one farther.
const FIRST_LOOK: Duration = Duration::from_secs(180);

/// Reads cells from a Prometheus server, and remembers their counters from one round to the next.
#[derive(Debug)]
pub struct PrometheusReader {
    server: Server,
    cells: Vec<ReadCell>,
    /// How often the server scrapes, as far as it is known.
    interval: Duration,
    /// When the server last answered.
    answered: Option<Instant>,
    last: Option<EngineTime>,
}

#[derive(Debug)]
struct ReadCell {
    environment: EnvironmentId,
    cell: CellId,
    /// Shared with the thread that reads an answer. `None` until the server has answered once.
    known: Option<Arc<Mutex<Cell>>>,
    /// Whether it gave nothing in the last round: then others do not wait for it.
    is_late: bool,
    health: Health,
}

type Outcome = Result<CellTick, Without>;

impl PrometheusReader {
    /// A reader of these cells. What the server knew before its first answer is not counted.
    pub fn new(server: Server, cells: impl IntoIterator<Item = (EnvironmentId, CellId)>) -> Self {
        let cells = cells.into_iter().map(|(environment, cell)| ReadCell {
            environment,
            cell,
            known: None,
            is_late: false,
            health: Health::default(),
        });
        Self { server, cells: cells.collect(), interval: SHORTEST, answered: None, last: None }
    }

    /// Waits until the server has scraped every cell anew, those aside that were late before, and says what happened since the last
    /// round. A cell that is not scraped within one and a half intervals is late, and listed with the reason. `now` stamps the batch
    /// where no cell gave a time.
    pub async fn round(&mut self, now: EngineTime) -> Batch {
        let seen = self.wait().await;
        let outcomes = self.outcomes(seen).await;
        let mut results = Vec::with_capacity(self.cells.len());
        for (cell, outcome) in self.cells.iter_mut().zip(outcomes) {
            cell.is_late = matches!(outcome, Err(Without::Failed(_)));
            cell.health.note(&outcome);
            let (environment, id) = (cell.environment.clone(), cell.cell.clone());
            results.push(CellResult { environment, cell: id, tick: outcome.map_err(Without::why) });
        }
        let batch = round::batch(results, now, self.last);
        self.last = Some(batch.at);
        batch
    }

    /// How each cell has answered lately, in the order given.
    pub fn health(&self) -> Vec<TargetHealth> {
        let told = |cell: &ReadCell| TargetHealth {
            environment: cell.environment.clone(),
            cell: cell.cell.clone(),
            health: cell.health.clone(),
        };
        self.cells.iter().map(told).collect()
    }

    /// Longer than any round takes: the longest wait, and two queries.
    pub fn silence(&self) -> Duration {
        self.interval * 2 + Duration::from_secs(8)
    }

    /// Looks until there is enough to read, or no more to wait for. `None` for a cell that the first look found: that only finds out
    /// where things stand.
    async fn wait(&mut self) -> Result<Vec<Option<Seen>>, String> {
        let begun = Instant::now();
        loop {
            let seen = self.look().await;
            let is_enough = seen.as_ref().is_ok_and(|seen| self.is_enough(seen));
            if is_enough || begun.elapsed() >= self.patience() {
                return seen;
            }
            sleep((self.interval / 8).clamp(Duration::from_millis(100), SHORTEST)).await;
        }
    }

    /// How long a round waits for scrapes. Where every cell is late it is known already, and said again once an interval.
    fn patience(&self) -> Duration {
        if self.cells.iter().all(|cell| cell.is_late) { self.interval } else { self.interval * 3 / 2 + GRACE }
    }

    fn is_enough(&self, seen: &[Option<Seen>]) -> bool {
        let mut due = self.cells.iter().zip(seen).filter(|(cell, _)| !cell.is_late).peekable();
        if due.peek().is_none() {
            return seen.iter().any(|seen| matches!(seen, None | Some(Seen::Scraped(..))));
        }
        due.all(|(_, seen)| *seen != Some(Seen::Nothing))
    }

    /// Asks when cells were scraped since they were read.
    async fn look(&mut self) -> Result<Vec<Option<Seen>>, String> {
        let reach = self.answered.map_or(FIRST_LOOK, |answered| (answered.elapsed() + self.interval * 4).min(FIRST_LOOK));
        let found = self.server.instant(&seen::query(reach), None).await?;
        self.answered = Some(Instant::now());
        if let Some(interval) = seen::interval(&found) {
            self.interval = interval.max(SHORTEST);
        }
        Ok(self.cells.iter_mut().map(|cell| cell.seen(&found)).collect())
    }

    /// What comes of it for each cell, those read at the same time that there is anything to read of.
    async fn outcomes(&self, seen: Result<Vec<Option<Seen>>, String>) -> Vec<Outcome> {
        let seen = match seen {
            Ok(seen) => seen,
            Err(why) => return vec![Err(Without::Failed(format!("Prometheus: {why}"))); self.cells.len()],
        };
        let mut tasks = JoinSet::new();
        let mut outcomes = Vec::with_capacity(seen.len());
        for (index, (cell, seen)) in self.cells.iter().zip(seen).enumerate() {
            outcomes.push(cell.without(seen.as_ref()));
            if let (Some(Seen::Scraped(target, times)), Some(known)) = (seen, &cell.known) {
                let due = known.lock().unwrap_or_else(PoisonError::into_inner).due(target, times);
                let (server, known) = (self.server.clone(), Arc::clone(known));
                tasks.spawn(async move { (index, read(&server, due, known).await) });
            }
        }
        while let Some(done) = tasks.join_next().await {
            if let Ok((index, outcome)) = done
                && let Some(place) = outcomes.get_mut(index)
            {
                *place = outcome;
            }
        }
        outcomes
    }
}

impl ReadCell {
    /// What an answer says of it. `None` at the first answer that knows it: how far the server has come is only noted.
    fn seen(&mut self, found: &[Found]) -> Option<Seen> {
        if let Some(known) = &self.known {
            let since = known.lock().unwrap_or_else(PoisonError::into_inner).since;
            return Some(Seen::of(found, &self.environment, &self.cell, since));
        }
        let newest = seen::newest(found, &self.environment, &self.cell);
        let since = newest.unwrap_or(0);
        self.known = Some(Arc::new(Mutex::new(Cell::new(self.environment.clone(), self.cell.clone(), since))));
        if newest.is_some() { None } else { Some(Seen::of(found, &self.environment, &self.cell, since)) }
    }

    /// Why there is no tick of it where nothing can be read.
    fn without(&self, seen: Option<&Seen>) -> Outcome {
        Err(match seen {
            None => {
                Without::Begun("first look at Prometheus: counters are compared from the scrape after the next one on".to_owned())
            }
            Some(Seen::Nothing) => Without::Failed(match self.health.age() {
                Some(age) => format!("Prometheus has not scraped it for {} s", age.as_secs()),
                None => format!(
                    "Prometheus does not scrape it: no target has {ENVIRONMENT}={:?} and {CELL}={:?}",
                    self.environment.as_str(),
                    self.cell.as_str()
                ),
            }),
            Some(Seen::Failed) => Without::Failed("Prometheus cannot scrape it".to_owned()),
            Some(Seen::Several(label)) => Without::Failed(format!(
                "two targets of Prometheus answer for it at once, which differ in the label {:?}; let one of them be scraped",
                crate::safe::clean(label)
            )),
            // What stands where reading it ends without a word.
            Some(Seen::Scraped(..)) => Without::Failed("reading its samples failed".to_owned()),
        })
    }
}

/// Fetches the samples of scrapes that are due and takes them in, on a thread that may take its time.
async fn read(server: &Server, due: Due, known: Arc<Mutex<Cell>>) -> Outcome {
    let (query, at) = due.query().ok_or_else(|| Without::Failed("Prometheus has no scrape of it".to_owned()))?;
    let found = server.instant(&query, Some(at)).await.map_err(|why| Without::Failed(format!("Prometheus: {why}")))?;
    let tick = spawn_blocking(move || known.lock().unwrap_or_else(PoisonError::into_inner).take(&due, &found)).await;
    match tick {
        Ok(tick) => tick.map_err(Without::from),
        Err(_) => Err(Without::Failed("reading its samples failed".to_owned())),
    }
}

#[cfg(test)]
mod tests;
