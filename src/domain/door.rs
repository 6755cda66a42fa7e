//! One-way doors: releases that cannot be gone back past, where on a push's way the door is, and who does not return once it is behind.

use std::collections::BTreeMap;

use super::explain;
use super::fleet::Fleet;
use super::id::ServiceId;
use super::push::{Move, Push};
use super::rollback::{Barred, Door};
use super::service::OneWay;
use super::skew;

/// The door of each release that has one, with the number of the stage it is passed with.
fn doors(push: &Push) -> impl Iterator<Item = (&Move, &OneWay, u32)> {
    push.plan.moves.iter().filter_map(|part| {
        let one_way = part.to.one_way.as_ref()?;
        Some((part, one_way, stage_of(push, part, one_way)))
    })
}

/// The last stage of the name given, merged ones included. Where none is named, or the push has none of that name, the first that
/// reaches the service.
fn stage_of(push: &Push, part: &Move, one_way: &OneWay) -> u32 {
    let stages = || (0..).zip(&push.plan.stages);
    let named = one_way.from.as_ref().and_then(|wanted| {
        stages()
            .filter(|(_, stage)| {
                let is_it = |name: &String| name == wanted || format!("{name} in {}", stage.environment) == *wanted;
                is_it(&stage.name) || stage.merged.iter().any(is_it)
            })
            .last()
    });
    let reaches =
        |grants: &super::stage::Grants| grants.get(&part.service).is_some_and(|cells| cells.values().any(|count| *count > 0));
    named.or_else(|| stages().find(|(_, stage)| reaches(&stage.grants))).map_or(0, |(index, _)| index)
}

/// Whether the stage has been entered and an instance has run the release there, or is about to.
fn is_behind(fleet: &Fleet, push: &Push, part: &Move, door: u32) -> bool {
    let Some(at) = push.cursor.stage.filter(|at| *at >= door) else { return false };
    let runs = || {
        push.plan.stages.get(door as usize).and_then(|stage| fleet.placement(&part.service, &stage.environment)).is_some_and(
            |placement| {
                placement
                    .instances()
                    .any(|(_, _, instance)| instance.version == part.to.version || *instance.heading_for() == part.to.version)
            },
        )
    };
    at > door || push.cursor.arrived.is_some() || runs()
}

/// Who of a push does not return, in the push's order: those past a door of their own, and those whose old version does not belong
/// beside one that stays.
pub fn barred(fleet: &Fleet, push: &Push) -> Vec<Barred> {
    let mut found: BTreeMap<ServiceId, Barred> = BTreeMap::new();
    for (part, one_way, door) in doors(push).filter(|(part, _, door)| is_behind(fleet, push, part, *door)) {
        let stage = explain::entered(push.plan.stages.get(door as usize));
        let why = format!("{} {} is past its one-way door, {stage}", part.service, part.to.version);
        found.insert(part.service.clone(), Barred { service: part.service.clone(), why, instead: one_way.instead.clone() });
    }
    while let Some(next) = next_barred(fleet, push, &found) {
        found.insert(next.service.clone(), next);
    }
    push.plan.moves.iter().filter_map(|part| found.remove(&part.service)).collect()
}

/// A service that may not return because of those that do not.
fn next_barred(fleet: &Fleet, push: &Push, found: &BTreeMap<ServiceId, Barred>) -> Option<Barred> {
    let free = push.plan.moves.iter().filter(|part| !found.contains_key(&part.service));
    free.flat_map(|part| part.from.values().map(move |from| (part, from))).find_map(|(part, from)| {
        found.values().find_map(|stays| {
            let to = &push.move_of(&stays.service)?.to.version;
            let misfit = skew::misfit(fleet, (&part.service, from), (&stays.service, to))?;
            let why = format!("{}, and {} does not return: {misfit}", stays.why, stays.service);
            Some(Barred { service: part.service.clone(), why, instead: stays.instead.clone() })
        })
    })
}

/// The next door on the way forward, if there is one that is not behind.
pub fn ahead(fleet: &Fleet, push: &Push) -> Option<Door> {
    doors(push)
        .filter(|(part, _, door)| !is_behind(fleet, push, part, *door))
        .min_by_key(|(_, _, door)| *door)
        .map(|(part, _, door)| told(push, part, door))
}

/// The doors that entering a push's next stage would pass.
pub fn at_next(push: &Push) -> Vec<Door> {
    let next = push.next_index();
    doors(push).filter(|(_, _, door)| Some(*door) == next).map(|(part, _, door)| told(push, part, door)).collect()
}

fn told(push: &Push, part: &Move, door: u32) -> Door {
    Door {
        service: part.service.clone(),
        version: part.to.version.clone(),
        stage: explain::entered(push.plan.stages.get(door as usize)),
    }
}
