//! What simulated instances write to their logs: the usual noise of failed requests, and lines of its own for what is wrong with a
//! version.

use std::collections::VecDeque;

use rand::RngExt as _;

use crate::domain::id::{ServiceId, Version};
use crate::domain::time::EngineTime;
use crate::engine::spec::scenario::Fault;
use crate::evidence::logs::Written;

use super::random::Stream;

/// The path at which a simulated cell tells its lines.
pub const PATH: &str = "/logs";

/// So many lines are kept of a cell.
const KEPT: usize = 4_000;
/// So many lines are written of one version of a service in a cell during one step at most: whoever logs more drops what is beyond.
pub(super) const MOST: u64 = 6;
/// Of the requests that fail on a healthy version, the part of which a line is written; the others are tried again and succeed.
const TOLD: f64 = 0.1;

/// The newest lines of a cell.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    last: u64,
    kept: VecDeque<Written>,
}

impl Lines {
    /// Adds a line.
    pub(super) fn write(&mut self, service: &ServiceId, version: &Version, instance: u32, line: String) {
        self.last += 1;
        self.kept.push_back(Written { n: self.last, service: service.clone(), version: version.clone(), instance, line });
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// The number of the newest line; 0 before the first.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Those kept with a number above this one, in order.
    pub fn after(&self, n: u64) -> impl Iterator<Item = &Written> {
        let first = self.kept.partition_point(|line| line.n <= n);
        self.kept.range(first..)
    }
}

/// How many lines so many failed requests leave behind, of those that fail on any version.
pub(super) fn told(failed: u64, rng: &mut Stream) -> u64 {
    super::random::binomial(rng, failed, TOLD).min(MOST)
}

/// A line that any version writes now and then.
pub(super) fn usual(now: EngineTime, rng: &mut Stream) -> String {
    let (id, ms, host) = (rng.random::<u64>(), 1_000 + rng.random::<u16>() % 4_000, rng.random::<u8>());
    let message = match rng.random::<u8>() % 4 {
        0 => format!("request {id:016x} timed out after {ms} ms"),
        1 => format!("connection to 10.0.7.{host}:5432 reset by peer"),
        2 => format!("client went away while {ms} bytes of \"{id:x}\" were left to send"),
        _ => format!("gave up on request {id:016x} after 3 tries"),
    };
    at_level(now, "ERROR", host, &message)
}

/// A line that a fault is the cause of; `None` for one that leaves nothing in logs while it serves.
pub(super) fn of_fault(fault: &Fault, now: EngineTime, rng: &mut Stream) -> Option<String> {
    let (id, number, host) = (rng.random::<u64>(), rng.random::<u16>(), rng.random::<u8>());
    let message = match fault {
        Fault::Errors { .. } if host % 3 == 0 => format!("retry budget of pool \"primary-{host}\" is used up"),
        Fault::Errors { .. } => format!("row {number} has no column \"owner_ref\": answered 500 to {id:016x}"),
        Fault::Slow { .. } => format!("cache entry {id:016x} has another layout than expected, read from disk in {number} ms"),
        Fault::Tail { .. } => format!("shard {host} was locked for {number} ms by compaction"),
        Fault::Leak { .. } => format!("buffer pool grew to {number} pages, none given back"),
        Fault::Crash { .. } => {
            return Some(format!("thread 'worker-{host}' panicked at src/frame.rs:214: frame of {number} bytes is too short"));
        }
        Fault::Stuck {} => {
            return Some(at_level(now, "FATAL", host, &format!("schema 12 is needed, found 11; waiting, try {number}")));
        }
        Fault::MetricsVanish { .. } => return None,
    };
    Some(at_level(now, "ERROR", host, &message))
}

fn at_level(now: EngineTime, level: &str, worker: u8, message: &str) -> String {
    let at = now.format(&jiff::tz::TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ");
    format!("{at} {level} [worker-{worker}] {message}")
}

#[cfg(test)]
mod tests {
    use super::super::random::stream;
    use super::*;

    #[test]
    fn only_the_newest_lines_are_kept() {
        let mut lines = Lines::default();
        for instance in 0..KEPT as u32 + 10 {
            lines.write(&ServiceId::new("blob"), &Version::new("v42"), instance, String::new());
        }
        assert_eq!(lines.after(0).count(), KEPT);
        let last = lines.last();
        assert_eq!(lines.after(last - 2).map(|line| line.n).collect::<Vec<_>>(), [last - 1, last]);
    }

    #[test]
    fn noise_and_faults_are_of_few_kinds_and_share_none() {
        use crate::evidence::logs::Signature;
        let mut rng = stream(1, &["test"]);
        let now = EngineTime::from_millis(1_800_043_200_000);
        let kinds = |write: &mut dyn FnMut() -> String| {
            (0..500).map(|_| Signature::of(&write())).collect::<std::collections::BTreeSet<_>>()
        };
        let noise = kinds(&mut || usual(now, &mut rng));
        assert_eq!(noise.len(), 4, "{noise:?}");
        let fault = Fault::Errors { times: 5.0, above_share: 0.0 };
        let own = kinds(&mut || of_fault(&fault, now, &mut rng).unwrap());
        assert_eq!(own.len(), 2, "{own:?}");
        assert!(noise.is_disjoint(&own));
    }
}
