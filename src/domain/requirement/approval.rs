//! People have said yes.

use super::super::id::Role;
use super::super::push::Push;
use super::super::stage::ApprovalRule;
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(push: &Push, rule: &ApprovalRule, asked: bool) -> Requirement {
    let given: Vec<_> =
        push.approvals.iter().filter(|approval| approval.gate == push.gate()).map(|approval| approval.by.as_str()).collect();
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
