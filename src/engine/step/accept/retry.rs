//! Trying again, at once, what did not work.

use crate::domain::id::PushId;
use crate::domain::push::Course;
use crate::domain::requirement;

use super::super::move_instances::aside;
use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn retry(&self, id: PushId) -> Verdict {
        let push = self.known(id)?;
        let name = &push.plan.name;
        let failed = !aside::failed(self.fleet, push, self.work.now).is_empty();
        let nothing = || refuse(format!("nothing of {name} has failed; the engine tries by itself what is late"));
        match &push.course {
            Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. } => self.too_late(push),
            Course::Back { rollback } | Course::RollbackFailed { rollback, .. } if rollback.halted.is_some() => {
                refuse(format!("the way back of {name} is halted; r goes on with it"))
            }
            Course::RollbackFailed { rollback, .. } => {
                Ok(vec![Act::GoBack(id, rollback.manner, rollback.trigger.clone()), Act::TryAgain(id)])
            }
            Course::Back { .. } if failed => Ok(vec![Act::TryAgain(id)]),
            Course::Forward if failed => {
                self.entitled(push)?;
                Ok(vec![Act::TryAgain(id)])
            }
            Course::Forward if !push.holds.is_empty() => {
                refuse(format!("{name} is stopped, and nothing that failed may be tried while it is; u resumes it"))
            }
            Course::Forward if requirement::shut_here(self.fleet, push, self.work.now).is_some() => {
                refuse(format!("{name} is where nothing may move now; the engine tries again what failed when it opens"))
            }
            Course::Back { .. } | Course::Forward => nothing(),
        }
    }
}
