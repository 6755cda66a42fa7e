//! Exceptions and second thoughts: waiving a requirement, seconding that, and taking an approval back.

use crate::domain::change::Fact;
use crate::domain::command::{Outcome, Sight};
use crate::domain::id::{PushId, Seq};
use crate::domain::push::{Course, Push};
use crate::domain::requirement::{self, RequirementKind};
use crate::domain::time::Period;
use crate::domain::waiver::{self, WAIVER_LIFE, Waiver};

use super::{Act, Asked, Verdict, refuse};

/// What is to be waived, why, and for how long.
pub(super) struct Waiving<'a> {
    pub(super) requirement: &'a RequirementKind,
    pub(super) reason: &'a str,
    pub(super) lasts: Period,
}

impl Asked<'_> {
    pub(super) fn waive(&self, id: PushId, sight: &Sight, asked: &Waiving<'_>) -> Verdict {
        let Waiving { requirement, reason, lasts } = asked;
        let (known, now) = (self.known(id)?, self.work.now);
        if let Some(before) = known.waiver(requirement, now).filter(|_| known.is_forward()) {
            return Err(Outcome::Superseded {
                by: format!("{} waived {requirement} already, {}", before.people(), self.ago(before.at)),
            });
        }
        let push = self.as_seen(id, sight)?;
        self.entitled(push)?;
        let name = &push.plan.name;
        match requirement {
            RequirementKind::Approval => return refuse("approval is never waived: people are always asked; a approves"),
            RequirementKind::Arrived => {
                return refuse("arrived is never waived: nothing goes on without its canary; s stops it, r takes it back");
            }
            RequirementKind::Ahead => {
                return refuse(format!(
                    "ahead is never waived: two releases of {name} cannot share an environment; it goes on when the one ahead has moved"
                ));
            }
            _ => {}
        }
        if reason.trim().is_empty() {
            return refuse("a waiver needs a reason; say why, and ask again");
        }
        if lasts.is_zero() || *lasts > WAIVER_LIFE || lasts.millis() < 0 {
            return refuse(format!("a waiver lasts at most {WAIVER_LIFE} and not {lasts}; ask for less"));
        }
        let all = requirement::of_gate(self.fleet, push, now);
        match all.iter().find(|found| found.kind == **requirement) {
            None => return refuse(format!("{name} requires no {requirement} here; waive one of those it shows")),
            Some(found) if found.state.lets_pass() => {
                return refuse(format!("{requirement} is met; nothing needs to be waived, e explains what {name} waits for"));
            }
            Some(_) => {}
        }
        let until = now + *lasts;
        if let Some(first) = push.asked_waiver(requirement, now) {
            self.may_second(push, first)?;
            // Two people agree to no more than the shorter of what they said.
            let (requirement, until) = ((*requirement).clone(), until.min(first.until));
            return Ok(vec![Act::Record(Fact::WaiverSeconded { push: id, requirement, by: self.actor.clone(), until })]);
        }
        let waiver = Waiver {
            gate: push.gate(),
            requirement: (*requirement).clone(),
            by: self.actor.clone(),
            reason: (*reason).to_owned(),
            at: now,
            until,
            needs_second: waiver::needs_second(self.fleet, push),
            seconded: None,
        };
        Ok(vec![Act::Record(Fact::Waived { push: id, waiver })])
    }

    /// The second person is another one, and not the one who wants the push.
    fn may_second(&self, push: &Push, first: &Waiver) -> Result<(), Outcome> {
        let owners = self.owners(push).map_or_else(|| "those who own it".to_owned(), ToString::to_string);
        if first.by == *self.actor {
            return refuse(format!("you have asked for it already; somebody else of {owners} has to agree"));
        }
        if push.plan.requested_by.person() == Some(self.actor) {
            return refuse(format!(
                "you asked for this push yourself; somebody else of {owners} has to agree to what {} waives",
                first.by
            ));
        }
        Ok(())
    }

    pub(super) fn revoke(&self, id: PushId) -> Verdict {
        let push = self.known(id)?;
        let name = &push.plan.name;
        if !push.is_forward() {
            let why = match &push.course {
                Course::Back { rollback } | Course::RollbackFailed { rollback, .. } => self.sent_back(rollback),
                _ => self.over(push),
            };
            return Err(Outcome::Superseded { by: format!("{why}, and what was approved ended with that") });
        }
        let of: Vec<_> = push.approvals.iter().map(|approval| approval.by.clone()).collect();
        if let (true, Some(hold)) = (of.is_empty(), push.holds.last()) {
            return Err(Outcome::Superseded {
                by: format!("stopped by {} {}, and what was approved ended with that", hold.by, self.ago(hold.since)),
            });
        }
        if of.is_empty() {
            let last = self.fleet.granted_since(id, Seq(0)).into_iter().rfind(|(_, verb, _)| ["approve", "revoke"].contains(verb));
            return match (last, push.stage().filter(|stage| stage.approval.is_some())) {
                (Some((who, "revoke", at)), _) => {
                    Err(Outcome::Superseded { by: format!("{who} took it back already, {}", self.ago(at)) })
                }
                (Some((who, _, at)), Some(stage)) => refuse(format!(
                    "too late: {who} gave the last approval {} and {} has been entered; s stops it",
                    self.ago(at),
                    stage.name
                )),
                _ => refuse(format!("nothing has been approved at this step of {name}; s stops it")),
            };
        }
        let revoked = |of| Act::Record(Fact::ApprovalRevoked { push: id, of, by: self.actor.clone() });
        if of.contains(self.actor) {
            return Ok(vec![revoked(self.actor.clone())]);
        }
        self.entitled(push)?;
        Ok(of.into_iter().map(revoked).collect())
    }
}
