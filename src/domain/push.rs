//! Releases on their way through environments, with one stage cursor for all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::card::Sign;
use super::check::Look;
use super::duty::{Driver, Note};
use super::forecast::Cut;
use super::harm::Harm;
use super::id::{CheckId, EnvironmentId, GateId, PersonId, PushId, ServiceId, Version};
use super::metric::{Metric, SliceId};
use super::passage::Passage;
use super::person::Actor;
use super::requirement::RequirementKind;
use super::rollback::RollbackPlan;
use super::stage::{ApprovalRule, PlannedStage};
use super::time::{EngineTime, Period};
use super::verdict::Gathered;
use super::waiver::{Skipped, Waiver};

mod approval;
mod course;
mod planned;
mod stopping;

pub use approval::{APPROVAL_LIFE, Approval, Voided};
pub use course::Course;
pub use planned::{InFlightBefore, Move, PushPlan};
pub use stopping::{Apart, Drained, Hold, Rejection, STOP_PATIENCE, StopWatch};

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
    /// The furthest stage it was ever in. A detour goes behind it.
    pub furthest: Option<u32>,
    /// How often a stage was entered, or a fix set out for one. Makes each gate an occurrence of its own.
    pub entry: u32,
    /// When this stage was entered, or the push asked for.
    pub entered: EngineTime,
    /// When the last instance of the stage's last service had arrived; `None` until then.
    pub arrived: Option<EngineTime>,
    /// The stage's minimum clock.
    pub bake: BakeClock,
    /// Whether the stage was entered although its environment was closed: somebody had let that pass, and windows and freezes do not
    /// bind it until the next step.
    pub exempt: bool,
}

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

/// An environment that closes before the push in it is through, and since when that can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreseen {
    /// What is cut, and when.
    pub cut: Cut,
    /// Since when it is so: from then on a person's decision is due.
    pub since: EngineTime,
}

/// What was in flight was replaced by something made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Who asked for it. They approve nothing of it.
    pub by: Actor,
    /// When.
    pub at: EngineTime,
    /// The stage it comes back to. The last stage of each earlier environment is done anew before; nothing between is.
    pub resume_at: u32,
    /// Whether it has come back there.
    pub resumed: bool,
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
    /// Services that went back alone. A push is held as long as there is one.
    pub apart: BTreeMap<ServiceId, Apart>,
    /// Cells drained for inspection. A push is held as long as there is one.
    pub drained: Vec<Drained>,
    /// The last stop asked for, while it matters.
    pub stop: Option<StopWatch>,
    /// Who ended the way forward.
    pub rejection: Option<Rejection>,
    /// The last fix put in the place of what was in flight.
    pub fix: Option<Fix>,
    /// Given for the present gate.
    pub approvals: Vec<Approval>,
    /// How often what was given for a gate was lost: what then asks anew is another question.
    #[serde(default)]
    pub round: u32,
    /// What was given for it and has been superseded.
    #[serde(default)]
    pub voided: Option<Voided>,
    /// What need not hold: at the present gate, and of earlier ones what has not run out and still has an effect.
    pub waivers: Vec<Waiver>,
    /// What it went on without, oldest first. Kept to the end.
    pub skipped: Vec<Skipped>,
    /// The person who let a stage left by hand go on, for the present gate.
    pub promoted: Option<(GateId, PersonId)>,
    /// The way back from here, ordered, as last published.
    pub way_back: Option<RollbackPlan>,
    /// Who has seen that it ended badly.
    pub acknowledged: Option<super::alert::Acknowledgement>,
    /// Who answers for it now. Nobody where it was asked for by somebody who may not.
    pub driver: Option<Driver>,
    /// What people wrote on it, oldest first.
    pub notes: Vec<Note>,
    /// Since when it has been in each environment that it has reached.
    pub inside: BTreeMap<EnvironmentId, EngineTime>,
    /// The last answer of each check by others, for the present gate.
    pub checks: BTreeMap<CheckId, Look>,
    /// What it waited for and how long, oldest first.
    pub waits: Vec<Wait>,
    /// The stages it was in and how long, oldest first.
    #[serde(default)]
    pub passages: Vec<Passage>,
    /// What the numbers of the stage it is in say. Kept while it goes back, so that it can be told why.
    #[serde(default)]
    pub evidence: Option<Gathered>,
    /// What the new version did to users beyond what the old one would have.
    pub harm: Harm,
    /// Where it is cut: the environment it is in closes, or has closed, before it is through.
    pub foreseen: Option<Foreseen>,
    /// The first sign that something is wrong with it, as long as that is so.
    #[serde(default)]
    pub sign: Option<Sign>,
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
            apart: BTreeMap::new(),
            drained: Vec::new(),
            stop: None,
            rejection: None,
            fix: None,
            approvals: Vec::new(),
            round: 0,
            voided: None,
            waivers: Vec::new(),
            skipped: Vec::new(),
            promoted: None,
            way_back: None,
            acknowledged: None,
            driver: None,
            notes: Vec::new(),
            inside: BTreeMap::new(),
            checks: BTreeMap::new(),
            waits: Vec::new(),
            passages: Vec::new(),
            evidence: None,
            harm: Harm::default(),
            foreseen: None,
            sign: None,
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

    /// The number of the next stage, where there is one. On a detour that is the last stage of the next earlier environment, and in the
    /// end the stage it set out from.
    pub fn next_index(&self) -> Option<u32> {
        if self.detour().is_some() {
            let is_to_come = |index: &u32| self.cursor.stage.is_none_or(|stage| *index > stage);
            return self.detour_way().into_iter().find(is_to_come);
        }
        let next = self.cursor.stage.map_or(0, |stage| stage + 1);
        ((next as usize) < self.plan.stages.len()).then_some(next)
    }

    /// A fix's way back to where it set out from: the last stage of each environment before that stage's, and the stage itself. Empty
    /// where no fix is on its way.
    pub fn detour_way(&self) -> Vec<u32> {
        let Some(resume_at) = self.detour().map(|fix| fix.resume_at) else { return Vec::new() };
        let environment = |index: u32| self.plan.stages.get(index as usize).map(|stage| &stage.environment);
        (0..=resume_at).filter(|index| *index == resume_at || environment(*index) != environment(*index + 1)).collect()
    }

    /// The fix that is on its way through the earlier environments, if one is.
    pub fn detour(&self) -> Option<&Fix> {
        self.fix.as_ref().filter(|fix| !fix.resumed)
    }

    /// The stage that a detour comes back to. Until then that stage's environment keeps what it has.
    pub fn resumes(&self) -> Option<&PlannedStage> {
        self.detour().and_then(|fix| self.plan.stages.get(fix.resume_at as usize))
    }

    /// Who must agree before the next stage is entered. A fix is another artifact, so coming into an environment with it asks for what
    /// guards that environment, or for what guards the stage if that is more.
    pub fn approval_rule(&self) -> Option<&ApprovalRule> {
        let next = self.next_stage()?;
        let entry = self.plan.stages.iter().find(|stage| self.detour().is_some() && stage.environment == next.environment);
        let rules = [entry.and_then(|entry| entry.approval.as_ref()), next.approval.as_ref()];
        rules.into_iter().flatten().max_by_key(|rule| rule.needed)
    }

    /// Whether any of its stages in an environment was ever entered.
    pub fn has_entered(&self, environment: &EnvironmentId) -> bool {
        let entered = self.cursor.furthest.map_or(0, |furthest| furthest as usize + 1);
        self.plan.stages.iter().take(entered).any(|stage| stage.environment == *environment)
    }

    /// Whether it has something to answer for in an environment: it was there itself, or a push that it replaced was.
    pub fn has_been_in(&self, environment: &EnvironmentId) -> bool {
        self.has_entered(environment) || self.plan.before.taken_over.contains(environment)
    }

    /// Whether a version of a service runs in an environment because of this push.
    pub fn brings(&self, service: &ServiceId, environment: &EnvironmentId, version: &Version) -> bool {
        self.has_been_in(environment) && self.move_of(service).is_some_and(|part| part.brings(environment, version))
    }

    /// Whether nothing stops it from exposing more.
    pub fn may_expose(&self) -> bool {
        self.holds.is_empty() && self.rejection.is_none()
    }

    /// The next stage, where there is one.
    pub fn next_stage(&self) -> Option<&PlannedStage> {
        self.next_index().and_then(|next| self.plan.stages.get(next as usize))
    }

    /// The gate it stands before.
    pub fn gate(&self) -> GateId {
        GateId { push: self.id(), stage: self.cursor.stage, entry: self.cursor.entry }
    }

    /// The waiver of a requirement of the present gate that is in force.
    pub fn waiver<'a>(&'a self, requirement: &'a RequirementKind, now: EngineTime) -> Option<&'a Waiver> {
        self.waivers_of(requirement).find(|waiver| waiver.gate == self.gate() && waiver.is_in_force(now))
    }

    /// The waiver of a requirement of the present gate that asks for a second person.
    pub fn asked_waiver<'a>(&'a self, requirement: &'a RequirementKind, now: EngineTime) -> Option<&'a Waiver> {
        self.waivers_of(requirement).find(|waiver| waiver.gate == self.gate() && !waiver.is_agreed() && now < waiver.until)
    }

    /// The waiver of a requirement that is in force at whichever gate it was given for: a limit that was waived does not send the push
    /// back, nor does a reserve that was waived stop the step it let begin.
    pub fn waiver_in_effect<'a>(&'a self, requirement: &'a RequirementKind, now: EngineTime) -> Option<&'a Waiver> {
        self.waivers_of(requirement).find(|waiver| waiver.is_in_force(now))
    }

    fn waivers_of<'a>(&'a self, requirement: &'a RequirementKind) -> impl Iterator<Item = &'a Waiver> {
        self.waivers.iter().filter(move |waiver| waiver.requirement == *requirement)
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

    /// `storage v42`: its name, and what its services go to where they share it.
    pub fn called(&self) -> String {
        let first = self.plan.moves.first().map(|part| &part.to.version);
        match first.filter(|first| self.plan.moves.iter().all(|part| part.to.version == **first)) {
            Some(version) => format!("{} {version}", self.plan.name),
            None => self.plan.name.clone(),
        }
    }

    /// The stop that has not worked, if that is so.
    pub fn not_stopped(&self, now: EngineTime) -> Option<&StopWatch> {
        self.stop.as_ref().filter(|stop| stop.is_overdue(now))
    }
}
