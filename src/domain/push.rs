//! Releases on their way through environments, with one stage cursor for all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::Look;
use super::harm::Harm;
use super::id::{CheckId, EnvironmentId, GateId, GroupId, InstanceId, PersonId, PushId, ServiceId, Version};
use super::metric::{Metric, SliceId};
use super::person::Actor;
use super::requirement::RequirementKind;
use super::rollback::{Rollback, RollbackPlan};
use super::service::Release;
use super::stage::PlannedStage;
use super::time::{ConsoleTime, EngineTime, Period};

/// One service's part in a push: from which version to which release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Which service.
    pub service: ServiceId,
    /// What ran before in each environment, and is gone back to. One entry for every environment on the way.
    pub from: BTreeMap<EnvironmentId, Version>,
    /// What it goes to.
    pub to: Release,
}

/// What is known of a push before its first step; it does not change afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushPlan {
    /// Its identity.
    pub id: PushId,
    /// The group whose services move.
    pub group: GroupId,
    /// What it is called on screens: the group, or the one service where only one moves.
    pub name: String,
    /// In the group's order.
    pub moves: Vec<Move>,
    /// Over all environments, in order.
    pub stages: Vec<PlannedStage>,
    /// Who asked for it.
    pub requested_by: Actor,
    /// When.
    pub requested: EngineTime,
}

/// The minimum clock of a stage. It stands still while there is no evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BakeClock {
    /// What had run when it was last stopped.
    pub ran: Period,
    /// Since when it has been running, if it is.
    pub running_since: Option<EngineTime>,
    /// Why it stands still, if it does although instances have arrived.
    pub stopped: Option<String>,
}

impl BakeClock {
    /// What has run by now.
    pub fn elapsed(&self, now: EngineTime) -> Period {
        self.ran + self.running_since.map_or(Period::ZERO, |since| now.since(since))
    }
}

/// Where a push is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The stage it is in; `None` before the first.
    pub stage: Option<u32>,
    /// How often a stage was entered. Makes each gate an occurrence of its own.
    pub entry: u32,
    /// When this stage was entered, or the push asked for.
    pub entered: EngineTime,
    /// When the last instance of the stage's last service had arrived; `None` until then.
    pub arrived: Option<EngineTime>,
    /// The stage's minimum clock.
    pub bake: BakeClock,
}

/// One person's yes, bound to the gate it was given for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// For which occurrence of which gate.
    pub gate: GateId,
    /// Whose.
    pub by: PersonId,
    /// When, on the engine's clock.
    pub at: EngineTime,
    /// When, by the wall: it expires by this one.
    pub wall: ConsoleTime,
}

/// How long an approval stands, in wall minutes.
pub const APPROVAL_LIFE: Period = Period::from_mins(10);

/// A time in which a push waited for one requirement, with no clock of its own left to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// For what.
    pub requirement: RequirementKind,
    /// Since when; for an approval, since it was asked for.
    pub since: EngineTime,
    /// When it was met; `None` while it is not.
    pub met: Option<EngineTime>,
}

/// How many waits of a push are kept: the last ones.
pub const WAITS_KEPT: usize = 32;

/// Why a push that could move does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Who or what holds it.
    pub by: Actor,
    /// Since when.
    pub since: EngineTime,
    /// Why, if they said.
    pub reason: Option<String>,
}

/// A stop, from being asked for to being seen to have worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopWatch {
    /// When it was asked for.
    pub asked: EngineTime,
    /// How often the driver was told.
    pub tries: u32,
    /// The driver's last answer, if it gave one.
    pub answer: Option<String>,
    /// When it was seen that nothing moves any more.
    pub observed: Option<EngineTime>,
}

/// After how long a stop that is not observed counts as NOT STOPPED.
pub const STOP_PATIENCE: Period = Period::from_secs(5);

impl StopWatch {
    /// Whether the stop has not been seen to work although it should have been.
    pub fn is_overdue(&self, now: EngineTime) -> bool {
        self.observed.is_none() && now.since(self.asked) > STOP_PATIENCE
    }
}

/// Somebody ended the way forward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: EngineTime,
    /// Why, if they said.
    pub reason: Option<String>,
}

/// Which way a push is going.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Course {
    /// Towards 100 %.
    Forward,
    /// Back to where it came from.
    Back {
        /// How.
        rollback: Box<Rollback>,
    },
    /// It is all on the old versions again.
    RolledBack {
        /// How it went.
        rollback: Box<Rollback>,
        /// When it was over.
        at: EngineTime,
    },
    /// It did not get back in time. It keeps trying, loudly.
    RollbackFailed {
        /// How it went.
        rollback: Box<Rollback>,
        /// When it was given up on.
        at: EngineTime,
        /// Instances that are not back.
        stuck: Vec<InstanceId>,
    },
    /// It is all on the new versions.
    Converged {
        /// Since when.
        at: EngineTime,
    },
}

impl Course {
    /// The rollback, whether under way, over or failed.
    pub fn rollback(&self) -> Option<&Rollback> {
        match self {
            Self::Back { rollback } | Self::RolledBack { rollback, .. } | Self::RollbackFailed { rollback, .. } => Some(rollback),
            Self::Forward | Self::Converged { .. } => None,
        }
    }
}

/// A push: its plan, and every fact about where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    /// What was planned.
    pub plan: PushPlan,
    /// Where it is.
    pub cursor: Cursor,
    /// Which way it goes.
    pub course: Course,
    /// What holds it, oldest first. It moves forward only when this is empty.
    pub holds: Vec<Hold>,
    /// The last stop asked for, while it matters.
    pub stop: Option<StopWatch>,
    /// Who ended the way forward.
    pub rejection: Option<Rejection>,
    /// Given for the present gate.
    pub approvals: Vec<Approval>,
    /// The person who let a stage left by hand go on, for the present gate.
    pub promoted: Option<(GateId, PersonId)>,
    /// The way back from here, ordered, as last published.
    pub way_back: Option<RollbackPlan>,
    /// Who has seen that it ended badly.
    pub acknowledged: Option<super::alert::Acknowledgement>,
    /// Since when it has been in each environment that it has reached.
    pub inside: BTreeMap<EnvironmentId, EngineTime>,
    /// The last answer of each check by others, for the present gate.
    pub checks: BTreeMap<CheckId, Look>,
    /// What it waited for and how long, oldest first.
    pub waits: Vec<Wait>,
    /// What the new version did to users beyond what the old one would have.
    pub harm: Harm,
    /// How many material changes it has seen.
    pub revision: u64,
}

impl Push {
    /// A push that was asked for and has not begun.
    pub fn requested(plan: PushPlan) -> Self {
        Self {
            cursor: Cursor { entered: plan.requested, ..Cursor::default() },
            plan,
            course: Course::Forward,
            holds: Vec::new(),
            stop: None,
            rejection: None,
            approvals: Vec::new(),
            promoted: None,
            way_back: None,
            acknowledged: None,
            inside: BTreeMap::new(),
            checks: BTreeMap::new(),
            waits: Vec::new(),
            harm: Harm::default(),
            revision: 1,
        }
    }

    /// Its identity.
    pub fn id(&self) -> PushId {
        self.plan.id
    }

    /// The stage it is in.
    pub fn stage(&self) -> Option<&PlannedStage> {
        self.cursor.stage.and_then(|stage| self.plan.stages.get(stage as usize))
    }

    /// The number of the next stage, where there is one.
    pub fn next_index(&self) -> Option<u32> {
        let next = self.cursor.stage.map_or(0, |stage| stage + 1);
        ((next as usize) < self.plan.stages.len()).then_some(next)
    }

    /// The next stage, where there is one.
    pub fn next_stage(&self) -> Option<&PlannedStage> {
        self.next_index().and_then(|next| self.plan.stages.get(next as usize))
    }

    /// The gate it stands before.
    pub fn gate(&self) -> GateId {
        GateId { push: self.id(), stage: self.cursor.stage, entry: self.cursor.entry }
    }

    /// Whether it is on its way, forward or back, or stuck on it.
    pub fn is_open(&self) -> bool {
        matches!(self.course, Course::Forward | Course::Back { .. } | Course::RollbackFailed { .. })
    }

    /// Whether it goes forward, held or not.
    pub fn is_forward(&self) -> bool {
        matches!(self.course, Course::Forward)
    }

    /// One service's part.
    pub fn move_of(&self, service: &ServiceId) -> Option<&Move> {
        self.plan.moves.iter().find(|part| part.service == *service)
    }

    /// What is judged of the new versions in a stage on one metric: a slice for each service and cell that the stage reaches.
    pub fn slices<'a>(&'a self, stage: &'a PlannedStage, metric: Metric) -> impl Iterator<Item = SliceId> + 'a {
        stage.grants.iter().filter_map(|(service, cells)| self.move_of(service).map(|part| (part, cells))).flat_map(
            move |(part, cells)| {
                cells.iter().filter(|(_, granted)| **granted > 0).map(move |(cell, _)| SliceId {
                    service: part.service.clone(),
                    environment: stage.environment.clone(),
                    cell: cell.clone(),
                    version: part.to.version.clone(),
                    metric,
                })
            },
        )
    }

    /// The environment the cursor is in, or the first on the way.
    pub fn environment(&self) -> Option<&EnvironmentId> {
        self.stage().or_else(|| self.plan.stages.first()).map(|stage| &stage.environment)
    }

    /// `v41→v42` where all services share it, else the first that moves, in an environment.
    pub fn versions(&self, environment: &EnvironmentId) -> Option<(&Version, &Version)> {
        self.plan.moves.first().and_then(|part| part.from.get(environment).map(|from| (from, &part.to.version)))
    }

    /// The stop that has not worked, if that is so.
    pub fn not_stopped(&self, now: EngineTime) -> Option<&StopWatch> {
        self.stop.as_ref().filter(|stop| stop.is_overdue(now))
    }
}
