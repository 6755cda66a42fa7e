//! `[[act]]`: what scripted people do, and when.

use std::collections::BTreeMap;

use super::super::names::refers;
use crate::document::{At, Table};
use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, EnvironmentId, FlagId, GroupId, PersonId, PlacementId, ServiceId, Version};
use crate::domain::lane::Lane;
use crate::domain::requirement::RequirementKind;
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
        /// In how much of a hurry.
        lane: Lane,
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
    /// Puts fixes in the place of what is in flight.
    FixForward {
        /// In which group's push.
        group: GroupId,
        /// Which of its services, and the version of each fix. Never empty.
        versions: BTreeMap<ServiceId, Version>,
    },
    /// Sends a push back, in order.
    Rollback {
        /// Of which group.
        group: GroupId,
    },
    /// Has what was changed by hand in a placement brought back to its target, once there is something.
    BringBack {
        /// Of which group its service is.
        group: GroupId,
        /// Which placement.
        placement: PlacementId,
    },
    /// Changes instances by hand, past the engine.
    ByHand {
        /// What is done to which.
        change: HandChange,
    },
    /// Waives a requirement, or seconds that, as soon as it does not hold.
    Waive {
        /// Of which group's push.
        group: GroupId,
        /// Which.
        requirement: RequirementKind,
        /// Why.
        reason: String,
        /// For how long.
        lasts: Period,
    },
    /// Takes approval back, as soon as there is one.
    Revoke {
        /// Of which group's push.
        group: GroupId,
    },
    /// Switches a flag off.
    FlagOff {
        /// The group of the service that reads it.
        group: GroupId,
        /// Which.
        flag: FlagId,
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
    /// Drains a cell of what a push has brought there, as soon as there is something.
    Drain {
        /// Of which group's push.
        group: GroupId,
        /// Which cell of the environment it is in.
        cell: CellId,
        /// Why, in the person's words.
        reason: String,
    },
    /// Stops a push that goes back, as soon as it does.
    HaltRollback {
        /// Of which group.
        group: GroupId,
        /// Why, in the person's words.
        reason: String,
    },
    /// Has what failed tried again, once something has.
    Retry {
        /// Of which group's push.
        group: GroupId,
    },
}

/// Instances of one cell that somebody changes past the engine: those with the highest numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandChange {
    /// Which service, and where.
    pub placement: PlacementId,
    /// In which cell.
    pub cell: CellId,
    /// How many instances.
    pub instances: u32,
    /// The version that is put on them, declared or not; `None` takes them out of the balancer.
    pub version: Option<Version>,
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

const KINDS: [&str; 15] = [
    "flag_off",
    "start",
    "approve",
    "hold",
    "resume",
    "fix_forward",
    "rollback",
    "rollback_alone",
    "halt_rollback",
    "drain",
    "retry",
    "bring_back",
    "by_hand",
    "waive",
    "revoke",
];

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
        let table = table.table(kind)?;
        // `emergency = "why"` beside the releases takes the emergency lane.
        let lane = table.get::<String>("emergency").map_or(Lane::Standard, |why| Lane::Emergency { reason: why.value });
        return releases(&table, known).map(|(group, versions)| Act::Start { group, versions, lane });
    }
    if kind == "fix_forward" {
        return releases(&table.table(kind)?, known).map(|(group, versions)| Act::FixForward { group, versions });
    }
    if kind == "by_hand" {
        return Some(Act::ByHand { change: by_hand(&table.table(kind)?, known)? });
    }
    if kind == "bring_back" {
        return bring_back(table.sheet(), &table.get::<String>(kind)?, known);
    }
    if kind == "waive" {
        return waive(&table.table(kind)?, known);
    }
    if kind == "rollback_alone" {
        return rollback_alone(&table.table(kind)?, known);
    }
    if kind == "drain" {
        return drain(&table.table(kind)?, known);
    }
    if kind == "halt_rollback" {
        return halt_rollback(&table.table(kind)?, known);
    }
    if kind == "flag_off" {
        let (name, known) = (table.get::<String>(kind)?, known?);
        refers(table.sheet(), "flag", &name, known.flags.iter().map(|flag| flag.id.as_str()));
        let flag = known.flags.iter().find(|flag| flag.id.as_str() == name.value)?;
        return Some(Act::FlagOff { group: known.group_of(&flag.service)?.id.clone(), flag: flag.id.clone() });
    }
    let group = group(table.sheet(), &table.get::<String>(kind)?, known);
    Some(match kind {
        "approve" => Act::Approve { group },
        "hold" => Act::Hold { group },
        "resume" => Act::Resume { group },
        "revoke" => Act::Revoke { group },
        "retry" => Act::Retry { group },
        _ => Act::Rollback { group },
    })
}

fn group(sheet: &crate::document::Sheet, name: &At<String>, known: Option<&Declaration>) -> GroupId {
    if let Some(known) = known {
        refers(sheet, "group", name, known.groups.iter().map(|group| group.id.as_str()));
    }
    GroupId::new(&name.value)
}

/// `waive = { group = "storage", requirement = "p99", reason = "a known slow client", lasts = "10m" }`.
fn waive(table: &Table<'_>, known: Option<&Declaration>) -> Option<Act> {
    let sheet = table.sheet();
    let name = table.need::<String>("group");
    let group = name.as_ref().map(|name| group(sheet, name, known));
    let word = table.need::<String>("requirement");
    let kinds: Vec<RequirementKind> = RequirementKind::all().filter(RequirementKind::is_waivable).collect();
    if let Some(word) = &word {
        refers(sheet, "requirement that can be waived", word, kinds.iter().map(RequirementKind::word));
    }
    let (reason, lasts) = (table.need::<String>("reason"), table.need::<Period>("lasts"));
    table.close();
    let requirement = kinds.iter().find(|kind| word.as_ref().is_some_and(|word| word.value == kind.word()))?.clone();
    Some(Act::Waive { group: group?, requirement, reason: reason?.value, lasts: lasts?.value })
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

/// `drain = { group = "storage", cell = "eu", reason = "…" }`.
fn drain(table: &Table<'_>, known: Option<&Declaration>) -> Option<Act> {
    let sheet = table.sheet();
    let group = table.need::<String>("group").map(|name| group(sheet, &name, known));
    let (cell, reason) = (table.need::<String>("cell"), table.need::<String>("reason"));
    table.close();
    if let (Some(known), Some(cell)) = (known, &cell) {
        let cells = known.environments.iter().flat_map(|environment| &environment.cells);
        refers(sheet, "cell", cell, cells.map(|cell| cell.id.as_str()));
    }
    Some(Act::Drain { group: group?, cell: CellId::new(&cell?.value), reason: reason?.value })
}

/// `halt_rollback = { group = "storage", reason = "…" }`.
fn halt_rollback(table: &Table<'_>, known: Option<&Declaration>) -> Option<Act> {
    let group = table.need::<String>("group").map(|name| group(table.sheet(), &name, known));
    let reason = table.need::<String>("reason");
    table.close();
    Some(Act::HaltRollback { group: group?, reason: reason?.value })
}

/// `{ group = "storage", version = "v42" }` for the whole group, or `versions = { blob = "v42" }` for some of it.
fn releases(table: &Table<'_>, known: Option<&Declaration>) -> Option<(GroupId, BTreeMap<ServiceId, Version>)> {
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
    Some((group?, versions))
}

/// `bring_back = "blob@production"`.
fn bring_back(sheet: &crate::document::Sheet, name: &At<String>, known: Option<&Declaration>) -> Option<Act> {
    let Ok(placement) = name.value.parse::<PlacementId>() else {
        sheet.fault(
            name.line,
            &format!("bring_back is {:?}", name.value),
            "write a service and its environment, such as \"blob@production\"",
        );
        return None;
    };
    let known = known?;
    let service = At { value: placement.service.to_string(), line: name.line };
    if !refers(sheet, "service", &service, known.services.iter().map(|service| service.id.as_str())) {
        return None;
    }
    let environment = At { value: placement.environment.to_string(), line: name.line };
    refers(sheet, "environment", &environment, known.environments.iter().map(|environment| environment.id.as_str()));
    let group = known.service(&placement.service)?.group.clone();
    Some(Act::BringBack { group, placement })
}

/// `by_hand = { service = "blob", environment = "production", cell = "ap", instances = 2, version = "v40" }`, or `out = true` in the
/// version's place.
fn by_hand(table: &Table<'_>, known: Option<&Declaration>) -> Option<HandChange> {
    let sheet = table.sheet();
    let (service, environment, cell) =
        (table.need::<String>("service"), table.need::<String>("environment"), table.need::<String>("cell"));
    let instances = table.need::<u32>("instances");
    let (version, out) = (table.get::<String>("version"), table.or("out", false));
    table.close();
    if version.is_some() == out {
        sheet.fault(
            table.line,
            "a change by hand does one thing",
            "write version = \"v40\", or out = true for out of the balancer",
        );
    }
    let (service, environment, cell, instances) = (service?, environment?, cell?, instances?);
    if let Some(known) = known
        && refers(sheet, "service", &service, known.services.iter().map(|service| service.id.as_str()))
        && refers(sheet, "environment", &environment, known.environments.iter().map(|environment| environment.id.as_str()))
        && let Some(place) = known.environment(&EnvironmentId::new(&environment.value))
        && refers(sheet, "cell", &cell, place.cells.iter().map(|cell| cell.id.as_str()))
    {
        let there = known
            .service(&ServiceId::new(&service.value))
            .and_then(|service| service.deployment(&place.id))
            .zip(place.cells.iter().position(|known| known.id.as_str() == cell.value))
            .and_then(|(deployment, number)| deployment.instances.get(number).copied())
            .unwrap_or(0);
        if instances.value == 0 || instances.value > there {
            let what =
                format!("{} instances of {} are changed in {}, which has {there}", instances.value, service.value, cell.value);
            sheet.fault(instances.line, &what, &format!("write a number from 1 to {there}"));
        }
    }
    Some(HandChange {
        placement: PlacementId::new(ServiceId::new(&service.value), EnvironmentId::new(&environment.value)),
        cell: CellId::new(&cell.value),
        instances: instances.value,
        version: version.map(|version| Version::new(&version.value)),
    })
}
