//! One engine's state: the fleet it decides from, and the numbers it judges by.

use std::sync::Arc;

use crate::domain::change::{Change, Fact};
use crate::domain::declaration::Declaration;
use crate::domain::feed::{Feed, FeedState};
use crate::domain::fleet::Fleet;
use crate::domain::id::{EngineId, Seq};
use crate::domain::time::{ConsoleTime, EngineTime};
use crate::engine::effect::{Input, Step};
use crate::engine::step::step;
use crate::evidence::reading::Batch;

use super::numbers::Numbers;

/// An engine's state. It does nothing by itself: whoever holds it carries the effects out.
#[derive(Clone, Debug)]
pub struct Core {
    fleet: Arc<Fleet>,
    numbers: Numbers,
}

impl Core {
    /// A new engine for a declaration, and the changes that began it.
    pub fn begin(engine: EngineId, epoch: u64, declaration: Declaration, now: EngineTime) -> (Self, Vec<Change>) {
        let facts = [
            Fact::EngineStarted { engine, epoch },
            Fact::Declared { declaration: Box::new(declaration) },
            Fact::FeedChanged { feed: Feed::Engine, state: FeedState::Live },
        ];
        let changes: Vec<Change> = (1..).zip(facts).map(|(seq, fact)| Change { seq: Seq(seq), at: now, fact }).collect();
        let mut fleet = Fleet::default();
        for change in &changes {
            fleet.apply(change);
        }
        (Self { fleet: Arc::new(fleet), numbers: Numbers::default() }, changes)
    }

    /// Everything known so far.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    /// Takes one input in and folds what follows from it.
    pub fn take(&mut self, input: Input, now: EngineTime, wall: ConsoleTime) -> Step {
        let taken = step(&self.fleet, input, now, wall);
        if !taken.changes.is_empty() {
            let fleet = Arc::make_mut(&mut self.fleet);
            taken.changes.iter().for_each(|change| fleet.apply(change));
        }
        taken
    }

    /// Takes one tick's numbers in: feeds, traffic, harm, and how metrics stand against their limits.
    pub fn read(&mut self, batch: &Batch, now: EngineTime, wall: ConsoleTime) -> Vec<Step> {
        let inputs = self.numbers.read(&self.fleet, batch, now);
        inputs.into_iter().map(|input| self.take(input, now, wall)).collect()
    }
}
