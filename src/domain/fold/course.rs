//! A push's way: asked for, from stage to stage, and how it ends. Here grants are given and taken.

use super::super::fleet::Fleet;
use super::super::id::{PlacementId, PushId};
use super::super::placement::Grant;
use super::super::push::{BakeClock, Course, Cursor, Push, PushPlan};
use super::super::rollback::Rollback;
use super::super::time::EngineTime;

impl Fleet {
    pub(super) fn request(&mut self, plan: &PushPlan) {
        for stage in &plan.stages {
            for part in &plan.moves {
                if let Some(placement) = self.placements.get_mut(&PlacementId::new(part.service.clone(), stage.environment.clone()))
                {
                    placement.desired = part.to.version.clone();
                }
            }
        }
        self.pushes.insert(plan.id, Push::requested(plan.clone()));
    }

    pub(super) fn enter(&mut self, id: PushId, index: u32, at: EngineTime) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.cursor =
            Cursor { stage: Some(index), entry: push.cursor.entry + 1, entered: at, arrived: None, bake: BakeClock::default() };
        push.approvals.clear();
        push.promoted = None;
        push.checks.clear();
        if let Some(stage) = push.plan.stages.get(index as usize) {
            push.inside.entry(stage.environment.clone()).or_insert(at);
        }
        let Some(stage) = push.plan.stages.get(index as usize) else { return };
        for part in &push.plan.moves {
            let Some(instances) = stage.grants.get(&part.service) else { continue };
            let place = PlacementId::new(part.service.clone(), stage.environment.clone());
            if let Some(placement) = self.placements.get_mut(&place) {
                placement.grant = Some(Grant { version: part.to.version.clone(), instances: instances.clone() });
            }
        }
    }

    pub(super) fn go_back(&mut self, id: PushId, rollback: &Rollback) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        // Deciding to go back ends everything that could still take the push forward, in this one record.
        push.approvals.clear();
        push.promoted = None;
        push.checks.clear();
        push.holds.clear();
        // What the stop was for the rollback does itself, and shows as its first step.
        push.stop = None;
        push.course = Course::Back { rollback: Box::new(rollback.clone()) };
        for part in &push.plan.moves {
            for (environment, from) in &part.from {
                let place = PlacementId::new(part.service.clone(), environment.clone());
                if let Some(placement) = self.placements.get_mut(&place) {
                    placement.grant = None;
                    placement.desired = from.clone();
                    placement.base = from.clone();
                }
            }
        }
    }

    pub(super) fn converge(&mut self, id: PushId, at: EngineTime) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.course = Course::Converged { at };
        push.holds.clear();
        push.stop = None;
        for part in &push.plan.moves {
            for environment in part.from.keys() {
                let place = PlacementId::new(part.service.clone(), environment.clone());
                if let Some(placement) = self.placements.get_mut(&place) {
                    placement.base = part.to.version.clone();
                    placement.desired = part.to.version.clone();
                    placement.grant = None;
                }
            }
        }
    }
}
