//! Stopping: told at once, told again every second until it is seen to have worked.

use crate::domain::change::Fact;
use crate::domain::fleet::Fleet;
use crate::domain::id::PushId;
use crate::domain::person::Actor;
use crate::domain::placement::{InFlight, OperationId, Task};
use crate::domain::push::{Hold, Push};
use crate::domain::time::Period;
use crate::engine::effect::Effect;

use super::work::Work;

/// How long the driver has before it is told again.
const AGAIN_AFTER: Period = Period::from_secs(1);

/// Tells the driver to stop a push.
pub(super) fn tell(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id) else { return };
    let tries = push.stop.as_ref().filter(|stop| stop.observed.is_none()).map_or(0, |stop| stop.tries) + 1;
    let operations = under_way(work.fleet(), push);
    work.record(Fact::StopTold { push: id, tries });
    work.effect(Effect::Stop { push: id, operations });
}

/// Holds a push because a rule says so, once, until a person lets it go on.
pub(super) fn by_rule(work: &mut Work<'_>, id: PushId, rule: &str, reason: &str) {
    let by = Actor::Rule { rule: rule.to_owned() };
    let Some(push) = work.push(id).filter(|push| push.holds.iter().all(|hold| hold.by != by)) else { return };
    if !push.approvals.is_empty() || push.promoted.is_some() {
        work.record(Fact::ApprovalsSuperseded { push: id, why: format!("stopped by itself: {rule}") });
    }
    let since = work.now;
    work.record(Fact::Held { push: id, hold: Hold { by, since, reason: Some(reason.to_owned()) } });
    tell(work, id);
}

/// Tells it again where the last time has not been seen to work.
pub(super) fn retry(work: &mut Work<'_>, id: PushId) {
    let due = work
        .push(id)
        .and_then(|push| push.stop.as_ref())
        .is_some_and(|stop| stop.observed.is_none() && work.now >= stop.asked + AGAIN_AFTER * stop.tries);
    if due {
        tell(work, id);
    }
}

/// Installs of what it brings that are under way.
fn under_way(fleet: &Fleet, push: &Push) -> Vec<OperationId> {
    let mut found = Vec::new();
    for part in &push.plan.moves {
        for placement in part.from.keys().filter_map(|environment| fleet.placement(&part.service, environment)) {
            found.extend(placement.instances().filter_map(|(_, _, instance)| match &instance.in_flight {
                Some(InFlight { id, task: Task::Install { version } | Task::Warm { version }, .. })
                    if push.brings(&part.service, &placement.id.environment, version) =>
                {
                    Some(*id)
                }
                _ => None,
            }));
        }
    }
    found
}
