//! The error lines of a new version beside those of the old one: which kinds only the new one writes.

use std::collections::BTreeSet;

use super::super::series::Signals;
use super::ledger::Ledger;
use super::reading::Kind;
use super::signature::Signature;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PlacementId, Version};
use crate::domain::push::{Move, Push};
use crate::domain::time::{EngineTime, Period};

/// A version that runs and was not read for so long, or for three ticks, is not known.
const PATIENCE: Period = Period::from_secs(30);

/// The two versions that a push makes to run beside each other, or after each other, in a placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Which service, where.
    pub placement: PlacementId,
    /// What the push brings.
    pub new: Version,
    /// What ran before.
    pub old: Version,
}

/// A kind of error line that only the new version wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKind {
    /// Where.
    pub pair: Pair,
    /// What, how often, when and by whom.
    pub kind: Kind,
}

/// What can be said of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The pair.
    pub pair: Pair,
    /// Kinds that only the new version wrote, the most frequent first.
    pub kinds: Vec<Kind>,
    /// Error lines of the new version that were only counted: nobody can say whether their kinds are new.
    pub uncounted: u64,
    /// Since when the new version was read there, and the old one anywhere, and until when: `None` where one never was.
    pub read: [Option<(EngineTime, EngineTime)>; 2],
    /// Whether the old version wrote more kinds than are kept: what looks new may not be.
    pub old_is_full: bool,
    /// Why nothing, or not everything, can be said, in clauses; empty where all was read.
    pub gaps: Vec<String>,
}

impl Beside {
    /// Whether the two could be compared at all.
    pub fn is_known(&self) -> bool {
        self.read.iter().all(Option::is_some)
    }
}

/// What the logs of every pair of a push say: in the environments it has been in, those of the services whose logs are declared.
pub fn beside(fleet: &Fleet, signals: &Signals, push: &Push, now: EngineTime) -> Vec<Beside> {
    let ledger = signals.logs();
    let patience = (signals.tick_length() * 3).max(PATIENCE);
    let runs = |pair: &Pair, version: &Version| {
        let placement = fleet.placement_by_id(&pair.placement);
        placement.is_some_and(|placement| placement.instances().any(|(_, _, instance)| instance.version == *version))
    };
    let is_there = |pair: &Pair| ledger.of(&pair.placement, &pair.new).is_some() || runs(pair, &pair.new);
    let one = |pair: Pair| {
        let mut found = of_pair(ledger, &pair, push.plan.requested, now);
        // Whoever does not run any more is not read any more.
        let last = found.read.first().copied().flatten().map(|(_, until)| now.since(until));
        if let Some(ago) = last.filter(|ago| *ago > patience && runs(&pair, &pair.new)) {
            found.gaps.push(format!("no log of {} has been read for {ago}", pair.new));
        }
        found
    };
    pairs(fleet, push).into_iter().filter(is_there).map(one).collect()
}

fn pairs(fleet: &Fleet, push: &Push) -> Vec<Pair> {
    let declared = |part: &&Move| fleet.declaration().service(&part.service).is_some_and(|service| service.logs.is_some());
    let parts = push.plan.moves.iter().filter(declared);
    let all = parts.flat_map(|part| {
        let here = part.from.iter().filter(|(environment, _)| part.changes(environment) && push.has_been_in(environment));
        here.map(|(environment, old)| Pair {
            placement: PlacementId::new(part.service.clone(), environment.clone()),
            new: part.to.version.clone(),
            old: old.clone(),
        })
    });
    all.collect()
}

/// An error that the old version writes in any environment is not new in another.
fn of_pair(ledger: &Ledger, pair: &Pair, began: EngineTime, now: EngineTime) -> Beside {
    let new = ledger.of(&pair.placement, &pair.new);
    let old = ledger.everywhere(&pair.placement.service, &pair.old);
    let read_old = old.clone().map(|old| (old.since, old.until)).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let read = [new.map(|new| (new.since, new.until)), read_old];
    let mut gaps: Vec<String> = ledger
        .unread(&pair.placement)
        .map(|(cell, unread)| format!("{cell} is not read whole for {}: {}", now.since(unread.since), unread.why))
        .collect();
    for (version, read) in [&pair.new, &pair.old].into_iter().zip(read) {
        if read.is_none() {
            gaps.push(format!("no log of {version} has been read"));
        }
    }
    let old_kinds: BTreeSet<&Signature> = old.clone().flat_map(|old| &old.kinds).map(|kind| &kind.signature).collect();
    let is_new = |kind: &&Kind| kind.last >= began && read_old.is_some() && !old_kinds.contains(&kind.signature);
    let mut kinds: Vec<Kind> = new.into_iter().flat_map(|new| &new.kinds).filter(is_new).cloned().collect();
    kinds.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.signature.cmp(&b.signature)));
    let old_is_full = old.clone().any(|old| old.others > 0);
    Beside { kinds, uncounted: new.map_or(0, |new| new.others), read, old_is_full, gaps, pair: pair.clone() }
}

/// All new kinds of a push, the most frequent first.
pub fn new_kinds(found: &[Beside]) -> Vec<NewKind> {
    let of = |one: &Beside| {
        let pair = one.pair.clone();
        one.kinds.clone().into_iter().map(move |kind| NewKind { pair: pair.clone(), kind })
    };
    let mut all: Vec<NewKind> = found.iter().flat_map(of).collect();
    all.sort_by_key(|new| std::cmp::Reverse(new.kind.count));
    all
}
