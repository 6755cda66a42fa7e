//! `[[release]]`: what there is to run. Without a digest there is no push.

use std::collections::BTreeMap;

use super::names::refers;
use crate::document::{At, Sheet, Table};
use crate::domain::declaration::Declaration;
use crate::domain::id::{Digest, FlagId, ServiceId, Version};
use crate::domain::service::{Group, OneWay, Release, Service};
use crate::domain::stage::StagePlan;

/// Every release, in the order written; the versions that run must be among them, since the way back leads there.
pub fn read(root: &Table<'_>, services: &[At<Service>]) -> Vec<At<Release>> {
    let sheet = root.sheet();
    let mut lines: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut found: Vec<At<Release>> = Vec::new();
    for table in root.tables("release") {
        let Some((release, service, line)) = release(&table, services) else { continue };
        refers(sheet, "service", &service, services.iter().map(|service| service.id.as_str()));
        let key = (service.value, release.version.as_str().to_owned());
        if let Some(first) = lines.get(&key) {
            let what = format!("release {} {} is declared twice (first at line {first})", key.0, key.1);
            sheet.fault(line, &what, "give one of them another version");
        }
        lines.entry(key).or_insert(line);
        found.push(At { value: release, line });
    }
    for release in &found {
        check_siblings(sheet, release, &found);
    }
    for service in services {
        let mut missing: Vec<&Version> = service.deployments.iter().map(|deployment| &deployment.running).collect();
        missing.dedup();
        missing.retain(|running| !lines.contains_key(&(service.id.as_str().to_owned(), running.as_str().to_owned())));
        for running in missing {
            let what = format!("service {:?} runs {running}, of which there is no release", service.id);
            let instead = format!("add a [[release]] of {} {running} with its digest", service.id);
            sheet.fault(service.line, &what, &instead);
        }
    }
    found
}

/// The versions a release was tested beside are releases too.
fn check_siblings(sheet: &Sheet, release: &At<Release>, all: &[At<Release>]) {
    for (sibling, versions) in &release.works_with {
        // A sibling that is not there has been said already.
        for version in versions.iter().filter(|_| all.iter().any(|other| other.service == *sibling)) {
            let name = At { value: version.as_str().to_owned(), line: release.line };
            let known = all.iter().filter(|other| other.service == *sibling).map(|other| other.version.as_str());
            refers(sheet, &format!("release of {sibling}"), &name, known);
        }
    }
}

/// The stage with which a one-way door is passed is one of the way that the service's group takes.
pub fn check_doors(
    root: &Table<'_>,
    releases: &[At<Release>],
    services: &[At<Service>],
    groups: &[Group],
    plans: &BTreeMap<String, StagePlan>,
) {
    for release in releases {
        let Some(from) = release.one_way.as_ref().and_then(|one_way| one_way.from.as_ref()) else { continue };
        let group = services
            .iter()
            .find(|service| service.id == release.service)
            .and_then(|service| groups.iter().find(|group| group.id == service.group));
        let Some(plan) = group.and_then(|group| plans.get(&group.plan)) else { continue };
        let names: Vec<String> = plan
            .legs
            .iter()
            .flat_map(|leg| {
                leg.stages.iter().flat_map(|stage| [stage.name.clone(), format!("{} in {}", stage.name, leg.environment)])
            })
            .collect();
        let name = At { value: from.clone(), line: release.line };
        refers(root.sheet(), "stage", &name, names.iter().map(String::as_str));
    }
}

/// `one_way = true`, from which stage on, and what to do instead of going back.
fn one_way(table: &Table<'_>) -> Option<OneWay> {
    let (is_one_way, from, instead) =
        (table.or("one_way", false), table.get::<String>("one_way_from"), table.get::<String>("instead"));
    if is_one_way && !table.has("instead") {
        table.missing("instead", "\"fix forward; see runbook …\", since nobody can go back past a one-way release");
    }
    for (key, given) in [("one_way_from", &from), ("instead", &instead)] {
        if let (false, Some(given)) = (is_one_way, given) {
            let what = format!("{} has {key:?} and is not one-way", table.name());
            table.sheet().fault(given.line, &what, "add one_way = true, or leave it out");
        }
    }
    is_one_way.then_some(OneWay { from: from.map(|from| from.value), instead: instead?.value })
}

/// `works_with = { index = ["v41", "v42"] }`: beside which versions of its siblings it was tested.
fn works_with(table: &Table<'_>, of: Option<&Service>, services: &[At<Service>]) -> BTreeMap<ServiceId, Vec<Version>> {
    let Some(named) = table.table("works_with") else { return BTreeMap::new() };
    let siblings = services.iter().filter(|service| of.is_some_and(|of| of.group == service.group && of.id != service.id));
    let mut found = BTreeMap::new();
    for sibling in named.keys() {
        let Some(versions) = named.list::<String>(&sibling.value) else { continue };
        if of.is_some() {
            refers(table.sheet(), "sibling", &sibling, siblings.clone().map(|service| service.id.as_str()));
        }
        if versions.value.is_empty() {
            let what = format!("works_with names no version of {:?}", sibling.value);
            table.sheet().fault(sibling.line, &what, "name those it was tested beside, or leave the sibling out");
        }
        found.insert(ServiceId::new(&sibling.value), versions.value.iter().map(|version| Version::new(&version.value)).collect());
    }
    named.close();
    found
}

/// Releases that a scenario adds to those of its spec; references are checked where the spec is known.
pub(super) fn more(root: &Table<'_>, known: &mut Declaration, is_known: bool) {
    let sheet = root.sheet();
    let services: Vec<At<Service>> = known.services.iter().cloned().map(|value| At { value, line: 0 }).collect();
    for table in root.tables("release") {
        let Some((release, service, line)) = release(&table, &services) else { continue };
        if is_known {
            refers(sheet, "service", &service, known.services.iter().map(|service| service.id.as_str()));
        }
        if known.release(&release.service, &release.version).is_some() {
            let what = format!("release {} {} is declared already, in the spec or above", service.value, release.version);
            sheet.fault(line, &what, "give it another version");
            continue;
        }
        known.releases.push(release);
    }
}

/// `approvers = ["raj"]`: who looked at it. Nobody approves what they have made.
fn approvers(table: &Table<'_>, author: &str) -> Vec<String> {
    let named = table.list::<String>("approvers").map_or_else(Vec::new, |list| list.value);
    for one in named.iter().filter(|one| !author.is_empty() && one.value == author) {
        let what = format!("{author} is author and approver of a release");
        table.sheet().fault(one.line, &what, "name somebody else who looked at it, or leave approvers out");
    }
    named.into_iter().map(|one| one.value).collect()
}

fn release(table: &Table<'_>, services: &[At<Service>]) -> Option<(Release, At<String>, usize)> {
    let service = table.need::<String>("service");
    let version = table.need::<String>("version");
    let digest = table.need::<String>("digest");
    let text = |key| table.or(key, String::new());
    let (commit, author, notes) = (text("commit"), text("author"), text("notes"));
    let (config, migration) = (text("config"), text("migration"));
    let approvers = approvers(table, &author);
    let built = table.get("built").map(|time| time.value);
    let (commits, people) = (table.or("commits", 0), table.or("people", 0));
    let based_on = table.get::<String>("based_on").map(|version| Version::new(&version.value));
    let one_way = one_way(table);
    let of = service.as_ref().and_then(|name| services.iter().find(|service| service.id.as_str() == name.value));
    let works_with = works_with(table, of.map(|of| &of.value), services);
    let flags = table.list::<String>("flags").map_or_else(Vec::new, |list| list.value);
    let flags = flags.iter().map(|flag| FlagId::new(&flag.value)).collect();
    table.close();
    let (service, version, digest) = (service?, version?, digest?);
    let line = version.line;
    let (version, digest) = (Version::new(&version.value), Digest::new(&digest.value));
    let id = ServiceId::new(&service.value);
    Some((
        Release {
            service: id,
            version,
            digest,
            commit,
            author,
            approvers,
            built,
            notes,
            config,
            migration,
            commits,
            people,
            based_on,
            one_way,
            works_with,
            flags,
        },
        service,
        line,
    ))
}
