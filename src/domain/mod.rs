//! The nouns and their rules: pure, and the same for engine, console, recording and tests.
//!
//! May use `safe`, serde, a time type and hash or uuid *types*. Reads no clock, draws no random number, does no I/O:
//! the present moment always comes in as an argument.
//!
//! Nouns: one file each. Facts: [`change`] is one thing that happened, [`fleet`] what is known, [`fold`] how the one makes the other,
//! [`history`] all of them up to any moment.
//! What follows from the facts: [`status`], [`drift`], [`requirement`], [`capacity`], [`exposure`], [`forecast`], [`decision`],
//! [`explain`], [`relation`], [`material`], and, of pushes that are over, [`card`] and [`review`].

pub mod alert;
pub mod binding;
pub mod burn;
pub mod call;
pub mod capacity;
pub mod card;
pub mod change;
pub mod check;
pub mod command;
pub mod decision;
pub mod declaration;
pub mod door;
pub mod drift;
pub mod duty;
pub mod environment;
pub mod explain;
pub mod exposure;
pub mod feed;
pub mod flag;
pub mod fleet;
pub mod fold;
pub mod forecast;
pub mod freeze;
pub mod gauge;
pub mod guard;
pub mod harm;
pub mod history;
pub mod id;
pub mod index;
pub mod journey;
pub mod lane;
pub mod logs;
pub mod lookup;
pub mod material;
mod memo;
pub mod metric;
pub mod number;
pub mod owner;
pub mod passage;
pub mod person;
pub mod placement;
pub mod plan;
pub mod prospect;
pub mod push;
pub mod relation;
pub mod requirement;
pub mod review;
pub mod rollback;
pub mod schedule;
pub mod service;
pub mod share;
pub mod sides;
pub mod skew;
pub mod slo;
pub mod stage;
pub mod start;
pub mod status;
pub mod time;
#[cfg(test)]
pub mod tiny;
pub mod verdict;
pub mod waiver;
pub mod waves;
pub mod way_back;
pub mod window;
