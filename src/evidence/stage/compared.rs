//! One slice of a stage, with what a verdict needs beside its evidence.

use std::collections::{BTreeMap, VecDeque};

use super::super::sequential::{Ahead, Counts, Dispersion, Levels, Margins, Pace, Slice};
use crate::domain::id::CellId;
use crate::domain::time::{EngineTime, Period};
use crate::domain::verdict::{Compared, Seen, SliceEvidence, Verdict};

/// Over which time both versions have to be beyond a limit before that is called a fault that they share.
const SHARED_OVER: Period = Period::from_secs(60);
/// How many standard deviations of chance are granted above what a limit allows.
const CHANCE: f64 = 3.0;

/// The part of what a limit allows that is as good as none: a version that has fewer bad events than that is not called worse for them,
/// however few the old one has.
const AS_GOOD_AS_NONE: f64 = 0.1;
/// The same of slices that no limit names, as a part of the least that any limit allows: what few requests meet far out in the tail is seldom
/// what a limit is on, and what it is on may be about to follow.
const AS_GOOD_AS_NONE_UNNAMED: f64 = 0.02;

/// What a slice is held to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// The share of bad requests that the limit that names it allows, 0 to 1; none where no limit names it.
    pub allowed: Option<f64>,
    /// The least share that any limit on the same kind of number allows.
    pub least: f64,
    /// Whether an old version serves beside it.
    pub beside: bool,
}

/// A slice, the limit that names it, and its last minute.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What it says.
    pub evidence: Slice,
    /// The share of bad requests that the limit that names it allows, 0 to 1; none where no limit names it.
    pub allowed: Option<f64>,
    lately: VecDeque<(EngineTime, Counts)>,
    cells: BTreeMap<CellId, Counts>,
}

impl Comparison {
    pub(super) fn new(margins: Margins, before: Dispersion, held: Held) -> Self {
        let slice = Slice::new(margins, before);
        let evidence = match held.allowed {
            Some(allowed) if held.beside => slice.as_good_as_none(AS_GOOD_AS_NONE * allowed),
            None if held.beside => slice.as_good_as_none(AS_GOOD_AS_NONE_UNNAMED * held.least),
            Some(allowed) => slice.held_to(allowed),
            None => slice,
        };
        Self { evidence, allowed: held.allowed, lately: VecDeque::new(), cells: BTreeMap::new() }
    }

    /// Takes in a tick: what the arms of each cell did.
    pub(super) fn add(&mut self, cells: &[(&CellId, Counts)], at: EngineTime) {
        let counts: Vec<Counts> = cells.iter().map(|(_, counts)| *counts).collect();
        self.evidence.add(&counts);
        self.lately.push_back((at, counts.iter().copied().sum()));
        for (cell, counts) in cells {
            match self.cells.get_mut(*cell) {
                Some(sum) => *sum += *counts,
                None => drop(self.cells.insert((*cell).clone(), *counts)),
            }
        }
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
        match self.allowed.filter(|_| !self.evidence.is_beside()) {
            None => Seen { mostly_in: self.mostly_in(), ..told(self.evidence.seen()) },
            Some(allowed) => {
                let alone = self.evidence.alone();
                let expected = allowed * alone.requests as f64;
                Seen { requests: alone.requests, bad: alone.bad, expected, mostly_in: None }
            }
        }
    }

    /// How it stands, as a share of what is needed to say either.
    pub(super) fn told(&self, name: &Compared, levels: Levels) -> SliceEvidence {
        let share = |evidence: f64, needed: f64| (evidence / needed).clamp(0.0, 1.0);
        SliceEvidence {
            slice: name.clone(),
            named: self.is_named(),
            seen: self.seen(),
            worse: share(self.evidence.worse(), levels.worse()),
            fine: if self.is_named() { share(self.evidence.no_worse(), levels.no_worse()) } else { 0.0 },
            beside: self.evidence.is_beside(),
        }
    }

    /// What it showed in the last minute.
    pub(super) fn lately(&self) -> Seen {
        told(&self.last_minute())
    }

    /// The cell in which more than half of what is too much was seen.
    fn mostly_in(&self) -> Option<CellId> {
        let too_much = |counts: &Counts| Some(counts.new.bad as f64 - counts.expected()?).filter(|much| *much > 0.0);
        let each = || self.cells.iter().filter_map(|(cell, counts)| Some((cell, too_much(counts)?)));
        let all: f64 = each().map(|(_, much)| much).sum();
        let found = each().max_by(|(_, a), (_, b)| a.total_cmp(b)).filter(|(_, much)| *much > all / 2.0);
        found.filter(|_| self.cells.len() > 1).map(|(cell, _)| cell.clone())
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
        let (seen, alone) = (self.evidence.seen(), self.evidence.alone());
        let a_second = |requests: u64| if passed > 0.0 { requests as f64 / passed } else { 0.0 };
        // Without an old version it is expected to go on as it does.
        let bad = if self.evidence.is_beside() { seen.old.share() } else { alone.share() };
        let pace = Pace { new: a_second(alone.requests), old: a_second(seen.old.requests), bad: bad.unwrap_or(0.0) };
        Ahead { slice: &self.evidence, pace, counts: self.is_named() }
    }
}

fn told(counts: &Counts) -> Seen {
    Seen { requests: counts.new.requests, bad: counts.new.bad, expected: counts.expected().unwrap_or(0.0), mostly_in: None }
}
