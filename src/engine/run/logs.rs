//! Reading logs beside everything else: however long it takes, the metrics, which decisions rest on, do not wait for it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::domain::time::EngineTime;
use crate::evidence::logs::{LogTick, Roster, UnreadLogs};
use crate::metrics::logs::LogReader;

/// How often logs are read, by the wall.
const READ: Duration = Duration::from_secs(1);

/// What was read of logs and is in no batch yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Unsaid(Arc<Mutex<LogTick>>);

impl Unsaid {
    /// All of it, for the next batch.
    pub(super) fn take(&self) -> LogTick {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, mut tick: LogTick) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tick.take_in(&kept);
        // What was skipped in one round is told, however many rounds a batch is of.
        let told: BTreeSet<_> = tick.unread.iter().map(UnreadLogs::of).collect();
        let gone: Vec<_> = kept.unread.iter().filter(|earlier| !told.contains(&earlier.of())).cloned().collect();
        tick.unread.extend(gone);
        *kept = tick;
    }
}

/// Reads logs once a second of wall time, or as often as it can.
pub(super) async fn read(mut reader: LogReader, posted: watch::Receiver<Arc<Roster>>, shown: Arc<AtomicI64>, unsaid: Unsaid) {
    let mut ticks = interval(READ);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = EngineTime::from_millis(shown.load(Ordering::Relaxed));
        let roster = Arc::clone(&posted.borrow());
        unsaid.add(reader.round(&roster, now).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::CellId;
    use crate::evidence::logs::Collector;

    #[test]
    fn what_was_skipped_in_one_round_is_in_the_next_batch_and_in_no_later_one() {
        let unsaid = Unsaid::default();
        for told in [&[("eu", "too long")][..], &[("us", "gone")], &[("us", "still gone")], &[]] {
            let mut collector = Collector::new(EngineTime::default());
            for (cell, why) in told {
                collector.unread(&"cart@production".parse().unwrap(), &CellId::new(cell), why);
            }
            unsaid.add(collector.finish());
        }
        let mut told: Vec<String> =
            unsaid.take().unread.into_iter().map(|unread| format!("{}: {}", unread.cell, unread.why)).collect();
        told.sort();
        assert_eq!(told, ["eu: too long", "us: still gone"]);
        assert!(unsaid.take().is_empty());
    }
}
