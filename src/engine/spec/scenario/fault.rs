//! `[[fault]]`: how a version misbehaves.

use crate::document::{At, Percent, Table};
use crate::domain::declaration::Declaration;
use crate::domain::id::{EnvironmentId, ServiceId, Version};
use crate::domain::time::Period;

use super::super::names::refers;

/// A way for a version to be bad.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// More requests fail.
    Errors {
        /// How many times as many as of a healthy version.
        times: f64,
        /// It shows only while more than this share of the environment's serving instances carry the version, 0 to 1.
        above_share: f64,
    },
    /// Every request takes longer.
    Slow {
        /// How many times as long.
        times: f64,
    },
    /// The process dies after serving for a while, is started again after a growing pause, and dies again.
    Crash {
        /// About how long it serves.
        after: Period,
    },
    /// The environment's cells stop answering scrapes, until no instance there carries the version any more.
    MetricsVanish {
        /// How long after the version's first instance began to serve there.
        after: Period,
    },
    /// Its processes start and never become ready.
    Stuck {},
}

/// One thing that is wrong with one version of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionFault {
    /// Of which service.
    pub service: ServiceId,
    /// Which version of it.
    pub version: Version,
    /// Where it shows; everywhere if none is named.
    pub environments: Vec<EnvironmentId>,
    /// What is wrong.
    pub fault: Fault,
}

/// The faults of all versions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults(pub Vec<VersionFault>);

impl Faults {
    /// What is wrong with a service's versions in one environment.
    pub fn of(&self, service: &ServiceId, environment: &EnvironmentId) -> Vec<(Version, Fault)> {
        self.0
            .iter()
            .filter(|known| known.service == *service)
            .filter(|known| known.environments.is_empty() || known.environments.contains(environment))
            .map(|known| (known.version.clone(), known.fault.clone()))
            .collect()
    }
}

const KINDS: [&str; 5] = ["errors", "slow", "crash", "metrics_vanish", "stuck"];

/// Every fault of a scenario; references are checked where the spec is known.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Faults {
    Faults(root.tables("fault").iter().filter_map(|table| one(table, known)).collect())
}

fn one(table: &Table<'_>, known: Option<&Declaration>) -> Option<VersionFault> {
    let sheet = table.sheet();
    let service = table.need::<String>("service");
    let version = table.need::<String>("version");
    let given: Vec<&str> = KINDS.into_iter().filter(|kind| table.has(kind)).collect();
    if given.len() != 1 {
        let what = if given.is_empty() {
            "a fault does not say what goes wrong".to_owned()
        } else {
            format!("a fault is {} at once", given.join(" and "))
        };
        sheet.fault(table.line, &what, &format!("write one of {}", KINDS.join(", ")));
    }
    let body = given.first().and_then(|kind| table.table(kind).map(|body| (*kind, body)));
    let found = body.and_then(|(kind, body)| {
        let (fault, environments) = (fault(&body, kind), environments(&body, known));
        body.close();
        fault.map(|fault| (fault, environments))
    });
    table.close();
    let (service, version) = (service?, version?);
    if let Some(known) = known
        && refers(sheet, "service", &service, known.services.iter().map(|service| service.id.as_str()))
    {
        let of_service = known.releases.iter().filter(|release| release.service.as_str() == service.value);
        refers(sheet, "release", &version, of_service.map(|release| release.version.as_str()));
    }
    let (fault, environments) = found?;
    Some(VersionFault { service: ServiceId::new(&service.value), version: Version::new(&version.value), environments, fault })
}

fn fault(body: &Table<'_>, kind: &str) -> Option<Fault> {
    match kind {
        "errors" => {
            let (times, above_share) = (body.need::<f64>("times"), body.or("above_share", Percent(0.0)).0);
            Some(Fault::Errors { times: times?.value, above_share })
        }
        "slow" => Some(Fault::Slow { times: body.need::<f64>("times")?.value }),
        "crash" => Some(Fault::Crash { after: body.need::<Period>("after")?.value }),
        "metrics_vanish" => Some(Fault::MetricsVanish { after: body.need::<Period>("after")?.value }),
        _ => Some(Fault::Stuck {}),
    }
}

fn environments(body: &Table<'_>, known: Option<&Declaration>) -> Vec<EnvironmentId> {
    let names: Vec<At<String>> = body.list("environments").map_or_else(Vec::new, |list| list.value);
    if let Some(known) = known {
        for name in &names {
            refers(body.sheet(), "environment", name, known.environments.iter().map(|environment| environment.id.as_str()));
        }
    }
    names.iter().map(|name| EnvironmentId::new(&name.value)).collect()
}
