//! Beginning a push.

use crate::domain::change::Fact;
use crate::domain::command::{Outcome, Outlook};
use crate::domain::id::{PushId, ServiceId, Version};
use crate::domain::lane::Lane;
use crate::domain::push::{Course, Push, PushPlan};
use crate::domain::requirement;
use crate::domain::stage::emergency_bake;
use crate::engine::plan;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    /// Whether what is in flight leaves room for another push of these services: a newer one takes its place, or follows it, but never
    /// while it goes back.
    fn has_room(&self, releases: &[(ServiceId, Version)]) -> Result<(), Outcome> {
        let of_group = |push: &&Push| {
            releases
                .iter()
                .any(|(service, _)| self.fleet.declaration().service(service).is_some_and(|of| of.group == push.plan.group))
        };
        let moves_one = |push: &Push| releases.iter().any(|(service, _)| push.move_of(service).is_some());
        let in_flight: Vec<&Push> = self.fleet.pushes().filter(|push| push.is_open()).filter(of_group).collect();
        let is_met = |push: &&&Push| self.fleet.train_of(push).is_some() || moves_one(push);
        if let Some(back) = in_flight.iter().filter(is_met).find(|push| !push.is_forward()) {
            let is_halted = back.course.rollback().is_some_and(|rollback| rollback.halted.is_some());
            let how = match &back.course {
                _ if is_halted => "was halted on its way back; r goes on with that, start again when it is back",
                Course::RollbackFailed { .. } => "did not get back in time; retry tries it again, start again when it is back",
                _ => "is going back; start again when it is back",
            };
            return refuse(format!("{} {how}", back.called()));
        }
        match in_flight.first().and_then(|push| self.fleet.train_of(push)) {
            Some(most) if in_flight.len() as u32 >= most => {
                let names: Vec<_> = in_flight.iter().map(|push| push.called()).collect();
                refuse(format!(
                    "{} are in flight, as many as may be: {}; start again when the first has converged, or take one back with r",
                    in_flight.len(),
                    names.join(", ")
                ))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn start(&self, id: PushId, releases: &[(ServiceId, Version)], outlook: &Outlook, lane: &Lane) -> Verdict {
        if self.fleet.push(id).is_some() {
            return refuse("a push of that id exists already; ask again, as a new push");
        }
        self.has_room(releases)?;
        if let Some(feed) = requirement::blind(self.fleet) {
            return refuse(format!("the {} feed is lost and nothing goes forward unseen; try again when it is back", feed.word()));
        }
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
                self.open(&plan)?;
                Ok(vec![Act::Record(Fact::PushRequested { plan: Box::new(self.in_lane(plan, lane)?) })])
            }
            Err(why) => refuse(why.to_string()),
        }
    }

    /// Who began what on these services after somebody looked.
    fn started_since(&self, releases: &[(ServiceId, Version)], outlook: &Outlook) -> String {
        let of_these = |push: &&Push| releases.iter().any(|(service, _)| push.move_of(service).is_some());
        let newer = self.fleet.pushes().filter(|push| push.is_open()).filter(of_these);
        let newest = newer.filter(|push| !outlook.in_flight.iter().any(|met| met.push == push.id())).last();
        newest.map(|push| format!(", since {} started {}", push.plan.requested_by, push.called())).unwrap_or_default()
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

    /// A push begins where its first environment is open; what comes later may be closed for now.
    fn open(&self, plan: &PushPlan) -> Result<(), Outcome> {
        let Some(first) = plan.stages.first() else { return Ok(()) };
        match self.fleet.declaration().schedule(&first.environment, Some(&plan.group)).shut(self.work.now) {
            None => Ok(()),
            Some(shut) => {
                let why = requirement::why_shut(self.fleet, &first.environment, &shut, self.work.now);
                refuse(format!("{why}; start it when it opens"))
            }
        }
    }
}
