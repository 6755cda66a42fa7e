//! Where samples come from: scraping the cells' metrics endpoints, trying journeys, and reading logs.
//!
//! May use `domain`, `evidence`, `safe`, tokio, files, programs and the network. Knows nothing of engine or console.

mod fetch;
pub mod guard;
pub mod journeys;
pub mod logs;
pub mod scrape;
