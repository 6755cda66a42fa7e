//! The fleet, a group, a service, and a service in one environment.

use crate::domain::explain::{self, Moment, meaning};
use crate::domain::fleet::Fleet;
use crate::domain::id::{GroupId, PlacementId, ServiceId};
use crate::domain::placement::Placement;
use crate::domain::service::Service;
use crate::domain::status;

use super::super::{Model, fleet_rows, words};
use super::parts::{answers, listed};
use super::{Page, gone, push};

/// The fleet as a whole.
pub(super) fn fleet(model: &Model) -> Page {
    if !model.has_data() {
        let waits = format!("nothing was heard of {} yet: it is shown as soon as it says where things stand", model.source().uri);
        return Page::new("No data yet").with("Why", [("", waits)]);
    }
    let declared = model.fleet().declaration();
    let environments: Vec<_> = declared.environments.iter().map(|environment| environment.id.to_string()).collect();
    let is = format!(
        "{} services in {} groups; a push takes them through {}, in this order",
        declared.services.len(),
        declared.groups.len(),
        environments.join(", ")
    );
    let open = model.fleet().pushes().filter(|push| push.is_open()).map(words::push_name);
    Page::new("The fleet").with("What it is", [("", is)]).with("Under way", listed("", open))
}

/// A group: its services, and its push where one moves it.
pub(super) fn group(model: &Model, id: &GroupId) -> Page {
    let Some(group) = model.fleet().declaration().group(id) else { return gone("this group") };
    let names: Vec<_> = group.services.iter().map(ToString::to_string).collect();
    let is = format!("a group: services that move and return together, forward in this order: {}", names.join(", "));
    let page = Page::new(id.to_string()).with("What it is", [("", is), ("Owners", group.owners.to_string())]);
    match super::selection::push_of_row(model) {
        Some(of) => page.and(push::page(model, of)),
        None => group.services.iter().fold(page, |page, service| page.and(service_places(model, service))),
    }
}

/// A service: what it is, each of its placements, and its push where one moves it.
pub(super) fn service(model: &Model, id: &ServiceId) -> Page {
    let declared = model.fleet().declaration();
    let Some(service) = declared.services.iter().find(|service| service.id == *id) else { return gone("this service") };
    let page = Page::new(id.to_string()).with("What it is", what(service)).and(service_places(model, id));
    match super::selection::push_of_row(model) {
        Some(of) => page.and(push::page(model, of)),
        None => page,
    }
}

/// A service in one environment.
pub(super) fn placement(model: &Model, id: &PlacementId) -> Page {
    let Some(placement) = model.fleet().placement_by_id(id) else { return gone("this service there") };
    let declared = model.fleet().declaration();
    let service = declared.services.iter().find(|service| service.id == id.service);
    Page::new(id.to_string())
        .with("What it is", service.map(what).unwrap_or_default())
        .with(heading(model.fleet(), placement, &model.moment()), lines(model, placement))
}

fn what(service: &Service) -> Vec<(&'static str, String)> {
    let slo = format!(
        "{} % of requests must succeed over {} days; {:.0} % of the error budget is left",
        service.slo.availability * 100.0,
        service.slo.window_days,
        service.slo.budget_left * 100.0
    );
    let calls: Vec<_> = service.calls.iter().map(ToString::to_string).collect();
    vec![("", format!("a service of the group {}", service.group)), ("Calls", calls.join(", ")), ("SLO", slo)]
}

fn service_places(model: &Model, id: &ServiceId) -> Page {
    let places = fleet_rows::placements_of(model.fleet(), id);
    let moment = model.moment();
    places.fold(Page::default(), |page, placement| page.with(heading(model.fleet(), placement, &moment), lines(model, placement)))
}

fn heading(fleet: &Fleet, placement: &Placement, moment: &Moment) -> String {
    let status = status::of_placement(fleet, placement, moment.now);
    format!("{} in {}: {}", placement.id.service, placement.id.environment, status.word())
}

fn lines(model: &Model, placement: &Placement) -> Vec<(&'static str, String)> {
    let (fleet, moment) = (model.fleet(), model.moment());
    let status = status::of_placement(fleet, placement, moment.now);
    let counts = |counts: std::collections::BTreeMap<&crate::domain::id::Version, u32>| {
        counts.iter().map(|(version, count)| format!("{count} on {version}")).collect::<Vec<_>>().join(", ")
    };
    let current = placement.current();
    let now = if current.is_empty() { "nothing was seen of it".to_owned() } else { counts(current) };
    let three = format!("{now}; may run now: {}; should end on {}", counts(placement.target()), placement.desired);
    let mut lines = vec![("", meaning::status(status).to_owned()), ("Runs", three)];
    lines.extend(answers(explain::placement(fleet, placement, &moment)));
    lines
}
