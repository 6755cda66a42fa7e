//! Whatever waits for a person: yours first, then by the time left.

use crate::domain::explain;
use crate::domain::fleet::Fleet;
use crate::domain::id::{GateId, PersonId, PushId, Role};
use crate::domain::push::{APPROVAL_LIFE, Course, Push};
use crate::domain::requirement;
use crate::domain::status::{self, Status};
use crate::domain::time::EngineTime;

use super::words;

/// In which way a push waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitingFor {
    /// It is not all back, and does not get there by itself.
    RollbackFailed,
    /// An approval of its gate is asked for.
    Approval,
    /// Everything is met; it is left by hand.
    Go,
    /// Somebody stopped it, and somebody must let it go on or take it back.
    Resume,
    /// It was rejected and is still exposed.
    WayBack,
    /// It went back, and nobody has said that they saw it.
    Seen,
}

/// The identity of something that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaitingKey {
    /// Which push.
    pub push: PushId,
    /// For what.
    pub what: WaitingFor,
}

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    /// Its identity.
    pub key: WaitingKey,
    /// Which occurrence of its gate it stands before.
    pub gate: GateId,
    /// Whether whoever sits here can do something about it.
    pub yours: bool,
    /// `cart v9→v10`.
    pub name: String,
    /// What it waits for, in a few words: `enter production, one box`.
    pub words: String,
    /// Who can do it, and how far that is: `1 of 2, raj`.
    pub who: String,
    /// Since when it has waited.
    pub since: EngineTime,
    /// When something else decides, where a clock does. Approvals are not asked for with an end.
    pub until: Option<EngineTime>,
}

/// Everything that waits: what is the actor's first, then by the time left, then the longest waiting.
pub(super) fn rows(fleet: &Fleet, actor: &PersonId, now: EngineTime) -> Vec<WaitingRow> {
    let mut rows: Vec<_> = fleet.pushes().filter_map(|push| row(fleet, push, actor, now)).collect();
    rows.sort_by_key(|row| (!row.yours, row.until.is_none(), row.until, row.key.what, row.since, row.key.push));
    rows
}

fn row(fleet: &Fleet, push: &Push, actor: &PersonId, now: EngineTime) -> Option<WaitingRow> {
    let here = push
        .stage()
        .map_or_else(|| "before its first step".to_owned(), |stage| format!("at {} in {}", stage.name, stage.environment));
    let owns = fleet.declaration().has_role(actor, &owners(fleet, push)) || push.plan.requested_by.person() == Some(actor);
    let owner = owners(fleet, push).first().map_or_else(|| "anybody on call".to_owned(), Role::to_string);
    let (what, words, who, since, yours) = match &push.course {
        Course::RollbackFailed { at, stuck, .. } if push.acknowledged.is_none() => {
            (WaitingFor::RollbackFailed, format!("ROLLBACK FAILED, {} instances not back", stuck.len()), owner, *at, owns)
        }
        Course::RolledBack { at, .. } if push.acknowledged.is_none() => (WaitingFor::Seen, rolled_back(push), owner, *at, owns),
        Course::Forward => forward(fleet, push, actor, now).map(|found| match found {
            Forward::Rejected(by, at) => (WaitingFor::WayBack, format!("rejected by {by}, still {here}"), owner, at, owns),
            Forward::Held(by, at) => {
                let mine = owns || by == actor.as_str();
                // A person knows why they stopped it; a rule says so.
                let by_rule = push.holds.first().filter(|hold| hold.by.person().is_none()).and_then(|hold| hold.reason.as_ref());
                let why = by_rule.map(|why| format!(", {why}")).unwrap_or_default();
                (WaitingFor::Resume, format!("stopped {here}{why}"), format!("by {by}"), at, mine)
            }
            Forward::Approval { who, yours, since } => {
                (WaitingFor::Approval, format!("enter {}", explain::entered(push.next_stage())), who, since, yours)
            }
            Forward::Go(since) => {
                (WaitingFor::Go, format!("your go for {}", explain::entered(push.next_stage())), owner, since, owns)
            }
        })?,
        _ => return None,
    };
    let key = WaitingKey { push: push.id(), what };
    Some(WaitingRow { key, gate: push.gate(), yours, name: words::push_name(push), words, who, since, until: None })
}

fn owners(fleet: &Fleet, push: &Push) -> Vec<Role> {
    fleet.declaration().group(&push.plan.group).map(|group| group.owners.clone()).into_iter().collect()
}

fn rolled_back(push: &Push) -> String {
    let failed = push.harm.failed.max(0.0).round() as u64;
    if failed > 0 { format!("rolled back, harm {} failed", words::grouped(failed)) } else { "rolled back".to_owned() }
}

enum Forward {
    Rejected(String, EngineTime),
    Held(String, EngineTime),
    Approval { who: String, yours: bool, since: EngineTime },
    Go(EngineTime),
}

fn forward(fleet: &Fleet, push: &Push, actor: &PersonId, now: EngineTime) -> Option<Forward> {
    if let Some(rejection) = &push.rejection {
        return push.acknowledged.is_none().then(|| Forward::Rejected(rejection.by.to_string(), rejection.at));
    }
    if let Some(hold) = push.holds.first() {
        return Some(Forward::Held(hold.holder(), hold.since));
    }
    match status::of_push(fleet, push, now) {
        Status::Ready => Some(Forward::Go(push.cursor.arrived.map_or(push.cursor.entered, |at| at.max(bake_end(push, now))))),
        _ if requirement::approval_is_asked(fleet, push, now) => {
            let rule = push.next_stage()?.approval.as_ref()?;
            let given: Vec<_> = given(push).map(PersonId::as_str).collect();
            if given.len() as u32 >= rule.needed {
                return None;
            }
            let roles = rule.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" or ");
            let names = if given.is_empty() { roles } else { given.join(", ") };
            let yours = may_approve(fleet, push, actor);
            let asked = bake_end(push, now);
            let since = EngineTime::from_millis(asked.millis() - APPROVAL_LIFE.millis())
                .max(push.cursor.arrived.unwrap_or(push.cursor.entered));
            Some(Forward::Approval { who: format!("{} of {}, {names}", given.len(), rule.needed), yours, since: since.min(now) })
        }
        _ => None,
    }
}

/// When the stage's minimum clock was over, or will be if it goes on running.
fn bake_end(push: &Push, now: EngineTime) -> EngineTime {
    let Some(stage) = push.stage() else { return push.plan.requested };
    let left = |since: EngineTime| since + stage.bake.less(push.cursor.bake.ran);
    push.cursor.bake.running_since.map_or(now, left)
}

/// Who has approved the gate a push stands before.
pub(super) fn given(push: &Push) -> impl Iterator<Item = &PersonId> {
    push.approvals.iter().filter(|approval| approval.gate == push.gate()).map(|approval| &approval.by)
}

/// Whether a person's approval would count: they have a role that is asked for, did not ask for the push, and have not given it yet.
pub(super) fn may_approve(fleet: &Fleet, push: &Push, actor: &PersonId) -> bool {
    push.next_stage().and_then(|next| next.approval.as_ref()).is_some_and(|rule| fleet.declaration().has_role(actor, &rule.roles))
        && push.plan.requested_by.person() != Some(actor)
        && given(push).all(|by| by != actor)
}
