//! Where samples come from: scraping the cells' metrics endpoints.
//!
//! May use `domain`, `evidence`, `safe`, tokio and the network. Knows nothing of engine or console.

mod fetch;
pub mod scrape;
