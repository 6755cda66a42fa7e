//! Commands sent and not yet seen to have worked. Accepted is not done: done is what came back as a change.

use crate::domain::command::{Acknowledged, Command, Order, Outcome, Retried};
use crate::domain::drift;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PersonId, PushId};
use crate::domain::material::MaterialChange;
use crate::domain::push::{Course, Push};
use crate::domain::time::ConsoleTime;

use super::toast::{Toast, ToastKind};
use super::{urgent, words};

/// A command on its way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pending {
    pub command: Command,
    /// Whether the engine has taken it.
    pub accepted: bool,
}

/// What an outcome is told as; `None` where it was accepted, which is told only once it was seen to have worked.
pub(super) fn answer(fleet: &Fleet, order: &Order, outcome: &Outcome, at: ConsoleTime) -> Option<Toast> {
    let asked = words::order(fleet, order);
    let (kind, text) = match outcome {
        Outcome::Accepted { .. } => return None,
        Outcome::Refused { why, changed } => (ToastKind::Refused, format!("refused to {asked}: {why}{}", listed(changed))),
        Outcome::Superseded { by } => (ToastKind::Refused, format!("did not {asked}: {by} came first")),
        Outcome::Unknown { why } => {
            (ToastKind::Unknown, format!("UNKNOWN whether it did {asked}: {why}; it is shown as soon as it is read back"))
        }
    };
    Some(Toast { text, kind, since: at })
}

/// What has changed, in brackets.
pub(super) fn listed(changed: &[MaterialChange]) -> String {
    let lines: Vec<_> = changed.iter().map(|change| format!("{}: {} → {}", change.field, change.saw, change.now)).collect();
    if lines.is_empty() { String::new() } else { format!(" ({})", lines.join("; ")) }
}

/// What an accepted order has been seen to do, in words; `None` while it has not been seen yet.
pub(super) fn seen(fleet: &Fleet, actor: &PersonId, order: &Order) -> Option<String> {
    let push = |id: &PushId| fleet.push(*id);
    match order {
        Order::Start { push: id, .. } => push(id).map(|push| format!("{} has begun", words::push_name(push))),
        Order::Approve { push: id, sight } => push(id).and_then(|push| {
            let counted = push.approvals.iter().any(|approval| approval.by == *actor && approval.gate == sight.gate);
            (counted || push.gate() != sight.gate).then(|| format!("{} approved", push.plan.name))
        }),
        Order::Promote { push: id, sight } => push(id).and_then(|push| {
            let counted = push.promoted.as_ref().is_some_and(|(gate, _)| *gate == sight.gate);
            (counted || push.gate() != sight.gate).then(|| format!("{} promoted", push.plan.name))
        }),
        Order::Resume { push: id, .. } => {
            push(id).filter(|push| push.holds.is_empty()).map(|push| format!("{} resumed", push.plan.name))
        }
        Order::Reject { push: id, .. } => push(id)
            .filter(|push| push.rejection.is_some())
            .map(|push| format!("{} rejected; it stays exposed, r takes it back", push.plan.name)),
        Order::Hold { push: id, .. } => push(id).and_then(|push| match &push.course {
            Course::Forward => is_stopped(fleet, push).then(|| format!("{} stopped", push.plan.name)),
            _ => Some(format!("{} does not go forward any more", push.plan.name)),
        }),
        Order::HoldAll { .. } => {
            let mut forward = fleet.pushes().filter(|push| push.is_forward());
            forward.all(|push| is_stopped(fleet, push)).then(|| "every push is stopped".to_owned())
        }
        Order::RollBack { push: id, manner, .. } => push(id).and_then(|push| {
            push.course
                .rollback()
                .filter(|rollback| rollback.manner >= *manner)
                .map(|_| format!("{} is going back", push.plan.name))
        }),
        Order::Acknowledge { what: Acknowledged::Push { push: id } } => {
            push(id).filter(|push| push.acknowledged.is_some()).map(|push| format!("{} acknowledged", push.plan.name))
        }
        Order::Acknowledge { what: Acknowledged::Alert { slice } } => match fleet.alert(slice) {
            Some(alert) => alert.acknowledged.is_some().then(|| format!("{} acknowledged for 30 min", words::slice_name(slice))),
            None => Some(format!("the alert on {} is over", words::slice_name(slice))),
        },
        Order::Waive { push: id, sight, requirement, .. } => push(id).and_then(|push| {
            let given = push.waivers.iter().find(|waiver| waiver.requirement == *requirement && waiver.gate == sight.gate);
            match given {
                Some(waiver) if !waiver.is_agreed() => Some(format!("waiving {requirement} waits for a second person")),
                Some(_) => Some(format!("{requirement} of {} is waived, this once", push.plan.name)),
                None => (push.gate() != sight.gate).then(|| format!("{} has gone on", push.plan.name)),
            }
        }),
        Order::Revoke { push: id } => push(id)
            .filter(|push| push.approvals.iter().all(|approval| approval.by != *actor))
            .map(|push| format!("the approval of {} is taken back", push.plan.name)),
        Order::FlagOff { flag, .. } | Order::FlagOn { flag, .. } => {
            let (_, state) = fleet.flag(flag)?;
            let on = matches!(order, Order::FlagOn { .. });
            let counted = state.counted();
            (state.on == on).then(|| format!("flag {flag} is {}; {counted}", if on { "on" } else { "off" }))
        }
        Order::FixForward { .. }
        | Order::RollBackAlone { .. }
        | Order::Drain { .. }
        | Order::HaltRollback { .. }
        | Order::TakeOver { .. }
        | Order::Note { .. }
        | Order::StrikeNote { .. }
        | Order::Retry { what: Retried::Push { .. } } => Some(format!("{}: done", words::order(fleet, order))),
        Order::Retry { what: Retried::Placement { placement } } => fleet
            .placement_by_id(placement)
            .filter(|known| drift::held(fleet, known, fleet.at()).is_empty())
            .map(|_| format!("what was changed by hand in {placement} is being brought back")),
    }
}

/// Whether a held push was seen to stand still.
fn is_stopped(fleet: &Fleet, push: &Push) -> bool {
    !push.holds.is_empty() && push.stop.as_ref().map_or_else(|| urgent::moving(fleet, push) == 0, |stop| stop.observed.is_some())
}
