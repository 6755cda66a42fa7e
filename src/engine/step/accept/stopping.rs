//! What takes motion away: reject, hold, hold all.

use crate::domain::change::Fact;
use crate::domain::command::Outcome;
use crate::domain::id::PushId;
use crate::domain::push::{Course, Hold, Push, Rejection};

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn reject(&self, id: PushId, reason: Option<&String>) -> Verdict {
        let push = self.known(id)?;
        if !push.is_forward() {
            return refuse(format!("there is nothing to reject: {}", self.not_forward(push)));
        }
        if let Some(before) = &push.rejection {
            return Err(Outcome::Superseded { by: format!("{} rejected it already, {}", before.by, self.ago(before.at)) });
        }
        let rejection = Rejection { by: self.actor.clone(), at: self.work.now, reason: reason.cloned() };
        Ok(vec![Act::Record(Fact::Rejected { push: id, rejection }), Act::TellStop(id)])
    }

    pub(super) fn hold(&self, id: PushId, reason: Option<&String>) -> Verdict {
        let push = self.known(id)?;
        match &push.course {
            Course::Forward => Ok(self.hold_acts(push, reason)),
            Course::Back { rollback } | Course::RollbackFailed { rollback, .. } => refuse(format!(
                "{} is going back ({}) and exposes nobody new; stopping does not stop a rollback, R makes it faster",
                push.plan.name,
                self.sent_back(rollback)
            )),
            Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. } => self.too_late(push),
        }
    }

    pub(super) fn hold_all(&self, reason: Option<&String>) -> Vec<Act> {
        self.fleet.pushes().filter(|push| push.is_forward()).flat_map(|push| self.hold_acts(push, reason)).collect()
    }

    /// Holding twice is holding once, but the driver is told again as long as it was not seen to work.
    pub(super) fn hold_acts(&self, push: &Push, reason: Option<&String>) -> Vec<Act> {
        let mut acts = Vec::new();
        // Each person's stop is their own: a resume decided before it was seen must not undo it.
        if !push.holds.iter().any(|hold| hold.by == self.by()) {
            if !push.approvals.is_empty() || push.promoted.is_some() {
                acts.push(Act::Record(Fact::ApprovalsSuperseded { push: push.id(), why: format!("stopped by {}", self.actor) }));
            }
            acts.push(Act::Record(Fact::Held {
                push: push.id(),
                hold: Hold { by: self.by(), since: self.work.now, reason: reason.cloned() },
            }));
        }
        if push.stop.as_ref().is_none_or(|stop| stop.observed.is_none()) {
            acts.push(Act::TellStop(push.id()));
        }
        acts
    }
}
