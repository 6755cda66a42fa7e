//! What was worked out of a fleet for one moment and is asked for again and again until something changes or time goes on.

use std::sync::{Arc, Mutex, PoisonError};

use super::fleet::Fleet;
use super::id::PushId;
use super::push::Push;
use super::requirement::Requirement;
use super::time::EngineTime;

/// Answers for the state of one fleet at one moment. It says nothing that the facts do not: a copy of a fleet begins without it, two
/// fleets are equal whatever is in it, and the fold empties it.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    at: Option<EngineTime>,
    gates: Vec<(PushId, Arc<[Requirement]>)>,
}

impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Memo {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Memo {
    /// Forgets everything: a fact has come.
    pub fn clear(&mut self) {
        *self.0.get_mut().unwrap_or_else(PoisonError::into_inner) = Held::default();
    }

    /// The requirements of a push's gate at a moment, worked out if they are not known. A push that is not the fleet's own, such as one
    /// that is only thought of, is never remembered.
    pub fn gate(
        &self,
        fleet: &Fleet,
        push: &Push,
        now: EngineTime,
        work_out: impl FnOnce() -> Vec<Requirement>,
    ) -> Vec<Requirement> {
        if !fleet.push(push.id()).is_some_and(|own| std::ptr::eq(own, push)) {
            return work_out();
        }
        if let Some(known) = self.known(push.id(), now) {
            return known.to_vec();
        }
        // Not under the lock: one push's gate may ask for another's.
        let found: Arc<[Requirement]> = work_out().into();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.at == Some(now) {
            held.gates.push((push.id(), Arc::clone(&found)));
        } else {
            *held = Held { at: Some(now), gates: vec![(push.id(), Arc::clone(&found))] };
        }
        found.to_vec()
    }

    fn known(&self, push: PushId, now: EngineTime) -> Option<Arc<[Requirement]>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of =
            |gates: &[(PushId, Arc<[Requirement]>)]| gates.iter().find(|(id, _)| *id == push).map(|(_, known)| Arc::clone(known));
        if held.at == Some(now) { of(&held.gates) } else { None }
    }
}
