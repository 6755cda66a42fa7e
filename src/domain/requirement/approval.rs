//! People have said yes.

use super::super::fleet::Fleet;
use super::super::id::{PersonId, Role};
use super::super::push::Push;
use super::super::stage::ApprovalRule;
use super::{Requirement, RequirementKind, RequirementState};

/// Whose approvals of the present gate count: distinct people who have one of the roles now, and did not ask for the push.
pub fn counted<'f>(fleet: &'f Fleet, push: &'f Push, rule: &'f ApprovalRule) -> impl Iterator<Item = &'f PersonId> {
    let gate = push.gate();
    push.approvals
        .iter()
        .filter(move |approval| approval.gate == gate)
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
    Requirement { kind: RequirementKind::Approval, state, why, who: roles, due: None, usually: None }
}
