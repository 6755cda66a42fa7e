//! A push before it starts: its stages one by one, when and for whom, what is in the way, and the way back from each.
//!
//! It is rehearsed: a copy of the fleet is taken through every stage as if all went well, and at each the same rules are asked that
//! will be asked then. Nothing here is worked out in a second way.

use uuid::Uuid;

use super::capacity;
use super::change::{Change, Fact};
use super::exposure::{self, Exposure};
use super::fleet::Fleet;
use super::forecast::{self, Ahead, Conflict, Forecast};
use super::id::{CellId, EnvironmentId, FlagId, PlacementId, PushId, Role, ServiceId, Version};
use super::passage::History;
use super::person::Actor;
use super::plan::{self, Unplannable};
use super::push::{Push, PushPlan};
use super::requirement::{self, RequirementKind, RequirementState};
use super::rollback::{Barred, Manner};
use super::schedule::Shut;
use super::sides::Kept;
use super::skew::{self, RuledOut};
use super::stage::PlannedStage;
use super::start;
use super::time::{EngineTime, Period};
use super::way_back;

mod candidate;
mod contents;
mod preflight;
mod words;

pub use candidate::{Candidate, candidates};
pub use contents::{Contents, of_release};
pub use preflight::{Check, Mark, Subject};

/// The identity of a push that is only thought of: later than any.
const THOUGHT_OF: PushId = PushId(Uuid::max());

/// When a stage is entered and left, by somebody's idea of how long each takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it is entered.
    pub enters: EngineTime,
    /// When its last instance has arrived.
    pub arrives: EngineTime,
    /// When it is left.
    pub leaves: EngineTime,
}

/// A moment in which the push will wait for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// For what: `2 approvals`, `a go`, `the step runbook`.
    pub what: String,
    /// Of whom.
    pub who: String,
    /// When they are asked, at the earliest; `None` where nobody can tell.
    pub at: Option<EngineTime>,
}

/// The way back from a stage that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Back {
    /// The flags that are switched off before anything is moved.
    pub flags: Vec<FlagId>,
    /// About how long until no request meets the new version.
    pub users_safe: Period,
    /// About how long until every instance is back.
    pub all_old: Period,
    /// Who does not return, where a one-way door is behind. Then there is no way back.
    pub barred: Vec<Barred>,
    /// That blue is warm there, so that it is back at once and nothing is installed.
    pub kept: Option<Kept>,
}

/// One stage of what is ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// As it would be planned: where, share, grants, bake.
    pub stage: PlannedStage,
    /// At the earliest, by what is declared; `None` where its environment never opens.
    pub earliest: Option<Span>,
    /// By what stages of this name took earlier pushes on average, where that is known.
    pub average: Option<Span>,
    /// By what they took at most, but for one time in twenty.
    pub p95: Option<Span>,
    /// How many passages the two are from.
    pub passages: Option<u32>,
    /// What must hold before it is entered, in the order shown.
    pub requires: Vec<RequirementKind>,
    /// Where people will be needed before it.
    pub needs: Vec<Need>,
    /// Who meets the new version once it has arrived.
    pub exposure: Exposure,
    /// The way back from there.
    pub back: Back,
}

/// Something that will be in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clash {
    /// An environment closes before the push is through it.
    Closed(Conflict),
    /// An environment is closed when the push could enter it.
    Waits {
        /// The stage that waits: `one box in production`.
        stage: String,
        /// Where.
        environment: EnvironmentId,
        /// How it is closed.
        shut: Shut,
    },
    /// What is required before a stage does not hold because of something else in the fleet.
    Kept {
        /// Before which stage: `10 % in production`.
        stage: String,
        /// What does not hold.
        kind: RequirementKind,
        /// Why.
        why: String,
        /// Who can clear it.
        who: String,
    },
    /// Siblings would stand beside each other that do not belong together.
    Misfit(RuledOut),
}

/// A push before it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// As it would be planned.
    pub plan: PushPlan,
    /// What is in it, in the group's order.
    pub contents: Vec<Contents>,
    /// Its stages, in order.
    pub steps: Vec<Step>,
    /// What will be in the way, the nearest first.
    pub clashes: Vec<Clash>,
    /// What is well and what is not, before anything moves.
    pub preflight: Vec<Check>,
    /// Why it could not start now, if so.
    pub refused: Option<String>,
}

impl Prospect {
    /// What is ahead of a push of these releases, asked for by somebody.
    ///
    /// # Errors
    /// Why no such push can be planned.
    pub fn of(fleet: &Fleet, releases: &[(ServiceId, Version)], by: Actor, now: EngineTime) -> Result<Self, Unplannable> {
        let plan = plan::plan(fleet, THOUGHT_OF, releases, by, now)?;
        let refused = start::now(fleet, &plan, now).err();
        let thought = Push::requested(plan.clone());
        let forecast = forecast::of_plan(fleet, &plan, now);
        let history = History::of(fleet, &plan);
        let by_history = |lengths: &dyn Fn(&PlannedStage) -> Option<forecast::Lengths>| {
            forecast::with(fleet, &thought, now, |number| {
                let known = plan.stages.get(number as usize).and_then(lengths);
                known.unwrap_or_else(|| forecast::declared(fleet, &thought, number, now))
            })
        };
        let (average, p95) = (by_history(&|stage| history.average(stage)), by_history(&|stage| history.p95(stage)));
        let at = |stages: &[Ahead], number: u32| stages.iter().find(|ahead| ahead.stage == number).map(span);
        let mut clashes: Vec<Clash> = skew::ruled_out(fleet, &plan).map(Clash::Misfit).into_iter().collect();
        clashes.extend(closures(fleet, &plan, &forecast, now));
        let mut rehearsal = Rehearsal::new(fleet, &plan, now);
        let mut steps = Vec::new();
        for (number, stage) in (0..).zip(&plan.stages) {
            let requires = rehearsal.gate(&mut clashes);
            let ahead = forecast.stages.iter().find(|ahead| ahead.stage == number);
            rehearsal.enter(number, stage);
            let passages = history.times(stage);
            steps.push(Step {
                stage: stage.clone(),
                earliest: ahead.map(span),
                average: passages.and_then(|_| at(&average.stages, number)),
                p95: passages.and_then(|_| at(&p95.stages, number)),
                passages,
                needs: needs(fleet, &plan, number, ahead, &requires),
                requires,
                exposure: exposure::of_stage(fleet, &thought, stage),
                back: rehearsal.back(),
            });
        }
        let preflight = preflight::of(fleet, &plan, &clashes, now);
        let contents = plan.moves.iter().map(|part| contents::of_move(fleet, part)).collect();
        Ok(Self { plan, contents, steps, clashes, preflight, refused })
    }

    /// When all of it is done at the earliest, where nothing keeps it from it for good.
    pub fn done(&self) -> Option<EngineTime> {
        self.steps.last().and_then(|last| last.earliest).map(|span| span.leaves)
    }

    /// When people will be needed, in order, each with the stage it is for.
    pub fn needs(&self) -> impl Iterator<Item = (&Step, &Need)> {
        self.steps.iter().flat_map(|step| step.needs.iter().map(move |need| (step, need)))
    }
}

/// Why a push of these releases could not start now, if so.
pub fn refused(fleet: &Fleet, releases: &[(ServiceId, Version)], by: Actor, now: EngineTime) -> Option<String> {
    match plan::plan(fleet, THOUGHT_OF, releases, by, now) {
        Ok(plan) => start::now(fleet, &plan, now).err(),
        Err(why) => Some(why.to_string()),
    }
}

/// Windows and freezes that are in the way: what is closed when the push gets there, and what closes before it is through.
fn closures(fleet: &Fleet, plan: &PushPlan, forecast: &Forecast, now: EngineTime) -> Vec<Clash> {
    let mut found = Vec::new();
    let mut before: Option<&EnvironmentId> = None;
    for (number, stage) in (0..).zip(&plan.stages) {
        let free = number_before(forecast, number).map_or(now, |ahead| ahead.leaves);
        let is_reached = number == 0 || number_before(forecast, number).is_some();
        let shut = fleet.declaration.schedule(&stage.environment, Some(&plan.group)).shut(free);
        if let Some(shut) = shut.filter(|_| is_reached && before != Some(&stage.environment)) {
            let (stage, environment) = (super::explain::entered(Some(stage)), stage.environment.clone());
            found.push(Clash::Waits { stage, environment, shut });
        }
        before = Some(&stage.environment);
    }
    found.extend(forecast.conflicts.iter().cloned().map(Clash::Closed));
    found
}

fn number_before(forecast: &Forecast, number: u32) -> Option<&Ahead> {
    forecast.stages.iter().find(|ahead| ahead.stage + 1 == number)
}

fn span(ahead: &Ahead) -> Span {
    Span { enters: ahead.enters, arrives: ahead.arrives, leaves: ahead.leaves }
}

/// Where people will be needed before a stage.
fn needs(fleet: &Fleet, plan: &PushPlan, number: u32, ahead: Option<&Ahead>, requires: &[RequirementKind]) -> Vec<Need> {
    let owners =
        || fleet.declaration.group(&plan.group).map_or_else(|| "anybody on call".to_owned(), |group| group.owners.to_string());
    let stage = plan.stages.get(number as usize);
    let at = ahead.and_then(|ahead| ahead.asked);
    let mut found = Vec::new();
    if let Some(rule) = stage.and_then(|stage| stage.approval.as_ref()) {
        let roles = rule.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" or ");
        let what = if rule.needed == 1 { "1 approval".to_owned() } else { format!("{} approvals", rule.needed) };
        found.push(Need { what, who: roles, at });
    } else if at.is_some() {
        found.push(Need { what: "a go".to_owned(), who: owners(), at });
    }
    let steps = requires.iter().filter_map(|kind| if let RequirementKind::Step { name } = kind { Some(name) } else { None });
    found.extend(steps.map(|name| Need { what: format!("the step {name}"), who: owners(), at: ahead.map(|ahead| ahead.enters) }));
    found
}

/// A copy of the fleet in which the push goes as it should.
struct Rehearsal {
    fleet: Fleet,
    now: EngineTime,
}

impl Rehearsal {
    fn new(fleet: &Fleet, plan: &PushPlan, now: EngineTime) -> Self {
        let mut found = Self { fleet: fleet.clone(), now };
        found.tell(Fact::PushRequested { plan: Box::new(plan.clone()) });
        found
    }

    fn tell(&mut self, fact: Fact) {
        let change = Change { seq: self.fleet.seq, at: self.now, fact };
        self.fleet.apply(&change);
    }

    /// What must hold before the next stage. What does not, because of others, is added to what is in the way.
    fn gate(&self, clashes: &mut Vec<Clash>) -> Vec<RequirementKind> {
        let Some(push) = self.fleet.push(THOUGHT_OF) else { return Vec::new() };
        let found = requirement::of_gate(&self.fleet, push, self.now);
        for kept in &found {
            let by_others = matches!(
                kept.kind,
                RequirementKind::Alone | RequirementKind::SameCommit | RequirementKind::Capacity | RequirementKind::Ahead
            );
            let is_known = clashes
                .iter()
                .any(|known| matches!(known, Clash::Kept { kind, why, .. } if *kind == kept.kind && *why == kept.why));
            if by_others && kept.state > RequirementState::Waived && !is_known {
                let stage = super::explain::entered(push.next_stage());
                clashes.push(Clash::Kept { stage, kind: kept.kind.clone(), why: kept.why.clone(), who: kept.who.clone() });
            }
        }
        found.into_iter().map(|found| found.kind).collect()
    }

    /// The stage is entered and everything it grants has arrived.
    fn enter(&mut self, number: u32, stage: &PlannedStage) {
        self.tell(Fact::StageEntered { push: THOUGHT_OF, stage: number });
        let Some(push) = self.fleet.pushes.get(&THOUGHT_OF) else { return };
        let to: Vec<(ServiceId, Version)> =
            push.plan.moves.iter().map(|part| (part.service.clone(), part.to.version.clone())).collect();
        for (service, version) in to {
            let place = PlacementId::new(service.clone(), stage.environment.clone());
            let Some(placement) = self.fleet.placements.get_mut(&place) else { continue };
            if placement.kept_green() == Some(&version) {
                let grants = |cell: &CellId| stage.grant(&service, cell);
                placement.think_switched(&version, grants);
                continue;
            }
            for (cell, instances) in &mut placement.cells {
                let granted = stage.grant(&service, cell) as usize;
                let there = instances.iter().filter(|instance| instance.version == version).count();
                let moved = instances.iter_mut().filter(|instance| instance.version != version).take(granted.saturating_sub(there));
                moved.for_each(|instance| instance.version = version.clone());
            }
        }
        self.tell(Fact::StageArrived { push: THOUGHT_OF });
    }

    /// The way back from where it is.
    fn back(&self) -> Back {
        let plan = self.fleet.push(THOUGHT_OF).map(|push| way_back::plan(&self.fleet, push, Manner::Ordered));
        plan.map_or_else(
            || Back { flags: Vec::new(), users_safe: Period::ZERO, all_old: Period::ZERO, barred: Vec::new(), kept: None },
            |plan| Back {
                flags: plan.flags().cloned().collect(),
                users_safe: plan.users_safe,
                all_old: plan.all_old,
                barred: plan.barred,
                kept: plan.kept,
            },
        )
    }
}

/// How many instances of a service could be taken away now so that the peak and its reserve are kept: over the environment as a whole
/// where that is counted, else in the cell that has the least to spare.
fn spare(fleet: &Fleet, place: &PlacementId) -> Option<u32> {
    let placement = fleet.placements.get(place).filter(|placement| placement.observed)?;
    let in_cell = |cell| capacity::Spare::of(fleet, placement, cell, capacity::reserve(placement.size_in(cell))).allowance();
    let least = placement.cells.keys().map(in_cell).min().unwrap_or(0);
    Some(capacity::Margin::of(fleet, placement).map_or(least, |margin| if least == 0 { 0 } else { margin.allowance() }))
}
