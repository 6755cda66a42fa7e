//! Where the person is: screen, pane, and a cursor on each screen that belongs to a thing and never to a row.

use std::collections::BTreeMap;

use crate::domain::id::{EnvironmentId, PushId, ServiceId};
use crate::domain::push::Push;
use crate::domain::status;

use super::columns::Choices;
use super::filter::{self, Filters};
use super::fleet_rows::{self, FleetRow};
use super::gate::gate_rows;
use super::order::{self, Order, Orders};
use super::screen::{Look, Pane, RowKey, Screen};
use super::signal_place::{self, SignalPlace};
use super::waiting::WaitingKey;
use super::{Model, Overlay, signal_instances};

/// Where the person is.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub screen: Screen,
    pub look: Look,
    pub pane: Pane,
    /// The screen one came from by opening something.
    pub came_from: Option<Screen>,
    cursors: BTreeMap<Screen, Cursor>,
    /// The push last looked at.
    pub push: Option<PushId>,
    /// The services last looked at; empty stands for all.
    pub services: Vec<ServiceId>,
    /// The environment chosen on the Fleet screen.
    pub environment: Option<EnvironmentId>,
    pub overlays: Vec<Overlay>,
    pub filters: Filters,
    pub orders: Orders,
    pub columns: Choices,
    /// What was made of the Signals screen.
    pub signals: SignalPlace,
}

#[derive(Clone, Debug)]
struct Cursor {
    key: RowKey,
    /// Where it was last, to find the nearest neighbour when the thing is gone.
    at: usize,
    /// Whether a person put it there. Until then it follows the newest entry, or the stage under way.
    chosen: bool,
}

impl Place {
    /// Where a session begins.
    pub fn beginning(look: Look) -> Self {
        Self { look, ..Self::default() }
    }

    /// The selected row of a screen.
    pub fn cursor(&self, screen: Screen) -> Option<&RowKey> {
        self.cursors.get(&screen).map(|cursor| &cursor.key)
    }

    /// Puts the cursor of a screen on a thing, and gives the arrows to the list it stands in.
    pub fn select(&mut self, screen: Screen, key: RowKey) {
        match key {
            RowKey::Stage(..) => self.pane = Pane::Stages,
            RowKey::Requirement(..) => self.pane = Pane::Gate,
            _ => {}
        }
        self.cursors.insert(screen, Cursor { key, at: 0, chosen: true });
    }

    /// Gives the arrows to the other list of the Push screen, at its beginning.
    pub fn turn_pane(&mut self) {
        self.pane = if self.pane == Pane::Stages { Pane::Gate } else { Pane::Stages };
        self.cursors.remove(&Screen::Push);
    }

    /// Shows a screen, remembering where one came from.
    pub fn open(&mut self, screen: Screen) {
        self.look = Look::Desk;
        if screen != self.screen {
            self.came_from = Some(self.screen);
            self.screen = screen;
        }
    }
}

/// The identities on the screen shown, in their order.
pub(super) fn keys(model: &Model) -> Vec<RowKey> {
    match model.place.screen {
        Screen::Fleet => model.rows.fleet.iter().map(FleetRow::key).collect(),
        Screen::Waiting => model.rows.waiting_shown.iter().map(|row| RowKey::Waiting(row.key.clone())).collect(),
        Screen::Signals => {
            let errors = model.rows.errors.iter().map(|errors| RowKey::Errors(errors.push));
            errors.chain(model.rows.charts.iter().map(|chart| RowKey::Chart(chart.key.clone()))).collect()
        }
        Screen::Timeline => {
            let mut keys: Vec<_> = model.time.timeline.numbers().iter().map(|seq| RowKey::Entry(*seq)).collect();
            if order::of(model, Screen::Timeline) == Some(Order::OldestFirst) {
                keys.reverse();
            }
            keys
        }
        Screen::Push => shown_push(model).map_or_else(Vec::new, |push| of_push(model, push)),
    }
}

/// Of a push that goes forward its stages, or what its gate requires. Any other has a ladder and a gate no more: it is selected itself.
fn of_push(model: &Model, push: &Push) -> Vec<RowKey> {
    match model.place.pane {
        _ if !push.is_forward() => Vec::new(),
        Pane::Stages => (0..push.plan.stages.len() as u32).map(|stage| RowKey::Stage(push.id(), stage)).collect(),
        Pane::Gate => {
            let rows = gate_rows(&model.fleet, push, model.now()).into_iter();
            rows.map(|requirement| RowKey::Requirement(push.id(), requirement.kind)).collect()
        }
    }
}

/// Keeps the cursor of the screen shown on its thing, wherever that is now; where it is gone, on its nearest neighbour.
pub(super) fn settle(model: &mut Model) {
    let screen = model.place.screen;
    if screen == Screen::Timeline {
        settle_on_timeline(model);
        return remember(model);
    }
    let keys = keys(model);
    let old = model.place.cursors.remove(&screen);
    let found = old.as_ref().filter(|old| old.chosen).and_then(|old| {
        let at = keys.iter().position(|key| *key == old.key).unwrap_or_else(|| old.at.min(keys.len().saturating_sub(1)));
        keys.get(at).map(|key| Cursor { key: key.clone(), at, chosen: true })
    });
    let cursor = found.or_else(|| {
        let at = first(model, &keys);
        // Rows of these two reorder by themselves: what was selected first stays selected.
        let chosen = matches!(screen, Screen::Fleet | Screen::Waiting);
        keys.get(at).map(|key| Cursor { key: key.clone(), at, chosen })
    });
    if let Some(cursor) = cursor {
        model.place.cursors.insert(screen, cursor);
    }
    remember(model);
}

/// The same on the Timeline, whose rows are many and in the order of their numbers.
fn settle_on_timeline(model: &mut Model) {
    let old = model.place.cursors.remove(&Screen::Timeline).filter(|old| old.chosen);
    let (seq, chosen) = match old.map(|old| old.key) {
        Some(RowKey::Entry(seq)) => (seq, true),
        // In a replay it follows what was folded last.
        _ => (model.fleet.seq(), false),
    };
    let timeline = &model.time.timeline;
    let at = timeline.place_of(seq).unwrap_or_else(|| timeline.numbers().len().saturating_sub(1));
    if let Some(seq) = timeline.numbers().get(at) {
        model.place.cursors.insert(Screen::Timeline, Cursor { key: RowKey::Entry(*seq), at, chosen });
    }
}

/// Where the cursor is before a person has moved it.
fn first(model: &Model, keys: &[RowKey]) -> usize {
    match model.place.screen {
        Screen::Push if model.place.pane == Pane::Stages => {
            let at = shown_push(model).and_then(|push| push.cursor.stage).unwrap_or(0) as usize;
            if at < keys.len() { at } else { 0 }
        }
        Screen::Fleet => model.rows.fleet.iter().position(|row| row.push().is_some()).unwrap_or(0),
        Screen::Signals => keys.iter().position(|key| matches!(key, RowKey::Chart(_))).unwrap_or(0),
        Screen::Push | Screen::Waiting | Screen::Timeline => 0,
    }
}

/// Moves the cursor by so many rows, as far as there are rows; among instances where these are listed.
pub(super) fn step(model: &mut Model, by: isize) {
    if signal_instances::step(model, by) {
        return;
    }
    let keys = keys(model);
    let screen = model.place.screen;
    let at = model.place.cursor(screen).and_then(|key| keys.iter().position(|known| known == key)).unwrap_or(0);
    let at = at.saturating_add_signed(by).min(keys.len().saturating_sub(1));
    if let Some(key) = keys.into_iter().nth(at) {
        model.place.cursors.insert(screen, Cursor { key, at, chosen: true });
    }
}

/// Moves to the neighbour on the left (−1) or right (1): another environment on the Fleet screen, another push on the Push screen, another
/// moment on the Signals screen.
pub(super) fn aside(model: &mut Model, by: isize) {
    match model.place.screen {
        Screen::Fleet => {
            let environments = &model.fleet.declaration().environments;
            let present = model.selected_placement().map(|placement| placement.environment);
            let at = environments.iter().position(|environment| Some(&environment.id) == present.as_ref()).unwrap_or(0);
            let at = at.saturating_add_signed(by).min(environments.len().saturating_sub(1));
            model.place.environment = environments.get(at).map(|environment| environment.id.clone());
        }
        Screen::Push => {
            let pushes: Vec<_> = filter::pushes(model).into_iter().map(Push::id).collect();
            let at = shown_push(model).and_then(|shown| pushes.iter().position(|push| *push == shown.id())).unwrap_or(0);
            let at = at.saturating_add_signed(by).min(pushes.len().saturating_sub(1));
            model.place.push = pushes.get(at).copied().or(model.place.push);
            model.place.cursors.remove(&Screen::Push);
        }
        Screen::Signals => signal_place::step(model, by),
        Screen::Waiting | Screen::Timeline => {}
    }
}

/// Lets the other screens follow what is selected on this one.
fn remember(model: &mut Model) {
    let (push, services) = match model.place.cursor(model.place.screen) {
        Some(RowKey::Service(service)) => (push_of_row(model), vec![service.clone()]),
        Some(RowKey::Group(group)) => {
            (push_of_row(model), model.fleet.declaration().group(group).map(|group| group.services.clone()).unwrap_or_default())
        }
        Some(RowKey::Waiting(WaitingKey { placement: Some(placement), .. })) => (None, vec![placement.service.clone()]),
        Some(RowKey::Waiting(key)) => (key.push, services_of(model, key.push)),
        Some(RowKey::Entry(_)) => match push_of_row(model) {
            Some(push) => (Some(push), services_of(model, Some(push))),
            None => return,
        },
        Some(RowKey::Stage(push, _) | RowKey::Requirement(push, _)) => (Some(*push), services_of(model, Some(*push))),
        None if model.place.screen == Screen::Push => match shown_push(model).map(Push::id) {
            Some(push) => (Some(push), services_of(model, Some(push))),
            None => return,
        },
        Some(RowKey::Chart(_) | RowKey::Errors(_)) | None => return,
    };
    model.place.push = push.or(model.place.push);
    model.place.services = services;
}

fn services_of(model: &Model, push: Option<PushId>) -> Vec<ServiceId> {
    let push = push.and_then(|push| model.fleet.push(push));
    push.map(|push| push.plan.moves.iter().map(|part| part.service.clone()).collect()).unwrap_or_default()
}

/// The push of the selected row of the screen shown.
pub(super) fn push_of_row(model: &Model) -> Option<PushId> {
    match model.place.cursor(model.place.screen)? {
        key @ (RowKey::Group(_) | RowKey::Service(_)) => {
            model.rows.fleet.iter().find(|row| row.key() == *key).and_then(FleetRow::push)
        }
        RowKey::Waiting(key) => key.push,
        RowKey::Stage(push, _) | RowKey::Requirement(push, _) | RowKey::Errors(push) => Some(*push),
        RowKey::Chart(chart) => model.fleet.open_push_of(&chart.placement.service).map(Push::id),
        RowKey::Entry(seq) => model.time.timeline.row(*seq).and_then(|row| row.push),
    }
}

/// The push that the Push screen shows: the one last looked at, else the most urgent that is not over, else the last there was.
pub(super) fn shown_push(model: &Model) -> Option<&Push> {
    let fleet = &model.fleet;
    let urgent = || {
        let shown = fleet.pushes().filter(|push| fleet_rows::is_shown(push));
        shown.min_by_key(|push| status::of_push(fleet, push, model.now()))
    };
    model.place.push.and_then(|push| fleet.push(push)).or_else(urgent).or_else(|| fleet.pushes().next_back())
}
