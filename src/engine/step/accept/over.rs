//! What an order is told that comes too late: what became of its push, what took its place, and how long ago.

use crate::domain::command::Outcome;
use crate::domain::explain;
use crate::domain::push::{Course, Push};
use crate::domain::rollback::Rollback;
use crate::domain::time::{EngineTime, Period};

use super::Asked;

/// Shorter than this is not worth a number.
const A_MOMENT: Period = Period::from_secs(2);

impl Asked<'_> {
    /// `12 s ago`, or `a moment ago`. The engine knows no zone to say a clock time in.
    pub(super) fn ago(&self, at: EngineTime) -> String {
        let age = self.work.now.since(at);
        if age < A_MOMENT { "a moment ago".to_owned() } else { format!("{age} ago") }
    }

    /// `3 s ago, ana took it back`.
    pub(super) fn sent_back(&self, rollback: &Rollback) -> String {
        format!("{}, {}", self.ago(rollback.decided), explain::trigger(&rollback.trigger))
    }

    /// What has the place of a push that is over: the one that replaced it in the end, or a later one of its services that is in flight.
    pub(super) fn successor<'p>(&'p self, push: &'p Push) -> Option<&'p Push> {
        let mut found = None;
        let mut at = push;
        // No chain of replacements is longer than there are pushes.
        for _ in 0..self.fleet.pushes().count() {
            let Course::Replaced { by, .. } = &at.course else { break };
            let Some(newer) = self.fleet.push(*by) else { break };
            (found, at) = (Some(newer), newer);
        }
        let moves_the_same = |other: &Push| push.plan.moves.iter().any(|part| other.move_of(&part.service).is_some());
        let later = |other: &&Push| other.is_open() && other.plan.requested >= push.plan.requested && moves_the_same(other);
        found.or_else(|| self.fleet.pushes().rfind(|other| other.id() != push.id() && later(other)))
    }

    /// How a push ended and what has its place now: `storage v2 converged 3 min ago and is over; give this to storage v3, which came
    /// after it`.
    pub(super) fn over(&self, push: &Push) -> String {
        let called = push.called();
        let newer = self.successor(push).map(Push::called);
        if let Course::Replaced { at, .. } = &push.course {
            let newer = newer.unwrap_or_else(|| "a newer push".to_owned());
            return format!("{newer} took the place of {called} {}; give this to {newer} instead", self.ago(*at));
        }
        let ended = match &push.course {
            Course::Converged { at } => format!("{called} converged {}", self.ago(*at)),
            Course::RolledBack { at, .. } => format!("{called} got back {}", self.ago(*at)),
            _ => called,
        };
        let after = newer.map(|newer| format!("; give this to {newer}, which came after it")).unwrap_or_default();
        format!("{ended} and is over{after}")
    }

    /// What is asked for needs no doing any more.
    pub(super) fn too_late<T>(&self, push: &Push) -> Result<T, Outcome> {
        Err(Outcome::Superseded { by: self.over(push) })
    }
}
