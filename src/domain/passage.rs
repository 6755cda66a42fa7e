//! How long pushes took through their stages: written down as they pass, and what that says about the next one.

use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::forecast::Lengths;
use super::id::EnvironmentId;
use super::push::{Push, PushPlan};
use super::stage::PlannedStage;
use super::time::{EngineTime, Period};
use super::verdict::Verdict;

/// One stage that a push was in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Where.
    pub environment: EnvironmentId,
    /// Its name on screens.
    pub name: String,
    /// When it was entered.
    pub entered: EngineTime,
    /// When its last instance had arrived; `None` until then.
    pub arrived: Option<EngineTime>,
    /// When it was left forwards; `None` until then, and for good where the push did not go on from it.
    pub left: Option<EngineTime>,
    /// What its numbers said when it was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// How many passages of a push are kept: the last ones.
pub const PASSAGES_KEPT: usize = 64;

/// From how few passages of a stage nothing is said.
const FEWEST: usize = 3;

impl Push {
    /// A stage is entered, and the one before is left.
    pub(in crate::domain) fn pass_into(&mut self, stage: &PlannedStage, at: EngineTime) {
        self.pass_on(at);
        let (environment, name) = (stage.environment.clone(), stage.name.clone());
        self.passages.push(Passage { environment, name, entered: at, arrived: None, left: None, verdict: None });
        if self.passages.len() > PASSAGES_KEPT {
            self.passages.remove(0);
        }
    }

    /// The last instance has arrived in the stage it is in.
    pub(in crate::domain) fn pass_arrived(&mut self, at: EngineTime) {
        if let Some(last) = self.passages.last_mut() {
            last.arrived = Some(at);
        }
    }

    /// The stage it is in is left forwards. One that was broken off, as by a fix, is not: how long it took says nothing.
    pub(in crate::domain) fn pass_on(&mut self, at: EngineTime) {
        let arrived = self.cursor.arrived.is_some();
        let verdict = self.evidence.as_ref().map(|gathered| gathered.evidence.verdict.clone());
        if let Some(last) = self.passages.last_mut().filter(|last| arrived && last.left.is_none()) {
            last.left = Some(at);
            last.verdict = verdict;
        }
    }
}

/// What earlier pushes say about how long a push of the same services takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    passages: Vec<(EnvironmentId, String, Lengths)>,
}

impl History {
    /// Of the pushes of the same group that moved the same services and hurried through nothing.
    pub fn of(fleet: &Fleet, plan: &PushPlan) -> Self {
        let is_like = |push: &&Push| {
            push.plan.group == plan.group
                && push.plan.emergency.is_none()
                && push.plan.moves.iter().map(|part| &part.service).eq(plan.moves.iter().map(|part| &part.service))
        };
        let passages = fleet.pushes.values().filter(is_like).flat_map(|push| &push.passages);
        let passages = passages.filter_map(|passage| {
            let (arrived, left) = (passage.arrived?, passage.left?);
            let lengths = Lengths { moves: arrived - passage.entered, bakes: left - arrived };
            Some((passage.environment.clone(), passage.name.clone(), lengths))
        });
        Self { passages: passages.collect() }
    }

    /// How often a stage was passed, if that is often enough to say anything.
    pub fn times(&self, stage: &PlannedStage) -> Option<u32> {
        let found = self.sorted(stage).len();
        (found >= FEWEST).then_some(found as u32)
    }

    /// How long it took on average. Never less than it is to be watched now.
    pub fn average(&self, stage: &PlannedStage) -> Option<Lengths> {
        let found = self.sorted(stage);
        let count = i64::try_from(found.len()).ok().filter(|_| found.len() >= FEWEST)?;
        let mean =
            |of: &dyn Fn(&Lengths) -> Period| Period::from_millis(found.iter().map(|one| of(one).millis()).sum::<i64>() / count);
        let (moves, bakes) = (mean(&|one| one.moves), mean(&|one| one.bakes));
        Some(Lengths { moves, bakes: bakes.max(stage.bake) })
    }

    /// How long it took at most, but for one time in twenty. Never less than it is to be watched now.
    pub fn p95(&self, stage: &PlannedStage) -> Option<Lengths> {
        let found = self.sorted(stage);
        let rank = (found.len() * 95).div_ceil(100).checked_sub(1).filter(|_| found.len() >= FEWEST)?;
        found.get(rank).map(|one| Lengths { moves: one.moves, bakes: one.bakes.max(stage.bake) })
    }

    /// What is known of a stage, the shortest first.
    fn sorted(&self, stage: &PlannedStage) -> Vec<Lengths> {
        let is_it =
            |(environment, name, _): &&(EnvironmentId, String, Lengths)| *environment == stage.environment && *name == stage.name;
        let mut found: Vec<_> = self.passages.iter().filter(is_it).map(|(.., lengths)| *lengths).collect();
        found.sort_by_key(|one| one.moves + one.bakes);
        found
    }
}
