//! Which versions of siblings belong together, who does not belong beside whom now, and who must return if one returns.
//!
//! A release says beside which versions of a sibling it was tested. Where neither of two says anything of the other they are fine,
//! except where one push moved both: these were tested with one another, so that one of them on the new version and the other on the
//! old one do not belong together. While a push is in flight old and new run side by side within its stages by design.

use std::collections::BTreeSet;

use super::fleet::Fleet;
use super::id::{EnvironmentId, ServiceId, Version};
use super::placement::Placement;
use super::push::Push;
use super::service::Group;

mod ahead;

pub use ahead::{RuledOut, ruled_out, ruled_out_next};

/// Two siblings on versions that do not belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Where.
    pub environment: EnvironmentId,
    /// One of them and its version.
    pub one: (ServiceId, Version),
    /// The other.
    pub other: (ServiceId, Version),
    /// Why they do not belong together.
    pub why: String,
}

impl Pair {
    /// Whether it is about a service.
    pub fn names(&self, service: &ServiceId) -> bool {
        self.one.0 == *service || self.other.0 == *service
    }
}

/// Why two siblings do not belong together on these versions; `None` where they do.
pub fn misfit(fleet: &Fleet, one: (&ServiceId, &Version), other: (&ServiceId, &Version)) -> Option<String> {
    let said = [declared(fleet, one, other), declared(fleet, other, one)];
    if let Some(why) = said.iter().flatten().find_map(|said| said.as_ref().err()) {
        return Some(why.clone());
    }
    if said.iter().flatten().any(Result::is_ok) { None } else { moved_together(fleet, one, other) }
}

/// What a release says of a sibling; nothing where it does not name it.
fn declared(fleet: &Fleet, one: (&ServiceId, &Version), other: (&ServiceId, &Version)) -> Option<Result<(), String>> {
    let tested = fleet.declaration().release(one.0, one.1)?.works_with.get(other.0)?;
    if tested.contains(other.1) {
        return Some(Ok(()));
    }
    let versions = tested.iter().map(Version::as_str).collect::<Vec<_>>().join(" or ");
    Some(Err(format!("{} {} was tested beside {} {versions}, not {}", one.0, one.1, other.0, other.1)))
}

/// The newest push that brought one of these versions decides: one that moved both brought them together; one that moved the one alone
/// met the other as it was.
fn moved_together(fleet: &Fleet, one: (&ServiceId, &Version), other: (&ServiceId, &Version)) -> Option<String> {
    let brought =
        |push: &Push, (service, version): (&ServiceId, &Version)| push.move_of(service).map(|part| part.to.version == *version);
    fleet
        .pushes()
        .rev()
        .find_map(|push| match (brought(push, one), brought(push, other)) {
            (Some(true), Some(false)) => Some(Some((push, one, other))),
            (Some(false), Some(true)) => Some(Some((push, other, one))),
            (Some(true), _) | (_, Some(true)) => Some(None),
            _ => None,
        })
        .flatten()
        .map(|(push, new, old)| {
            let to = push.move_of(old.0).map(|part| part.to.version.as_str()).unwrap_or_default();
            format!("{} {} was tested beside {} {to} only, not {}", new.0, new.1, old.0, old.1)
        })
}

/// Which siblings of an environment are on versions that do not belong together.
pub fn in_environment(fleet: &Fleet, environment: &EnvironmentId) -> Vec<Pair> {
    fleet.may_be_out_of_step().flat_map(|group| in_group(fleet, group, environment)).collect()
}

/// Likewise, of one group.
fn in_group(fleet: &Fleet, group: &Group, environment: &EnvironmentId) -> Vec<Pair> {
    let here: Vec<&Placement> = group.services.iter().filter_map(|service| fleet.placement(service, environment)).collect();
    let pairs = here.iter().enumerate().flat_map(|(at, one)| here.iter().skip(at + 1).map(move |other| (one, other)));
    pairs.filter_map(|(one, other)| pair(fleet, one, other)).collect()
}

fn pair(fleet: &Fleet, one: &Placement, other: &Placement) -> Option<Pair> {
    let (first, second) = (&one.id.service, &other.id.service);
    if fleet.open_push_of(first).is_some_and(|push| push.move_of(second).is_some() && is_in_lockstep(push, [first, second])) {
        return None;
    }
    let why = misfit(fleet, (first, one.ordered()), (second, other.ordered()))?;
    Some(Pair {
        environment: one.id.environment.clone(),
        one: (first.clone(), one.ordered().clone()),
        other: (second.clone(), other.ordered().clone()),
        why,
    })
}

/// Whether a push moves both the same way, so that they stand side by side on old and new by design.
fn is_in_lockstep(push: &Push, services: [&ServiceId; 2]) -> bool {
    let apart = services.map(|service| push.apart.contains_key(service));
    apart[0] == apart[1]
}

/// Pairs that a push is part of, over the environments on its way.
pub fn of_push(fleet: &Fleet, push: &Push) -> Vec<Pair> {
    let Some(group) = fleet.may_be_out_of_step().find(|group| group.id == push.plan.group) else { return Vec::new() };
    let environments: BTreeSet<&EnvironmentId> = push.plan.moves.iter().flat_map(|part| part.from.keys()).collect();
    environments
        .into_iter()
        .flat_map(|environment| in_group(fleet, group, environment))
        .filter(|pair| push.plan.moves.iter().any(|part| pair.names(&part.service)))
        .collect()
}

/// Pairs that a placement is one of.
pub fn of_placement(fleet: &Fleet, placement: &Placement) -> Vec<Pair> {
    let group = fleet.may_be_out_of_step().find(|group| group.services.contains(&placement.id.service));
    let Some(group) = group else { return Vec::new() };
    in_group(fleet, group, &placement.id.environment).into_iter().filter(|pair| pair.names(&placement.id.service)).collect()
}

/// The smallest set of a push's services that must return if one returns, that one not among them: those whose new version does not
/// belong beside the old one of a service that returns. In the push's order.
pub fn must_return(fleet: &Fleet, push: &Push, service: &ServiceId) -> Vec<ServiceId> {
    let mut back = BTreeSet::from([service]);
    let misfits = |back: &BTreeSet<&ServiceId>, to: (&ServiceId, &Version)| {
        back.iter()
            .filter_map(|returned| push.move_of(returned))
            .any(|part| part.from.values().any(|from| misfit(fleet, (&part.service, from), to).is_some()))
    };
    loop {
        let moves = push.plan.moves.iter().filter(|part| !back.contains(&part.service));
        let Some(next) = moves.into_iter().find(|part| misfits(&back, (&part.service, &part.to.version))) else { break };
        back.insert(&next.service);
    }
    push.plan.moves.iter().map(|part| &part.service).filter(|found| *found != service && back.contains(found)).cloned().collect()
}

#[cfg(test)]
mod tests;
