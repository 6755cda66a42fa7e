//! One step of the engine: a fleet, one input and the time, to what happened and what is to be done. The same in, the same out.

mod accept;
mod back;
mod checks;
mod forward;
mod learn;
mod move_instances;
mod stop;
mod watch;
mod work;

use crate::domain::fleet::Fleet;
use crate::domain::id::PushId;
use crate::domain::push::{Course, Push};
use crate::domain::time::EngineTime;

use super::effect::{Input, Step};
use work::Work;

/// Takes one input in, then carries everything that can move as far as the facts allow.
pub fn step(fleet: &Fleet, input: Input, now: EngineTime) -> Step {
    let mut work = Work::new(fleet, now);
    match input {
        Input::Command { command, wall } => accept::accept(&mut work, *command, wall),
        other => learn::learn(&mut work, other),
    }
    watch::alerts(&mut work);
    let open: Vec<PushId> = work.fleet().pushes().filter(|push| push.is_open()).map(Push::id).collect();
    for id in open {
        stop::retry(&mut work, id);
        forward::advance(&mut work, id);
        checks::ask(&mut work, id);
        if work.push(id).is_some_and(|push| matches!(push.course, Course::Back { .. } | Course::RollbackFailed { .. })) {
            back::follow(&mut work, id);
        }
        move_instances::of_push(&mut work, id);
        back::publish(&mut work, id);
    }
    move_instances::drifted(&mut work);
    work.into_step()
}
