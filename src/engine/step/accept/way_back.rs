//! Going back.

use crate::domain::command::Outcome;
use crate::domain::door;
use crate::domain::explain;
use crate::domain::id::PushId;
use crate::domain::push::{Course, Push};
use crate::domain::rollback::{Manner, Trigger};

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
            Course::Back { rollback } | Course::RollbackFailed { rollback, .. } => {
                Err(Outcome::Superseded { by: format!("it is going back already: {}", explain::trigger(&rollback.trigger)) })
            }
            Course::Replaced { by, .. } => refuse(format!(
                "{} was replaced; r on {} takes back what both have brought",
                push.called(),
                self.fleet.push(*by).map_or_else(|| "the newer push".to_owned(), Push::called)
            )),
            Course::RolledBack { .. } => Err(Outcome::Superseded { by: "it is back already".to_owned() }),
            Course::Converged { .. } => {
                refuse(format!("{} is converged and over; start a push of the version before", push.plan.name))
            }
        }
    }
}
