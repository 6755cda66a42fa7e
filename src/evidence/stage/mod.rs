//! The evidence of one stage of a push: a fold of the ticks since it was entered, so that the same readings give the same verdict again.
//!
//! Each service is compared in each cell in which both its versions serve. That the release is *worse* takes the mean of the evidence over all
//! slices, half of the weight lying on those that the limits name; that it is *cleared* takes each of these. See [`super::sequential`].

mod compared;
mod subject;

use std::collections::BTreeMap;

pub use subject::Subject;

use self::compared::Comparison;
use super::reading::{Batch, Reading};
use super::sequential::{Ahead, Arm, Counts, Dispersion, Levels, Margins, Onset, log_mean_exp, when};
use crate::domain::id::{CellId, ServiceId};
use crate::domain::time::{EngineTime, Period};
use crate::domain::verdict::{Compared, Verdict, When};

/// How long new instances may take to get warm before what they do counts.
pub const WARM_UP: Period = Period::from_mins(2);
/// How often the time of the decision is worked out anew: every five seconds, and where the stage is old already after a fiftieth of the
/// time that has passed. Nothing changes quickly in what is told in hours.
const FORESEEN_EVERY: (Period, i64) = (Period::from_secs(5), 50);
/// Ticks without anything to compare after which there is no data: what is older than three intervals is stale.
const LOST_AFTER: u32 = 3;

/// What a stage is held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// How sure a verdict must be.
    pub levels: Levels,
    /// What differs between hosts, and what is to be ruled out.
    pub margins: Margins,
    /// How long the beginning does not count.
    pub warm_up: Period,
}

/// The evidence of a stage.
#[derive(Clone, Debug)]
pub struct StageEvidence {
    subjects: Vec<Subject>,
    terms: Terms,
    /// From when on the new version counts.
    warm_from: EngineTime,
    slices: BTreeMap<Compared, Comparison>,
    /// What was known of the old version before the stage.
    before: BTreeMap<Compared, Dispersion>,
    /// Why nothing could be compared in the last tick, by service, and in how many ticks in a row.
    silent: BTreeMap<ServiceId, (u32, String)>,
    tick: Period,
    /// The first verdict that cannot be taken back: a release that was once shown to be worse is not unshown.
    decided: Option<Verdict>,
    foreseen: Option<(EngineTime, When)>,
}

impl StageEvidence {
    /// Of a stage that is entered now.
    pub fn new(subjects: Vec<Subject>, terms: Terms, now: EngineTime) -> Self {
        Self {
            subjects,
            terms,
            warm_from: now + terms.warm_up,
            slices: BTreeMap::new(),
            before: BTreeMap::new(),
            silent: BTreeMap::new(),
            tick: Period::ZERO,
            decided: None,
            foreseen: None,
        }
    }

    /// Of the stage that follows: evidence begins anew, what is known of how the old version varies stays.
    #[must_use]
    pub fn next(self, subjects: Vec<Subject>, terms: Terms, now: EngineTime) -> Self {
        let mut before = self.before;
        before.extend(self.slices.into_iter().map(|(name, slice)| (name, *slice.evidence.dispersion())));
        Self { before, ..Self::new(subjects, terms, now) }
    }

    /// Takes in a tick. One that is not later than the last is the caller's to leave out.
    pub fn add(&mut self, batch: &Batch) {
        if !batch.over.is_zero() {
            self.tick = batch.over;
        }
        let warm = batch.at > self.warm_from;
        for subject in &self.subjects {
            let cells = arms_by_cell(subject, batch);
            for wanted in subject.wanted(&batch.edges) {
                let name = Compared { service: subject.service.clone(), bad: wanted.bad };
                let (terms, before) = (self.terms, &self.before);
                let slice = self.slices.entry(name).or_insert_with_key(|name| {
                    Comparison::new(terms.margins, before.get(name).copied().unwrap_or_default(), wanted.allowed)
                });
                let counts: Vec<Counts> = cells.values().map(|arms| counts(batch, *arms, wanted.bad, warm)).collect();
                slice.add(&counts, batch.at);
            }
            match nothing_to_compare(subject, &cells, batch).filter(|_| warm) {
                Some(why) => {
                    let silence = self.silent.entry(subject.service.clone()).or_insert((0, String::new()));
                    *silence = (silence.0 + 1, why);
                }
                None => drop(self.silent.remove(&subject.service)),
            }
        }
        if let Some(worse) = self.regressed() {
            self.decided.get_or_insert(worse);
        }
        let (least, part) = FORESEEN_EVERY;
        let every = least.max(Period::from_millis(batch.at.since(self.warm_from).millis() / part));
        if self.foreseen.is_none_or(|(at, _)| batch.at.since(at) >= every) {
            self.foreseen = Some((batch.at, self.foresee(batch.at)));
        }
    }

    /// What it says now.
    pub fn verdict(&self) -> Verdict {
        if let Some(decided) = &self.decided {
            return decided.clone();
        }
        if let Some(shared) = self.slices.iter().find_map(|(name, slice)| slice.shared_fault(name)) {
            return shared;
        }
        if let Some((_, why)) = self.silent.values().find(|(ticks, _)| *ticks >= LOST_AFTER) {
            return Verdict::NoData { why: why.clone() };
        }
        let Some((worst, slice)) = self.worst() else {
            return Verdict::NoData { why: "no limit on errors or latency names anything to compare".to_owned() };
        };
        let cleared = self.required().map(|slice| slice.evidence.no_worse()).reduce(f64::min);
        if cleared.is_some_and(|least| least >= self.terms.levels.no_worse()) {
            return Verdict::Cleared { ruled_out: self.terms.margins.ruled_out };
        }
        let when = self.foreseen.map_or(When { p50: None, p90: None }, |(_, when)| when);
        Verdict::Undecided { lean: self.lean(cleared), worst: worst.clone(), seen: slice.seen(), when }
    }

    /// Every slice with its evidence, the one that speaks most against the release first.
    pub fn slices(&self) -> Vec<(&Compared, &Comparison)> {
        let mut all: Vec<_> = self.slices.iter().collect();
        all.sort_by(|(_, a), (_, b)| b.evidence.worse().total_cmp(&a.evidence.worse()));
        all
    }

    fn required(&self) -> impl Iterator<Item = &Comparison> {
        self.slices.values().filter(|slice| slice.is_named())
    }

    fn worst(&self) -> Option<(&Compared, &Comparison)> {
        self.slices.iter().max_by(|(_, a), (_, b)| a.evidence.worse().total_cmp(&b.evidence.worse()))
    }

    /// The mean of the evidence, by its logarithm: half for the slices that are named, half for all others.
    fn worse(&self) -> f64 {
        let of =
            |named: bool| self.slices.values().filter(move |slice| slice.is_named() == named).map(|slice| slice.evidence.worse());
        if of(false).next().is_none() || of(true).next().is_none() {
            return log_mean_exp(self.slices.values().map(|slice| slice.evidence.worse()));
        }
        log_mean_exp([log_mean_exp(of(true)), log_mean_exp(of(false))].into_iter())
    }

    fn regressed(&self) -> Option<Verdict> {
        let (name, slice) = self.worst()?;
        if self.worse() >= self.terms.levels.worse() {
            return Some(Verdict::Regressed { slice: name.clone(), seen: slice.seen(), late: false });
        }
        let of_late = |slice: &Comparison| slice.evidence.of_late();
        let (name, slice) = self.slices.iter().max_by(|(_, a), (_, b)| of_late(a).total_cmp(&of_late(b)))?;
        let together = log_mean_exp(self.slices.values().map(of_late));
        let late = together >= Onset::threshold(self.tick);
        late.then(|| Verdict::Regressed { slice: name.clone(), seen: slice.lately(), late })
    }

    /// How far it leans either way, −1 to 1.
    fn lean(&self, cleared: Option<f64>) -> f64 {
        let towards = |evidence: f64, needed: f64| (evidence / needed).clamp(0.0, 1.0);
        let ok = cleared.map_or(0.0, |least| towards(least, self.terms.levels.no_worse()));
        ok - towards(self.worse(), self.terms.levels.worse())
    }

    fn foresee(&self, now: EngineTime) -> When {
        let passed = now.since(self.warm_from).secs_f64();
        let ahead: Vec<Ahead<'_>> = self.slices.values().map(|slice| slice.ahead(passed)).collect();
        when(&ahead, self.terms.levels, self.tick, now.millis().unsigned_abs())
    }
}

/// The readings of both arms in each cell: the new version's, the old one's.
fn arms_by_cell<'b>(subject: &Subject, batch: &'b Batch) -> BTreeMap<&'b CellId, [Option<&'b Reading>; 2]> {
    let mut cells: BTreeMap<&CellId, [Option<&Reading>; 2]> = BTreeMap::new();
    let of =
        batch.readings.iter().filter(|reading| reading.service == subject.service && reading.environment == subject.environment);
    for reading in of {
        let [new, old] = cells.entry(&reading.cell).or_default();
        if reading.version == subject.new {
            *new = Some(reading);
        } else if reading.version == subject.old {
            *old = Some(reading);
        }
    }
    cells
}

fn counts(batch: &Batch, [new, old]: [Option<&Reading>; 2], bad: crate::domain::verdict::Bad, warm: bool) -> Counts {
    let arm = |reading: Option<&Reading>| reading.and_then(|reading| subject::arm(batch, reading, bad)).unwrap_or_default();
    Counts { new: if warm { arm(new) } else { Arm::default() }, old: arm(old) }
}

/// Why a service could be compared in no cell, where it could not.
fn nothing_to_compare(subject: &Subject, cells: &BTreeMap<&CellId, [Option<&Reading>; 2]>, batch: &Batch) -> Option<String> {
    let served = |reading: Option<&Reading>| reading.is_some_and(|reading| reading.requests > 0);
    if cells.values().any(|arms| arms.iter().copied().all(served)) {
        return None;
    }
    let Subject { service, environment, new, old, .. } = subject;
    if let Some(missing) = batch.missing.iter().find(|missing| missing.environment == *environment) {
        return Some(format!("{} of {environment}: {}", missing.cell, missing.why));
    }
    let any = |which: usize| cells.values().any(|arms| arms.get(which).copied().is_some_and(served));
    Some(match (any(0), any(1)) {
        (false, _) => format!("no request reached {service} {new} in {environment}"),
        (true, false) => format!("no {old} of {service} is left in {environment} to compare with"),
        (true, true) => format!("{service} {new} and {old} serve in no cell of {environment} together"),
    })
}

#[cfg(test)]
mod tests;
