//! The state of the console, and how events change it: [`update`] takes an event in and says what is to be done.
//!
//! May use `domain`, the types of `evidence`, and `keymap`. No terminal, no clock, no randomness, no backend: all of that arrives in
//! [`Event`]s. What is shown of a push changes only because a change came back, never because this console asked for one.

mod act;
mod arming;
mod ask;
mod closing;
mod columns;
mod copied;
mod cuts;
mod deadline;
mod dialog;
mod entry;
mod event;
mod explain;
mod filter;
mod fixing;
mod flags;
mod fleet_rows;
mod footer;
mod freshness;
mod gate;
mod hearing;
mod instances;
mod intent;
mod looked;
mod material_text;
mod meant;
mod new_errors;
mod order;
mod overlay;
mod pages;
mod palette;
mod pending;
mod permit;
mod place;
mod pointing;
mod reduce;
mod replay;
mod rows;
mod screen;
mod selection;
mod setup;
mod signal_charts;
mod signal_instances;
mod signal_place;
mod signal_time;
mod standing;
mod starting;
mod things;
mod timeline;
mod toast;
mod travel;
mod turning;
mod typing;
mod urgent;
mod verbs;
mod waiting;
mod wall;
pub mod words;
mod wrap;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use columns::Choosing;
pub use cuts::{Cut, Owner};
pub use deadline::next_deadline;
pub use dialog::{Asked, Demand, Dialog, Line, Readiness, Reason, Room};
pub use entry::{LABEL, Told as Entry};
pub use event::{Chance, Effect, Event};
pub use explain::{Explaining, Page, Part, Subject};
pub use filter::{Editing, Filter, Hidden, Known};
pub use fleet_rows::FleetRow;
pub use footer::Footer;
pub use freshness::{FeedHealth, Freshness, HEARTBEAT, STALE};
pub use gate::gate_rows;
pub use instances::{
    Health, Kind as InstanceKind, Layout as StripLayout, Legend, On, Picture, Piece, Row as StripRow, Scope, Strand, Strip,
    detail as strip_detail, said_rows, title as strip_title,
};
pub use intent::Intent;
pub use new_errors::{NewErrors, Said, told as kind_told};
pub use order::Order;
pub use overlay::{Asking, Choice, Overlay, Palette, Which};
pub use pages::PageLine;
pub use palette::{Found, found as palette_found};
pub use pointing::{Pointed, Spot};
pub use reduce::update;
pub use screen::{Look, Pane, RowKey, Screen};
pub use setup::{Preferences, Setup, Source};
pub use signal_charts::{Chart, ChartKey, Deed, Marker, markers};
pub use signal_instances::ListedInstances;
pub use signal_place::{AXIS, Layout, Split, Told};
pub use things::{Thing, Whereabouts};
pub use timeline::{Kind, TimelineRow, Tone, Weight, is_meant};
pub use toast::{Toast, ToastKind};
pub use travel::When;
pub use typing::Typing;
pub use urgent::{Target, Urgent};
pub use waiting::{WaitingFor, WaitingKey, WaitingRow};
pub use wall::{Block, Fact, Figure, WallPage};
pub use wrap::wrap;

use self::hearing::Hearing;
use self::looked::Looked;
use self::pending::Pending;
use self::place::Place;
use self::pointing::Pointing;
use self::rows::Rows;
use self::travel::{Shows, Time};
use self::turning::Turning;
use crate::console::keymap::{Access, Keymap};
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::PersonId;
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::evidence::series::Signals;
use crate::settings::Motion;

/// Everything the console knows and shows.
#[derive(Clone, Debug)]
pub struct Model {
    setup: Setup,
    /// The keys of the past: those that act are not among them, except those that stop or go back.
    past_keymap: Keymap,
    /// As of the moment shown.
    fleet: Arc<Fleet>,
    /// As of the moment shown.
    signals: Signals,
    /// What led here, and which moment of it is shown.
    time: Time,
    hearing: Hearing,
    /// The wall clock, as of the last event.
    console_now: ConsoleTime,
    place: Place,
    pointing: Pointing,
    toast: Option<Toast>,
    /// Commands sent and not yet seen to have worked.
    pending: Vec<Pending>,
    rows: Rows,
    turning: Turning,
    looked: Looked,
    /// What the last frame had no room for.
    cuts: Vec<Cut>,
}

impl Model {
    /// A console that has heard nothing yet.
    pub fn new(setup: Setup) -> Self {
        let turns = setup.cycle.is_some_and(|cycle| !cycle.is_zero());
        Self {
            console_now: setup.at,
            turning: Turning::starting(setup.at),
            past_keymap: setup.keymap.of_the_past(),
            setup,
            fleet: Arc::default(),
            signals: Signals::of_hours(),
            time: Time::default(),
            hearing: Hearing::default(),
            place: Place::beginning(if turns { Look::Wall } else { Look::Desk }),
            pointing: Pointing::default(),
            toast: None,
            pending: Vec::new(),
            rows: Rows::default(),
            looked: Looked::default(),
            cuts: Vec::new(),
        }
    }

    /// Everything known of the fleet, as of the moment shown.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Whether anything was ever heard: until then there is nothing to show, which is not the same as nothing going on.
    pub fn has_data(&self) -> bool {
        self.hearing.last.is_some()
    }

    /// Why nothing more will come from the backend; `None` while it may.
    pub fn ended(&self) -> Option<&str> {
        self.hearing.ended.as_deref()
    }

    /// The last ticks of every slice, as of the moment shown.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// The moment shown, on the engine's clock.
    pub fn now(&self) -> EngineTime {
        match &self.time.shows {
            Shows::Now => self.heard_now(),
            Shows::Past(away) => away.at,
            Shows::Replay(playhead) => playhead.at,
        }
    }

    /// The engine's clock, whatever moment is shown: as last heard, and the wall time since then times the source's speed. Stands
    /// still once the source has ended or has not been heard for [`STALE`].
    pub fn heard_now(&self) -> EngineTime {
        let newest = travel::newest(self).at();
        let Some((engine, heard)) = self.hearing.clock else { return newest };
        let since = if self.hearing.ended.is_some() { Period::ZERO } else { self.console_now.since(heard).min(STALE) };
        (engine + Period::from_secs_f64(since.secs_f64() * self.setup.source.speed)).max(newest)
    }

    /// Which moment is shown.
    pub fn when(&self) -> When {
        travel::when(self)
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

    /// Keys and actions of this session, at the moment shown.
    pub fn keymap(&self) -> &Keymap {
        if travel::is_past(self) { &self.past_keymap } else { &self.setup.keymap }
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

    /// Whether it is shown in big words and figures, for people who stand far away.
    pub fn is_wall(&self) -> bool {
        self.place.look == Look::Wall
    }

    /// Whether this session is a wall, whatever a person at its keyboard looks at for now.
    pub fn turns_pages(&self) -> bool {
        self.setup.cycle.is_some_and(|cycle| !cycle.is_zero())
    }

    /// What the page of the wall says.
    pub fn wall(&self) -> WallPage {
        wall::page(self)
    }

    /// When an environment closes next, within a day: in a line, then in fewer words.
    pub fn closing(&self) -> Vec<String> {
        closing::closing(self)
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

    /// From when to when there is something to go to, and whether what was before that is not kept any more. It begins with the push of
    /// the selection, as long as the moment shown lies in it.
    pub fn span(&self) -> (EngineTime, EngineTime, bool) {
        travel::span(self)
    }

    /// The lines of what lies over the screen, where that is a page to be read.
    pub fn page_lines(&self) -> Vec<PageLine> {
        self.overlay().map(|overlay| pages::lines(self, overlay)).unwrap_or_default()
    }

    /// A thing in plain words, as it stands, with whatever of it the last frame had no room for.
    pub fn explained(&self, subject: &Subject) -> Page {
        cuts::with_the_rest(self, explain::page(self, subject), subject)
    }

    /// Whether an explanation lies over the screen that does not know of these cuts: it has to be drawn once more.
    pub fn must_tell(&self, cuts: &[Cut]) -> bool {
        matches!(self.overlay(), Some(Overlay::Explain(_))) && self.cuts != cuts
    }

    /// What lies over the screen, where that is a strip of instances.
    pub fn strip(&self) -> Option<&Strip> {
        match self.overlay() {
            Some(Overlay::Instances(strip)) => Some(strip),
            _ => None,
        }
    }

    /// The one most urgent thing, if there is one.
    pub fn urgent(&self) -> Option<Urgent> {
        travel::worse_now(self).or_else(|| self.rows.urgent.clone())
    }

    /// What keys will hit, and what can be pressed now.
    pub fn footer(&self) -> Footer {
        footer::footer(self)
    }
}
