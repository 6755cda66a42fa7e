//! What a person asks for, and what became of it.

use serde::{Deserialize, Serialize};

use super::flag::FlagState;
use super::fleet::Fleet;
use super::id::{CellId, CommandId, Digest, EngineId, FlagId, GateId, PersonId, PlacementId, PushId, Seq, ServiceId, Version};
use super::lane::Lane;
use super::material::{Material, MaterialChange};
use super::metric::SliceId;
use super::push::Push;
use super::requirement::RequirementKind;
use super::rollback::Manner;
use super::time::{EngineTime, Period};

/// Everything a person saw when they decided to go forward, by value. The engine compares it with what is so now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sight {
    /// Which engine's store was looked at.
    pub engine: EngineId,
    /// Which run of that engine.
    pub epoch: u64,
    /// The last change that was on the screen.
    pub basis: Seq,
    /// Which occurrence of which gate.
    pub gate: GateId,
    /// The stage the push was in.
    pub from: Option<u32>,
    /// The stage it would enter. Absolute: never "the next one".
    pub to: Option<u32>,
    /// The artifacts that would go forward.
    pub digests: Vec<Digest>,
    /// The rest of what was shown.
    pub material: Material,
}

impl Sight {
    /// All there is to see of a push's gate now; `None` for a push or an engine that is not known.
    pub fn of(fleet: &Fleet, push: PushId, now: EngineTime) -> Option<Self> {
        let (engine, epoch) = fleet.engine()?;
        let material = Material::of(fleet, push, now)?;
        let push = fleet.push(push)?;
        Some(Self {
            engine,
            epoch,
            basis: fleet.seq(),
            gate: push.gate(),
            from: push.cursor.stage,
            to: push.next_index(),
            digests: push.plan.moves.iter().map(|part| part.to.digest.clone()).collect(),
            material,
        })
    }
}

/// Everything a person saw when they decided to begin a push, by value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Which engine's store was looked at.
    pub engine: EngineId,
    /// Which run of that engine.
    pub epoch: u64,
    /// The last change that was on the screen.
    pub basis: Seq,
    /// What each service ran, in every environment.
    pub running: Vec<(PlacementId, Version)>,
    /// The artifacts that would go out, in the order of the releases.
    pub digests: Vec<Digest>,
    /// The pushes of the group that are in flight, oldest first, and what a start would be to each.
    pub in_flight: Vec<Met>,
}

/// A push that a start finds in flight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// Which.
    pub push: PushId,
    /// What it is called, with its version.
    pub called: String,
    /// Whether the start would take its place. Otherwise it would follow it, as in a train.
    pub replaced: bool,
    /// Where it stands, as far as that bears on the start: what is replaced goes back from there.
    pub stage: Option<u32>,
}

impl Met {
    /// All that a start of these services would find, oldest first.
    fn all(fleet: &Fleet, releases: &[(ServiceId, Version)]) -> Vec<Self> {
        let mut found: Vec<_> = fleet.pushes().filter(|push| push.is_open()).collect();
        found.sort_by_key(|push| (push.plan.requested, push.id()));
        let moves = |push: &Push| releases.iter().any(|(service, _)| push.move_of(service).is_some());
        let same_group = |push: &Push| {
            releases.iter().any(|(service, _)| fleet.declaration().service(service).is_some_and(|of| of.group == push.plan.group))
        };
        found
            .into_iter()
            .filter(|push| if fleet.train_of(push).is_some() { same_group(push) } else { moves(push) })
            .map(|push| {
                let replaced = fleet.train_of(push).is_none();
                Self { push: push.id(), called: push.called(), replaced, stage: push.cursor.furthest.filter(|_| replaced) }
            })
            .collect()
    }

    /// What a start would be to it, in words.
    pub fn told(&self) -> String {
        let step = self.stage.map(|stage| format!(" at step {}", stage + 1)).unwrap_or_default();
        if self.replaced { format!("takes the place of {}{step}", self.called) } else { format!("follows {}", self.called) }
    }
}

impl Outlook {
    /// All there is to see before a push of these releases; `None` for an engine or a release that is not known.
    pub fn of(fleet: &Fleet, releases: &[(ServiceId, Version)]) -> Option<Self> {
        let (engine, epoch) = fleet.engine()?;
        let digest = |(service, version): &(ServiceId, Version)| {
            fleet.declaration().release(service, version).map(|release| release.digest.clone())
        };
        let of_these = |id: &PlacementId| releases.iter().any(|(service, _)| *service == id.service);
        Some(Self {
            engine,
            epoch,
            basis: fleet.seq(),
            running: fleet
                .placements()
                .filter(|placement| of_these(&placement.id))
                .map(|placement| (placement.id.clone(), placement.base.clone()))
                .collect(),
            digests: releases.iter().map(digest).collect::<Option<_>>()?,
            in_flight: Met::all(fleet, releases),
        })
    }

    /// What is no longer as it was seen.
    pub fn changed(&self, now: &Self) -> Vec<MaterialChange> {
        let mut changes = Vec::new();
        let mut differs =
            |field: &str, saw: String, now: String| changes.push(MaterialChange { field: field.to_owned(), saw, now });
        if (self.engine, self.epoch) != (now.engine, now.epoch) {
            differs("engine", "another run of it".to_owned(), format!("run {}", now.epoch));
        }
        for (id, version) in &now.running {
            match self.running.iter().find(|(known, _)| known == id) {
                Some((_, saw)) if saw == version => {}
                saw => differs(
                    &id.to_string(),
                    saw.map_or_else(|| "absent".to_owned(), |(_, saw)| saw.to_string()),
                    version.to_string(),
                ),
            }
        }
        if self.digests != now.digests {
            differs("artifacts", "other digests".to_owned(), "those declared now".to_owned());
        }
        if self.in_flight != now.in_flight {
            let told = |found: &[Met]| {
                if found.is_empty() { "nothing".to_owned() } else { found.iter().map(Met::told).collect::<Vec<_>>().join(", ") }
            };
            differs("in flight", told(&self.in_flight), told(&now.in_flight));
        }
        changes
    }
}

/// Everything a person saw when they decided to switch a flag on, by value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagSight {
    /// Which engine's store was looked at.
    pub engine: EngineId,
    /// Which run of that engine.
    pub epoch: u64,
    /// How the flag stood.
    pub state: FlagState,
    /// The pushes of its service that were in flight, oldest first, with their revision.
    pub in_flight: Vec<(PushId, u64)>,
}

impl FlagSight {
    /// All there is to see of a flag now; `None` for one that is not declared, or an engine that is not known.
    pub fn of(fleet: &Fleet, flag: &FlagId) -> Option<Self> {
        let (engine, epoch) = fleet.engine()?;
        let (flag, state) = fleet.flag(flag)?;
        let in_flight = fleet.open_pushes_of(&flag.service).map(|push| (push.id(), push.revision)).collect();
        Some(Self { engine, epoch, state: state.clone(), in_flight })
    }
}

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
