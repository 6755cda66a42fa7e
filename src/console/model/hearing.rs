//! What is heard of the backend: its news in order and without a gap, and its clock.

use std::sync::Arc;

use crate::domain::change::Change;
use crate::domain::fleet::Fleet;
use crate::domain::id::Seq;
use crate::domain::time::{ConsoleTime, EngineTime};

use super::{Model, timeline};

/// What was heard of the backend, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Hearing {
    /// The engine's clock when it was last heard, and when that was here.
    pub clock: Option<(EngineTime, ConsoleTime)>,
    /// When anything was last heard.
    pub last: Option<ConsoleTime>,
    /// Why nothing more will come.
    pub ended: Option<String>,
    /// Whether a change is missing.
    pub gap: bool,
    /// Heartbeats heard, modulo 4.
    pub beat: u8,
}

/// Everything anew. What was held of the past may belong to another engine and is forgotten, except what is being waited for.
pub(super) fn snapshot(model: &mut Model, fleet: Arc<Fleet>) {
    let same = model.fleet.engine().is_none()
        || model.fleet.engine().map(|(engine, _)| engine) == fleet.engine().map(|(engine, _)| engine);
    if !same || fleet.seq() < model.fleet.seq() {
        model.rows.timeline.clear();
    }
    model.fleet = fleet;
    model.hearing.gap = false;
    model.hearing.ended = None;
    model.hearing.last = Some(model.console_now);
    model.hearing.clock = Some((model.fleet.at(), model.console_now));
}

/// What led to the snapshot. Only what is not on the timeline yet is told.
pub(super) fn past(model: &mut Model, changes: &[Change]) {
    let known = model.rows.timeline.front().map_or(Seq(0), |row| row.seq);
    for change in changes.iter().filter(|change| change.seq > known) {
        timeline::note(&mut model.rows.timeline, &model.fleet, change);
    }
}

/// What happened since. From a gap on nothing is folded any more: a fleet with a hole in its past is nobody's fleet.
pub(super) fn changes(model: &mut Model, changes: &[Change]) {
    for change in changes {
        let known = model.fleet.seq();
        if model.hearing.gap || change.seq <= known {
            continue;
        }
        if change.seq.0 != known.0 + 1 {
            model.hearing.gap = true;
            break;
        }
        Arc::make_mut(&mut model.fleet).apply(change);
        timeline::note(&mut model.rows.timeline, &model.fleet, change);
    }
    model.hearing.last = Some(model.console_now);
}

/// The backend is alive. Changes and heartbeats arrive in order: one that names a change not seen here tells of a gap.
pub(super) fn heartbeat(model: &mut Model, at: EngineTime, seq: Seq, heard: ConsoleTime) {
    wall(model, heard);
    if model.hearing.last.is_none() {
        return;
    }
    model.hearing.gap |= seq > model.fleet.seq();
    model.hearing.last = Some(heard);
    model.hearing.clock = Some((at, heard));
    model.hearing.beat = (model.hearing.beat + 1) % 4;
}

/// The wall clock is now this. Where it was set back, nothing may look younger for it.
pub(super) fn wall(model: &mut Model, at: ConsoleTime) {
    if at < model.console_now {
        model.hearing.last = model.hearing.last.map(|last| last.min(at));
        model.hearing.clock = model.hearing.clock.map(|(engine, heard)| (engine, heard.min(at)));
        model.turned = model.turned.min(at);
    }
    model.console_now = at;
}
