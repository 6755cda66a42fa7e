//! Going back.

use crate::domain::command::Outcome;
use crate::domain::door;
use crate::domain::explain;
use crate::domain::id::{PushId, Seq};
use crate::domain::push::{Course, Push};
use crate::domain::rollback::{Manner, Rollback, Trigger};

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn roll_back(&self, id: PushId, manner: Manner, reason: Option<&String>) -> Verdict {
        let push = self.known(id)?;
        let trigger = Trigger::Person { by: self.by(), reason: reason.cloned() };
        match &push.course {
            Course::Forward => match explain::no_way_back(&door::barred(self.fleet, push)) {
                Some(why) => refuse(format!("{} does not go back: {why}", push.plan.name)),
                None => Ok(vec![Act::GoBack(id, manner, trigger)]),
            },
            Course::Back { rollback } | Course::RollbackFailed { rollback, .. }
                if rollback.halted.is_some() || (manner == Manner::Fast && rollback.manner == Manner::Ordered) =>
            {
                Ok(vec![Act::GoBack(id, manner, trigger)])
            }
            Course::RollbackFailed { .. } => {
                let by =
                    "it did not get back in time and is still tried; retry gives it a new deadline, R makes it faster".to_owned();
                Err(Outcome::Superseded { by })
            }
            Course::Back { rollback } => {
                let by = format!("it is going back already: {}{}", self.sent_back(rollback), self.made_fast(id, rollback));
                Err(Outcome::Superseded { by })
            }
            Course::Replaced { at, .. } => refuse(format!(
                "{} was replaced {}; r on {} takes back what both have brought",
                push.called(),
                self.ago(*at),
                self.successor(push).map_or_else(|| "the newer push".to_owned(), Push::called)
            )),
            Course::RolledBack { at, .. } => Err(Outcome::Superseded { by: format!("it is back already, {}", self.ago(*at)) }),
            Course::Converged { .. } => {
                refuse(format!("{} is converged and over; start a push of the version before", push.plan.name))
            }
        }
    }

    /// `; bob made it fast`, where that was somebody else than who, or what, sent it back.
    fn made_fast(&self, id: PushId, rollback: &Rollback) -> String {
        let last = self.fleet.granted_since(id, Seq(0)).into_iter().rfind(|(_, verb, _)| *verb == "rollback");
        let sent = match &rollback.trigger {
            Trigger::Person { by, .. } => by.person(),
            _ => None,
        };
        match last {
            Some((who, _, at)) if rollback.manner == Manner::Fast && sent != Some(who) => {
                format!("; {who} made it fast {}", self.ago(at))
            }
            _ => String::new(),
        }
    }
}
