//! Every thing that can be gone to by name, and going there.

use crate::domain::id::{GroupId, PushId, ServiceId};
use crate::domain::metric::SliceId;
use crate::domain::status;

use super::fleet_rows::{self, FleetRow};
use super::screen::{RowKey, Screen};
use super::signal_charts::ChartKey;
use super::waiting::WaitingKey;
use super::{Model, filter, words};

/// Where a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// A group, on the Fleet screen.
    Group(GroupId),
    /// A service, on the Fleet screen.
    Service(ServiceId),
    /// A push, on its own screen.
    Push(PushId),
    /// Something that waits, on the Waiting screen.
    Waiting(WaitingKey),
    /// A slice with an alert, on the Signals screen.
    Slice(SliceId),
}

/// Something to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// Where it is.
    pub at: Whereabouts,
    /// What kind of thing: `service`.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// How it stands, in a few words.
    pub words: String,
}

/// All of them: what waits, alerts, pushes, groups, services.
pub(super) fn all(model: &Model) -> Vec<Thing> {
    let (fleet, now) = (model.fleet(), model.now());
    let waiting = model.waiting_rows().iter().map(|row| Thing {
        at: Whereabouts::Waiting(row.key.clone()),
        kind: "waits",
        name: row.name.clone(),
        words: format!("{} ({})", row.words, row.who),
    });
    let alerts = fleet.alerts().map(|alert| Thing {
        at: Whereabouts::Slice(alert.slice.clone()),
        kind: "alert",
        name: words::slice_name(&alert.slice),
        words: alert.slice.metric.against(alert.value, alert.limit),
    });
    let pushes = fleet.pushes().rev().map(|push| Thing {
        at: Whereabouts::Push(push.id()),
        kind: "push",
        name: words::push_name(push),
        words: status::of_push(fleet, push, now).word().to_owned(),
    });
    let declared = fleet.declaration();
    let groups = declared.groups.iter().map(|group| Thing {
        at: Whereabouts::Group(group.id.clone()),
        kind: "group",
        name: group.id.to_string(),
        words: format!("{} services", group.services.len()),
    });
    let services = declared.services.iter().map(|service| Thing {
        at: Whereabouts::Service(service.id.clone()),
        kind: "service",
        name: service.id.to_string(),
        words: format!("of {}", service.group),
    });
    waiting.chain(alerts).chain(pushes).chain(groups).chain(services).collect()
}

/// Goes to where a thing is.
pub(super) fn go(model: &mut Model, at: Whereabouts) {
    match at {
        Whereabouts::Push(push) => {
            model.place.push = Some(push);
            model.place.open(Screen::Push);
        }
        Whereabouts::Group(group) => {
            filter::clear(model, Screen::Fleet);
            select(model, Screen::Fleet, RowKey::Group(group));
        }
        Whereabouts::Service(service) => {
            filter::clear(model, Screen::Fleet);
            let rows = fleet_rows::listed(model);
            let is_folded = !rows.iter().any(|row| matches!(row, FleetRow::Service { id, .. } if *id == service));
            if is_folded {
                filter::set(model, Screen::Fleet, &format!("service={service}"));
            }
            select(model, Screen::Fleet, RowKey::Service(service));
        }
        Whereabouts::Waiting(key) => {
            model.place.push = key.push.or(model.place.push);
            select(model, Screen::Waiting, RowKey::Waiting(key));
        }
        Whereabouts::Slice(slice) => {
            model.place.services = vec![slice.service.clone()];
            select(model, Screen::Signals, RowKey::Chart(ChartKey::of(&slice)));
        }
    }
}

/// Shows a screen with the cursor on a row that is listed there.
fn select(model: &mut Model, screen: Screen, key: RowKey) {
    model.place.open(screen);
    filter::reveal(model, screen, &key);
    model.place.select(screen, key);
}
