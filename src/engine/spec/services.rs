//! `[[service]]` and `[defaults]`: programs, where they run, and what they owe.

use super::groups::WrittenGroup;
use super::names::{Names, refers};
use super::{logs, slo, thresholds};
use crate::document::{At, Table};
use crate::domain::environment::Environment;
use crate::domain::id::{GroupId, ServiceId, Version};
use crate::domain::logs::Logs;
use crate::domain::metric::Threshold;
use crate::domain::service::{Deployment, Service};
use crate::domain::slo::Slo;
use crate::domain::time::Period;

/// What holds for a service that says nothing else.
#[derive(Clone, Debug)]
struct Defaults {
    thresholds: Vec<Threshold>,
    slo: Option<Slo>,
    drain: Option<Period>,
    install: Option<Period>,
    logs: Option<At<Logs>>,
}

/// Every service, in the order written.
pub fn read(root: &Table<'_>, environments: &[At<Environment>], groups: &[WrittenGroup]) -> Vec<At<Service>> {
    let sheet = root.sheet();
    let nothing = Defaults { thresholds: Vec::new(), slo: None, drain: None, install: None, logs: None };
    let defaults = match root.table("defaults") {
        Some(table) => {
            let defaults = common(&table, &nothing);
            table.close();
            defaults
        }
        None => nothing,
    };
    let tables = root.tables("service");
    if tables.is_empty() {
        root.missing("service", "at least one [[service]]");
    }
    let mut names = Names::new("service");
    let mut found = Vec::new();
    let mut calls = Vec::new();
    let mut read_at = Vec::new();
    for table in tables {
        if let Some((service, called, logs)) = service(table, &defaults, environments, groups, &mut names) {
            found.push(service);
            calls.extend(called);
            read_at.push(logs);
        }
    }
    let with_lines: Vec<_> = found.iter().map(|service| &service.value).zip(read_at).collect();
    logs::check_files(sheet, &with_lines, environments);
    for name in &calls {
        refers(sheet, "service", name, found.iter().map(|service| service.id.as_str()));
    }
    found
}

fn service(
    table: Table<'_>,
    defaults: &Defaults,
    environments: &[At<Environment>],
    groups: &[WrittenGroup],
    names: &mut Names,
) -> Option<(At<Service>, Vec<At<String>>, usize)> {
    let sheet = table.sheet();
    let name = table.need::<String>("name");
    let table = match &name {
        Some(name) => table.named(format!("service {:?}", name.value)),
        None => table,
    };
    let own = common(&table, defaults);
    let calls = table.list::<String>("calls").map_or_else(Vec::new, |list| list.value);
    let deployments = deployments(&table, environments);
    for (key, value) in [("drain", own.drain), ("install", own.install)] {
        if value.is_none() && !table.has(key) {
            table.missing(key, r#""5s", here or in [defaults]"#);
        }
    }
    if own.slo.is_none() && !table.has("slo") {
        table.missing("slo", &format!("{}, here or in [defaults]", slo::WRITTEN));
    }
    table.close();
    let name = name?;
    names.add(sheet, &name);
    let group = groups.iter().find(|group| group.services.iter().any(|service| service.value == name.value));
    if group.is_none() {
        let what = format!("service {:?} is in no group", name.value);
        sheet.fault(name.line, &what, "name it in the services of a [[group]]; one service alone is a group too");
    }
    let read_at = own.logs.as_ref().map_or(name.line, |logs| logs.line);
    let service = Service {
        id: ServiceId::new(&name.value),
        group: group.map_or_else(|| GroupId::new(""), |group| group.group.id.clone()),
        deployments,
        thresholds: own.thresholds,
        // What is missing was reported; the service still counts as declared, so that those who name it are not reported too.
        slo: own.slo.unwrap_or(Slo { availability: 0.0, window_days: 0, budget_left: 0.0, latency: Vec::new() }),
        drain: own.drain.unwrap_or_default(),
        install: own.install.unwrap_or_default(),
        calls: calls.iter().map(|name| ServiceId::new(&name.value)).collect(),
        logs: own.logs.map(|logs| logs.value),
    };
    Some((At { value: service, line: name.line }, calls, read_at))
}

fn common(table: &Table<'_>, before: &Defaults) -> Defaults {
    Defaults {
        thresholds: thresholds::read(table, &before.thresholds),
        slo: slo::read(table, before.slo.as_ref()),
        drain: table.get::<Period>("drain").map(|period| period.value).or(before.drain),
        install: table.get::<Period>("install").map(|period| period.value).or(before.install),
        logs: logs::read(table).or_else(|| before.logs.clone()),
    }
}

fn deployments(service: &Table<'_>, environments: &[At<Environment>]) -> Vec<Deployment> {
    let sheet = service.sheet();
    let running = service.get::<String>("running").map(|version| version.value);
    let capacity = service.get::<f64>("rps_per_instance");
    let Some(places) = service.table("in") else {
        service.missing("in", "a table for each environment, [service.in.production]");
        return Vec::new();
    };
    let mut found = Vec::new();
    for name in places.keys() {
        let Some(table) = places.table(&name.value) else { continue };
        let environment = environments.iter().find(|environment| environment.id.as_str() == name.value);
        if environment.is_none() {
            refers(sheet, "environment", &name, environments.iter().map(|environment| environment.id.as_str()));
        }
        let table = table.named(format!("{} in {}", service.name(), name.value));
        let instances = environment.map(|environment| instances(&table, environment));
        let peak_rps = table.need::<f64>("peak_rps");
        let own_capacity = table.get::<f64>("rps_per_instance").or_else(|| capacity.clone());
        let own_running = table.get::<String>("running").map(|version| version.value).or_else(|| running.clone());
        if environment.is_some() {
            table.close();
        }
        match &own_capacity {
            None => table.missing("rps_per_instance", "a number above 0, here or for the service"),
            Some(rps) if **rps <= 0.0 => {
                sheet.fault(rps.line, "rps_per_instance is 0", "write how many requests per second one instance can serve");
            }
            Some(_) => {}
        }
        if own_running.is_none() {
            table.missing("running", r#""v41", here or for the service"#);
        }
        let (Some(environment), Some(instances), Some(peak_rps)) = (environment, instances, peak_rps) else { continue };
        let (Some(rps), Some(running)) = (own_capacity, own_running) else { continue };
        found.push(Deployment {
            environment: environment.id.clone(),
            instances,
            peak_rps: *peak_rps,
            rps_per_instance: *rps,
            running: Version::new(&running),
        });
    }
    places.close();
    found.sort_by_key(|deployment| environments.iter().position(|environment| environment.id == deployment.environment));
    found
}

/// `instances = 4` means four in each cell; `instances = { eu = 4, us = 6 }` names them all.
fn instances(table: &Table<'_>, environment: &Environment) -> Vec<u32> {
    let cells = &environment.cells;
    let counts: Vec<At<u32>> = if table.is_table("instances") {
        table.table("instances").map_or_else(Vec::new, |by_cell| {
            let counts = cells.iter().filter_map(|cell| by_cell.need::<u32>(cell.id.as_str())).collect();
            by_cell.close();
            counts
        })
    } else {
        table.need::<u32>("instances").map_or_else(Vec::new, |count| vec![count; cells.len()])
    };
    let mut reported = None;
    for count in counts.iter().filter(|count| ***count == 0) {
        if reported != Some(count.line) {
            reported = Some(count.line);
            let instead = "write at least 1, or leave out this environment";
            table.sheet().fault(count.line, &format!("{} has 0 instances in a cell", table.name()), instead);
        }
    }
    counts.into_iter().map(|count| count.value).collect()
}
