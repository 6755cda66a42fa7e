//! Counts of one version in one cell, minute by minute, for as long as the longest window.

use std::collections::VecDeque;

use crate::domain::burn::PAGE;
use crate::domain::slo::Objective;
use crate::domain::time::{EngineTime, Period};

use super::super::reading::{Batch, Reading};
use crate::domain::verdict::Bad;

/// How long a bin is. A window is as many whole ones, and the one under way.
const BIN: Period = Period::from_mins(1);

/// Requests, and the bad ones of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    pub(super) requests: u64,
    pub(super) bad: u64,
}

/// What a window holds of one objective.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Held {
    pub(super) tally: Tally,
    /// How much of the window was read.
    pub(super) read: Period,
}

#[derive(Clone, Debug)]
struct Minute {
    number: i64,
    read: Period,
    /// In the order of the objectives.
    tallies: Box<[Tally]>,
}

/// The minutes of one version in one cell, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Minutes {
    objectives: Vec<Objective>,
    minutes: VecDeque<Minute>,
}

impl Minutes {
    /// Takes a tick in. Where the objectives are others than before, what was counted for those is dropped.
    pub(super) fn add(&mut self, objectives: &[Objective], batch: &Batch, reading: &Reading) {
        if self.objectives != objectives {
            *self = Self { objectives: objectives.to_vec(), minutes: VecDeque::new() };
        }
        let number = number(batch.at);
        if self.minutes.back().is_none_or(|last| last.number < number) {
            let tallies = vec![Tally::default(); objectives.len()].into();
            self.minutes.push_back(Minute { number, read: Period::ZERO, tallies });
        }
        if let Some(minute) = self.minutes.back_mut() {
            minute.read += batch.over;
            for (tally, objective) in minute.tallies.iter_mut().zip(objectives) {
                let Tally { requests, bad } = counted(objective, batch, reading);
                tally.requests += requests;
                tally.bad += bad;
            }
        }
        let first = number - longest().millis() / BIN.millis();
        while self.minutes.front().is_some_and(|minute| minute.number < first) {
            self.minutes.pop_front();
        }
    }

    /// What the window before a moment holds of an objective; none where nothing was read in it.
    pub(super) fn held(&self, objective: &Objective, window: Period, now: EngineTime) -> Option<Held> {
        let at = self.objectives.iter().position(|known| known == objective)?;
        let (last, bins) = (number(now), window.millis() / BIN.millis());
        let within = self.minutes.iter().rev().skip_while(|minute| minute.number > last);
        let mut held = Held::default();
        for minute in within.take_while(|minute| minute.number >= last - bins) {
            held.read += minute.read;
            let tally = minute.tallies.get(at).copied().unwrap_or_default();
            held.tally.requests += tally.requests;
            held.tally.bad += tally.bad;
        }
        (!held.read.is_zero()).then_some(held)
    }

    /// When it was last read.
    pub(super) fn last(&self) -> Option<i64> {
        self.minutes.back().map(|minute| minute.number)
    }
}

/// The minute that a tick which ends at a moment belongs to.
pub(super) fn number(at: EngineTime) -> i64 {
    (at.millis() - 1).div_euclid(BIN.millis())
}

/// As far back as the longest window reaches.
pub(super) fn longest() -> Period {
    PAGE.into_iter().map(|windows| windows.long).max().unwrap_or(Period::ZERO)
}

fn counted(objective: &Objective, batch: &Batch, reading: &Reading) -> Tally {
    let Bad::SlowerThan { .. } = objective.bad else {
        return Tally { requests: reading.requests, bad: reading.errors.min(reading.requests) };
    };
    let edge = objective.edge(&batch.edges).map(Bad::slower_than);
    let at = edge.and_then(|edge| batch.edges.iter().position(|known| Bad::slower_than(*known) == edge));
    match at.and_then(|at| reading.latency.get(at + 1..)) {
        Some(slow) => Tally { requests: reading.latency.iter().sum(), bad: slow.iter().sum() },
        None => Tally::default(),
    }
}
