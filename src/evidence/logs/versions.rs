//! The error lines of a new version beside those of the old one: which kinds only the new one writes.

use super::ledger::Ledger;
use super::reading::Kind;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PlacementId, Version};
use crate::domain::placement::Placement;
use crate::domain::push::{Move, Push};
use crate::domain::time::EngineTime;

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
    /// Since when the new version and the old one were read, and until when: `None` where one never was.
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
pub fn beside(fleet: &Fleet, ledger: &Ledger, push: &Push, now: EngineTime) -> Vec<Beside> {
    let is_there = |pair: &Pair| {
        let runs = |placement: &Placement| placement.instances().any(|(_, _, instance)| instance.version == pair.new);
        ledger.of(&pair.placement, &pair.new).is_some() || fleet.placement_by_id(&pair.placement).is_some_and(runs)
    };
    pairs(fleet, push).into_iter().filter(is_there).map(|pair| of_pair(ledger, pair, push.plan.requested, now)).collect()
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

fn of_pair(ledger: &Ledger, pair: Pair, began: EngineTime, now: EngineTime) -> Beside {
    let [new, old] = [&pair.new, &pair.old].map(|version| ledger.of(&pair.placement, version));
    let mut gaps: Vec<String> = ledger
        .unread(&pair.placement)
        .map(|(cell, unread)| format!("{cell} cannot be read for {}: {}", now.since(unread.since), unread.why))
        .collect();
    for (version, read) in [(&pair.new, new), (&pair.old, old)] {
        if read.is_none() {
            gaps.push(format!("no log of {version} has been read"));
        }
    }
    let is_new = |kind: &&Kind| {
        let wrote = |old: &super::LogReading| old.kinds.iter().any(|known| known.signature == kind.signature);
        kind.last >= began && old.is_some_and(|old| !wrote(old))
    };
    let mut kinds: Vec<Kind> = new.into_iter().flat_map(|new| &new.kinds).filter(is_new).cloned().collect();
    kinds.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.signature.cmp(&b.signature)));
    Beside {
        kinds,
        uncounted: new.map_or(0, |new| new.others),
        read: [new, old].map(|read| read.map(|read| (read.since, read.until))),
        old_is_full: old.is_some_and(|old| old.others > 0),
        gaps,
        pair,
    }
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
