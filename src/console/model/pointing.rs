//! The mouse: it selects and opens, and never acts. While a question is open it does nothing at all.

use crate::domain::time::{ConsoleTime, Period};

use super::Model;
use super::explain::Explaining;
use super::overlay::Overlay;
use super::screen::{RowKey, Screen};

/// Two clicks on one thing within this time open it.
const DOUBLE: Period = Period::from_millis(400);

/// What of a screen can be pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The tab of a screen.
    Tab(Screen),
    /// A row that can be selected.
    Row(RowKey),
}

/// What the mouse did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// The wheel turned away from the person, by one notch.
    Up,
    /// The wheel turned towards the person, by one notch.
    Down,
    /// A click on this.
    At(Spot),
}

/// The last click, for the second of a double click.
#[derive(Clone, Debug, Default)]
pub(super) struct Pointing {
    last: Option<(Spot, ConsoleTime)>,
}

impl Pointing {
    /// Takes a click in; says whether it is the second of two.
    fn click(&mut self, spot: &Spot, at: ConsoleTime) -> bool {
        let twice = self.last.take().is_some_and(|(last, when)| last == *spot && at.since(when) <= DOUBLE);
        if !twice {
            self.last = Some((spot.clone(), at));
        }
        twice
    }
}

/// Takes in what the mouse did.
pub(super) fn pointed(model: &mut Model, pointed: Pointed, at: ConsoleTime) {
    if model.setup.kiosk {
        return;
    }
    model.turning.touch(at);
    match (model.place.overlays.last_mut(), pointed) {
        (Some(Overlay::Help { scroll } | Overlay::Explain(Explaining { scroll, .. })), Pointed::Up) => {
            *scroll = scroll.saturating_sub(1);
        }
        (Some(Overlay::Help { scroll } | Overlay::Explain(Explaining { scroll, .. })), Pointed::Down) => {
            *scroll = scroll.saturating_add(1);
        }
        (Some(Overlay::Which(which)), Pointed::Up) => which.selected = which.selected.saturating_sub(1),
        (Some(Overlay::Which(which)), Pointed::Down) => {
            which.selected = (which.selected + 1).min(which.choices.len().saturating_sub(1));
        }
        (Some(Overlay::Columns(choosing)), Pointed::Up) => choosing.step(-1),
        (Some(Overlay::Columns(choosing)), Pointed::Down) => choosing.step(1),
        (Some(Overlay::Instances(strip)), Pointed::Up) => strip.wheel(-1),
        (Some(Overlay::Instances(strip)), Pointed::Down) => strip.wheel(1),
        (Some(_), _) => {}
        (None, Pointed::Up) => super::place::step(model, -1),
        (None, Pointed::Down) => super::place::step(model, 1),
        (None, Pointed::At(Spot::Tab(screen))) => model.place.open(screen),
        (None, Pointed::At(spot)) => {
            let twice = model.pointing.click(&spot, at);
            if let Spot::Row(key) = spot {
                let screen = model.place.screen;
                model.place.select(screen, key);
                if twice {
                    super::reduce::open(model);
                }
            }
        }
    }
}
