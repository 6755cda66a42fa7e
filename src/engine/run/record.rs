//! Writing down what happens while it happens.

use std::path::Path;

use crate::domain::change::Change;
use crate::domain::id::EngineId;
use crate::domain::time::EngineTime;
use crate::engine::journal::{JournalError, Writer};
use crate::evidence::reading::Batch;
use crate::protocol::record::Header;

/// A recording being written. Once the disk refuses, it stays broken and says why.
#[derive(Debug)]
pub struct Recording {
    writer: Writer,
    broken: Option<String>,
}

impl Recording {
    /// A new recording.
    pub fn create(path: &Path, engine: EngineId, spec: &str, started: EngineTime) -> Result<Self, JournalError> {
        let header = Header { engine, epoch: 1, program: env!("CARGO_PKG_VERSION").to_owned(), spec: spec.to_owned(), started };
        Ok(Self { writer: Writer::create(path, &header)?, broken: None })
    }

    /// Why nothing can be written any more, if that is so.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// Writes changes; they are on disk when this returns, unless the recording is broken.
    pub fn changes(&mut self, changes: &[Change]) {
        // After a refusal nothing more is written: a file with a hole in it would tell a story that never was.
        if self.broken.is_some() {
            return;
        }
        // The changes of one step share one time; a whole run's do not.
        for step in changes.chunk_by(|a, b| a.at == b.at) {
            let Some(at) = step.first().map(|change| change.at) else { continue };
            let written = self.writer.changes(at, step.iter().map(|change| &change.fact));
            self.note(written.map(|_| ()));
        }
    }

    /// Writes one tick's numbers; they reach the disk with the next change.
    pub fn reading(&mut self, batch: &Batch) {
        let written = self.writer.reading(batch.clone());
        self.note(written);
    }

    fn note(&mut self, written: Result<(), JournalError>) {
        if let Err(error) = written {
            tracing::error!(%error, "the recording cannot be written");
            self.broken.get_or_insert(error.to_string());
        }
    }
}
