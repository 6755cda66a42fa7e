//! The engine, whole: its pure part, a stepped run over the simulated fleet, and drivers that misbehave.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a broken test set-up must fail the test"
)]

mod blast;
mod commands;
mod drift;
mod driver;
mod middle;
mod properties;
mod scenarios;
mod sentences;
mod small;
mod tiny;
mod watcher;
mod whole_push;
