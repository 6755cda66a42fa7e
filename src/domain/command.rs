//! What a person asks for, and what became of it.

use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::id::{CellId, CommandId, Digest, FlagId, PersonId, PlacementId, PushId, Seq, ServiceId, Version};
use super::lane::Lane;
use super::material::MaterialChange;
use super::metric::SliceId;
use super::requirement::RequirementKind;
use super::rollback::Manner;
use super::time::Period;

mod sight;

pub use sight::{FlagSight, Met, Outlook, Sight};

/// What an acknowledgement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Acknowledged {
    /// An alert. It asks again after half an hour.
    Alert {
        /// Which.
        slice: SliceId,
    },
    /// A push that was rejected, failed or went back.
    Push {
        /// Which.
        push: PushId,
    },
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verb")]
pub enum Order {
    /// Begin a push of these releases. They must be of one group.
    Start {
        /// The new push's identity.
        push: PushId,
        /// Service and version, each with a release and digest of its own.
        releases: Vec<(ServiceId, Version)>,
        /// What was seen.
        outlook: Box<Outlook>,
        /// In how much of a hurry.
        #[serde(default)]
        lane: Lane,
    },
    /// Meet one approval requirement of the gate that was seen.
    Approve {
        /// Which push.
        push: PushId,
        /// What was seen.
        sight: Box<Sight>,
    },
    /// End the way forward. Nothing goes back by this alone.
    Reject {
        /// Which push.
        push: PushId,
        /// Why.
        reason: Option<String>,
    },
    /// Let a stage that is left by hand go on.
    Promote {
        /// Which push.
        push: PushId,
        /// What was seen.
        sight: Box<Sight>,
    },
    /// Stop all new exposure of one push.
    Hold {
        /// Which push.
        push: PushId,
        /// Why.
        reason: Option<String>,
    },
    /// Stop all new exposure of every push.
    HoldAll {
        /// Why.
        reason: Option<String>,
    },
    /// Let a held push move again.
    Resume {
        /// Which push.
        push: PushId,
        /// What was seen.
        sight: Box<Sight>,
    },
    /// Go back, all siblings.
    RollBack {
        /// Which push.
        push: PushId,
        /// In which manner.
        manner: Manner,
        /// Why.
        reason: Option<String>,
    },
    /// Say that something has been seen.
    Acknowledge {
        /// What.
        what: Acknowledged,
    },
    /// Let one requirement of the gate that was seen be passed, once, although it does not hold.
    Waive {
        /// Which push.
        push: PushId,
        /// What was seen.
        sight: Box<Sight>,
        /// Which requirement.
        requirement: RequirementKind,
        /// Why. Never empty.
        reason: String,
        /// For how long: what has not been passed by then is required again.
        lasts: Period,
    },
    /// Take approval of the present gate back: one's own, or, where one has given none, all that was given.
    Revoke {
        /// Which push.
        push: PushId,
    },
    /// Put a fix in the place of what is in flight, at the stage the push is in.
    FixForward {
        /// Which push.
        push: PushId,
        /// What was seen.
        sight: Box<Sight>,
        /// Service and version of each fix.
        releases: Vec<(ServiceId, Version)>,
        /// Their artifacts, in the same order.
        digests: Vec<Digest>,
    },
    /// Take one sibling back alone, and leave the others where they are: they are then out of step.
    RollBackAlone {
        /// Which push.
        push: PushId,
        /// Which of its services.
        service: ServiceId,
        /// Why. Never empty.
        reason: String,
    },
    /// Take the new version's traffic in a cell to nothing, stop the push, and keep the instances for inspection.
    Drain {
        /// Which push.
        push: PushId,
        /// In which cell of the environment it is in.
        cell: CellId,
        /// Why.
        reason: Option<String>,
    },
    /// Stop a push that is going back where it is.
    HaltRollback {
        /// Which push.
        push: PushId,
        /// Why. Never empty.
        reason: String,
    },
    /// Switch a flag off, for everybody.
    FlagOff {
        /// Which.
        flag: FlagId,
        /// Why.
        reason: Option<String>,
    },
    /// Switch a flag on again.
    FlagOn {
        /// Which.
        flag: FlagId,
        /// What was seen.
        seen: Box<FlagSight>,
    },
    /// Answer for a push from now on.
    TakeOver {
        /// Which.
        push: PushId,
    },
    /// Write a line on a push.
    Note {
        /// Which.
        push: PushId,
        /// What. Never empty.
        text: String,
    },
    /// Strike a line out.
    StrikeNote {
        /// Of which push.
        push: PushId,
        /// Which, counted from 0.
        note: u32,
    },
    /// Try again, at once, what did not work.
    Retry {
        /// What.
        what: Retried,
    },
}

/// What is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Retried {
    /// The tasks of a push that failed, or a rollback that did not get back in time.
    Push {
        /// Which.
        push: PushId,
    },
    /// A service in an environment that somebody changed by hand: it is brought back to its target.
    Placement {
        /// Which.
        placement: PlacementId,
    },
}

/// Which way an order pushes the world. Forward fails closed; stopping and going back fail open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More exposure, now or later: refused on any doubt.
    Forward,
    /// Less or no more exposure: needs only to know which push.
    Stop,
    /// Back to what ran before: likewise.
    Back,
    /// Changes nothing in production.
    Neither,
}

impl Order {
    /// The order to begin a push, as things stand; `None` for an engine or a release that is not known.
    pub fn start(fleet: &Fleet, push: PushId, releases: Vec<(ServiceId, Version)>) -> Option<Self> {
        let outlook = Box::new(Outlook::of(fleet, &releases)?);
        Some(Self::Start { push, releases, outlook, lane: Lane::Standard })
    }

    /// The verb as written on the command line and in the journal.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Approve { .. } => "approve",
            Self::Reject { .. } => "reject",
            Self::Promote { .. } => "promote",
            Self::Hold { .. } | Self::HoldAll { .. } => "hold",
            Self::Resume { .. } => "resume",
            Self::RollBack { .. } => "rollback",
            Self::Acknowledge { .. } => "acknowledge",
            Self::Waive { .. } => "waive",
            Self::Revoke { .. } => "revoke",
            Self::FixForward { .. } => "fix-forward",
            Self::RollBackAlone { .. } => "rollback-alone",
            Self::Drain { .. } => "drain",
            Self::HaltRollback { .. } => "halt-rollback",
            Self::Retry { .. } => "retry",
            Self::FlagOff { .. } => "flag-off",
            Self::FlagOn { .. } => "flag-on",
            Self::TakeOver { .. } => "take-over",
            Self::Note { .. } => "note",
            Self::StrikeNote { .. } => "strike-note",
        }
    }

    /// Which way it pushes the world.
    pub const fn direction(&self) -> Direction {
        match self {
            Self::Start { .. }
            | Self::Approve { .. }
            | Self::Promote { .. }
            | Self::Resume { .. }
            | Self::Waive { .. }
            | Self::FlagOn { .. }
            | Self::FixForward { .. } => Direction::Forward,
            Self::Hold { .. }
            | Self::HoldAll { .. }
            | Self::Reject { .. }
            | Self::Revoke { .. }
            | Self::Drain { .. }
            | Self::FlagOff { .. }
            | Self::HaltRollback { .. } => Direction::Stop,
            Self::RollBack { .. } | Self::RollBackAlone { .. } => Direction::Back,
            Self::Acknowledge { .. } | Self::Retry { .. } | Self::TakeOver { .. } | Self::Note { .. } | Self::StrikeNote { .. } => {
                Direction::Neither
            }
        }
    }

    /// The push it is about, if it is about one.
    pub fn push(&self) -> Option<PushId> {
        match self {
            Self::Start { push, .. }
            | Self::Approve { push, .. }
            | Self::Reject { push, .. }
            | Self::Promote { push, .. }
            | Self::Hold { push, .. }
            | Self::Resume { push, .. }
            | Self::RollBack { push, .. }
            | Self::Waive { push, .. }
            | Self::Revoke { push }
            | Self::FixForward { push, .. }
            | Self::RollBackAlone { push, .. }
            | Self::Drain { push, .. }
            | Self::HaltRollback { push, .. }
            | Self::TakeOver { push }
            | Self::Note { push, .. }
            | Self::StrikeNote { push, .. }
            | Self::Retry { what: Retried::Push { push } }
            | Self::Acknowledge { what: Acknowledged::Push { push } } => Some(*push),
            Self::HoldAll { .. }
            | Self::FlagOff { .. }
            | Self::FlagOn { .. }
            | Self::Acknowledge { what: Acknowledged::Alert { .. } }
            | Self::Retry { what: Retried::Placement { .. } } => None,
        }
    }
}

/// An order with its identity and who gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Made by the console and kept over every retry.
    pub id: CommandId,
    /// Who gives it.
    pub actor: PersonId,
    /// What is asked.
    pub order: Order,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Outcome {
    /// It is durable and will be, or has been, carried out. What it did follows as changes.
    Accepted {
        /// The change that recorded it.
        seq: Seq,
    },
    /// It was not carried out.
    Refused {
        /// In a sentence that ends with what would work, or who can.
        why: String,
        /// What had changed since the actor looked, if that was the reason.
        changed: Vec<MaterialChange>,
    },
    /// Somebody else's decision came first and makes it pointless.
    Superseded {
        /// Whose, and what.
        by: String,
    },
    /// There was no answer. It may or may not have happened.
    Unknown {
        /// What went wrong.
        why: String,
    },
}

impl Outcome {
    /// A refusal with nothing more to show.
    pub fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into(), changed: Vec::new() }
    }
}
