//! Whatever comes in besides signals: from the keyboard, from the backend, and what became of effects.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;

use super::Input;
use crate::backend::port::{Observer, Update};
use crate::console::model::Event;
use crate::domain::command::Outcome;
use crate::domain::id::{CommandId, PlacementId};
use crate::domain::time::ConsoleTime;
use crate::evidence::instances::Instances;

/// What became of an effect.
pub(super) enum Done {
    /// The backend's answer to a command.
    Answer(CommandId, Outcome),
    /// What each instance of a placement says, or why nobody can tell.
    Instances(PlacementId, Result<Instances, String>),
    /// The tool that took a text for the clipboard; none did where there is no name.
    Copied(Option<&'static str>, String),
}

/// One thing that came in.
pub(super) enum News {
    Input(Input),
    Done(Done),
    Update(Update),
}

pub(super) struct Sources {
    pub input: mpsc::Receiver<Input>,
    pub updates: mpsc::Receiver<Update>,
    pub done: mpsc::Receiver<Done>,
}

impl Sources {
    pub async fn next(&mut self) -> News {
        tokio::select! {
            biased;
            input = self.input.recv() => News::Input(input.unwrap_or(Input::Closed)),
            Some(done) = self.done.recv() => News::Done(done),
            Some(update) = self.updates.recv() => News::Update(update),
        }
    }

    pub fn ready(&mut self) -> Option<News> {
        let input = self.input.try_recv().ok().map(News::Input);
        input.or_else(|| self.done.try_recv().ok().map(News::Done)).or_else(|| self.updates.try_recv().ok().map(News::Update))
    }
}

/// Moves a backend's stream into a bounded channel, so that what is ready can be taken without waiting.
pub(super) fn forward(observer: &dyn Observer) -> mpsc::Receiver<Update> {
    let (say, hear) = mpsc::channel(256);
    let mut stream = observer.changes();
    tokio::spawn(async move {
        while let Some(update) = stream.next().await {
            if say.send(update).await.is_err() {
                return;
            }
        }
    });
    hear
}

/// How long a backend may take to answer before that counts as no answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Asks what each instance says; the answer comes when it does.
pub(super) fn ask_instances(observer: &dyn Observer, placement: PlacementId, tell: mpsc::Sender<Done>) {
    let question = observer.instances(placement.clone());
    tokio::spawn(async move {
        let told = tokio::time::timeout(PATIENCE, question).await;
        let told = told.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())));
        // The console may have been quit meanwhile.
        let _ = tell.send(Done::Instances(placement, told)).await;
    });
}

/// The backend's news in the model's words.
pub fn heard(update: Update, at: ConsoleTime) -> Event {
    match update {
        Update::Snapshot(fleet) => Event::Snapshot(fleet),
        Update::Past(history) => Event::Past(history),
        Update::Recorded { changes, batches } => Event::Recorded { changes, batches },
        Update::Changes(changes) => Event::Changes(changes),
        Update::Readings(batch) => Event::Readings(batch),
        Update::Heartbeat { at: engine, seq } => Event::Heartbeat { at: engine, seq, heard: at },
        Update::Ended { why } => Event::Ended { why },
    }
}

/// The wall clock.
pub fn wall_clock() -> ConsoleTime {
    ConsoleTime::from_millis(Timestamp::now().as_millisecond())
}

/// How long a new stream may take to begin before yet another is asked for.
const AGAIN: Duration = Duration::from_secs(5);

/// When a stream with a gap is replaced by a new one: at once, and then as often as [`AGAIN`] while the gap stays.
#[derive(Debug, Default)]
pub(super) struct Resync {
    asked: Option<Instant>,
}

impl Resync {
    pub fn is_due(&mut self, missing: bool, now: Instant) -> bool {
        if !missing {
            self.asked = None;
            return false;
        }
        let due = self.asked.is_none_or(|asked| now.duration_since(asked) >= AGAIN);
        if due {
            self.asked = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_mended_at_once_and_not_again_before_the_new_stream_had_its_time() {
        let (mut resync, start) = (Resync::default(), Instant::now());
        assert!(!resync.is_due(false, start));
        assert!(resync.is_due(true, start));
        assert!(!resync.is_due(true, start + Duration::from_secs(4)));
        assert!(resync.is_due(true, start + Duration::from_secs(5)));
        assert!(!resync.is_due(false, start + Duration::from_secs(6)), "mended");
        assert!(resync.is_due(true, start + Duration::from_secs(7)), "another gap");
    }
}
