//! What a placement, stage or push is doing, in one word. Worked out from the facts; a parent has its worst child's.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::drift;
use super::fleet::Fleet;
use super::id::{PushId, ServiceId, Version};
use super::placement::{Phase, Placement};
use super::push::{Course, Push};
use super::requirement::{self, Requirement, RequirementKind, RequirementState};
use super::skew;
use super::stage::Advance;
use super::time::EngineTime;

/// A status. The order of the variants is the rank, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did not get back in time. The loudest of all.
    RollbackFailed,
    /// Siblings are on versions that do not belong together.
    OutOfStep,
    /// Instances of the version it should run keep dying.
    Failed,
    /// Never observed, or not for too long.
    Unknown,
    /// It is going back.
    RollingBack,
    /// It could move and does not: somebody or something holds it.
    Held,
    /// It went back and rests on the old version. Never looks like converged.
    RolledBack,
    /// Only people are missing.
    WaitingApproval,
    /// Everything is met, and it is left by hand: "your go".
    Ready,
    /// A requirement is not met and no clock alone will meet it.
    WaitingRequirements,
    /// Instances are moving.
    Converging,
    /// All have arrived and are being watched.
    Baking,
    /// Its turn has not come.
    Pending,
    /// A newer release took its place.
    Replaced,
    /// Current is target is desired, and healthy.
    Converged,
}

impl Status {
    /// Every status, worst first.
    pub const ALL: [Self; 15] = [
        Self::RollbackFailed,
        Self::OutOfStep,
        Self::Failed,
        Self::Unknown,
        Self::RollingBack,
        Self::Held,
        Self::RolledBack,
        Self::WaitingApproval,
        Self::Ready,
        Self::WaitingRequirements,
        Self::Converging,
        Self::Baking,
        Self::Pending,
        Self::Replaced,
        Self::Converged,
    ];

    /// The word on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RollbackFailed => "ROLLBACK FAILED",
            Self::OutOfStep => "OUT OF STEP",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::RollingBack => "going back",
            Self::Held => "stopped",
            Self::RolledBack => "rolled back",
            Self::WaitingApproval => "approval",
            Self::Ready => "your go",
            Self::WaitingRequirements => "waiting",
            Self::Converging => "moving",
            Self::Baking => "baking",
            Self::Pending => "waits",
            Self::Replaced => "replaced",
            Self::Converged => "converged",
        }
    }

    /// Whether nothing is left to be done about it.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Converged | Self::Replaced)
    }
}

/// Restarts after which an instance counts as caught in a crash loop.
pub const CRASH_LOOP: u32 = 3;

/// The status of a push.
pub fn of_push(fleet: &Fleet, push: &Push, now: EngineTime) -> Status {
    fleet.memo.status(fleet, push, now, || worked_out(fleet, push, now))
}

fn worked_out(fleet: &Fleet, push: &Push, now: EngineTime) -> Status {
    match &push.course {
        Course::RollbackFailed { .. } => Status::RollbackFailed,
        Course::Back { rollback } if rollback.halted.is_some() => Status::Held,
        Course::Back { .. } => Status::RollingBack,
        Course::RolledBack { .. } => Status::RolledBack,
        Course::Forward if !skew::of_push(fleet, push).is_empty() => Status::OutOfStep,
        Course::Replaced { .. } => Status::Replaced,
        Course::Converged { .. } => converged(fleet, push, now),
        Course::Forward => forward(fleet, push, now),
    }
}

/// How a push that is through has kept, where no later one has come since.
fn converged(fleet: &Fleet, push: &Push, now: EngineTime) -> Status {
    let is_passed = |placement: &Placement| {
        fleet.open_pushes_of(&placement.id.service).any(|later| later.has_been_in(&placement.id.environment))
    };
    let statuses = placements_of(fleet, push)
        .map(|placement| if is_passed(placement) { Status::Converged } else { own(fleet, placement, now) });
    statuses.min().unwrap_or(Status::Unknown)
}

fn forward(fleet: &Fleet, push: &Push, now: EngineTime) -> Status {
    if !push.may_expose() {
        return Status::Held;
    }
    if dying(fleet, push) > 0 {
        return Status::Failed;
    }
    if requirement::shut_here(fleet, push, now).is_some() && !requirement::may_move_here(fleet, push, now) {
        return Status::WaitingRequirements;
    }
    match of_gate(push, &requirement::of_gate(fleet, push, now)) {
        Status::Converging
            if (push.cursor.arrived.is_some() || push.cursor.stage.is_none()) && requirement::blind(fleet).is_some() =>
        {
            Status::WaitingRequirements
        }
        status => status,
    }
}

/// How many instances of a push's new versions keep dying.
pub fn dying(fleet: &Fleet, push: &Push) -> usize {
    let looping = |placement: &Placement| {
        let brought = |version| push.brings(&placement.id.service, &placement.id.environment, version);
        placement.instances().filter(|(_, _, instance)| is_crash_looping(instance) && brought(&instance.version)).count()
    };
    placements_of(fleet, push).filter(|placement| fleet.unrest(&placement.id).looping).map(looping).sum()
}

/// The status that a gate's requirements make of a push that is not held.
fn of_gate(push: &Push, requirements: &[Requirement]) -> Status {
    let open: Vec<_> = requirements.iter().filter(|requirement| !requirement.state.lets_pass()).collect();
    let is_open = |wanted: &[RequirementKind]| open.iter().any(|requirement| wanted.contains(&requirement.kind));
    if is_open(&[RequirementKind::Arrived]) {
        return Status::Converging;
    }
    // A closed window waits for its clock, and for nothing else while the bake's clock runs.
    let mut others = open.iter().filter(|requirement| requirement.kind != RequirementKind::Window);
    if others.any(|requirement| requirement.state > RequirementState::Pending)
        || is_open(&[RequirementKind::EarlierConverged, RequirementKind::Ahead])
    {
        return Status::WaitingRequirements;
    }
    if open.iter().any(|requirement| !requirement.kind.is_up_to_others()) {
        return Status::Baking;
    }
    if open.iter().any(|requirement| requirement.kind != RequirementKind::Approval) {
        return Status::WaitingRequirements;
    }
    if is_open(&[RequirementKind::Approval]) {
        return Status::WaitingApproval;
    }
    let by_hand = push.stage().is_some_and(|stage| stage.advance == Advance::Hand);
    if by_hand && push.next_index().is_some() && push.promoted.is_none() { Status::Ready } else { Status::Converging }
}

/// The status of a service in an environment.
pub fn of_placement(fleet: &Fleet, placement: &Placement, now: EngineTime) -> Status {
    // Nearly every placement of a large fleet, and nearly always.
    if fleet.rests(&placement.id) {
        return Status::Converged;
    }
    if !fleet.entangled().contains(&placement.id.service) {
        return own(fleet, placement, now);
    }
    fleet.memo.placed(fleet, placement, now, || beside_others(fleet, placement, now))
}

fn beside_others(fleet: &Fleet, placement: &Placement, now: EngineTime) -> Status {
    let status = in_its_push(fleet, placement, now);
    if status > Status::OutOfStep && !skew::of_placement(fleet, placement).is_empty() { Status::OutOfStep } else { status }
}

fn in_its_push(fleet: &Fleet, placement: &Placement, now: EngineTime) -> Status {
    let Some(push) = fleet.push_at(&placement.id) else { return own(fleet, placement, now) };
    let here = own(fleet, placement, now);
    match &push.course {
        Course::Converged { .. } | Course::Replaced { .. } => here,
        Course::Forward => in_forward_push(fleet, push, placement, now),
        Course::RolledBack { .. } => {
            if here == Status::Converged && push.has_been_in(&placement.id.environment) {
                Status::RolledBack
            } else {
                here
            }
        }
        Course::Back { .. } | Course::RollbackFailed { .. } if !push.has_been_in(&placement.id.environment) => here,
        // A push goes back everywhere at once; each place is done with it at its own time.
        _ if is_back(fleet, push, placement, now) => Status::RolledBack,
        Course::RollbackFailed { stuck, .. } if stuck.iter().any(|instance| instance.placement == placement.id) => {
            Status::RollbackFailed
        }
        Course::Back { rollback } if rollback.halted.is_some() => Status::Held,
        Course::Back { .. } | Course::RollbackFailed { .. } => Status::RollingBack,
    }
}

/// Whether nothing of a push is left in a placement.
fn is_back(fleet: &Fleet, push: &Push, placement: &Placement, now: EngineTime) -> bool {
    let brought = |version: &Version| push.brings(&placement.id.service, &placement.id.environment, version);
    !placement.current().into_keys().any(brought) && own(fleet, placement, now) == Status::Converged
}

fn in_forward_push(fleet: &Fleet, push: &Push, placement: &Placement, now: EngineTime) -> Status {
    let here = own(fleet, placement, now);
    let environment = &placement.id.environment;
    if here == Status::Failed || here == Status::Unknown || !push.plan.stages.iter().any(|stage| stage.environment == *environment)
    {
        return here;
    }
    if fleet.receding(push, placement) > 0 {
        return Status::RollingBack;
    }
    if push.resumes().is_some_and(|stage| stage.environment == *environment)
        && push.stage().is_none_or(|stage| stage.environment != *environment)
    {
        // A fix is tried elsewhere; here it stands as it is until that comes.
        return match here {
            _ if !push.may_expose() => Status::Held,
            Status::Converged => Status::Pending,
            _ => here,
        };
    }
    // What a hand did is not the push's doing, and must not look like it.
    let unrest = fleet.unrest(&placement.id);
    if unrest.by_hand && !drift::of(placement, now).is_empty() {
        return here;
    }
    // Who is out of step is said of those it concerns.
    let of_push = match of_push(fleet, push, now) {
        Status::OutOfStep => forward(fleet, push, now),
        status => status,
    };
    let is_next = push.next_stage().is_some_and(|next| next.environment == *environment);
    match push.stage() {
        Some(stage) if stage.environment == *environment => {
            let leaves = push.next_stage().is_some_and(|next| next.environment != *environment);
            match of_push {
                // What the next environment waits for is shown there; here the work is done.
                Status::WaitingApproval | Status::Ready | Status::WaitingRequirements if leaves && !unrest.off_target => {
                    Status::Converged
                }
                Status::Converging if !unrest.off_target && push.cursor.arrived.is_none() => Status::Pending,
                // What keeps dying is a sibling.
                Status::Failed if !unrest.off_target => Status::Pending,
                Status::Failed => Status::Converging,
                status => status,
            }
        }
        Some(_) if push.has_entered(environment) => here,
        _ if is_next && matches!(of_push, Status::Held | Status::WaitingApproval | Status::Ready | Status::WaitingRequirements) => {
            of_push
        }
        _ => Status::Pending,
    }
}

/// The worst status among a stage's placements, and whether the stage is behind, under way or ahead.
pub fn of_stage(fleet: &Fleet, push: &Push, index: u32, now: EngineTime) -> Status {
    match push.cursor.stage {
        Some(at) if index < at => Status::Converged,
        Some(at) if index == at => of_push(fleet, push, now),
        // Passed by what was replaced, and not done again for the fix.
        _ if push.detour().is_some_and(|fix| index < fix.resume_at) && !push.detour_way().contains(&index) => Status::Replaced,
        _ => Status::Pending,
    }
}

/// A placement's status on its own, without any push.
fn own(fleet: &Fleet, placement: &Placement, now: EngineTime) -> Status {
    if !placement.observed {
        return Status::Unknown;
    }
    let unrest = fleet.unrest(&placement.id);
    if unrest.looping {
        return Status::Failed;
    }
    if unrest.by_hand && !drift::held(fleet, placement, now).is_empty() {
        return Status::Held;
    }
    if unrest.off_target { Status::Converging } else { Status::Converged }
}

/// Whether an instance keeps dying.
pub fn is_crash_looping(instance: &super::placement::Instance) -> bool {
    instance.restarts >= CRASH_LOOP && instance.phase != Phase::Ready
}

fn placements_of<'a>(fleet: &'a Fleet, push: &'a Push) -> impl Iterator<Item = &'a Placement> {
    push.plan.moves.iter().flat_map(|part| part.from.keys().filter_map(|environment| fleet.placement(&part.service, environment)))
}

/// The worst status of a set, and the placement it belongs to.
pub fn worst<'a>(
    fleet: &Fleet,
    placements: impl Iterator<Item = &'a Placement>,
    now: EngineTime,
) -> Option<(Status, &'a Placement)> {
    placements.map(|placement| (of_placement(fleet, placement, now), placement)).min_by_key(|(status, _)| *status)
}

/// The worst status of each service of which something may have to be said. All others are converged.
pub fn of_services(fleet: &Fleet, now: EngineTime) -> HashMap<&ServiceId, Status> {
    let mut found = HashMap::new();
    for placement in fleet.unquiet() {
        let status = of_placement(fleet, placement, now);
        let known = found.entry(&placement.id.service).or_insert(status);
        *known = status.min(*known);
    }
    found.extend(fleet.entangled().iter().map(|service| (service, of_service(fleet, service, now))));
    found
}

/// The worst status of a service over all environments.
pub fn of_service(fleet: &Fleet, service: &ServiceId, now: EngineTime) -> Status {
    let environments = fleet.declaration().environments.iter();
    let placements = environments.filter_map(|environment| fleet.placement(service, &environment.id));
    worst(fleet, placements, now).map_or(Status::Unknown, |(status, _)| status)
}

/// The push whose state is most urgent, if any is open or not yet acknowledged.
pub fn most_urgent(fleet: &Fleet, now: EngineTime) -> Option<(Status, PushId)> {
    fleet.pushes().map(|push| (of_push(fleet, push, now), push.id())).filter(|(status, _)| !status.is_good()).min()
}
