//! What the screens list: worked out when something it follows from has changed, and read as often as a frame is drawn.

use crate::console::keymap::Access;
use crate::domain::decision::{self, Decision};
use crate::domain::id::{PushId, Seq, ServiceId};
use crate::domain::push::Push;
use crate::query::Query;

use super::entry::{self, Told as Entry};
use super::filter::{self, Filter, Hidden};
use super::fleet_rows::{self, FleetRow};
use super::new_errors::{self, NewErrors};
use super::order::{self, Order};
use super::screen::{RowKey, Screen};
use super::signal_charts::{self, Chart};
use super::timeline::TimelineRow;
use super::urgent::{self, Pressing, Urgent};
use super::waiting::{self, WaitingRow};
use super::{Model, place, travel};

/// What the screens list, worked out once for each state of the fleet and second of its clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub fleet: Vec<FleetRow>,
    pub waiting: Vec<WaitingRow>,
    /// Those of what waits that its screen lists.
    pub waiting_shown: Vec<WaitingRow>,
    /// What people have to decide, now or later.
    pub decisions: Vec<Decision>,
    pub pressing: Pressing,
    pub charts: Vec<Chart>,
    /// What logs say of the pushes of the selection.
    pub errors: Vec<NewErrors>,
    pub urgent: Option<Urgent>,
    /// What the filter of the screen shown keeps from being listed.
    pub hidden: Option<Hidden>,
    pub of: Option<(Seq, i64, Option<PushId>, Listing)>,
    pub charts_of: Option<(Seq, i64, Vec<ServiceId>, Listing)>,
}

/// Which screen is shown, what its filter says, and in which order it lists.
type Listing = (Screen, Option<Query>, Option<Order>);

impl Model {
    /// Works the rows out anew where what they follow from has changed.
    pub(super) fn refresh(&mut self) {
        self.refresh_rows();
        self.rows.urgent = urgent::urgent(self);
        travel::watch_now(self);
    }

    pub(super) fn refresh_rows(&mut self) {
        let now = self.now();
        let listing = self.listing();
        let of = (self.fleet.seq(), now.millis().div_euclid(1_000), self.fleet.pushes().next_back().map(Push::id), listing);
        if self.rows.of.as_ref() != Some(&of) {
            self.rows.of = Some(of);
            // Nothing else reads them, and of a large fleet they are the most to be worked out.
            if self.place.screen == Screen::Fleet {
                self.rows.fleet = fleet_rows::listed(self);
            }
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
    pub(super) fn refresh_signals(&mut self) {
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
}
