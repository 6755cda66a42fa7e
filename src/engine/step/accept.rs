//! Commands: what is allowed, what is refused and with which sentence. Going forward fails closed, stopping and going back fail open.

use crate::domain::alert::Acknowledgement;
use crate::domain::change::Fact;
use crate::domain::command::{Acknowledged, Command, Direction, Order, Outcome, Outlook, Sight};
use crate::domain::explain;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PersonId, PushId, ServiceId, Version};
use crate::domain::material::Material;
use crate::domain::metric::SliceId;
use crate::domain::person::Actor;
use crate::domain::push::{Approval, Course, Hold, Push, Rejection};
use crate::domain::requirement::{self, RequirementKind, RequirementState};
use crate::domain::rollback::{Manner, Trigger};
use crate::domain::stage::Advance;
use crate::domain::time::ConsoleTime;
use crate::engine::plan;

use super::back;
use super::stop;
use super::work::Work;

/// What a command does once it is accepted, or why it is not.
type Verdict = Result<Vec<Act>, Outcome>;

/// One thing an accepted command does.
enum Act {
    Record(Fact),
    TellStop(PushId),
    GoBack(PushId, Manner, Trigger),
}

/// Judges a command, records it with its outcome, and carries it out if it was accepted.
pub(super) fn accept(work: &mut Work<'_>, command: Command, wall: ConsoleTime) {
    if let Some((before, outcome)) = work.fleet().command(command.id) {
        let outcome = if *before == command {
            outcome.clone()
        } else {
            Outcome::refused("this command's id was used for another one; ask again, as a new command")
        };
        work.answer(outcome);
        return;
    }
    match judge(work, &command, wall) {
        Ok(acts) => {
            let outcome = Outcome::Accepted { seq: work.next_seq() };
            work.record(Fact::Commanded { command: Box::new(command), outcome: outcome.clone() });
            work.answer(outcome);
            for act in acts {
                match act {
                    Act::Record(fact) => work.record(fact),
                    Act::TellStop(push) => stop::tell(work, push),
                    Act::GoBack(push, manner, trigger) => back::decide(work, push, manner, trigger),
                }
            }
        }
        Err(outcome) => {
            work.record(Fact::Commanded { command: Box::new(command), outcome: outcome.clone() });
            work.answer(outcome);
        }
    }
}

fn judge(work: &Work<'_>, command: &Command, wall: ConsoleTime) -> Verdict {
    let asked = Asked { work, fleet: work.fleet(), actor: &command.actor, wall };
    if command.order.direction() == Direction::Forward && !asked.fleet.declaration().people.contains_key(&command.actor) {
        return refuse(format!("{} has no role here; somebody named in [people] can do this", command.actor));
    }
    match &command.order {
        Order::Start { push, releases, outlook } => asked.start(*push, releases, outlook),
        Order::Approve { push, sight } => asked.approve(*push, sight),
        Order::Promote { push, sight } => asked.promote(*push, sight),
        Order::Resume { push, sight } => asked.resume(*push, sight),
        Order::Reject { push, reason } => asked.reject(*push, reason.as_ref()),
        Order::Hold { push, reason } => asked.hold(*push, reason.as_ref()),
        Order::HoldAll { reason } => Ok(asked.hold_all(reason.as_ref())),
        Order::RollBack { push, manner, reason } => asked.roll_back(*push, *manner, reason.as_ref()),
        Order::Acknowledge { what: Acknowledged::Alert { slice } } => asked.acknowledge_alert(slice),
        Order::Acknowledge { what: Acknowledged::Push { push } } => asked.acknowledge_push(*push),
    }
}

fn refuse<T>(why: impl Into<String>) -> Result<T, Outcome> {
    Err(Outcome::refused(why))
}

/// A command being judged.
struct Asked<'a> {
    work: &'a Work<'a>,
    fleet: &'a Fleet,
    actor: &'a PersonId,
    wall: ConsoleTime,
}

impl Asked<'_> {
    fn by(&self) -> Actor {
        Actor::Person { name: self.actor.clone() }
    }

    fn known(&self, id: PushId) -> Result<&Push, Outcome> {
        self.fleet.push(id).map_or_else(|| refuse("there is no such push; see `pushdeck status` for those there are"), Ok)
    }

    fn start(&self, id: PushId, releases: &[(ServiceId, Version)], outlook: &Outlook) -> Verdict {
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
            Ok(plan) => Ok(vec![Act::Record(Fact::PushRequested { plan: Box::new(plan) })]),
            Err(why) => refuse(why.to_string()),
        }
    }

    /// A push that goes forward and is as it was seen.
    fn as_seen(&self, id: PushId, sight: &Sight) -> Result<&Push, Outcome> {
        let push = self.known(id)?;
        if self.fleet.engine() != Some((sight.engine, sight.epoch)) {
            return refuse("this was decided while looking at another run of the engine; look again");
        }
        let Some(now) = Material::of(self.fleet, id, self.work.now) else { return refuse("this push is not known; look again") };
        let mut changed = sight.material.worsened(&now);
        let digests = push.plan.moves.iter().map(|part| &part.to.digest);
        if !digests.eq(sight.digests.iter()) {
            changed.push(crate::domain::material::MaterialChange {
                field: "artifacts".into(),
                saw: "other digests".into(),
                now: "the push's own".into(),
            });
        }
        if !changed.is_empty() {
            return Err(Outcome::Refused { why: "it is no longer as you saw it; look again and decide anew".to_owned(), changed });
        }
        if !push.is_forward() {
            return refuse(format!("{} goes back or is over; nothing takes it forward", push.plan.name));
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

    fn approve(&self, id: PushId, sight: &Sight) -> Verdict {
        let push = self.as_seen(id, sight)?;
        let Some(rule) = push.next_stage().and_then(|stage| stage.approval.as_ref()) else {
            return refuse(format!("{} asks for no approval here; p promotes where a step is left by hand", push.plan.name));
        };
        let roles = rule.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        if push.plan.requested_by.person() == Some(self.actor) {
            return refuse(format!("you asked for this push yourself; somebody else of {roles} can approve it"));
        }
        if !self.fleet.declaration().has_role(self.actor, &rule.roles) {
            return refuse(format!("{} is not of {roles}; somebody of {roles} can approve it", self.actor));
        }
        if push.approvals.iter().any(|approval| approval.by == *self.actor) {
            return refuse(format!("you have approved it already; somebody else of {roles} can add theirs"));
        }
        if !push.holds.is_empty() {
            return refuse(format!("{} is stopped; u resumes it, then it can be approved", push.plan.name));
        }
        if push.approvals.len() as u32 >= rule.needed {
            return refuse(format!("{} has all the approvals this step needs; nothing more is asked", push.plan.name));
        }
        if !requirement::approval_is_asked(self.fleet, push, self.work.now) {
            return refuse(format!(
                "{} does not ask for approval yet; it does when the other requirements are met",
                push.plan.name
            ));
        }
        let approval = Approval { gate: push.gate(), by: self.actor.clone(), at: self.work.now, wall: self.wall };
        Ok(vec![Act::Record(Fact::Approved { push: id, approval })])
    }

    fn promote(&self, id: PushId, sight: &Sight) -> Verdict {
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
        if let Some(missing) = open.iter().find(|requirement| requirement.state != RequirementState::Met) {
            let help = if missing.kind == RequirementKind::Approval {
                "a approves".to_owned()
            } else {
                format!("{} can clear it", missing.who)
            };
            return refuse(format!("{} is not met: {}; {help}", missing.kind, missing.why));
        }
        Ok(vec![Act::Record(Fact::Promoted { push: id, gate: push.gate(), by: self.actor.clone() })])
    }

    /// Whoever moves a push forward is of those who answer for its group.
    fn entitled(&self, push: &Push) -> Result<(), Outcome> {
        let declaration = self.fleet.declaration();
        match declaration.group(&push.plan.group).map(|group| &group.owners) {
            Some(owners) if !declaration.has_role(self.actor, std::slice::from_ref(owners)) => {
                refuse(format!("{} is not of {owners}; somebody of {owners} can do this", self.actor))
            }
            _ => Ok(()),
        }
    }

    fn resume(&self, id: PushId, sight: &Sight) -> Verdict {
        let push = self.as_seen(id, sight)?;
        if push.holds.is_empty() {
            return refuse(format!("{} is not stopped; nothing needs to be resumed", push.plan.name));
        }
        self.entitled(push)?;
        Ok(vec![Act::Record(Fact::Resumed { push: id, by: self.actor.clone() })])
    }

    fn reject(&self, id: PushId, reason: Option<&String>) -> Verdict {
        let push = self.known(id)?;
        if !push.is_forward() {
            return refuse(format!("{} does not go forward; there is nothing to reject", push.plan.name));
        }
        if let Some(before) = &push.rejection {
            return Err(Outcome::Superseded { by: format!("{} rejected it already", before.by) });
        }
        let rejection = Rejection { by: self.actor.clone(), at: self.work.now, reason: reason.cloned() };
        Ok(vec![Act::Record(Fact::Rejected { push: id, rejection }), Act::TellStop(id)])
    }

    fn hold(&self, id: PushId, reason: Option<&String>) -> Verdict {
        let push = self.known(id)?;
        match &push.course {
            Course::Forward => Ok(self.hold_acts(push, reason)),
            Course::Back { .. } | Course::RollbackFailed { .. } => refuse(format!(
                "{} is going back and exposes nobody new; stopping does not stop a rollback, R makes it faster",
                push.plan.name
            )),
            Course::RolledBack { .. } | Course::Converged { .. } => Err(Outcome::Superseded { by: "it is over".to_owned() }),
        }
    }

    fn hold_all(&self, reason: Option<&String>) -> Vec<Act> {
        self.fleet.pushes().filter(|push| push.is_forward()).flat_map(|push| self.hold_acts(push, reason)).collect()
    }

    /// Holding twice is holding once, but the driver is told again as long as it was not seen to work.
    fn hold_acts(&self, push: &Push, reason: Option<&String>) -> Vec<Act> {
        let mut acts = Vec::new();
        // Each person's stop is their own: a resume decided before it was seen must not undo it.
        if !push.holds.iter().any(|hold| hold.by == self.by()) {
            if !push.approvals.is_empty() || push.promoted.is_some() {
                acts.push(Act::Record(Fact::ApprovalsSuperseded { push: push.id(), why: format!("stopped by {}", self.actor) }));
            }
            acts.push(Act::Record(Fact::Held {
                push: push.id(),
                hold: Hold { by: self.by(), since: self.work.now, reason: reason.cloned() },
            }));
        }
        if push.stop.as_ref().is_none_or(|stop| stop.observed.is_none()) {
            acts.push(Act::TellStop(push.id()));
        }
        acts
    }

    fn roll_back(&self, id: PushId, manner: Manner, reason: Option<&String>) -> Verdict {
        let push = self.known(id)?;
        let trigger = Trigger::Person { by: self.by(), reason: reason.cloned() };
        match &push.course {
            Course::Forward => Ok(vec![Act::GoBack(id, manner, trigger)]),
            Course::Back { rollback } | Course::RollbackFailed { rollback, .. }
                if manner == Manner::Fast && rollback.manner == Manner::Ordered =>
            {
                Ok(vec![Act::GoBack(id, manner, trigger)])
            }
            Course::Back { rollback } | Course::RollbackFailed { rollback, .. } => {
                Err(Outcome::Superseded { by: format!("it is going back already: {}", explain::trigger(&rollback.trigger)) })
            }
            Course::RolledBack { .. } => Err(Outcome::Superseded { by: "it is back already".to_owned() }),
            Course::Converged { .. } => {
                refuse(format!("{} is converged and over; start a push of the version before", push.plan.name))
            }
        }
    }

    fn acknowledge_alert(&self, slice: &SliceId) -> Verdict {
        if self.fleet.alert(slice).is_none() {
            return Err(Outcome::Superseded { by: "the alert is over".to_owned() });
        }
        Ok(vec![Act::Record(Fact::AlertAcknowledged { slice: slice.clone(), seen: self.seen() })])
    }

    fn acknowledge_push(&self, id: PushId) -> Verdict {
        let push = self.known(id)?;
        let ended_badly =
            push.rejection.is_some() || matches!(push.course, Course::RolledBack { .. } | Course::RollbackFailed { .. });
        if !ended_badly {
            return refuse(format!(
                "{} has nothing to acknowledge; A is for what was rejected, failed or went back",
                push.plan.name
            ));
        }
        Ok(vec![Act::Record(Fact::PushAcknowledged { push: id, seen: self.seen() })])
    }

    fn seen(&self) -> Acknowledgement {
        Acknowledgement { by: self.actor.clone(), at: self.work.now }
    }
}
