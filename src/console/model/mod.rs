//! The state of the console, and how events change it: [`update`] takes an event in and says what is to be done.
//!
//! May use `domain`, the types of `evidence`, and `keymap`. No terminal, no clock, no randomness, no backend: all of that arrives in
//! [`Event`]s. What is shown of a push changes only because a change came back, never because this console asked for one.

mod act;
mod arming;
mod closing;
mod copied;
mod cuts;
mod deadline;
mod dialog;
mod entry;
mod event;
mod explain;
mod filter;
mod flags;
mod fleet_rows;
mod footer;
mod freshness;
mod hearing;
mod instances;
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
mod screen;
mod setup;
mod signal_charts;
mod signal_place;
mod signal_time;
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

pub use cuts::{Cut, Owner};
pub use deadline::next_deadline;
pub use dialog::{Asked, Demand, Dialog, Intent, Line, Readiness, Reason, Room};
pub use entry::{LABEL, Told as Entry};
pub use event::{Chance, Effect, Event};
pub use explain::{Explaining, Page, Part, Subject};
pub use filter::{Editing, Filter, Hidden, Known};
pub use fleet_rows::FleetRow;
pub use footer::Footer;
pub use freshness::{FeedHealth, Freshness, HEARTBEAT, STALE};
pub use instances::{
    Health, Kind as InstanceKind, Layout as StripLayout, Legend, On, Picture, Piece, Row as StripRow, Scope, Strand, Strip,
    detail as strip_detail, said_rows, title as strip_title,
};
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
pub use signal_place::{AXIS, Layout, Split, Told};
pub use things::{Thing, Whereabouts};
pub use timeline::{Kind, TimelineRow, Tone, Weight, is_meant};
pub use toast::{Toast, ToastKind};
pub use travel::When;
pub use typing::Typing;
pub use urgent::{Target, Urgent};
pub use waiting::{WaitingFor, WaitingKey, WaitingRow};
pub use wall::{Block, Fact, Figure, WallPage};

use self::hearing::Hearing;
use self::looked::Looked;
use self::pending::Pending;
use self::place::Place;
use self::pointing::Pointing;
use self::travel::{Shows, Time};
use self::turning::Turning;
use self::urgent::Pressing;
use crate::console::keymap::{Access, Keymap};
use crate::domain::decision::{self, Decision};
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PersonId, PlacementId, PushId, Seq, ServiceId};
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::status;
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::evidence::series::Signals;
use crate::query::Query;
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

/// What the screens list, worked out once for each state of the fleet and second of its clock.
#[derive(Clone, Debug, Default)]
struct Rows {
    fleet: Vec<FleetRow>,
    waiting: Vec<WaitingRow>,
    /// Those of what waits that its screen lists.
    waiting_shown: Vec<WaitingRow>,
    /// What people have to decide, now or later.
    decisions: Vec<Decision>,
    pressing: Pressing,
    charts: Vec<Chart>,
    /// What logs say of the pushes of the selection.
    errors: Vec<NewErrors>,
    urgent: Option<Urgent>,
    /// What the filter of the screen shown keeps from being listed.
    hidden: Option<Hidden>,
    of: Option<(Seq, i64, Option<PushId>, Listing)>,
    charts_of: Option<(Seq, i64, Vec<ServiceId>, Listing)>,
}

/// Which screen is shown, what its filter says, and in which order it lists.
type Listing = (Screen, Option<Query>, Option<Order>);

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

    /// Works the rows out anew where what they follow from has changed.
    fn refresh(&mut self) {
        self.refresh_rows();
        self.rows.urgent = urgent::urgent(self);
        travel::watch_now(self);
    }

    fn refresh_rows(&mut self) {
        let now = self.now();
        let listing = self.listing();
        let of = (self.fleet.seq(), now.millis().div_euclid(1_000), self.fleet.pushes().next_back().map(Push::id), listing);
        if self.rows.of.as_ref() != Some(&of) {
            self.rows.of = Some(of);
            self.rows.fleet = fleet_rows::listed(self);
            self.rows.decisions = decision::all(&self.fleet, &self.moment());
            self.rows.waiting = waiting::rows(&self.fleet, &self.rows.decisions, &self.setup.actor, now);
            // A wall is nobody's: what waits there waits for others.
            let is_wall = self.setup.access == Access::Watch;
            self.rows.waiting.iter_mut().for_each(|row| row.yours &= !is_wall);
            self.rows.waiting_shown = waiting::listed(self);
            self.rows.hidden = filter::hidden(self);
            self.rows.pressing = urgent::pressing(self);
        }
    }

    fn listing(&self) -> Listing {
        (self.place.screen, filter::query(self, self.place.screen).cloned(), self.order())
    }

    /// Likewise, for the rows of the Signals screen, which follow the selection.
    fn refresh_signals(&mut self) {
        let now = self.now();
        let of = (self.fleet.seq(), now.millis().div_euclid(1_000), self.place.services.clone(), self.listing());
        if self.place.screen == Screen::Signals && self.rows.charts_of.as_ref() != Some(&of) {
            let all = signal_charts::charts(&self.fleet, &self.signals, &of.2, now);
            let of_all = all.len();
            self.rows.charts = order::charts(filter::charts(self, all), self.order());
            let listed = self.rows.charts.len();
            self.rows.hidden = filter::query(self, Screen::Signals).map(|_| Hidden::of(listed, of_all, []));
            self.rows.errors = new_errors::of_services(&self.fleet, &self.signals, &of.2, now);
            self.rows.charts_of = Some(of);
            place::settle(self);
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

    /// The rows of the Fleet screen, in the order shown.
    pub fn fleet_rows(&self) -> &[FleetRow] {
        &self.rows.fleet
    }

    /// Whatever waits for a person, in the order shown.
    pub fn waiting_rows(&self) -> &[WaitingRow] {
        &self.rows.waiting
    }

    /// Those of them that the Waiting screen lists.
    pub fn waiting_shown(&self) -> &[WaitingRow] {
        &self.rows.waiting_shown
    }

    /// What people have to decide, now and as far as can be told later: those due first.
    pub fn decisions(&self) -> &[Decision] {
        &self.rows.decisions
    }

    /// The filter of the screen shown, where it has one.
    pub fn filter(&self) -> Option<&Filter> {
        self.place.filters.get(&self.place.screen)
    }

    /// The order of the list of the screen shown, where it is not its own.
    pub fn order(&self) -> Option<Order> {
        order::of(self, self.place.screen)
    }

    /// What that filter keeps from being listed.
    pub fn hidden(&self) -> Option<Hidden> {
        self.rows.hidden
    }

    /// What happened, the newest first: what came after the moment shown among it, and the small steps only where they are asked for.
    pub fn timeline_rows(&self) -> impl DoubleEndedIterator<Item = &TimelineRow> {
        self.time.timeline.shown()
    }

    /// So many of them from a place on, in the order in which the screen lists them.
    pub fn timeline_listed(&self, first: usize, count: usize) -> impl Iterator<Item = &TimelineRow> {
        let (numbers, order) = (self.time.timeline.numbers(), order::of(self, Screen::Timeline));
        let places = first..(first + count).min(numbers.len());
        places.filter_map(move |place| self.time.timeline.row(*numbers.get(order::turned(place, numbers.len(), order))?))
    }

    /// How many rows that is.
    pub fn timeline_count(&self) -> usize {
        self.time.timeline.numbers().len()
    }

    /// Where the selection stands among them, from 0 for the first listed.
    pub fn timeline_cursor(&self) -> Option<usize> {
        match self.place.cursor(Screen::Timeline) {
            Some(RowKey::Entry(seq)) => {
                let place = self.time.timeline.place_of(*seq)?;
                Some(order::turned(place, self.timeline_count(), order::of(self, Screen::Timeline)))
            }
            _ => None,
        }
    }

    /// Of the rows shown, the last that happened up to a change.
    pub fn timeline_shown_at(&self, seq: Seq) -> Option<Seq> {
        self.time.timeline.place_of(seq).and_then(|place| self.time.timeline.numbers().get(place).copied())
    }

    /// While the arrows scroll what is told of the selected entry: by how many lines.
    pub fn timeline_reading(&self) -> Option<u16> {
        self.time.timeline.reading
    }

    /// Everything that is known of an entry of the Timeline, in full.
    pub fn entry(&self, seq: Seq) -> Vec<Entry> {
        entry::tell(self, seq)
    }

    /// From when to when there is something to go to, and whether what was before that is not kept any more. It begins with the push of
    /// the selection, as long as the moment shown lies in it.
    pub fn span(&self) -> (EngineTime, EngineTime, bool) {
        travel::span(self)
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
            Some(RowKey::Chart(chart)) => Some(&chart.placement.service),
            _ => None,
        }
    }

    /// The placement that the selection is about: of the services selected the worst, in the environment chosen with left and right,
    /// else where its push is, else where it is worst.
    pub fn selected_placement(&self) -> Option<PlacementId> {
        if let Some(RowKey::Chart(chart)) = self.cursor() {
            return Some(chart.placement.clone());
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
