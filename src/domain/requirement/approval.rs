//! People have said yes.

use super::super::explain;
use super::super::fleet::Fleet;
use super::super::id::{PersonId, Role};
use super::super::push::Push;
use super::super::stage::ApprovalRule;
use super::{Requirement, RequirementKind, RequirementState};

/// Whose approvals of what the push stands before count: distinct people who have one of the roles now, and did not ask for the push.
pub fn counted<'f>(fleet: &'f Fleet, push: &'f Push, rule: &'f ApprovalRule) -> impl Iterator<Item = &'f PersonId> {
    push.approvals
        .iter()
        .filter(|approval| approval.is_for(push))
        .map(|approval| &approval.by)
        .filter(|by| push.plan.requested_by.person() != Some(*by))
        .filter(|by| fleet.declaration.has_role(by, &rule.roles))
}

pub(super) fn of(fleet: &Fleet, push: &Push, rule: &ApprovalRule, asked: bool) -> Requirement {
    let given: Vec<_> = counted(fleet, push, rule).map(PersonId::as_str).collect();
    let roles = rule.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" or ");
    let (state, why) = if given.len() as u32 >= rule.needed {
        (RequirementState::Met, format!("given by {}", given.join(", ")))
    } else if asked && given.is_empty() {
        (RequirementState::Pending, format!("{} of {roles}", rule.needed))
    } else if asked {
        (RequirementState::Pending, format!("{} of {}, given by {}", given.len(), rule.needed, given.join(", ")))
    } else {
        (RequirementState::Pending, format!("{} of {roles}, asked when the rest is met", rule.needed))
    };
    let why = if state == RequirementState::Met { why } else { why + &voided(push, &given) };
    Requirement { kind: RequirementKind::Approval, state, why, who: roles, due: None, usually: None }
}

/// `; bob's does not count any more: stopped by ana`, where somebody has said yes to what is no longer so and not said it again.
fn voided(push: &Push, given: &[&str]) -> String {
    let Some(voided) = &push.voided else { return String::new() };
    let by: Vec<_> = voided.by.iter().filter(|by| !given.contains(&by.as_str())).map(|by| format!("{by}'s")).collect();
    if by.is_empty() {
        return String::new();
    }
    let verb = if by.len() == 1 { "does" } else { "do" };
    let whose = by.iter().map(String::as_str).collect::<Vec<_>>();
    format!("; {} {verb} not count any more: {}", explain::listed(&whose), voided.why)
}
