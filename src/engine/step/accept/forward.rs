//! What takes a push further: approve, promote, resume. All of it on what was seen, and refused on any doubt.

use crate::domain::change::Fact;
use crate::domain::command::{Outcome, Sight};
use crate::domain::drift;
use crate::domain::id::{PushId, Role};
use crate::domain::material::{Material, MaterialChange};
use crate::domain::push::{Approval, Course, Push};
use crate::domain::requirement::{self, RequirementKind};
use crate::domain::stage::Advance;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    /// A push that goes forward and is as it was seen.
    pub(super) fn as_seen(&self, id: PushId, sight: &Sight) -> Result<&Push, Outcome> {
        let push = self.known(id)?;
        if self.fleet.engine() != Some((sight.engine, sight.epoch)) {
            return refuse("this was decided while looking at another run of the engine; look again");
        }
        if !push.is_open() && self.successor(push).is_some() {
            return refuse(self.over(push));
        }
        let Some(now) = Material::of(self.fleet, id, self.work.now) else { return refuse("this push is not known; look again") };
        let mut changed = sight.material.worsened(&now);
        let digests = push.plan.moves.iter().map(|part| &part.to.digest);
        if !digests.eq(sight.digests.iter()) {
            changed.push(MaterialChange { field: "artifacts".into(), saw: "other digests".into(), now: "the push's own".into() });
        }
        if !changed.is_empty() {
            let why = format!("it is no longer as you saw it{}; look again and decide anew", self.since(push, sight));
            return Err(Outcome::Refused { why, changed });
        }
        if !push.is_forward() {
            return refuse(self.not_forward(push));
        }
        if sight.gate != push.gate() || sight.from != push.cursor.stage || sight.to != push.next_index() {
            return refuse(format!("{} stands before another gate by now; look again and decide anew", push.plan.name));
        }
        if push.rejection.is_some() {
            return refuse(format!("{} was rejected; r takes it back", push.plan.name));
        }
        if let Some(feed) = requirement::blind(self.fleet) {
            return refuse(format!("the {} feed is lost and nothing goes forward unseen; s and r still work", feed.word()));
        }
        Ok(push)
    }

    /// Why nothing takes a push forward that goes back or is over, and what to do instead.
    pub(super) fn not_forward(&self, push: &Push) -> String {
        let name = &push.plan.name;
        let why = push.course.rollback().map(|rollback| format!(" ({})", self.sent_back(rollback))).unwrap_or_default();
        match &push.course {
            Course::Replaced { .. } => self.over(push),
            Course::Converged { .. } | Course::RolledBack { .. } if self.successor(push).is_some() => self.over(push),
            Course::Converged { .. } => format!("{name} has converged and nothing takes it forward; start a push of what is next"),
            Course::RolledBack { .. } => format!("{name} is back{why} and nothing takes it forward; start a push of what is next"),
            course if course.rollback().is_some_and(|rollback| rollback.halted.is_some()) => {
                format!("the way back of {name} is halted and nothing takes it forward; r goes on back")
            }
            _ => format!("{name} goes back{why} and nothing takes it forward; R makes it faster"),
        }
    }

    /// What came between a look and now: `, since ana gave hold 12 s ago`. What the engine did by itself is in what changed.
    fn since(&self, push: &Push, sight: &Sight) -> String {
        let granted = self.fleet.granted_since(push.id(), sight.basis);
        let people: Vec<_> = granted.into_iter().map(|(who, verb, at)| format!("{who} gave {verb} {}", self.ago(at))).collect();
        match push.course.rollback() {
            _ if !people.is_empty() => format!(", since {}", people.join(" and ")),
            Some(rollback) => format!(", since it went back: {}", self.sent_back(rollback)),
            None => String::new(),
        }
    }

    pub(super) fn approve(&self, id: PushId, sight: &Sight) -> Verdict {
        let push = self.as_seen(id, sight)?;
        let Some(rule) = push.approval_rule() else {
            return refuse(format!("{} asks for no approval here; p promotes where a step is left by hand", push.plan.name));
        };
        let roles = rule.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        if push.plan.requested_by.person() == Some(self.actor) {
            return refuse(format!("you asked for this push yourself; somebody else of {roles} can approve it"));
        }
        if push.fix.as_ref().is_some_and(|fix| fix.by.person() == Some(self.actor)) {
            return refuse(format!("you asked for this fix yourself; somebody else of {roles} can approve it"));
        }
        if !self.fleet.declaration().has_role(self.actor, &rule.roles) {
            return refuse(format!("{} is not of {roles}; somebody of {roles} can approve it", self.actor));
        }
        if push.approvals.iter().any(|approval| approval.by == *self.actor && approval.is_for(push)) {
            return refuse(format!("you have approved it already; somebody else of {roles} can add theirs"));
        }
        if !push.holds.is_empty() {
            return refuse(format!("{} is stopped; u resumes it, then it can be approved", push.plan.name));
        }
        if requirement::counted(self.fleet, push, rule).count() as u32 >= rule.needed {
            return refuse(format!("{} has all the approvals this step needs; nothing more is asked", push.plan.name));
        }
        if !requirement::approval_is_asked(self.fleet, push, self.work.now) {
            return refuse(format!(
                "{} does not ask for approval yet; it does by itself when the other requirements are met",
                push.plan.name
            ));
        }
        let approval = Approval::of(push, self.actor.clone(), self.work.now, self.work.wall);
        Ok(vec![Act::Record(Fact::Approved { push: id, approval })])
    }

    pub(super) fn promote(&self, id: PushId, sight: &Sight) -> Verdict {
        let push = self.as_seen(id, sight)?;
        if push.stage().is_none_or(|stage| stage.advance == Advance::Auto) || push.next_stage().is_none() {
            return refuse(format!(
                "{} leaves this step by itself once everything is met; there is nothing to promote",
                push.plan.name
            ));
        }
        if !push.holds.is_empty() {
            return refuse(format!("{} is stopped; u resumes it", push.plan.name));
        }
        self.entitled(push)?;
        let open = requirement::of_gate(self.fleet, push, self.work.now);
        if let Some(missing) = open.iter().find(|requirement| !requirement.state.lets_pass()) {
            let help = if missing.kind == RequirementKind::Approval {
                "a approves".to_owned()
            } else {
                format!("{} can clear it", missing.who)
            };
            return refuse(format!("{} is not met: {}; {help}", missing.kind, missing.why));
        }
        Ok(vec![Act::Record(Fact::Promoted { push: id, gate: push.gate(), by: self.actor.clone() })])
    }

    /// The role of those who answer for a push's group.
    pub(super) fn owners(&self, push: &Push) -> Option<&Role> {
        self.fleet.declaration().group(&push.plan.group).map(|group| &group.owners)
    }

    /// Whoever moves a push forward is of those who answer for its group.
    pub(super) fn entitled(&self, push: &Push) -> Result<(), Outcome> {
        let declaration = self.fleet.declaration();
        match self.owners(push) {
            Some(owners) if !declaration.has_role(self.actor, std::slice::from_ref(owners)) => {
                refuse(format!("{} is not of {owners}; somebody of {owners} can do this", self.actor))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn resume(&self, id: PushId, sight: &Sight) -> Verdict {
        let push = self.as_seen(id, sight)?;
        if push.holds.is_empty() {
            return refuse(format!(
                "{} is not stopped{}; nothing needs to be resumed, e explains what it waits for",
                push.plan.name,
                self.since(push, sight)
            ));
        }
        self.entitled(push)?;
        if let Some((placement, strays)) = drift::keeps_held(self.fleet, push, self.work.now) {
            return refuse(format!(
                "{} is not as the engine left it: {}; retry of {} brings it back, then u resumes",
                placement.id,
                drift::told(placement, &strays),
                placement.id
            ));
        }
        Ok(vec![Act::Record(Fact::Resumed { push: id, by: self.actor.clone() })])
    }
}
