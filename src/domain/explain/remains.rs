//! What a way back leaves behind: everything that is not at its old version when it is over, or does not belong beside what is.

use super::super::door;
use super::super::drift;
use super::super::fleet::Fleet;
use super::super::placement::Placement;
use super::super::push::{Course, Move, Push};
use super::super::skew;
use super::super::time::EngineTime;
use super::{counted, names};

/// What will not be as it was before the push once it has gone back, a line each: who is past a one-way door, siblings that will be out
/// of step, what was changed by hand, instances that do not come up, and cells drained to be looked at.
pub fn remains(fleet: &Fleet, push: &Push, now: EngineTime) -> Vec<String> {
    // Of a push that goes forward the way back ends before the door, and says so.
    let doors = if push.course.rollback().is_some() { door::barred(fleet, push) } else { Vec::new() };
    let mut found: Vec<String> =
        doors.iter().map(|barred| format!("{} does not go back: {}; {}", barred.service, barred.why, barred.instead)).collect();
    let places = || {
        let moves = push.plan.moves.iter().flat_map(|part| part.from.keys().map(move |environment| (part, environment)));
        let been = moves.filter(|(_, environment)| push.has_been_in(environment));
        been.filter_map(|(part, environment)| Some((part, fleet.placement(&part.service, environment)?)))
    };
    found.extend(places().flat_map(|(part, placement)| out_of_step(fleet, push, part, placement)));
    found.extend(places().filter_map(|(_, placement)| {
        let strays = drift::held(fleet, placement, now);
        let left = "stays so until somebody has it brought back (retry)";
        (!strays.is_empty()).then(|| format!("changed by hand, {left}: {}", drift::told(placement, &strays)))
    }));
    if matches!(push.course, Course::Back { .. }) {
        found.extend(places().filter_map(|(_, placement)| dead(fleet, placement, now)));
    }
    found.extend(push.drained.iter().map(|drained| {
        format!("{} was drained by {} to be looked at: what is kept there is put back as well", drained.cell, drained.by)
    }));
    found
}

/// Siblings that the push does not move and that a service's old version does not belong beside.
fn out_of_step(fleet: &Fleet, push: &Push, part: &Move, placement: &Placement) -> Vec<String> {
    let environment = &placement.id.environment;
    let Some(from) = part.from.get(environment) else { return Vec::new() };
    let group = fleet.declaration.group(&push.plan.group);
    let staying = group.into_iter().flat_map(|group| &group.services).filter(|service| push.move_of(service).is_none());
    let beside = staying.filter_map(|service| fleet.placement(service, environment));
    beside
        .filter_map(|sibling| {
            let why = skew::misfit(fleet, (&part.service, from), (&sibling.id.service, sibling.ordered()))?;
            Some(format!("OUT OF STEP in {environment}: {why}"))
        })
        .collect()
}

/// Instances on their way back that were given up on.
fn dead(fleet: &Fleet, placement: &Placement, now: EngineTime) -> Option<String> {
    let usual = fleet.usual_task(&placement.id.service);
    let stuck: Vec<_> = placement
        .instances()
        .filter(|(_, _, instance)| instance.is_given_up(usual, now))
        .map(|(cell, index, _)| format!("{} number {index} in {cell}", placement.id.service))
        .collect();
    let verb = if stuck.len() == 1 { "does" } else { "do" };
    let which = names(stuck.iter().take(3));
    (!stuck.is_empty())
        .then(|| format!("{} {verb} not come up in {}: {which}", counted(stuck.len(), "instance"), placement.id.environment))
}
