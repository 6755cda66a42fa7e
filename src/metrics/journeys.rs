//! Trying journeys: as a user would, over HTTP, cell by cell, and counted like any other numbers.
//!
//! Several are under way at once, but never two of the same, and never more than [`MOST`]. None of them begins in step with another.

mod answer;
mod cookies;
mod due;
mod gathered;
mod request;
mod walk;

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use self::due::Due;
pub use self::gathered::Gathered;
use self::walk::{Came, Walk};
use super::guard;
use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::journey::Journey;
use crate::domain::time::EngineTime;

/// The most that are under way at once.
const MOST: usize = 32;

/// Where a journey is counted: environment, cell, and the group whose users make it.
pub type Place = (EnvironmentId, CellId, String);

/// Tries journeys. What is under way ends when this is dropped.
#[derive(Debug)]
pub struct Prober {
    walks: Vec<Result<Arc<Walk>, (Place, String)>>,
    due: Due,
    began: Instant,
    under_way: JoinSet<(usize, Came)>,
    gathered: Gathered,
}

impl Prober {
    /// One that has tried nothing yet. `secret` gives the value of an environment variable. A journey that lacks one, or whose address is
    /// refused, is never tried, and its readings say why.
    pub fn new(journeys: &[Journey], secret: impl Fn(&str) -> Option<String>) -> Self {
        let any_https = |journey: &Journey| {
            let steps = journey.steps.iter().map(|step| step.url.as_str());
            journey.cells.values().map(String::as_str).chain(steps).any(|url| url.starts_with("https"))
        };
        // Every step connects anew, as a user's first click does: none rides on a connection that a dead balancer has forgotten.
        let builder = guard::builder().pool_max_idle_per_host(0);
        let certificates = journeys.iter().any(any_https);
        let client = if certificates { builder.build() } else { builder.tls_certs_only([]).build() };
        let client = client.map_err(|_| "no HTTP client can be had here".to_owned());
        let mut walks = Vec::new();
        let mut periods = Vec::new();
        for (journey, (cell, address)) in journeys.iter().flat_map(|journey| journey.cells.iter().map(move |cell| (journey, cell)))
        {
            let walk = client.clone().and_then(|client| Walk::new(client, journey, (cell, address), &secret));
            let place = (journey.environment.clone(), cell.clone(), journey.group.to_string());
            walks.push(walk.map(Arc::new).map_err(|why| (place, why)));
            periods.push(journey.every);
        }
        let mut gathered = Gathered::default();
        for walk in &walks {
            match walk {
                Ok(walk) => gathered.expect(walk.place()),
                Err((place, why)) => gathered.cannot(place, why),
            }
        }
        Self { walks, due: Due::new(periods), began: Instant::now(), under_way: JoinSet::new(), gathered }
    }

    /// Takes in what has come to its end, and begins what is due. Waits for nothing.
    pub fn look(&mut self, now: EngineTime) {
        while let Some(done) = self.under_way.try_join_next() {
            match done {
                Ok((index, came)) => {
                    self.due.ended(index);
                    if let Some(Ok(walk)) = self.walks.get(index) {
                        self.gathered.add(walk.place(), &came);
                    }
                }
                // One that broke is not tried again: it would break again.
                Err(error) => tracing::error!(%error, "trying a journey broke"),
            }
        }
        let room = MOST.saturating_sub(self.under_way.len());
        let could = |index: usize| matches!(self.walks.get(index), Some(Ok(_)));
        for index in self.due.take(now, self.began.elapsed(), room, could) {
            if let Some(Ok(walk)) = self.walks.get(index) {
                let walk = Arc::clone(walk);
                self.under_way.spawn(async move { (index, walk.walk().await) });
            }
        }
    }

    /// What came since this was last asked.
    pub fn take(&mut self) -> Gathered {
        self.gathered.take()
    }
}

#[cfg(test)]
mod tests;
