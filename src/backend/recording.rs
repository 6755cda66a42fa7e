//! `recording:FILE`: what an engine wrote down, also while it still writes; and the same as a replay, from its beginning.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::domain::change::{Change, Fact};
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::Seq;
use crate::engine::journal::{self, Damage, Reader};
use crate::evidence::reading::{Batch, keep};
use crate::protocol::record::Entry;

use super::port::{BoxStream, Description, Observer, Update};

/// How often a recording still being written is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How many changes of the past a console is given.
const REMEMBERED: usize = 20_000;
/// How many ticks' numbers a console is given at once.
const KEPT: usize = 240;
/// How much of a replay is handed over at a time.
const PORTION: usize = 2_000;

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
                Ok(entry) => read(entry).map(Ok),
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

    /// The same of a recording that nobody writes to any more: a line without its end is damage.
    pub fn drain_whole(&mut self, mut take: impl FnMut(Read)) -> Result<(), Damage> {
        for entry in &mut self.reader {
            if let Some(read) = read(entry?) {
                take(read);
            }
        }
        Ok(())
    }

    /// What to tell people of damage: file, line and reason.
    fn told(&self, damage: &Damage) -> String {
        damaged(&self.path, damage)
    }
}

/// What to tell people of a damaged recording: file, line and reason, and that what stands before it is good.
pub fn damaged(path: &Path, damage: &Damage) -> String {
    format!("{} {damage}; what stands before it is shown", path.display())
}

fn read(entry: Entry<Fact>) -> Option<Read> {
    match entry {
        Entry::Header(_) => None,
        Entry::Change(record) => Some(Read::Change(Box::new(Change { seq: record.seq, at: record.at, fact: record.change }))),
        Entry::Reading(record) => Some(Read::Readings(Box::new(record.batch))),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
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
    let mut recording = Recording::open(path).map_err(|error| unreadable(path, &error))?;
    let (mut fleet, mut past) = (Arc::<Fleet>::default(), History::since(Arc::default(), REMEMBERED));
    let mut batches = std::collections::VecDeque::new();
    let whole = recording.drain(|read| match read {
        Read::Change(change) => {
            Arc::make_mut(&mut fleet).apply(&change);
            past.push(*change, &fleet);
        }
        Read::Readings(batch) => {
            batches.push_back(Arc::from(batch));
            keep(&mut batches, KEPT);
        }
    });
    let (at, seq) = (fleet.at(), fleet.seq());
    // The heartbeat comes last: from there on everything that could be read is known.
    let first = [Update::Snapshot(fleet), Update::Past(past)].into_iter().chain(batches.into_iter().map(Update::Readings));
    for update in first {
        if say.send(update).await.is_err() {
            return Ok(());
        }
    }
    whole.map_err(|damage| recording.told(&damage))?;
    if say.send(Update::Heartbeat { at, seq }).await.is_err() {
        return Ok(());
    }
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
        more.map_err(|damage| recording.told(&damage))?;
        if say.is_closed() {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A recording to be shown from its beginning, so many times as fast as it was lived.
#[derive(Clone, Debug)]
pub struct Replayed {
    path: PathBuf,
    speed: f64,
}

impl Replayed {
    /// The recording at a path, at a speed.
    pub fn new(path: &Path, speed: f64) -> Self {
        Self { path: path.to_owned(), speed }
    }
}

impl Observer for Replayed {
    fn describe(&self) -> Description {
        Description { uri: self.path.display().to_string(), simulated: false, speed: self.speed, recorded: true }
    }

    fn changes(&self) -> BoxStream<'static, Update> {
        // What is read ahead waits here, so that a large recording is never held twice.
        let (say, hear) = mpsc::channel(1);
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(why) = hand_over(&path, &say) {
                let _ = say.blocking_send(Update::Ended { why });
            }
        });
        Box::pin(ReceiverStream::new(hear))
    }
}

/// Hands a recording over in portions. Whoever listens sets the pace; nothing more comes after its end.
fn hand_over(path: &Path, say: &mpsc::Sender<Update>) -> Result<(), String> {
    let mut recording = Recording::open(path).map_err(|error| unreadable(path, &error))?;
    let (mut changes, mut batches) = (Vec::new(), Vec::new());
    let mut is_heard = true;
    let whole = recording.drain_whole(|read| {
        match read {
            Read::Change(change) => changes.push(*change),
            Read::Readings(batch) => batches.push(Arc::from(batch)),
        }
        if changes.len() + batches.len() >= PORTION && is_heard {
            let portion = Update::Recorded { changes: std::mem::take(&mut changes), batches: std::mem::take(&mut batches) };
            is_heard = say.blocking_send(portion).is_ok();
        }
    });
    if recording.reader.state().seq() == Seq(0) && whole.is_ok() {
        return Err(format!("{} holds nothing that happened", path.display()));
    }
    let _ = say.blocking_send(Update::Recorded { changes, batches });
    whole.map_err(|damage| recording.told(&damage))
}
