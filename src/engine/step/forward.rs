//! A push on its way forward: arrived, bake, gate, next stage; and what makes it turn back by itself.

use crate::domain::change::Fact;
use crate::domain::door;
use crate::domain::environment::Environment;
use crate::domain::explain;
use crate::domain::feed::{Feed, FeedState};
use crate::domain::fleet::Fleet;
use crate::domain::id::{InstanceId, PushId};
use crate::domain::metric::{Metric, Standing};
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use crate::domain::rollback::{Manner, Trigger};
use crate::domain::stage::{Advance, PlannedStage};
use crate::domain::status;
use crate::domain::time::{EngineTime, Period};
use crate::domain::verdict::Verdict;
use crate::domain::waiver::{Lack, Skipped};

use super::learn::concerns;
use super::work::Work;
use super::{back, drift, stop};

/// Carries a push as far forward as the facts allow, or turns it back.
pub(super) fn advance(work: &mut Work<'_>, id: PushId) {
    if work.push(id).is_none_or(|push| !push.is_forward()) {
        return;
    }
    if let Some(trigger) = work.push(id).and_then(|push| trigger(work.fleet(), push, work.now)) {
        let Some(why) = no_way_back(work, id) else {
            back::decide(work, id, Manner::Ordered, trigger);
            return;
        };
        stop::by_rule(work, id, NO_WAY_BACK, &format!("{}; {why}", explain::trigger(&trigger)));
    }
    arrive(work, id);
    bake(work, id);
    let_blue_go(work, id);
    note_waits(work, id);
    pass_gate(work, id);
}

/// The rule by which a push is held that should go back and cannot.
const NO_WAY_BACK: &str = "no way back past a one-way door";

/// Why a push does not go back, and what to do instead, where a one-way door is behind it.
fn no_way_back(work: &Work<'_>, id: PushId) -> Option<String> {
    let push = work.push(id)?;
    explain::no_way_back(&door::barred(work.fleet(), push))
}

/// What makes a push go back by itself, if anything does.
fn trigger(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Trigger> {
    crash_loop(fleet, push)
        .or_else(|| super::evidence::regressed(push, now))
        .or_else(|| crossed(fleet, push, now))
        .or_else(|| super::burn::burning(fleet, push, now))
        .or_else(|| overdue(fleet, push, now))
        .or_else(|| window_end(fleet, push, now))
}

fn crash_loop(fleet: &Fleet, push: &Push) -> Option<Trigger> {
    push.plan.moves.iter().find_map(|part| {
        part.from.keys().filter_map(|environment| fleet.placement(&part.service, environment)).find_map(|placement| {
            placement
                .instances()
                .find(|(_, _, instance)| {
                    push.brings(&part.service, &placement.id.environment, &instance.version) && status::is_crash_looping(instance)
                })
                .map(|(cell, index, instance)| Trigger::CrashLoop {
                    instance: InstanceId { placement: placement.id.clone(), cell: cell.clone(), index },
                    restarts: instance.restarts,
                })
        })
    })
}

fn crossed(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Trigger> {
    fleet.judgements().find_map(|(slice, judged)| match judged.standing {
        Standing::Beyond { value, limit } if concerns(push, slice) && !is_waived(push, slice.metric, now) => {
            let sustained = fleet.threshold(&slice.service, slice.metric)?.sustained;
            (now.since(judged.since) >= sustained).then(|| Trigger::Threshold {
                slice: slice.clone(),
                value,
                limit,
                since: judged.since,
            })
        }
        _ => None,
    })
}

/// Whether people took it on themselves that a limit is crossed.
pub(super) fn is_waived(push: &Push, metric: Metric, now: EngineTime) -> bool {
    push.waiver_in_effect(&RequirementKind::Threshold { metric }, now).is_some()
}

fn overdue(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Trigger> {
    let stage = push.stage()?;
    let late = push.cursor.arrived.is_none() && push.may_expose();
    // It does not run while the environment is closed and nothing may arrive.
    let schedule = fleet.declaration().schedule(&stage.environment, Some(&push.plan.group));
    let ran = if push.cursor.exempt { now - push.cursor.entered } else { schedule.open_between(push.cursor.entered, now) };
    (late && ran > stage.deadline).then(|| Trigger::Deadline {
        stage: stage.name.clone(),
        after: stage.deadline,
        missing: missing(fleet, push, stage),
    })
}

/// Its environment closed before all of it was on the new version there, and returns what is half way then.
fn window_end(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Trigger> {
    let stage = push.stage()?;
    let returns = fleet.declaration().environment(&stage.environment).is_some_and(Environment::returns_at_window_end);
    let is_last = push.next_stage().is_none_or(|next| next.environment != stage.environment);
    let through = is_last && push.cursor.arrived.is_some();
    if !returns || through || push.cursor.exempt {
        return None;
    }
    let shut = fleet.declaration().schedule(&stage.environment, Some(&push.plan.group)).shut(now)?;
    let let_pass =
        requirement::of_gate(fleet, push, now).iter().any(|found| found.kind == RequirementKind::Window && found.state.lets_pass());
    (!let_pass).then(|| Trigger::WindowEnd { environment: stage.environment.clone(), by: shut.by })
}

/// How many instances have not come to where a stage wants them.
fn missing(fleet: &Fleet, push: &Push, stage: &PlannedStage) -> u32 {
    let (there, of) = fleet.arrived(push, stage);
    of.saturating_sub(there)
}

fn arrive(work: &mut Work<'_>, id: PushId) {
    let arrived = work.push(id).is_some_and(|push| {
        push.cursor.arrived.is_none() && push.stage().is_some_and(|stage| missing(work.fleet(), push, stage) == 0)
    });
    if arrived {
        work.record(Fact::StageArrived { push: id });
    }
}

/// How long the first numbers of a stage may take before their absence means anything.
const FIRST_NUMBERS: Period = Period::from_secs(5);

/// Whether there is anything to bake on.
enum Evidence {
    There,
    /// Not yet, and no wonder.
    Awaited,
    Missing(String),
}

/// Runs the bake's clock while there is evidence, and stops it while there is none.
fn bake(work: &mut Work<'_>, id: PushId) {
    let Some((push, stage)) = work.push(id).and_then(|push| push.stage().map(|stage| (push, stage))) else { return };
    if push.cursor.arrived.is_none() {
        return;
    }
    let clock = &push.cursor.bake;
    let fact = match (evidence(work.fleet(), push, stage, work.now), clock.running_since) {
        (Evidence::There, None) if clock.elapsed(work.now) < stage.bake || clock.stopped.is_some() || stage.bake.is_zero() => {
            Some(Fact::BakeRuns { push: id })
        }
        (Evidence::Missing(why), Some(_)) => Some(Fact::BakeStopped { push: id, why }),
        (Evidence::Missing(why), None) if clock.stopped.as_ref() != Some(&why) => Some(Fact::BakeStopped { push: id, why }),
        _ => None,
    };
    if let Some(fact) = fact {
        work.record(fact);
    }
}

fn evidence(fleet: &Fleet, push: &Push, stage: &PlannedStage, now: EngineTime) -> Evidence {
    if let Some(FeedState::Lost { why, .. }) = fleet.feeds().get(&Feed::Metrics) {
        return Evidence::Missing(format!("no metrics from {why}"));
    }
    let (there, granted) = fleet.arrived(push, stage);
    if there < granted {
        // What was judged of an instance that is gone says nothing about the ones that are left.
        return Evidence::Missing(format!("{} of {granted} instances do not serve", granted - there));
    }
    if let Some(Verdict::NoData { why }) = push.evidence.as_ref().map(|gathered| &gathered.evidence.verdict) {
        return Evidence::Missing(why.clone());
    }
    let fresh = push.cursor.arrived.is_some_and(|arrived| now < arrived + FIRST_NUMBERS);
    for metric in Metric::ALL {
        for slice in push.slices(stage, metric).filter(|slice| requirement::limit(fleet, &slice.service, metric).is_some()) {
            let (service, cell) = (&slice.service, &slice.cell);
            match fleet.judgement(&slice).map(|judged| &judged.standing) {
                None if fresh => return Evidence::Awaited,
                None => return Evidence::Missing(format!("no numbers of {service} in {cell}")),
                // How long nothing was read changes every second, and is no news.
                Some(Standing::NoData { .. }) => return Evidence::Missing(format!("no {metric} of {service} in {cell}")),
                Some(_) => {}
            }
        }
    }
    Evidence::There
}

/// Lets blue go once green has had all the traffic for as long as blue is kept, by the clock that stands still without evidence.
fn let_blue_go(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id) else { return };
    let Some((stage, keep)) = push.stage().and_then(|stage| Some((stage, stage.keep()?))) else { return };
    let environment = stage.environment.clone();
    let clock = &push.cursor.bake;
    let is_over = push.may_expose() && clock.running_since.is_some() && clock.elapsed(work.now) >= keep;
    let is_seen = requirement::blind(work.fleet()).is_none();
    let is_in_place = |placement: &Placement| placement.is_on_target();
    // What may have to go back does not lose its way back.
    let is_bad = |found: &Requirement| {
        matches!(found.kind, RequirementKind::Threshold { .. } | RequirementKind::Evidence)
            && found.state > RequirementState::Pending
    };
    if is_over
        && !requirement::of_gate(work.fleet(), push, work.now).iter().any(is_bad)
        && is_seen
        && work.fleet().blue_kept(push, &environment).next().is_some()
        && work.fleet().blue_kept(push, &environment).all(is_in_place)
    {
        work.record(Fact::BlueLetGo { push: id, environment });
    }
}

/// Writes down when a requirement began to keep the push, and when it no longer did: how long that usually takes is read off these.
fn note_waits(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id) else { return };
    let found = requirement::of_gate(work.fleet(), push, work.now);
    let stands = push.holds.is_empty() && push.rejection.is_none();
    let awaited = if stands { requirement::awaited(&found, work.now) } else { Vec::new() };
    let open: Vec<_> = push.waits.iter().filter(|wait| wait.met.is_none()).map(|wait| wait.requirement.clone()).collect();
    let is_met = |kind: &RequirementKind| found.iter().any(|found| found.kind == *kind && found.state == RequirementState::Met);
    let ended: Vec<_> =
        open.iter().filter(|kind| !awaited.contains(kind)).map(|kind| (kind.clone(), stands && is_met(kind))).collect();
    for (requirement, met) in ended {
        work.record(Fact::AwaitEnded { push: id, requirement, met });
    }
    for requirement in awaited.into_iter().filter(|kind| !open.contains(kind)) {
        work.record(Fact::Awaited { push: id, requirement });
    }
}

fn pass_gate(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id) else { return };
    let fleet = work.fleet();
    // Nothing goes forward unseen: without the feeds that judge a step, or that show what it did, it waits.
    if requirement::blind(fleet).is_some() || !push.may_expose() {
        return;
    }
    let requirements = requirement::of_gate(fleet, push, work.now);
    let met = requirements.iter().all(|requirement| requirement.state.lets_pass());
    let by_hand = push.stage().is_some_and(|stage| stage.advance == Advance::Hand) && push.next_index().is_some();
    let released = !by_hand || push.promoted.as_ref().is_some_and(|(gate, _)| *gate == push.gate());
    if !met || !released {
        return;
    }
    // Blue is kept for as long as was declared, whatever clock was waived or shortened.
    let keeps = |stage: &PlannedStage| {
        stage.keep().is_some_and(|keep| push.cursor.bake.elapsed(work.now) < keep)
            && fleet.blue_kept(push, &stage.environment).next().is_some()
    };
    if push.stage().is_some_and(keeps) {
        return;
    }
    let next = push.next_stage().map(|stage| stage.environment.clone());
    let index = push.next_index();
    if next.is_some_and(|environment| drift::holds_back(work, id, &environment)) {
        return;
    }
    let skipped = work.push(id).map(|push| skipped(push, &requirements, work.now)).unwrap_or_default();
    for skipped in skipped {
        work.record(Fact::Skipped { push: id, skipped: Box::new(skipped) });
    }
    match index {
        Some(stage) => work.record(Fact::StageEntered { push: id, stage }),
        None => work.record(Fact::PushConverged { push: id }),
    }
}

/// What the gate is passed without: what was waived and did not hold in the end, and what the emergency lane took off the clock.
fn skipped(push: &Push, requirements: &[Requirement], now: EngineTime) -> Vec<Skipped> {
    let step = push.stage().or_else(|| push.next_stage()).map(|stage| explain::entered(Some(stage))).unwrap_or_default();
    let mut found: Vec<Skipped> = requirements
        .iter()
        .filter(|requirement| requirement.state == RequirementState::Waived)
        .filter_map(|requirement| push.waiver(&requirement.kind, now))
        .map(|waiver| Skipped {
            what: Lack::Requirement { kind: waiver.requirement.clone() },
            step: step.clone(),
            by: waiver.by.clone(),
            seconded: waiver.seconded.clone(),
            reason: waiver.reason.clone(),
            at: now,
        })
        .collect();
    let clock = push.plan.emergency.as_ref().zip(push.cursor.stage).zip(push.stage());
    if let Some(((emergency, index), stage)) = clock
        && let Some(usual) = emergency.usual.get(index as usize).filter(|usual| **usual > stage.bake)
        && let Some(by) = push.plan.requested_by.person()
    {
        found.push(Skipped {
            what: Lack::Bake { had: stage.bake, usual: *usual },
            step,
            by: by.clone(),
            seconded: None,
            reason: emergency.reason.clone(),
            at: now,
        });
    }
    found
}
