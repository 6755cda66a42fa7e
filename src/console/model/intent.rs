//! What would be done if a dialog were answered with yes.

use crate::domain::command::{FlagSight, Outlook, Retried, Sight};
use crate::domain::id::{CellId, FlagId, PushId, ServiceId, Version};
use crate::domain::requirement::RequirementKind;
use crate::domain::rollback::Manner;

use super::dialog::Asked;
use super::overlay::Asking;

/// What a dialog would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Meet an approval.
    Approve(PushId, Box<Sight>),
    /// Take a push through its gate.
    Promote(PushId, Box<Sight>),
    /// Lift the holds of a push.
    Resume(PushId, Box<Sight>),
    /// Begin a push.
    Start(Vec<(ServiceId, Version)>, Box<Outlook>),
    /// End the way forward of a push.
    Reject(PushId),
    /// Take pushes back; they are stopped already.
    RollBack(PushId, Manner),
    /// Let a requirement be passed.
    Waive(PushId, Box<Sight>, RequirementKind),
    /// Put fixes in the place of what is in flight.
    FixForward(PushId, Box<Sight>, Vec<(ServiceId, Version)>),
    /// Take one sibling back alone.
    Alone(PushId, ServiceId),
    /// Drain a cell.
    Drain(PushId, CellId),
    /// Halt a way back.
    Halt(PushId),
    /// Try something again.
    Retry(Retried),
    /// Write a line on a push.
    Note(PushId),
    /// Switch a flag on.
    FlagOn(FlagId, Box<FlagSight>),
}

impl Intent {
    /// The push it is about, where it exists already.
    pub const fn push(&self) -> Option<PushId> {
        match self {
            Self::Approve(push, _)
            | Self::Promote(push, _)
            | Self::Resume(push, _)
            | Self::Waive(push, ..)
            | Self::FixForward(push, ..)
            | Self::Reject(push)
            | Self::RollBack(push, _)
            | Self::Alone(push, _)
            | Self::Drain(push, _)
            | Self::Halt(push)
            | Self::Note(push)
            | Self::Retry(Retried::Push { push }) => Some(*push),
            Self::Start(..) | Self::FlagOn(..) | Self::Retry(Retried::Placement { .. }) => None,
        }
    }

    /// What was seen when it was opened, where that is sent along.
    pub const fn sight(&self) -> Option<&Sight> {
        match self {
            Self::Approve(_, sight)
            | Self::Promote(_, sight)
            | Self::Resume(_, sight)
            | Self::Waive(_, sight, _)
            | Self::FixForward(_, sight, _) => Some(sight),
            _ => None,
        }
    }

    /// Whether a reason is asked for, and whether it may stay empty.
    pub(super) const fn reason(&self) -> Option<Asked> {
        match self {
            Self::Waive(..) | Self::Alone(..) | Self::Halt(_) | Self::Note(_) => Some(Asked::Needed),
            Self::Reject(_) | Self::Drain(..) => Some(Asked::Welcome),
            _ => None,
        }
    }

    /// Whether it takes exposure or motion away, so that it can be answered at any size.
    pub(super) const fn is_a_way_out(&self) -> bool {
        matches!(self, Self::RollBack(..) | Self::Drain(..))
    }

    /// The verb that asked for it.
    pub(super) const fn asking(&self) -> Asking {
        match self {
            Self::Approve(..) => Asking::Approve,
            Self::Promote(..) => Asking::Promote,
            Self::Resume(..) => Asking::Resume,
            Self::Reject(_) => Asking::Reject,
            Self::RollBack(_, manner) => Asking::RollBack(*manner),
            Self::Start(..) => Asking::Start,
            Self::Waive(..) => Asking::Waive,
            Self::FixForward(..) => Asking::FixForward,
            Self::Alone(..) => Asking::Alone,
            Self::Drain(..) => Asking::Drain,
            Self::Halt(_) => Asking::Halt,
            Self::Retry(_) => Asking::Retry,
            Self::Note(_) => Asking::Note,
            Self::FlagOn(..) => Asking::FlagOn,
        }
    }
}
