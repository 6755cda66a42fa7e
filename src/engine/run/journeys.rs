//! Trying journeys beside everything else: however long one takes, the metrics, which decisions rest on, do not wait for it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::domain::time::EngineTime;
use crate::evidence::reading::Batch;
use crate::metrics::journeys::{Gathered, Prober};

/// How often it is looked whether one is due, by the wall.
const LOOK: Duration = Duration::from_millis(250);

/// What came of journeys and is in no batch yet.
#[derive(Clone, Debug)]
pub(super) struct Untold(Arc<Mutex<Gathered>>);

impl Untold {
    /// Nothing yet but what will be tried where: from the first batch on, nobody else's word counts there.
    pub(super) fn of(prober: &mut Prober) -> Self {
        Self(Arc::new(Mutex::new(prober.take())))
    }

    /// Adds all of it to a batch.
    pub(super) fn tell(&self, batch: Batch) -> Batch {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tell(batch)
    }

    fn add(&self, gathered: Gathered) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add_all(gathered);
    }
}

/// Tries what is due, for as long as the engine runs.
pub(super) async fn run(mut prober: Prober, shown: Arc<AtomicI64>, untold: Untold) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        prober.look(EngineTime::from_millis(shown.load(Ordering::Relaxed)));
        untold.add(prober.take());
    }
}
