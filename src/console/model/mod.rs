//! The state of the console, and how events change it: [`update`] takes an event in and says what is to be done.
//!
//! May use `domain`, the types of `evidence`, and `keymap`. No terminal, no clock, no randomness, no backend: all of that arrives in
//! [`Event`]s. What is shown of a push changes only because a change came back, never because this console asked for one.

mod arming;
mod dialog;
mod event;
mod fleet_rows;
mod footer;
mod freshness;
mod overlay;
mod screen;
mod setup;
mod signal_rows;
mod timeline;
mod toast;
mod urgent;
mod waiting;

use std::collections::VecDeque;
use std::sync::Arc;

pub use dialog::{Demand, Dialog, Intent, Line, Readiness, Reason, Room};
pub use event::{Chance, Effect, Event};
pub use fleet_rows::FleetRow;
pub use footer::Footer;
pub use freshness::{FeedHealth, Freshness, HEARTBEAT, STALE};
pub use overlay::{Asking, Choice, Overlay, Which};
pub use screen::{Pane, RowKey, Screen};
pub use setup::{Setup, Source};
pub use signal_rows::SignalRow;
pub use timeline::{TimelineRow, Tone};
pub use toast::{Toast, ToastKind};
pub use urgent::{Target, Urgent};
pub use waiting::{WaitingFor, WaitingKey, WaitingRow};

use crate::console::keymap::{Access, Keymap};
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PersonId, PlacementId, PushId, ServiceId};
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::evidence::series::Signals;

/// Everything the console knows and shows.
#[derive(Clone, Debug)]
pub struct Model {
    setup: Setup,
    fleet: Arc<Fleet>,
    signals: Signals,
    /// The engine's clock when it was last heard, and when that was here.
    clock: Option<(EngineTime, ConsoleTime)>,
    console_now: ConsoleTime,
    /// When anything was last heard from the backend.
    heard: Option<ConsoleTime>,
    ended: Option<String>,
    resync: bool,
    beat: u8,
    screen: Screen,
    overlays: Vec<Overlay>,
    toast: Option<Toast>,
    fleet_rows: Vec<FleetRow>,
    waiting_rows: Vec<WaitingRow>,
    signal_rows: Vec<SignalRow>,
    timeline_rows: VecDeque<TimelineRow>,
}

impl Model {
    /// A console that has heard nothing yet.
    pub fn new(setup: Setup) -> Self {
        Self {
            console_now: setup.at,
            setup,
            fleet: Arc::default(),
            signals: Signals::default(),
            clock: None,
            heard: None,
            ended: None,
            resync: false,
            beat: 0,
            screen: Screen::default(),
            overlays: Vec::new(),
            toast: None,
            fleet_rows: Vec::new(),
            waiting_rows: Vec::new(),
            signal_rows: Vec::new(),
            timeline_rows: VecDeque::new(),
        }
    }

    /// Everything known of the fleet.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Whether anything was ever heard: until then there is nothing to show, which is not the same as nothing going on.
    pub fn has_data(&self) -> bool {
        self.heard.is_some()
    }

    /// The last ticks of every slice.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// The engine's clock: as last heard, and the wall time since then times the source's speed. Stands still once the source has
    /// ended or has not been heard for [`STALE`].
    pub fn now(&self) -> EngineTime {
        let Some((engine, heard)) = self.clock else { return self.fleet.at() };
        let since = if self.ended.is_some() { Period::ZERO } else { self.console_now.since(heard).min(STALE) };
        (engine + Period::from_secs_f64(since.secs_f64() * self.setup.source.speed)).max(self.fleet.at())
    }

    /// [`now`](Self::now), with the zone clock times are said in.
    pub fn moment(&self) -> Moment {
        Moment { now: self.now(), zone: self.setup.zone.clone() }
    }

    /// The wall clock, as of the last event.
    pub fn console_now(&self) -> ConsoleTime {
        self.console_now
    }

    /// Whether this session may act.
    pub fn access(&self) -> Access {
        self.setup.access
    }

    /// Who sits here.
    pub fn actor(&self) -> &PersonId {
        &self.setup.actor
    }

    /// Where the news comes from.
    pub fn source(&self) -> &Source {
        &self.setup.source
    }

    /// Keys and actions of this session.
    pub fn keymap(&self) -> &Keymap {
        &self.setup.keymap
    }

    /// Columns and rows of the terminal.
    pub fn size(&self) -> (u16, u16) {
        self.setup.size
    }

    /// The screen shown.
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// On the Push screen, the list that the arrows move in.
    pub fn pane(&self) -> Pane {
        Pane::default()
    }

    /// What lies on top of the screen.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// What became of the last command.
    pub fn toast(&self) -> Option<&Toast> {
        self.toast.as_ref()
    }

    /// How old the news is.
    pub fn freshness(&self) -> Freshness {
        freshness::freshness(self)
    }

    /// The rows of the Fleet screen, in the order shown.
    pub fn fleet_rows(&self) -> &[FleetRow] {
        &self.fleet_rows
    }

    /// Whatever waits for a person, in the order shown.
    pub fn waiting_rows(&self) -> &[WaitingRow] {
        &self.waiting_rows
    }

    /// Every judged slice of the selection, in the order shown.
    pub fn signal_rows(&self) -> &[SignalRow] {
        &self.signal_rows
    }

    /// What happened lately, the newest first.
    pub fn timeline_rows(&self) -> impl DoubleEndedIterator<Item = &TimelineRow> + ExactSizeIterator {
        self.timeline_rows.iter()
    }

    /// The selected row of the screen shown, by identity. `None` where there is none to select.
    pub fn cursor(&self) -> Option<&RowKey> {
        None
    }

    /// The push that verbs act on, and that the Push screen shows.
    pub fn selected_push(&self) -> Option<PushId> {
        None
    }

    /// The service that the selection is about, where it is about one.
    pub fn selected_service(&self) -> Option<&ServiceId> {
        None
    }

    /// The placement that the selection is about: the selected service (of a group its worst) in the selected environment.
    pub fn selected_placement(&self) -> Option<PlacementId> {
        None
    }

    /// The one most urgent thing, if there is one.
    pub fn urgent(&self) -> Option<Urgent> {
        None
    }

    /// What keys will hit, and what can be pressed now.
    pub fn footer(&self) -> Footer {
        Footer::default()
    }
}

/// Takes an event in. What the runtime is to do follows, in order.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    if let Event::Snapshot(fleet) = event {
        model.fleet = fleet;
        model.heard = Some(model.console_now);
    }
    Vec::new()
}

/// When the runtime should send a [`Event::Tick`] if nothing else happens before: something shown changes then by time alone.
pub fn next_deadline(_model: &Model) -> Option<ConsoleTime> {
    None
}
