//! Everything that is known, as the fold of all changes so far. Engine, console, recording and tests read the same fleet.
//!
//! It stores facts. What follows from them (statuses, requirements, blast radius, sentences) is worked out when asked for.

use std::collections::BTreeMap;

use super::alert::Alert;
use super::burn::{Budget, Burn};
use super::call::{CallKey, Called};
use super::command::{Command, Order, Outcome};
use super::declaration::Declaration;
use super::feed::{Feed, FeedState, Feeds};
use super::flag::FlagState;
use super::id::{
    CellId, CommandId, EngineId, EnvironmentId, FlagId, InstanceId, PersonId, PlacementId, PushId, Seq, ServiceId, Version,
};
use super::index::Index;
use super::memo::Memo;
use super::metric::{Judgement, Metric, SliceId, Threshold};
use super::placement::{Instance, Placement};
use super::push::{Course, Move, Push};
use super::stage::PlannedStage;
use super::time::{EngineTime, Period};

/// The state of everything. Only [`Fleet::apply`](Fleet::apply) alters it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    pub(in crate::domain) engine: Option<(EngineId, u64)>,
    pub(in crate::domain) seq: Seq,
    pub(in crate::domain) at: EngineTime,
    pub(in crate::domain) declaration: Declaration,
    pub(in crate::domain) placements: BTreeMap<PlacementId, Placement>,
    pub(in crate::domain) pushes: BTreeMap<PushId, Push>,
    pub(in crate::domain) judged: BTreeMap<SliceId, Judgement>,
    pub(in crate::domain) alerts: BTreeMap<SliceId, Alert>,
    pub(in crate::domain) burns: Vec<(Burn, EngineTime)>,
    pub(in crate::domain) traffic: BTreeMap<(PlacementId, CellId), f64>,
    pub(in crate::domain) flags: BTreeMap<FlagId, FlagState>,
    pub(in crate::domain) feeds: Feeds,
    pub(in crate::domain) commands: BTreeMap<CommandId, (Command, Outcome, EngineTime)>,
    pub(in crate::domain) calls: BTreeMap<CallKey, Called>,
    pub(in crate::domain) index: Index,
    pub(in crate::domain) memo: Memo,
}

impl Fleet {
    /// Which engine's store this is, and which run of it.
    pub fn engine(&self) -> Option<(EngineId, u64)> {
        self.engine
    }

    /// The number of the last change.
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// When the last change happened.
    pub fn at(&self) -> EngineTime {
        self.at
    }

    /// What the spec declares.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Every placement.
    pub fn placements(&self) -> impl Iterator<Item = &Placement> {
        self.placements.values()
    }

    /// A service in an environment.
    pub fn placement(&self, service: &ServiceId, environment: &EnvironmentId) -> Option<&Placement> {
        self.placements.get(&PlacementId::new(service.clone(), environment.clone()))
    }

    /// A placement by its identity.
    pub fn placement_by_id(&self, id: &PlacementId) -> Option<&Placement> {
        self.placements.get(id)
    }

    /// Every push, oldest first.
    pub fn pushes(&self) -> impl DoubleEndedIterator<Item = &Push> {
        self.pushes.values()
    }

    /// A push by its identity.
    pub fn push(&self, id: PushId) -> Option<&Push> {
        self.pushes.get(&id)
    }

    /// The newest push that moves a service now, if one does.
    pub fn open_push_of(&self, service: &ServiceId) -> Option<&Push> {
        self.open_pushes_of(service).max_by_key(|push| push.plan.requested)
    }

    /// Every push that moves a service now. There are several only in a train.
    pub fn open_pushes_of(&self, service: &ServiceId) -> impl Iterator<Item = &Push> {
        self.pushes_of(service).filter(|push| push.is_open())
    }

    /// The last push that moved a service, over or not. One that was replaced is told of by the push that replaced it.
    pub fn last_push_of(&self, service: &ServiceId) -> Option<&Push> {
        self.pushes_of(service)
            .rev()
            .filter(|push| !matches!(push.course, Course::Replaced { .. }))
            .max_by_key(|push| (push.is_open(), push.plan.requested))
    }

    /// One instance.
    pub fn instance(&self, id: &InstanceId) -> Option<&Instance> {
        self.placements.get(&id.placement)?.cells.get(&id.cell)?.get(id.index as usize)
    }

    /// How a slice stands, if it was ever judged.
    pub fn judgement(&self, slice: &SliceId) -> Option<&Judgement> {
        self.judged.get(slice)
    }

    /// Every judged slice.
    pub fn judgements(&self) -> impl Iterator<Item = (&SliceId, &Judgement)> {
        self.judged.iter()
    }

    /// Every alert that is up, by slice.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.values()
    }

    /// The alert on a slice, if it is up.
    pub fn alert(&self, slice: &SliceId) -> Option<&Alert> {
        self.alerts.get(slice)
    }

    /// Every error budget that burns too fast, with since when.
    pub fn burns(&self) -> impl Iterator<Item = (&Burn, EngineTime)> {
        self.burns.iter().map(|(burn, since)| (burn, *since))
    }

    /// How a budget burns, if it does so too fast.
    pub fn burn(&self, budget: &Budget) -> Option<&Burn> {
        self.burns.iter().map(|(burn, _)| burn).find(|burn| burn.budget == *budget)
    }

    /// The limit a service's metric is held to.
    pub fn threshold(&self, service: &ServiceId, metric: Metric) -> Option<&Threshold> {
        self.declaration.service(service)?.thresholds.iter().find(|threshold| threshold.metric == metric)
    }

    /// Requests per second a service takes in a cell, as last measured.
    pub fn measured_rps(&self, placement: &PlacementId, cell: &CellId) -> Option<f64> {
        self.traffic.get(&(placement.clone(), cell.clone())).copied()
    }

    /// Requests per second a service is declared to take in a cell at the daily peak.
    pub fn declared_rps(&self, placement: &PlacementId, cell: &CellId) -> f64 {
        let peak = self.declaration.service(&placement.service).and_then(|service| service.deployment(&placement.environment));
        let share = self.declaration.environment(&placement.environment).map_or(0.0, |environment| environment.traffic_share(cell));
        peak.map_or(0.0, |deployment| deployment.peak_rps * share)
    }

    /// Instances of a cell that must serve at the declared peak: `ceil(peak / what one serves)`.
    pub fn needed_in(&self, placement: &PlacementId, cell: &CellId) -> u32 {
        self.needed_for(placement, self.declared_rps(placement, cell))
    }

    /// Instances of a whole environment that must serve at the declared peak, wherever they are.
    pub fn needed(&self, placement: &PlacementId) -> u32 {
        let deployment =
            self.declaration.service(&placement.service).and_then(|service| service.deployment(&placement.environment));
        self.needed_for(placement, deployment.map_or(0.0, |deployment| deployment.peak_rps))
    }

    fn needed_for(&self, placement: &PlacementId, rps: f64) -> u32 {
        let per_instance = self
            .declaration
            .service(&placement.service)
            .and_then(|service| service.deployment(&placement.environment))
            .map_or(0.0, |deployment| deployment.rps_per_instance);
        if per_instance > 0.0 { (rps / per_instance).ceil() as u32 } else { 0 }
    }

    /// How long an instance of a service usually takes from being told to serving again.
    pub fn usual_task(&self, service: &ServiceId) -> Period {
        self.declaration.service(service).map_or(Period::from_secs(30), |service| service.install + service.drain)
    }

    /// Everything that people were called for.
    pub fn calls(&self) -> impl Iterator<Item = &Called> {
        self.calls.values()
    }

    /// What became of the call about something, if there was one.
    pub fn called(&self, about: &CallKey) -> Option<&Called> {
        self.calls.get(about)
    }

    /// The state of each feed that was ever heard from.
    pub fn feeds(&self) -> &Feeds {
        &self.feeds
    }

    /// Feeds that are not live, those never heard from among them.
    pub fn lost_feeds(&self) -> impl Iterator<Item = Feed> {
        Feed::ALL.into_iter().filter(|feed| self.feeds.get(feed) != Some(&FeedState::Live))
    }

    /// What people were granted on a push, or on every push, after a change: who, which verb and when, in order.
    pub fn granted_since(&self, push: PushId, seq: Seq) -> Vec<(&PersonId, &'static str, EngineTime)> {
        let about = |order: &Order| order.push() == Some(push) || matches!(order, Order::HoldAll { .. });
        let mut found: Vec<_> = self
            .commands
            .values()
            .filter_map(|(command, outcome, given)| match outcome {
                Outcome::Accepted { seq: at } if *at > seq && about(&command.order) => Some((at, command, *given)),
                _ => None,
            })
            .collect();
        found.sort_by_key(|(at, ..)| **at);
        found.into_iter().map(|(_, command, given)| (&command.actor, command.order.verb(), given)).collect()
    }

    /// A command seen before, and what became of it.
    pub fn command(&self, id: CommandId) -> Option<(&Command, &Outcome)> {
        self.commands.get(&id).map(|(command, outcome, _)| (command, outcome))
    }

    /// Instances that a stage grants and that have settled on the new version.
    pub fn settled_on_new(&self, push: &Push, stage: &PlannedStage) -> u32 {
        self.over_grants(push, stage, |placement, cell, version, granted| {
            placement.count_where(cell, |instance| instance.is_settled_on(version)).min(granted)
        })
    }

    /// Instances in an environment that run what a push brought, granted or not.
    pub fn on_new(&self, push: &Push, environment: &EnvironmentId) -> u32 {
        let brought = |part: &Move| {
            let placement = self.placement(&part.service, environment)?;
            Some(
                placement
                    .current()
                    .into_iter()
                    .filter(|(version, _)| part.brings(environment, version))
                    .map(|(_, count)| count)
                    .sum::<u32>(),
            )
        };
        push.plan.moves.iter().filter_map(brought).sum()
    }

    fn over_grants(&self, push: &Push, stage: &PlannedStage, count: impl Fn(&Placement, &CellId, &Version, u32) -> u32) -> u32 {
        let mut all = 0;
        for (service, cells) in &stage.grants {
            let (Some(placement), Some(part)) = (self.placement(service, &stage.environment), push.move_of(service)) else {
                continue;
            };
            all += cells.iter().map(|(cell, granted)| count(placement, cell, &part.to.version, *granted)).sum::<u32>();
        }
        all
    }
}
