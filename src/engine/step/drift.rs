//! Drift: named as soon as it is found, and, where a person decides about it, kept out of every push's way.

use crate::domain::change::Fact;
use crate::domain::drift;
use crate::domain::id::{EnvironmentId, PushId};
use crate::domain::person::Actor;
use crate::domain::push::{Hold, Push};

use super::stop;
use super::work::Work;

/// Names what was changed by hand and has not been named as it is now.
pub(super) fn name(work: &mut Work<'_>) {
    let found: Vec<_> = work
        .fleet()
        .placements()
        .filter(|placement| placement.observed)
        .map(|placement| (placement.id.clone(), drift::unnamed(placement, work.now)))
        .filter(|(_, strays)| !strays.is_empty())
        .collect();
    for (placement, strays) in found {
        work.record(Fact::Drifted { placement, strays });
    }
}

/// Holds a push where what it moves was changed by hand and nobody has decided about it.
pub(super) fn hold(work: &mut Work<'_>, id: PushId) {
    let here = work.push(id).filter(|push| push.is_forward()).and_then(Push::stage).map(|stage| stage.environment.clone());
    if let Some(environment) = here {
        holds_back(work, id, &environment);
    }
}

/// Whether held drift in an environment keeps a push from moving there; if so, the push is held.
pub(super) fn holds_back(work: &mut Work<'_>, id: PushId, environment: &EnvironmentId) -> bool {
    let Some(push) = work.push(id) else { return false };
    let Some((placement, strays)) = drift::in_the_way(work.fleet(), push, environment, work.now) else { return false };
    if push.holds.iter().any(drift::is_by_rule) {
        return true;
    }
    let why = format!("changed by hand: {}", drift::told(placement, &strays));
    let agreed = !push.approvals.is_empty() || push.promoted.is_some();
    let by = Actor::Rule { rule: drift::RULE.to_owned() };
    let hold = Hold { by, since: work.now, reason: Some(why.clone()) };
    if agreed {
        work.record(Fact::ApprovalsSuperseded { push: id, why });
    }
    work.record(Fact::Held { push: id, hold });
    stop::tell(work, id);
    true
}
