//! The engine, whole: its pure part, a stepped run over the simulated fleet, and drivers that misbehave.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a broken test set-up must fail the test"
)]

mod afterwards;
mod approvals;
mod blast;
mod blue_green;
mod burns;
mod calls;
mod capacity;
mod checks;
mod commands;
mod drift;
mod driver;
mod evidence;
mod exceptions;
mod flags;
mod logs;
mod middle;
mod others;
mod people;
mod properties;
mod races;
mod scenarios;
mod sentences;
mod skew;
mod small;
mod tiny;
mod watcher;
mod waves;
mod ways_back;
mod what_can_happen;
mod whole_push;
mod windows;
