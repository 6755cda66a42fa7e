//! What the selection is about.

use crate::domain::id::{PlacementId, PushId, ServiceId};
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::status;

use super::screen::{RowKey, Screen};
use super::{Model, fleet_rows, place};

impl Model {
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
}
