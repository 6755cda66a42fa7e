//! Bringing back what was changed by hand.

use crate::domain::change::Fact;
use crate::domain::drift;
use crate::domain::feed::Feed;
use crate::domain::id::PlacementId;
use crate::domain::push::Course;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    /// What strayed in a placement goes back to its target. It takes nobody further than the target allows.
    pub(super) fn bring_back(&self, id: &PlacementId) -> Verdict {
        let Some(placement) = self.fleet.placement_by_id(id) else {
            return refuse(format!("there is no {id}; see `pushdeck status` for those there are"));
        };
        if let Some(owner) = drift::owner(self.fleet, placement)
            && !self.fleet.declaration().has_role(self.actor, std::slice::from_ref(&owner))
        {
            return refuse(format!("{} is not of {owner}; somebody of {owner} can do this", self.actor));
        }
        let goes_back = |course: &Course| matches!(course, Course::Back { .. } | Course::RollbackFailed { .. });
        if let Some(push) = self.fleet.open_push_of(&id.service).filter(|push| goes_back(&push.course)) {
            let halted = push.course.rollback().is_some_and(|rollback| rollback.halted.is_some());
            let name = &push.plan.name;
            return refuse(if halted {
                format!("the way back of {name} is halted; r goes on with it, and puts right whatever it finds")
            } else {
                format!("{name} is going back and puts right whatever it finds; R makes it faster")
            });
        }
        if drift::held(self.fleet, placement, self.work.now).is_empty() {
            return refuse(format!("nothing in {id} was changed by hand and waits for you; `pushdeck status` says how it stands"));
        }
        if self.fleet.lost_feeds().any(|feed| matches!(feed, Feed::Engine | Feed::Targets)) {
            return refuse("what the instances run cannot be seen now; try again when the targets feed is back");
        }
        Ok(vec![Act::Record(Fact::DriftReleased { placement: id.clone(), by: self.actor.clone() })])
    }
}
