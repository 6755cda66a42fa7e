//! From an input to the facts in it that are news.

use std::collections::BTreeSet;

use crate::domain::change::Fact;
use crate::domain::harm::Harm;
use crate::domain::id::PlacementId;
use crate::domain::metric::{Judgement, SliceId, Standing};
use crate::domain::push::Push;
use crate::engine::effect::Input;

use super::work::Work;

/// How far traffic must have changed to be worth a record: 2 %.
const TRAFFIC_STEP: f64 = 0.02;

pub(super) fn learn(work: &mut Work<'_>, input: Input) {
    match input {
        Input::Tick | Input::Command(_) => {}
        Input::Observed(observations) => {
            if !observations.is_empty() {
                let seen: BTreeSet<PlacementId> = observations.iter().map(|seen| seen.instance.placement.clone()).collect();
                work.record(Fact::Observed { observations });
                forget_gone(work, &seen);
            }
        }
        Input::OperationFailed { id, instance, why } => work.record(Fact::OperationFailed { id, instance, why }),
        Input::Withdrawn { id, instance } => work.record(Fact::Withdrawn { id, instance }),
        Input::Stopped(push) => {
            if work.push(push).and_then(|push| push.stop.as_ref()).is_some_and(|stop| stop.observed.is_none()) {
                work.record(Fact::StopObserved { push });
            }
        }
        Input::StopRefused { push, answer } => {
            if work.push(push).and_then(|push| push.stop.as_ref()).is_some_and(|stop| stop.answer.as_ref() != Some(&answer)) {
                work.record(Fact::StopAnswered { push, answer });
            }
        }
        Input::Checked { push, name, look } => super::checks::learn(work, push, name, look),
        Input::CallAnswered { about, escalation, result } => super::calls::answered(work, about, escalation, result),
        Input::FlagSeen { flag, on, taken, of } => super::flag::learn(work, flag, on, (taken, of)),
        Input::Feed { feed, state } => {
            if work.fleet().feeds().get(&feed) != Some(&state) {
                work.record(Fact::FeedChanged { feed, state });
            }
        }
        Input::Judged(found) => found.into_iter().for_each(|(slice, standing)| judge(work, slice, standing)),
        Input::Gathered(found) => super::evidence::learn(work, found),
        Input::Burned(found) => super::burn::learn(work, found),
        Input::Traffic(found) => {
            for (placement, cell, rps) in found {
                let known = work.fleet().measured_rps(&placement, &cell);
                if known.is_none_or(|known| (rps - known).abs() > TRAFFIC_STEP * known.max(1.0)) {
                    work.record(Fact::Traffic { placement, cell, rps });
                }
            }
        }
        Input::Harmed(found) => {
            for (id, harm) in found {
                if work.push(id).is_some_and(|push| is_news(push, &harm)) {
                    work.record(Fact::Harmed { push: id, harm });
                }
            }
        }
    }
}

fn is_news(push: &Push, harm: &Harm) -> bool {
    let moved = |was: f64, is: f64| (was.max(0.0).round() - is.max(0.0).round()).abs() >= 1.0;
    moved(push.harm.failed, harm.failed) || moved(push.harm.slow, harm.slow) || (push.harm.requests == 0) != (harm.requests == 0)
}

fn judge(work: &mut Work<'_>, slice: SliceId, standing: Standing) {
    let known = work.fleet().judgement(&slice);
    let is_news = match (known.map(|known| &known.standing), &standing) {
        (None, _) => true,
        // How far along the count is belongs on the screen; every single request does not.
        (Some(Standing::TooFew { n: was, .. }), Standing::TooFew { n, need }) => n.abs_diff(*was) * 10 >= *need,
        (Some(known), found) => !known.same_kind(found),
    };
    if !is_news {
        return;
    }
    // A limit crossed sends the push back if it lasts; what was agreed on numbers that are gone, or that have turned, is void now.
    let turned = match &standing {
        Standing::NoData { .. } => Some("can no longer be seen"),
        Standing::Beyond { .. } | Standing::SharedFault { .. } => Some("is beyond its limit"),
        Standing::Within { .. } | Standing::TooFew { .. } => None,
    };
    let since = work.now;
    let concerned: Vec<_> = work
        .fleet()
        .pushes()
        .filter(|push| {
            turned.is_some()
                && push.is_forward()
                && (!push.approvals.is_empty() || push.promoted.is_some())
                && concerns(push, &slice)
        })
        .map(Push::id)
        .collect();
    let why = format!("{} of {} in {} {}", slice.metric, slice.service, slice.cell, turned.unwrap_or_default());
    work.record(Fact::Judged { slice, judgement: Judgement { standing, since } });
    for push in concerned {
        work.record(Fact::ApprovalsSuperseded { push, why: why.clone() });
    }
}

/// Whether a slice is about what a push brought.
pub(super) fn concerns(push: &Push, slice: &SliceId) -> bool {
    push.brings(&slice.service, &slice.environment, &slice.version)
}

/// Drops what was judged of versions that no instance of a cell runs any more.
fn forget_gone(work: &mut Work<'_>, seen: &BTreeSet<PlacementId>) {
    let gone: Vec<SliceId> = work
        .fleet()
        .judgements()
        .map(|(slice, _)| slice)
        .filter(|slice| seen.contains(&slice.placement()))
        .filter(|slice| {
            work.fleet()
                .placement(&slice.service, &slice.environment)
                .is_some_and(|placement| placement.count_in(&slice.cell, &slice.version) == 0)
        })
        .cloned()
        .collect();
    for slice in gone {
        if work.fleet().alert(&slice).is_some() {
            work.record(Fact::AlertEnded { slice: slice.clone() });
        }
        work.record(Fact::Forgotten { slice });
    }
}
