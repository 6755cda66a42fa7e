//! Beginning a push.

use crate::domain::change::Fact;
use crate::domain::command::{Outcome, Outlook};
use crate::domain::id::{PushId, ServiceId, Version};
use crate::domain::lane::Lane;
use crate::domain::plan;
use crate::domain::push::PushPlan;
use crate::domain::stage::emergency_bake;
use crate::domain::start;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn start(&self, id: PushId, releases: &[(ServiceId, Version)], outlook: &Outlook, lane: &Lane) -> Verdict {
        if self.fleet.push(id).is_some() {
            return refuse("a push of that id exists already; ask again, as a new push");
        }
        start::room(self.fleet, releases).map_err(Outcome::refused)?;
        start::seeing(self.fleet).map_err(Outcome::refused)?;
        let changed = Outlook::of(self.fleet, releases).map(|now| outlook.changed(&now)).unwrap_or_default();
        if !changed.is_empty() {
            return Err(Outcome::Refused { why: "it is no longer as you saw it; look again and decide anew".to_owned(), changed });
        }
        match plan::plan(self.fleet, id, releases, self.by(), self.work.now) {
            Ok(plan) => {
                start::open(self.fleet, &plan, self.work.now).map_err(Outcome::refused)?;
                Ok(vec![Act::Record(Fact::PushRequested { plan: Box::new(self.in_lane(plan, lane)?) })])
            }
            Err(why) => refuse(why.to_string()),
        }
    }

    /// The plan in its lane. Only those who answer for a group may hurry, and they say why.
    fn in_lane(&self, plan: PushPlan, lane: &Lane) -> Result<PushPlan, Outcome> {
        let Lane::Emergency { reason } = lane else { return Ok(plan) };
        if reason.trim().is_empty() {
            return refuse("the emergency lane needs a reason; say why, and ask again");
        }
        let declaration = self.fleet.declaration();
        let group = declaration.group(&plan.group);
        if let Some(owners) = group.map(|group| &group.owners)
            && !declaration.has_role(self.actor, std::slice::from_ref(owners))
        {
            return refuse(format!("{} is not of {owners}; somebody of {owners} can take the emergency lane", self.actor));
        }
        let share =
            group.and_then(|group| declaration.plans.get(&group.plan)).map_or_else(emergency_bake, |plan| plan.emergency_bake);
        Ok(plan::hurried(plan, reason, share))
    }
}
