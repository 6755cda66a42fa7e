//! The first sign that something is wrong with a push: kept, so that it can be told afterwards how long it took to see it.

use super::super::alert::Alert;
use super::super::card::{self, Sign, SignOf};
use super::super::fleet::Fleet;
use super::super::metric::SliceId;
use super::super::placement::Observation;
use super::super::push::Push;
use super::super::rollback::{Rollback, Trigger};
use super::super::time::EngineTime;

impl Fleet {
    /// An alert on what a push has brought is a sign from when its limit was crossed, and noticed from now on.
    pub(super) fn alert_is_sign(&mut self, alert: &Alert, at: EngineTime) {
        if !card::is_own(self.judged.get(&alert.slice).map(|judged| &judged.standing)) {
            return;
        }
        let found = Sign { of: SignOf::Limit { slice: alert.slice.clone() }, at: alert.since, noticed: Some(at) };
        let slice = &alert.slice;
        for push in self.pushes.values_mut().filter(|push| push.is_forward() && concerns(push, slice)) {
            match &mut push.sign {
                Some(known) => known.noticed = known.noticed.or(Some(at)),
                sign => *sign = Some(found.clone()),
            }
        }
    }

    /// A limit that is kept again was no sign of anything that sent the push back.
    pub(super) fn end_sign(&mut self, slice: &SliceId) {
        for push in self.pushes.values_mut().filter(|push| push.is_forward()) {
            push.sign.take_if(|sign| matches!(&sign.of, SignOf::Limit { slice: of } if of == slice));
        }
    }

    /// An instance that died on what a push has brought is a sign; nobody is told of a single one.
    pub(super) fn death_is_sign(&mut self, seen: &Observation, at: EngineTime) {
        let place = &seen.instance.placement;
        for push in self.pushes.values_mut().filter(|push| push.is_forward() && push.sign.is_none()) {
            if push.brings(&place.service, &place.environment, &seen.version) {
                push.sign = Some(Sign { of: SignOf::Crash, at, noticed: None });
            }
        }
    }
}

fn concerns(push: &Push, slice: &SliceId) -> bool {
    push.brings(&slice.service, &slice.environment, &slice.version)
}

/// The sign that sent a push back, where none was seen before it did.
pub(super) fn of_rollback(rollback: &Rollback) -> Option<Sign> {
    let noticed = Some(rollback.decided);
    match &rollback.trigger {
        Trigger::Threshold { slice, since, .. } => Some(Sign { of: SignOf::Limit { slice: slice.clone() }, at: *since, noticed }),
        Trigger::Regressed { slice, .. } => {
            Some(Sign { of: SignOf::Evidence { slice: slice.clone() }, at: rollback.decided, noticed })
        }
        Trigger::Burn { burn } => {
            let budget = format!("{} of {}", burn.budget.objective.name(), burn.budget.placement.service);
            Some(Sign { of: SignOf::Burn { budget }, at: rollback.decided, noticed })
        }
        Trigger::Deadline { .. } => Some(Sign { of: SignOf::Deadline, at: rollback.decided, noticed }),
        Trigger::CrashLoop { .. } => Some(Sign { of: SignOf::Crash, at: rollback.decided, noticed }),
        Trigger::Person { .. } | Trigger::Ahead { .. } | Trigger::WindowEnd { .. } => None,
    }
}
