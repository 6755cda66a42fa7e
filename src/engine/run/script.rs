//! Scripted people: what they do, as commands, as soon as it can be done.

use std::collections::{BTreeSet, VecDeque};

use uuid::Uuid;

use crate::domain::command::{Command, Order, Sight};
use crate::domain::fleet::Fleet;
use crate::domain::id::{CommandId, GroupId, PersonId, PushId, ServiceId, Version};
use crate::domain::push::Push;
use crate::domain::requirement;
use crate::domain::rollback::Manner;
use crate::domain::time::{EngineTime, Period};

/// What a scripted person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Begins a push.
    Start(GroupId, Vec<(ServiceId, Version)>),
    /// Approves the group's push as soon as it asks.
    Approve(GroupId),
    /// Stops it.
    Hold(GroupId),
    /// Lets it move again.
    Resume(GroupId),
    /// Takes it back, in order.
    RollBack(GroupId),
    /// Takes one of its services back alone, for a reason.
    RollBackAlone(GroupId, ServiceId, String),
}

impl Act {
    fn group(&self) -> &GroupId {
        match self {
            Self::Start(group, _)
            | Self::Approve(group)
            | Self::Hold(group)
            | Self::Resume(group)
            | Self::RollBack(group)
            | Self::RollBackAlone(group, ..) => group,
        }
    }
}

/// One act, whose, and from when on, counted from the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripted {
    /// From when on.
    pub at: Period,
    /// Who.
    pub by: PersonId,
    /// What.
    pub act: Act,
}

/// Acts not yet done. Ids are counted from `seed`, so that a run repeats exactly.
#[derive(Clone, Debug, Default)]
pub struct Script {
    waiting: VecDeque<Scripted>,
    made: u64,
    seed: u64,
}

impl Script {
    /// A script.
    pub fn new(acts: Vec<Scripted>, seed: u64) -> Self {
        Self { waiting: acts.into(), made: 0, seed }
    }

    /// The commands that are due and possible now. What is due and not yet possible waits.
    pub fn due(&mut self, fleet: &Fleet, elapsed: Period, now: EngineTime) -> Vec<Command> {
        let waiting = std::mem::take(&mut self.waiting);
        let (mut commands, mut acted) = (Vec::new(), BTreeSet::new());
        for scripted in waiting {
            // One at a time for each group: what comes of the first decides whether the second is possible.
            let is_first = !acted.contains(scripted.act.group());
            let order = (is_first && scripted.at <= elapsed).then(|| self.order(fleet, &scripted.act, now)).flatten();
            acted.extend(order.is_some().then(|| scripted.act.group().clone()));
            match order {
                Some(order) => commands.push(Command { id: CommandId(self.id(1)), actor: scripted.by, order }),
                None => self.waiting.push_back(scripted),
            }
        }
        commands
    }

    fn order(&mut self, fleet: &Fleet, act: &Act, now: EngineTime) -> Option<Order> {
        let of = |group: &GroupId| fleet.pushes().rev().find(|push| push.plan.group == *group && push.is_open());
        let sight = |push: &Push| Sight::of(fleet, push.id(), now).map(Box::new);
        match act {
            Act::Start(_, releases) if releases.is_empty() || requirement::blind(fleet).is_some() => None,
            Act::Start(_, releases) => Order::start(fleet, PushId(self.id(2)), releases.clone()),
            Act::Approve(group) => {
                let push = of(group).filter(|push| requirement::approval_is_asked(fleet, push, now))?;
                Some(Order::Approve { push: push.id(), sight: sight(push)? })
            }
            Act::Hold(group) => of(group).map(|push| Order::Hold { push: push.id(), reason: None }),
            Act::Resume(group) => {
                let push = of(group).filter(|push| !push.holds.is_empty())?;
                Some(Order::Resume { push: push.id(), sight: sight(push)? })
            }
            Act::RollBackAlone(group, service, reason) => {
                let runs = |push: &&Push| {
                    let new = push.move_of(service).map(|part| &part.to.version);
                    let mut here = fleet.placements().filter(|placement| placement.id.service == *service);
                    new.is_some_and(|new| here.any(|placement| placement.count(new) > 0))
                };
                let push = of(group).filter(runs)?.id();
                Some(Order::RollBackAlone { push, service: service.clone(), reason: reason.clone() })
            }
            Act::RollBack(group) => {
                of(group).map(|push| Order::RollBack { push: push.id(), manner: Manner::Ordered, reason: None })
            }
        }
    }

    /// An id that sorts by when it was made: seed, count and kind.
    fn id(&mut self, kind: u64) -> Uuid {
        self.made += 1;
        Uuid::from_u64_pair(self.made, (self.seed << 2) | kind)
    }
}
