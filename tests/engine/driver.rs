//! A driver that behaves as badly as its contract allows: orders wait for random times, fail, are lost or reported twice; answers are
//! late or never come. What it owes the engine is little: one order has one effect, an order is void once a later one was given for the
//! same instance, and what it took back does not begin.

use std::collections::{BTreeMap, BTreeSet};

use pushdeck::domain::id::{InstanceId, PushId, Version};
use pushdeck::domain::placement::{Observation, Operation, OperationId, Phase, Task};
use pushdeck::engine::effect::{Effect, Input};

/// How often, in percent of orders, things go wrong.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    pub fails: u32,
    pub loses: u32,
    pub repeats: u32,
    pub deaf: u32,
}

impl Habits {
    pub const GOOD: Self = Self { fails: 0, loses: 0, repeats: 0, deaf: 0 };
    /// Nothing ever works.
    pub const DEAD: Self = Self { fails: 100, loses: 0, repeats: 0, deaf: 0 };
}

#[derive(Clone, Debug)]
struct Copy {
    version: Version,
    serving: bool,
    runs: bool,
}

/// The driver and the instances it changes.
#[derive(Debug)]
pub struct Unruly {
    copies: BTreeMap<InstanceId, Copy>,
    waiting: Vec<Operation>,
    latest: BTreeMap<InstanceId, OperationId>,
    /// Orders begun, to see that none begins twice.
    pub begun: BTreeSet<OperationId>,
    unsaid: Vec<Input>,
    pub habits: Habits,
    random: u64,
}

impl Unruly {
    /// A driver of these instances, each with its version and whether it is up and serves.
    pub fn new(instances: impl Iterator<Item = (InstanceId, Version, bool)>, seed: u64) -> Self {
        let copies: BTreeMap<_, _> = instances.map(|(id, version, up)| (id, Copy { version, serving: up, runs: up })).collect();
        let first = copies.iter().map(|(id, copy)| observation(id, copy)).collect();
        Self {
            copies,
            waiting: Vec::new(),
            latest: BTreeMap::new(),
            begun: BTreeSet::new(),
            unsaid: vec![Input::Observed(first)],
            habits: Habits::GOOD,
            random: seed | 1,
        }
    }

    /// Below `limit`; xorshift.
    pub fn roll(&mut self, limit: u32) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 33) as u32 % limit.max(1)
    }

    /// Takes an order; says at once whether it was lost.
    pub fn take(&mut self, effect: Effect) {
        match effect {
            Effect::Operate(operation) => {
                self.latest.insert(operation.instance.clone(), operation.id);
                if self.roll(100) >= self.habits.loses {
                    self.waiting.push(operation);
                }
            }
            Effect::Stop { push, operations } => self.stop(push, &operations),
            Effect::Check { .. } | Effect::Call(_) | Effect::Flag { .. } => {}
        }
    }

    fn stop(&mut self, push: PushId, operations: &[OperationId]) {
        if self.roll(100) < self.habits.deaf {
            self.unsaid.push(Input::StopRefused { push, answer: "busy".to_owned() });
            return;
        }
        let (back, kept) = std::mem::take(&mut self.waiting).into_iter().partition(|waiting| operations.contains(&waiting.id));
        self.waiting = kept;
        let back: Vec<Operation> = back;
        self.unsaid.extend(back.into_iter().map(|waiting| Input::Withdrawn { id: waiting.id, instance: waiting.instance }));
        self.unsaid.push(Input::Stopped(push));
    }

    /// Something happens: an order is carried out in two looks, or an answer comes, at random.
    pub fn happens(&mut self) -> Option<Input> {
        if !self.unsaid.is_empty() && (self.waiting.is_empty() || self.roll(2) == 0) {
            let at = self.roll(self.unsaid.len() as u32) as usize;
            let said = self.unsaid.remove(at);
            if self.roll(100) < self.habits.repeats {
                self.unsaid.push(said.clone());
            }
            return Some(said);
        }
        if self.waiting.is_empty() {
            return None;
        }
        let at = self.roll(self.waiting.len() as u32) as usize;
        let operation = self.waiting.remove(at);
        // Void: a later order was given for the instance.
        if self.latest.get(&operation.instance) != Some(&operation.id) {
            return None;
        }
        let Operation { id, instance, task } = operation;
        if self.roll(100) < self.habits.fails {
            return Some(Input::OperationFailed { id, instance, why: "no".to_owned() });
        }
        assert!(self.begun.insert(id), "an order begins once");
        let copy = self.copies.get_mut(&instance)?;
        match task {
            Task::Install { version } => *copy = Copy { version, serving: true, runs: true },
            Task::Warm { version } => *copy = Copy { version, serving: false, runs: true },
            Task::Drain => copy.serving = false,
            Task::ShutDown => (copy.serving, copy.runs) = (false, false),
        }
        Some(Input::Observed(vec![observation(&instance, copy)]))
    }

    /// Somebody changes an instance behind everybody's back.
    pub fn stray(&mut self, which: u32, version: &Version) -> Option<Input> {
        let at = which as usize % self.copies.len();
        let (id, copy) = self.copies.iter_mut().nth(at)?;
        copy.version = version.clone();
        Some(Input::Observed(vec![observation(id, copy)]))
    }

    /// What runs where.
    pub fn runs(&self) -> impl Iterator<Item = (&InstanceId, &Version)> {
        self.copies.iter().filter(|(_, copy)| copy.runs).map(|(id, copy)| (id, &copy.version))
    }
}

fn observation(instance: &InstanceId, copy: &Copy) -> Observation {
    Observation {
        instance: instance.clone(),
        version: copy.version.clone(),
        phase: match (copy.serving, copy.runs) {
            (true, _) => Phase::Ready,
            (false, true) => Phase::Drained,
            (false, false) => Phase::Stopped,
        },
        serving: copy.serving,
        restarts: 0,
    }
}
