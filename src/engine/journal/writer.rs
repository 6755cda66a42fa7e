//! Writing a journal: one writer, changes durable before they are acknowledged.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::reader::{Damage, Why, read};
use crate::domain::id::Seq;
use crate::domain::time::EngineTime;
use crate::evidence::reading::Batch;
use crate::protocol::chain::{Chain, Unwritable, write_reading};
use crate::protocol::record::{Entry, Header, ReadingRecord, Record};

/// Why a journal cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refused.
    #[error("the journal {path} could not be written: {source}; free space or mend the disk, then start the engine again")]
    Disk {
        /// The journal.
        path: String,
        /// What the disk said.
        source: io::Error,
    },
    /// A new one was asked for, and there is one.
    #[error("there is already a file {path}; name one that is not there yet, or move it away")]
    Exists {
        /// The journal.
        path: String,
    },
    /// A line before the last cannot be believed.
    #[error("the journal {path} is damaged: {damage}; nothing is written to it until a person has repaired it")]
    Damaged {
        /// The journal.
        path: String,
        /// Where, and why.
        damage: Damage,
    },
    /// An earlier write failed. What is on the disk is no longer known, so nothing more goes there.
    #[error("an earlier write to the journal {path} failed; start the engine again to find what is on the disk")]
    Poisoned {
        /// The journal.
        path: String,
    },
    /// There is no header, so nobody knows whose changes these would be.
    #[error("the journal {path} has no header; move it away and start anew")]
    Headless {
        /// The journal.
        path: String,
    },
    /// The record itself cannot be written. The journal is as it was.
    #[error(transparent)]
    Record(#[from] Unwritable),
}

/// A torn last line that was taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Its line, from 1.
    pub line: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Where they are kept.
    pub kept: PathBuf,
}

/// A journal taken up again.
#[derive(Debug)]
pub struct Opened<C> {
    /// Writes on, once [`Writer::begin`] has said whose run it is.
    pub writer: Writer,
    /// Everything that was in it.
    pub entries: Vec<Entry<C>>,
    /// What was taken off its end.
    pub cut: Option<Cut>,
}

/// The one writer of a journal.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
    chain: Chain,
    waiting: Vec<u8>,
    poisoned: bool,
}

impl Writer {
    /// Makes a new journal that only its owner may read, with its first header on disk.
    ///
    /// # Errors
    /// When there is one already, or the disk refuses.
    pub fn create(path: &Path, header: &Header) -> Result<Self, JournalError> {
        let file = private().create_new(true).open(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => JournalError::Exists { path: path.display().to_string() },
            _ => disk(path, source),
        })?;
        let mut writer = Self { path: path.to_owned(), file, chain: Chain::default(), waiting: Vec::new(), poisoned: false };
        writer.begin(header)?;
        sync_directory(path).map_err(|source| disk(path, source))?;
        Ok(writer)
    }

    /// Takes up a journal: reads it whole, and cuts a last line that cannot be believed. What is cut was never acknowledged, or the
    /// disk lost it; it is kept beside the journal either way.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] where a line before the last cannot be believed; nothing is changed then.
    pub fn open<C: DeserializeOwned>(path: &Path) -> Result<Opened<C>, JournalError> {
        let io = |source| disk(path, source);
        let mut reader = read(path).map_err(io)?;
        let mut entries = Vec::new();
        let mut damage = None;
        for entry in &mut reader {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(found) => damage = Some(found),
            }
        }
        if reader.state().run().is_none() {
            return Err(JournalError::Headless { path: path.display().to_string() });
        }
        let mut file = private().open(path).map_err(io)?;
        let cut = match damage {
            None => None,
            Some(damage) => Some(cut(path, &mut file, damage)?),
        };
        let chain = reader.state().clone();
        let writer = Self { path: path.to_owned(), file, chain, waiting: Vec::new(), poisoned: false };
        Ok(Opened { writer, entries, cut })
    }

    /// Begins a run: its header is on disk when this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(&mut self, header: &Header) -> Result<(), JournalError> {
        let mut chain = self.chain.clone();
        let line = chain.write_header(header)?;
        self.commit(&line)?;
        self.chain = chain;
        Ok(())
    }

    /// Numbers changes and writes them: all of them are on disk when this returns, and may be acknowledged.
    ///
    /// # Errors
    /// None of them may be acknowledged. After a refusal of the disk the writer is poisoned: what reached the disk is not known.
    pub fn changes<C: Serialize>(&mut self, at: EngineTime, changes: impl IntoIterator<Item = C>) -> Result<Seq, JournalError> {
        let headless = || JournalError::Headless { path: self.path.display().to_string() };
        let (engine, epoch) = self.chain.run().ok_or_else(headless)?;
        let mut chain = self.chain.clone();
        let mut lines = Vec::new();
        for change in changes {
            let seq = Seq(chain.seq().0 + 1);
            lines.extend(chain.write_change(&Record { seq, epoch, engine, at, change })?);
        }
        self.commit(&lines)?;
        self.chain = chain;
        Ok(self.chain.seq())
    }

    /// Takes a tick's readings. They reach the disk with the next change or [`flush`](Self::flush).
    ///
    /// # Errors
    /// When they have no line that could be read again; the others are kept.
    pub fn reading(&mut self, batch: Batch) -> Result<(), JournalError> {
        let line = write_reading(&ReadingRecord { at: batch.at, batch })?;
        self.waiting.extend_from_slice(&line);
        Ok(())
    }

    /// Brings the readings that wait to the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&mut self) -> Result<(), JournalError> {
        self.commit(&[])
    }

    /// The number of the last change on disk; 0 before the first.
    pub fn seq(&self) -> Seq {
        self.chain.seq()
    }

    fn commit(&mut self, lines: &[u8]) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned { path: self.path.display().to_string() });
        }
        if self.waiting.is_empty() && lines.is_empty() {
            return Ok(());
        }
        let mut all = std::mem::take(&mut self.waiting);
        all.extend_from_slice(lines);
        // A failed fdatasync may have dropped the pages it could not write, so that a second one would succeed without them.
        self.file.write_all(&all).and_then(|()| self.file.sync_data()).map_err(|source| {
            self.poisoned = true;
            disk(&self.path, source)
        })
    }
}

fn disk(path: &Path, source: io::Error) -> JournalError {
    JournalError::Disk { path: path.display().to_string(), source }
}

/// Appends, and makes a file that only its owner may read: commands and reasons are in it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A new file's name is durable only when its folder is.
fn sync_directory(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn cut(path: &Path, file: &mut File, damage: Damage) -> Result<Cut, JournalError> {
    let io = |source| disk(path, source);
    file.seek(SeekFrom::Start(damage.offset)).map_err(io)?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).map_err(io)?;
    let lines_end = tail.iter().position(|byte| *byte == b'\n').map_or(tail.len(), |at| at + 1);
    if lines_end < tail.len() || matches!(damage.why, Why::Disk(_)) {
        return Err(JournalError::Damaged { path: path.display().to_string(), damage });
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".cut-{}", damage.line));
    let kept = PathBuf::from(name);
    let mut beside = private().create(true).open(&kept).map_err(|source| disk(&kept, source))?;
    beside.write_all(&tail).and_then(|()| beside.sync_all()).map_err(|source| disk(&kept, source))?;
    file.set_len(damage.offset).and_then(|()| file.sync_all()).map_err(io)?;
    Ok(Cut { line: damage.line, bytes: tail.len() as u64, kept })
}
