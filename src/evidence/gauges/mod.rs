//! Gauges: whether the new version uses more processor, memory or queue than the old one beside it, or leaks. A fold of ticks: the same
//! ticks give the same verdict again.
//!
//! A gauge is no count. What it says at one tick hangs together with what it said at the last, so that a test that takes ticks for news is
//! wrong often: of a rank test's verdicts on equal versions 15 in 100, where the correlation from tick to tick is 0.8. And it belongs to its
//! host: three hosts that differ by 10 % differ from the others by 6 % in the mean, for ever. Both are answered here:
//!
//! ```text
//!  block     a minute's mean over its ticks is one piece of news, whatever it shows
//!  level     is it more than the old version used in the same minute in the same cell, by more than hosts differ? heads or tails
//!  coin      what betting on heads has won: an e-process, which may be looked at at every minute
//!  leak      the same, of growth that does not level off
//!  compared  one gauge, in each cell and in all cells together
//! ```
//!
//! Heads and tails forget how much more it is. That is their price, and what makes them valid for noise of any size and shape. What it takes:
//!
//! | what | after |
//! | --- | --- |
//! | more than is allowed, beyond the noise | 12 minutes at 0.1 %, 9 at 1 % |
//! | half as much again is ruled out | 6 minutes |
//! | a leak of half the old version's use an hour | about 45 minutes, of which 20 are history; 25 after its beginning where it begins late |
//! | a leak of a tenth an hour | about 2½ hours where memory is as steady as memory is (1.5 %) |
//!
//! What it cannot see: what lies within the difference of hosts (with three of them and hosts of which nothing is known, anything below
//! 23 % more); a gauge that one version does not say; what one host of many does, where the others hide it in the mean; and peaks within a
//! minute.

mod block;
mod coin;
mod compared;
mod leak;
mod level;
mod terms;

use std::collections::BTreeMap;

pub use block::{BLOCK, Mean};
pub use compared::GaugeEvidence;
pub use terms::GaugeTerms;

pub(super) use self::compared::late_threshold;
use super::reading::{Batch, Reading};
use super::sequential::log_mean_exp;
use super::stage::Subject;
use crate::domain::gauge::{GaugeId, GaugeStanding, GaugeVerdict};
use crate::domain::id::{CellId, Version};
use crate::domain::metric::Metric;
use crate::domain::time::EngineTime;

/// What is compared.
const GAUGES: [Metric; 3] = [Metric::Cpu, Metric::Memory, Metric::Saturation];
/// Ticks in which both versions say a gauge in no cell, after which there is no data: what is older than three intervals is stale.
const LOST_AFTER: u32 = 3;
/// Where no limit is declared: all that is granted.
const ALL: f64 = 1.0;

/// The gauges of a stage.
#[derive(Clone, Debug)]
pub struct Gauges {
    terms: GaugeTerms,
    /// From when on the new version counts.
    warm_from: EngineTime,
    followed: BTreeMap<GaugeId, Followed>,
    /// The first verdict that cannot be taken back, as in a stage's other evidence.
    decided: Option<GaugeVerdict>,
}

/// One gauge, the limit it grows towards, and whether it is still said.
#[derive(Clone, Debug)]
struct Followed {
    evidence: GaugeEvidence,
    limit: f64,
    /// In how many ticks in a row both versions said it in no cell, and why nothing is known then.
    lost: (u32, String),
}

impl Gauges {
    /// Of a stage that is entered now.
    pub fn new(terms: GaugeTerms, now: EngineTime) -> Self {
        Self { terms, warm_from: now + terms.warm_up, followed: BTreeMap::new(), decided: None }
    }

    /// Takes in a tick: the gauges of each of the stage's services. One that is not later than the last is the caller's to leave out.
    pub fn add(&mut self, subjects: &[Subject], batch: &Batch) {
        // Where no old version is left there is nothing to compare with.
        for (subject, old) in subjects.iter().filter_map(|subject| Some((subject, subject.old.as_ref()?))) {
            let arms = Arms { subject, old };
            let readings: Vec<_> = batch.readings.iter().filter(|reading| arms.have(reading)).collect();
            for metric in GAUGES {
                self.follow(&arms, metric, &readings, batch.at);
            }
        }
        if batch.at > self.warm_from && self.decided.is_none() {
            self.decided = self.bad();
        }
    }

    fn follow(&mut self, arms: &Arms<'_>, metric: Metric, readings: &[&Reading], at: EngineTime) {
        let (subject, cells) = (arms.subject, arms.both(metric, readings));
        let limit = subject.limits.iter().find(|limit| limit.metric == metric).map(|limit| limit.limit);
        let gauge = GaugeId { service: subject.service.clone(), metric };
        // What nobody says and nobody limits is not missed.
        if cells.is_empty() && limit.is_none() && !self.followed.contains_key(&gauge) {
            return;
        }
        let from = self.warm_from;
        let followed = self.followed.entry(gauge).or_insert_with(|| Followed {
            evidence: GaugeEvidence::new(from),
            limit: limit.unwrap_or(ALL),
            lost: (0, String::new()),
        });
        followed.evidence.add(at, &cells, &self.terms);
        followed.lost =
            if cells.is_empty() && at > from { (followed.lost.0 + 1, arms.not_said(metric, readings)) } else { (0, String::new()) };
    }

    /// What they say now.
    pub fn verdict(&self) -> GaugeVerdict {
        if let Some(decided) = &self.decided {
            return decided.clone();
        }
        if let Some(lost) = self.followed.values().map(|followed| &followed.lost).find(|(ticks, _)| *ticks >= LOST_AFTER) {
            return GaugeVerdict::NoData { why: lost.1.clone() };
        }
        let Some((worst, followed)) = self.most(GaugeEvidence::worse) else {
            return GaugeVerdict::NoData { why: "no instance says its CPU, memory or saturation".to_owned() };
        };
        let least = self.followed.values().map(|followed| followed.evidence.no_worse()).fold(f64::INFINITY, f64::min);
        if least >= self.terms.levels.no_worse() {
            return GaugeVerdict::Cleared { ruled_out: self.terms.ruled_out };
        }
        let towards = |evidence: f64, needed: f64| (evidence / needed).clamp(0.0, 1.0);
        let bad = towards(self.mean(GaugeEvidence::worse), self.terms.levels.worse());
        let lean = towards(least, self.terms.levels.no_worse()) - bad;
        GaugeVerdict::Undecided { lean, worst: worst.clone(), seen: followed.evidence.seen(&self.terms) }
    }

    /// Each gauge by itself, the one that speaks most against the release first.
    pub fn standings(&self) -> Vec<GaugeStanding> {
        let standing =
            |(gauge, followed): (&GaugeId, &Followed)| followed.evidence.standing(gauge.clone(), &self.terms, followed.limit);
        let mut all: Vec<_> = self.followed.iter().map(standing).collect();
        let against = |standing: &GaugeStanding| standing.worse.max(standing.late).max(standing.leaking);
        all.sort_by(|a, b| against(b).total_cmp(&against(a)));
        all
    }

    fn mean(&self, of: impl Fn(&GaugeEvidence) -> f64) -> f64 {
        log_mean_exp(self.followed.values().map(|followed| of(&followed.evidence)))
    }

    fn most(&self, of: impl Fn(&GaugeEvidence) -> f64) -> Option<(&GaugeId, &Followed)> {
        self.followed.iter().max_by(|(_, a), (_, b)| of(&a.evidence).total_cmp(&of(&b.evidence)))
    }

    /// What cannot be taken back, where there is enough evidence of it: means over the gauges, whatever they have to do with one another.
    fn bad(&self) -> Option<GaugeVerdict> {
        for late in [false, true] {
            let of = if late { GaugeEvidence::late } else { GaugeEvidence::worse };
            let needed = if late { late_threshold() } else { self.terms.levels.worse() };
            if self.mean(of) >= needed {
                let (gauge, followed) = self.most(of)?;
                return Some(GaugeVerdict::Worse { gauge: gauge.clone(), seen: followed.evidence.seen(&self.terms)?, late });
            }
        }
        if self.mean(GaugeEvidence::leaking) < late_threshold() {
            return None;
        }
        let (gauge, followed) = self.most(GaugeEvidence::leaking)?;
        let (seen, growth) = followed.evidence.seen_leaking(&self.terms, followed.limit);
        Some(GaugeVerdict::Leaking { gauge: gauge.clone(), seen: seen?, growth })
    }
}

/// One service's two versions.
struct Arms<'a> {
    subject: &'a Subject,
    old: &'a Version,
}

impl Arms<'_> {
    fn have(&self, reading: &Reading) -> bool {
        reading.service == self.subject.service
            && reading.environment == self.subject.environment
            && (reading.version == self.subject.new || reading.version == *self.old)
    }

    /// The new and the old version's mean in each cell in which both say it.
    fn both<'b>(&self, metric: Metric, readings: &[&'b Reading]) -> BTreeMap<&'b CellId, (Mean, Mean)> {
        let new = readings.iter().filter(|reading| reading.version == self.subject.new);
        let both = |new: &&'b Reading| {
            let beside = readings.iter().find(|old| old.version == *self.old && old.cell == new.cell)?;
            Some((&new.cell, (said(new, metric)?, said(beside, metric)?)))
        };
        new.filter_map(both).collect()
    }

    /// Why a gauge could be compared in no cell.
    fn not_said(&self, metric: Metric, readings: &[&Reading]) -> String {
        let (Subject { service, environment, new, .. }, old) = (self.subject, self.old);
        let says =
            |version: &Version| readings.iter().any(|reading| reading.version == *version && said(reading, metric).is_some());
        match (says(new), says(old)) {
            (false, _) => format!("no instance of {service} {new} in {environment} says its {metric}"),
            (true, false) => format!("no instance of {service} {old} in {environment} says its {metric}, to compare with"),
            (true, true) => format!("{service} {new} and {old} say their {metric} in no cell of {environment} together"),
        }
    }
}

/// A gauge as one version says it in one cell.
fn said(reading: &Reading, metric: Metric) -> Option<Mean> {
    let value = match metric {
        Metric::Cpu => reading.cpu,
        Metric::Memory => reading.memory,
        Metric::Saturation => reading.saturation,
        Metric::Errors | Metric::P99 | Metric::P999 | Metric::EndToEnd | Metric::JourneyP90 => None,
    };
    value.filter(|value| value.is_finite()).map(|value| Mean { value, of: reading.up.max(1) })
}

#[cfg(test)]
mod tests;
