//! What logs say of a push: kinds of error line that only the new version writes, in words.
//!
//! One of the earliest signs of a bad release, and no verdict: no gate waits for it.

use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{EnvironmentId, PlacementId, PushId, ServiceId, Version};
use crate::domain::push::Push;
use crate::domain::time::{EngineTime, Period};
use crate::evidence::logs::{self, Beside, Kind, Ledger, MOST_INSTANCES, NewKind};
use crate::evidence::series::Signals;

use super::words::grouped;

/// Whoever was read for less than this may not have met its usual errors.
const SHORT: Period = Period::from_mins(2);

/// The logs of one push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewErrors {
    /// Which push.
    pub push: PushId,
    /// What each service's logs say in each environment.
    pub beside: Vec<Beside>,
    /// Every kind that only the new version wrote, the most frequent first.
    pub kinds: Vec<NewKind>,
}

/// How the logs of a push stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// There are kinds of error line that only the new version wrote.
    New,
    /// Nobody can say whether there are.
    Unknown,
    /// There are none.
    Nothing,
}

impl NewErrors {
    /// What the logs of a push say; `None` where none are declared, or its new version runs nowhere yet.
    pub fn of(fleet: &Fleet, signals: &Signals, push: &Push, now: EngineTime) -> Option<Self> {
        let beside = logs::beside(fleet, signals, push, now);
        let kinds = logs::new_kinds(&beside);
        (!beside.is_empty()).then(|| Self { push: push.id(), beside, kinds })
    }

    /// How they stand.
    pub fn said(&self) -> Said {
        let is_whole = |one: &Beside| one.gaps.is_empty() && one.uncounted == 0;
        match () {
            () if !self.kinds.is_empty() => Said::New,
            () if self.beside.iter().all(is_whole) => Said::Nothing,
            () => Said::Unknown,
        }
    }

    /// `3 kinds only on v42, 412 times, newest 20 s ago`; or why that is not known; or that there is none.
    pub fn words(&self, now: EngineTime) -> String {
        match self.said() {
            Said::New => {
                let times = times_in_words(self.kinds.iter().map(|new| new.kind.count).sum());
                let few = self.short_window(now).map(|window| format!(", {} read for {window} only", self.old_version()));
                let part = if self.gaps().is_empty() { "" } else { ", not all is read" };
                let (kinds, newest) = (self.kinds_in_words(), self.newest(now));
                format!("{kinds} only on {}, {times}, newest {newest}{}{part}", self.new_version(), few.unwrap_or_default())
            }
            Said::Unknown => format!("not known: {}", self.gaps().into_iter().next().unwrap_or_default()),
            Said::Nothing => {
                let [new, old] = [self.new_version(), self.old_version()];
                let [new_for, old_for] = [0, 1].map(|which| self.read_for(which, now));
                format!("none that {old} does not write too, {new} read for {new_for}, {old} for {old_for}")
            }
        }
    }

    /// `3 kinds, newest 20 s ago`.
    pub fn in_short(&self, now: EngineTime) -> String {
        format!("{}, newest {}", self.kinds_in_words(), self.newest(now))
    }

    fn kinds_in_words(&self) -> String {
        if self.kinds.len() == 1 { "1 kind".to_owned() } else { format!("{} kinds", self.kinds.len()) }
    }

    /// How long ago the newest line of any kind was read.
    fn newest(&self, now: EngineTime) -> String {
        let newest = self.kinds.iter().map(|new| new.kind.last).max();
        newest.map_or_else(String::new, |newest| ago(now.since(newest)))
    }

    /// The same with what it is of, for where it does not stand beside its name.
    pub fn sentence(&self, now: EngineTime) -> String {
        format!("error lines in logs: {}", self.words(now))
    }

    /// `v42`, or `the new versions` where they are not one.
    fn new_version(&self) -> String {
        one_of(self.beside.iter().map(|one| &one.pair.new)).unwrap_or_else(|| "the new versions".to_owned())
    }

    /// `v41`, or `the old versions` where they are not one.
    fn old_version(&self) -> String {
        one_of(self.beside.iter().map(|one| &one.pair.old)).unwrap_or_else(|| "the old versions".to_owned())
    }

    /// For how long the old version was read, where that is so short that it may not have met its usual errors.
    fn short_window(&self, now: EngineTime) -> Option<Period> {
        Some(self.read_for(1, now)).filter(|read| *read < SHORT)
    }

    /// For how long the new version was read, or the old one: the shortest of all.
    fn read_for(&self, which: usize, now: EngineTime) -> Period {
        let read = self.beside.iter().filter_map(|one| one.read.get(which).copied().flatten());
        read.map(|(since, until)| until.min(now).since(since)).min().unwrap_or(Period::ZERO)
    }

    /// Why not everything can be said, in clauses: what holds for several services once, with their names.
    pub fn gaps(&self) -> Vec<String> {
        let mut found: Vec<(String, &EnvironmentId, Vec<&str>)> = Vec::new();
        for one in &self.beside {
            let PlacementId { service, environment } = &one.pair.placement;
            for gap in gaps(one) {
                match found.iter_mut().find(|(known, at, _)| *known == gap && *at == environment) {
                    Some((_, _, services)) => services.push(service.as_str()),
                    None => found.push((gap, environment, vec![service.as_str()])),
                }
            }
        }
        found.into_iter().map(|(gap, environment, services)| format!("{gap} ({} in {environment})", services.join(", "))).collect()
    }

    /// Since when each version was read, a line for each service in each environment.
    pub fn windows(&self, moment: &Moment) -> Vec<String> {
        let one = |one: &Beside| {
            let of = |version: &dyn std::fmt::Display, read: Option<(EngineTime, EngineTime)>| match read {
                None => format!("{version} was never read"),
                Some((since, until)) if moment.now.since(until) > Period::from_mins(1) => {
                    format!("{version} was read from {} to {}", moment.clock(since), moment.clock(until))
                }
                Some((since, _)) => format!("{version} is read since {}", moment.clock(since)),
            };
            let [new, old] = one.read;
            let placement = &one.pair.placement;
            let (new, old) = (of(&one.pair.new, new), of(&one.pair.old, old));
            format!("{} in {}: {new}, {old}", placement.service, placement.environment)
        };
        self.beside.iter().map(one).collect()
    }
}

/// The one version that all of these are.
fn one_of<'a>(mut versions: impl Iterator<Item = &'a Version>) -> Option<String> {
    let first = versions.next()?;
    versions.all(|version| version == first).then(|| first.to_string())
}

/// What the logs say of the pushes of services, of all where none are named: those that are open, and the last that was.
pub(super) fn of_services(fleet: &Fleet, signals: &Signals, services: &[ServiceId], now: EngineTime) -> Vec<NewErrors> {
    let all = fleet.declaration().services.iter().map(|service| &service.id);
    let wanted = all.filter(|service| services.is_empty() || services.contains(service));
    let mut found: Vec<NewErrors> = Vec::new();
    for service in wanted {
        let Some(push) = fleet.open_push_of(service).or_else(|| fleet.last_push_of(service)) else { continue };
        // Of one that is over, as long as there is still something to see.
        let is_seen = |errors: &NewErrors| push.is_open() || errors.beside.iter().any(Beside::is_known);
        if !found.iter().any(|known| known.push == push.id()) {
            found.extend(NewErrors::of(fleet, signals, push, now).filter(is_seen));
        }
    }
    found
}

fn gaps(one: &Beside) -> Vec<String> {
    let mut gaps = one.gaps.clone();
    if one.uncounted > 0 {
        let (count, new) = (grouped(one.uncounted), &one.pair.new);
        gaps.push(format!("{count} error lines of {new} are of more kinds than are kept, and were only counted"));
    }
    if one.old_is_full && !one.kinds.is_empty() {
        gaps.push(format!("{} writes more kinds than are kept: some of these may be its own too", one.pair.old));
    }
    gaps
}

/// One kind in words: how often, since when, where. `312 times since 14:28:03, newest 20 s ago, by blob in production: eu 3, 7; us 1`.
pub fn told(new: &NewKind, moment: &Moment) -> String {
    let Kind { count, first, last, cells, .. } = &new.kind;
    let instances = |numbers: &std::collections::BTreeSet<u32>| match numbers.len() {
        0 => String::new(),
        1..=4 => format!(" {}", numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        MOST_INSTANCES => format!(" {MOST_INSTANCES} instances or more"),
        some => format!(" {some} instances"),
    };
    let cells: Vec<_> = cells.iter().map(|(cell, numbers)| format!("{cell}{}", instances(numbers))).collect();
    let placement = &new.pair.placement;
    format!(
        "{} since {}, newest {}; {} in {}: {}",
        times_in_words(*count),
        first.hh_mm_ss(&moment.zone),
        ago(moment.now.since(*last)),
        placement.service,
        placement.environment,
        cells.join("; ")
    )
}

fn times_in_words(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", grouped(count)) }
}

/// How long ago, in steps, so that nothing is drawn anew every second.
fn ago(past: Period) -> String {
    match past.secs() {
        ..10 => "just now".to_owned(),
        seconds @ 10..60 => format!("{} s ago", seconds / 10 * 10),
        _ => format!("{} ago", Period::from_mins(past.secs() / 60)),
    }
}

/// Error lines of which nobody can say which version wrote them, where there are any.
pub(super) fn nobodys(ledger: &Ledger) -> Option<String> {
    let count = ledger.nobodys();
    (count > 0).then(|| {
        let count = grouped(count);
        format!(
            "{count} error lines are of no known version, or were written while an instance changed it; they are counted for none"
        )
    })
}
