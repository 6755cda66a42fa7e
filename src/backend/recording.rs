//! `recording:FILE`: what an engine wrote down, also while it still writes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::domain::change::{Change, Fact};
use crate::domain::fleet::Fleet;
use crate::engine::journal::{self, Damage, Reader};
use crate::evidence::reading::Batch;
use crate::protocol::record::Entry;

use super::port::{BoxStream, Description, Observer, Update};

/// How often a recording still being written is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// One thing read from a recording.
#[derive(Clone, Debug)]
pub enum Read {
    /// A change.
    Change(Box<Change>),
    /// A tick's numbers.
    Readings(Box<Batch>),
}

/// A recording, open for reading.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    reader: Reader<Fact>,
}

impl Recording {
    /// Opens a recording.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self { path: path.to_owned(), reader: journal::read(path)? })
    }

    /// What comes next; `None` where nothing more is written yet.
    pub fn poll(&mut self) -> Option<Result<Read, Damage>> {
        loop {
            return match self.reader.poll()? {
                Ok(Entry::Header(_)) => continue,
                Ok(Entry::Change(record)) => {
                    Some(Ok(Read::Change(Box::new(Change { seq: record.seq, at: record.at, fact: record.change }))))
                }
                Ok(Entry::Reading(record)) => Some(Ok(Read::Readings(Box::new(record.batch)))),
                Err(damage) => Some(Err(damage)),
            };
        }
    }

    /// Reads on until there is no more, or something cannot be believed. What was read before stays good.
    pub fn drain(&mut self, mut take: impl FnMut(Read)) -> Result<(), Damage> {
        while let Some(read) = self.poll() {
            take(read?);
        }
        Ok(())
    }
}

/// A recording as a backend that can only be watched.
#[derive(Clone, Debug)]
pub struct Recorded {
    path: PathBuf,
}

impl Recorded {
    /// The recording at a path.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }
}

impl Observer for Recorded {
    fn describe(&self) -> Description {
        Description { uri: format!("recording:{}", self.path.display()), simulated: false, speed: 1.0, recorded: true }
    }

    fn changes(&self) -> BoxStream<'static, Update> {
        let (say, hear) = mpsc::channel(256);
        let path = self.path.clone();
        tokio::spawn(async move {
            if let Err(why) = follow(&path, &say).await {
                let _ = say.send(Update::Ended { why }).await;
            }
        });
        Box::pin(ReceiverStream::new(hear))
    }
}

/// Everything so far as a snapshot, then what is added.
async fn follow(path: &Path, say: &mpsc::Sender<Update>) -> Result<(), String> {
    let mut recording = Recording::open(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let (mut fleet, mut past, mut batches) = (Fleet::default(), Vec::new(), Vec::new());
    let whole = recording.drain(|read| match read {
        Read::Change(change) => {
            fleet.apply(&change);
            past.push(*change);
        }
        Read::Readings(batch) => batches.push(Update::Readings(Arc::from(batch))),
    });
    let (at, seq) = (fleet.at(), fleet.seq());
    let first = [Update::Snapshot(Arc::new(fleet)), Update::Past(past)];
    // The heartbeat comes last: it says that everything known so far has been told.
    for update in first.into_iter().chain(batches).chain([Update::Heartbeat { at, seq }]) {
        if say.send(update).await.is_err() {
            return Ok(());
        }
    }
    whole.map_err(|damage| format!("{}: {damage}", recording.path.display()))?;
    loop {
        let mut updates = Vec::new();
        let more = recording.drain(|read| updates.push(read));
        for read in updates {
            let update = match read {
                Read::Change(change) => Update::Changes(vec![*change]),
                Read::Readings(batch) => Update::Readings(Arc::from(batch)),
            };
            if say.send(update).await.is_err() {
                return Ok(());
            }
        }
        more.map_err(|damage| format!("{}: {damage}", recording.path.display()))?;
        if say.is_closed() {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}
