//! The state of the console, and how events change it: [`update`] takes an event in and says what is to be done.
//!
//! May use `domain`, the types of `evidence`, and `keymap`. No terminal, no clock, no randomness, no backend: all of that arrives in
//! [`Event`]s. What is shown of a push changes only because a change came back, never because this console asked for one.

mod act;
mod arming;
mod copied;
mod deadline;
mod dialog;
mod event;
mod flags;
mod fleet_rows;
mod footer;
mod freshness;
mod hearing;
mod material_text;
mod meant;
mod overlay;
mod palette;
mod pending;
mod permit;
mod place;
mod pointing;
mod reduce;
mod screen;
mod setup;
mod signal_rows;
mod starting;
mod timeline;
mod toast;
mod turning;
mod urgent;
mod verbs;
mod waiting;
pub mod words;
mod wrap;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

pub use deadline::next_deadline;
pub use dialog::{Asked, Demand, Dialog, Intent, Line, Readiness, Reason, Room};
pub use event::{Chance, Effect, Event};
pub use fleet_rows::FleetRow;
pub use footer::Footer;
pub use freshness::{FeedHealth, Freshness, HEARTBEAT, STALE};
pub use overlay::{Asking, Choice, Overlay, Palette, Which};
pub use palette::found as palette_found;
pub use pointing::{Pointed, Spot};
pub use reduce::update;
pub use screen::{Pane, RowKey, Screen};
pub use setup::{Preferences, Setup, Source};
pub use signal_rows::SignalRow;
pub use timeline::{TimelineRow, Tone};
pub use toast::{Toast, ToastKind};
pub use urgent::{Target, Urgent};
pub use waiting::{WaitingFor, WaitingKey, WaitingRow};

use self::hearing::Hearing;
use self::pending::Pending;
use self::place::Place;
use self::pointing::Pointing;
use crate::console::keymap::{Access, Keymap};
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PersonId, PlacementId, PushId, Seq, ServiceId};
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::status;
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::evidence::series::Signals;
use crate::settings::Motion;

/// Everything the console knows and shows.
#[derive(Clone, Debug)]
pub struct Model {
    setup: Setup,
    fleet: Arc<Fleet>,
    signals: Signals,
    hearing: Hearing,
    /// The wall clock, as of the last event.
    console_now: ConsoleTime,
    place: Place,
    pointing: Pointing,
    toast: Option<Toast>,
    /// Commands sent and not yet seen to have worked.
    pending: Vec<Pending>,
    rows: Rows,
    /// When a page was last turned, or a key last pressed.
    turned: ConsoleTime,
}

/// What the screens list, worked out once for each state of the fleet and second of its clock.
#[derive(Clone, Debug, Default)]
struct Rows {
    fleet: Vec<FleetRow>,
    waiting: Vec<WaitingRow>,
    signals: Vec<SignalRow>,
    timeline: VecDeque<TimelineRow>,
    urgent: Option<Urgent>,
    of: Option<(Seq, i64, Option<PushId>)>,
    signals_of: Option<(Seq, i64, Vec<ServiceId>)>,
}

impl Model {
    /// A console that has heard nothing yet.
    pub fn new(setup: Setup) -> Self {
        Self {
            console_now: setup.at,
            turned: setup.at,
            setup,
            fleet: Arc::default(),
            signals: Signals::default(),
            hearing: Hearing::default(),
            place: Place::default(),
            pointing: Pointing::default(),
            toast: None,
            pending: Vec::new(),
            rows: Rows::default(),
        }
    }

    /// Works the rows out anew where what they follow from has changed.
    fn refresh(&mut self) {
        let now = self.now();
        let of = (self.fleet.seq(), now.millis().div_euclid(1_000), self.fleet.pushes().next_back().map(Push::id));
        if self.rows.of != Some(of) {
            self.rows.fleet = fleet_rows::rows(&self.fleet, now);
            self.rows.waiting = waiting::rows(&self.fleet, &self.setup.actor, &self.moment());
            // A wall is nobody's: what waits there waits for others.
            let is_wall = self.setup.access == Access::Watch;
            self.rows.waiting.iter_mut().for_each(|row| row.yours &= !is_wall);
            self.rows.of = Some(of);
        }
        self.rows.urgent = urgent::urgent(self);
    }

    /// Likewise, for the rows of the Signals screen, which follow the selection.
    fn refresh_signals(&mut self) {
        let now = self.now();
        let of = (self.fleet.seq(), now.millis().div_euclid(1_000), self.place.services.clone());
        if self.place.screen == Screen::Signals && self.rows.signals_of.as_ref() != Some(&of) {
            self.rows.signals = signal_rows::rows(&self.fleet, &of.2, now);
            self.rows.signals_of = Some(of);
            place::settle(self);
        }
    }

    /// Everything known of the fleet.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Whether anything was ever heard: until then there is nothing to show, which is not the same as nothing going on.
    pub fn has_data(&self) -> bool {
        self.hearing.last.is_some()
    }

    /// The last ticks of every slice.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// The engine's clock: as last heard, and the wall time since then times the source's speed. Stands still once the source has
    /// ended or has not been heard for [`STALE`].
    pub fn now(&self) -> EngineTime {
        let Some((engine, heard)) = self.hearing.clock else { return self.fleet.at() };
        let since = if self.hearing.ended.is_some() { Period::ZERO } else { self.console_now.since(heard).min(STALE) };
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

    /// How much may move by itself.
    pub fn motion(&self) -> Motion {
        self.setup.motion
    }

    /// Columns and rows of the terminal.
    pub fn size(&self) -> (u16, u16) {
        self.setup.size
    }

    /// The screen shown.
    pub fn screen(&self) -> Screen {
        self.place.screen
    }

    /// On the Push screen, the list that the arrows move in.
    pub fn pane(&self) -> Pane {
        self.place.pane
    }

    /// What lies on top of the screen.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.place.overlays.last()
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
        &self.rows.fleet
    }

    /// Whatever waits for a person, in the order shown.
    pub fn waiting_rows(&self) -> &[WaitingRow] {
        &self.rows.waiting
    }

    /// Every judged slice of the selection, in the order shown.
    pub fn signal_rows(&self) -> &[SignalRow] {
        &self.rows.signals
    }

    /// What happened lately, the newest first.
    pub fn timeline_rows(&self) -> impl DoubleEndedIterator<Item = &TimelineRow> + ExactSizeIterator {
        self.rows.timeline.iter()
    }

    /// The selected row of the screen shown, by identity. `None` where there is none to select.
    pub fn cursor(&self) -> Option<&RowKey> {
        self.place.cursor(self.place.screen)
    }

    /// The push that the selection is about. On the Push screen, the one shown.
    pub fn selected_push(&self) -> Option<PushId> {
        match self.place.screen {
            Screen::Push => place::shown_push(self).map(Push::id),
            _ => place::push_of_row(self),
        }
    }

    /// The service that the selection is about, where it is about one.
    pub fn selected_service(&self) -> Option<&ServiceId> {
        match self.cursor() {
            Some(RowKey::Service(service)) => Some(service),
            Some(RowKey::Slice(slice)) => Some(&slice.service),
            _ => None,
        }
    }

    /// The placement that the selection is about: of the services selected the worst, in the environment chosen with left and right,
    /// else where its push is, else where it is worst.
    pub fn selected_placement(&self) -> Option<PlacementId> {
        if let Some(RowKey::Slice(slice)) = self.cursor() {
            return Some(slice.placement());
        }
        let environment = self.place.environment.as_ref().or_else(|| {
            self.selected_push().and_then(|push| self.fleet.push(push)).filter(|push| push.is_open()).and_then(Push::environment)
        });
        let services = &self.place.services;
        let here = |placement: &&Placement| environment.is_none_or(|environment| placement.id.environment == *environment);
        let all: Vec<_> = services.iter().flat_map(|service| fleet_rows::placements_of(&self.fleet, service)).collect();
        let chosen = status::worst(&self.fleet, all.iter().copied().filter(here), self.now());
        chosen.or_else(|| status::worst(&self.fleet, all.iter().copied(), self.now())).map(|(_, placement)| placement.id.clone())
    }

    /// The one most urgent thing, if there is one.
    pub fn urgent(&self) -> Option<Urgent> {
        self.rows.urgent.clone()
    }

    /// What keys will hit, and what can be pressed now.
    pub fn footer(&self) -> Footer {
        footer::footer(self)
    }
}
