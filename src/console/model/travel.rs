//! Which moment the console shows: now, one that has passed, or where a replay has come to.
//!
//! Going into the past puts what is now aside and lets it live on: news is folded into it as before, and row 3 tells of what got
//! worse there. What is shown is the history's fleet right after a change, with the numbers that had been read by then. Nothing can be
//! done in the past. Stopping and going back are the exception, since they must never be hard: they return to now first, and then act
//! if the keys still hit what they hit before.
//!
//! History reaches back over [`KEPT`] changes at most and half as many at least; where a push is longer than that, the scrub bar says
//! from when on it is there. A replay holds the whole recording.

use std::sync::Arc;

use crate::console::keymap::{Action, Place as Keys};
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::Seq;
use crate::domain::time::{EngineTime, Period};
use crate::evidence::reading::Batch;
use crate::evidence::series::Signals;
use crate::evidence::tape::Tape;

use super::place::Place;
use super::replay::Playhead;
use super::screen::{RowKey, Screen};
use super::timeline::{Timeline, Tone, Weight};
use super::toast::{Toast, ToastKind};
use super::urgent::Urgent;
use super::{Model, Rows, meant, permit, place, urgent};

/// How many changes are kept while a backend is followed.
pub(super) const KEPT: usize = 10_000;

/// What led here, and which moment of it is shown.
#[derive(Clone, Debug)]
pub(super) struct Time {
    pub history: History,
    pub tape: Tape,
    pub timeline: Timeline,
    pub shows: Shows,
}

impl Default for Time {
    fn default() -> Self {
        Self {
            history: History::since(Arc::default(), KEPT),
            tape: Tape::default(),
            timeline: Timeline::default(),
            shows: Shows::Now,
        }
    }
}

/// Which moment is shown.
#[derive(Clone, Debug)]
pub(super) enum Shows {
    /// What is so now.
    Now,
    /// What was so then.
    Past(Box<Away>),
    /// What had been written down by then.
    Replay(Box<Playhead>),
}

/// A stay in the past.
#[derive(Clone, Debug)]
pub(super) struct Away {
    /// The change that the moment is right after.
    pub seq: Seq,
    /// When that was.
    pub at: EngineTime,
    /// What is so now, and lives on.
    now: Present,
    /// The most urgent thing when one left.
    left: Option<Urgent>,
    /// The most urgent thing now, where it is worse than that.
    worse: Option<Urgent>,
    /// Where the person was when they left.
    place: Place,
    /// Whether they have moved about since.
    moved: bool,
}

/// What is so now, put aside.
#[derive(Clone, Debug)]
struct Present {
    fleet: Arc<Fleet>,
    signals: Signals,
    rows: Rows,
}

/// Which moment is shown, for those who draw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// What is so now.
    Now,
    /// What was so right after a change.
    Past {
        /// Which change.
        seq: Seq,
        /// How long ago.
        ago: Period,
    },
    /// Where a replay has come to.
    Replay {
        /// The last change that was folded.
        seq: Seq,
        /// Whether it goes on by itself.
        playing: bool,
        /// Whether there is no more.
        ended: bool,
    },
}

/// Which moment is shown.
pub(super) fn when(model: &Model) -> When {
    match &model.time.shows {
        Shows::Now => When::Now,
        Shows::Past(away) => When::Past { seq: away.seq, ago: model.heard_now().since(away.at) },
        Shows::Replay(playhead) => {
            When::Replay { seq: model.fleet.seq(), playing: playhead.is_playing(), ended: playhead.is_at_end() }
        }
    }
}

/// Everything as of the last change heard, whatever moment is shown.
pub(super) fn newest(model: &Model) -> &Arc<Fleet> {
    match &model.time.shows {
        Shows::Past(away) => &away.now.fleet,
        Shows::Now | Shows::Replay(_) => &model.fleet,
    }
}

/// The same, to be altered.
pub(super) fn newest_mut(model: &mut Model) -> &mut Arc<Fleet> {
    match &mut model.time.shows {
        Shows::Past(away) => &mut away.now.fleet,
        Shows::Now | Shows::Replay(_) => &mut model.fleet,
    }
}

/// Takes a tick's numbers.
pub(super) fn readings(model: &mut Model, batch: &Arc<Batch>) {
    model.time.tape.push(batch);
    match &mut model.time.shows {
        Shows::Past(away) => away.now.signals.ingest(batch),
        Shows::Now | Shows::Replay(_) => model.signals.ingest(batch),
    };
}

/// Shows the moment right after a change. Nothing happens where it is not kept.
pub(super) fn go(model: &mut Model, seq: Seq) {
    let Some(fleet) = model.time.history.at(seq) else { return };
    let at = model.time.history.change(seq).map_or_else(|| fleet.at(), |change| change.at);
    let (fleet, signals) = (Arc::new(fleet), model.time.tape.at(at));
    match &mut model.time.shows {
        Shows::Replay(playhead) => {
            playhead.pause_at(at);
            (model.fleet, model.signals) = (fleet, signals);
        }
        Shows::Past(away) => {
            (away.seq, away.at) = (seq, at);
            (model.fleet, model.signals) = (fleet, signals);
        }
        Shows::Now => {
            let left = model.rows.urgent.clone();
            let now = Present {
                fleet: std::mem::replace(&mut model.fleet, fleet),
                signals: std::mem::replace(&mut model.signals, signals),
                rows: std::mem::take(&mut model.rows),
            };
            let place = model.place.clone();
            model.time.shows = Shows::Past(Box::new(Away { seq, at, now, left, worse: None, place, moved: false }));
        }
    }
    model.place.select(Screen::Timeline, RowKey::Entry(seq));
}

/// Shows what is so now again. Whoever has not moved about meanwhile finds everything where they left it.
pub(super) fn to_now(model: &mut Model) {
    match std::mem::replace(&mut model.time.shows, Shows::Now) {
        Shows::Past(away) => {
            (model.fleet, model.signals, model.rows) = (away.now.fleet, away.now.signals, away.now.rows);
            if !away.moved {
                let mut place = away.place;
                place.overlays = std::mem::take(&mut model.place.overlays);
                model.place = place;
            }
        }
        other => model.time.shows = other,
    }
}

/// The person went somewhere in the past: they are to stay there when they return.
pub(super) fn moved(model: &mut Model) {
    if let Shows::Past(away) = &mut model.time.shows {
        away.moved = true;
    }
}

/// Goes to the next thing that happened before (−1) or after (1) the moment shown, of those that weigh so much.
pub(super) fn step(model: &mut Model, by: isize, weight: Weight) {
    let here = model.fleet.seq();
    let is_one = |row: &&super::TimelineRow| row.weight >= weight;
    let rows = &model.time.timeline;
    let found = if by < 0 {
        // From now the first step shows the last thing that happened, as it was then.
        let before = if matches!(model.time.shows, Shows::Now) { Seq(here.0 + 1) } else { here };
        rows.rows().find(|row| row.seq < before && is_one(row)).map(|row| row.seq)
    } else {
        rows.rows().rev().find(|row| row.seq > here && is_one(row)).map(|row| row.seq)
    };
    match found {
        Some(seq) => go(model, seq),
        None => nowhere(model, by),
    }
}

fn nowhere(model: &mut Model, by: isize) {
    let back = permit::key(model, Action::Back);
    let text = match (&model.time.shows, by < 0) {
        (_, true) if model.time.history.is_whole() => "nothing of the kind happened before that".to_owned(),
        (_, true) => format!(
            "nothing of the kind is kept from before that: history is here from {} on",
            model.moment().clock(model.time.history.from().at())
        ),
        (Shows::Now, false) => "this is now; nothing comes after it".to_owned(),
        (Shows::Past(_), false) => format!("nothing of the kind happened after that; {back} returns to now"),
        (Shows::Replay(_), false) => "nothing of the kind comes after that in this recording".to_owned(),
    };
    model.toast = Some(Toast { text, kind: ToastKind::Note, since: model.console_now });
}

/// Returns to now for a key that stops or goes back.
///
/// # Errors
/// Where it would hit something else than it would have in the past: in a sentence.
pub(super) fn rescue(model: &mut Model, action: Action) -> Result<(), String> {
    let then = meant::meant(model);
    to_now(model);
    model.refresh();
    place::settle(model);
    let now = meant::meant(model);
    if action == Action::StopAll || then == now {
        return Ok(());
    }
    let keys = permit::key(model, action);
    let is_open = |name: &String| if name.is_empty() { "nothing that moves".to_owned() } else { name.clone() };
    let selected = is_open(&meant::names(model, &now));
    let all = permit::key(model, Action::StopAll);
    Err(format!("back to now, where {selected} is selected and nothing was done yet: {keys} again acts on it; to stop all, {all}"))
}

/// Brings up to date what row 3 says of now while something else is shown.
pub(super) fn watch_now(model: &mut Model) {
    if !is_past(model) {
        return;
    }
    let Shows::Past(mut away) = std::mem::replace(&mut model.time.shows, Shows::Now) else { return };
    let swap = |model: &mut Model, away: &mut Away| {
        std::mem::swap(&mut model.fleet, &mut away.now.fleet);
        std::mem::swap(&mut model.signals, &mut away.now.signals);
        std::mem::swap(&mut model.rows, &mut away.now.rows);
    };
    swap(model, &mut away);
    model.refresh_rows();
    model.rows.urgent = urgent::urgent(model);
    let now = model.rows.urgent.clone();
    swap(model, &mut away);
    let worse = now.filter(|now| is_worse(away.left.as_ref(), now));
    away.worse = worse.map(|worse| Urgent { text: format!("NOW: {}", worse.text), ..worse });
    model.time.shows = Shows::Past(away);
}

/// Whether something is more urgent than what was, or as urgent and something else.
fn is_worse(left: Option<&Urgent>, now: &Urgent) -> bool {
    left.is_none_or(|left| now.tone > left.tone || now.tone == left.tone && now.tone >= Tone::Waiting && now.target != left.target)
}

/// What row 3 says of now while something else is shown: only what got worse since.
pub(super) fn worse_now(model: &Model) -> Option<Urgent> {
    match &model.time.shows {
        Shows::Past(away) => away.worse.clone(),
        Shows::Now | Shows::Replay(_) => None,
    }
}

/// From when to when there is something to go to.
pub(super) fn span(model: &Model) -> (EngineTime, EngineTime, bool) {
    let history = &model.time.history;
    let first = history.changes().next().map_or_else(|| history.from().at(), |change| change.at);
    let until = match &model.time.shows {
        Shows::Replay(playhead) => playhead.end(),
        Shows::Now | Shows::Past(_) => model.heard_now(),
    };
    let push = model.selected_push().and_then(|push| model.fleet.push(push));
    let began = push.map(|push| push.plan.requested).filter(|began| *began > first && *began < model.now());
    (began.unwrap_or(first), until, began.is_none() && !history.is_whole())
}

/// Whether the moment shown is one in which nothing can be done.
pub(super) fn is_past(model: &Model) -> bool {
    matches!(model.time.shows, Shows::Past(_))
}

/// Why there is nothing to play.
pub(super) fn nothing_to_play(model: &Model) -> String {
    format!("only a replay stands still and goes on; to go back in time, {}", permit::key(model, Action::Earlier))
}

/// Why a key that acts does nothing.
pub(super) fn refusal(model: &Model) -> String {
    let back = model.setup.keymap.keys(Action::Back, Keys::Screen).first().map_or_else(|| "Esc".to_owned(), |key| key.label());
    format!("this is the past, {back} returns to now")
}
