//! The steps of a rollback: how far each is, how long it took, and what goes on in the one that is under way.

use crate::console::theme::{Glyph, Role};
use crate::domain::exposure;
use crate::domain::placement::Instance;
use crate::domain::rollback::{Rollback, RollbackStep, StepKind};
use crate::domain::time::{EngineTime, Period};

use super::super::line::Line;
use super::words::{environment, rate};
use super::{On, Room};

/// The table, heading first.
pub(in crate::console::view) fn lines(on: On<'_>, rollback: &Rollback, room: Room) -> Vec<Line> {
    let (done_end, took, now) = match room.width {
        120.. => (42, 46, 60),
        76.. => (32, 36, 48),
        _ => (27, 29, 39),
    };
    let heading = Line::of(Role::Heading, "   step").right(done_end, Role::Heading, "done");
    let mut lines = vec![heading.at(took).then(Role::Heading, "took").at(now).then(Role::Heading, "now")];
    // Nothing waits for a flag: what is under way is what comes after it.
    let is_flag = |step: &RollbackStep| matches!(step.kind, StepKind::FlagOff { .. });
    let mut each = rollback.finished.iter().zip(&rollback.plan.steps);
    let current = each.position(|(finished, step)| finished.is_none() && !is_flag(step));
    let mut began = rollback.decided;
    for (index, step) in rollback.plan.steps.iter().enumerate() {
        let finished = rollback.finished.get(index).copied().flatten();
        if is_flag(step) && finished.is_some() && room.height < 14 {
            continue;
        }
        if step.instances == 0 && step.kind != StepKind::Stop {
            began = finished.unwrap_or(began);
            continue;
        }
        let is_current = current == Some(index) && on.push.is_open();
        let (glyph, role) = match finished {
            Some(_) => (Glyph::Met, Role::Dim),
            None if is_current || (is_flag(step) && on.push.is_open()) => (Glyph::Moving, Role::Moving),
            None => (Glyph::Waits, Role::Text),
        };
        let text = if finished.is_some() { Role::Dim } else { Role::Text };
        // No bar: no step can be selected.
        let line = Line::of(Role::Text, " ").then(role, glyph.symbol());
        let line = line.then(if is_current { Role::Strong } else { text }, format!(" {}", name(step)));
        let line = line.right(done_end, text, done(on, step)).at(took).then(text, took_text(finished, began));
        let line = line.at(now).then(text, state(on, rollback, index, is_current));
        lines.push(line.cut(room.width));
        if !is_flag(step) {
            began = finished.unwrap_or(began);
        }
    }
    lines
}

fn name(step: &RollbackStep) -> String {
    match &step.kind {
        StepKind::Stop => "stop".to_owned(),
        StepKind::FlagOff { flag } => format!("flag {flag} off"),
        StepKind::Drain => "drain".to_owned(),
        StepKind::SwitchBack { service, to } | StepKind::Reinstall { service, to } => {
            format!("{service} {} {to}", Glyph::Arrow.symbol())
        }
    }
}

fn took_text(finished: Option<EngineTime>, began: EngineTime) -> String {
    finished.map(|at| at.since(began).max(Period::from_secs(1)).to_string()).unwrap_or_default()
}

/// How many of a step's instances are where it takes them.
fn done(on: On<'_>, step: &RollbackStep) -> String {
    let Some(at) = environment(on.fleet, on.push) else { return String::new() };
    let left: u32 = match &step.kind {
        StepKind::Stop => return String::new(),
        StepKind::FlagOff { flag } => {
            let taken = on.fleet.flag(flag).filter(|(_, state)| !state.on).and_then(|(_, state)| state.seen);
            step.instances.saturating_sub(taken.map_or(0, |(taken, _)| taken))
        }
        StepKind::Drain => on
            .push
            .plan
            .moves
            .iter()
            .filter_map(|part| on.fleet.placement(&part.service, &at.id))
            .flat_map(|placement| placement.instances().map(move |(_, _, instance)| (placement, instance)))
            .filter(|(placement, instance)| instance.serving && on.push.brings(&placement.id.service, &at.id, &instance.version))
            .count() as u32,
        StepKind::SwitchBack { service, to } | StepKind::Reinstall { service, to } => {
            on.fleet.placement(service, &at.id).map_or(0, |placement| {
                let settled = |instance: &Instance| instance.is_settled_on(to);
                let settled = placement.cells.keys().map(|cell| placement.count_where(cell, settled));
                placement.size().saturating_sub(settled.sum::<u32>())
            })
        }
    };
    format!("{} of {}", step.instances.saturating_sub(left), step.instances)
}

/// What a step is doing, or what it waits for.
fn state(on: On<'_>, rollback: &Rollback, index: usize, is_current: bool) -> String {
    let Some(step) = rollback.plan.steps.get(index) else { return String::new() };
    let finished = rollback.finished.get(index).copied().flatten().is_some();
    match &step.kind {
        StepKind::Drain if finished || is_current => {
            let met = exposure::now(on.fleet, on.push).map_or(0.0, |now| now.rps);
            format!("{} requests/s meet it", rate(met))
        }
        _ if finished || matches!(step.kind, StepKind::Stop) => String::new(),
        StepKind::FlagOff { .. } => "the drain does not wait for it".to_owned(),
        _ if is_current => {
            let (ready, needed) = capacity(on);
            format!("{ready} ready, {needed} needed")
        }
        _ if !on.push.is_open() => String::new(),
        _ => match index.checked_sub(1).and_then(|before| rollback.plan.steps.get(before)) {
            Some(RollbackStep { kind: StepKind::Reinstall { service, .. }, .. }) => format!("after {service}, {}", step.takes),
            _ => format!("then, {}", step.takes),
        },
    }
}

/// Instances that serve, and that must at the declared peak, over all siblings.
fn capacity(on: On<'_>) -> (u32, u32) {
    let Some(at) = environment(on.fleet, on.push) else { return (0, 0) };
    let placements = on.push.plan.moves.iter().filter_map(|part| on.fleet.placement(&part.service, &at.id));
    placements.fold((0, 0), |(ready, needed), placement| {
        let here: u32 = at.cells.iter().map(|cell| on.fleet.needed_in(&placement.id, &cell.id)).sum();
        (ready + placement.serving(), needed + here)
    })
}
