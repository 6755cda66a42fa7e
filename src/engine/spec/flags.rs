//! `[[flag]]`: what a service's instances ask before they take a new path.

use super::names::refers;
use crate::document::{At, Date, Table};
use crate::domain::flag::Flag;
use crate::domain::id::{FlagId, ServiceId};
use crate::domain::service::{Release, Service};
use crate::domain::time::Period;
use crate::safe;

/// Every flag, in the order written; each release stands behind flags of its own service only.
pub fn read(root: &Table<'_>, services: &[At<Service>], releases: &[At<Release>]) -> Vec<Flag> {
    let mut found: Vec<Flag> = Vec::new();
    for table in root.tables("flag") {
        let Some((flag, line)) = flag(&table, services) else { continue };
        if found.iter().any(|known| known.id == flag.id) {
            let what = format!("the flag {:?} is declared twice", flag.id.as_str());
            root.sheet().fault(line, &what, "give one of them another name");
        }
        found.push(flag);
    }
    for release in releases {
        for name in &release.flags {
            let name = At { value: name.as_str().to_owned(), line: release.line };
            let of_service = found.iter().filter(|flag| flag.service == release.service);
            refers(root.sheet(), &format!("flag of {}", release.service), &name, of_service.map(|flag| flag.id.as_str()));
        }
    }
    found
}

fn flag(table: &Table<'_>, services: &[At<Service>]) -> Option<(Flag, usize)> {
    let name = table.need::<String>("name");
    let service = table.need::<String>("service");
    let covers = table.need::<String>("covers");
    let propagates = table.need::<Period>("propagates");
    let tried = table.get::<Date>("tried").map(|date| date.value.0);
    table.close();
    if let Some(service) = &service {
        refers(table.sheet(), "service", service, services.iter().map(|service| service.id.as_str()));
    }
    let (name, propagates) = (name?, propagates?);
    if propagates.value.is_zero() {
        let what = format!("the flag {:?} propagates in no time at all", name.value);
        table.sheet().fault(propagates.line, &what, "write how long until every instance has taken a switch");
    }
    let (id, service, covers) = (FlagId::new(&name.value), ServiceId::new(&service?.value), safe::clean(&covers?.value));
    Some((Flag { id, service, covers, propagates: propagates.value, tried }, name.line))
}
