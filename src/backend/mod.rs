//! The two ports through which the console meets an engine, and what stands behind them.
//!
//! May use `domain`, `evidence`, `protocol`, `engine`, `metrics` and `simulation`. Never the console.

pub mod demo;
pub mod port;
pub mod recording;
