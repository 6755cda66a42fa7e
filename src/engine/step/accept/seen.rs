//! Saying that something has been seen.

use crate::domain::alert::Acknowledgement;
use crate::domain::change::Fact;
use crate::domain::command::Outcome;
use crate::domain::id::PushId;
use crate::domain::metric::SliceId;
use crate::domain::push::Course;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn acknowledge_alert(&self, slice: &SliceId) -> Verdict {
        if self.fleet.alert(slice).is_none() {
            return Err(Outcome::Superseded { by: "the alert is over".to_owned() });
        }
        Ok(vec![Act::Record(Fact::AlertAcknowledged { slice: slice.clone(), seen: self.seen() })])
    }

    pub(super) fn acknowledge_push(&self, id: PushId) -> Verdict {
        let push = self.known(id)?;
        let ended_badly =
            push.rejection.is_some() || matches!(push.course, Course::RolledBack { .. } | Course::RollbackFailed { .. });
        if !ended_badly {
            return refuse(format!(
                "{} has nothing to acknowledge; A is for what was rejected, failed or went back",
                push.plan.name
            ));
        }
        Ok(vec![Act::Record(Fact::PushAcknowledged { push: id, seen: self.seen() })])
    }

    pub(super) fn seen(&self) -> Acknowledgement {
        Acknowledgement { by: self.actor.clone(), at: self.work.now }
    }
}
