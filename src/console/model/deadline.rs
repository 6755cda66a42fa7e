//! When something shown changes by time alone: the runtime sleeps until then.

use crate::domain::push::{Push, STOP_PATIENCE};
use crate::domain::time::{ConsoleTime, Period};

use super::overlay::Overlay;
use super::toast::Toast;
use super::{Model, STALE, When, replay, travel, turning};

/// When the runtime should send an [`Event::Tick`](super::Event::Tick) if nothing else happens before. `None` only before the first
/// news: then there is nothing that could change.
pub fn next_deadline(model: &Model) -> Option<ConsoleTime> {
    let now = model.console_now();
    let mut times =
        vec![minute(model), model.toast().and_then(Toast::until), turning::due(model), stale(model), replay::due(model)];
    if let Some(Overlay::Confirm(dialog)) = model.overlay() {
        times.push(dialog.arming.armed_at());
    }
    if is_moving(model) {
        times.push(Some(second(now)));
    }
    times.extend(stops(model));
    times.into_iter().flatten().filter(|at| *at > now).min()
}

/// When the clock in the header changes: at the next full minute of the engine's time, but not more often than once a second.
fn minute(model: &Model) -> Option<ConsoleTime> {
    let (engine, heard) = model.hearing.clock?;
    let speed = model.source().speed;
    if model.hearing.ended.is_some() || speed <= 0.0 || model.console_now.since(heard) >= STALE {
        return None;
    }
    let engine = engine.max(model.heard_now());
    let left = 60_000 - engine.millis().rem_euclid(60_000);
    Some(model.console_now + Period::from_secs_f64(left as f64 / 1_000.0 / speed).max(Period::from_secs(1)))
}

/// When the news becomes stale, and after that each second, in which its age is counted.
fn stale(model: &Model) -> Option<ConsoleTime> {
    let heard = model.hearing.last.filter(|_| model.hearing.ended.is_none() && !model.source().recorded)?;
    let at = heard + STALE + Period::from_millis(1);
    Some(if at > model.console_now { at } else { second(model.console_now) })
}

fn second(now: ConsoleTime) -> ConsoleTime {
    ConsoleTime::from_millis((now.millis().div_euclid(1_000) + 1) * 1_000)
}

/// Whether figures that count in seconds are on the screen: while a push is under way and its clock runs.
fn is_moving(model: &Model) -> bool {
    let goes_on = match model.when() {
        When::Replay { playing, .. } => playing,
        When::Now | When::Past { .. } => model.hearing.ended.is_none() && !has_stood_still(model),
    };
    goes_on && model.source().speed > 0.0 && travel::newest(model).pushes().any(Push::is_open)
}

/// Whether it is a recording from which nothing more has come for so long that its clock stands.
fn has_stood_still(model: &Model) -> bool {
    let heard = model.hearing.clock.map(|(_, heard)| heard);
    model.source().recorded && heard.is_none_or(|heard| model.console_now.since(heard) >= STALE)
}

/// When a stop that is not observed will count as NOT STOPPED.
fn stops(model: &Model) -> impl Iterator<Item = Option<ConsoleTime>> {
    let (now, speed) = (model.heard_now(), model.source().speed);
    let is_replay = matches!(model.when(), When::Replay { .. });
    travel::newest(model).pushes().filter(move |_| !is_replay).filter_map(move |push| {
        let stop = push.stop.as_ref().filter(|stop| stop.observed.is_none() && speed > 0.0)?;
        let left = now.until(stop.asked + STOP_PATIENCE + Period::from_millis(1));
        Some((!left.is_zero()).then(|| model.console_now + Period::from_secs_f64(left.secs_f64() / speed)))
    })
}
