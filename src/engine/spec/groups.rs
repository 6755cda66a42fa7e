//! `[[group]]`: services that move in step, and who answers for them.

use super::names::{Names, refers};
use crate::document::{At, Table};
use crate::domain::id::{GroupId, Role, ServiceId};
use crate::domain::service::{Group, Service, Succession};

/// Releases of a train that may be in flight at once, where nothing is said.
const MOST_IN_FLIGHT: u32 = 3;

/// A group as it is written, with the lines that its names stand on.
#[derive(Debug)]
pub struct WrittenGroup {
    /// The group; its plan is still the name in the spec.
    pub group: Group,
    /// The line of its name.
    pub line: usize,
    /// Its services.
    pub services: Vec<At<String>>,
    /// The plan it names, where it names one.
    pub plan: Option<At<String>>,
}

/// Every group, in the order written.
pub fn read(root: &Table<'_>) -> Vec<WrittenGroup> {
    let sheet = root.sheet();
    let mut names = Names::new("group");
    let mut found = Vec::new();
    for table in root.tables("group") {
        let name = table.need::<String>("name");
        let table = match &name {
            Some(name) => table.named(format!("group {:?}", name.value)),
            None => table,
        };
        let services = table.need::<Vec<String>>("services").and_then(|_| table.list::<String>("services"));
        let services = services.map_or_else(Vec::new, |list| list.value);
        let hops = table.list::<String>("hops").map_or_else(Vec::new, |list| list.value);
        let (sticky, pinned) = (table.or("sticky", false), table.or("pinned", false));
        let plan = table.get::<String>("plan");
        let owners = table.need::<String>("owners");
        let releases = succession(&table);
        table.close();
        let mut once = Names::new("in one group, service");
        for service in &services {
            once.add(sheet, service);
        }
        for hop in hops.iter().filter(|hop| services.iter().all(|service| service.value != hop.value)) {
            let what = format!("hop {:?} is no service of {}", hop.value, table.name());
            sheet.fault(hop.line, &what, "name only services of this group, in the order a request meets them");
        }
        let (Some(name), Some(owners)) = (name, owners) else { continue };
        names.add(sheet, &name);
        let ids = |names: &[At<String>]| names.iter().map(|name| ServiceId::new(&name.value)).collect();
        let group = Group {
            id: GroupId::new(&name.value),
            services: ids(&services),
            hops: ids(&hops),
            sticky,
            pinned,
            plan: plan.as_ref().map_or_else(|| super::plans::STANDARD.to_owned(), |plan| plan.value.clone()),
            owners: Role::new(&owners.value),
            releases,
        };
        found.push(WrittenGroup { group, line: name.line, services, plan });
    }
    found
}

/// `releases = "train"`, with `most_in_flight`; a newer release replaces one in flight where nothing else is said.
fn succession(table: &Table<'_>) -> Succession {
    let sheet = table.sheet();
    let named = table.get::<String>("releases");
    let most = table.get::<u32>("most_in_flight");
    match named.as_ref().map(|named| named.value.as_str()) {
        Some("train") => {
            let found = most.as_ref().map_or(MOST_IN_FLIGHT, |most| most.value);
            if let Some(most) = most.filter(|most| most.value == 0) {
                sheet.fault(most.line, "most_in_flight is 0, so nothing could ever be started", "write 1 or more");
            }
            return Succession::Train { most: found };
        }
        None | Some("replace") => {}
        Some(other) => {
            let what = format!("releases is {other:?}");
            sheet.fault(named.as_ref().map_or(table.line, |named| named.line), &what, "write \"replace\" or \"train\"");
        }
    }
    if let Some(most) = most {
        let instead = "write releases = \"train\" as well, or leave it out";
        sheet.fault(most.line, "most_in_flight is said of a group whose newer releases replace what is in flight", instead);
    }
    Succession::Replace
}

/// Checks that every service a group names is declared, and belongs to no other group.
pub fn check_services(root: &Table<'_>, groups: &[WrittenGroup], services: &[At<Service>]) {
    let sheet = root.sheet();
    for (index, written) in groups.iter().enumerate() {
        for service in &written.services {
            let known = services.iter().map(|service| service.id.as_str());
            if !refers(sheet, "service", service, known) {
                continue;
            }
            let earlier = groups.iter().take(index).find(|other| other.services.iter().any(|name| name.value == service.value));
            if let Some(earlier) = earlier {
                let what = format!("service {:?} is in group {:?} too (line {})", service.value, earlier.group.id, earlier.line);
                sheet.fault(service.line, &what, "leave it in one group");
            }
        }
    }
}
