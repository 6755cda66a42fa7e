//! Reading logs: once a tick from cells and files, and from programs as often as they are run.

mod cells;
mod commands;
mod files;

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Url;
use tokio::task::spawn_blocking;

use self::cells::{Cells, Newest};
use self::commands::Commands;
use self::files::Files;
use super::guard;
use super::scrape::{CannotScrape, Target};
use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::time::EngineTime;
use crate::evidence::logs::{Collector, LogTick, Roster};

/// Reads logs and remembers how far it has read.
#[derive(Debug)]
pub struct LogReader {
    cells: Cells,
    commands: Commands,
    read: Read,
}

/// How far cells and files have been read.
#[derive(Debug, Default)]
struct Read {
    newest: Newest,
    files: Files,
}

impl LogReader {
    /// One that has read nothing yet. Of the lines that are there already it reads none. The environment variables named in `secrets`
    /// are kept from every program it runs.
    pub fn new(targets: &[Target], secrets: Vec<String>) -> Result<Self, CannotScrape> {
        let urls: BTreeMap<(EnvironmentId, CellId), Url> = targets
            .iter()
            .filter_map(|target| Some(((target.environment.clone(), target.cell.clone()), guard::address(&target.url).ok()?)))
            .collect();
        let client = guard::client(urls.values().any(|url| url.scheme() == "https"))?;
        Ok(Self { cells: Cells::new(client, urls), commands: Commands::new(secrets), read: Read::default() })
    }

    /// What was written since the last round. Takes two seconds at most, and as long as it takes to read files and to go through what was
    /// read: that is done where nothing else waits for it.
    pub async fn round(&mut self, roster: &Arc<Roster>, now: EngineTime) -> LogTick {
        let mut collector = Collector::new(now);
        let answers = self.cells.ask(roster, &self.read.newest).await;
        let printed = self.commands.round(roster, &mut collector, now);
        let (mut read, posted) = (std::mem::take(&mut self.read), Arc::clone(roster));
        // Where that panics, it is begun anew: what was written meanwhile is not read.
        if let Ok((read, collector)) = spawn_blocking(move || {
            for answer in answers {
                read.newest.take(&posted, answer, &mut collector);
            }
            for printed in &printed {
                commands::take(&posted, printed, &mut collector);
            }
            read.files.round(&posted, &mut collector);
            (read, collector)
        })
        .await
        {
            self.read = read;
            return collector.finish();
        }
        LogTick::default()
    }
}

#[cfg(test)]
mod tests;
