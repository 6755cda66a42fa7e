//! Beginning a push.

use crate::domain::change::Fact;
use crate::domain::command::{Outcome, Outlook};
use crate::domain::id::{PushId, ServiceId, Version};
use crate::domain::push::PushPlan;
use crate::domain::requirement;
use crate::engine::plan;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn start(&self, id: PushId, releases: &[(ServiceId, Version)], outlook: &Outlook) -> Verdict {
        if self.fleet.push(id).is_some() {
            return refuse("a push of that id exists already; ask again, as a new push");
        }
        for (service, _) in releases {
            if let Some(open) = self.fleet.open_push_of(service) {
                return refuse(format!("{service} is being moved by {}; wait for it, or take it back with r", open.plan.name));
            }
        }
        if let Some(feed) = requirement::blind(self.fleet) {
            return refuse(format!("the {} feed is lost and nothing goes forward unseen; try again when it is back", feed.word()));
        }
        let changed = Outlook::of(self.fleet, releases).map(|now| outlook.changed(&now)).unwrap_or_default();
        if !changed.is_empty() {
            return Err(Outcome::Refused { why: "it is no longer as you saw it; look again and decide anew".to_owned(), changed });
        }
        match plan::plan(self.fleet, id, releases, self.by(), self.work.now) {
            Ok(plan) => self.open(&plan).map(|()| vec![Act::Record(Fact::PushRequested { plan: Box::new(plan) })]),
            Err(why) => refuse(why.to_string()),
        }
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
