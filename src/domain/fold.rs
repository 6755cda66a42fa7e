//! The one fold: from a fleet and a change to the next fleet.

use super::change::{Change, Fact};
use super::declaration::Declaration;
use super::fleet::Fleet;
use super::id::PushId;
use super::placement::{Grant, InFlight, Instance, Observation, Operation, Phase, Placement, Task};
use super::push::{BakeClock, Course, Cursor, Push, PushPlan, StopWatch};
use super::rollback::Rollback;
use super::time::EngineTime;

impl Fleet {
    /// Takes one change in. What it names and the fleet does not know is left alone: a recording may begin in the middle.
    pub fn apply(&mut self, change: &Change) {
        self.seq = change.seq;
        self.at = change.at;
        if let (Some(push), true) = (change.fact.push(), change.fact.is_material()) {
            self.with(push, |push| push.revision += 1);
        }
        match &change.fact {
            Fact::EngineStarted { engine, epoch } => self.engine = Some((*engine, *epoch)),
            Fact::Declared { declaration } => self.declare(declaration, change.at),
            Fact::FeedChanged { feed, state } => {
                self.feeds.insert(*feed, state.clone());
            }
            Fact::Observed { observations } => observations.iter().for_each(|seen| self.observe(seen, change.at)),
            Fact::Traffic { placement, cell, rps } => {
                self.traffic.insert((placement.clone(), cell.clone()), *rps);
            }
            Fact::Commanded { command, outcome } => {
                self.commands.insert(command.id, ((**command).clone(), outcome.clone()));
            }
            Fact::Issued { operations, .. } => operations.iter().for_each(|operation| self.issue(operation, change.at)),
            Fact::OperationFailed { id, instance, why } => {
                if let Some(flight) = self.instance_mut(instance).and_then(|instance| instance.in_flight.as_mut())
                    && flight.id == *id
                {
                    flight.failed = Some(why.clone());
                }
            }
            Fact::Withdrawn { id, instance } => {
                if let Some(instance) = self.instance_mut(instance)
                    && instance.in_flight.as_ref().is_some_and(|flight| flight.id == *id)
                {
                    instance.in_flight = None;
                }
            }
            Fact::Judged { slice, judgement } => {
                self.judged.insert(slice.clone(), judgement.clone());
            }
            Fact::Forgotten { slice } => {
                self.judged.remove(slice);
            }
            Fact::AlertRaised { alert } => {
                self.alerts.insert(alert.slice.clone(), alert.clone());
            }
            Fact::AlertEnded { slice } => {
                self.alerts.remove(slice);
            }
            Fact::AlertAcknowledged { slice, seen } => {
                if let Some(alert) = self.alerts.get_mut(slice) {
                    alert.acknowledged = Some(seen.clone());
                }
            }
            fact => self.apply_to_push(fact, change.at),
        }
    }

    fn apply_to_push(&mut self, fact: &Fact, at: EngineTime) {
        match fact {
            Fact::PushRequested { plan } => self.request(plan),
            Fact::StageEntered { push, stage } => self.enter(*push, *stage, at),
            Fact::StageArrived { push } => self.with(*push, |push| push.cursor.arrived = Some(at)),
            Fact::BakeRuns { push } => self.with(*push, |push| {
                push.cursor.bake.running_since = Some(at);
                push.cursor.bake.stopped = None;
            }),
            Fact::BakeStopped { push, why } => self.with(*push, |push| {
                push.cursor.bake = BakeClock { ran: push.cursor.bake.elapsed(at), running_since: None, stopped: Some(why.clone()) };
            }),
            Fact::Approved { push, approval } => self.with(*push, |push| push.approvals.push(approval.clone())),
            Fact::ApprovalsSuperseded { push, .. } => self.with(*push, |push| {
                push.approvals.clear();
                push.promoted = None;
            }),
            Fact::Promoted { push, gate, by } => self.with(*push, |push| push.promoted = Some((*gate, by.clone()))),
            Fact::Rejected { push, rejection } => self.with(*push, |push| push.rejection = Some(rejection.clone())),
            Fact::Held { push, hold } => self.with(*push, |push| push.holds.push(hold.clone())),
            Fact::StopTold { push, tries } => self.with(*push, |push| match &mut push.stop {
                Some(stop) if stop.observed.is_none() => stop.tries = *tries,
                stop => *stop = Some(StopWatch { asked: at, tries: *tries, answer: None, observed: None }),
            }),
            Fact::StopAnswered { push, answer } => self.with(*push, |push| {
                if let Some(stop) = &mut push.stop {
                    stop.answer = Some(answer.clone());
                }
            }),
            Fact::StopObserved { push } => self.with(*push, |push| {
                if let Some(stop) = &mut push.stop {
                    stop.observed = Some(at);
                }
            }),
            Fact::Resumed { push, .. } => self.with(*push, |push| {
                push.holds.clear();
                push.stop = None;
                // A stage's deadline does not run while the push is held.
                if push.cursor.arrived.is_none() {
                    push.cursor.entered = at;
                }
            }),
            Fact::PushAcknowledged { push, seen } => self.with(*push, |push| push.acknowledged = Some(seen.clone())),
            Fact::Harmed { push, harm } => self.with(*push, |push| push.harm = *harm),
            Fact::WayBack { push, plan } => self.with(*push, |push| push.way_back = Some(plan.clone())),
            Fact::RollbackDecided { push, rollback } => self.go_back(*push, rollback),
            Fact::RollbackStepDone { push, step } => self.with_rollback(*push, |rollback| {
                if let Some(finished) = rollback.finished.get_mut(*step as usize) {
                    *finished = Some(at);
                }
            }),
            Fact::UsersSafe { push } => self.with_rollback(*push, |rollback| rollback.users_safe = Some(at)),
            Fact::RolledBack { push } => self.with(*push, |push| {
                if let Some(rollback) = push.course.rollback().cloned().map(Box::new) {
                    push.course = Course::RolledBack { rollback, at };
                }
            }),
            Fact::RollbackFailed { push, stuck } => self.with(*push, |push| {
                if let Some(rollback) = push.course.rollback().cloned().map(Box::new) {
                    push.course = Course::RollbackFailed { rollback, at, stuck: stuck.clone() };
                }
            }),
            Fact::PushConverged { push } => self.converge(*push, at),
            _ => {}
        }
    }

    fn with(&mut self, id: PushId, change: impl FnOnce(&mut Push)) {
        if let Some(push) = self.pushes.get_mut(&id) {
            change(push);
        }
    }

    fn with_rollback(&mut self, id: PushId, change: impl FnOnce(&mut Rollback)) {
        self.with(id, |push| match &mut push.course {
            Course::Back { rollback } | Course::RolledBack { rollback, .. } | Course::RollbackFailed { rollback, .. } => {
                change(rollback);
            }
            Course::Forward | Course::Converged { .. } => {}
        });
    }

    fn declare(&mut self, declaration: &Declaration, at: EngineTime) {
        self.declaration = declaration.clone();
        for service in &declaration.services {
            for deployment in &service.deployments {
                let Some(environment) = declaration.environment(&deployment.environment) else { continue };
                let id = super::id::PlacementId::new(service.id.clone(), environment.id.clone());
                self.placements.entry(id.clone()).or_insert_with(|| Placement {
                    id,
                    cells: environment
                        .cells
                        .iter()
                        .zip(&deployment.instances)
                        .map(|(cell, count)| (cell.id.clone(), vec![unseen(&deployment.running, at); *count as usize]))
                        .collect(),
                    base: deployment.running.clone(),
                    grant: None,
                    desired: deployment.running.clone(),
                    observed: false,
                });
            }
        }
    }

    fn instance_mut(&mut self, id: &super::id::InstanceId) -> Option<&mut Instance> {
        self.placements.get_mut(&id.placement)?.cells.get_mut(&id.cell)?.get_mut(id.index as usize)
    }

    fn observe(&mut self, seen: &Observation, at: EngineTime) {
        let Some(placement) = self.placements.get_mut(&seen.instance.placement) else { return };
        placement.observed = true;
        let Some(instance) =
            placement.cells.get_mut(&seen.instance.cell).and_then(|cell| cell.get_mut(seen.instance.index as usize))
        else {
            return;
        };
        if instance.phase != seen.phase || instance.version != seen.version {
            instance.since = at;
        }
        instance.version = seen.version.clone();
        instance.phase = seen.phase;
        instance.serving = seen.serving;
        instance.restarts = seen.restarts;
        let done = instance.in_flight.as_ref().is_some_and(|flight| match &flight.task {
            Task::Install { version } => instance.version == *version && instance.serves(),
            Task::Drain => !instance.serving && instance.phase == Phase::Drained,
        });
        if done {
            instance.in_flight = None;
        }
    }

    fn issue(&mut self, operation: &Operation, at: EngineTime) {
        if let Some(instance) = self.instance_mut(&operation.instance) {
            instance.in_flight = Some(InFlight { id: operation.id, task: operation.task.clone(), issued: at, failed: None });
        }
    }

    fn request(&mut self, plan: &PushPlan) {
        for stage in &plan.stages {
            for part in &plan.moves {
                if let Some(placement) =
                    self.placements.get_mut(&super::id::PlacementId::new(part.service.clone(), stage.environment.clone()))
                {
                    placement.desired = part.to.version.clone();
                }
            }
        }
        self.pushes.insert(
            plan.id,
            Push {
                plan: plan.clone(),
                cursor: Cursor { entered: plan.requested, ..Cursor::default() },
                course: Course::Forward,
                holds: Vec::new(),
                stop: None,
                rejection: None,
                approvals: Vec::new(),
                promoted: None,
                way_back: None,
                acknowledged: None,
                harm: super::harm::Harm::default(),
                revision: 1,
            },
        );
    }

    fn enter(&mut self, id: PushId, index: u32, at: EngineTime) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.cursor =
            Cursor { stage: Some(index), entry: push.cursor.entry + 1, entered: at, arrived: None, bake: BakeClock::default() };
        push.approvals.clear();
        push.promoted = None;
        let Some(stage) = push.plan.stages.get(index as usize) else { return };
        for part in &push.plan.moves {
            let Some(instances) = stage.grants.get(&part.service) else { continue };
            let place = super::id::PlacementId::new(part.service.clone(), stage.environment.clone());
            if let Some(placement) = self.placements.get_mut(&place) {
                placement.grant = Some(Grant { version: part.to.version.clone(), instances: instances.clone() });
            }
        }
    }

    fn go_back(&mut self, id: PushId, rollback: &Rollback) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        // Deciding to go back ends everything that could still take the push forward, in this one record.
        push.approvals.clear();
        push.promoted = None;
        push.holds.clear();
        // What the stop was for the rollback does itself, and shows as its first step.
        push.stop = None;
        push.course = Course::Back { rollback: Box::new(rollback.clone()) };
        for part in &push.plan.moves {
            for (environment, from) in &part.from {
                let place = super::id::PlacementId::new(part.service.clone(), environment.clone());
                if let Some(placement) = self.placements.get_mut(&place) {
                    placement.grant = None;
                    placement.desired = from.clone();
                    placement.base = from.clone();
                }
            }
        }
    }

    fn converge(&mut self, id: PushId, at: EngineTime) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.course = Course::Converged { at };
        push.holds.clear();
        push.stop = None;
        for part in &push.plan.moves {
            for environment in part.from.keys() {
                let place = super::id::PlacementId::new(part.service.clone(), environment.clone());
                if let Some(placement) = self.placements.get_mut(&place) {
                    placement.base = part.to.version.clone();
                    placement.desired = part.to.version.clone();
                    placement.grant = None;
                }
            }
        }
    }
}

/// An instance that is declared and has not been seen yet: it counts as not running.
fn unseen(version: &super::id::Version, at: EngineTime) -> Instance {
    Instance { version: version.clone(), phase: Phase::Stopped, serving: false, restarts: 0, since: at, in_flight: None }
}
