//! The nouns and their rules: pure, and the same for engine, console, recording and tests.
//!
//! May use `safe`, serde, a time type and hash or uuid *types*. Reads no clock, draws no random number, does no I/O:
//! the present moment always comes in as an argument.
//!
//! Nouns: one file each. Facts: [`change`] is one thing that happened, [`fleet`] what is known, [`fold`] how the one makes the other.
//! What follows from the facts: [`status`], [`requirement`], [`capacity`], [`exposure`], [`explain`], [`material`].

pub mod alert;
pub mod capacity;
pub mod change;
pub mod check;
pub mod command;
pub mod declaration;
pub mod environment;
pub mod explain;
pub mod exposure;
pub mod feed;
pub mod fleet;
pub mod fold;
pub mod harm;
pub mod id;
pub mod material;
pub mod metric;
pub mod person;
pub mod placement;
pub mod push;
pub mod requirement;
pub mod rollback;
pub mod service;
pub mod share;
pub mod stage;
pub mod status;
pub mod time;
