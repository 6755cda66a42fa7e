//! Beginning a push.

use crate::domain::change::Fact;
use crate::domain::command::{Outcome, Outlook};
use crate::domain::id::{PushId, ServiceId, Version};
use crate::domain::lane::Lane;
use crate::domain::plan;
use crate::domain::push::{Push, PushPlan};
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
            let since = self.started_since(releases, outlook);
            return Err(Outcome::Refused {
                why: format!("it is no longer as you saw it{since}; look again and decide anew"),
                changed,
            });
        }
        match plan::plan(self.fleet, id, releases, self.by(), self.work.now) {
            Ok(plan) => {
                start::together(self.fleet, &plan).map_err(Outcome::refused)?;
                start::open(self.fleet, &plan, self.work.now).map_err(Outcome::refused)?;
                Ok(vec![Act::Record(Fact::PushRequested { plan: Box::new(self.in_lane(plan, lane)?) })])
            }
            Err(why) => refuse(why.to_string()),
        }
    }

    /// Who began what on these services after somebody looked.
    fn started_since(&self, releases: &[(ServiceId, Version)], outlook: &Outlook) -> String {
        let of_these = |push: &&Push| releases.iter().any(|(service, _)| push.move_of(service).is_some());
        let mut newer = self.fleet.pushes().filter(|push| push.is_open()).filter(of_these);
        let newest = newer.rfind(|push| !outlook.in_flight.iter().any(|met| met.push == push.id()));
        newest
            .map(|push| format!(", since {} started {} {}", push.plan.requested_by, push.called(), self.ago(push.plan.requested)))
            .unwrap_or_default()
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
