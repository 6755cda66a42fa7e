//! The nouns and their rules: pure, and the same for engine, console, recording and tests.
//!
//! May use `safe`, serde, a time type and hash or uuid *types*. Reads no clock, draws no random number, does no I/O:
//! the present moment always comes in as an argument.

pub mod declaration;
pub mod environment;
pub mod harm;
pub mod id;
pub mod metric;
pub mod service;
pub mod share;
pub mod stage;
pub mod time;
