//! Scraping: every tick, every cell's exposition, all at once.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::{Client, Url};
use tokio::task::{JoinSet, spawn_blocking};

use super::fetch;
use super::guard::{self, Refused};
use super::health::{Health, TargetHealth, Without};
use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::time::EngineTime;
use crate::evidence::delta::{CellCounters, CellTick};
use crate::evidence::reading::Batch;
use crate::evidence::round::{self, CellResult};

/// Where a cell's metrics are read. A cell has one target; its exposition covers all its instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where.
    pub environment: EnvironmentId,
    /// Which cell.
    pub cell: CellId,
    /// An http or https address.
    pub url: String,
}

/// Why scraping cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotScrape {
    /// A target's address is none that can be scraped.
    #[error("the metrics address of {environment}/{cell} {fault}")]
    Address {
        /// Of which environment.
        environment: EnvironmentId,
        /// Of which cell.
        cell: CellId,
        /// What is wrong with it.
        fault: Refused,
    },
    /// There is no HTTP client to be had, such as for lack of any trusted certificate.
    #[error("no HTTP client for scraping: {0}")]
    Client(#[from] reqwest::Error),
}

/// Scrapes targets and remembers their counters from one round to the next.
#[derive(Debug)]
pub struct Scraper {
    client: Client,
    cells: Vec<ScrapedCell>,
    last: Option<EngineTime>,
}

#[derive(Clone, Debug)]
struct ScrapedCell {
    environment: EnvironmentId,
    cell: CellId,
    url: Url,
    health: Health,
    /// Shared with the thread that reads the scrape, so that a round that is broken off loses nothing.
    counters: Arc<Mutex<CellCounters>>,
}

impl Scraper {
    /// A scraper of these targets. Their counters are compared from the second round on.
    pub fn new(targets: Vec<Target>) -> Result<Self, CannotScrape> {
        let cells = targets.into_iter().map(ScrapedCell::new).collect::<Result<Vec<_>, _>>()?;
        let client = guard::client(cells.iter().any(|cell| cell.url.scheme() == "https"))?;
        Ok(Self { client, cells, last: None })
    }

    /// Scrapes every target once, all at the same time, and says what happened since the last round. A cell that gave nothing is
    /// listed with the reason. Takes two seconds and the reading at most. `now` stamps the batch where no cell gave a time.
    pub async fn round(&mut self, now: EngineTime) -> Batch {
        let mut tasks = JoinSet::new();
        for (index, cell) in self.cells.iter().enumerate() {
            let (client, cell) = (self.client.clone(), cell.clone());
            tasks.spawn(async move { (index, cell.scrape(&client).await) });
        }
        let mut ticks: Vec<Option<Result<CellTick, Without>>> = vec![None; self.cells.len()];
        while let Some(done) = tasks.join_next().await {
            if let Ok((index, tick)) = done
                && let Some(place) = ticks.get_mut(index)
            {
                *place = Some(tick);
            }
        }
        let mut results = Vec::with_capacity(self.cells.len());
        for (cell, tick) in self.cells.iter_mut().zip(ticks) {
            let tick = tick.unwrap_or_else(unread);
            cell.health.note(&tick);
            let (environment, id) = (cell.environment.clone(), cell.cell.clone());
            results.push(CellResult { environment, cell: id, tick: tick.map_err(Without::why) });
        }
        let batch = round::batch(results, now, self.last);
        self.last = Some(batch.at);
        batch
    }

    /// How each target has answered lately, in the order given.
    pub fn health(&self) -> Vec<TargetHealth> {
        let told = |cell: &ScrapedCell| TargetHealth {
            environment: cell.environment.clone(),
            cell: cell.cell.clone(),
            health: cell.health.clone(),
        };
        self.cells.iter().map(told).collect()
    }
}

/// What comes of a scrape whose reading broke.
fn unread() -> Result<CellTick, Without> {
    Err(Without::Failed("reading its scrape failed".to_owned()))
}

impl ScrapedCell {
    fn new(target: Target) -> Result<Self, CannotScrape> {
        let Target { environment, cell, url } = target;
        match guard::address(&url) {
            Ok(url) => {
                let counters = Arc::new(Mutex::new(CellCounters::new(environment.clone(), cell.clone())));
                Ok(Self { environment, cell, url, health: Health::default(), counters })
            }
            Err(fault) => Err(CannotScrape::Address { environment, cell, fault }),
        }
    }

    /// Fetches and reads this cell's exposition; reading happens on a thread that may take its time.
    async fn scrape(&self, client: &Client) -> Result<CellTick, Without> {
        let text = fetch::exposition(client, self.url.clone()).await.map_err(Without::Failed)?;
        let counters = Arc::clone(&self.counters);
        let tick = spawn_blocking(move || counters.lock().unwrap_or_else(PoisonError::into_inner).advance(&text)).await;
        tick.map_or_else(|_| unread(), |tick| tick.map_err(Without::from))
    }
}

#[cfg(test)]
mod tests;
