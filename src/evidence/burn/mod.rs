//! Error budgets that burn too fast, by the windows of [`PAGE`].
//!
//! It keeps counts of its own, minute by minute for six hours: what decisions otherwise rest on ([`Signals`](super::series::Signals))
//! reaches back four minutes where a tick is a second, and its hours are kept for people, at ten times the memory. Here a minute of a
//! version in a cell takes about a hundred bytes, six hours of it 36 KB. The windows of tickets, a day and three, are not held and not
//! looked at: they are left to alert rules.
//!
//! A version that has served for ten minutes has no hour behind it. Nor has it burned an hour's budget: what is missing of a window
//! counts as requests at the same rate, none of them bad: ten minutes have to burn 86× to be 14.4× over the hour.

mod chance;
mod minutes;

use std::collections::BTreeMap;

use self::chance::is_beyond_chance;
use self::minutes::{Held, Minutes, longest, number};
use super::judge::SHARED_WITHIN;
use super::reading::Batch;
use super::series::Span;
use crate::domain::burn::{Budget, Burn, BurnWindows, PAGE};
use crate::domain::declaration::Declaration;
use crate::domain::environment::Environment;
use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::slo::Objective;
use crate::domain::time::{EngineTime, Period};

/// How many standard deviations of chance are granted to the new version before it counts as worse than the old one beside it.
const CHANCE: f64 = 3.0;

/// Counts of every service wherever it has users.
#[derive(Clone, Debug, Default)]
pub struct BurnLedger {
    arms: BTreeMap<PlacementId, BTreeMap<(CellId, Version), Minutes>>,
    last: Option<EngineTime>,
}

/// Two versions of a service where it runs.
#[derive(Clone, Copy, Debug)]
pub struct Arms<'a> {
    /// The service and its environment.
    pub placement: &'a PlacementId,
    /// The version that goes back if it burns the budget.
    pub new: &'a Version,
    /// The version beside it.
    pub old: &'a Version,
}

impl BurnLedger {
    /// Takes the next tick in. One that is not later than the last, or has no length, says nothing.
    pub fn ingest(&mut self, batch: &Batch, declaration: &Declaration) {
        if batch.over.is_zero() || self.last.is_some_and(|last| batch.at <= last) {
            return;
        }
        self.last = Some(batch.at);
        for reading in &batch.readings {
            let has_users = declaration.environment(&reading.environment).is_some_and(Environment::has_users);
            let Some(service) = declaration.service(&reading.service).filter(|_| has_users) else { continue };
            let objectives: Vec<Objective> = service.objectives().collect();
            let placement = PlacementId::new(reading.service.clone(), reading.environment.clone());
            let arm = (reading.cell.clone(), reading.version.clone());
            self.arms.entry(placement).or_default().entry(arm).or_default().add(&objectives, batch, reading);
        }
        let oldest = number(batch.at - longest());
        self.arms.retain(|_, arms| {
            arms.retain(|_, minutes| minutes.last().is_some_and(|last| last >= oldest));
            !arms.is_empty()
        });
    }

    /// How many times as fast as it may a version burns an objective's budget over a window, in one cell or in all; none where nothing
    /// was read. 1 is as fast as it may.
    pub fn rate(&self, arm: (&PlacementId, &Version), cell: Option<&CellId>, objective: &Objective, span: Span) -> Option<f64> {
        let cells: Vec<Due> = self.cells(arm, cell, objective, span).map(|(_, held)| Due::of(held, span.over)).collect();
        (!cells.is_empty()).then(|| Due::sum(&cells).rate(objective))
    }

    /// For each objective of which the new version was read in the short windows: how it burns, or that it does not.
    pub fn burns(&self, arms: Arms<'_>, objectives: &[Objective], now: EngineTime) -> Vec<(Budget, Option<Burn>)> {
        let known = objectives.iter().filter(|objective| {
            let [soonest, _] = PAGE;
            self.rate((arms.placement, arms.new), None, objective, Span { now, over: soonest.short }).is_some()
        });
        let budget =
            |objective: &Objective| Budget { placement: arms.placement.clone(), version: arms.new.clone(), objective: *objective };
        known.map(|objective| (budget(objective), self.burn(arms, objective, now))).collect()
    }

    /// The worst that is found in any cell or in all of them together: what is the version's own before what is shared, then the fastest.
    fn burn(&self, arms: Arms<'_>, objective: &Objective, now: EngineTime) -> Option<Burn> {
        let held = self.arms.get(arms.placement)?;
        let cells: Vec<&CellId> = held.keys().filter(|(_, version)| version == arms.new).map(|(cell, _)| cell).collect();
        let places = cells.iter().map(|cell| Some(*cell)).chain((cells.len() > 1).then_some(None));
        let found = places.flat_map(|cell| PAGE.map(|windows| self.burn_in(arms, cell, objective, (windows, now))));
        found.flatten().max_by(|a, b| b.is_shared().cmp(&a.is_shared()).then(a.rate.total_cmp(&b.rate)))
    }

    fn burn_in(
        &self,
        arms: Arms<'_>,
        cell: Option<&CellId>,
        objective: &Objective,
        (windows, now): (BurnWindows, EngineTime),
    ) -> Option<Burn> {
        let new = (arms.placement, arms.new);
        let span = |over| Span { now, over };
        let long: Vec<Due> =
            self.cells(new, cell, objective, span(windows.long)).map(|(_, held)| Due::of(held, windows.long)).collect();
        let long = Due::sum(&long);
        let confirmed = self.rate(new, cell, objective, span(windows.short))?;
        // Few requests make any share: the long window has to hold more bad ones than the limit itself would by chance.
        if confirmed < windows.rate || !is_beyond_chance(long.bad, windows.rate * objective.allowed * long.requests) {
            return None;
        }
        Some(Burn {
            budget: Budget { placement: arms.placement.clone(), version: arms.new.clone(), objective: *objective },
            cell: cell.cloned(),
            rate: long.rate(objective),
            over: windows.long,
            confirmed: windows.short,
            beside: self.beside(arms, cell, objective, span(windows.short)),
        })
    }

    /// How fast the old version burns in the cells in which it serves beside the new one, where it is over its budget by more than
    /// chance, and the new one's bad requests there are what its own share, [`SHARED_WITHIN`] and chance explain. Cells are compared one
    /// by one and then added up: a fault of one cell must not look like the version's that has most of its requests there.
    fn beside(&self, arms: Arms<'_>, cell: Option<&CellId>, objective: &Objective, span: Span) -> Option<f64> {
        let old: BTreeMap<&CellId, Held> = self.cells((arms.placement, arms.old), cell, objective, span).collect();
        let (mut due, mut bad, mut beside) = (0.0, 0, Due::default());
        for (cell, new) in self.cells((arms.placement, arms.new), cell, objective, span) {
            let Some(old) = old.get(cell).filter(|old| old.tally.requests > 0) else { continue };
            due += SHARED_WITHIN * new.tally.requests as f64 * old.tally.bad as f64 / old.tally.requests as f64;
            bad += new.tally.bad;
            beside = beside.and(Due { requests: old.tally.requests as f64, bad: old.tally.bad });
        }
        let is_over = is_beyond_chance(beside.bad, objective.allowed * beside.requests);
        (is_over && bad as f64 <= due + CHANCE * due.sqrt()).then(|| beside.rate(objective))
    }

    fn cells<'a>(
        &'a self,
        (placement, version): (&'a PlacementId, &'a Version),
        cell: Option<&'a CellId>,
        objective: &'a Objective,
        span: Span,
    ) -> impl Iterator<Item = (&'a CellId, Held)> {
        let arms = self.arms.get(placement).into_iter().flatten();
        arms.filter(move |((known, of), _)| of == version && cell.is_none_or(|cell| cell == known))
            .filter_map(move |((cell, _), minutes)| Some((cell, minutes.held(objective, span.over, span.now)?)))
    }
}

/// The bad requests of a window, of how many: those read, and as many again as are missing of it.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    requests: f64,
    bad: u64,
}

impl Due {
    fn of(held: Held, window: Period) -> Self {
        let missing = (window.secs_f64() / held.read.secs_f64()).max(1.0);
        Self { requests: held.tally.requests as f64 * missing, bad: held.tally.bad }
    }

    fn sum(all: &[Self]) -> Self {
        all.iter().fold(Self::default(), |sum, one| sum.and(*one))
    }

    fn and(self, other: Self) -> Self {
        Self { requests: self.requests + other.requests, bad: self.bad + other.bad }
    }

    /// The share of them that is bad, divided by the share that may be.
    fn rate(self, objective: &Objective) -> f64 {
        if self.requests > 0.0 { self.bad as f64 / self.requests / objective.allowed } else { 0.0 }
    }
}

#[cfg(test)]
mod tests;
