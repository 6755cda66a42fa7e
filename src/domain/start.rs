//! Whether a push could begin now: what the engine holds a start against, and whoever looks ahead asks beforehand.

use super::fleet::Fleet;
use super::id::{ServiceId, Version};
use super::plan;
use super::push::{Course, Push, PushPlan};
use super::requirement;
use super::skew;
use super::time::EngineTime;

/// Whether what is in flight leaves room for another push of these services: a newer one takes its place, or follows it, but never
/// while it goes back.
///
/// # Errors
/// Why not, as a sentence that ends with what would work.
pub fn room(fleet: &Fleet, releases: &[(ServiceId, Version)]) -> Result<(), String> {
    let of_group = |push: &&Push| {
        releases.iter().any(|(service, _)| fleet.declaration().service(service).is_some_and(|of| of.group == push.plan.group))
    };
    let moves_one = |push: &Push| releases.iter().any(|(service, _)| push.move_of(service).is_some());
    let in_flight: Vec<&Push> = fleet.pushes().filter(|push| push.is_open()).filter(of_group).collect();
    let is_met = |push: &&&Push| fleet.train_of(push).is_some() || moves_one(push);
    if let Some(back) = in_flight.iter().filter(is_met).find(|push| !push.is_forward()) {
        let is_halted = back.course.rollback().is_some_and(|rollback| rollback.halted.is_some());
        let how = match &back.course {
            _ if is_halted => "was halted on its way back; r goes on with that, start again when it is back",
            Course::RollbackFailed { .. } => "did not get back in time; retry tries it again, start again when it is back",
            _ => "is going back; start again when it is back",
        };
        return Err(format!("{} {how}", back.called()));
    }
    match in_flight.first().and_then(|push| fleet.train_of(push)) {
        Some(most) if in_flight.len() as u32 >= most => {
            let names: Vec<_> = in_flight.iter().map(|push| push.called()).collect();
            Err(format!(
                "{} are in flight, as many as may be: {}; start again when the first has converged, or take one back with r",
                in_flight.len(),
                names.join(", ")
            ))
        }
        _ => Ok(()),
    }
}

/// Whether enough is seen of the world for anything to go forward.
///
/// # Errors
/// Why not, as a sentence that ends with what would work.
pub fn seeing(fleet: &Fleet) -> Result<(), String> {
    requirement::blind(fleet).map_or(Ok(()), |feed| {
        Err(format!("the {} feed is lost and nothing goes forward unseen; try again when it is back", feed.word()))
    })
}

/// Whether what a push brings belongs together, and beside the siblings that stay as they are.
///
/// # Errors
/// Which two do not, as a sentence that ends with what would work.
pub fn together(fleet: &Fleet, plan: &PushPlan) -> Result<(), String> {
    skew::ruled_out(fleet, plan).map_or(Ok(()), |found| Err(found.words()))
}

/// A push begins where its first environment is open; what comes later may be closed for now.
///
/// # Errors
/// What closes it, as a sentence that ends with what would work.
pub fn open(fleet: &Fleet, plan: &PushPlan, now: EngineTime) -> Result<(), String> {
    let Some(first) = plan.stages.first() else { return Ok(()) };
    fleet.declaration().schedule(&first.environment, Some(&plan.group)).shut(now).map_or(Ok(()), |shut| {
        let why = requirement::why_shut(fleet, &first.environment, &shut, now);
        Err(format!("{why}; start it when it opens"))
    })
}

/// Whether a push so planned could begin now.
///
/// # Errors
/// The first thing that is in its way.
pub fn now(fleet: &Fleet, plan: &PushPlan, at: EngineTime) -> Result<(), String> {
    let releases: Vec<_> = plan.moves.iter().map(|part| (part.service.clone(), part.to.version.clone())).collect();
    room(fleet, &releases).and_then(|()| seeing(fleet)).and_then(|()| together(fleet, plan)).and_then(|()| open(fleet, plan, at))
}

/// Whether what keeps a push from being planned is that there is no such thing, so that asking later would not help.
pub const fn is_misnamed(why: &plan::Unplannable) -> bool {
    !matches!(why, plan::Unplannable::LeftOut(..) | plan::Unplannable::InFlight(_) | plan::Unplannable::AlreadyThere(..))
}
