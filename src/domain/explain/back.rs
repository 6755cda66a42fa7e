//! The sentences of the ways back, and of what stands half way: siblings apart, cells drained, a way back halted, doors that shut.

use super::super::door;
use super::super::fleet::Fleet;
use super::super::person::Actor;
use super::super::placement::Placement;
use super::super::push::{Course, Hold, Push};
use super::super::rollback::{Barred, Rollback, RollbackPlan, StepKind};
use super::super::sides::Kept;
use super::super::skew::{self, Pair};
use super::super::time::EngineTime;
use super::{Explanation, Moment, counted, names, trigger};

/// `blob`, `blob and index`, `gateway, blob and index`.
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// Who stopped something and when, and why if they said: `stopped by ana at 14:32: odd logs`.
pub fn held(hold: &Hold, moment: &Moment) -> String {
    let reason = hold.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let by = match &hold.by {
        Actor::Person { name } => format!("by {name}"),
        Actor::Rule { .. } => "by itself".to_owned(),
    };
    format!("stopped {by} at {}{reason}", moment.clock(hold.since))
}

/// Why a push does not go back and what to do instead; `None` where everything of it may.
pub fn no_way_back(barred: &[Barred]) -> Option<String> {
    let first = barred.first()?;
    let others: Vec<&str> = barred.iter().skip(1).map(|barred| barred.service.as_str()).collect();
    let others = match others.as_slice() {
        [] => String::new(),
        [one] => format!(", and {one} has to stay beside it"),
        more => format!(", and {} have to stay beside it", listed(more)),
    };
    Some(format!("{}{others}; {}", first.why, first.instead))
}

/// `, past the one-way door of index v42` where the next step of a push passes one.
pub(super) fn past_door(push: &Push) -> String {
    let doors = door::at_next(push);
    let each: Vec<String> = doors.iter().map(|door| format!("{} {}", door.service, door.version)).collect();
    let each: Vec<&str> = each.iter().map(String::as_str).collect();
    if each.is_empty() { String::new() } else { format!(", past the ONE-WAY DOOR of {}", listed(&each)) }
}

/// The way back from a push that goes forward.
pub(super) fn way_back(push: &Push, moment: &Moment) -> String {
    let Some(plan) = &push.way_back else {
        return if push.cursor.furthest.is_none() { "nothing has moved yet".to_owned() } else { "being worked out".to_owned() };
    };
    if let Some(why) = no_way_back(&plan.barred) {
        let flags: Vec<&str> = plan.flags().map(super::super::id::FlagId::as_str).collect();
        let flags = if flags.is_empty() { String::new() } else { format!("; flag {} can still be switched off", listed(&flags)) };
        let kept = if plan.kept.is_some() { "; blue is warm and cannot be gone back to" } else { "" };
        return format!("no way back: {why}{kept}{flags}");
    }
    if plan.steps.is_empty() {
        return "nothing is on the new version".to_owned();
    }
    let stops = if push.may_expose() { "s stops it here. " } else { "" };
    if let Some(kept) = &plan.kept {
        let kept = blue_kept(kept, moment);
        let safe = match (plan.steps.iter().any(|step| step.instances > 0), plan.users_safe.is_zero()) {
            (false, _) => "green is stopped again, and nobody has met it".to_owned(),
            (true, true) => "no user meets the new version".to_owned(),
            (true, false) => format!("users safe after {}", plan.users_safe),
        };
        return format!("{stops}r: {}back at once, {safe}; {kept}{}{}", plan.flags_first(), elsewhere(plan), next_door(plan));
    }
    let times = if plan.users_safe.is_zero() {
        format!("all back in about {}; no user meets the new version", plan.all_old)
    } else {
        format!("users safe after {}, all back in {}", plan.users_safe, plan.all_old)
    };
    let back = format!("r: {}{times}{}{}", plan.flags_first(), shortfall(plan), next_door(plan));
    match (push.may_expose(), plan.flags().next()) {
        (false, _) => back,
        (true, None) => format!("s stops it here. {back}"),
        // The flag is the fastest way out: it comes before the rest where not everything fits.
        (true, Some(_)) => format!("{back}. s stops it here"),
    }
}

/// That nothing is installed on the way back, and until when: `blue is kept until 15:40: nothing is installed`.
pub fn blue_kept(kept: &Kept, moment: &Moment) -> String {
    let until = match kept.until {
        Some(until) => moment.clock(until),
        None => format!("{} after 100 %", kept.keep),
    };
    format!("blue is kept until {until}: nothing is installed")
}

/// When other environments are back, where those take longer than the one in which blue is kept.
fn elsewhere(plan: &RollbackPlan) -> String {
    let here = plan.steps.iter().map(|step| step.takes).max().unwrap_or_default();
    if plan.all_old > here { format!("; other environments are back in {}", plan.all_old) } else { String::new() }
}

fn shortfall(plan: &RollbackPlan) -> String {
    match plan.shortfall {
        0 => String::new(),
        short => format!("; meanwhile {} fewer than the peak needs", counted(short as usize, "instance")),
    }
}

fn next_door(plan: &RollbackPlan) -> String {
    let door = plan.next_door.as_ref();
    door.map(|door| format!("; no one-way door behind us, the next is {} {}, {}", door.service, door.version, door.stage))
        .unwrap_or_default()
}

/// A push with services that went back alone, or beside siblings that it does not belong with; `None` where neither is so.
pub(super) fn apart(fleet: &Fleet, push: &Push, here: &str, moment: &Moment) -> Option<Explanation> {
    let pairs = skew::of_push(fleet, push);
    if push.apart.is_empty() {
        return pairs.first().map(|pair| Explanation { back: way_back(push, moment), ..misfit(pair) });
    }
    let gone: Vec<String> = push
        .apart
        .iter()
        .map(|(service, apart)| {
            format!("{service} went back alone at {} by {}: {}", moment.clock(apart.since), apart.by, apart.reason)
        })
        .collect();
    let left: Vec<_> = push.plan.moves.iter().filter(|part| !push.apart.contains_key(&part.service)).collect();
    let still: Vec<&str> = left.iter().map(|part| part.service.as_str()).collect();
    let version = left.first().map(|part| &part.to.version).filter(|first| left.iter().all(|part| part.to.version == **first));
    let on = version.map_or_else(|| "the new versions".to_owned(), ToString::to_string);
    let apart: Vec<&str> = push.apart.keys().map(super::super::id::ServiceId::as_str).collect();
    let forward =
        if push.rejection.is_none() { format!("u brings {} forward again, in step, or ", listed(&apart)) } else { String::new() };
    let must: Vec<_> = push.apart.keys().flat_map(|service| skew::must_return(fleet, push, service)).collect();
    let must: Vec<&str> = still.iter().copied().filter(|name| must.iter().any(|service| service.as_str() == *name)).collect();
    Some(Explanation {
        why: format!("{}; {} still on {on}", gone.join("; "), listed(&still)),
        next: format!("nothing moves until {forward}r takes {} back too", listed(&still)),
        otherwise: match pairs.first() {
            Some(pair) => format!("it stays out of step {here}: {}; in step again takes {} back too", pair.why, listed(&must)),
            None => format!("it stays {here}; these versions were tested beside each other"),
        },
        back: way_back(push, moment),
        who: "anybody on call".to_owned(),
    })
}

/// Two siblings that do not belong together and that no push moves.
pub(super) fn misfit(pair: &Pair) -> Explanation {
    Explanation {
        why: format!("{} in {}", pair.why, pair.environment),
        next: "nothing is planned that would bring them in step".to_owned(),
        otherwise: format!("{} {} stays beside {} {}", pair.one.0, pair.one.1, pair.other.0, pair.other.1),
        back: "a push of the versions that belong together".to_owned(),
        who: format!("whoever starts a push of {} or {}", pair.one.0, pair.other.0),
    }
}

/// What became of the cells that a push is drained from, for behind the reason of its stop; empty where there is none.
pub(super) fn drained(fleet: &Fleet, push: &Push, moment: &Moment) -> String {
    let each = push.drained.iter().map(|drained| {
        let placements = push.plan.moves.iter().filter_map(|part| Some((part, fleet.placement(&part.service, &drained.environment)?)));
        let (mut out, mut serve) = (0, 0);
        for (part, placement) in placements {
            let new = placement.count_where(&drained.cell, |instance| instance.version == part.to.version);
            let serving = placement.serving_version_in(&drained.cell, &part.to.version);
            (out, serve) = (out + new.saturating_sub(serving), serve + serving);
        }
        let reason = drained.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let all = out + serve;
        let rest = match serve {
            0 => String::new(),
            _ => format!(", {serve} serve on until others in {} can take their requests", drained.cell),
        };
        format!(
            "; {} is drained since {} by {}{reason}: {out} of {all} instances on the new version take no request and are kept{rest}",
            drained.cell,
            moment.clock(drained.since),
            drained.by
        )
    });
    each.collect()
}

/// A push on its way back.
pub(super) fn going_back(fleet: &Fleet, push: &Push, rollback: &Rollback, moment: &Moment) -> Explanation {
    let all = moment.clock(rollback.since + rollback.plan.all_old);
    if let Some(hold) = &rollback.halted {
        return halted(fleet, push, rollback, hold, moment);
    }
    Explanation {
        why: trigger(&rollback.trigger),
        next: match rollback.users_safe {
            Some(safe) => format!(
                "users SAFE since {}; {} instances still to put back, all by about {all}{}",
                moment.clock(safe),
                left(fleet, push),
                hindered(fleet, push, rollback, moment.now)
            ),
            None => format!(
                "users EXPOSED; safe about {}, all back about {all}{}",
                moment.clock(rollback.since + rollback.plan.users_safe),
                hindered(fleet, push, rollback, moment.now)
            ),
        },
        otherwise: "it finishes by itself; nothing is asked of anybody".to_owned(),
        back: "this is the way back; s does not stop it".to_owned(),
        who: "the engine, by itself; R makes it faster".to_owned(),
    }
}

/// A way back that somebody stopped.
pub(super) fn halted(fleet: &Fleet, push: &Push, rollback: &Rollback, hold: &Hold, moment: &Moment) -> Explanation {
    let reason = hold.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let of: u32 =
        rollback.plan.steps.iter().filter(|step| matches!(step.kind, StepKind::Reinstall { .. })).map(|step| step.instances).sum();
    let first = push.plan.moves.first().map(|part| &part.to.version);
    let shared = first.filter(|first| push.plan.moves.iter().all(|part| part.to.version == **first));
    let on = shared.map_or_else(|| "the new versions".to_owned(), ToString::to_string);
    let left = left(fleet, push);
    Explanation {
        why: format!(
            "{} halted the way back at {}{reason}; {left} of {} still on {on}",
            hold.by,
            moment.clock(hold.since),
            of.max(left)
        ),
        next: match rollback.users_safe {
            Some(safe) => format!("users SAFE since {}; nothing moves until r or R goes on back", moment.clock(safe)),
            None => "users EXPOSED; nothing moves until r or R goes on back".to_owned(),
        },
        otherwise: "it stays half way, and its time does not run".to_owned(),
        back: "r goes on back from here, R faster; nothing takes it forward".to_owned(),
        who: "anybody on call".to_owned(),
    }
}

/// A way back that was not over in time.
pub(super) fn failed(fleet: &Fleet, push: &Push, moment: &Moment) -> Explanation {
    let Course::RollbackFailed { rollback, at, stuck } = &push.course else { return Explanation::default() };
    let halted = rollback.halted.as_ref();
    let tries = match halted {
        None => "the engine keeps trying these instances".to_owned(),
        Some(hold) => format!("nothing is tried: {} halted it at {}", hold.by, moment.clock(hold.since)),
    };
    Explanation {
        why: format!(
            "{} did not get back by {}: {}",
            counted(stuck.len(), "instance"),
            moment.clock(*at),
            names(stuck.iter().take(3))
        ),
        next: tries.clone(),
        otherwise: match rollback.users_safe {
            Some(safe) => format!("users are safe since {}; {}", moment.clock(safe), tries.replace("the engine", "it")),
            None => "USERS STAY EXPOSED on these instances".to_owned(),
        },
        back: fleet.declaration.break_glass.clone().unwrap_or_else(|| "by hand: no break_glass text is declared".to_owned()),
        who: "whoever owns these machines".to_owned(),
    }
}

/// Instances still on the new version, everywhere.
fn left(fleet: &Fleet, push: &Push) -> u32 {
    placements(fleet, push).map(|(placement, to)| placement.count(to)).sum()
}

fn placements<'a>(fleet: &'a Fleet, push: &'a Push) -> impl Iterator<Item = (&'a Placement, &'a super::super::id::Version)> {
    push.plan.moves.iter().flat_map(move |part| {
        part.from.keys().filter_map(move |environment| {
            fleet.placement(&part.service, environment).map(|placement| (placement, &part.to.version))
        })
    })
}

/// What makes a way back worse than planned: instances that do not come up, and capacity it has to go below.
fn hindered(fleet: &Fleet, push: &Push, rollback: &Rollback, now: EngineTime) -> String {
    let mut dead = Vec::new();
    for (placement, _) in placements(fleet, push) {
        let usual = fleet.usual_task(&placement.id.service);
        let stuck = placement.instances().filter(|(_, _, instance)| instance.is_given_up(usual, now));
        dead.extend(stuck.map(|(cell, index, _)| format!("{} number {index} in {cell}", placement.id.service)));
    }
    let stuck = match dead.len() {
        0 => String::new(),
        some => {
            let verb = if some == 1 { "does" } else { "do" };
            format!("; {} {verb} not come up and the rest goes on: {}", counted(some, "instance"), names(dead.iter().take(3)))
        }
    };
    format!("{stuck}{}", shortfall(&rollback.plan))
}
