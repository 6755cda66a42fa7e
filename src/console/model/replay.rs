//! A recording shown as it was lived: where in it one is, and whether it goes on by itself.

use std::sync::Arc;

use crate::domain::change::Change;
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::Seq;
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::evidence::reading::Batch;

use super::travel::Shows;
use super::{Model, travel};

/// No sooner than this is the next moment shown, however fast it goes.
const FRAME: Period = Period::from_millis(50);

/// Where in a recording one is.
#[derive(Clone, Debug)]
pub(super) struct Playhead {
    /// On the recording's clock.
    pub at: EngineTime,
    /// The last thing written down.
    end: EngineTime,
    /// While it goes on by itself: since when, by the wall, and from where.
    playing: Option<(ConsoleTime, EngineTime)>,
    /// Everything as of the last change read.
    last: Arc<Fleet>,
}

impl Playhead {
    pub fn is_playing(&self) -> bool {
        self.playing.is_some() && !self.is_at_end()
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    /// The last thing written down.
    pub const fn end(&self) -> EngineTime {
        self.end
    }

    /// The wall was set back: time goes on from there.
    pub fn set_back(&mut self, wall: ConsoleTime) {
        self.playing = self.playing.map(|_| (wall, self.at));
    }

    /// Stands still at a moment.
    pub fn pause_at(&mut self, at: EngineTime) {
        (self.at, self.playing) = (at, None);
    }
}

/// Takes the next part of a recording in. The first one begins the replay.
pub(super) fn recorded(model: &mut Model, changes: Vec<Change>, batches: &[Arc<Batch>]) {
    let first = changes.first().map(|change| change.at).into_iter().chain(batches.first().map(|batch| batch.at)).min();
    let Some(first) = first else { return };
    let at = model.console_now;
    if !matches!(model.time.shows, Shows::Replay(_)) {
        let playhead = Playhead { at: first, end: first, playing: Some((at, first)), last: Arc::default() };
        model.time.history = History::since(Arc::default(), usize::MAX);
        model.time.shows = Shows::Replay(Box::new(playhead));
        model.hearing.last = Some(at);
    }
    let time = &mut model.time;
    let Shows::Replay(playhead) = &mut time.shows else { return };
    if playhead.is_at_end() && playhead.playing.is_some() {
        playhead.playing = Some((at, playhead.at));
    }
    for change in changes {
        Arc::make_mut(&mut playhead.last).apply(&change);
        playhead.end = playhead.end.max(change.at);
        time.timeline.note(&playhead.last, &change);
        time.history.push(change, &playhead.last);
    }
    for batch in batches {
        playhead.end = playhead.end.max(batch.at);
        time.tape.push(batch);
    }
    advance(model);
}

/// Lets the time pass that has passed on the wall.
pub(super) fn advance(model: &mut Model) {
    let (now, speed) = (model.console_now, model.setup.source.speed);
    let Shows::Replay(playhead) = &mut model.time.shows else { return };
    if let Some((since, from)) = playhead.playing {
        let to = from + Period::from_secs_f64(now.since(since).secs_f64() * speed);
        playhead.at = playhead.at.max(to.min(playhead.end));
    }
    let at = playhead.at;
    while let Some(next) = model.time.history.change(Seq(model.fleet.seq().0 + 1)).filter(|next| next.at <= at) {
        Arc::make_mut(&mut model.fleet).apply(next);
    }
    let read = model.signals.last_tick().unwrap_or(EngineTime::from_millis(i64::MIN));
    for batch in model.time.tape.between(read, at) {
        model.signals.ingest(batch);
    }
}

/// Goes on, or stands still. At its end it begins anew.
pub(super) fn play(model: &mut Model) {
    let now = model.console_now;
    let first = model.time.history.changes().next().map(|change| change.seq);
    let Shows::Replay(playhead) = &mut model.time.shows else { return };
    if playhead.is_playing() {
        playhead.playing = None;
        return;
    }
    if playhead.is_at_end()
        && let Some(first) = first
    {
        travel::go(model, first);
    }
    if let Shows::Replay(playhead) = &mut model.time.shows {
        playhead.playing = Some((now, playhead.at));
    }
}

/// When something that is shown changes next; `None` while it stands still.
pub(super) fn due(model: &Model) -> Option<ConsoleTime> {
    let Shows::Replay(playhead) = &model.time.shows else { return None };
    if !playhead.is_playing() || model.setup.source.speed <= 0.0 {
        return None;
    }
    let change = model.time.history.change(Seq(model.fleet.seq().0 + 1)).map(|change| change.at);
    let tick = model.time.tape.between(playhead.at, playhead.end).next().map(|batch| batch.at);
    let next = change.into_iter().chain(tick).min()?;
    let left = Period::from_secs_f64((next - playhead.at).secs_f64() / model.setup.source.speed);
    Some(model.console_now + if left > FRAME { left } else { FRAME })
}
