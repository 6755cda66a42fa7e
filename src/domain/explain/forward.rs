//! The answers for a push that goes forward.

use super::{Explanation, Moment, back, closing, counted, entered, names};
use crate::domain::drift;
use crate::domain::fleet::Fleet;
use crate::domain::id::Version;
use crate::domain::push::Push;
use crate::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use crate::domain::stage::{Advance, PlannedStage};
use crate::domain::status;
use crate::domain::time::EngineTime;
use crate::domain::verdict::{Gathered, LEANS, Verdict};

pub(super) fn forward(fleet: &Fleet, push: &Push, moment: &Moment) -> Explanation {
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
    match crossed {
        Some(metric) if is_barred => format!("it stays {here}, and users go on meeting {} beyond the limit", metric.word()),
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
pub(super) fn receding(fleet: &Fleet, push: &Push) -> Option<String> {
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
    // That the clock runs is no reason beside numbers that speak against it.
    let leading = leading(requirements, shut_here).map(|found| match requirements.iter().find(|open| speaks_against(push, open)) {
        Some(evidence) if found.kind == RequirementKind::Bake && found.state == RequirementState::Pending => evidence,
        _ => found,
    });
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

/// Whether the numbers lean towards the new version being worse, and are not decided.
fn speaks_against(push: &Push, found: &Requirement) -> bool {
    let leans = |gathered: &Gathered| matches!(gathered.evidence.verdict, Verdict::Undecided { lean, .. } if lean <= -LEANS);
    found.kind == RequirementKind::Evidence && found.state == RequirementState::Pending && push.evidence.as_ref().is_some_and(leans)
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
            (RequirementKind::Evidence, due) => steps.push(evidence_step(push, requirement, due, moment)),
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

/// What the numbers are waited for: `the evidence, 15:03–16:43`.
fn evidence_step(push: &Push, found: &Requirement, due: Option<EngineTime>, moment: &Moment) -> String {
    let decides = push.evidence.as_ref().and_then(Gathered::decides).filter(|_| due.is_some());
    match (found.state, decides) {
        (RequirementState::Broken, _) => "numbers to compare".to_owned(),
        (RequirementState::Unmet, _) => "numbers that are well again".to_owned(),
        (_, Some((half, Some(most)))) if moment.clock(half) != moment.clock(most) => {
            format!("the evidence, {}–{}", moment.clock(half), moment.clock(most))
        }
        (_, Some((_, Some(most)))) => format!("the evidence, about {}", moment.clock(most)),
        _ => "the evidence".to_owned(),
    }
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
        Some(Requirement { kind: RequirementKind::Evidence, state: RequirementState::Unmet, .. })
            if push.evidence.as_ref().is_some_and(|gathered| gathered.evidence.leak().is_some()) =>
        {
            format!("it stays {here} until somebody waives the evidence (w) or takes it back (r)")
        }
        Some(Requirement { kind: RequirementKind::Evidence, state: RequirementState::Unmet, .. })
            if matches!(push.evidence.as_ref().map(|found| &found.evidence.verdict), Some(Verdict::SharedFault { .. })) =>
        {
            format!("it stays {here} until old and new are both well again; nothing goes back for it")
        }
        Some(Requirement {
            kind: kind @ (RequirementKind::Threshold { .. } | RequirementKind::Evidence),
            state: RequirementState::Unmet,
            ..
        }) => match push.waiver_in_effect(kind, moment.now) {
            Some(waiver) => format!("it stays {here} until {}, then it goes back by itself", moment.clock(waiver.until)),
            None => "it goes back by itself".to_owned(),
        },
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
