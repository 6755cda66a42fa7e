//! Stopping a push that goes back, half way.

use crate::domain::change::Fact;
use crate::domain::command::Outcome;
use crate::domain::id::PushId;
use crate::domain::push::{Course, Hold};

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn halt(&self, id: PushId, reason: &str) -> Verdict {
        let push = self.known(id)?;
        let name = &push.plan.name;
        match &push.course {
            Course::Forward => refuse(format!("{name} does not go back; s stops it")),
            Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. } => self.too_late(push),
            Course::Back { rollback } | Course::RollbackFailed { rollback, .. } => {
                if reason.trim().is_empty() {
                    return refuse(format!("{name} would stand half way back; say why it has to"));
                }
                if let Some(before) = &rollback.halted {
                    return Err(Outcome::Superseded { by: format!("{} halted it already, {}", before.by, self.ago(before.since)) });
                }
                let hold = Hold { by: self.by(), since: self.work.now, reason: Some(reason.trim().to_owned()) };
                Ok(vec![Act::Record(Fact::RollbackHalted { push: id, hold })])
            }
        }
    }
}
