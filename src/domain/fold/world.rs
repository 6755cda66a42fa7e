//! What was declared, and what was seen of it.

use super::super::declaration::Declaration;
use super::super::fleet::Fleet;
use super::super::id::{InstanceId, PlacementId, Version};
use super::super::placement::{InFlight, Instance, Observation, Operation, Phase, Placement, Task};
use super::super::sides::Sides;
use super::super::time::EngineTime;

impl Fleet {
    pub(super) fn declare(&mut self, declaration: &Declaration, at: EngineTime) {
        self.declaration = declaration.clone();
        for service in &declaration.services {
            for deployment in &service.deployments {
                let Some(environment) = declaration.environment(&deployment.environment) else { continue };
                let id = PlacementId::new(service.id.clone(), environment.id.clone());
                let sides = declaration.has_two_sides(service, &environment.id).then(Sides::default);
                let times = if sides.is_some() { 2 } else { 1 };
                self.placements.entry(id.clone()).or_insert_with(|| Placement {
                    id,
                    cells: environment
                        .cells
                        .iter()
                        .zip(&deployment.instances)
                        .map(|(cell, count)| (cell.id.clone(), vec![unseen(&deployment.running, at); *count as usize * times]))
                        .collect(),
                    base: deployment.running.clone(),
                    grant: None,
                    desired: deployment.running.clone(),
                    observed: false,
                    sides,
                });
            }
        }
    }

    pub(super) fn instance_mut(&mut self, id: &InstanceId) -> Option<&mut Instance> {
        self.placements.get_mut(&id.placement)?.cells.get_mut(&id.cell)?.get_mut(id.index as usize)
    }

    pub(super) fn observe(&mut self, seen: &Observation, at: EngineTime) {
        let Some(placement) = self.placements.get_mut(&seen.instance.placement) else { return };
        placement.observed = true;
        let known = placement.cells.get(&seen.instance.cell).and_then(|cell| cell.get(seen.instance.index as usize));
        let has_died = known.is_some_and(|known| seen.restarts > known.restarts);
        placement.mark_by_hand(&seen.instance.cell, seen.instance.index, (&seen.version, seen.phase), at);
        // One version is one text in memory, however often it is seen: most comparisons then end with its address.
        let grant = placement.grant.as_ref().map(|grant| &grant.version);
        let known = [Some(&placement.base), grant, Some(&placement.desired)].into_iter().flatten();
        let version = known.into_iter().find(|known| **known == seen.version).unwrap_or(&seen.version).clone();
        let Some(instance) =
            placement.cells.get_mut(&seen.instance.cell).and_then(|cell| cell.get_mut(seen.instance.index as usize))
        else {
            return;
        };
        if instance.phase != seen.phase || instance.version != seen.version {
            instance.since = at;
        }
        instance.version = version;
        instance.phase = seen.phase;
        instance.serving = seen.serving;
        instance.restarts = seen.restarts;
        let done = instance.in_flight.as_ref().is_some_and(|flight| match &flight.task {
            Task::Install { version } => instance.version == *version && instance.serves(),
            Task::Drain => !instance.serving && instance.phase == Phase::Drained,
            Task::Warm { version } => instance.version == *version && !instance.serving && instance.phase == Phase::Drained,
            Task::ShutDown => !instance.serving && instance.phase == Phase::Stopped,
        });
        if done {
            instance.in_flight = None;
            instance.by_hand = None;
        }
        if instance.serves() && instance.by_hand.as_ref().is_some_and(|mark| mark.from == instance.version) {
            instance.by_hand = None;
        }
        if has_died {
            self.death_is_sign(seen, at);
        }
    }

    pub(super) fn issue(&mut self, operation: &Operation, at: EngineTime) {
        if let Some(instance) = self.instance_mut(&operation.instance) {
            let before = instance.in_flight.as_ref().filter(|flight| flight.task == operation.task);
            let begun = before.map_or(at, |flight| flight.begun);
            instance.in_flight = Some(InFlight { id: operation.id, task: operation.task.clone(), issued: at, begun, failed: None });
        }
    }
}

/// An instance that is declared and has not been seen yet: it counts as not running.
fn unseen(version: &Version, at: EngineTime) -> Instance {
    Instance {
        version: version.clone(),
        phase: Phase::Stopped,
        serving: false,
        restarts: 0,
        since: at,
        in_flight: None,
        by_hand: None,
    }
}
