//! What a dialog says: worked out from the facts at the moment it is opened, with everything that is not good in full.

use std::collections::BTreeMap;

use crate::domain::explain::{self, Moment};
use crate::domain::exposure::{self, Exposure};
use crate::domain::feed::Feed;
use crate::domain::fleet::Fleet;
use crate::domain::id::{Digest, ServiceId, Version};
use crate::domain::push::Push;
use crate::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use crate::domain::rollback::{Manner, StepKind};
use crate::domain::service::Release;
use crate::domain::stage::Advance;

use super::dialog::Line;
use super::overlay::Asking;
use super::timeline::Tone;
use super::{waiting, words};

fn line(tone: Tone, text: impl Into<String>) -> Line {
    Line { text: text.into(), tone }
}

/// What a forward verb would do to a push.
pub(super) fn forward(fleet: &Fleet, push: &Push, asking: Asking, moment: &Moment) -> Vec<Line> {
    let requirements = requirement::of_gate(fleet, push, moment.now);
    let mut lines = vec![line(Tone::Plain, way(fleet, push)), line(Tone::Waiting, consequence(push, asking, &requirements))];
    lines.extend(blast_radius(fleet, push));
    lines.extend(standing(fleet, push, asking, &requirements));
    lines.push(line(Tone::Plain, releases(push.plan.moves.iter().map(|part| &part.to))));
    lines.push(line(Tone::Plain, format!("Back: {}.", explain::push(fleet, push, moment).back)));
    lines
}

/// `PRODUCTION (protected): 10 % → 33 %, index, blob and gateway`.
fn way(fleet: &Fleet, push: &Push) -> String {
    let services: Vec<_> = push.plan.moves.iter().map(|part| part.service.as_str()).collect();
    let from = push.stage().map_or_else(|| "nothing".to_owned(), |stage| stage.name.clone());
    match push.next_stage().or_else(|| push.stage()) {
        Some(next) => {
            let protected = fleet.declaration().environment(&next.environment).is_some_and(|environment| environment.protected);
            let environment = if protected {
                format!("{} (protected)", next.environment.as_str().to_uppercase())
            } else {
                next.environment.to_string()
            };
            let from = if push.stage().is_some_and(|stage| stage.environment != next.environment) {
                explain::entered(push.stage())
            } else {
                from
            };
            format!("{environment}: {from} → {}, {}.", next.name, services.join(", "))
        }
        None => format!("{}.", services.join(", ")),
    }
}

/// What a yes sets off.
fn consequence(push: &Push, asking: Asking, requirements: &[Requirement]) -> String {
    let from = push.stage().map_or_else(|| "nothing".to_owned(), |stage| stage.name.clone());
    let to = explain::entered(push.next_stage());
    let rest_met = requirements
        .iter()
        .all(|requirement| requirement.state == RequirementState::Met || requirement.kind == RequirementKind::Approval);
    let by_hand = push.stage().is_some_and(|stage| stage.advance == Advance::Hand);
    match asking {
        Asking::Promote => format!("{from} → {to} STARTS AT ONCE."),
        Asking::Resume => format!("It moves again from {from}; everything that is met then takes it to {to} by itself."),
        _ => {
            let needed = push.next_stage().and_then(|next| next.approval.as_ref()).map_or(0, |rule| rule.needed);
            let missing = needed.saturating_sub(waiting::given(push).count() as u32 + 1);
            match (missing, rest_met, by_hand) {
                (0, _, true) => format!("This is the last approval; {from} → {to} then waits for somebody's go (p)."),
                (0, true, false) => format!("This is the last approval: {from} → {to} STARTS AT ONCE."),
                (0, false, false) => {
                    format!("This is the last approval: {from} → {to} then starts by itself as soon as the rest is met.")
                }
                (missing, ..) => format!("After yours, {missing} more of {needed} approvals are missing before {to}."),
            }
        }
    }
}

fn blast_radius(fleet: &Fleet, push: &Push) -> Vec<Line> {
    let Some(next) = exposure::after_next(fleet, push) else { return Vec::new() };
    // Bases and environments are never mixed: before the first step in an environment nobody there is exposed.
    let now = exposure::now(fleet, push).filter(|now| now.environment == next.environment);
    let now = now.as_ref();
    let count = |found: Option<&Exposure>| found.map_or(0, |found| found.instances);
    let rps = |found: Option<&Exposure>| {
        found.map_or_else(|| "0".to_owned(), |found| format!("{} ({})", words::grouped(found.rps.round() as u64), found.share))
    };
    let users = |found: Option<&Exposure>| words::people(found.map_or(0, |found| found.users));
    let lasts = |found: Option<&Exposure>| {
        found.and_then(|found| found.budget_lasts).map_or_else(|| "untouched".to_owned(), |lasts| lasts.to_string())
    };
    vec![
        line(
            Tone::Plain,
            format!(
                "Exposed: instances {} → {} of {}; requests/s {} → {}, {}; users in 10 min {} → {}.",
                count(now),
                next.instances,
                next.of,
                rps(now),
                rps(Some(&next)),
                next.rps_basis.word(),
                users(now),
                users(Some(&next))
            ),
        ),
        line(Tone::Plain, format!("Error budget, if it is broken: {} → {}.", lasts(now), lasts(Some(&next)))),
    ]
}

/// What is not good, each in full; what is good, counted by kind.
fn standing(fleet: &Fleet, push: &Push, asking: Asking, requirements: &[Requirement]) -> Vec<Line> {
    let mut lines = Vec::new();
    for requirement in requirements.iter().filter(|requirement| requirement.state != RequirementState::Met) {
        if requirement.kind == RequirementKind::Approval && asking == Asking::Approve {
            lines.push(line(Tone::Plain, format!("Approvals: {}.", requirement.why)));
            continue;
        }
        let tone = if requirement.state == RequirementState::Pending { Tone::Waiting } else { Tone::Bad };
        let state = crate::domain::material::state_word(requirement.state);
        lines.push(line(tone, format!("{} {state}: {}.", requirement.kind, requirement.why)));
    }
    for alert in fleet.alerts().filter(|alert| push.move_of(&alert.slice.service).is_some()) {
        let metric = alert.slice.metric;
        let text = format!(
            "Alert: {}, {}, limit {}.",
            words::slice_name(&alert.slice),
            metric.show(alert.value),
            metric.show(alert.limit)
        );
        lines.push(line(Tone::Bad, text));
    }
    for hold in &push.holds {
        let reason = hold.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        lines.push(line(Tone::Bad, format!("Stopped by {}{reason}.", hold.by)));
    }
    let lost: Vec<_> = fleet.lost_feeds().map(Feed::word).collect();
    if !lost.is_empty() {
        lines.push(line(Tone::Bad, format!("Not live: {}.", lost.join(", "))));
    }
    let met: Vec<_> = requirements
        .iter()
        .filter(|requirement| requirement.state == RequirementState::Met)
        .map(|requirement| requirement.kind.to_string())
        .collect();
    if !met.is_empty() {
        lines.push(line(Tone::Good, format!("{} met: {}.", met.len(), met.join(", "))));
    }
    lines
}

/// What moves, by tag and by the beginning of its digest.
fn releases<'a>(releases: impl Iterator<Item = &'a Release>) -> String {
    let each: Vec<_> = releases
        .map(|release| {
            let door = if release.one_way { ", ONE-WAY DOOR" } else { "" };
            format!("{} {} {} ({} commits{door})", release.service, release.version, short(&release.digest), release.commits)
        })
        .collect();
    format!("In it: {}.", each.join("; "))
}

/// Enough of a digest to tell two apart by eye: twelve characters after its algorithm.
fn short(digest: &Digest) -> String {
    let text = digest.as_str();
    text.rsplit_once(':').map_or(text, |(_, hex)| hex).chars().take(12).collect()
}

/// What starting a push of these releases would do.
pub(super) fn start(fleet: &Fleet, chosen: &[(ServiceId, Version)]) -> Vec<Line> {
    let declaration = fleet.declaration();
    let found: Vec<_> = chosen.iter().filter_map(|(service, version)| declaration.release(service, version)).collect();
    let mut lines = vec![line(Tone::Plain, releases(found.iter().copied()))];
    for release in found.iter().filter(|release| !release.notes.is_empty()) {
        lines.push(line(Tone::Plain, format!("{}: {} ({})", release.service, release.notes, release.author)));
    }
    let plan = chosen
        .first()
        .and_then(|(service, _)| declaration.group_of(service))
        .and_then(|group| declaration.plans.get(&group.plan).or_else(|| declaration.plans.get("standard")));
    for leg in plan.map_or(&[][..], |plan| &plan.legs) {
        let stages: Vec<_> = leg
            .stages
            .iter()
            .map(|stage| match &stage.approval {
                Some(rule) => format!("{} after {} approvals", stage.name, rule.needed),
                None => stage.name.clone(),
            })
            .collect();
        lines.push(line(Tone::Plain, format!("{}: {}.", leg.environment, stages.join(", "))));
    }
    lines.push(line(Tone::Waiting, "Its first step STARTS AT ONCE where nobody is to approve it."));
    lines
}

/// What rejecting a push would do.
pub(super) fn reject(push: &Push) -> Vec<Line> {
    let here = explain::entered(push.stage());
    let here = if push.stage().is_some() {
        format!("It stays exposed at {here}; r takes it back.")
    } else {
        "Nothing has moved yet.".to_owned()
    };
    vec![line(Tone::Waiting, "Nothing of this push goes forward any more; a fix is a new push."), line(Tone::Plain, here)]
}

/// The way back, step by step, as far as it is known.
pub(super) fn way_back(push: &Push, manner: Manner) -> Vec<Line> {
    let mut lines = vec![line(Tone::Plain, "It is stopped where it is. Enter takes it back, Esc leaves it stopped.")];
    if manner == Manner::Fast {
        lines.push(line(Tone::Bad, format!("Fast: skips {}.", manner.skips())));
    }
    let Some(plan) = &push.way_back else {
        let text = if push.cursor.stage.is_none() {
            "Nothing has moved yet."
        } else {
            "The steps are being worked out; it can go back all the same."
        };
        lines.push(line(Tone::Waiting, text));
        return lines;
    };
    for step in &plan.steps {
        let size =
            if step.instances > 0 { format!(", {} instances in {} batches", step.instances, step.batches) } else { String::new() };
        let safe = if step.kind == StepKind::Drain { ": then USERS SAFE" } else { "" };
        lines.push(line(Tone::Plain, format!("{}{size}, {}{safe}", words::way_step(&step.kind), step.takes)));
    }
    let about = if manner == Manner::Fast { "at most " } else { "" };
    lines.push(line(
        Tone::Waiting,
        format!("USERS SAFE after {about}{}, ALL ON the old version after {about}{}.", plan.users_safe, plan.all_old),
    ));
    if plan.shortfall > 0 {
        lines.push(line(Tone::Bad, format!("Up to {} instances fewer than needed serve meanwhile.", plan.shortfall)));
    }
    if let Some(service) = &plan.one_way_door {
        lines.push(line(Tone::Bad, format!("ONE-WAY DOOR: {service} cannot be gone back past.")));
    }
    lines
}

/// Pushes that could be started among these services: releases of one tag in one group that are not wanted yet and that no push
/// moves, the ones declared last first.
pub(super) fn startable(fleet: &Fleet, services: &[ServiceId]) -> Vec<Vec<(ServiceId, Version)>> {
    let declaration = fleet.declaration();
    let mut order = Vec::new();
    let mut found: BTreeMap<_, Vec<(ServiceId, Version)>> = BTreeMap::new();
    for release in declaration.releases.iter().rev() {
        let known = services.is_empty() || services.contains(&release.service);
        let wanted =
            fleet.placements().any(|placement| placement.id.service == release.service && placement.desired == release.version);
        let Some(service) = declaration.service(&release.service) else { continue };
        if !known || wanted || fleet.open_push_of(&release.service).is_some() {
            continue;
        }
        let key = (service.group.clone(), release.version.clone());
        if !found.contains_key(&key) {
            order.push(key.clone());
        }
        found.entry(key).or_default().push((release.service.clone(), release.version.clone()));
    }
    let mut pushes: Vec<_> = order.into_iter().filter_map(|key| found.remove(&key)).collect();
    for push in &mut pushes {
        push.reverse();
    }
    pushes
}
