//! The sentences: why a thing is as it is, what happens next and when, what happens if nobody acts, what the way back is, and who can
//! change it. Pure functions of the facts.

use jiff::tz::TimeZone;

use super::drift;
use super::fleet::Fleet;
use super::placement::Placement;
use super::push::{Course, Push};
use super::requirement::{self, Requirement, RequirementKind, RequirementState};
use super::rollback::{Rollback, Trigger};
use super::stage::{Advance, PlannedStage};
use super::status::{self, Status};
use super::time::EngineTime;

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
        Course::Back { rollback } => going_back(fleet, push, rollback, moment),
        Course::RolledBack { rollback, at } => Explanation {
            why: format!("went back at {}: {}", moment.clock(rollback.decided), trigger(&rollback.trigger)),
            next: format!("it rests on the old version since {}", moment.clock(*at)),
            otherwise: match &push.acknowledged {
                Some(seen) => format!("it stays as it is; {} has seen it", seen.by),
                None => "it stays as it is and waits to be acknowledged (A)".to_owned(),
            },
            back: "it is back".to_owned(),
            who: "whoever acknowledges it, or starts a new push".to_owned(),
        },
        Course::RollbackFailed { rollback, at, stuck } => Explanation {
            why: format!(
                "{} did not get back by {}: {}",
                counted(stuck.len(), "instance"),
                moment.clock(*at),
                names(stuck.iter().take(3))
            ),
            next: "the engine keeps trying these instances".to_owned(),
            otherwise: match rollback.users_safe {
                Some(safe) => format!("users are safe since {}; it keeps trying these instances", moment.clock(safe)),
                None => "USERS STAY EXPOSED on these instances".to_owned(),
            },
            back: fleet.declaration.break_glass.clone().unwrap_or_else(|| "by hand: no break_glass text is declared".to_owned()),
            who: "whoever owns these machines".to_owned(),
        },
        Course::Converged { at } => drift::explain_over(fleet, push, moment).unwrap_or_else(|| Explanation {
            why: String::new(),
            next: format!("nothing: converged since {}", moment.clock(*at)),
            otherwise: "nothing changes".to_owned(),
            back: "a new push of the version before".to_owned(),
            who: String::new(),
        }),
    }
}

/// Explains a service in an environment: by its push where one moves it, by itself where none does.
pub fn placement(fleet: &Fleet, placement: &Placement, moment: &Moment) -> Explanation {
    let status = status::of_placement(fleet, placement, moment.now);
    let goes_back = matches!(status, Status::RollingBack | Status::RollbackFailed | Status::Unknown);
    if let Some(drift) = drift::explain(fleet, placement, moment).filter(|_| !goes_back) {
        return drift;
    }
    let by_push = fleet.last_push_of(&placement.id.service).filter(|push| push.is_open() || status == Status::RolledBack);
    if let Some(of) = by_push {
        return in_push(fleet, placement, of, status, moment);
    }
    match status {
        Status::Converged => {
            Explanation { next: "nothing is planned".to_owned(), otherwise: "nothing changes".to_owned(), ..Explanation::default() }
        }
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
                    Some(stage) if of.stage().is_some_and(|at| at.environment == stage.environment) => {
                        "its siblings move first, in the group's order".to_owned()
                    }
                    _ => format!("{before} comes first"),
                },
                ..whole
            }
        }
        Status::Converged => Explanation { why: String::new(), ..whole },
        Status::Failed => Explanation { why: unsettled(placement), ..whole },
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
    let here = push.stage().map_or_else(|| "before its first step".to_owned(), |stage| format!("at {}", standing(push, stage)));
    let back = way_back(push);
    if let Some(rejection) = &push.rejection {
        let reason = rejection.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        return Explanation {
            why: format!("rejected by {} at {}{reason}; still {here}", rejection.by, moment.clock(rejection.at)),
            next: "nothing goes forward any more; r goes back".to_owned(),
            otherwise: format!("it stays {here}"),
            back,
            who: "anybody on call may take it back".to_owned(),
        };
    }
    if let Some(drift) = drift::explain_hold(fleet, push, moment) {
        return Explanation { otherwise: format!("it stays {here}"), back, ..drift };
    }
    if let Some(hold) = push.holds.last() {
        let reason = hold.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        return Explanation {
            why: format!("stopped by {} at {}{reason}", hold.holder(), moment.clock(hold.since)),
            next: "nothing moves until somebody resumes it (u) or takes it back (r)".to_owned(),
            otherwise: format!("it stays {here}"),
            back,
            who: "anybody on call".to_owned(),
        };
    }
    Explanation {
        why: why_forward(fleet, push, &requirements, &here),
        next: next_forward(push, &requirements, moment),
        otherwise: if status::dying(fleet, push) > 0 {
            "it goes back by itself".to_owned()
        } else {
            otherwise_forward(fleet, push, &requirements, &here, moment)
        },
        back,
        who: who_forward(&requirements),
    }
}

/// `10 %`, and in which environment where the next step is in another one.
fn standing(push: &Push, stage: &PlannedStage) -> String {
    let leaves = push.next_stage().is_some_and(|next| next.environment != stage.environment);
    if leaves { entered(Some(stage)) } else { stage.name.clone() }
}

/// The requirement that explains most: a broken or unmet one first, then the first that is pending.
fn leading(requirements: &[Requirement]) -> Option<&Requirement> {
    requirements
        .iter()
        .find(|requirement| requirement.state > RequirementState::Pending)
        .or_else(|| requirements.iter().find(|requirement| requirement.state == RequirementState::Pending))
}

fn why_forward(fleet: &Fleet, push: &Push, requirements: &[Requirement], here: &str) -> String {
    let leading = leading(requirements);
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
            format!("people are asked to approve {}: {why}", entered(push.next_stage()))
        }
        Some(Requirement { kind, why, .. }) => format!("{kind}: {why}"),
        None if push.stage().is_some_and(|stage| stage.advance == Advance::Hand) => {
            "everything is met; this step is left by hand".to_owned()
        }
        None if push.cursor.stage.is_none() => "nothing has moved yet: the engine is about to take the first step".to_owned(),
        None => "everything is met: the engine is about to go on".to_owned(),
    }
}

fn next_forward(push: &Push, requirements: &[Requirement], moment: &Moment) -> String {
    let mut steps = Vec::new();
    let open = || requirements.iter().filter(|requirement| !requirement.state.lets_pass());
    for requirement in open() {
        match (&requirement.kind, requirement.due) {
            (RequirementKind::Arrived, _) => steps.push("all instances arrive".to_owned()),
            (RequirementKind::Bake, Some(due)) => steps.push(format!("bake ends {}", moment.clock(due))),
            (RequirementKind::Bake, None) => steps.push("bake".to_owned()),
            (RequirementKind::EarlierConverged, _) => steps.push("the environment before converges".to_owned()),
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
    steps.push(push.next_stage().map_or_else(|| "done".to_owned(), |next| entered(Some(next))));
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
    let stuck = requirements.iter().find(|requirement| {
        requirement.state > RequirementState::Pending
            || (requirement.state == RequirementState::Pending && requirement.kind == RequirementKind::Approval)
    });
    let by_hand =
        push.stage().is_some_and(|stage| stage.advance == Advance::Hand) && push.promoted.is_none() && push.next_stage().is_some();
    match stuck {
        Some(Requirement { kind: RequirementKind::Threshold { metric }, state: RequirementState::Unmet, .. })
            if push.stage().is_some_and(|stage| requirement::is_shared(fleet, push, stage, *metric)) =>
        {
            format!("it stays {here} until old and new are both well again; nothing goes back for it")
        }
        Some(Requirement { kind: RequirementKind::Threshold { .. }, state: RequirementState::Unmet, .. }) => {
            "it goes back by itself".to_owned()
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

fn who_forward(requirements: &[Requirement]) -> String {
    leading(requirements).map_or_else(|| "the engine, by itself".to_owned(), |requirement| requirement.who.clone())
}

/// `10 % in production`, or `done` where there is no further stage.
pub fn entered(stage: Option<&PlannedStage>) -> String {
    stage.map_or_else(
        || "done".to_owned(),
        |stage| {
            if stage.name == stage.environment.as_str() {
                stage.name.clone()
            } else {
                format!("{} in {}", stage.name, stage.environment)
            }
        },
    )
}

fn going_back(fleet: &Fleet, push: &Push, rollback: &Rollback, moment: &Moment) -> Explanation {
    let left: u32 = push
        .plan
        .moves
        .iter()
        .flat_map(|part| part.from.keys().map(move |environment| (part, environment)))
        .filter_map(|(part, environment)| {
            fleet.placement(&part.service, environment).map(|placement| placement.count(&part.to.version))
        })
        .sum();
    Explanation {
        why: trigger(&rollback.trigger),
        next: match rollback.users_safe {
            Some(safe) => format!(
                "users SAFE since {}; {left} instances still to put back, all by about {}",
                moment.clock(safe),
                moment.clock(rollback.decided + rollback.plan.all_old)
            ),
            None => format!(
                "users EXPOSED; safe about {}, all back about {}",
                moment.clock(rollback.decided + rollback.plan.users_safe),
                moment.clock(rollback.decided + rollback.plan.all_old)
            ),
        },
        otherwise: "it finishes by itself; nothing is asked of anybody".to_owned(),
        back: "this is the way back; s does not stop it".to_owned(),
        who: "the engine, by itself; R makes it faster".to_owned(),
    }
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
        Trigger::Deadline { stage, after, missing } => {
            format!("automatic: {missing} instances had not arrived at {stage} after {after}")
        }
    }
}

fn way_back(push: &Push) -> String {
    let Some(plan) = &push.way_back else {
        return if push.cursor.stage.is_none() { "nothing has moved yet".to_owned() } else { "being worked out".to_owned() };
    };
    if plan.steps.is_empty() {
        return "nothing is on the new version".to_owned();
    }
    let stops = if push.holds.is_empty() && push.rejection.is_none() { "s stops it here. " } else { "" };
    if plan.users_safe.is_zero() {
        return format!("{stops}r: all back in about {}; no user meets the new version", plan.all_old);
    }
    format!("{stops}r: users safe after {}, all back in {}", plan.users_safe, plan.all_old)
}

/// `1 instance`, `2 instances`.
fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

fn names<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
