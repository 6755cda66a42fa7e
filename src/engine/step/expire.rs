//! What people said and did not use in time: approvals by the wall's clock, waivers by the engine's.

use crate::domain::change::Fact;

use super::work::Work;

/// Before anything else is decided in a step, so that nothing that has run out is ever used.
pub(super) fn of_people(work: &mut Work<'_>) {
    let mut ended = Vec::new();
    for push in work.fleet().pushes().filter(|push| push.is_forward()) {
        let id = push.id();
        let expired = push.approvals.iter().filter(|approval| approval.is_expired(work.wall));
        ended.extend(expired.map(|approval| Fact::ApprovalExpired { push: id, of: approval.by.clone() }));
        let over = push.waivers.iter().filter(|waiver| work.now >= waiver.until);
        ended.extend(over.map(|waiver| Fact::WaiverEnded { push: id, requirement: waiver.requirement.clone() }));
    }
    for fact in ended {
        work.record(fact);
    }
}
