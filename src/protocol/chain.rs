//! The chain that makes a changed, lost or inserted line show.
//!
//! A line is one JSON object. Its last member is a seal over the bytes before it, exactly as they stand: `,"hash":"…"}` with BLAKE3 in
//! 64 hex digits for headers and changes, whose `prev` repeats the hash before; `,"check":"…"}` with the first 16 digits for
//! readings. Since the seal is over bytes, not over meaning, there is one canonical form, the one written, and no edit passes.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::record::{Entry, FORMAT, Header, ReadingRecord, Record};
use crate::domain::id::{EngineId, Seq};

/// The longest line that is written or read, in bytes with its end of line.
pub const LINE_CAP: usize = 1 << 20;

const HASH_DIGITS: usize = 64;
const CHECK_DIGITS: usize = 16;

/// Why a line cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// It has no JSON form.
    #[error("the record has no JSON form: {0}")]
    Json(#[from] serde_json::Error),
    /// It is longer than any reader would take.
    #[error("the record is {0} bytes long and a line may have {LINE_CAP}; record it in smaller parts")]
    TooLong(usize),
    /// A run must be the same engine's, with a higher epoch: no reader would believe the journal otherwise.
    #[error("this journal is another engine's, or has seen a later run; open the engine's own, with the next epoch")]
    NotTheNextRun,
}

/// Why a line cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbelievable {
    /// It has no end.
    #[error("the line is cut off")]
    CutOff,
    /// It is longer than any line that is written.
    #[error("the line is longer than {LINE_CAP} bytes")]
    TooLong,
    /// It is no record at all, or has no seal.
    #[error("the line is no sealed record")]
    NoRecord,
    /// The seal does not fit the bytes.
    #[error("the line was altered after it was written")]
    Altered,
    /// It does not follow what stands before it.
    #[error("the record does not follow the one before it: one was altered, taken out or put in")]
    Broken,
    /// Its number is not the next.
    #[error("change {found} stands where change {expected} should")]
    OutOfOrder {
        /// The number that should be there.
        expected: Seq,
        /// The number that is.
        found: Seq,
    },
    /// Another engine or an older run wrote it.
    #[error("the record is of another engine or run than the header before it")]
    Foreign,
    /// It is of a kind or format this program does not know.
    #[error("the record is of a kind this program does not know; read it with a newer pushdeck")]
    Unknown,
    /// It is whole, and still does not say what it should.
    #[error("the record cannot be read: {0}")]
    Unreadable(String),
}

/// The frame of every line as it is written.
#[derive(Serialize)]
struct Written<'a, T> {
    v: u32,
    lane: &'a str,
    #[serde(flatten)]
    body: T,
}

/// What links a header or change to the one before it.
#[derive(Serialize)]
struct Chained<T> {
    #[serde(flatten)]
    body: T,
    prev: String,
}

/// The link of a line that is read. The body is read from the same line by itself: flattening would hold all of it twice.
#[derive(Deserialize)]
struct Link {
    prev: String,
}

/// Where a journal stands: what the next line must follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    last: Option<String>,
    seq: Seq,
    run: Option<(EngineId, u64)>,
}

impl Chain {
    /// The number of the last change; 0 before the first.
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// The engine and epoch of the last header.
    pub fn run(&self) -> Option<(EngineId, u64)> {
        self.run
    }

    /// The hash of the last header or change, for whoever keeps it elsewhere to notice a journal cut short or written anew.
    pub fn head(&self) -> Option<&str> {
        self.last.as_deref()
    }

    fn prev(&self) -> String {
        self.last.clone().unwrap_or_else(|| "0".repeat(HASH_DIGITS))
    }

    /// Writes a header's line, with its end.
    ///
    /// # Errors
    /// [`Unwritable`], and the chain stands where it stood.
    pub fn write_header(&mut self, header: &Header) -> Result<Vec<u8>, Unwritable> {
        if !self.may_begin(header) {
            return Err(Unwritable::NotTheNextRun);
        }
        let (line, hash) = self.seal_chained("header", header)?;
        self.last = Some(hash);
        self.run = Some((header.engine, header.epoch));
        Ok(line)
    }

    /// Writes a change's line, with its end.
    ///
    /// # Errors
    /// [`Unwritable`], and the chain stands where it stood.
    pub fn write_change<C: Serialize>(&mut self, record: &Record<C>) -> Result<Vec<u8>, Unwritable> {
        let (line, hash) = self.seal_chained("change", record)?;
        self.last = Some(hash);
        self.seq = record.seq;
        Ok(line)
    }

    fn seal_chained<T: Serialize>(&self, lane: &str, body: &T) -> Result<(Vec<u8>, String), Unwritable> {
        let bytes = serde_json::to_vec(&Written { v: FORMAT, lane, body: Chained { body, prev: self.prev() } })?;
        seal(bytes, "hash", HASH_DIGITS)
    }

    /// Reads a line, with its end, and moves on past it.
    ///
    /// # Errors
    /// [`Unbelievable`], and the chain stands where it stood.
    pub fn read<C: DeserializeOwned>(&mut self, line: &[u8]) -> Result<Entry<C>, Unbelievable> {
        let line = line.strip_suffix(b"\n").ok_or(Unbelievable::CutOff)?;
        match lane(line)? {
            Lane::Reading => {
                unseal(line, "check", CHECK_DIGITS)?;
                Ok(Entry::Reading(parse(line)?))
            }
            Lane::Header => {
                let hash = unseal(line, "hash", HASH_DIGITS)?;
                self.follows(&parse::<Link>(line)?)?;
                let header: Header = parse(line)?;
                if !self.may_begin(&header) {
                    return Err(Unbelievable::Foreign);
                }
                self.last = Some(hash);
                self.run = Some((header.engine, header.epoch));
                Ok(Entry::Header(header))
            }
            Lane::Change => {
                let hash = unseal(line, "hash", HASH_DIGITS)?;
                self.follows(&parse::<Link>(line)?)?;
                let record: Record<C> = parse(line)?;
                let (expected, found) = (Seq(self.seq.0 + 1), record.seq);
                if expected != found {
                    return Err(Unbelievable::OutOfOrder { expected, found });
                }
                if self.run != Some((record.engine, record.epoch)) {
                    return Err(Unbelievable::Foreign);
                }
                self.last = Some(hash);
                self.seq = found;
                Ok(Entry::Change(record))
            }
        }
    }

    fn may_begin(&self, header: &Header) -> bool {
        self.run.is_none_or(|(engine, epoch)| engine == header.engine && epoch < header.epoch)
    }

    fn follows(&self, link: &Link) -> Result<(), Unbelievable> {
        if self.prev() == link.prev { Ok(()) } else { Err(Unbelievable::Broken) }
    }
}

/// Writes the line of a tick's readings, with its end.
///
/// # Errors
/// [`Unwritable`].
pub fn write_reading(record: &ReadingRecord) -> Result<Vec<u8>, Unwritable> {
    let bytes = serde_json::to_vec(&Written { v: FORMAT, lane: "reading", body: record })?;
    seal(bytes, "check", CHECK_DIGITS).map(|(line, _)| line)
}

enum Lane {
    Header,
    Change,
    Reading,
}

/// The lane by the line's first bytes, which are always written the same, so that nothing is parsed before its seal was proved.
fn lane(line: &[u8]) -> Result<Lane, Unbelievable> {
    let known = [("header", Lane::Header), ("change", Lane::Change), ("reading", Lane::Reading)];
    let written = known.into_iter().find(|(name, _)| line.starts_with(format!("{{\"v\":{FORMAT},\"lane\":\"{name}\",").as_bytes()));
    match written {
        Some((_, found)) => Ok(found),
        None if line.starts_with(b"{\"v\":") => Err(Unbelievable::Unknown),
        None => Err(Unbelievable::NoRecord),
    }
}

fn seal(mut bytes: Vec<u8>, member: &str, digits: usize) -> Result<(Vec<u8>, String), Unwritable> {
    bytes.pop();
    let hash = digest(&bytes, digits);
    bytes.extend_from_slice(format!(",\"{member}\":\"{hash}\"}}\n").as_bytes());
    if bytes.len() > LINE_CAP { Err(Unwritable::TooLong(bytes.len())) } else { Ok((bytes, hash)) }
}

fn unseal(line: &[u8], member: &str, digits: usize) -> Result<String, Unbelievable> {
    let opening = format!(",\"{member}\":\"");
    let seal_length = opening.len() + digits + 2;
    let (body, seal) =
        line.len().checked_sub(seal_length).and_then(|at| line.split_at_checked(at)).ok_or(Unbelievable::NoRecord)?;
    let hash = digest(body, digits);
    if seal == format!("{opening}{hash}\"}}").as_bytes() { Ok(hash) } else { Err(Unbelievable::Altered) }
}

fn digest(bytes: &[u8], digits: usize) -> String {
    let mut hex = blake3::hash(bytes).to_hex().to_string();
    hex.truncate(digits);
    hex
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, Unbelievable> {
    serde_json::from_slice(line).map_err(|error| Unbelievable::Unreadable(error.to_string()))
}
