//! Reading logs: once a tick from cells and files, and from programs as often as they are run.

mod cells;
mod commands;
mod files;

use std::collections::BTreeMap;

use reqwest::Url;
use tokio::task::spawn_blocking;

use self::cells::Cells;
use self::commands::Commands;
use self::files::Files;
use super::fetch;
use super::scrape::{CannotScrape, Target};
use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::time::EngineTime;
use crate::evidence::logs::{Collector, LogTick, Roster};

/// Reads logs and remembers how far it has read.
#[derive(Debug)]
pub struct LogReader {
    cells: Cells,
    files: Files,
    commands: Commands,
}

impl LogReader {
    /// One that has read nothing yet. Of the lines that are there already it reads none. The environment variables named in `secrets`
    /// are kept from every program it runs.
    pub fn new(targets: &[Target], secrets: Vec<String>) -> Result<Self, CannotScrape> {
        let urls: BTreeMap<(EnvironmentId, CellId), Url> = targets
            .iter()
            .filter_map(|target| Some(((target.environment.clone(), target.cell.clone()), Url::parse(&target.url).ok()?)))
            .collect();
        let client = fetch::client(urls.values().any(|url| url.scheme() == "https"))?;
        Ok(Self { cells: Cells::new(client, urls), files: Files::default(), commands: Commands::new(secrets) })
    }

    /// What was written since the last round. Takes two seconds at most, and the reading of files.
    pub async fn round(&mut self, roster: &Roster, now: EngineTime) -> LogTick {
        let mut collector = Collector::new(now);
        self.cells.round(roster, &mut collector).await;
        self.commands.round(roster, &mut collector, now);
        let (mut files, posted) = (std::mem::take(&mut self.files), roster.clone());
        // Where reading panics, files are begun anew: what was written meanwhile is not read.
        if let Ok((files, collector)) = spawn_blocking(move || {
            files.round(&posted, &mut collector);
            (files, collector)
        })
        .await
        {
            self.files = files;
            return collector.finish();
        }
        LogTick::default()
    }
}

#[cfg(test)]
mod tests;
