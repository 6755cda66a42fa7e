//! The same story with logs that are read: what v41 and v42 wrote in the last hour.

use pushdeck::domain::change::Fact;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CellId, Version};
use pushdeck::domain::logs::{LogSource, Logs};
use pushdeck::domain::time::EngineTime;
use pushdeck::evidence::logs::{Collector, Writer};
use pushdeck::evidence::series::Signals;

use super::{Story, clock, place};

/// A line that an instance of v42 of blob writes.
struct Own {
    /// Every so many ticks.
    every: i64,
    /// From this hour and minute on.
    since: (i64, i64),
    /// In a cell, by an instance and the next in turn.
    by: (&'static str, u32),
    line: &'static str,
}

const OWN: [Own; 3] = [
    Own {
        every: 1,
        since: (13, 51),
        by: ("eu", 3),
        line: "ERROR row 4711 has no column \"owner_ref\": answered 500 to 6f1b2c3d4e5f6071",
    },
    Own { every: 4, since: (13, 52), by: ("us", 7), line: "ERROR retry budget of pool \"primary-3\" is used up" },
    Own {
        every: 40,
        since: (14, 2),
        by: ("ap", 1),
        line: "thread 'worker-7' panicked at src/frame.rs:214: frame of 61440 bytes is too short",
    },
];

/// A line that both versions write.
const USUAL: &str = "ERROR connection to 10.0.7.21:5432 reset by peer";

/// What of the logs can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// All of them.
    Whole,
    /// Not those of eu, since 14:20.
    NotEu,
}

/// A story as its fleet would have lived it with logs declared.
pub(super) fn with_logs(mut story: Story, read: Read, faulty: bool) -> Story {
    let mut fleet = Fleet::default();
    for change in &mut story.changes {
        if let Fact::Declared { declaration } = &mut change.fact {
            for service in &mut declaration.services {
                service.logs = Some(Logs { from: LogSource::Cell("/logs".to_owned()), error: Vec::new() });
            }
        }
        fleet.apply(change);
    }
    story.fleet = fleet;
    story.signals = Signals::default();
    for batch in &mut story.batches {
        batch.logs = tick(batch.at, read, faulty);
        story.signals.ingest(batch);
    }
    story
}

fn tick(at: EngineTime, read: Read, faulty: bool) -> pushdeck::evidence::logs::LogTick {
    let mut collector = Collector::new(at);
    let logs = Logs { from: LogSource::Cell("/logs".to_owned()), error: Vec::new() };
    let [v41, v42] = ["v41", "v42"].map(Version::new);
    for service in ["index", "blob", "gateway"] {
        let placement = place(service, "production");
        collector.was_read(&placement, &v41);
        if at > clock(13, 51, 0) {
            collector.was_read(&placement, &v42);
        }
        let lab = place(service, "staging");
        collector.was_read(&lab, if at > clock(8, 30, 0) { &v42 } else { &v41 });
        if read == Read::NotEu && at > clock(14, 20, 0) {
            collector.unread(&placement, &CellId::new("eu"), "connection refused");
        }
    }
    let nth = at.millis() / 15_000;
    let placement = place("blob", "production");
    let mut write = |version: &Version, cell: &str, instance: u32, line: &str| {
        let by = Writer { placement: &placement, cell: &CellId::new(cell), version, instance: Some(instance) };
        assert!(collector.line(by, &logs, line), "{line}");
    };
    write(&v41, "us", (nth % 40) as u32, USUAL);
    if nth % 8 == 0 && at > clock(13, 51, 0) {
        write(&v42, "us", 2, USUAL);
    }
    for Own { every, since: (hours, minutes), by: (cell, instance), line } in OWN.into_iter().filter(|_| faulty) {
        if nth % every == 0 && at > clock(hours, minutes, 0) && at < clock(15, 7, 0) {
            write(&v42, cell, instance + (nth % 2) as u32, line);
        }
    }
    collector.finish()
}
