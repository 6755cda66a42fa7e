//! Where an engine's numbers come from. Whoever reads them cannot tell one from another.

use std::time::Duration;

use super::health::TargetHealth;
use super::prometheus::PrometheusReader;
use super::scrape::Scraper;
use crate::domain::time::EngineTime;
use crate::evidence::reading::Batch;

/// A source of numbers.
#[derive(Debug)]
pub enum Source {
    /// The cells themselves.
    Scraping(Scraper),
    /// A Prometheus server that scrapes them.
    Prometheus(PrometheusReader),
}

impl Source {
    /// The next batch: what happened in every cell since the last round. A cell that gave nothing is listed with the reason. Scraping
    /// takes two seconds at most; a server is waited for as long as it is about to scrape. `now` stamps the batch where no cell gave a
    /// time.
    pub async fn round(&mut self, now: EngineTime) -> Batch {
        match self {
            Self::Scraping(scraper) => scraper.round(now).await,
            Self::Prometheus(reader) => reader.round(now).await,
        }
    }

    /// How each target has answered lately, in the order given.
    pub fn health(&self) -> Vec<TargetHealth> {
        match self {
            Self::Scraping(scraper) => scraper.health(),
            Self::Prometheus(reader) => reader.health(),
        }
    }

    /// After how long without a batch, by the wall, the numbers count as lost: longer than any round takes.
    pub fn silence(&self) -> Duration {
        match self {
            Self::Scraping(_) => Duration::from_secs(6),
            Self::Prometheus(reader) => reader.silence(),
        }
    }
}
