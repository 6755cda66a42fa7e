//! Loose ends of a push: what is not as usual with it, and what whoever takes it over has to know of.

use super::super::call::CallLevel;
use super::super::fleet::Fleet;
use super::super::person::Actor;
use super::super::push::{Course, Push};
use super::{Moment, counted, exceptions, remains};

/// What is not as usual, a line each: waivers and what was skipped, flags off, cells drained, siblings apart, what does not go back,
/// new versions left running by a push that goes nowhere, calls that reached nobody, and that nobody drives it. Empty where there is nothing.
pub fn loose_ends(fleet: &Fleet, push: &Push, moment: &Moment) -> Vec<String> {
    let mut found = exceptions(push, moment);
    let of_gate = push.waivers.iter().filter(|waiver| waiver.gate == push.gate() && waiver.is_in_force(moment.now));
    found.extend(of_gate.map(|waiver| {
        format!("{} is waived until {} by {}: {}", waiver.requirement, moment.clock(waiver.until), waiver.people(), waiver.reason)
    }));
    found.extend(fleet.flags_of(push).into_iter().filter_map(|(flag, state)| state.told_of(flag, moment)));
    let is_back = !matches!(push.course, Course::Forward | Course::Converged { .. });
    if is_back {
        found.extend(remains(fleet, push, moment.now));
    } else {
        found.extend(push.drained.iter().map(|drained| {
            format!(
                "{} is drained since {}, {}: its instances are kept, and no request reaches them",
                drained.cell,
                moment.clock(drained.since),
                by(&drained.by)
            )
        }));
    }
    found.extend(push.apart.iter().map(|(service, apart)| {
        format!("{service} went back alone at {}, {}: {}", moment.clock(apart.since), by(&apart.by), apart.reason)
    }));
    found.extend(left_running(fleet, push, moment));
    let missed = fleet.calls().filter(|called| called.call.about.push() == Some(push.id()) && called.call.level == CallLevel::Call);
    found.extend(missed.filter_map(|called| called.failed.as_ref().map(|why| format!("a call about it reached nobody: {why}"))));
    if push.is_open() && push.driver.is_none() {
        found.push("nobody drives it: take it over with t".to_owned());
    }
    found
}

fn by(actor: &Actor) -> String {
    actor.person().map_or_else(|| "by itself".to_owned(), |person| format!("by {person}"))
}

/// A canary that nobody moves any more, and that users still meet.
fn left_running(fleet: &Fleet, push: &Push, moment: &Moment) -> Option<String> {
    let environment = push.environment()?;
    let stopped = push.holds.first().map(|hold| hold.since).or(push.rejection.as_ref().map(|rejection| rejection.at))?;
    let left = fleet.on_new(push, environment) as usize;
    let goes_nowhere = push.is_forward() && left > 0;
    goes_nowhere.then(|| {
        let since = moment.clock(stopped);
        format!("{} on the new version in {environment} since {since}, while it is stopped", counted(left, "instance"))
    })
}
