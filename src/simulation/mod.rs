//! A fleet that behaves: instances that start, warm up, serve and crash; a load balancer per cell; traffic with a daily curve;
//! latency and errors per version; capacity, so that taking too much away hurts; users' journeys end to end.
//!
//! Two runs with one seed and the same orders at the same moments are the same to the last digit, however `advance` was cut.
//! Over HTTP the moment of a scrape depends on the wall clock, so there only the fleet repeats, not what was read of it.
//!
//! May use `domain`, `evidence`, the engine's pure part and tokio (only to serve metrics). Never the console.

pub mod census;
pub mod expose;
pub mod exposition;
pub mod flags;
pub mod instance;
pub mod latency;
pub mod logs;
pub mod operation;
pub mod outage;
mod pool;
mod random;
pub mod serve;
mod site;
pub mod traffic;
pub mod world;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
