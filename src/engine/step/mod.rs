//! One step of the engine: a fleet, one input and the time, to what happened and what is to be done. The same in, the same out.

mod accept;
mod back;
mod burn;
mod calls;
mod checks;
mod drift;
mod evidence;
mod expire;
mod flag;
mod foresee;
mod forward;
mod learn;
mod move_instances;
mod stop;
mod watch;
mod work;

use crate::domain::fleet::Fleet;
use crate::domain::id::PushId;
use crate::domain::push::{Course, Push};
use crate::domain::time::{ConsoleTime, EngineTime};

use super::effect::{Input, Step};
use work::Work;

/// Takes one input in, then carries everything that can move as far as the facts allow. People's approvals run out by the wall's clock,
/// everything else by the engine's.
pub fn step(fleet: &Fleet, input: Input, now: EngineTime, wall: ConsoleTime) -> Step {
    let mut work = Work::new(fleet, now, wall);
    expire::of_people(&mut work);
    match input {
        Input::Command(command) => accept::accept(&mut work, *command),
        other => learn::learn(&mut work, other),
    }
    watch::alerts(&mut work);
    drift::name(&mut work);
    let open: Vec<PushId> = work.fleet().pushes().filter(|push| push.is_open()).map(Push::id).collect();
    for id in open {
        stop::retry(&mut work, id);
        drift::hold(&mut work, id);
        forward::advance(&mut work, id);
        checks::ask(&mut work, id);
        if work.push(id).is_some_and(|push| matches!(push.course, Course::Back { .. } | Course::RollbackFailed { .. })) {
            back::follow(&mut work, id);
        }
        move_instances::of_push(&mut work, id);
        back::publish(&mut work, id);
        foresee::foresee(&mut work, id);
    }
    move_instances::drifted(&mut work);
    flag::tell(&mut work);
    calls::call(&mut work);
    work.into_step()
}
