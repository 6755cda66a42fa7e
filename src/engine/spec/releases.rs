//! `[[release]]`: what there is to run. Without a digest there is no push.

use std::collections::BTreeMap;

use super::names::refers;
use crate::document::{At, Table};
use crate::domain::declaration::Declaration;
use crate::domain::id::{Digest, ServiceId, Version};
use crate::domain::service::{Release, Service};

/// Every release, in the order written; the versions that run must be among them, since the way back leads there.
pub fn read(root: &Table<'_>, services: &[At<Service>]) -> Vec<Release> {
    let sheet = root.sheet();
    let mut lines: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut found = Vec::new();
    for table in root.tables("release") {
        let Some((release, service, line)) = release(&table) else { continue };
        refers(sheet, "service", &service, services.iter().map(|service| service.id.as_str()));
        let key = (service.value, release.version.as_str().to_owned());
        if let Some(first) = lines.get(&key) {
            let what = format!("release {} {} is declared twice (first at line {first})", key.0, key.1);
            sheet.fault(line, &what, "give one of them another version");
        }
        lines.entry(key).or_insert(line);
        found.push(release);
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

/// Releases that a scenario adds to those of its spec; references are checked where the spec is known.
pub(super) fn more(root: &Table<'_>, known: &mut Declaration, is_known: bool) {
    let sheet = root.sheet();
    for table in root.tables("release") {
        let Some((release, service, line)) = release(&table) else { continue };
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

fn release(table: &Table<'_>) -> Option<(Release, At<String>, usize)> {
    let service = table.need::<String>("service");
    let version = table.need::<String>("version");
    let digest = table.need::<String>("digest");
    let text = |key| table.or(key, String::new());
    let (commit, author, notes) = (text("commit"), text("author"), text("notes"));
    let built = table.get("built").map(|time| time.value);
    let (commits, people) = (table.or("commits", 0), table.or("people", 0));
    let based_on = table.get::<String>("based_on").map(|version| Version::new(&version.value));
    let one_way = table.or("one_way", false);
    table.close();
    let (service, version, digest) = (service?, version?, digest?);
    let line = version.line;
    let (version, digest) = (Version::new(&version.value), Digest::new(&digest.value));
    let id = ServiceId::new(&service.value);
    Some((
        Release { service: id, version, digest, commit, author, built, notes, commits, people, based_on, one_way },
        service,
        line,
    ))
}
