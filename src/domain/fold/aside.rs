//! What is taken out of a push's stage and comes into it again: a service that went back alone, a drained cell.

use super::super::fleet::Fleet;
use super::super::id::{PlacementId, PushId, ServiceId};
use super::super::placement::Grant;
use super::super::push::{Apart, BakeClock, Cursor};
use super::super::time::EngineTime;

impl Fleet {
    /// Lets a push move again. What was taken out of its stage comes into it again: that is another occurrence of its gate, and is
    /// watched from the beginning.
    pub(super) fn resume(&mut self, id: PushId, at: EngineTime) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.holds.clear();
        push.stop = None;
        let comes_again = !push.apart.is_empty() || !push.drained.is_empty();
        let apart = std::mem::take(&mut push.apart);
        push.drained.clear();
        if comes_again {
            let (stage, furthest, exempt) = (push.cursor.stage, push.cursor.furthest, push.cursor.exempt);
            let (entry, bake) = (push.cursor.entry + 1, BakeClock::default());
            push.cursor = Cursor { stage, furthest, entry, entered: at, arrived: None, bake, exempt };
        }
        // A stage's deadline does not run while the push is held.
        if push.cursor.arrived.is_none() {
            push.cursor.entered = at;
        }
        for service in apart.into_keys() {
            self.grant_again(id, &service);
        }
    }

    /// Grants a service what its push's stages so far grant it.
    fn grant_again(&mut self, id: PushId, service: &ServiceId) {
        let Some(push) = self.pushes.get(&id) else { return };
        let Some(part) = push.move_of(service) else { return };
        let (to, entered) = (part.to.version.clone(), push.cursor.furthest.map_or(0, |stage| stage as usize + 1));
        let stages = push.plan.stages.iter().take(entered);
        let grants: Vec<_> =
            stages.filter_map(|stage| Some((stage.environment.clone(), stage.grants.get(service)?.clone()))).collect();
        for (environment, instances) in grants {
            if let Some(placement) = self.placements.get_mut(&PlacementId::new(service.clone(), environment.clone())) {
                placement.grant = Some(Grant { version: to.clone(), instances });
            }
            self.settle_desired(service, &environment);
        }
    }

    /// Takes a service out of its push's stages, back to what it ran before.
    pub(super) fn take_apart(&mut self, id: PushId, service: &ServiceId, apart: &Apart) {
        self.index_apart(service);
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.apart.insert(service.clone(), apart.clone());
        for (environment, from) in push.move_of(service).into_iter().flat_map(|part| &part.from) {
            let place = PlacementId::new(service.clone(), environment.clone());
            if let Some(placement) = self.placements.get_mut(&place).filter(|_| push.has_been_in(environment)) {
                placement.grant = None;
                placement.desired = from.clone();
                placement.base = from.clone();
            }
        }
    }
}
