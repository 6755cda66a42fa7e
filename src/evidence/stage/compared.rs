//! One slice of a stage, with what a verdict needs beside its evidence.

use std::collections::VecDeque;

use super::super::sequential::{Ahead, Counts, Dispersion, Margins, Pace, Slice};
use crate::domain::time::{EngineTime, Period};
use crate::domain::verdict::{Compared, Seen, Verdict};

/// Over which time both versions have to be beyond a limit before that is called a fault that they share.
const SHARED_OVER: Period = Period::from_secs(60);
/// How many standard deviations of chance are granted above what a limit allows.
const CHANCE: f64 = 3.0;

/// A slice, the limit that names it, and its last minute.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What it says.
    pub evidence: Slice,
    /// The share of bad requests that the limit that names it allows, 0 to 1; none where no limit names it.
    pub allowed: Option<f64>,
    lately: VecDeque<(EngineTime, Counts)>,
}

impl Comparison {
    pub(super) fn new(margins: Margins, before: Dispersion, allowed: Option<f64>) -> Self {
        Self { evidence: Slice::new(margins, before), allowed, lately: VecDeque::new() }
    }

    pub(super) fn add(&mut self, cells: &[Counts], at: EngineTime) {
        self.evidence.add(cells);
        self.lately.push_back((at, cells.iter().copied().sum()));
        while self.lately.front().is_some_and(|(first, _)| at.since(*first) >= SHARED_OVER) {
            self.lately.pop_front();
        }
    }

    /// Whether a limit names it, so that it has to be cleared.
    pub const fn is_named(&self) -> bool {
        self.allowed.is_some()
    }

    /// What the new version showed in the stage so far.
    pub fn seen(&self) -> Seen {
        told(self.evidence.seen())
    }

    /// What it showed in the last minute.
    pub(super) fn lately(&self) -> Seen {
        told(&self.last_minute())
    }

    fn last_minute(&self) -> Counts {
        self.lately.iter().map(|(_, counts)| *counts).sum()
    }

    /// That both versions were beyond the limit in the last minute, by more than chance.
    pub(super) fn shared_fault(&self, name: &Compared) -> Option<Verdict> {
        let allowed = self.allowed?;
        let Counts { new, old } = self.last_minute();
        let beyond = |requests: u64, bad: u64| {
            let due = allowed * requests as f64;
            requests > 0 && bad as f64 > due + CHANCE * due.sqrt().max(1.0)
        };
        let both = beyond(new.requests, new.bad) && beyond(old.requests, old.bad);
        both.then(|| Verdict::SharedFault {
            slice: name.clone(),
            new: new.share().unwrap_or(0.0),
            old: old.share().unwrap_or(0.0),
            allowed,
        })
    }

    /// What is expected of it after so many seconds of the stage.
    pub(super) fn ahead(&self, passed: f64) -> Ahead<'_> {
        let seen = self.evidence.seen();
        let a_second = |requests: u64| if passed > 0.0 { requests as f64 / passed } else { 0.0 };
        let pace =
            Pace { new: a_second(seen.new.requests), old: a_second(seen.old.requests), bad: seen.old.share().unwrap_or(0.0) };
        Ahead { slice: &self.evidence, pace, counts: self.is_named() }
    }
}

fn told(counts: &Counts) -> Seen {
    Seen { requests: counts.new.requests, bad: counts.new.bad, expected: counts.expected().unwrap_or(0.0) }
}
