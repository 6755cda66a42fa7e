//! The page of the fleet as a whole: the worst there is, how many services stand how, what is exposed, and who is needed.

use std::collections::BTreeMap;

use crate::domain::explain;
use crate::domain::exposure::{self, Exposure};
use crate::domain::fleet::Fleet;
use crate::domain::id::ServiceId;
use crate::domain::placement::Placement;
use crate::domain::status::{self, Status};

use super::super::timeline::Tone;
use super::super::words::{self, counted, grouped};
use super::super::{Model, fleet_rows, turning};
use super::{Block, Fact, Figure, forms, needed, tone};

/// What the page is about.
pub(super) fn name(model: &Model) -> Figure {
    let declared = model.fleet().declaration();
    let environments: Vec<_> = declared.environments.iter().map(|environment| environment.id.as_str()).collect();
    let services = counted(declared.services.len() as u32, "service");
    let label =
        if environments.is_empty() { "Fleet".to_owned() } else { format!("Fleet  {services} in {}", environments.join(", ")) };
    Figure { forms: vec!["FLEET".to_owned()], label, tone: Tone::Plain }
}

/// What is to be seen from afar.
pub(super) fn blocks(model: &Model) -> Vec<Block> {
    let statuses = statuses(model.fleet(), model);
    let need = needed(model, model.decisions().iter(), true);
    [Some(worst(model, &statuses)), Some(counts(&statuses)), exposed(model.fleet()), need].into_iter().flatten().collect()
}

/// The status of each service, worst first, and how many are so.
fn statuses(fleet: &Fleet, model: &Model) -> BTreeMap<Status, Vec<ServiceId>> {
    let known = status::of_services(fleet, model.now());
    let mut found: BTreeMap<Status, Vec<ServiceId>> = BTreeMap::new();
    for service in &fleet.declaration().services {
        let status = known.get(&service.id).copied().unwrap_or(Status::Converged);
        found.entry(status).or_default().push(service.id.clone());
    }
    found
}

/// The worst there is, in a word, and where it is.
fn worst(model: &Model, statuses: &BTreeMap<Status, Vec<ServiceId>>) -> Block {
    let (fleet, now) = (model.fleet(), model.now());
    let alerts = fleet.alerts().filter(|alert| !alert.is_acknowledged(now)).count();
    let Some((status, services)) = statuses.iter().next() else {
        return Figure::of(Tone::Waiting, &["NOTHING"], "no service is declared").alone();
    };
    if alerts > 0 && tone(*status) < Tone::Bad {
        let words = if alerts == 1 { "1 ALERT".to_owned() } else { format!("{alerts} ALERTS") };
        return Figure::of(Tone::Bad, &[&words], "beyond a limit for longer than it may be, and nobody has said they saw it")
            .alone();
    }
    let names: Vec<_> = services.iter().map(ServiceId::as_str).collect();
    let label = match status {
        Status::Converged | Status::Replaced => "all services; nothing is being pushed".to_owned(),
        _ => where_it_is(fleet, model, &names, *status),
    };
    Figure { forms: forms(*status), label, tone: tone(*status) }.alone()
}

/// `drm in staging`, and how many more.
fn where_it_is(fleet: &Fleet, model: &Model, names: &[&str], status: Status) -> String {
    let Some((first, rest)) = names.split_first() else { return String::new() };
    let is_so = |placement: &&Placement| status::of_placement(fleet, placement, model.now()) == status;
    let service = ServiceId::new(first);
    let place = fleet_rows::placements_of(fleet, &service).find(is_so);
    let place = place.map(|placement| format!(" in {}", placement.id.environment)).unwrap_or_default();
    let more = if rest.is_empty() { String::new() } else { format!(", and {}", counted(rest.len() as u32, "other service")) };
    format!("{first}{place}{more}")
}

/// How many services are converged, on their way, waiting and failed.
fn counts(statuses: &BTreeMap<Status, Vec<ServiceId>>) -> Block {
    let mut found = [0_usize; 5];
    for (status, services) in statuses {
        let at = match status {
            Status::Converged | Status::Replaced => 0,
            Status::Converging | Status::Baking | Status::RollingBack => 1,
            Status::Unknown => 4,
            Status::RollbackFailed | Status::OutOfStep | Status::Failed => 3,
            _ => 2,
        };
        if let Some(count) = found.get_mut(at) {
            *count += services.len();
        }
    }
    let words = [
        ("converged", Tone::Good),
        ("moving", Tone::Plain),
        ("waiting", Tone::Waiting),
        ("failed", Tone::Bad),
        ("unknown", Tone::Bad),
    ];
    let figures = words.into_iter().zip(found).map(|((word, tone), count)| {
        let tone = if count == 0 { Tone::Plain } else { tone };
        (word, Figure::of(tone, &[&grouped(count as u64)], word))
    });
    // That nothing is unknown goes without saying.
    let told = figures.filter(|(word, figure)| *word != "unknown" || figure.tone != Tone::Plain);
    Block(told.map(|(_, figure)| figure).collect())
}

/// How many instances run something new where it can hurt people. Nothing where no push is under way.
fn exposed(fleet: &Fleet) -> Option<Block> {
    let is_protected = |met: &Exposure| fleet.declaration().environment(&met.environment).is_some_and(|here| here.protected);
    let mut open = fleet.pushes().filter(|push| push.is_open()).peekable();
    open.peek()?;
    let met = open.filter_map(|push| exposure::now(fleet, push).filter(is_protected).map(|met| (push.called(), met)));
    let met: Vec<_> = met.filter(|(_, met)| met.instances > 0).collect();
    let names: Vec<_> = met.iter().map(|(name, _)| name.as_str()).collect();
    let all: u32 = met.iter().map(|(_, met)| met.instances).sum();
    let figure = match all {
        0 => Figure::of(Tone::Plain, &["NONE"], "no instance on a new version where it can hurt people"),
        some => Figure::of(Tone::Plain, &[&grouped(some.into())], format!("instances on a new version: {}", names.join(", "))),
    };
    Some(figure.alone())
}

/// What can be read from nearer.
pub(super) fn facts(model: &Model) -> Vec<Fact> {
    let fleet = model.fleet();
    let stirring = fleet.stirring().into_iter().flat_map(|service| fleet_rows::placements_of(fleet, service));
    let worst = status::worst(fleet, stirring, model.now()).filter(|(status, _)| !status.is_good());
    let why = worst.map(|(_, placement)| {
        let said = explain::placement(fleet, placement, &model.moment());
        Fact { word: "Why", text: format!("{}: {}", placement.id, said.why) }
    });
    let others: Vec<_> = turning::without_page(model).into_iter().map(words::push_name).collect();
    let others = (!others.is_empty()).then(|| Fact { word: "Also", text: others.join(", ") });
    let closing = model.closing().into_iter().next().unwrap_or_else(|| "nothing closes within a day".to_owned());
    why.into_iter().chain(others).chain([Fact { word: "Closing", text: closing }]).collect()
}
