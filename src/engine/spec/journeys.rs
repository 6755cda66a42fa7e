//! `[[journey]]`: what is tried over HTTP as a user would, where, how often, and what must come back.

mod addresses;
mod feasible;
mod steps;

use std::collections::BTreeMap;

use self::addresses::{address_fault, is_own};
use self::steps::Names;
use super::groups::WrittenGroup;
use super::names::{self, refers};
use super::notify::is_variable;
use crate::document::{At, Table};
use crate::domain::environment::Environment;
use crate::domain::id::{CellId, EnvironmentId, GroupId};
use crate::domain::journey::{Header, Journey, Step};
use crate::domain::time::Period;
use crate::safe;

pub use self::feasible::check as check_limits;

/// How often a journey is tried where a spec does not say, in seconds.
const EVERY: i64 = 10;

/// How long an answer may take where a spec does not say, in seconds.
const TIMEOUT: i64 = 5;

/// The longest an answer may take: what hangs longer keeps others from being tried.
const LONGEST: Period = Period::from_secs(60);

/// Every journey, in the order written.
pub fn read(root: &Table<'_>, environments: &[At<Environment>], groups: &[WrittenGroup]) -> Vec<At<Journey>> {
    let mut names = names::Names::new("journey");
    let mut found = Vec::new();
    for table in root.tables("journey") {
        let name = table.need::<String>("name");
        let table = match &name {
            Some(name) => table.named(format!("journey {:?}", name.value)),
            None => table,
        };
        let journey = journey(&table, name.as_ref(), environments, groups);
        table.close();
        if let Some(name) = name {
            names.add(root.sheet(), &name);
            found.extend(journey.map(|value| At { value, line: name.line }));
        }
    }
    found
}

fn journey(
    table: &Table<'_>,
    name: Option<&At<String>>,
    environments: &[At<Environment>],
    groups: &[WrittenGroup],
) -> Option<Journey> {
    let sheet = table.sheet();
    let group = table.need::<String>("group");
    let group = group.filter(|name| refers(sheet, "group", name, groups.iter().map(|group| group.group.id.as_str())));
    let wanted = table.need::<String>("environment");
    let known = environments.iter().map(|environment| environment.id.as_str());
    let wanted = wanted.filter(|name| refers(sheet, "environment", name, known));
    let place = wanted.as_ref().and_then(|name| environments.iter().find(|place| place.id.as_str() == name.value));
    let cells = cells(table, place);
    let (every, timeout) = (period(table, "every"), period(table, "timeout"));
    let within = period(table, "within");
    let timeout = timeout.unwrap_or(At { value: Period::from_secs(TIMEOUT), line: table.line });
    if timeout.value > LONGEST {
        let what = format!("\"timeout\" in {} is {}", table.name(), timeout.value);
        sheet.fault(timeout.line, &what, "write \"60s\" at most: what hangs longer keeps others from being tried");
    }
    let secrets = secrets(table);
    let mut names = Names::new(&secrets);
    let headers = steps::headers(table, &names);
    let steps = steps::read(table, &mut names);
    let journey = Journey {
        name: safe::clean(&name?.value),
        group: GroupId::new(&group?.value),
        environment: EnvironmentId::new(&wanted?.value),
        cells: cells?,
        every: every.map_or(Period::from_secs(EVERY), |every| every.value),
        timeout: timeout.value,
        within: within.as_ref().map(|within| within.value),
        headers,
        secrets,
        steps,
    };
    check_time(table, &journey, within.as_ref());
    check_origins(table, &journey);
    Some(journey)
}

/// A limit that no journey could exceed says nothing.
fn check_time(table: &Table<'_>, journey: &Journey, within: Option<&At<Period>>) {
    if let Some(within) = within.filter(|within| within.value >= journey.longest() && !journey.steps.is_empty()) {
        let what = format!(
            "{} has to be done within {}, and its timeout ends each of its steps after {} anyway",
            table.name(),
            within.value,
            journey.timeout
        );
        table.sheet().warn(within.line, &what, "write a shorter \"within\", or leave it out");
    }
}

/// Headers of the journey go to the cells' own addresses alone: where no step goes there, nobody gets them.
fn check_origins(table: &Table<'_>, journey: &Journey) {
    if !journey.headers.is_empty() && !journey.steps.iter().any(|step: &Step| is_own(&step.url)) {
        let what = format!("{} has headers, and none of its steps goes to a cell's own address", table.name());
        table.sheet().fault(table.line, &what, "write them in the steps: no header goes to an origin it was not written for");
    }
}

/// `cells = { eu = "https://…" }`, or `address = "https://…"` for every cell of the environment.
fn cells(table: &Table<'_>, place: Option<&At<Environment>>) -> Option<BTreeMap<CellId, String>> {
    let sheet = table.sheet();
    let address = table.get::<String>("address").and_then(|address| own_address(table, "address", &address));
    let cells = table.table("cells").map(|cells| {
        let mut found = BTreeMap::new();
        for name in cells.keys() {
            let address = cells.get::<String>(&name.value).and_then(|address| own_address(&cells, &name.value, &address));
            let is_known = place.is_none_or(|place| refers(sheet, "cell", &name, place.cells.iter().map(|cell| cell.id.as_str())));
            found.extend(address.filter(|_| is_known).map(|address| (CellId::new(&name.value), address)));
        }
        if cells.keys().is_empty() {
            sheet.fault(cells.line, &format!("{} is empty", cells.name()), "write at least one cell = \"https://…\"");
        }
        found
    });
    match (table.has("address"), table.has("cells")) {
        (true, true) => {
            let what = format!("{} has both \"address\" and \"cells\"", table.name());
            sheet.fault(table.line, &what, "leave one of them out: an address is that of every cell");
            None
        }
        (false, false) => {
            table.missing("cells", r#"{ eu = "https://eu.shop.example" }, or address = "https://…" for all of them"#);
            None
        }
        (true, false) => {
            let address = address?;
            Some(place?.cells.iter().map(|cell| (cell.id.clone(), address.clone())).collect())
        }
        (false, true) => cells,
    }
}

/// An address that paths are put behind.
fn own_address(table: &Table<'_>, key: &str, address: &At<String>) -> Option<String> {
    let whole = address.value.trim_end_matches('/');
    let fault = address_fault(whole)
        .or_else(|| whole.contains(['?', '#']).then_some(("has a query", "write the address alone, and the query in the steps")));
    match fault {
        Some((what, instead)) => {
            // It may hold a password: it is not repeated.
            table.sheet().fault(address.line, &format!("the address {key:?} in {} {what}", table.name()), instead);
            None
        }
        None => Some(whole.to_owned()),
    }
}

/// `secrets = { token = "SHOP_TOKEN" }`: by what name steps use a secret, and which environment variable holds it.
fn secrets(table: &Table<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let Some(secrets) = table.table("secrets") else { return found };
    for name in secrets.keys() {
        let Some(variable) = secrets.get::<String>(&name.value) else { continue };
        if !is_variable(&variable.value) {
            let what = format!("{:?} in {} names no environment variable", name.value, secrets.name());
            let instead = "write the variable's name, such as SHOP_TOKEN, never the secret itself";
            table.sheet().fault(variable.line, &what, instead);
        }
        found.insert(name.value, variable.value);
    }
    found
}

/// Headers as they are declared, in the order written.
type Headers = Vec<Header>;

/// A length of time above zero.
fn period(table: &Table<'_>, key: &str) -> Option<At<Period>> {
    let found = table.get::<Period>(key)?;
    if found.value.is_zero() {
        table.sheet().fault(
            found.line,
            &format!("{key:?} in {} is no time at all", table.name()),
            "write a length of time above 0",
        );
    }
    Some(found)
}

#[cfg(test)]
mod tests;
