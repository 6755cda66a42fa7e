//! The driver of a simulated fleet.

use crate::domain::id::PushId;
use crate::domain::placement::OperationId;
use crate::domain::time::{EngineTime, Period};
use crate::engine::effect::{Effect, Input};
use crate::simulation::flags::Taken;
use crate::simulation::world::Simulation;

/// A time in which the driver hears no order to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deafness {
    /// From when.
    pub from: EngineTime,
    /// For how long.
    pub lasts: Period,
}

impl From<Taken> for Input {
    fn from(Taken { flag, on, taken, of }: Taken) -> Self {
        Self::FlagSeen { flag, on, taken, of }
    }
}

/// Hands effects to a simulation, and brings back what it answers at once. What the effects did is seen later, by looking.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedDriver {
    /// When it is deaf, if it ever is.
    pub deafness: Option<Deafness>,
}

impl SimulatedDriver {
    /// Carries one effect out.
    pub fn carry_out(&self, effect: Effect, simulation: &mut Simulation, now: EngineTime) -> Vec<Input> {
        match effect {
            Effect::Operate(operation) => {
                let (id, instance) = (operation.id, operation.instance.clone());
                match simulation.order(operation) {
                    Ok(()) => Vec::new(),
                    Err(why) => vec![Input::OperationFailed { id, instance, why: why.to_string() }],
                }
            }
            Effect::Stop { push, operations } => self.stop(push, &operations, simulation, now),
            Effect::Flag { flag, on } => {
                simulation.switch(&flag, on);
                Vec::new()
            }
            // Others are asked, and people called, by whoever holds the engine, not by what changes targets.
            Effect::Check { .. } | Effect::Call(_) => Vec::new(),
        }
    }

    fn stop(&self, push: PushId, operations: &[OperationId], simulation: &mut Simulation, now: EngineTime) -> Vec<Input> {
        if self.deafness.is_some_and(|deaf| now >= deaf.from && now < deaf.from + deaf.lasts) {
            return vec![Input::StopRefused { push, answer: "no answer from the driver".to_owned() }];
        }
        match simulation.halt(|operation| operations.contains(&operation.id)) {
            Some(halted) => {
                let withdrawn = halted.cancelled.into_iter().map(|(id, instance)| Input::Withdrawn { id, instance });
                withdrawn.chain([Input::Stopped(push)]).collect()
            }
            None => vec![Input::StopRefused { push, answer: "no answer from the driver".to_owned() }],
        }
    }
}
