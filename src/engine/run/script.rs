//! Scripted people: what they do, as commands, as soon as it can be done.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use uuid::Uuid;

use crate::domain::check::Answer;
use crate::domain::command::{Command, Order, Retried, Sight};
use crate::domain::drift;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, CheckId, CommandId, FlagId, GroupId, PersonId, PlacementId, PushId, ServiceId, Version};
use crate::domain::lane::Lane;
use crate::domain::placement::Instance;
use crate::domain::push::{Course, Push};
use crate::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use crate::domain::rollback::Manner;
use crate::domain::time::{EngineTime, Period};

/// What a scripted person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Begins a push.
    Start(GroupId, Vec<(ServiceId, Version)>, Lane),
    /// Approves the group's push as soon as it asks.
    Approve(GroupId),
    /// Stops it.
    Hold(GroupId),
    /// Lets it move again.
    Resume(GroupId),
    /// Puts fixes in the place of what it has in flight.
    FixForward(GroupId, Vec<(ServiceId, Version)>),
    /// Takes it back, in order.
    RollBack(GroupId),
    /// Has what was changed by hand in a placement of the group brought back.
    BringBack(GroupId, PlacementId),
    /// Waives a requirement of it, or seconds that: why, and for how long.
    Waive(GroupId, RequirementKind, String, Period),
    /// Takes approval of it back.
    Revoke(GroupId),
    /// Switches a flag of one of its services off.
    FlagOff(GroupId, FlagId),
    /// Takes one of its services back alone, for a reason.
    RollBackAlone(GroupId, ServiceId, String),
    /// Drains a cell of it, for a reason.
    Drain(GroupId, CellId, String),
    /// Stops it on its way back, for a reason.
    HaltRollback(GroupId, String),
    /// Has what failed of it tried again.
    Retry(GroupId),
}

impl Act {
    fn group(&self) -> &GroupId {
        match self {
            Self::Start(group, ..)
            | Self::FixForward(group, _)
            | Self::Approve(group)
            | Self::Hold(group)
            | Self::Resume(group)
            | Self::RollBack(group)
            | Self::BringBack(group, _)
            | Self::Waive(group, ..)
            | Self::Revoke(group)
            | Self::FlagOff(group, _)
            | Self::RollBackAlone(group, ..)
            | Self::Drain(group, ..)
            | Self::HaltRollback(group, _)
            | Self::Retry(group) => group,
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

/// How a scripted check answers from some moment on, counted from the beginning.
pub type Answers = BTreeMap<CheckId, Vec<(Period, Reply)>>;

/// What a scripted check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Yes.
    Passes,
    /// No.
    Fails,
    /// Nothing at all.
    Silent,
}

/// Acts not yet done. Ids are counted from `seed`, so that a run repeats exactly.
#[derive(Clone, Debug, Default)]
pub struct Script {
    waiting: VecDeque<Scripted>,
    answers: Answers,
    made: u64,
    seed: u64,
}

impl Script {
    /// A script.
    pub fn new(acts: Vec<Scripted>, seed: u64) -> Self {
        Self { waiting: acts.into(), answers: Answers::new(), made: 0, seed }
    }

    /// The same script, with checks that answer.
    #[must_use]
    pub fn answering(self, answers: Answers) -> Self {
        Self { answers, ..self }
    }

    /// Whether a check is part of the script, and what it answers when asked now: nothing where it is silent, no until it says otherwise.
    pub fn asked(&self, check: &CheckId, elapsed: Period) -> Option<Option<Answer>> {
        let said = self.answers.get(check)?.iter().rev().find(|(from, _)| *from <= elapsed).map(|(_, reply)| *reply);
        Some(match said {
            Some(Reply::Silent) => None,
            Some(Reply::Passes) => Some(Answer::Passed),
            Some(Reply::Fails) | None => Some(Answer::Failed { why: "the scenario says no".to_owned() }),
        })
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
            Act::Start(_, releases, _) if releases.is_empty() || requirement::blind(fleet).is_some() => None,
            Act::Start(_, releases, hurry) => match Order::start(fleet, PushId(self.id(2)), releases.clone())? {
                Order::Start { push, releases, outlook, .. } => Some(Order::Start { push, releases, outlook, lane: hurry.clone() }),
                other => Some(other),
            },
            Act::Approve(group) => {
                let asks = |push: &&Push| push.plan.group == *group && requirement::approval_is_asked(fleet, push, now);
                let push = fleet.pushes().find(asks)?;
                Some(Order::Approve { push: push.id(), sight: sight(push)? })
            }
            Act::Hold(group) => of(group).map(|push| Order::Hold { push: push.id(), reason: None }),
            Act::Resume(group) => {
                let push = of(group).filter(|push| !push.holds.is_empty())?;
                Some(Order::Resume { push: push.id(), sight: sight(push)? })
            }
            Act::FixForward(group, releases) => {
                let push = of(group).filter(|push| push.is_forward() && push.cursor.furthest.is_some())?;
                let digests = releases
                    .iter()
                    .map(|(service, version)| fleet.declaration().release(service, version).map(|release| release.digest.clone()))
                    .collect::<Option<_>>()?;
                Some(Order::FixForward { push: push.id(), sight: sight(push)?, releases: releases.clone(), digests })
            }
            Act::Waive(group, requirement, reason, lasts) => {
                let push = of(group)?;
                // A clock is waived while it runs; anything else once it has turned out not to hold.
                let hinders = |found: &Requirement| {
                    let is_wrong = found.state > RequirementState::Pending || *requirement == RequirementKind::Bake;
                    found.kind == *requirement && !found.state.lets_pass() && is_wrong
                };
                requirement::of_gate(fleet, push, now).iter().find(|found| hinders(found))?;
                let (push, sight, reason) = (push.id(), sight(push)?, reason.clone());
                Some(Order::Waive { push, sight, requirement: requirement.clone(), reason, lasts: *lasts })
            }
            Act::Revoke(group) => of(group).filter(|push| !push.approvals.is_empty()).map(|push| Order::Revoke { push: push.id() }),
            Act::RollBackAlone(group, service, reason) => {
                let runs = |push: &&Push| {
                    let new = push.move_of(service).map(|part| &part.to.version);
                    let mut here = fleet.placements().filter(|placement| placement.id.service == *service);
                    new.is_some_and(|new| here.any(|placement| placement.count(new) > 0))
                };
                let push = of(group).filter(runs)?.id();
                Some(Order::RollBackAlone { push, service: service.clone(), reason: reason.clone() })
            }
            Act::Drain(group, cell, reason) => {
                let brought = |push: &&Push| {
                    push.environment().is_some_and(|environment| {
                        let placed = |service: &ServiceId| fleet.placement(service, environment);
                        push.plan.moves.iter().any(|part| {
                            placed(&part.service).is_some_and(|placement| placement.count_in(cell, &part.to.version) > 0)
                        })
                    })
                };
                let push = of(group).filter(|push| push.is_forward()).filter(brought)?.id();
                Some(Order::Drain { push, cell: cell.clone(), reason: Some(reason.clone()) })
            }
            Act::HaltRollback(group, reason) => {
                let goes_back = |push: &&Push| push.course.rollback().is_some_and(|rollback| rollback.halted.is_none());
                Some(Order::HaltRollback { push: of(group).filter(goes_back)?.id(), reason: reason.clone() })
            }
            Act::Retry(group) => {
                let failed = |push: &&Push| {
                    let mut placements = fleet.placements().filter(|placement| push.move_of(&placement.id.service).is_some());
                    matches!(push.course, Course::RollbackFailed { .. })
                        || placements.any(|placement| {
                            let usual = fleet.usual_task(&placement.id.service);
                            let gave_up = |instance: &Instance| {
                                instance.is_given_up(usual, now)
                                    || instance.in_flight.as_ref().is_some_and(|flight| flight.failed.is_some())
                            };
                            placement.instances().any(|(_, _, instance)| gave_up(instance))
                        })
                };
                Some(Order::Retry { what: Retried::Push { push: of(group).filter(failed)?.id() } })
            }
            Act::FlagOff(_, flag) => Some(Order::FlagOff { flag: flag.clone(), reason: None }),
            Act::RollBack(group) => {
                of(group).map(|push| Order::RollBack { push: push.id(), manner: Manner::Ordered, reason: None })
            }
            Act::BringBack(_, placement) => {
                let strayed = |place| !drift::held(fleet, place, now).is_empty();
                fleet.placement_by_id(placement).filter(|place| strayed(place))?;
                Some(Order::Retry { what: Retried::Placement { placement: placement.clone() } })
            }
        }
    }

    /// An id that sorts by when it was made: seed, count and kind.
    fn id(&mut self, kind: u64) -> Uuid {
        self.made += 1;
        Uuid::from_u64_pair(self.made, (self.seed << 2) | kind)
    }
}
