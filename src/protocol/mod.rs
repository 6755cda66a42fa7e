//! The messages of the journal, versioned. Pure: lines in, lines out. May use `domain` and the reading types of `evidence`.

pub mod chain;
pub mod record;
