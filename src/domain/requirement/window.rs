//! The environment may be moved forward in now.

use super::super::explain::Moment;
use super::super::fleet::Fleet;
use super::super::forecast;
use super::super::id::EnvironmentId;
use super::super::push::Push;
use super::super::schedule::{Closure, Opening, Shut};
use super::super::time::EngineTime;
use super::{Requirement, RequirementKind, RequirementState};

/// Of the stage the push is in while it still moves there and its environment is closed, else of the next one. `None` where nothing can
/// close the environment.
pub(super) fn of(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Requirement> {
    let here = push.stage().map(|stage| &stage.environment);
    if let (Some(environment), Some(shut)) = (here, shut_here(fleet, push, now)) {
        return Some(closed(fleet, push, environment, &shut, now));
    }
    let next = push.next_stage()?;
    let schedule = fleet.declaration().schedule(&next.environment, Some(&push.plan.group));
    match schedule.at(now) {
        Opening::Open { closes: None } => None,
        Opening::Shut(shut) => Some(closed(fleet, push, &next.environment, &shut, now)),
        Opening::Open { closes: Some((closes, by)) } => {
            let moment = moment(fleet, &next.environment, now);
            let until = said(&moment, closes);
            let ahead = forecast::of_push(fleet, push, now);
            let late = ahead.conflict_in(&next.environment).filter(|conflict| conflict.cut.closes == closes);
            let what = match &by {
                Closure::Window => String::new(),
                Closure::Freeze { .. } => format!(", {}", by.words()),
            };
            Some(Requirement {
                kind: RequirementKind::Window,
                state: RequirementState::Met,
                why: match late {
                    Some(late) => format!("{} cannot be reached before {until}{what}", late.cut.stage),
                    None => format!("{} is open until {until}{what}", next.environment),
                },
                who: "the clock".to_owned(),
                due: None,
                usually: None,
            })
        }
    }
}

/// How the stage that a push is in, and has not arrived at, is closed; not where somebody let it be entered all the same.
pub fn shut_here(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Shut> {
    let stage = push.stage()?;
    if push.cursor.arrived.is_some() || push.cursor.exempt {
        return None;
    }
    fleet.declaration().schedule(&stage.environment, Some(&push.plan.group)).shut(now)
}

/// Whether what a push may have in the stage it is in may be exposed now, as far as windows and freezes go.
pub fn may_move_here(fleet: &Fleet, push: &Push, now: EngineTime) -> bool {
    shut_here(fleet, push, now).is_none()
        || super::of_gate(fleet, push, now).iter().any(|found| found.kind == RequirementKind::Window && found.state.lets_pass())
}

fn closed(fleet: &Fleet, push: &Push, environment: &EnvironmentId, shut: &Shut, now: EngineTime) -> Requirement {
    let owners =
        fleet.declaration().group(&push.plan.group).map_or_else(|| "anybody on call".to_owned(), |group| group.owners.to_string());
    let sooner = match &shut.by {
        Closure::Window => "",
        Closure::Freeze { .. } => ", or an exception of the freeze in the spec",
    };
    Requirement {
        kind: RequirementKind::Window,
        state: RequirementState::Unmet,
        why: why_shut(fleet, environment, shut, now),
        who: format!("the clock; sooner only a waiver by somebody of {owners}{sooner}"),
        due: shut.opens,
        usually: None,
    }
}

/// `production is closed, freeze quarter-end until Mon 09:00 CET`: why nothing goes forward there, and until when.
pub fn why_shut(fleet: &Fleet, environment: &EnvironmentId, shut: &Shut, now: EngineTime) -> String {
    let moment = moment(fleet, environment, now);
    let by = match &shut.by {
        Closure::Window => "outside its window".to_owned(),
        Closure::Freeze { name } => format!("freeze {name}"),
    };
    match shut.opens {
        Some(opens) => format!("{environment} is closed, {by} until {}", said(&moment, opens)),
        None => format!("{environment} is closed, {by}; nothing that is declared opens it"),
    }
}

/// A moment in the zone an environment's hours are written in.
fn moment(fleet: &Fleet, environment: &EnvironmentId, now: EngineTime) -> Moment {
    let window = fleet.declaration().environment(environment).and_then(|environment| environment.window.as_ref());
    let zone = window.map_or(jiff::tz::TimeZone::UTC, |window| window.zone.time_zone().clone());
    Moment { now, zone }
}

/// `Mon 09:00 CET`: with its zone, since whoever reads it may live in another.
fn said(moment: &Moment, at: EngineTime) -> String {
    format!("{} {}", moment.day_clock(at), at.format(&moment.zone, "%Z"))
}
