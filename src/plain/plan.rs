//! A push before it starts, once.

use serde_json::{Value, json};

use crate::console::model::words;
use crate::domain::explain::Moment;
use crate::domain::exposure::Exposure;
use crate::domain::flag::{Flag, FlagState};
use crate::domain::fleet::Fleet;
use crate::domain::prospect::{Clash, Need, Prospect, Span, Step};
use crate::domain::requirement::RequirementKind;
use crate::domain::service::Release;
use crate::domain::stage::Green;
use crate::evidence::power::{self, Detects};
use crate::evidence::series::Signals;

/// What is in it, stage by stage what is ahead, what is in the way, and how everything stands before it.
pub fn plan_lines(fleet: &Fleet, signals: &Signals, prospect: &Prospect, moment: &Moment) -> String {
    let start = prospect.refused.as_ref().map_or_else(|| "could start now".to_owned(), |why| format!("could not start now: {why}"));
    let mut lines = vec![format!("push {}: {start}", prospect.plan.name)];
    for part in &prospect.contents {
        let release = &part.release;
        let told = |text: String| if text.is_empty() { text } else { format!("; {text}") };
        let (notes, people) = (told(release.told()), told(release.people_of()));
        let door =
            release.one_way.as_ref().map(|door| format!("; ONE-WAY DOOR, instead of back: {}", door.instead)).unwrap_or_default();
        let (service, version) = (&release.service, &release.version);
        lines.push(format!("  {service} {}→{version} {}: {}{notes}{people}{door}", part.running, release.digest, part.words()));
        lines.extend(flags_of(fleet, release).map(|(flag, state)| {
            let (name, covers, tried) = (&flag.id, &flag.covers, fleet.flag_tried_words(&flag.id, moment));
            let on = if state.on { "" } else { ", OFF now" };
            format!("    behind flag {name} ({covers}){on}, off first on the way back; {tried}")
        }));
    }
    for step in &prospect.steps {
        let detects = power::of_stage(fleet, signals, &prospect.plan.moves, &step.stage, moment.now);
        lines.extend(stage_lines(step, &detects, moment));
    }
    lines.extend(prospect.clashes.iter().map(|clash| format!("conflict: {}", clash.words(fleet, moment))));
    let checks = &prospect.preflight;
    lines.extend(checks.iter().map(|check| format!("preflight {}, {}: {}", check.subject.word(), check.mark.word(), check.why)));
    lines.push(String::new());
    lines.join("\n")
}

/// The flags that what is new in a release stands behind.
fn flags_of<'f>(fleet: &'f Fleet, release: &'f Release) -> impl Iterator<Item = (&'f Flag, &'f FlagState)> {
    fleet.flags().filter(|(flag, _)| release.flags.contains(&flag.id))
}

fn stage_lines(step: &Step, detects: &Detects, moment: &Moment) -> Vec<String> {
    let stage = &step.stage;
    let bake = if stage.bake.is_zero() { String::new() } else { format!(", watched for {}", stage.bake) };
    let place = crate::domain::explain::entered(Some(stage));
    let green = match stage.green {
        Some(Green::Warm) => ", green is installed and takes no traffic".to_owned(),
        Some(Green::Weight) => " of green, as many of blue kept warm".to_owned(),
        Some(Green::All { keep }) => format!(" of green, blue kept warm for {keep} and then let go"),
        None => String::new(),
    };
    let granted = words::counted(stage.granted(), "instance");
    let mut lines = vec![format!("stage {place}: {granted}{green}{bake}; {}", step.when(moment))];
    if !step.requires.is_empty() {
        let names: Vec<_> = step.requires.iter().map(RequirementKind::word).collect();
        lines.push(format!("  must hold before: {}", names.join(", ")));
    }
    lines.extend(step.needs.iter().map(|need| format!("  people before: {}", need.words(moment))));
    lines.push(format!("  exposed then: {}", exposed(&step.exposure)));
    lines.extend(super::detects::lines(detects, stage.bake).into_iter().map(|line| format!("  {line}")));
    lines.push(format!("  back from there: {}", step.back.words()));
    lines
}

/// `275 of 840 instances, 48,120 requests/s (69 %, measured), 2,500,000 users in 10 min; error budget, if broken, lasts 3 h`.
fn exposed(found: &Exposure) -> String {
    let users = if found.of_users == 0 { "no users".to_owned() } else { format!("{} users in 10 min", words::people(found.users)) };
    let budget = found.budget_lasts.map(|lasts| format!("; error budget, if it is broken, lasts {lasts}")).unwrap_or_default();
    format!(
        "{} of {} instances, {} requests/s ({}, {}), {users}{budget}",
        found.instances,
        found.of,
        words::grouped(found.rps.round() as u64),
        found.share,
        found.rps_basis.word()
    )
}

/// The same as one JSON object. Times are in milliseconds since 1970, lengths in milliseconds; `local` is in the zone asked for.
pub fn plan_json(fleet: &Fleet, signals: &Signals, prospect: &Prospect, moment: &Moment) -> String {
    let releases = prospect.contents.iter().map(|part| {
        json!({
            "service": part.release.service,
            "version": part.release.version,
            "running": part.running,
            "digest": part.release.digest,
            "commit": part.release.commit,
            "author": part.release.author,
            "approvers": part.release.approvers,
            "notes": part.release.notes,
            "config": part.release.config,
            "migration": part.release.migration,
            "commits": part.commits,
            "people": part.people,
            "one_way": part.release.one_way,
            "flags": flags_of(fleet, &part.release).map(|(flag, state)| super::status::flag_json(fleet, flag, state)).collect::<Vec<_>>(),
        })
    });
    let checks = prospect.preflight.iter();
    let checks = checks.map(|check| json!({ "subject": check.subject.word(), "mark": check.mark.word(), "why": check.why }));
    json!({
        "at": moment.now,
        "name": prospect.plan.name,
        "group": prospect.plan.group,
        "can_start": prospect.refused.is_none(),
        "refused": prospect.refused,
        "releases": releases.collect::<Vec<_>>(),
        "stages": prospect
            .steps
            .iter()
            .map(|step| {
                let detects = power::of_stage(fleet, signals, &prospect.plan.moves, &step.stage, moment.now);
                stage_json(step, &detects, moment)
            })
            .collect::<Vec<_>>(),
        "conflicts": prospect.clashes.iter().map(|clash| clash_json(fleet, clash, moment)).collect::<Vec<_>>(),
        "preflight": checks.collect::<Vec<_>>(),
        "done": prospect.done(),
    })
    .to_string()
}

fn span_json(span: Option<Span>) -> Value {
    span.map_or(Value::Null, |span| json!({ "enters": span.enters, "arrives": span.arrives, "leaves": span.leaves }))
}

fn need_json(need: &Need, moment: &Moment) -> Value {
    json!({ "what": need.what, "who": need.who, "at": need.at, "local": need.at.map(|at| moment.day_clock(at)) })
}

fn stage_json(step: &Step, detects: &Detects, moment: &Moment) -> Value {
    let (stage, exposed) = (&step.stage, &step.exposure);
    json!({
        "environment": stage.environment,
        "name": stage.name,
        "share": stage.share.as_f64(),
        "granted": stage.granted(),
        "grants": stage.grants,
        "bake": stage.bake,
        "earliest": span_json(step.earliest),
        "average": span_json(step.average),
        "p95": span_json(step.p95),
        "passages": step.passages,
        "requires": step.requires.iter().map(RequirementKind::word).collect::<Vec<_>>(),
        "people": step.needs.iter().map(|need| need_json(need, moment)).collect::<Vec<_>>(),
        "exposure": {
            "instances": exposed.instances,
            "of": exposed.of,
            "rps": exposed.rps,
            "share": exposed.share.as_f64(),
            "basis": exposed.rps_basis.word(),
            "users": exposed.users,
            "cells": exposed.cells,
            "budget_lasts": exposed.budget_lasts,
        },
        "sees": super::detects::json(detects),
        "green": stage.green,
        "back": {
            "flags_off_first": step.back.flags,
            "users_safe": step.back.users_safe,
            "all_old": step.back.all_old,
            "barred": step.back.barred,
            "kept": step.back.kept,
        },
    })
}

fn clash_json(fleet: &Fleet, clash: &Clash, moment: &Moment) -> Value {
    let (kind, stage, who) = match clash {
        Clash::Closed(found) => ("window", Some(&found.cut.stage), "the clock"),
        Clash::Waits { stage, .. } => ("window", Some(stage), "the clock"),
        Clash::Kept { stage, kind, who, .. } => (kind.word(), Some(stage), who.as_str()),
        Clash::Misfit(_) => ("siblings", None, "whoever names the releases"),
    };
    json!({ "kind": kind, "before": stage, "words": clash.words(fleet, moment), "who": who })
}
