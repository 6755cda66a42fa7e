//! The filter of each screen: a query that says which of its rows are listed. What it hides is counted, and the worst of it is named,
//! so that nothing bad can hide behind it. Row 3, the counts of the tabs and the keys that act know nothing of it.

mod placed;
mod subjects;

use std::collections::BTreeMap;

pub use self::placed::Known;
use self::subjects::Charted;
pub(super) use self::subjects::{Told, Waits};
use super::overlay::Overlay;
use super::place;
use super::screen::{RowKey, Screen};
use super::signal_charts::Chart;
use super::typing::Typing;
use super::{Model, fleet_rows};
use crate::console::keymap::{Action, Key, Place};
use crate::domain::push::Push;
use crate::domain::status::{self, Status};
use crate::query::{Fault, Query};

/// The filter of one screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// As it was typed.
    pub text: String,
    /// What it says; where it cannot be understood, what was last understood.
    query: Query,
    /// Why it cannot be understood.
    pub fault: Option<Fault>,
}

impl Filter {
    fn read(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        match Query::read(text) {
            Ok(query) => {
                self.query = query;
                self.fault = None;
            }
            Err(fault) => self.fault = Some(fault),
        }
    }
}

/// A filter being typed, over the screen it is for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Editing {
    /// What was typed.
    pub line: Typing,
    /// What the filter was before.
    before: Option<Filter>,
}

/// What a filter keeps from being listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// How many rows are listed.
    pub listed: usize,
    /// How many there are.
    pub of: usize,
    /// The worst status of what is hidden, where rows have one and it is not good.
    pub worst: Option<Status>,
}

impl Hidden {
    /// What is listed of how many, with the statuses of those that are not.
    pub(super) fn of(listed: usize, of: usize, hidden: impl IntoIterator<Item = Status>) -> Self {
        Self { listed, of, worst: hidden.into_iter().min().filter(|status| !status.is_good()) }
    }
}

/// The filters of all screens.
pub(super) type Filters = BTreeMap<Screen, Filter>;

/// What the queries of this console are answered from.
pub(super) fn known(model: &Model) -> Known<'_> {
    Known { fleet: &model.fleet, signals: model.signals(), now: model.now() }
}

/// The query of a screen, where it has one that says something.
pub(super) fn query(model: &Model, screen: Screen) -> Option<&Query> {
    model.place.filters.get(&screen).map(|filter| &filter.query).filter(|query| !query.is_empty())
}

/// What the filter of the screen shown keeps from being listed; `None` where it has none.
pub(super) fn hidden(model: &Model) -> Option<Hidden> {
    let screen = model.place.screen;
    query(model, screen)?;
    let fleet = &*model.fleet;
    match screen {
        Screen::Fleet => {
            let (all, hidden) = (fleet.declaration().services.len(), fleet_rows::unlisted(model));
            Some(Hidden::of(all - hidden.len(), all, hidden))
        }
        Screen::Waiting => {
            let (all, listed) = (&model.rows.waiting, &model.rows.waiting_shown);
            let hidden = all.iter().filter(|row| !listed.contains(row)).filter_map(|row| fleet.push(row.key.push?));
            let hidden = hidden.map(|push| status::of_push(fleet, push, model.now()));
            Some(Hidden::of(listed.len(), all.len(), hidden))
        }
        Screen::Push => {
            let listed: Vec<_> = pushes(model).into_iter().map(Push::id).collect();
            let all: Vec<_> = fleet.pushes().filter(|push| fleet_rows::is_shown(push)).collect();
            let hidden = all.iter().filter(|push| !listed.contains(&push.id()));
            let hidden: Vec<_> = hidden.map(|push| status::of_push(fleet, push, model.now())).collect();
            Some(Hidden::of(listed.len(), all.len(), hidden))
        }
        Screen::Timeline => {
            let timeline = &model.time.timeline;
            Some(Hidden::of(timeline.numbers().len(), timeline.unfolded(), []))
        }
        // These are counted when they are listed.
        Screen::Signals => model.rows.hidden,
    }
}

/// Those charts that the Signals screen lists.
pub(super) fn charts(model: &Model, all: Vec<Chart>) -> Vec<Chart> {
    let query = query(model, Screen::Signals);
    all.into_iter().filter(|chart| query.is_none_or(|query| query.means(&Charted { known: known(model), chart }))).collect()
}

/// Begins to type the filter of the screen shown.
pub(super) fn begin(model: &mut Model) {
    let before = model.place.filters.get(&model.place.screen).cloned();
    let line = before.as_ref().map(|filter| Typing::of(&filter.text)).unwrap_or_default();
    model.place.overlays.push(Overlay::Filter(Editing { line, before }));
}

/// Lists everything on a screen again. Whether anything was hidden there.
pub(super) fn clear(model: &mut Model, screen: Screen) -> bool {
    let was_there = model.place.filters.remove(&screen).is_some();
    told(model, screen);
    was_there
}

/// Lets the timeline, which keeps the list it shows, know of its filter.
fn told(model: &mut Model, screen: Screen) {
    if screen == Screen::Timeline {
        let query = query(model, screen).cloned();
        model.time.timeline.find(query, &model.fleet);
    }
}

/// Gives a screen a filter.
pub(super) fn set(model: &mut Model, screen: Screen, text: &str) {
    model.place.filters.entry(screen).or_default().read(text);
    told(model, screen);
}

/// What became of a key while a filter is typed.
pub(super) enum Answer {
    /// Nothing more.
    Taken,
    /// It moves in the list.
    Move(Action),
    /// It is bound to something that works anywhere.
    Other(Action),
}

/// Takes a key while a filter is typed: the list follows each character.
pub(super) fn key(model: &mut Model, key: Key) -> Answer {
    let Some(Overlay::Filter(editing)) = model.place.overlays.last_mut() else { return Answer::Taken };
    if editing.line.take(key) {
        let text = editing.line.text.clone();
        read(model, &text);
        return Answer::Taken;
    }
    match (model.keymap().action(key, Place::Reading), model.keymap().action(key, Place::Dialog)) {
        (_, Some(Action::Back)) => {
            if let Some(Overlay::Filter(editing)) = model.place.overlays.pop() {
                let screen = model.place.screen;
                match editing.before {
                    Some(before) => drop(model.place.filters.insert(screen, before)),
                    None => drop(model.place.filters.remove(&screen)),
                }
                told(model, screen);
            }
            Answer::Taken
        }
        (Some(Action::Open), _) => {
            model.place.overlays.pop();
            Answer::Taken
        }
        (Some(action @ (Action::Up | Action::Down | Action::PageUp | Action::PageDown)), _) => Answer::Move(action),
        (_, Some(action)) => Answer::Other(action),
        _ => Answer::Taken,
    }
}

/// Text pasted into a filter being typed.
pub(super) fn paste(model: &mut Model, text: &str) {
    let Some(Overlay::Filter(editing)) = model.place.overlays.last_mut() else { return };
    editing.line.add(text);
    let text = editing.line.text.clone();
    read(model, &text);
}

fn read(model: &mut Model, text: &str) {
    let screen = model.place.screen;
    if text.trim().is_empty() {
        model.place.filters.remove(&screen);
    } else {
        model.place.filters.entry(screen).or_default().read(text);
    }
    told(model, screen);
    if screen == Screen::Push {
        show_a_push_that_is_meant(model);
    }
}

/// The pushes that the Push screen goes through, in order.
pub(super) fn pushes(model: &Model) -> Vec<&Push> {
    let shown = model.fleet.pushes().filter(|push| fleet_rows::is_shown(push));
    let query = query(model, Screen::Push);
    shown.filter(|push| query.is_none_or(|query| known(model).means_push(query, push))).collect()
}

fn show_a_push_that_is_meant(model: &mut Model) {
    let meant: Vec<_> = pushes(model).into_iter().map(Push::id).collect();
    if !place::shown_push(model).is_some_and(|push| meant.contains(&push.id())) {
        model.place.push = meant.first().copied().or(model.place.push);
    }
}

/// Makes sure that a thing one is sent to is listed.
pub(super) fn reveal(model: &mut Model, screen: Screen, key: &RowKey) {
    let listed = match key {
        RowKey::Waiting(key) => model.rows.waiting_shown.iter().any(|row| row.key == *key),
        // The Fleet screen was given the filter that lists it.
        RowKey::Group(_) | RowKey::Service(_) => true,
        _ => false,
    };
    if !listed {
        clear(model, screen);
    }
}
