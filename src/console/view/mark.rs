//! The one table that gives each status its mark and its look. Its word is the domain's.

use crate::console::theme::{Glyph, Role};
use crate::domain::requirement::RequirementState;
use crate::domain::status::Status;

use super::line::Line;

/// A status's mark and look.
pub const fn of_status(status: Status) -> (Glyph, Role) {
    match status {
        Status::RollbackFailed => (Glyph::RollbackFailed, Role::Loud),
        Status::OutOfStep => (Glyph::OutOfStep, Role::Loud),
        Status::Failed => (Glyph::Failed, Role::Bad),
        Status::Unknown => (Glyph::Unknown, Role::Bad),
        Status::RollingBack => (Glyph::GoingBack, Role::Waiting),
        Status::Held => (Glyph::Held, Role::Waiting),
        Status::RolledBack => (Glyph::RolledBack, Role::Waiting),
        Status::WaitingApproval | Status::Ready => (Glyph::Person, Role::Waiting),
        Status::WaitingRequirements => (Glyph::Waits, Role::Waiting),
        Status::Converging | Status::Baking => (Glyph::Moving, Role::Moving),
        Status::Pending => (Glyph::Waits, Role::Dim),
        Status::Replaced => (Glyph::Replaced, Role::Dim),
        Status::Converged => (Glyph::Converged, Role::Good),
    }
}

/// A requirement's mark and look.
pub const fn of_requirement(state: RequirementState) -> (Glyph, Role) {
    match state {
        RequirementState::Met => (Glyph::Met, Role::Dim),
        RequirementState::Waived => (Glyph::Waived, Role::Bad),
        RequirementState::Pending => (Glyph::Moving, Role::Text),
        RequirementState::Unmet => (Glyph::Failed, Role::Bad),
        RequirementState::Broken => (Glyph::Unknown, Role::Bad),
    }
}

/// A status as mark and word: `◐ baking`.
pub fn said(status: Status) -> Line {
    let (glyph, role) = of_status(status);
    Line::of(role, format!("{} {}", glyph.symbol(), status.word()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rolled_back_does_not_look_like_converged_and_only_what_is_broken_in_itself_is_loud() {
        assert_ne!(of_status(Status::RolledBack), of_status(Status::Converged));
        for status in Status::ALL {
            assert_eq!(
                of_status(status).1 == Role::Loud,
                matches!(status, Status::RollbackFailed | Status::OutOfStep),
                "{status:?}"
            );
        }
    }
}
