//! Error lines of logs: which lines are errors, what kind of error each is, and which kinds only a new version writes.
//!
//! A kind is a line without what differs from one time to the next: its [`Signature`]. Lines themselves are kept nowhere. Everything is
//! bounded: what does not fit is counted, and whoever asks is told that it was only counted.

mod collect;
mod ledger;
mod level;
mod reading;
mod signature;
mod versions;

pub use collect::{Collector, Posted, Roster, Writer, Written};
pub use ledger::{Ledger, Unread};
pub use reading::{Kind, LogReading, LogTick, MOST_INSTANCES, MOST_KINDS, UnreadLogs};
pub use signature::Signature;
pub use versions::{Beside, NewKind, Pair, beside, new_kinds};

#[cfg(test)]
mod tests;
