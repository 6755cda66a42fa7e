//! Calling people: what is due now and nobody was called for yet. Nothing else calls anybody.

use crate::domain::call::{
    APPROVAL_ESCALATES, Call, CallKey, CallLevel, Called, Callee, NOT_STOPPED_ESCALATES, UNANSWERED_ESCALATES,
};
use crate::domain::change::Fact;
use crate::domain::decision::{self, Decision, DecisionKind};
use crate::domain::drift;
use crate::domain::fleet::Fleet;
use crate::domain::id::{GroupId, PushId};
use crate::domain::push::{APPROVAL_LIFE, Course, Push};
use crate::domain::rollback::Trigger;
use crate::engine::effect::Effect;

use super::work::Work;

/// Records every call that is to be made now, and has it made where the spec says how.
pub(super) fn call(work: &mut Work<'_>) {
    let fleet = work.fleet();
    let mut calls: Vec<Call> = fleet.pushes().flat_map(|push| of_push(work, push)).collect();
    calls.extend(of_drift(work));
    for call in calls {
        work.record(Fact::Called { call: call.clone() });
        if work.fleet().declaration().notify.is_some() {
            work.effect(Effect::Call(Box::new(call)));
        }
    }
}

/// An attempt that reached nobody is a fact; one that reached somebody shows in what they do.
pub(super) fn answered(work: &mut Work<'_>, about: CallKey, escalation: u32, result: Result<(), String>) {
    let known = work.fleet().called(&about).is_some_and(|called| called.call.escalation == escalation && called.failed.is_none());
    if let (true, Err(why)) = (known, result) {
        work.record(Fact::CallFailed { about, why });
    }
}

fn of_push(work: &Work<'_>, push: &Push) -> Vec<Call> {
    let fleet = work.fleet();
    let over = match &push.course {
        Course::RolledBack { rollback, .. } if by_itself(&rollback.trigger) => {
            Some((CallKey::WentBack { push: push.id() }, "went back by itself, everything is on the old version again"))
        }
        Course::Converged { .. } => Some((CallKey::Finished { push: push.id() }, "is through: everything is on the new version")),
        _ => None,
    };
    let mut calls: Vec<Call> = over
        .filter(|(about, _)| fleet.called(about).is_none())
        .map(|(about, what)| new(fleet, Some(push.id()), about, format!("{} {what}", push.called())))
        .into_iter()
        .collect();
    if push.is_open() {
        calls.extend(decision::due_of(fleet, push, work.now).into_iter().filter_map(|decision| of_decision(work, push, &decision)));
    }
    calls
}

/// Whether nobody asked for it.
fn by_itself(trigger: &Trigger) -> bool {
    !matches!(trigger, Trigger::Person { by, .. } if by.person().is_some())
}

fn of_decision(work: &Work<'_>, push: &Push, decision: &Decision) -> Option<Call> {
    let (fleet, id) = (work.fleet(), push.id());
    let about = match decision.kind {
        DecisionKind::NotStopped => CallKey::NotStopped { push: id, asked: push.stop.as_ref()?.asked },
        DecisionKind::RollbackFailed => CallKey::RollbackFailed { push: id, since: decision.since },
        DecisionKind::Approval => CallKey::Approval { gate: decision.gate?, round: push.round },
        DecisionKind::Go => CallKey::Go { gate: decision.gate?, round: push.round },
        DecisionKind::Undecided => CallKey::Undecided { gate: decision.gate? },
        DecisionKind::Window => {
            let cut = &push.foreseen.as_ref()?.cut;
            CallKey::Window { push: id, environment: cut.environment.clone(), closes: cut.closes }
        }
        // Whoever stopped it knows; what was changed by hand is called for where it is.
        DecisionKind::Resume => {
            let hold = push.holds.iter().find(|hold| hold.by.person().is_none() && !drift::is_by_rule(hold))?;
            CallKey::Held { push: id, since: hold.since }
        }
        // A person did it, or it is told of already.
        DecisionKind::Drift | DecisionKind::WayBack | DecisionKind::Seen => return None,
    };
    let escalation = u32::from(escalates(work, push, &about));
    let is_known = |called: &Called| called.call.escalation >= escalation && !called.is_to_be_made_again(work.now);
    if fleet.called(&about).is_some_and(is_known) {
        return None;
    }
    let text = format!("{}: {} ({})", decision.name, decision.words, decision.who);
    let mut call = new(fleet, Some(id), about, text);
    // What is made again has not become less.
    let escalation = escalation.max(fleet.called(&call.about).map_or(0, |called| called.call.escalation));
    call.escalation = escalation;
    if escalation > 0 {
        call.to = owners(fleet, &push.plan.group);
        call.text = format!("{}, still", call.text);
    }
    Some(call)
}

/// Whether what was called for has become worse: a stop that goes on not working, a failed way back that nobody answers for, an approval
/// that is about to be lost.
fn escalates(work: &Work<'_>, push: &Push, about: &CallKey) -> bool {
    match about {
        CallKey::NotStopped { asked, .. } => work.now.since(*asked) >= NOT_STOPPED_ESCALATES,
        CallKey::RollbackFailed { .. } => work
            .fleet()
            .called(about)
            .is_some_and(|called| called.acted.is_none() && work.now.since(called.at) >= UNANSWERED_ESCALATES),
        CallKey::Approval { gate, .. } => push
            .approvals
            .iter()
            .filter(|approval| approval.gate == *gate)
            .any(|approval| APPROVAL_LIFE.less(work.wall.since(approval.wall)) <= APPROVAL_ESCALATES),
        _ => false,
    }
}

fn of_drift(work: &Work<'_>) -> Vec<Call> {
    let fleet = work.fleet();
    let found = fleet.placements().filter_map(|placement| {
        let strays = drift::held(fleet, placement, work.now);
        let since = strays.iter().map(|stray| stray.since).min()?;
        // What was there when somebody was called is known to them, whichever of it is left.
        let known = fleet.calls().any(|called| match &called.call.about {
            CallKey::Drift { placement: about, since: first } => *about == placement.id && *first <= since && called.at >= since,
            _ => false,
        });
        // What goes back puts right whatever it finds.
        let push = fleet.open_push_of(&placement.id.service);
        if push.is_some_and(|push| !push.is_forward()) {
            return None;
        }
        let push = push.map(Push::id);
        let text = format!("{}: changed by hand: {}", placement.id, drift::told(placement, &strays));
        (!known).then(|| new(fleet, push, CallKey::Drift { placement: placement.id.clone(), since }, text))
    });
    found.collect()
}

fn new(fleet: &Fleet, push: Option<PushId>, about: CallKey, text: String) -> Call {
    let push = push.and_then(|push| fleet.push(push));
    let group = match &about {
        CallKey::Drift { placement, .. } => fleet.declaration().group_of(&placement.service).map(|group| group.id.clone()),
        _ => push.map(|push| push.plan.group.clone()),
    };
    let driver = push.and_then(|push| push.driver.as_ref()).map(|driver| Callee::Driver(driver.by.clone()));
    let to = driver.unwrap_or_else(|| group.map_or(Callee::Anybody, |group| owners(fleet, &group)));
    let level: CallLevel = about.level();
    Call { about, level, text, to, escalation: 0 }
}

fn owners(fleet: &Fleet, group: &GroupId) -> Callee {
    fleet.declaration().group(group).map_or(Callee::Anybody, |group| Callee::Owners(group.owners.clone()))
}
