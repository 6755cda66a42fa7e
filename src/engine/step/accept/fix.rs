//! Putting a fix in the place of what is in flight, without starting over.
//!
//! It lifts no hold: whoever stopped the old version has not seen the new one. `u` does, on what is then shown.

use crate::domain::change::Fact;
use crate::domain::command::{Outcome, Sight};
use crate::domain::id::{Digest, PushId, ServiceId, Version};
use crate::domain::push::Push;
use crate::domain::service::Release;
use crate::domain::start;
use crate::engine::plan::Unplannable;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn fix_forward(&self, id: PushId, sight: &Sight, releases: &[(ServiceId, Version)], digests: &[Digest]) -> Verdict {
        let push = self.as_seen(id, sight)?;
        self.entitled(push)?;
        if push.cursor.furthest.is_none() {
            return refuse(format!("nothing of {} has moved yet; start a push of the fix instead", push.plan.name));
        }
        if !push.apart.is_empty() {
            return refuse(format!(
                "{} has siblings out of step; u brings them together again first, or r takes all of it back",
                push.plan.name
            ));
        }
        if releases.is_empty() {
            return refuse("no fix was named; name at least one as service@version");
        }
        let mut fixes: Vec<Release> = Vec::new();
        for (service, version) in releases {
            if fixes.iter().any(|fix| fix.service == *service) {
                return refuse(Unplannable::Twice(service.clone()).to_string());
            }
            fixes.push(self.fix_of(push, service, version)?);
        }
        if !fixes.iter().map(|fix| &fix.digest).eq(digests) {
            return refuse("the fix is not the artifact that was seen; look again and decide anew");
        }
        self.nobody_behind(push)?;
        let mut plan = push.plan.clone();
        for part in &mut plan.moves {
            if let Some(fix) = fixes.iter().find(|fix| fix.service == part.service) {
                part.to = fix.clone();
            }
        }
        start::together(self.fleet, &plan).map_err(Outcome::refused)?;
        let mut acts = Vec::new();
        if !push.approvals.is_empty() || push.promoted.is_some() {
            acts.push(Act::Record(Fact::ApprovalsSuperseded { push: id, why: format!("{} put a fix in its place", self.actor) }));
        }
        acts.push(Act::Record(Fact::FixedForward { push: id, releases: fixes, by: self.by() }));
        Ok(acts)
    }

    /// The release of a fix: declared, and made from what is in flight.
    fn fix_of(&self, push: &Push, service: &ServiceId, version: &Version) -> Result<Release, Outcome> {
        let Some(part) = push.move_of(service) else {
            return refuse(format!("{} does not move {service}; start a push of it instead", push.plan.name));
        };
        let Some(fix) = self.fleet.declaration().release(service, version) else {
            return refuse(Unplannable::NoRelease(service.clone(), version.clone()).to_string());
        };
        let in_flight = &part.to.version;
        if part.from.values().chain(&part.replaced).any(|known| known == version) {
            return refuse(format!("{service} came from {version}; r goes back, a fix is a release that never ran here"));
        }
        if fix.based_on.as_ref() != Some(in_flight) {
            let base = fix.based_on.as_ref().map_or_else(|| "nothing known".to_owned(), ToString::to_string);
            return refuse(format!(
                "{service} {version} is made from {base} and {in_flight} is in flight; a fix is made from {in_flight}, else start a push of it"
            ));
        }
        Ok(fix.clone())
    }

    /// A fix passes the earlier environments anew, so nothing that follows in a train may be there.
    fn nobody_behind(&self, push: &Push) -> Result<(), Outcome> {
        let resumes = push.resumes().or(push.stage()).map(|stage| &stage.environment);
        let earlier: Vec<_> = push
            .plan
            .stages
            .iter()
            .map(|stage| &stage.environment)
            .take_while(|environment| Some(*environment) != resumes)
            .collect();
        let behind = self.fleet.pushes().filter(|other| other.is_open() && other.id() != push.id());
        let in_the_way = behind
            .filter(|other| push.plan.moves.iter().any(|part| other.move_of(&part.service).is_some()))
            .find_map(|other| Some((other, earlier.iter().find(|environment| other.has_been_in(environment))?)));
        match in_the_way {
            Some((other, environment)) => refuse(format!(
                "{} is in {environment} behind it, where the fix has to pass; take that one back with r, then fix forward",
                other.called()
            )),
            None => Ok(()),
        }
    }
}
