//! One sitting at a terminal: from taking it to giving it back.

use std::io;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rand::RngExt as _;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use uuid::Uuid;

use super::{
    Cause, DRAIN, Input, Pace, Screen, Signal, Signals, TerminalGuard, buffered_stdout, install_panic_hook, read_input,
    terminal_size,
};
use crate::backend::port::{Actuator, Observer, Update};
use crate::console::keymap::{Access, Keymap};
use crate::console::model::{Chance, Effect, Event, Model, Setup, Source, next_deadline, update};
use crate::console::theme::Theme;
use crate::console::view;
use crate::domain::command::Outcome;
use crate::domain::id::{CommandId, PersonId, PlacementId};
use crate::domain::time::{ConsoleTime, Period};
use crate::evidence::instances::Instances;
use jiff::tz::TimeZone;

/// Characters of a code to be typed: none that looks like another.
const CODE: [char; 28] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'T', 'U', 'V', 'W', 'X', 'Y', '2', '3', '4', '6', '7',
    '8', '9', 'Q',
];

/// How long an answer to a command may take before it counts as unknown.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hands that nobody has: what a session that only watches acts with. No value of this type can be made, so no command can be sent.
///
/// ```compile_fail
/// let hands: pushdeck::console::runtime::Nobody = pushdeck::console::runtime::Nobody {};
/// ```
#[derive(Clone, Debug)]
pub enum Nobody {}

impl Actuator for Nobody {
    fn submit(&self, _: crate::domain::command::Command) -> crate::backend::port::BoxFuture<'_, Outcome> {
        match *self {}
    }
}

/// How a wall behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wall {
    /// Whether the keyboard is ignored altogether.
    pub kiosk: bool,
    /// How long each page stays.
    pub cycle: Option<Period>,
}

/// Who may act in a session, and with what.
pub enum Hands<A> {
    /// This person, through this actuator.
    Operate(A),
    /// Nobody: a wall.
    Watch(Wall),
}

/// What a session looks like.
pub struct Looks {
    /// Colours.
    pub theme: Theme,
    /// Whether glyphs are drawn in ASCII.
    pub ascii: bool,
    /// The zone clock times are said in.
    pub zone: TimeZone,
}

/// Why a session could not go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The key table contradicts itself.
    #[error("the key table contradicts itself: {0}")]
    Keys(String),
    /// The terminal could not be taken or drawn on.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
}

/// Runs a session until it is quit or ended. Must be called on the thread that is to draw.
///
/// # Errors
/// Where the terminal cannot be used.
pub async fn run<A: Actuator + Clone + 'static>(
    observer: &dyn Observer,
    hands: Hands<A>,
    actor: PersonId,
    looks: Looks,
) -> Result<(), SessionError> {
    let (access, actuator, wall) = match hands {
        Hands::Operate(actuator) => (Access::Operate, Some(actuator), Wall::default()),
        Hands::Watch(wall) => (Access::Watch, None, wall),
    };
    let keymap = Keymap::new(access)
        .map_err(|faults| SessionError::Keys(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    let described = observer.describe();
    let model = Model::new(Setup {
        access,
        actor,
        source: Source { uri: described.uri, simulated: described.simulated, speed: described.speed, recorded: described.recorded },
        zone: looks.zone,
        keymap,
        size: terminal_size(),
        kiosk: wall.kiosk,
        cycle: wall.cycle,
        at: wall_clock(),
    });
    let mut signals = Signals::take()?;
    let mut panics = install_panic_hook();
    let guard = TerminalGuard::enter()?;
    let (answers, answered) = mpsc::channel(64);
    let (tell, told) = mpsc::channel(4);
    let mut session = Session {
        model,
        screen: Screen::new(buffered_stdout(), terminal_size(), looks.ascii),
        theme: looks.theme,
        pace: Pace::new(),
        guard,
        actuator,
        answers,
        resync: Resync::default(),
        to_ask: Vec::new(),
        over: false,
    };
    let mut sources = Sources { input: read_input(), updates: forward(observer), answered, told };
    session.title()?;
    session.pace.want(Cause::Key);
    while !session.over {
        session.frame()?;
        if session.over {
            break;
        }
        let wake = session.pace.wake(Instant::now(), session.deadline());
        tokio::select! {
            biased;
            signal = signals.next() => session.signal(signal)?,
            Some(panic) = panics.recv() => session.take(Event::Notice { text: panic.message }, Cause::Data),
            news = sources.next() => session.news(news)?,
            () = sleep_until(wake) => session.take(Event::Tick { at: wall_clock() }, Cause::Data),
        }
        for _ in 0..DRAIN {
            let Some(news) = sources.ready() else { break };
            session.news(news)?;
        }
        session.to_ask.drain(..).for_each(|placement| ask_instances(observer, placement, tell.clone()));
        // A fleet with a hole in its past is nobody's fleet: a new stream begins with all of it.
        if session.resync.is_due(session.model.freshness().resync, Instant::now()) {
            sources.updates = forward(observer);
        }
    }
    Ok(())
}

/// How long a new stream may take to begin before yet another is asked for.
const AGAIN: Duration = Duration::from_secs(5);

/// When a stream with a gap is replaced by a new one: at once, and then as often as [`AGAIN`] while the gap stays.
#[derive(Debug, Default)]
struct Resync {
    asked: Option<Instant>,
}

impl Resync {
    fn is_due(&mut self, missing: bool, now: Instant) -> bool {
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

/// One thing that came in.
enum News {
    Input(Input),
    Answer(CommandId, Outcome),
    Instances(PlacementId, Result<Instances, String>),
    Update(Update),
}

struct Sources {
    input: mpsc::Receiver<Input>,
    updates: mpsc::Receiver<Update>,
    answered: mpsc::Receiver<(CommandId, Outcome)>,
    told: mpsc::Receiver<(PlacementId, Result<Instances, String>)>,
}

impl Sources {
    async fn next(&mut self) -> News {
        tokio::select! {
            biased;
            input = self.input.recv() => News::Input(input.unwrap_or(Input::Closed)),
            Some((id, outcome)) = self.answered.recv() => News::Answer(id, outcome),
            Some((placement, told)) = self.told.recv() => News::Instances(placement, told),
            Some(update) = self.updates.recv() => News::Update(update),
        }
    }

    fn ready(&mut self) -> Option<News> {
        self.input
            .try_recv()
            .ok()
            .map(News::Input)
            .or_else(|| self.answered.try_recv().ok().map(|(id, outcome)| News::Answer(id, outcome)))
            .or_else(|| self.updates.try_recv().ok().map(News::Update))
    }
}

/// Moves a backend's stream into a bounded channel, so that what is ready can be taken without waiting.
fn forward(observer: &dyn Observer) -> mpsc::Receiver<Update> {
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

/// Asks what each instance says; the answer comes when it does.
fn ask_instances(observer: &dyn Observer, placement: PlacementId, tell: mpsc::Sender<(PlacementId, Result<Instances, String>)>) {
    let question = observer.instances(placement.clone());
    tokio::spawn(async move {
        let told = tokio::time::timeout(PATIENCE, question).await;
        let told = told.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())));
        // The console may have been quit meanwhile.
        let _ = tell.send((placement, told)).await;
    });
}

struct Session<A> {
    model: Model,
    screen: Screen<io::BufWriter<io::Stdout>>,
    theme: Theme,
    pace: Pace,
    guard: TerminalGuard,
    actuator: Option<A>,
    answers: mpsc::Sender<(CommandId, Outcome)>,
    resync: Resync,
    /// Placements whose instances are to be asked for.
    to_ask: Vec<PlacementId>,
    over: bool,
}

impl<A: Actuator + Clone + 'static> Session<A> {
    fn title(&mut self) -> io::Result<()> {
        let source = self.model.source();
        let simulated = if source.simulated { "SIMULATED: nothing real will change · " } else { "" };
        let mode = if source.recorded { "REPLAY" } else { self.model.access().word() };
        let title = format!("pushdeck {mode} · {simulated}{}", source.uri);
        self.screen.set_title(&title)
    }

    fn take(&mut self, event: Event, cause: Cause) {
        self.pace.want(cause);
        for effect in update(&mut self.model, event) {
            match effect {
                Effect::Submit(command) => self.submit(command),
                Effect::AskInstances(placement) => self.to_ask.push(placement),
                Effect::Quit => self.over = true,
                Effect::Suspend => self.suspend(),
            }
        }
    }

    fn submit(&mut self, command: crate::domain::command::Command) {
        let Some(actuator) = self.actuator.clone() else { return };
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let id = command.id;
            let outcome = match tokio::time::timeout(PATIENCE, actuator.submit(command)).await {
                Ok(outcome) => outcome,
                Err(_) => Outcome::Unknown { why: format!("no answer within {} s", PATIENCE.as_secs()) },
            };
            // The console may have been quit meanwhile.
            let _ = answers.send((id, outcome)).await;
        });
    }

    fn suspend(&mut self) {
        let text = match self.guard.suspend() {
            Ok(true) => return,
            Ok(false) => "no shell here could continue this console, so it was not suspended; q quits".to_owned(),
            Err(error) => format!("suspending failed: {error}"),
        };
        self.take(Event::Notice { text }, Cause::Key);
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Terminate | Signal::Hangup => self.over = true,
            Signal::Suspend => self.suspend(),
            Signal::Continue => {
                self.guard.reenter()?;
                self.screen.invalidate();
                self.resize();
            }
            Signal::Resize => self.resize(),
        }
        Ok(())
    }

    fn resize(&mut self) {
        let (width, height) = terminal_size();
        self.screen.resize((width, height));
        self.take(Event::Resize { width, height }, Cause::Key);
    }

    fn news(&mut self, news: News) -> io::Result<()> {
        let at = wall_clock();
        match news {
            News::Input(Input::Key(stroke)) => {
                self.take(Event::Key { key: stroke.key, repeat: stroke.repeat, at, chance: chance() }, Cause::Key);
            }
            News::Input(Input::Paste(text)) => self.take(Event::Paste { text, at }, Cause::Key),
            News::Input(Input::Closed) => self.over = true,
            News::Answer(id, outcome) => self.take(Event::Answered { id, outcome, at }, Cause::Key),
            News::Instances(placement, told) => self.take(Event::Instances { placement, told }, Cause::Key),
            News::Update(update) => self.take(event(update, at), Cause::Data),
        }
        self.title()
    }

    fn frame(&mut self) -> io::Result<()> {
        if !self.guard.entered() || !self.pace.ready(Instant::now()) {
            return Ok(());
        }
        let (model, theme) = (&self.model, &self.theme);
        self.screen.draw(|buffer| view::draw(buffer, model, theme))?;
        self.pace.drawn(Instant::now());
        for effect in update(&mut self.model, Event::Drawn { at: wall_clock() }) {
            debug_assert!(matches!(effect, Effect::Quit), "a frame asks for nothing");
        }
        Ok(())
    }

    /// The model's next deadline on this process's clock.
    fn deadline(&self) -> Option<Instant> {
        let due = next_deadline(&self.model)?;
        Some(Instant::now() + Duration::from_millis(wall_clock().until(due).millis().unsigned_abs()))
    }
}

fn event(update: Update, heard: ConsoleTime) -> Event {
    match update {
        Update::Snapshot(fleet) => Event::Snapshot(fleet),
        Update::Past(history) => Event::Past(history),
        Update::Recorded { changes, batches } => Event::Recorded { changes, batches },
        Update::Changes(changes) => Event::Changes(changes),
        Update::Readings(batch) => Event::Readings(batch),
        Update::Heartbeat { at, seq } => Event::Heartbeat { at, seq, heard },
        Update::Ended { why } => Event::Ended { why },
    }
}

/// Randomness for one key: the model has none of its own.
fn chance() -> Chance {
    let mut random = rand::rng();
    let code = (0..4).filter_map(|_| CODE.get(random.random_range(0..CODE.len()))).collect();
    Chance { id: Uuid::now_v7(), code }
}

fn wall_clock() -> ConsoleTime {
    ConsoleTime::from_millis(Timestamp::now().as_millisecond())
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
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
