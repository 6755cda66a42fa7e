//! The one most urgent thing: row 3 of every screen, and where `g` goes.

use crate::domain::call::CallLevel;
use crate::domain::decision::Decision;
use crate::domain::drift;
use crate::domain::explain;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PushId, ServiceId};
use crate::domain::metric::SliceId;
use crate::domain::placement::Placement;
use crate::domain::push::{Course, Push};
use crate::domain::skew;
use crate::domain::status::{self, Status};
use crate::domain::time::{EngineTime, Period};

use super::Model;
use super::timeline::Tone;
use super::waiting::{WaitingFor, WaitingKey, WaitingRow};

/// Where `g` goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a push.
    Push(PushId),
    /// To something that waits.
    Waiting(WaitingKey),
    /// To a slice's numbers.
    Slice(SliceId),
}

/// The most urgent thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urgent {
    /// In a line; the view cuts what does not fit.
    pub text: String,
    /// How much it should catch the eye: from [`Tone::Waiting`] up. [`Tone::Loudest`] is drawn reversed.
    pub tone: Tone,
    /// Where `g` goes, if there is somewhere to go.
    pub target: Option<Target>,
}

/// What the facts alone make urgent, as far as it comes before and after what this console itself knows of its news.
#[derive(Clone, Debug, Default)]
pub(super) struct Pressing {
    before: Option<Urgent>,
    after: Option<Urgent>,
}

/// What the facts make urgent now, worked out once for each state of them and second of their clock. The order, here and below, is that
/// in which people must hear of it.
pub(super) fn pressing(model: &Model) -> Pressing {
    let (fleet, now) = (model.fleet(), model.now());
    let before = rollback_failed(fleet)
        .or_else(|| nobody_called(fleet))
        .or_else(|| out_of_step(fleet, now))
        .or_else(|| going_back(fleet, false));
    let after = || {
        alert(fleet, now)
            .or_else(|| failing(fleet, now))
            .or_else(|| nobody_drives(model))
            .or_else(|| strayed(fleet, now))
            .or_else(|| waits_for_you(model, true))
            .or_else(|| going_back(fleet, true))
            .or_else(|| waits_for_you(model, false))
            .or_else(|| unseen(fleet))
    };
    let after = if before.is_some() { None } else { after() };
    Pressing { before, after }
}

/// The most urgent thing now.
pub(super) fn urgent(model: &Model) -> Option<Urgent> {
    let Pressing { before, after } = &model.rows.pressing;
    // The loudest is told in the moment it is so.
    not_stopped(model.fleet(), model.now())
        .or_else(|| before.clone())
        .or_else(|| damaged(model))
        .or_else(|| feeds(model))
        .or_else(|| after.clone())
}

fn of_push(push: &Push, tone: Tone, text: String) -> Urgent {
    Urgent { text, tone, target: Some(Target::Push(push.id())) }
}

fn not_stopped(fleet: &Fleet, now: EngineTime) -> Option<Urgent> {
    let (push, stop) = fleet.pushes().find_map(|push| push.not_stopped(now).map(|stop| (push, stop)))?;
    let answer = stop.answer.as_ref().map_or_else(|| "no answer".to_owned(), |answer| format!("last answer: {answer}"));
    let moving = moving(fleet, push);
    let help = fleet.declaration().break_glass.as_ref().map(|text| format!("; {text}")).unwrap_or_default();
    let text = format!(
        "NOT STOPPED: {} for {}, told {} times, {answer}; {moving} instances still move{help}",
        push.plan.name,
        now.since(stop.asked),
        stop.tries
    );
    Some(of_push(push, Tone::Loudest, text))
}

/// How many of a push's instances have a task under way.
pub(super) fn moving(fleet: &Fleet, push: &Push) -> usize {
    let placements = push
        .plan
        .moves
        .iter()
        .flat_map(|part| part.from.keys().filter_map(|environment| fleet.placement(&part.service, environment)));
    placements.flat_map(Placement::instances).filter(|(_, _, instance)| instance.in_flight.is_some()).count()
}

fn rollback_failed(fleet: &Fleet) -> Option<Urgent> {
    fleet.pushes().filter(|push| push.acknowledged.is_none()).find_map(|push| match &push.course {
        Course::RollbackFailed { rollback, stuck, .. } => {
            let users = if rollback.users_safe.is_some() { "users safe" } else { "USERS EXPOSED" };
            let text = format!("ROLLBACK FAILED: {}, {} instances are not back, {users}", push.plan.name, stuck.len());
            Some(of_push(push, Tone::Loudest, text))
        }
        _ => None,
    })
}

/// A call reached nobody, and nobody has done anything since about what it was for.
fn nobody_called(fleet: &Fleet) -> Option<Urgent> {
    let stands = |push: Option<PushId>| push.and_then(|push| fleet.push(push)).is_none_or(Push::is_open);
    let called = fleet
        .calls()
        .filter(|called| called.call.level == CallLevel::Call && called.acted.is_none() && stands(called.call.about.push()))
        .filter(|called| called.failed.is_some())
        .max_by_key(|called| called.at)?;
    let text = format!("nobody could be called: {}; {}", called.failed.as_deref().unwrap_or_default(), called.call.text);
    Some(Urgent { text, tone: Tone::Loudest, target: called.call.about.push().map(Target::Push) })
}

/// A decision is due within the hour, and no one person answers for it.
fn nobody_drives(model: &Model) -> Option<Urgent> {
    let (fleet, now, moment) = (model.fleet(), model.now(), model.moment());
    let soon = |decision: &&Decision| decision.since <= now + Period::from_mins(60);
    let undriven = |decision: &&Decision| {
        decision.push.and_then(|push| fleet.push(push)).is_some_and(|push| push.is_open() && push.driver.is_none())
    };
    let due = model.decisions().iter().find(|due| soon(due) && undriven(due))?;
    let when = if due.is_due(now) { "is due".to_owned() } else { format!("is due about {}", moment.clock(due.since)) };
    let text = format!("nobody drives {}: {} {when}; t takes over", due.name, due.words);
    Some(Urgent { text, tone: Tone::Bad, target: due.push.map(Target::Push) })
}

fn out_of_step(fleet: &Fleet, now: EngineTime) -> Option<Urgent> {
    let environments = fleet.declaration().environments.iter().rev();
    let pair = environments.flat_map(|environment| skew::in_environment(fleet, &environment.id)).next()?;
    let push = [&pair.one.0, &pair.other.0].into_iter().find_map(|service| fleet.open_push_of(service));
    let apart = push.and_then(|push| push.apart.iter().next());
    let who = apart.map_or_else(String::new, |(service, apart)| {
        format!("; {} took {service} back alone {} ago", apart.by, now.since(apart.since))
    });
    let way = if apart.is_some() { "; u or r brings them in step" } else { "" };
    let text = format!("OUT OF STEP: {} in {}{who}{way}", pair.why, pair.environment);
    Some(Urgent { text, tone: Tone::Loudest, target: push.map(|push| Target::Push(push.id())) })
}

fn going_back(fleet: &Fleet, users_safe: bool) -> Option<Urgent> {
    fleet.pushes().find_map(|push| match &push.course {
        Course::Back { rollback } if rollback.users_safe.is_some() == users_safe => {
            let (tone, users) = if users_safe { (Tone::Waiting, "SAFE") } else { (Tone::Bad, "EXPOSED") };
            if let Some(hold) = &rollback.halted {
                let text = format!("{} stands half way back, users {users}: {} halted it; r goes on back", push.plan.name, hold.by);
                return Some(of_push(push, tone, text));
            }
            let text = format!("{} goes back, users {users}: {}", push.plan.name, explain::trigger(&rollback.trigger));
            Some(of_push(push, tone, text))
        }
        _ => None,
    })
}

/// A recording that could be read in part only.
fn damaged(model: &Model) -> Option<Urgent> {
    let why = model.ended().filter(|_| model.source().recorded && model.has_data())?;
    Some(Urgent { text: format!("DAMAGED: {why}"), tone: Tone::Bad, target: None })
}

fn feeds(model: &Model) -> Option<Urgent> {
    let freshness = model.freshness();
    if !model.has_data() {
        return None;
    }
    let text = match (&freshness.stale, freshness.resync, freshness.blind) {
        (Some(_), true, _) => "RESYNC: a change is missing; everything is being read anew, nothing goes forward".to_owned(),
        (Some(_), ..) if model.source().recorded => return None,
        (Some(why), ..) => format!("STALE: {why}; what is shown is old, nothing goes forward"),
        (None, _, true) => "metrics lost: automatic rollback BLIND: crash loops and readiness only".to_owned(),
        (None, _, false) => return None,
    };
    Some(Urgent { text, tone: Tone::Bad, target: None })
}

fn alert(fleet: &Fleet, now: EngineTime) -> Option<Urgent> {
    let alert = fleet.alerts().filter(|alert| !alert.is_acknowledged(now)).min_by_key(|alert| alert.since)?;
    let slice = &alert.slice;
    let text = format!(
        "{} in {}: {} {}, limit {}, for {}",
        slice.service,
        slice.cell,
        slice.metric,
        slice.metric.show(alert.value),
        slice.metric.show(alert.limit),
        now.since(alert.since)
    );
    let text = format!("{text}{}", unpushed(fleet, &slice.service));
    Some(Urgent { text, tone: Tone::Bad, target: Some(Target::Slice(slice.clone())) })
}

/// Of a service that no push moves: that it is so, and which of those it calls one does.
fn unpushed(fleet: &Fleet, service: &ServiceId) -> String {
    if fleet.open_push_of(service).is_some() {
        return String::new();
    }
    let called = fleet.declaration().service(service).map(|declared| declared.calls.as_slice()).unwrap_or_default();
    let moved = called.iter().find_map(|called| Some((called, &fleet.open_push_of(called)?.move_of(called)?.to.version)));
    let calls = moved.map(|(called, version)| format!(". It calls {called} {version}")).unwrap_or_default();
    format!("{calls}. {service} itself has no push")
}

fn failing(fleet: &Fleet, now: EngineTime) -> Option<Urgent> {
    let placement = fleet.dying().find(|placement| status::of_placement(fleet, placement, now) == Status::Failed)?;
    let text = format!("{} in {} failed: instances keep dying", placement.id.service, placement.id.environment);
    let target = fleet.push_at(&placement.id).map(|push| Target::Push(push.id()));
    Some(Urgent { text, tone: Tone::Bad, target })
}

/// Held drift: nothing happens to it before a person says so.
fn strayed(fleet: &Fleet, now: EngineTime) -> Option<Urgent> {
    let (placement, strays) =
        fleet.touched().map(|placement| (placement, drift::held(fleet, placement, now))).find(|(_, strays)| !strays.is_empty())?;
    let push = fleet.open_push_of(&placement.id.service).filter(|push| push.holds.iter().any(drift::is_by_rule));
    let holds = push.map(|push| format!("; {} is held", push.plan.name)).unwrap_or_default();
    let text = format!(
        "changed by hand in {}: {}{holds}; retry brings it back",
        placement.id.environment,
        drift::told(placement, &strays)
    );
    let alone = || Target::Waiting(WaitingKey { push: None, placement: Some(placement.id.clone()), what: WaitingFor::Drift });
    let target = Some(push.map_or_else(alone, |push| Target::Push(push.id())));
    Some(Urgent { text, tone: Tone::Waiting, target })
}

fn waits_for_you(model: &Model, decision: bool) -> Option<Urgent> {
    let is_decision =
        |row: &&WaitingRow| matches!(row.key.what, WaitingFor::Approval | WaitingFor::Go | WaitingFor::Window) == decision;
    let row = model.waiting_rows().iter().filter(|row| row.yours).find(is_decision)?;
    let text = format!("{} waits for you: {} ({})", row.name, row.words, row.who);
    Some(Urgent { text, tone: Tone::Waiting, target: Some(Target::Waiting(row.key.clone())) })
}

fn unseen(fleet: &Fleet) -> Option<Urgent> {
    let push = fleet.pushes().rev().find(|push| matches!(push.course, Course::RolledBack { .. }) && push.acknowledged.is_none())?;
    let key = WaitingKey { push: Some(push.id()), placement: None, what: WaitingFor::Seen };
    let text = format!("{} is rolled back, and nobody has said they saw it", push.plan.name);
    Some(Urgent { text, tone: Tone::Waiting, target: Some(Target::Waiting(key)) })
}
