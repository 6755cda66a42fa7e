//! The sentences: why a thing is as it is, what happens next and when, what happens if nobody acts, what the way back is, and who can
//! change it. Pure functions of the facts.

mod closing;

use jiff::tz::TimeZone;

use super::drift;
use super::fleet::Fleet;
use super::placement::Placement;
use super::push::{Course, Push};
use super::requirement::RequirementKind;
use super::rollback::Trigger;
use super::skew;
use super::stage::PlannedStage;
use super::status::{self, Status};
use super::time::EngineTime;

mod back;
mod forward;
mod loose;
pub mod meaning;
mod remains;

pub use back::{blue_kept, held, listed, no_way_back};
pub use loose::loose_ends;
pub use remains::remains;

/// The five answers. Each is one sentence or empty where there is nothing to say (a converged thing has no *why*).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Why it is as it is.
    pub why: String,
    /// What happens next, with a clock time where there is one.
    pub next: String,
    /// What happens if nobody acts.
    pub otherwise: String,
    /// The way back from here.
    pub back: String,
    /// Who can change it.
    pub who: String,
}

/// A moment to explain things at: the engine's time, and the zone clock times are said in.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Now.
    pub now: EngineTime,
    /// The zone.
    pub zone: TimeZone,
}

impl Moment {
    /// A clock time, to the second where it is less than ten minutes away.
    pub fn clock(&self, at: EngineTime) -> String {
        if self.now.until(at).millis() < 600_000 { at.hh_mm_ss(&self.zone) } else { at.hh_mm(&self.zone) }
    }
}

/// Explains a push.
pub fn push(fleet: &Fleet, push: &Push, moment: &Moment) -> Explanation {
    fleet.memo.explained(fleet, push, moment, || told(fleet, push, moment))
}

fn told(fleet: &Fleet, push: &Push, moment: &Moment) -> Explanation {
    match &push.course {
        Course::Forward => forward::forward(fleet, push, moment),
        Course::Back { rollback } => back::going_back(fleet, push, rollback, moment),
        Course::RolledBack { rollback, at } => Explanation {
            why: format!("went back at {}: {}{}", moment.clock(rollback.decided), trigger(&rollback.trigger), skipped("; ", push)),
            next: format!("it rests on the old version since {}", moment.clock(*at)),
            otherwise: match &push.acknowledged {
                Some(seen) => format!("it stays as it is; {} has seen it", seen.by),
                None => "it stays as it is and waits to be acknowledged (A)".to_owned(),
            },
            back: "it is back".to_owned(),
            who: "whoever acknowledges it, or starts a new push".to_owned(),
        },
        Course::RollbackFailed { .. } => back::failed(fleet, push, moment),
        Course::Replaced { by, at } => {
            let newer = fleet.push(*by).map_or_else(|| "a newer release".to_owned(), Push::called);
            Explanation {
                why: format!("{newer} took its place at {}", moment.clock(*at)),
                next: format!("nothing of its own: what it had brought is {newer}'s to answer for"),
                otherwise: "nothing changes".to_owned(),
                back: format!("the way back of {newer}, which ends where this one began"),
                who: format!("whoever moves {newer}"),
            }
        }
        Course::Converged { at } => {
            let unwell = || unwell(fleet, push, *at, moment);
            drift::explain_over(fleet, push, moment).or_else(unwell).unwrap_or_else(|| Explanation {
                why: skipped("converged; ", push),
                next: format!("nothing: converged since {}", moment.clock(*at)),
                otherwise: "nothing changes".to_owned(),
                back: "a new push of the version before".to_owned(),
                who: String::new(),
            })
        }
    }
}

/// What is wrong where a push had arrived, if anything is. Nothing goes back by itself any more.
fn unwell(fleet: &Fleet, push: &Push, at: EngineTime, moment: &Moment) -> Option<Explanation> {
    let of_push = status::of_push(fleet, push, moment.now);
    let places = push.plan.moves.iter().flat_map(|part| part.from.keys().filter_map(|place| fleet.placement(&part.service, place)));
    let is_it = |placement: &&Placement| status::of_placement(fleet, placement, moment.now) == of_push;
    let placement = places.into_iter().find(is_it)?;
    let (next, otherwise, who) = match of_push {
        Status::Failed => ("nothing goes back by itself once a push is through", "they keep dying", "anybody who starts a push"),
        Status::Unknown => ("it is shown as soon as they report", "nothing is moved", "whoever brings the targets feed back"),
        Status::Converging => ("the engine brings them to their target", "it keeps trying", "the engine, by itself"),
        _ => return None,
    };
    Some(Explanation {
        why: format!("{}: {}; the push converged at {}", placement.id, unsettled(placement), moment.clock(at)),
        next: next.to_owned(),
        otherwise: otherwise.to_owned(),
        back: "a new push of the version before".to_owned(),
        who: who.to_owned(),
    })
}

/// What a push that is over went on without, after so many words; nothing where it skipped nothing.
fn skipped(after: &str, push: &Push) -> String {
    let all: Vec<String> = push.skipped.iter().map(ToString::to_string).collect();
    if all.is_empty() { String::new() } else { format!("{after}skipped: {}", all.join("; ")) }
}

/// What is not as usual with a push and stays in sight to its end, a line each: its lane, waivers of earlier gates that still have an
/// effect, and what was skipped. Waivers of the present gate stand with its requirements.
pub fn exceptions(push: &Push, moment: &Moment) -> Vec<String> {
    let by = &push.plan.requested_by;
    let lane = push.plan.emergency.iter().map(|lane| format!("emergency: bakes at {}, by {by}: {}", lane.bake, lane.reason));
    let carried = push.waivers.iter().filter(|waiver| waiver.gate != push.gate() && waiver.is_in_force(moment.now));
    let carried = carried.map(|waiver| {
        let effect = if waiver.requirement == RequirementKind::Capacity { "holds nothing up" } else { "does not send it back" };
        let (what, until, who) = (&waiver.requirement, moment.clock(waiver.until), waiver.people());
        format!("{what} {effect} until {until}, waived by {who}: {}", waiver.reason)
    });
    let skipped = push.skipped.iter().map(|skipped| format!("skipped: {skipped}"));
    lane.chain(carried).chain(skipped).collect()
}

/// Explains a service in an environment: by its push where one moves it, by itself where none does.
pub fn placement(fleet: &Fleet, placement: &Placement, moment: &Moment) -> Explanation {
    let status = status::of_placement(fleet, placement, moment.now);
    let goes_back = matches!(status, Status::RollingBack | Status::RollbackFailed | Status::Unknown);
    if let Some(drift) = drift::explain(fleet, placement, moment).filter(|_| !goes_back) {
        return drift;
    }
    let by_push = fleet.push_at(&placement.id).filter(|push| push.is_open() || status == Status::RolledBack);
    if let Some(of) = by_push {
        return in_push(fleet, placement, of, status, moment);
    }
    match status {
        Status::Converged => {
            Explanation { next: "nothing is planned".to_owned(), otherwise: "nothing changes".to_owned(), ..Explanation::default() }
        }
        Status::OutOfStep => skew::of_placement(fleet, placement).first().map(back::misfit).unwrap_or_default(),
        Status::Unknown => Explanation {
            why: "nothing has been heard from its instances".to_owned(),
            next: "it is shown as soon as they report".to_owned(),
            otherwise: "it stays unknown; nothing is moved".to_owned(),
            who: "whoever brings the targets feed back".to_owned(),
            ..Explanation::default()
        },
        _ => Explanation {
            why: unsettled(placement),
            next: format!("the engine brings them to {}", placement.desired),
            otherwise: "it keeps trying".to_owned(),
            who: "the engine, by itself".to_owned(),
            ..Explanation::default()
        },
    }
}

fn in_push(fleet: &Fleet, placement: &Placement, of: &Push, status: Status, moment: &Moment) -> Explanation {
    let whole = push(fleet, of, moment);
    match status {
        Status::Pending if of.is_forward() => {
            let here = of.plan.stages.iter().find(|stage| stage.environment == placement.id.environment);
            let before =
                of.stage().map_or_else(|| "its start".to_owned(), |stage| format!("{} in {}", stage.name, stage.environment));
            Explanation {
                why: match here {
                    Some(stage) if of.resumes().is_some_and(|resumes| resumes.environment == stage.environment) => whole.why,
                    Some(stage) if of.stage().is_some_and(|at| at.environment == stage.environment) => {
                        "its siblings move first, in the group's order".to_owned()
                    }
                    _ => format!("{before} comes first"),
                },
                ..whole
            }
        }
        Status::RollingBack if of.is_forward() => Explanation {
            why: forward::receding(fleet, of).unwrap_or_default(),
            otherwise: "it finishes by itself; nothing is asked of anybody".to_owned(),
            who: "the engine, by itself".to_owned(),
            ..whole
        },
        Status::Converged => Explanation { why: String::new(), ..whole },
        Status::Failed => Explanation { why: unsettled(placement), ..whole },
        // A hold is the push's, and so is who did it.
        Status::Held
            if of.is_forward()
                && of.rejection.is_none()
                && of.apart.is_empty()
                && of.plan.name != placement.id.service.as_str() =>
        {
            let with = |why: &str| why.strip_prefix("stopped ").map(|rest| format!("stopped with {}, {rest}", of.plan.name));
            Explanation { why: with(&whole.why).unwrap_or_else(|| whole.why.clone()), ..whole }
        }
        Status::OutOfStep if status::of_push(fleet, of, moment.now) != Status::OutOfStep => {
            skew::of_placement(fleet, placement).first().map_or(whole, back::misfit)
        }
        _ => whole,
    }
}

fn unsettled(placement: &Placement) -> String {
    let looping = placement.instances().filter(|(_, _, instance)| status::is_crash_looping(instance)).count();
    if looping > 0 {
        return format!("{looping} of {} instances keep dying", placement.size());
    }
    let settled = placement.instances().filter(|(_, _, instance)| instance.is_settled_on(&placement.desired)).count();
    format!("{settled} of {} instances are on {} and serve", placement.size(), placement.desired)
}

/// `10 % in production`, or `done` where there is no further stage.
pub fn entered(stage: Option<&PlannedStage>) -> String {
    stage.map_or_else(
        || "done".to_owned(),
        |stage| {
            if stage.name == stage.environment.as_str() {
                stage.name.clone()
            } else if stage.wave.is_some() {
                format!("{}, {}", stage.name, stage.environment)
            } else {
                format!("{} in {}", stage.name, stage.environment)
            }
        },
    )
}

/// Why it went back, in a sentence.
pub fn trigger(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Person { by, reason: Some(reason) } => format!("{by} took it back: {reason}"),
        Trigger::Person { by, reason: None } => format!("{by} took it back"),
        Trigger::Threshold { slice, value, limit, .. } => format!(
            "automatic: {} of {} {} in {} at {}",
            slice.metric,
            slice.service,
            slice.version,
            slice.cell,
            slice.metric.against(*value, *limit)
        ),
        Trigger::Regressed { slice, seen, .. } => format!("automatic: {}", super::requirement::told(slice, seen)),
        Trigger::Burn { burn } => format!("automatic: {burn}"),
        Trigger::CrashLoop { instance, restarts } => {
            format!(
                "automatic: {} number {} in {} died {restarts} times",
                instance.placement.service, instance.index, instance.cell
            )
        }
        Trigger::Ahead { service, version, .. } => {
            format!("automatic: {service} {version}, which it contains, goes back")
        }
        Trigger::WindowEnd { environment, by } => {
            format!("automatic: {environment} closed, {}, before the push was through; what is half way then goes back", by.words())
        }
        Trigger::Deadline { stage, after, missing } => {
            format!("automatic: {missing} instances had not arrived at {stage} after {after}")
        }
    }
}

/// `1 instance`, `2 instances`.
fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

fn names<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
