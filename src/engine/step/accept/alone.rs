//! One sibling goes back alone. It is allowed, it holds the push, and who is out of step from then on is said loudly.

use crate::domain::change::Fact;
use crate::domain::command::Outcome;
use crate::domain::door;
use crate::domain::explain;
use crate::domain::id::{PushId, ServiceId};
use crate::domain::push::{Apart, Course};

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn roll_back_alone(&self, id: PushId, service: &ServiceId, reason: &str) -> Verdict {
        let push = self.known(id)?;
        let name = &push.plan.name;
        match &push.course {
            Course::Forward => {}
            Course::Back { rollback } | Course::RollbackFailed { rollback, .. } => {
                let by = format!("all of {name} is going back already: {}", self.sent_back(rollback));
                return Err(Outcome::Superseded { by });
            }
            Course::RolledBack { .. } => return Err(Outcome::Superseded { by: format!("all of {name} is back already") }),
            Course::Replaced { .. } => return refuse(self.over(push)),
            Course::Converged { .. } => {
                return refuse(format!("{name} is over; start a push of {service} to the version before"));
            }
        }
        let Some(part) = push.move_of(service) else {
            let moved: Vec<_> = push.plan.moves.iter().map(|part| part.service.as_str()).collect();
            return refuse(format!("{name} does not move {service}; it moves {}", explain::listed(&moved)));
        };
        if reason.trim().is_empty() {
            return refuse(format!("{service} would be out of step with its siblings; say why it goes back alone"));
        }
        if push.resumes().is_some() {
            return refuse(format!("a fix of {name} is being tried; r takes all of it back"));
        }
        if let Some(before) = push.apart.get(service) {
            return Err(Outcome::Superseded {
                by: format!("{} took {service} back alone already, {}", before.by, self.ago(before.since)),
            });
        }
        if push.plan.moves.iter().filter(|other| !push.apart.contains_key(&other.service)).count() < 2 {
            return refuse(format!("{service} is all of {name} that is still on its way; r takes it back"));
        }
        if let Some(why) = door::barred(self.fleet, push).iter().find(|barred| barred.service == *service) {
            return refuse(format!("{service} does not go back: {}; {}", why.why, why.instead));
        }
        let is_there = |environment| {
            let placement = self.fleet.placement(service, environment).filter(|_| part.changes(environment));
            placement.is_some_and(|found| found.instances().any(|(_, _, instance)| self.fleet.is_of(push, &found.id, instance)))
        };
        if !part.from.keys().any(is_there) {
            return refuse(format!("nothing of {service} is on {} yet; s stops it before it is", part.to.version));
        }
        let apart = Apart { by: self.by(), since: self.work.now, reason: reason.trim().to_owned() };
        let mut acts = self.hold_acts(push, Some(&format!("{service} goes back alone: {}", apart.reason)));
        acts.push(Act::Record(Fact::WentApart { push: id, service: service.clone(), apart }));
        Ok(acts)
    }
}
