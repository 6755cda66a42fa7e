//! What a team declares: the TOML spec, read into a [`Declaration`], and the scenarios that try it out.
//!
//! Pure: text in, result out. May use `domain` and `document`.

mod checks;
mod environments;
mod evidence;
mod flags;
mod groups;
mod journeys;
mod logs;
mod names;
mod notify;
mod people;
mod plans;
mod releases;
mod services;
mod slo;
mod thresholds;
mod windows;

pub mod builtin;
pub mod scenario;

use crate::document::{self, Checked, Sound};
use crate::domain::declaration::Declaration;
use crate::domain::lookup::Lookup;

/// Reads a spec. `file` is its name as the person gave it, for messages.
///
/// # Errors
/// Every fault in it, in the order of the lines.
pub fn read(file: &str, text: &str) -> Checked<Sound<Declaration>> {
    document::read(file, text, |root| {
        let environments = environments::read(root);
        let people = people::read(root);
        let groups = groups::read(root);
        let services = services::read(root, &environments, &groups);
        groups::check_services(root, &groups, &services);
        let releases = releases::read(root, &services);
        let checks = checks::read(root, &people);
        let templates = plans::read(root, &environments, &groups, &checks);
        plans::check_people(root, &templates, &groups, &people);
        let freezes = windows::freezes(root, &environments, &groups, &people);
        let journeys = journeys::read(root, &environments, &groups);
        let placed: Vec<_> = services.iter().map(|service| (&service.value, service.line)).collect();
        journeys::check_limits(root.sheet(), &journeys, &groups, &placed);
        let journeys = journeys.into_iter().map(|found| found.value).collect();
        let (plans, groups) = plans::settle(&templates, &groups);
        releases::check_doors(root, &releases, &services, &groups, &plans);
        let flags = flags::read(root, &services, &releases);
        let releases = releases.into_iter().map(|found| found.value).collect();
        let notify = notify::read(root);
        let break_glass = root.get("break_glass").map(|text| text.value);
        let services = services.into_iter().map(|found| found.value).collect();
        let environments = environments.into_iter().map(|found| found.value).collect();
        Some(Declaration {
            environments,
            groups,
            services,
            releases,
            plans,
            checks,
            flags,
            people: people.people,
            freezes,
            journeys,
            notify,
            break_glass,
            lookup: Lookup::default(),
        })
    })
}

#[cfg(test)]
mod tests;
