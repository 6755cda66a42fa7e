//! The sentences: why a thing is as it is, what happens next and when, what happens if nobody acts, what the way back is, and who can
//! change it. Pure functions of the facts.

mod closing;

use jiff::tz::TimeZone;

use super::drift;
use super::fleet::Fleet;
use super::id::Version;
use super::placement::Placement;
use super::push::{Course, Push};
use super::requirement::{self, Requirement, RequirementKind, RequirementState};
use super::rollback::Trigger;
use super::skew;
use super::stage::{Advance, PlannedStage};
use super::status::{self, Status};
use super::time::EngineTime;

mod back;
mod remains;

pub use back::{blue_kept, held, listed, no_way_back};
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
    match &push.course {
        Course::Forward => forward(fleet, push, moment),
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
            why: receding(fleet, of).unwrap_or_default(),
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

fn forward(fleet: &Fleet, push: &Push, moment: &Moment) -> Explanation {
    let requirements = requirement::of_gate(fleet, push, moment.now);
    let here = match (push.resumes(), push.stage()) {
        (Some(stage), _) => format!("at {}", entered(Some(stage))),
        (None, Some(stage)) => format!("at {}", standing(push, stage)),
        (None, None) => "before its first step".to_owned(),
    };
    let meanwhile = [detour(push), receding(fleet, push)].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let back = back::way_back(push, moment);
    if let Some(apart) = back::apart(fleet, push, &here, moment) {
        return apart;
    }
    if let Some(rejection) = &push.rejection {
        let reason = rejection.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        return Explanation {
            why: format!("rejected by {} at {}{reason}; still {here}", rejection.by, moment.clock(rejection.at)),
            next: "nothing goes forward any more; r goes back".to_owned(),
            otherwise: stays(fleet, push, &requirements, &here, moment.now),
            back,
            who: "anybody on call may take it back".to_owned(),
        };
    }
    if let Some(drift) = drift::explain_hold(fleet, push, moment) {
        return Explanation { otherwise: format!("it stays {here}"), back, ..drift };
    }
    if let Some(hold) = push.holds.last() {
        let is_barred = push.way_back.as_ref().is_some_and(|plan| !plan.barred.is_empty());
        return Explanation {
            why: joined([format!("{}{}", back::held(hold, moment), back::drained(fleet, push, moment)), meanwhile]),
            next: if is_barred {
                "nothing moves until somebody resumes it (u) or puts a fix in its place; it does not go back".to_owned()
            } else {
                "nothing moves until somebody resumes it (u) or takes it back (r)".to_owned()
            },
            otherwise: stays(fleet, push, &requirements, &here, moment.now),
            back,
            who: "anybody on call".to_owned(),
        };
    }
    let shut_here = requirement::shut_here(fleet, push, moment.now).is_some();
    Explanation {
        why: joined([meanwhile, why_forward(fleet, push, &requirements, (&here, shut_here))]),
        next: next_forward(push, &requirements, shut_here, moment),
        otherwise: if status::dying(fleet, push) > 0 {
            "it goes back by itself".to_owned()
        } else {
            otherwise_forward(fleet, push, &requirements, &here, moment)
        },
        back,
        who: who_forward(fleet, push, &requirements, shut_here),
    }
}

/// What becomes of a push that nothing lets go forward: it stays, unless what the new version does sends it back.
fn stays(fleet: &Fleet, push: &Push, requirements: &[Requirement], here: &str, now: EngineTime) -> String {
    let is_barred = push.way_back.as_ref().is_some_and(|plan| !plan.barred.is_empty());
    let crossed = requirements.iter().find_map(|found| match &found.kind {
        RequirementKind::Threshold { metric } if found.state == RequirementState::Unmet => {
            let is_shared = push.stage().is_some_and(|stage| requirement::is_shared(fleet, push, stage, *metric));
            (!is_shared && push.waiver_in_effect(&found.kind, now).is_none()).then_some(metric)
        }
        _ => None,
    });
    match crossed.filter(|_| !is_barred) {
        Some(metric) => format!("it goes back by itself if {} stay beyond their limit", metric.word()),
        None => format!("it stays {here}"),
    }
}

/// Clauses of one sentence; what is empty is left out.
fn joined(clauses: [String; 2]) -> String {
    clauses.into_iter().filter(|clause| !clause.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Where a fix is tried, and what stays as it is meanwhile.
fn detour(push: &Push) -> Option<String> {
    let resumes = push.resumes()?;
    let tried = push.next_stage().filter(|_| push.stage().is_none()).or(push.stage())?;
    let fixed: Vec<_> = push.plan.moves.iter().filter(|part| !part.replaced.is_empty()).collect();
    let shared = |mut versions: Vec<&Version>| {
        versions.dedup();
        names(versions.into_iter())
    };
    let new = shared(fixed.iter().map(|part| &part.to.version).collect());
    let old = shared(fixed.iter().filter_map(|part| part.replaced.last()).collect());
    if tried.environment == resumes.environment {
        return Some(format!("{new} takes the place of {old} at {}", entered(Some(resumes))));
    }
    let tested = if push.stage().is_some() && push.may_expose() { "is tested" } else { "waits to be tested" };
    let stays = if resumes.name == resumes.environment.as_str() { String::new() } else { format!("at {} ", resumes.name) };
    Some(format!("{new} {tested} in {}; {} stays {stays}of {old} meanwhile", tried.environment, resumes.environment))
}

/// What a replaced push had brought and that still goes back.
fn receding(fleet: &Fleet, push: &Push) -> Option<String> {
    push.plan.before.taken_over.iter().find_map(|environment| {
        let places = push.plan.moves.iter().filter_map(|part| fleet.placement(&part.service, environment));
        let left: u32 = places.map(|placement| fleet.receding(push, placement)).sum();
        (left > 0).then(|| format!("{} of what it replaces go back in {environment}", counted(left as usize, "instance")))
    })
}

/// `10 %`, and in which environment where the next step is in another one.
fn standing(push: &Push, stage: &PlannedStage) -> String {
    let leaves = push.next_stage().is_some_and(|next| next.environment != stage.environment);
    if leaves { entered(Some(stage)) } else { stage.name.clone() }
}

/// The requirement that explains most: a broken or unmet one first, then the first that is pending. A closed environment explains why
/// nothing moves in it; of one that comes later it is the last thing to be said.
fn leading(requirements: &[Requirement], shut_here: bool) -> Option<&Requirement> {
    let window =
        |requirement: &&Requirement| requirement.kind == RequirementKind::Window && requirement.state > RequirementState::Pending;
    let rest = || requirements.iter().filter(|requirement| !window(requirement));
    let asks = |requirement: &&Requirement| requirement.kind == RequirementKind::Approval;
    rest()
        .find(|requirement| requirement.state > RequirementState::Pending)
        .or_else(|| requirements.iter().find(window).filter(|_| shut_here))
        .or_else(|| rest().find(|requirement| requirement.state == RequirementState::Pending && !asks(requirement)))
        .or_else(|| requirements.iter().find(window))
        .or_else(|| rest().find(|requirement| requirement.state == RequirementState::Pending))
}

fn why_forward(fleet: &Fleet, push: &Push, requirements: &[Requirement], (here, shut_here): (&str, bool)) -> String {
    let leading = leading(requirements, shut_here);
    if let (None, Some(feed)) = (leading, requirement::blind(fleet)) {
        return match fleet.feeds.get(&feed) {
            Some(_) => format!("everything is met, but the {} feed is lost: nothing goes forward unseen", feed.word()),
            None => format!("waits for the first news of the {} feed: nothing goes forward unseen", feed.word()),
        };
    }
    let dying = status::dying(fleet, push);
    if dying > 0 {
        return format!("{} of the new version keep dying {here}", counted(dying, "instance"));
    }
    match leading {
        Some(Requirement { kind: RequirementKind::Arrived, why, .. }) => format!("moving to {}: {why}", entered(push.stage())),
        Some(Requirement { kind: RequirementKind::Approval, why, .. }) => {
            format!("people are asked to approve {}{}: {why}", entered(push.next_stage()), back::past_door(push))
        }
        Some(Requirement { kind, why, .. }) => format!("{kind}: {why}"),
        None if push.stage().is_some_and(|stage| stage.advance == Advance::Hand) => {
            "everything is met; this step is left by hand".to_owned()
        }
        None if push.cursor.furthest.is_none() => "nothing has moved yet: the engine is about to take the first step".to_owned(),
        None => "everything is met: the engine is about to go on".to_owned(),
    }
}

fn next_forward(push: &Push, requirements: &[Requirement], shut_here: bool, moment: &Moment) -> String {
    let mut steps = Vec::new();
    let let_go = push.way_back.as_ref().and_then(|plan| plan.kept?.until).filter(|until| *until > moment.now);
    steps.extend(let_go.map(|until| format!("blue is let go {}", moment.clock(until))));
    let open = || requirements.iter().filter(|requirement| !requirement.state.lets_pass());
    for requirement in open() {
        match (&requirement.kind, requirement.due) {
            (RequirementKind::Arrived, _) => steps.push("all instances arrive".to_owned()),
            (RequirementKind::Bake, Some(due)) => steps.push(format!("bake ends {}", moment.clock(due))),
            (RequirementKind::Bake, None) => steps.push("bake".to_owned()),
            (RequirementKind::EarlierConverged, _) => steps.push("the environment before converges".to_owned()),
            (RequirementKind::Window, Some(due)) => {
                let place = closing::of_window(push, shut_here).map_or("it", |stage| stage.environment.as_str());
                // Where it is closed here, all the rest comes after.
                let at = if shut_here { 0 } else { steps.len() };
                steps.insert(at, format!("{place} opens {}", moment.day_clock(due)));
            }
            (RequirementKind::Window, None) => steps.push("somebody lets it pass although it is closed".to_owned()),
            (RequirementKind::Ahead, _) => steps.push("what is ahead moves on".to_owned()),
            (RequirementKind::Capacity, _) => steps.push("instances enough are ready".to_owned()),
            // While they still move, that they are not in step goes without saying.
            (RequirementKind::Siblings, _) if push.cursor.stage.is_some() && push.cursor.arrived.is_none() => {}
            (RequirementKind::Siblings, _) => steps.push("siblings in step".to_owned()),
            (RequirementKind::Alone, Some(due)) => steps.push(format!("these cells free {}", moment.clock(due))),
            (RequirementKind::Alone, None) => steps.push("these cells free".to_owned()),
            (RequirementKind::SameCommit, _) => steps.push("the commit cleared".to_owned()),
            (RequirementKind::External { name }, _) => steps.push(format!("a yes of {name}")),
            (RequirementKind::Step { name }, _) => steps.push(format!("{name} done")),
            (RequirementKind::Threshold { .. } | RequirementKind::Approval, _) => {}
        }
    }
    // Before everything has arrived, and while the clock has not begun, that there are no numbers goes without saying.
    let judged = push.cursor.bake.running_since.is_some() || push.cursor.bake.stopped.is_some();
    let metrics = |wanted: RequirementState| {
        let found = open().filter(|requirement| requirement.state == wanted).filter_map(|requirement| match requirement.kind {
            RequirementKind::Threshold { metric } => Some(metric.word()),
            _ => None,
        });
        Some(few(&found.collect::<Vec<_>>())).filter(|words| judged && !words.is_empty())
    };
    steps.extend(metrics(RequirementState::Pending).map(|words| format!("enough requests to judge {words}")));
    steps.extend(metrics(RequirementState::Unmet).map(|words| format!("{words} back within limits")));
    steps.extend(metrics(RequirementState::Broken).map(|words| format!("numbers again of {words}")));
    steps.extend(open().any(|requirement| requirement.kind == RequirementKind::Approval).then(|| "approval".to_owned()));
    if push.stage().is_some_and(|stage| stage.advance == Advance::Hand) && push.promoted.is_none() && push.next_stage().is_some() {
        steps.push("your go (p)".to_owned());
    }
    steps.push(
        push.next_stage().map_or_else(|| "done".to_owned(), |next| format!("{}{}", entered(Some(next)), back::past_door(push))),
    );
    steps.join(", then ")
}

/// Up to three names, else the first two and how many more there are.
fn few(names: &[&str]) -> String {
    match names {
        [first, second, _, _, ..] => format!("{first}, {second} and {} more", names.len() - 2),
        _ => names.join(", "),
    }
}

fn otherwise_forward(fleet: &Fleet, push: &Push, requirements: &[Requirement], here: &str, moment: &Moment) -> String {
    // While they still move, that siblings are not in step is as it should be.
    let in_step = |requirement: &&Requirement| {
        let moving = push.cursor.arrived.is_none() && requirement.state == RequirementState::Pending;
        !(moving && requirement.kind == RequirementKind::Siblings)
    };
    let stuck = requirements.iter().filter(in_step).find(|requirement| {
        requirement.state > RequirementState::Pending
            || (requirement.state == RequirementState::Pending && requirement.kind.is_up_to_others() && requirement.due.is_none())
    });
    let by_hand =
        push.stage().is_some_and(|stage| stage.advance == Advance::Hand) && push.promoted.is_none() && push.next_stage().is_some();
    if let Some(cut) = closing::cut_short(fleet, push, stuck, here, moment) {
        return cut;
    }
    match stuck {
        Some(Requirement { kind: RequirementKind::Window, due: Some(due), .. }) => {
            let shut_here = requirement::shut_here(fleet, push, moment.now).is_some();
            let place = closing::of_window(push, shut_here).map_or(here, |stage| stage.environment.as_str());
            let asks = requirements.iter().any(|open| open.kind == RequirementKind::Approval && !open.state.lets_pass());
            let then = if asks { "people are asked as it opens" } else { "it goes on by itself then" };
            format!("it stays {here}; {place} is closed until {}, and {then}", moment.day_clock(*due))
        }
        Some(Requirement { kind: RequirementKind::Threshold { metric }, state: RequirementState::Unmet, .. })
            if push.stage().is_some_and(|stage| requirement::is_shared(fleet, push, stage, *metric)) =>
        {
            format!("it stays {here} until old and new are both well again; nothing goes back for it")
        }
        Some(Requirement { kind: kind @ RequirementKind::Threshold { .. }, state: RequirementState::Unmet, .. }) => {
            match push.waiver_in_effect(kind, moment.now) {
                Some(waiver) => format!("it stays {here} until {}, then it goes back by itself", moment.clock(waiver.until)),
                None => "it goes back by itself".to_owned(),
            }
        }
        Some(Requirement { kind, .. }) => format!("it stays {here} until {}", kind.until()),
        None if by_hand => format!("it stays {here} until somebody promotes it"),
        None => match (requirement::clocks_end(requirements), push.next_stage()) {
            (Some(due), Some(next)) if awaits_requests(requirements) => {
                format!("{} by itself, {} at the earliest", entered(Some(next)), moment.clock(due))
            }
            (Some(due), Some(next)) => format!("{} by itself about {}", entered(Some(next)), moment.clock(due)),
            (None, Some(next)) if awaits_requests(requirements) => {
                format!("{} by itself, once there are requests enough to judge", entered(Some(next)))
            }
            (None, Some(next)) => format!("{} by itself", entered(Some(next))),
            (Some(due), None) => format!("it is done about {}", moment.clock(due)),
            (None, None) => "it finishes by itself".to_owned(),
        },
    }
}

fn awaits_requests(requirements: &[Requirement]) -> bool {
    let threshold = |requirement: &&Requirement| matches!(requirement.kind, RequirementKind::Threshold { .. });
    requirements.iter().filter(threshold).any(|requirement| requirement.state == RequirementState::Pending)
}

fn who_forward(fleet: &Fleet, push: &Push, requirements: &[Requirement], shut_here: bool) -> String {
    let is_by_hand = push.stage().is_some_and(|stage| stage.advance == Advance::Hand) && push.next_stage().is_some();
    let owners = || fleet.declaration().group(&push.plan.group).map(|group| format!("anybody of {}", group.owners));
    match leading(requirements, shut_here) {
        Some(requirement) => requirement.who.clone(),
        None if is_by_hand && push.promoted.is_none() && requirement::blind(fleet).is_none() => {
            owners().unwrap_or_else(|| "anybody on call".to_owned())
        }
        None => "the engine, by itself".to_owned(),
    }
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
            "automatic: {} of {} {} in {} at {}, limit {}",
            slice.metric,
            slice.service,
            slice.version,
            slice.cell,
            slice.metric.show(*value),
            slice.metric.show(*limit)
        ),
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
