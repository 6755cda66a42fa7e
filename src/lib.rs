//! pushdeck: the console an on-call engineer opens when a push goes out, and the convergence engine behind it.
//!
//! The map of the crate; each folder's own page says what it is for and what it may use.

pub mod backend;
pub mod cli;
pub mod console;
pub mod document;
pub mod domain;
pub mod engine;
pub mod evidence;
pub mod metrics;
pub mod plain;
pub mod protocol;
pub mod query;
pub mod safe;
pub mod settings;
pub mod simulation;
