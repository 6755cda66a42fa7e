//! `[[act]]`: what scripted people do, and when.

use std::collections::BTreeMap;

use super::super::names::refers;
use crate::document::{At, Table};
use crate::domain::declaration::Declaration;
use crate::domain::id::{GroupId, PersonId, ServiceId, Version};
use crate::domain::time::Period;

/// The person behind a start that the spec's people did not ask for, so that any of them may approve it.
const SCENARIO: &str = "scenario";

/// What a scripted person asks for. All but the start mean the push of the group that is under way then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Begins a push.
    Start {
        /// Of which group.
        group: GroupId,
        /// Which of its services, and to which version each. Never empty.
        versions: BTreeMap<ServiceId, Version>,
    },
    /// Gives one approval, as soon as it is asked for.
    Approve {
        /// Of which group's push.
        group: GroupId,
    },
    /// Stops a push where it is.
    Hold {
        /// Of which group.
        group: GroupId,
    },
    /// Releases the person's hold.
    Resume {
        /// Of which group's push.
        group: GroupId,
    },
    /// Sends a push back, in order.
    Rollback {
        /// Of which group.
        group: GroupId,
    },
    /// Takes one service of a push back alone.
    RollbackAlone {
        /// Of which group's push.
        group: GroupId,
        /// Which service.
        service: ServiceId,
        /// Why, in the person's words.
        reason: String,
    },
}

/// An act, who does it, and from when on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedAct {
    /// Since the scenario began. What cannot be done yet then is done as soon as it can.
    pub at: Period,
    /// Who.
    pub by: PersonId,
    /// What.
    pub act: Act,
}

const KINDS: [&str; 6] = ["start", "approve", "hold", "resume", "rollback", "rollback_alone"];

/// The whole script in order of time; acts of one moment keep the order in which they are written.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<ScriptedAct> {
    let mut script: Vec<ScriptedAct> = root.tables("act").iter().filter_map(|table| one(table, known)).collect();
    script.sort_by_key(|act| act.at);
    script
}

fn one(table: &Table<'_>, known: Option<&Declaration>) -> Option<ScriptedAct> {
    let sheet = table.sheet();
    let at = table.need::<Period>("at");
    let by = table.need::<String>("by");
    let given: Vec<&str> = KINDS.into_iter().filter(|kind| table.has(kind)).collect();
    if given.len() != 1 {
        let what = if given.is_empty() {
            "an act does not say what is done".to_owned()
        } else {
            format!("an act is {} at once", given.join(" and "))
        };
        sheet.fault(table.line, &what, &format!("write one of {}", KINDS.join(", ")));
    }
    let act = given.first().and_then(|kind| act(table, kind, known));
    table.close();
    let by = by?;
    if let Some(known) = known {
        let people = known.people.keys().map(PersonId::as_str).chain(std::iter::once(SCENARIO));
        refers(sheet, "person", &by, people);
    }
    Some(ScriptedAct { at: at?.value, by: PersonId::new(&by.value), act: act? })
}

fn act(table: &Table<'_>, kind: &str, known: Option<&Declaration>) -> Option<Act> {
    if kind == "start" {
        return start(&table.table(kind)?, known);
    }
    if kind == "rollback_alone" {
        return rollback_alone(&table.table(kind)?, known);
    }
    let group = group(table.sheet(), &table.get::<String>(kind)?, known);
    Some(match kind {
        "approve" => Act::Approve { group },
        "hold" => Act::Hold { group },
        "resume" => Act::Resume { group },
        _ => Act::Rollback { group },
    })
}

fn group(sheet: &crate::document::Sheet, name: &At<String>, known: Option<&Declaration>) -> GroupId {
    if let Some(known) = known {
        refers(sheet, "group", name, known.groups.iter().map(|group| group.id.as_str()));
    }
    GroupId::new(&name.value)
}

/// `rollback_alone = { group = "storage", service = "gateway", reason = "…" }`.
fn rollback_alone(table: &Table<'_>, known: Option<&Declaration>) -> Option<Act> {
    let sheet = table.sheet();
    let named = table.need::<String>("group");
    let group = named.as_ref().map(|name| group(sheet, name, known));
    let (service, reason) = (table.need::<String>("service"), table.need::<String>("reason"));
    table.close();
    let of = known.zip(group.as_ref()).and_then(|(known, group)| known.group(group));
    if let (Some(of), Some(service)) = (of, &service) {
        refers(sheet, "service of the group", service, of.services.iter().map(ServiceId::as_str));
    }
    Some(Act::RollbackAlone { group: group?, service: ServiceId::new(&service?.value), reason: reason?.value })
}

/// `start = { group = "storage", version = "v42" }` for the whole group, or `versions = { blob = "v42" }` for some of it.
fn start(table: &Table<'_>, known: Option<&Declaration>) -> Option<Act> {
    let sheet = table.sheet();
    let name = table.need::<String>("group");
    let group = name.as_ref().map(|name| group(sheet, name, known));
    let services = known.zip(group.as_ref()).and_then(|(known, group)| known.group(group)).map_or(&[][..], |group| &group.services);
    let mut versions: Vec<(ServiceId, At<String>)> = Vec::new();
    if let Some(one) = table.get::<String>("version") {
        versions.extend(services.iter().map(|service| (service.clone(), one.clone())));
    }
    if let Some(named) = table.table("versions") {
        for service in named.keys() {
            let Some(version) = named.get::<String>(&service.value) else { continue };
            if known.is_none() || refers(sheet, "service of the group", &service, services.iter().map(ServiceId::as_str)) {
                versions.retain(|(known, _)| known.as_str() != service.value);
                versions.push((ServiceId::new(&service.value), version));
            }
        }
        named.close();
    }
    if !table.has("version") && !table.has("versions") {
        table.missing("version", "\"v42\" for the whole group, or versions = { blob = \"v42\" }");
    }
    table.close();
    for (service, version) in &versions {
        if let Some(known) = known {
            let releases = known.releases.iter().filter(|release| release.service == *service);
            refers(sheet, &format!("release of {service}"), version, releases.map(|release| release.version.as_str()));
        }
    }
    let versions = versions.into_iter().map(|(service, version)| (service, Version::new(&version.value))).collect();
    Some(Act::Start { group: group?, versions })
}
