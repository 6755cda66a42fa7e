//! Numbers from a Prometheus server that scrapes the cells, in place of scraping them.
//!
//! # What the server must hold
//!
//! Each cell is one target of the server's, with two labels of its own: `environment` and `cell`. What the target exposes is what a cell
//! exposes to a [scraper](super::scrape): the families of [`SAMPLES`](crate::evidence::delta::SAMPLES) with `service`, `version` and
//! `instance` on each. Two targets that answer for one cell at the same time, such as a pair of servers behind one address without
//! deduplication, would count everything twice: their cell gives no numbers until one of them is chosen.
//!
//! # What is asked
//!
//! First when each cell was scraped lately, then the raw samples of those scrapes, with their own timestamps: a range vector without a
//! function around it. Nothing is interpolated or extrapolated, as `rate` and `increase` would, so counts between two scrapes are the very
//! ones that a scraper finds between the same two. What has timestamps of its own within a scrape interval counts as of its end.
//! Quantiles are ours as well; buckets are counts.
//!
//! A warning, or an answer that says it is partial, is no answer: half of the numbers are worse than none. Notes that Prometheus gives
//! beside a whole answer (`infos`) say how a query might be written, and change nothing.

mod answer;
mod cell;
mod credentials;
mod reader;
mod seen;
mod server;

pub use answer::{Found, Point};
pub use credentials::{Credentials, Kept};
pub use reader::PrometheusReader;
pub use server::{CannotQuery, Identity, Options, Server, Steps};

/// The target label that names an environment.
pub const ENVIRONMENT: &str = "environment";

/// The target label that names a cell of it.
pub const CELL: &str = "cell";
