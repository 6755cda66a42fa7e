//! A push on its way forward: arrived, bake, gate, next stage; and what makes it turn back by itself.

use crate::domain::change::Fact;
use crate::domain::door;
use crate::domain::explain;
use crate::domain::feed::{Feed, FeedState};
use crate::domain::fleet::Fleet;
use crate::domain::id::{InstanceId, PushId};
use crate::domain::metric::{Metric, Standing};
use crate::domain::push::Push;
use crate::domain::requirement;
use crate::domain::rollback::{Manner, Trigger};
use crate::domain::stage::{Advance, PlannedStage};
use crate::domain::status;
use crate::domain::time::{EngineTime, Period};

use super::learn::concerns;
use super::work::Work;
use super::{back, stop};

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
    crash_loop(fleet, push).or_else(|| crossed(fleet, push, now)).or_else(|| overdue(fleet, push, now))
}

fn crash_loop(fleet: &Fleet, push: &Push) -> Option<Trigger> {
    push.plan.moves.iter().find_map(|part| {
        part.from.keys().filter_map(|environment| fleet.placement(&part.service, environment)).find_map(|placement| {
            placement
                .instances()
                .find(|(_, _, instance)| instance.version == part.to.version && status::is_crash_looping(instance))
                .map(|(cell, index, instance)| Trigger::CrashLoop {
                    instance: InstanceId { placement: placement.id.clone(), cell: cell.clone(), index },
                    restarts: instance.restarts,
                })
        })
    })
}

fn crossed(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Trigger> {
    fleet.judgements().find_map(|(slice, judged)| match judged.standing {
        Standing::Beyond { value, limit } if concerns(push, slice) => {
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

fn overdue(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Trigger> {
    let stage = push.stage()?;
    let late = push.cursor.arrived.is_none() && push.holds.is_empty() && push.rejection.is_none();
    (late && now > push.cursor.entered + stage.deadline).then(|| Trigger::Deadline {
        stage: stage.name.clone(),
        after: stage.deadline,
        missing: stage.granted().saturating_sub(fleet.settled_on_new(push, stage)),
    })
}

fn arrive(work: &mut Work<'_>, id: PushId) {
    let arrived = work.push(id).is_some_and(|push| {
        push.cursor.arrived.is_none()
            && push.stage().is_some_and(|stage| work.fleet().settled_on_new(push, stage) >= stage.granted())
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
    let (there, granted) = (fleet.settled_on_new(push, stage), stage.granted());
    if there < granted {
        // What was judged of an instance that is gone says nothing about the ones that are left.
        return Evidence::Missing(format!("{} of {granted} instances do not serve", granted - there));
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

fn pass_gate(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id) else { return };
    let fleet = work.fleet();
    // Nothing goes forward unseen: without the feeds that judge a step, or that show what it did, it waits.
    if requirement::blind(fleet).is_some() || !push.holds.is_empty() || push.rejection.is_some() {
        return;
    }
    let met = requirement::of_gate(fleet, push, work.now).iter().all(|requirement| requirement.state.lets_pass());
    let by_hand = push.stage().is_some_and(|stage| stage.advance == Advance::Hand) && push.next_index().is_some();
    let released = !by_hand || push.promoted.as_ref().is_some_and(|(gate, _)| *gate == push.gate());
    if !met || !released {
        return;
    }
    match push.next_index() {
        Some(stage) => work.record(Fact::StageEntered { push: id, stage }),
        None => work.record(Fact::PushConverged { push: id }),
    }
}
