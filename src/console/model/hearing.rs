//! What is heard of the backend: its news in order and without a gap, and its clock.

use std::sync::Arc;

use crate::domain::change::Change;
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::Seq;
use crate::domain::time::{ConsoleTime, EngineTime};

use super::travel::{KEPT, Shows};
use super::{Model, travel};

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
    let engine = |fleet: &Fleet| fleet.engine().map(|(engine, _)| engine);
    let known = travel::newest(model);
    let is_next = engine(known).is_none() || engine(known) == engine(&fleet);
    if !is_next || fleet.seq() != model.time.history.seq() {
        // A history with a hole in it leads nowhere; what is kept elsewhere follows.
        travel::to_now(model);
        model.time.history = History::since(Arc::clone(&fleet), KEPT);
        model.time.timeline.retell(&model.time.history);
    }
    *travel::newest_mut(model) = fleet;
    model.hearing.gap = false;
    model.hearing.ended = None;
    model.hearing.last = Some(model.console_now);
    model.hearing.clock = Some((travel::newest(model).at(), model.console_now));
}

/// What led to the snapshot, where it reaches further back than what is known.
pub(super) fn past(model: &mut Model, history: History) {
    let known = &model.time.history;
    if history.seq() == known.seq() && history.from().seq() < known.from().seq() {
        model.time.timeline.retell(&history);
        model.time.history = history.at_most(KEPT);
    }
}

/// What happened since. From a gap on nothing is folded any more: a fleet with a hole in its past is nobody's fleet.
pub(super) fn changes(model: &mut Model, changes: Vec<Change>) {
    for change in changes {
        let known = travel::newest(model).seq();
        if model.hearing.gap || change.seq <= known {
            continue;
        }
        if change.seq.0 != known.0 + 1 {
            model.hearing.gap = true;
            break;
        }
        let newest = travel::newest_mut(model);
        Arc::make_mut(newest).apply(&change);
        let newest = Arc::clone(newest);
        model.time.timeline.note(&newest, &change);
        model.time.history.push(change, &newest);
    }
    let kept = model.time.history.from().seq();
    model.time.timeline.forget_before(kept);
    if matches!(&model.time.shows, Shows::Past(away) if away.seq < kept) {
        travel::to_now(model);
    }
    model.hearing.last = Some(model.console_now);
}

/// The backend is alive. Changes and heartbeats arrive in order: one that names a change not seen here tells of a gap.
pub(super) fn heartbeat(model: &mut Model, at: EngineTime, seq: Seq, heard: ConsoleTime) {
    wall(model, heard);
    if model.hearing.last.is_none() {
        return;
    }
    model.hearing.gap |= seq > travel::newest(model).seq();
    model.hearing.last = Some(heard);
    model.hearing.clock = Some((at, heard));
    model.hearing.beat = (model.hearing.beat + 1) % 4;
}

/// The wall clock is now this. Where it was set back, nothing may look younger for it.
pub(super) fn wall(model: &mut Model, at: ConsoleTime) {
    if at < model.console_now {
        model.hearing.last = model.hearing.last.map(|last| last.min(at));
        model.hearing.clock = model.hearing.clock.map(|(engine, heard)| (engine, heard.min(at)));
        model.turning.set_back(at);
        if let Shows::Replay(playhead) = &mut model.time.shows {
            playhead.set_back(at);
        }
    }
    model.console_now = at;
}
