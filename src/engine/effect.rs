//! What the engine is told, and what it wants done.

use crate::domain::burn::{Budget, Burn};
use crate::domain::call::{Call, CallKey};
use crate::domain::change::Change;
use crate::domain::check::Look;
use crate::domain::command::{Command, Outcome};
use crate::domain::feed::{Feed, FeedState};
use crate::domain::harm::Harm;
use crate::domain::id::{CellId, CheckId, FlagId, GateId, InstanceId, PlacementId, PushId};
use crate::domain::metric::{SliceId, Standing};
use crate::domain::placement::{Observation, Operation, OperationId};
use crate::domain::verdict::Evidence;

/// One thing the engine learns.
#[derive(Clone, Debug)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// Somebody asks for something.
    Command(Box<Command>),
    /// Instances are in another state than before.
    Observed(Vec<Observation>),
    /// The driver could not do a task.
    OperationFailed {
        /// Which.
        id: OperationId,
        /// On which instance.
        instance: InstanceId,
        /// Why, in a sentence.
        why: String,
    },
    /// The driver took a task back before it began, because it was told to stop.
    Withdrawn {
        /// Which.
        id: OperationId,
        /// On which instance.
        instance: InstanceId,
    },
    /// The driver has stopped a push: nothing new will begin.
    Stopped(PushId),
    /// The driver did not stop a push.
    StopRefused {
        /// Which.
        push: PushId,
        /// What it said.
        answer: String,
    },
    /// A check by others was answered, or could not be.
    Checked {
        /// For which push.
        push: PushId,
        /// Which check.
        name: CheckId,
        /// For which gate, asked when, and what came of it.
        look: Look,
    },
    /// A call was made, or reached nobody.
    CallAnswered {
        /// About what.
        about: CallKey,
        /// At which escalation.
        escalation: u32,
        /// Why it reached nobody.
        result: Result<(), String>,
    },
    /// A feed began or ceased to arrive.
    Feed {
        /// Which.
        feed: Feed,
        /// How it is now.
        state: FeedState,
    },
    /// How metrics stand against their limits now.
    Judged(Vec<(SliceId, Standing)>),
    /// What the numbers of the stages that pushes are in say now, each with which entry of a stage it is about.
    Gathered(Vec<(PushId, u32, Evidence)>),
    /// How error budgets burn now: too fast, or (`None`) not. One that is not named could not be looked at.
    Burned(Vec<(Budget, Option<Burn>)>),
    /// How many instances were seen to have a flag as it is wanted.
    FlagSeen {
        /// Which flag.
        flag: FlagId,
        /// The way it was switched that they have taken.
        on: bool,
        /// How many have.
        taken: u32,
        /// Of how many.
        of: u32,
    },
    /// Requests per second now.
    Traffic(Vec<(PlacementId, CellId, f64)>),
    /// What pushes have done to users so far.
    Harmed(Vec<(PushId, Harm)>),
}

/// Something to be done in the world. Carried out only after the changes of its step are durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Do a task on an instance. Doing it twice under one identity has one effect.
    Operate(Operation),
    /// Begin nothing new for a push, take back what has not begun, and say so.
    Stop {
        /// Which push.
        push: PushId,
        /// Its tasks under way.
        operations: Vec<OperationId>,
    },
    /// Switch a flag. Doing it twice has one effect.
    Flag {
        /// Which.
        flag: FlagId,
        /// Whether on.
        on: bool,
    },
    /// Ask a check by others. It is wanted with every step until there is an answer: whoever carries it out asks one question at a time.
    Check {
        /// For which push.
        push: PushId,
        /// For which occurrence of which gate.
        gate: GateId,
        /// Which check.
        name: CheckId,
    },
    /// Call somebody, as the spec says.
    Call(Box<Call>),
}

/// What follows from one input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// What happened, in order.
    pub changes: Vec<Change>,
    /// What is to be done about it.
    pub effects: Vec<Effect>,
    /// The answer to a command, if the input was one.
    pub outcome: Option<Outcome>,
}
