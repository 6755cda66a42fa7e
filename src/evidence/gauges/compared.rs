//! One gauge of one service: in each cell in which both versions say it, and in all of these together.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::super::sequential::{Onset, log_mean_exp};
use super::block::{BLOCK, Mean, Minutes, Used};
use super::leak::Leak;
use super::level::{FLOOR, Level};
use super::terms::GaugeTerms;
use crate::domain::gauge::{GaugeId, GaugeSeen, GaugeStanding, Growth};
use crate::domain::id::CellId;
use crate::domain::time::{EngineTime, Period};

/// Over how many minutes what a gauge shows is told.
const TOLD_OVER: usize = 10;
/// What is further ahead than this at the present pace is not foretold.
const FORETOLD: Period = Period::from_mins(30 * 24 * 60);

/// What a gauge's detectors of late changes must reach, by its logarithm. The level and the leak are both looked for: each has half of the
/// false alarms that [`Onset`] allows.
pub(in crate::evidence) fn late_threshold() -> f64 {
    Onset::threshold(BLOCK) + std::f64::consts::LN_2
}

/// Evidence on one gauge of one service.
#[derive(Clone, Debug)]
pub struct GaugeEvidence {
    together: Place,
    cells: BTreeMap<CellId, Place>,
    from: EngineTime,
}

/// The same in one cell, or in all.
#[derive(Clone, Debug)]
struct Place {
    minutes: Minutes,
    level: Level,
    leak: Leak,
    blocks: u32,
}

impl Place {
    fn new(from: EngineTime) -> Self {
        Self { minutes: Minutes::new(from), level: Level::default(), leak: Leak::default(), blocks: 0 }
    }

    fn add(&mut self, at: EngineTime, used: Used, terms: &GaugeTerms) {
        let Some(minute) = self.minutes.add(at, used) else { return };
        self.level.add(&minute, terms);
        self.leak.add(minute);
        self.blocks += 1;
    }

    fn leaking(&self) -> f64 {
        log_mean_exp(self.leak.log_evidence().into_iter())
    }

    fn seen(&self, cell: Option<&CellId>, terms: &GaugeTerms) -> Option<GaugeSeen> {
        let Used { new, old, by_hosts } = Used::mean(self.leak.minutes().rev().take(TOLD_OVER).copied())?;
        let allowed = terms.allowed(by_hosts) * old + FLOOR;
        Some(GaugeSeen { cell: cell.cloned(), new, old, allowed, blocks: self.blocks })
    }

    fn growth(&self, limit: f64) -> Option<Growth> {
        let (in_a_block, blocks) = self.leak.growth()?;
        let now = Used::mean(self.leak.minutes().rev().take(TOLD_OVER).copied())?.new;
        let reached_in = Period::from_secs_f64((limit - now).max(0.0) / in_a_block * BLOCK.secs_f64());
        (in_a_block > 0.0).then(|| Growth {
            per_hour: in_a_block * 3_600.0 / BLOCK.secs_f64(),
            over: BLOCK * blocks as u32,
            limit,
            reached_in: Some(reached_in).filter(|reached_in| *reached_in <= FORETOLD),
        })
    }
}

impl GaugeEvidence {
    /// Of which nothing was seen; it counts from then on.
    pub fn new(from: EngineTime) -> Self {
        Self { together: Place::new(from), cells: BTreeMap::new(), from }
    }

    /// Takes in a tick, which ends at `at`: the new version's and the old one's mean in each cell in which both say it.
    pub fn add(&mut self, at: EngineTime, cells: &BTreeMap<&CellId, (Mean, Mean)>, terms: &GaugeTerms) {
        if at <= self.from {
            return;
        }
        if let Some(used) = Used::together(cells.values()) {
            self.together.add(at, used, terms);
        }
        for (cell, (new, old)) in cells {
            let used = Used::in_cell(*new, *old);
            match self.cells.get_mut(*cell) {
                Some(place) => place.add(at, used, terms),
                None => self.cells.entry((*cell).clone()).or_insert_with(|| Place::new(self.from)).add(at, used, terms),
            }
        }
    }

    /// Evidence of one kind: half for all cells together, half for the mean over the cells, which may have anything to do with one another.
    fn mean(&self, of: impl Fn(&Place) -> f64) -> f64 {
        let cells = log_mean_exp(self.cells.values().map(&of));
        if self.cells.len() < 2 { cells } else { log_mean_exp([of(&self.together), cells].into_iter()) }
    }

    /// Evidence that the new version uses more, by its logarithm.
    pub fn worse(&self) -> f64 {
        self.mean(|place| place.level.worse())
    }

    /// Evidence that it began to use more late: see [`late_threshold`].
    pub fn late(&self) -> f64 {
        self.mean(|place| place.level.late())
    }

    /// Evidence that it leaks, likewise.
    pub fn leaking(&self) -> f64 {
        self.mean(Place::leaking)
    }

    /// The most evidence there was that it does not use so much more, in the cell where there is least of it. None without cells.
    pub fn no_worse(&self) -> f64 {
        self.cells.values().map(|place| place.level.no_worse()).reduce(f64::min).unwrap_or(0.0)
    }

    /// The place in which there is most of that evidence: all cells together only where they show more than any does, or each shows some.
    fn worst(&self, of: impl Fn(&Place) -> f64) -> (Option<&CellId>, &Place) {
        let together = (None, &self.together);
        let Some((cell, place)) = self.cells.iter().max_by(|(_, a), (_, b)| of(a).total_cmp(&of(b))) else { return together };
        let shared = || self.cells.len() > 1 && self.cells.values().all(|place| of(place) > 0.0);
        match of(&self.together).total_cmp(&of(place)) {
            Ordering::Greater => together,
            Ordering::Equal if shared() => together,
            Ordering::Equal | Ordering::Less => (Some(cell), place),
        }
    }

    /// What it showed where it speaks most for being worse.
    pub fn seen(&self, terms: &GaugeTerms) -> Option<GaugeSeen> {
        let (cell, place) = self.worst(|place| place.level.worse().max(place.level.late()));
        place.seen(cell, terms)
    }

    /// What it showed where it speaks most for a leak, and how it grows there towards a limit.
    pub fn seen_leaking(&self, terms: &GaugeTerms, limit: f64) -> (Option<GaugeSeen>, Option<Growth>) {
        let (cell, place) = self.worst(Place::leaking);
        (place.seen(cell, terms), place.growth(limit))
    }

    /// All of it, for a person.
    pub fn standing(&self, gauge: GaugeId, terms: &GaugeTerms, limit: f64) -> GaugeStanding {
        let share = |evidence: f64, needed: f64| (evidence / needed).clamp(0.0, 1.0);
        GaugeStanding {
            gauge,
            seen: self.seen(terms),
            worse: share(self.worse(), terms.levels.worse()),
            late: share(self.late(), late_threshold()),
            leaking: share(self.leaking(), late_threshold()),
            cleared: share(self.no_worse(), terms.levels.no_worse()),
            growth: self.seen_leaking(terms, limit).1,
        }
    }
}
