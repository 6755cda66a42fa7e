//! One sitting at a terminal: from taking it to giving it back.

use std::io;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::clipboard::{Clipboard, by_tool};
use super::looks::{Again, Looks, Watched};
use super::sources::{Done, News, PATIENCE, Resync, Sources, ask_instances, forward, heard, wall_clock};
use super::{
    Cause, DRAIN, Input, Pace, Pointer, Screen, Signal, Signals, TerminalGuard, buffered_stdout, install_panic_hook, read_input,
    terminal_size,
};
use crate::backend::port::{Actuator, Observer};
use crate::console::keymap::{Access, Action, Keymap, Place};
use crate::console::model::{Chance, Effect, Event, Model, Pointed, Preferences, Setup, Source, next_deadline, update};
use crate::console::theme::Theme;
use crate::console::view::kit::{Region, spot_at};
use crate::console::view::{self, Drawn};
use crate::domain::command::Outcome;
use crate::domain::id::{PersonId, PlacementId};
use crate::domain::time::Period;

/// Characters of a code to be typed: none that looks like another.
const CODE: [char; 28] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'T', 'U', 'V', 'W', 'X', 'Y', '2', '3', '4', '6', '7',
    '8', '9', 'Q',
];

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

/// Why a session could not go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The key table contradicts itself.
    #[error("{0}")]
    Keys(String),
    /// The terminal could not be taken or drawn on.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
}

/// Runs a session until it is quit or ended. Must be called on the thread that is to draw. When a file that the looks were read from
/// changes, they are read again.
///
/// # Errors
/// Where the terminal cannot be used.
pub async fn run<A: Actuator + Clone + 'static>(
    observer: &dyn Observer,
    hands: Hands<A>,
    actor: PersonId,
    (looks, again): (Looks, Again),
) -> Result<(), SessionError> {
    let (access, actuator, wall) = match hands {
        Hands::Operate(actuator) => (Access::Operate, Some(actuator), Wall::default()),
        Hands::Watch(wall) => (Access::Watch, None, wall),
    };
    let keymap = keymap(access, &looks).map_err(SessionError::Keys)?;
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
        motion: looks.motion,
        columns: looks.columns,
        at: wall_clock(),
    });
    let mut signals = Signals::take()?;
    let mut panics = install_panic_hook();
    let guard = TerminalGuard::enter()?;
    guard.listen_to_mouse(looks.mouse)?;
    let (does, done) = mpsc::channel(64);
    let mut session = Session {
        model,
        screen: Screen::new(buffered_stdout(), terminal_size(), looks.ascii),
        theme: looks.theme,
        pace: Pace::new(),
        guard,
        actuator,
        does,
        resync: Resync::default(),
        to_ask: Vec::new(),
        regions: Vec::new(),
        watched: Watched::new(looks.files, Instant::now()),
        again,
        over: false,
    };
    let mut sources = Sources { input: read_input(), updates: forward(observer), done };
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
            () = sleep_until(session.watched.due()) => session.look()?,
            () = sleep_until(wake) => session.take(Event::Tick { at: wall_clock() }, Cause::Data),
        }
        for _ in 0..DRAIN {
            let Some(news) = sources.ready() else { break };
            session.news(news)?;
        }
        session.to_ask.drain(..).for_each(|placement| ask_instances(observer, placement, session.does.clone()));
        // A fleet with a hole in its past is nobody's fleet: a new stream begins with all of it.
        if session.resync.is_due(session.model.freshness().resync, Instant::now()) {
            sources.updates = forward(observer);
        }
    }
    Ok(())
}

struct Session<A> {
    model: Model,
    screen: Screen<io::BufWriter<io::Stdout>>,
    theme: Theme,
    pace: Pace,
    guard: TerminalGuard,
    actuator: Option<A>,
    does: mpsc::Sender<Done>,
    resync: Resync,
    /// Placements whose instances are to be asked for.
    to_ask: Vec<PlacementId>,
    /// What can be pointed at on the frame that is shown.
    regions: Vec<Region>,
    watched: Watched,
    again: Again,
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
                Effect::Copy(text) => self.copy(text),
            }
        }
    }

    fn submit(&mut self, command: crate::domain::command::Command) {
        let Some(actuator) = self.actuator.clone() else { return };
        let does = self.does.clone();
        tokio::spawn(async move {
            let id = command.id;
            let outcome = match tokio::time::timeout(PATIENCE, actuator.submit(command)).await {
                Ok(outcome) => outcome,
                Err(_) => Outcome::Unknown { why: format!("no answer within {} s", PATIENCE.as_secs()) },
            };
            // The console may have been quit meanwhile.
            let _ = does.send(Done::Answer(id, outcome)).await;
        });
    }

    fn copy(&mut self, text: String) {
        let (tools, does) = (Clipboard::here().tools, self.does.clone());
        tokio::spawn(async move {
            let tool = by_tool(tools, text.clone()).await;
            let _ = does.send(Done::Copied(tool, text)).await;
        });
    }

    fn copied(&mut self, tool: Option<&'static str>, copied: &str) -> io::Result<()> {
        let text = match tool {
            Some(tool) => format!("copied by {tool}"),
            None if !self.guard.entered() => return Ok(()),
            None => {
                let clipboard = Clipboard::here();
                self.screen.send(&clipboard.sequence(copied))?;
                clipboard.said()
            }
        };
        self.take(Event::Notice { text }, Cause::Key);
        Ok(())
    }

    /// Takes up what was changed in the user's own files. What is wrong changes nothing, and is said.
    fn look(&mut self) -> io::Result<()> {
        let Some(file) = self.watched.changed(Instant::now()) else { return Ok(()) };
        let access = self.model.access();
        let read = (self.again)().and_then(|looks| keymap(access, &looks).map(|keymap| (looks, keymap)));
        match read {
            Ok((looks, keymap)) => {
                self.guard.listen_to_mouse(looks.mouse)?;
                self.screen.set_ascii(looks.ascii);
                self.theme = looks.theme;
                self.watched.turn_to(looks.files);
                let text = format!("taken up: {}", crate::safe::clean(&file.display().to_string()));
                // What the console has to say about it comes after.
                self.take(Event::Notice { text }, Cause::Data);
                let Looks { zone, motion, columns, .. } = looks;
                self.take(Event::Preferred(Preferences { zone, keymap, motion, columns }), Cause::Data);
            }
            Err(why) => {
                let text = format!("not taken up, all stays as it was: {}", in_a_line(&why));
                self.take(Event::Notice { text }, Cause::Data);
            }
        }
        Ok(())
    }

    fn suspend(&mut self) {
        let text = match self.guard.suspend() {
            Ok(true) => return,
            Ok(false) => {
                let quit = self.model.keymap().keys(Action::Quit, Place::Screen).first().map(|key| key.label()).unwrap_or_default();
                format!("no shell here could continue this console, so it was not suspended; {quit} quits")
            }
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
                self.title()?;
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
            News::Input(Input::Mouse(pointer)) => {
                if let Some(what) = self.pointed(pointer) {
                    self.take(Event::Pointed { what, at }, Cause::Key);
                }
            }
            News::Input(Input::Closed) => self.over = true,
            News::Done(Done::Answer(id, outcome)) => self.take(Event::Answered { id, outcome, at }, Cause::Key),
            News::Done(Done::Instances(placement, told)) => self.take(Event::Instances { placement, told }, Cause::Key),
            News::Done(Done::Copied(tool, text)) => self.copied(tool, &text)?,
            News::Update(update) => self.take(heard(update, at), Cause::Data),
        }
        self.title()
    }

    fn pointed(&self, pointer: Pointer) -> Option<Pointed> {
        match pointer {
            Pointer::Up => Some(Pointed::Up),
            Pointer::Down => Some(Pointed::Down),
            Pointer::Click { column, row } => spot_at(&self.regions, column, row).cloned().map(Pointed::At),
        }
    }

    /// Draws what is so now. A terminal that is slow holds the write up, and the next frame waits until this one has gone down the line:
    /// changes that come meanwhile become one frame.
    fn frame(&mut self) -> io::Result<()> {
        if !self.guard.entered() || !self.pace.ready(Instant::now()) {
            return Ok(());
        }
        let (model, theme) = (&self.model, &self.theme);
        let mut drawn = Drawn::default();
        let mut began = Instant::now();
        let bytes = self.screen.draw(|buffer| {
            drawn = view::draw(buffer, model, theme);
            began = Instant::now();
        })?;
        self.pace.drawn(bytes, (began, Instant::now()));
        self.regions = drawn.regions;
        // An explanation tells what the frame before had no room for.
        if self.model.must_tell(&drawn.cuts) {
            self.pace.want(Cause::Data);
        }
        for effect in update(&mut self.model, Event::Drawn { at: wall_clock(), cuts: drawn.cuts }) {
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

/// Faults, of which each was a line, cleaned: names in them are foreign text.
fn in_a_line(faults: &str) -> String {
    faults.lines().map(crate::safe::clean).collect::<Vec<_>>().join("; ")
}

/// The keys of a session, or what is wrong with those of the settings.
fn keymap(access: Access, looks: &Looks) -> Result<Keymap, String> {
    let told = |faults: Vec<crate::settings::Fault>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    Keymap::with(access, &looks.keys).map_err(told)
}

/// Randomness for one key: the model has none of its own.
fn chance() -> Chance {
    let mut random = rand::rng();
    let code = (0..4).filter_map(|_| CODE.get(random.random_range(0..CODE.len()))).collect();
    Chance { id: Uuid::now_v7(), code }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
