//! No other push of the same commit has regressed: what one service's users met, another's would meet next.

use std::collections::BTreeSet;

use super::super::explain;
use super::super::fleet::Fleet;
use super::super::id::ServiceId;
use super::super::push::{Course, Push};
use super::super::rollback::Trigger;
use super::super::stage::PlannedStage;
use super::{Requirement, RequirementKind, RequirementState};

/// The fewest signs by which one commit is taken for a longer writing of another.
const SHORTEST: usize = 7;

/// `None` where the next stage is in no protected environment, or no commit is known.
pub(super) fn of(fleet: &Fleet, push: &Push, next: &PlannedStage) -> Option<Requirement> {
    if !fleet.declaration.environment(&next.environment)?.protected || commits(push).next().is_none() {
        return None;
    }
    let sharing: Vec<(&Push, Shared<'_>)> = fleet
        .pushes
        .values()
        .filter(|other| other.id() != push.id())
        .filter_map(|other| Some((other, shared(push, other)?)))
        .collect();
    let kind = RequirementKind::SameCommit;
    let mut regressed =
        sharing.iter().rev().filter_map(|(other, shared)| Some((*other, shared, how_regressed(fleet, other, shared)?)));
    if let Some((other, shared, how)) = regressed.clone().find(|(other, shared, _)| !is_replaced(fleet, other, shared)) {
        let owners = fleet.declaration.group(&other.plan.group).map_or(other.plan.name.as_str(), |group| group.owners.as_str());
        let why = format!("{}, built from {} too, {how}", other.plan.name, shared.commit);
        return Some(Requirement::new(kind, RequirementState::Unmet, why, owners.to_owned()));
    }
    let names: BTreeSet<&str> = sharing.iter().map(|(other, _)| other.plan.name.as_str()).collect();
    let why = match (regressed.next(), names.into_iter().collect::<Vec<_>>().as_slice()) {
        (Some((other, ..)), _) => format!("{} regressed with the same commit, and a newer push of it is through", other.plan.name),
        (None, []) => "no other push is built from its commits".to_owned(),
        (None, names) => format!("no sign of harm in {}, built from the same commit", super::siblings::listed(names)),
    };
    Some(Requirement::new(kind, RequirementState::Met, why, "the engine".to_owned()))
}

/// What two pushes have in common.
struct Shared<'a> {
    commit: &'a str,
    /// The other push's services that carry it.
    services: BTreeSet<&'a ServiceId>,
}

fn commits(push: &Push) -> impl Iterator<Item = &str> {
    push.plan.moves.iter().map(|part| part.to.commit.trim()).filter(|commit| !commit.is_empty())
}

/// `None` where they share nothing, or where this push takes those very services further: a new try is that group's own affair.
fn shared<'a>(push: &'a Push, other: &'a Push) -> Option<Shared<'a>> {
    let parts: Vec<_> = other
        .plan
        .moves
        .iter()
        .filter_map(|part| {
            commits(push).find(|commit| is_same(commit, part.to.commit.trim())).map(|commit| (commit, &part.service))
        })
        .collect();
    let (commit, _) = parts.first()?;
    let services: BTreeSet<&ServiceId> = parts.iter().map(|(_, service)| *service).collect();
    let is_retry = services.iter().all(|service| push.move_of(service).is_some());
    (!is_retry).then_some(Shared { commit, services })
}

/// One commit, whether written short or in full.
fn is_same(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.len() >= SHORTEST && long.starts_with(short))
}

/// What went wrong with the other push, if something did.
fn how_regressed(fleet: &Fleet, other: &Push, shared: &Shared<'_>) -> Option<String> {
    let by_itself = |trigger: &Trigger| !matches!(trigger, Trigger::Person { .. });
    let said = |trigger: &Trigger| {
        let text = explain::trigger(trigger);
        text.strip_prefix("automatic: ").map(str::to_owned).unwrap_or(text)
    };
    match &other.course {
        Course::Back { rollback } => Some(format!("is going back: {}", said(&rollback.trigger))),
        Course::RollbackFailed { rollback, .. } => Some(format!("is not all back: {}", said(&rollback.trigger))),
        Course::RolledBack { rollback, .. } if by_itself(&rollback.trigger) => {
            Some(format!("went back by itself: {}", said(&rollback.trigger)))
        }
        _ => fleet.alerts.values().find_map(|alert| {
            let slice = &alert.slice;
            let on_new = other.move_of(&slice.service).is_some_and(|part| part.to.version == slice.version);
            (on_new && shared.services.contains(&slice.service)).then(|| {
                let (metric, limit) = (slice.metric, slice.metric.show(alert.limit));
                format!("has an alert: {metric} of {} {} in {}, limit {limit}", slice.service, slice.version, slice.cell)
            })
        }),
    }
}

/// Whether every service of it that carries the commit has been taken further since, all the way.
fn is_replaced(fleet: &Fleet, other: &Push, shared: &Shared<'_>) -> bool {
    shared.services.iter().all(|service| {
        fleet.pushes.values().any(|newer| {
            matches!(newer.course, Course::Converged { .. })
                && newer.id() != other.id()
                && newer.plan.requested >= other.plan.requested
                && newer.move_of(service).is_some()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_the_same_written_short_or_in_full() {
        assert!(is_same("7e29210", "7e29210"));
        assert!(is_same("7e29210", "7e29210c0ffee"));
        assert!(is_same("7e29210c0ffee", "7e29210"));
        assert!(!is_same("7e2921", "7e29210"), "too short to mean one commit alone");
        assert!(!is_same("7e29210", "7e29211"));
        assert!(is_same("c", "c"));
    }
}
