//! A step in progress: the fleet as it is after what the step has found so far.

use std::borrow::Cow;

use crate::domain::change::{Change, Fact};
use crate::domain::command::Outcome;
use crate::domain::fleet::Fleet;
use crate::domain::id::{InstanceId, PushId, Seq};
use crate::domain::placement::{Operation, OperationId, Task};
use crate::domain::push::Push;
use crate::domain::time::{ConsoleTime, EngineTime};
use crate::engine::effect::{Effect, Step};

/// The fleet is copied only once something has happened: most ticks change nothing.
pub(super) struct Work<'a> {
    fleet: Cow<'a, Fleet>,
    pub(super) now: EngineTime,
    pub(super) wall: ConsoleTime,
    changes: Vec<Change>,
    effects: Vec<Effect>,
    outcome: Option<Outcome>,
}

/// Room for the operations of one change in the numbering.
const PER_CHANGE: u64 = 1 << 16;

impl<'a> Work<'a> {
    pub(super) fn new(fleet: &'a Fleet, now: EngineTime, wall: ConsoleTime) -> Self {
        Self { fleet: Cow::Borrowed(fleet), now, wall, changes: Vec::new(), effects: Vec::new(), outcome: None }
    }

    pub(super) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    pub(super) fn push(&self, id: PushId) -> Option<&Push> {
        self.fleet.push(id)
    }

    /// The number the next recorded fact will have.
    pub(super) fn next_seq(&self) -> Seq {
        Seq(self.fleet.seq().0 + 1)
    }

    pub(super) fn record(&mut self, fact: Fact) {
        let change = Change { seq: self.next_seq(), at: self.now, fact };
        self.fleet.to_mut().apply(&change);
        self.changes.push(change);
    }

    pub(super) fn answer(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }

    pub(super) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Issues tasks: durable first, then sent.
    pub(super) fn issue(&mut self, push: Option<PushId>, tasks: Vec<(InstanceId, Task)>) {
        if tasks.is_empty() {
            return;
        }
        let first = self.next_seq().0 * PER_CHANGE;
        let operations: Vec<Operation> =
            (first..).zip(tasks).map(|(id, (instance, task))| Operation { id: OperationId(id), instance, task }).collect();
        self.effects.extend(operations.iter().cloned().map(Effect::Operate));
        self.record(Fact::Issued { push, operations });
    }

    pub(super) fn into_step(self) -> Step {
        Step { changes: self.changes, effects: self.effects, outcome: self.outcome }
    }
}
