//! Where samples come from: scraping the cells' metrics endpoints, asking a Prometheus server that does, trying journeys, and reading logs.
//!
//! May use `domain`, `evidence`, `safe`, tokio, files, programs and the network. Knows nothing of engine or console.

mod fetch;
pub mod guard;
pub mod health;
pub mod journeys;
pub mod logs;
pub mod prometheus;
pub mod scrape;
mod source;

pub use source::Source;
