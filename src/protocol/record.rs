//! What one line of a journal says.

use serde::{Deserialize, Serialize};

use crate::domain::id::{EngineId, Seq};
use crate::domain::time::EngineTime;
use crate::evidence::reading::Batch;

/// The version of the format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// The beginning of one engine's run: the first line of a journal, and one more each time an engine takes the journal up again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Whose journal it is. The same over all its headers.
    pub engine: EngineId,
    /// Rises by one with each run.
    pub epoch: u64,
    /// The program's own version.
    pub program: String,
    /// The spec or scenario it runs.
    pub spec: String,
    /// When the run began.
    pub started: EngineTime,
}

/// One change: numbered, chained, and durable before anybody is told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record<C> {
    /// Its number, one more than the change before it.
    pub seq: Seq,
    /// The run that made it.
    pub epoch: u64,
    /// The engine that made it.
    pub engine: EngineId,
    /// When.
    pub at: EngineTime,
    /// What changed.
    pub change: C,
}

/// One tick's readings. Not numbered and not chained: losing the last of them loses no decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingRecord {
    /// When.
    pub at: EngineTime,
    /// What was read.
    pub batch: Batch,
}

/// One line of a journal.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<C> {
    /// A run begins.
    Header(Header),
    /// Something changed.
    Change(Record<C>),
    /// A tick's numbers.
    Reading(ReadingRecord),
}
