//! The engine's durable log: one append-only file that is journal, audit log, recording and replay at once.
//!
//! Part of the engine's shell: files, and the line format of `protocol`. Changes are on disk before they are acknowledged;
//! readings go with the next change or flush. A torn last line is cut and kept beside; a damaged middle stops writing.

mod reader;
mod writer;

pub use reader::{Damage, Reader, read};
pub use writer::{Cut, JournalError, Opened, Writer};

#[cfg(test)]
mod tests;
