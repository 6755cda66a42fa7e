//! The evidence of one stage of a push: a fold of the ticks since it was entered, so that the same readings give the same verdict again.
//!
//! Each service is compared in each cell in which both its versions serve. What its slices say together: see [`super::sequential::Verdicts`].

mod compared;
mod subject;

use std::collections::BTreeMap;

pub use subject::Subject;
pub(super) use subject::arm_of;

use self::compared::{Comparison, Held};
use super::gauges::{GaugeTerms, Gauges};
use super::reading::{Batch, Reading};
use super::sequential::{Ahead, Arm, Counts, Dispersion, Levels, Margins, Onset, Verdicts, log_mean_exp, when};
use crate::domain::id::{CellId, ServiceId};
use crate::domain::time::{EngineTime, Period};
use crate::domain::verdict::{Bad, Compared, Evidence, GaugeEvidence, SliceEvidence, Verdict, When};

/// How often the time of the decision is worked out anew: every five seconds, and where the stage is old already after a tenth of the time
/// that has passed. Nothing changes quickly in what is told in hours.
const FORESEEN_EVERY: (Period, i64) = (Period::from_secs(5), 10);
/// From how many slices at the most it is worked out.
const FORESEEN: usize = 6;
/// From which part of what is needed on a slice that no limit names is told.
const TOLD_FROM: f64 = 0.1;
/// How many slices are told at the most.
const TOLD: usize = 16;
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
    gauges: Gauges,
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
        let gauges = Gauges::new(GaugeTerms::before_calibration(terms.levels, terms.warm_up), now);
        Self {
            subjects,
            terms,
            gauges,
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
        let warm = self.is_warm(batch.at);
        self.gauges.add(&self.subjects, batch);
        let by_service = by_service(batch);
        for subject in &self.subjects {
            let cells = arms_by_cell(subject, by_service.get(&subject.service).map_or(&[][..], Vec::as_slice));
            for wanted in subject.wanted(&batch.edges) {
                let name = Compared { service: subject.service.clone(), bad: wanted.bad };
                let (terms, before) = (self.terms, &self.before);
                let slice = self.slices.entry(name).or_insert_with_key(|name| {
                    let held = Held { allowed: wanted.allowed, least: subject.least_allowed(), beside: subject.old.is_some() };
                    Comparison::new(terms.margins, before.get(name).copied().unwrap_or_default(), held)
                });
                let counts: Vec<(&CellId, Counts)> =
                    cells.iter().map(|(cell, arms)| (*cell, counts(batch, *arms, wanted.bad, warm))).collect();
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
        if warm && self.foreseen.is_none_or(|(at, _)| batch.at.since(at) >= every) {
            self.foreseen = Some((batch.at, self.foresee(batch.at)));
        }
    }

    /// Whether what the new version does counts by then.
    pub fn is_warm(&self, at: EngineTime) -> bool {
        at > self.warm_from
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
        let together = self.together();
        if together.are_cleared(self.terms.levels) {
            let beside = self.slices.values().any(|slice| slice.evidence.is_beside());
            return Verdict::Cleared { ruled_out: beside.then_some(self.terms.margins.ruled_out) };
        }
        let when = self.foreseen.map_or(When { p50: None, p90: None }, |(_, when)| when);
        Verdict::Undecided { lean: together.lean(self.terms.levels), worst: worst.clone(), seen: slice.seen(), when }
    }

    /// What it says now, with the slices that say it.
    pub fn evidence(&self) -> Evidence {
        let mut slices: Vec<SliceEvidence> =
            self.slices.iter().map(|(name, slice)| slice.told(name, self.terms.levels)).filter(is_told).collect();
        slices.sort_by(|a, b| a.lean().total_cmp(&b.lean()));
        slices.truncate(TOLD);
        Evidence { verdict: self.verdict(), others: (self.slices.len() - slices.len()) as u32, slices, gauges: self.gauges() }
    }

    fn gauges(&self) -> Option<GaugeEvidence> {
        let is_beside = self.subjects.iter().any(|subject| subject.old.is_some());
        is_beside.then(|| GaugeEvidence {
            verdict: self.gauges.verdict(),
            standings: self.gauges.standings().into_iter().filter(|gauge| gauge.seen.is_some()).collect(),
        })
    }

    /// Every slice with its evidence, the one that speaks most against the release first.
    pub fn slices(&self) -> Vec<(&Compared, &Comparison)> {
        let mut all: Vec<_> = self.slices.iter().collect();
        all.sort_by(|(_, a), (_, b)| b.evidence.worse().total_cmp(&a.evidence.worse()));
        all
    }

    fn together(&self) -> Verdicts {
        Verdicts::of(self.slices.values().map(|slice| (&slice.evidence, slice.is_named())))
    }

    /// The slice that speaks most against the release; where none does, the one that keeps it from being cleared.
    fn worst(&self) -> Option<(&Compared, &Comparison)> {
        let speaks = |slice: &Comparison| slice.evidence.worse();
        let worst = self.slices.iter().max_by(|(_, a), (_, b)| speaks(a).total_cmp(&speaks(b)))?;
        if speaks(worst.1) >= TOLD_FROM * self.terms.levels.worse() {
            return Some(worst);
        }
        let least = |(_, slice): &(&Compared, &Comparison)| slice.evidence.no_worse();
        self.slices.iter().filter(|(_, slice)| slice.is_named()).min_by(|a, b| least(a).total_cmp(&least(b)))
    }

    fn regressed(&self) -> Option<Verdict> {
        let (name, slice) = self.worst()?;
        if self.together().are_worse(self.terms.levels) {
            return Some(Verdict::Regressed { slice: name.clone(), seen: slice.seen(), late: false });
        }
        let of_late = |slice: &Comparison| slice.evidence.of_late();
        let (name, slice) = self.slices.iter().max_by(|(_, a), (_, b)| of_late(a).total_cmp(&of_late(b)))?;
        let together = log_mean_exp(self.slices.values().map(of_late));
        let late = together >= Onset::threshold(self.tick);
        late.then(|| Verdict::Regressed { slice: name.clone(), seen: slice.lately(), late })
    }

    /// From those of the slices that limits name which are furthest from being cleared: they are what is waited for, and drawing the futures of
    /// a hundred would keep the engine from everything else.
    fn foresee(&self, now: EngineTime) -> When {
        let passed = now.since(self.warm_from).secs_f64();
        let mut named: Vec<&Comparison> = self.slices.values().filter(|slice| slice.is_named()).collect();
        named.sort_by(|a, b| a.evidence.no_worse().total_cmp(&b.evidence.no_worse()));
        let ahead: Vec<Ahead<'_>> = named.into_iter().take(FORESEEN).map(|slice| slice.ahead(passed)).collect();
        when(&ahead, self.terms.levels, self.tick, now.millis().unsigned_abs())
    }
}

fn is_told(slice: &SliceEvidence) -> bool {
    slice.named || slice.worse >= TOLD_FROM
}

/// The readings of a batch by service.
fn by_service(batch: &Batch) -> BTreeMap<&ServiceId, Vec<&Reading>> {
    let mut found: BTreeMap<&ServiceId, Vec<&Reading>> = BTreeMap::new();
    for reading in &batch.readings {
        found.entry(&reading.service).or_default().push(reading);
    }
    found
}

/// The readings of both arms in each cell: the new version's, the old one's.
fn arms_by_cell<'b>(subject: &Subject, readings: &[&'b Reading]) -> BTreeMap<&'b CellId, [Option<&'b Reading>; 2]> {
    let mut cells: BTreeMap<&CellId, [Option<&Reading>; 2]> = BTreeMap::new();
    for reading in readings.iter().filter(|reading| reading.environment == subject.environment) {
        let [new, old] = cells.entry(&reading.cell).or_default();
        if reading.version == subject.new {
            *new = Some(reading);
        } else if subject.old.as_ref() == Some(&reading.version) {
            *old = Some(reading);
        }
    }
    cells
}

fn counts(batch: &Batch, [new, old]: [Option<&Reading>; 2], bad: Bad, warm: bool) -> Counts {
    let arm = |reading: Option<&Reading>| reading.and_then(|reading| subject::arm(batch, reading, bad)).unwrap_or_default();
    Counts { new: if warm { arm(new) } else { Arm::default() }, old: arm(old) }
}

/// Why a service could be compared in no cell, where it could not.
fn nothing_to_compare(subject: &Subject, cells: &BTreeMap<&CellId, [Option<&Reading>; 2]>, batch: &Batch) -> Option<String> {
    let served = |reading: Option<&Reading>| reading.is_some_and(|reading| reading.requests > 0);
    let Subject { service, environment, new, old, .. } = subject;
    let any = |which: usize| cells.values().any(|arms| arms.get(which).copied().is_some_and(served));
    let is_enough = match old {
        Some(_) => cells.values().any(|arms| arms.iter().copied().all(served)),
        None => any(0),
    };
    if is_enough {
        return None;
    }
    if let Some(missing) = batch.missing.iter().find(|missing| missing.environment == *environment) {
        return Some(format!("{} of {environment}: {}", missing.cell, missing.why));
    }
    Some(match old {
        Some(old) if any(0) && any(1) => format!("{service} {new} and {old} serve in no cell of {environment} together"),
        Some(old) if any(0) => format!("no {old} of {service} is left in {environment} to compare with"),
        _ => format!("no request reached {service} {new} in {environment}"),
    })
}

#[cfg(test)]
mod tests;
