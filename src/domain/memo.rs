//! What was worked out of a fleet for one moment and is asked for again and again until something changes or time goes on.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;

use super::explain::{Explanation, Moment};
use super::fleet::Fleet;
use super::id::PushId;
use super::placement::Placement;
use super::push::Push;
use super::requirement::Requirement;
use super::status::Status;
use super::time::EngineTime;

/// Answers for the state of one fleet at one moment. It says nothing that the facts do not: a copy of a fleet begins without it, two
/// fleets are equal whatever is in it, and the fold empties it.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    at: Option<EngineTime>,
    gates: Vec<(PushId, Arc<[Requirement]>)>,
    statuses: Vec<(PushId, Status)>,
    placed: Vec<(usize, Status)>,
    explained: Vec<(PushId, (TimeZone, Explanation))>,
}

impl Held {
    /// Ready for what was worked out for a moment: what is there of another is forgotten.
    fn turn_to(&mut self, now: EngineTime) {
        if self.at != Some(now) {
            *self = Self { at: Some(now), ..Self::default() };
        }
    }
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

    /// The requirements of a push's gate at a moment, worked out if they are not known.
    pub fn gate(
        &self,
        fleet: &Fleet,
        push: &Push,
        now: EngineTime,
        work_out: impl FnOnce() -> Vec<Requirement>,
    ) -> Vec<Requirement> {
        self.kept(fleet, (push, now), |held| &mut held.gates, || work_out().into()).to_vec()
    }

    /// The status of a push at a moment, worked out if it is not known.
    pub fn status(&self, fleet: &Fleet, push: &Push, now: EngineTime, work_out: impl FnOnce() -> Status) -> Status {
        self.kept(fleet, (push, now), |held| &mut held.statuses, work_out)
    }

    /// The status of a placement at a moment, worked out if it is not known.
    pub fn placed(&self, fleet: &Fleet, placement: &Placement, now: EngineTime, work_out: impl FnOnce() -> Status) -> Status {
        if !fleet.placement_by_id(&placement.id).is_some_and(|own| std::ptr::eq(own, placement)) {
            return work_out();
        }
        // As long as nothing changes it stays where it is.
        let key = std::ptr::from_ref(placement).addr();
        self.known(key, now, |held| &mut held.placed, work_out)
    }

    /// What is said of a push at a moment, worked out if it is not known. Clock times in it are of the zone that was asked for first: a
    /// sentence in another is worked out each time.
    pub fn explained(&self, fleet: &Fleet, push: &Push, moment: &Moment, work_out: impl Fn() -> Explanation) -> Explanation {
        let told = || (moment.zone.clone(), work_out());
        let (zone, found) = self.kept(fleet, (push, moment.now), |held| &mut held.explained, told);
        if zone == moment.zone { found } else { work_out() }
    }

    /// What is known of a push at a moment. A push that is not the fleet's own, such as one that is only thought of, is not remembered.
    fn kept<T: Clone>(
        &self,
        fleet: &Fleet,
        (push, now): (&Push, EngineTime),
        of: impl Fn(&mut Held) -> &mut Vec<(PushId, T)>,
        work_out: impl FnOnce() -> T,
    ) -> T {
        if !fleet.push(push.id()).is_some_and(|own| std::ptr::eq(own, push)) {
            return work_out();
        }
        self.known(push.id(), now, of, work_out)
    }

    fn known<K: PartialEq, T: Clone>(
        &self,
        key: K,
        now: EngineTime,
        of: impl Fn(&mut Held) -> &mut Vec<(K, T)>,
        work_out: impl FnOnce() -> T,
    ) -> T {
        let lock = || {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.turn_to(now);
            held
        };
        if let Some((_, known)) = of(&mut lock()).iter().find(|(known, _)| *known == key) {
            return known.clone();
        }
        // Not under the lock: what is worked out of one may ask about another.
        let found = work_out();
        of(&mut lock()).push((key, found.clone()));
        found
    }
}
