//! `[[fault]]`: how a version misbehaves; `[[shared_fault]]`: what everybody stands on is bad for a while, old and new alike.

use crate::document::{At, Percent, Table};
use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, EnvironmentId, FlagId, ServiceId, Version};
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
        /// As with errors.
        above_share: f64,
    },
    /// A small share of the requests takes much longer; the others are as they were.
    Tail {
        /// Which share of the requests, 0 to 1.
        share: f64,
        /// How many times as long these take.
        times: f64,
        /// As with errors.
        above_share: f64,
    },
    /// Its processes' memory grows from when they start, up to all that is granted.
    Leak {
        /// By how much of what is granted in a minute, above 0.
        per_minute: f64,
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

impl Fault {
    /// As it shows where the path it is on is taken by a share of the instances, 0 to 1; `None` where it does not show.
    fn scaled(&self, share: f64) -> Option<Self> {
        let times = |times: f64| 1.0 + (times - 1.0) * share;
        (share > 0.0).then(|| match self.clone() {
            Self::Errors { times: full, above_share } => Self::Errors { times: times(full), above_share },
            Self::Slow { times: full, above_share } => Self::Slow { times: times(full), above_share },
            Self::Tail { share: tail, times, above_share } => Self::Tail { share: tail * share, times, above_share },
            other => other,
        })
    }

    /// Above which share of the environment's serving instances it shows, 0 to 1.
    pub const fn above_share(&self) -> f64 {
        match self {
            Self::Errors { above_share, .. } | Self::Slow { above_share, .. } | Self::Tail { above_share, .. } => *above_share,
            Self::Leak { .. } | Self::Crash { .. } | Self::MetricsVanish { .. } | Self::Stuck {} => 0.0,
        }
    }
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
    /// In which cells of those; in all if none is named.
    pub cells: Vec<CellId>,
    /// What is wrong.
    pub fault: Fault,
    /// The flag it stands behind: where that is off nothing is wrong.
    pub flag: Option<FlagId>,
}

/// Something that everybody stands on is bad for a while: it is felt by every version alike.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedFault {
    /// Which services feel it; all if none is named.
    pub services: Vec<ServiceId>,
    /// Where; everywhere if none is named.
    pub environments: Vec<EnvironmentId>,
    /// In which cells of those; in all if none is named.
    pub cells: Vec<CellId>,
    /// From when, since the scenario began.
    pub from: Period,
    /// For how long.
    pub lasts: Period,
    /// What is wrong: [`Fault::Errors`], [`Fault::Slow`] or [`Fault::Tail`].
    pub fault: Fault,
}

impl SharedFault {
    /// Whether a service feels it in a cell, while it lasts.
    pub fn reaches(&self, service: &ServiceId, environment: &EnvironmentId, cell: &CellId) -> bool {
        names(&self.services, service) && names(&self.environments, environment) && names(&self.cells, cell)
    }
}

/// Whether a list names something; an empty one names everything.
fn names<T: PartialEq>(list: &[T], one: &T) -> bool {
    list.is_empty() || list.contains(one)
}

/// The faults of all versions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults(pub Vec<VersionFault>);

impl Faults {
    /// What is wrong in a cell, where each flag is on for a share of the instances, 0 to 1.
    pub fn behind(
        &self,
        service: &ServiceId,
        environment: &EnvironmentId,
        cell: &CellId,
        on: impl Fn(&FlagId) -> f64,
    ) -> Vec<(Version, Fault)> {
        self.0
            .iter()
            .filter(|known| known.service == *service && names(&known.environments, environment) && names(&known.cells, cell))
            .filter_map(|known| {
                let share = known.flag.as_ref().map_or(1.0, &on);
                Some((known.version.clone(), known.fault.scaled(share)?))
            })
            .collect()
    }

    /// What is wrong with a service's versions in one environment, or in one cell of it.
    pub fn of(&self, service: &ServiceId, environment: &EnvironmentId, cell: Option<&CellId>) -> Vec<(Version, Fault)> {
        self.0
            .iter()
            .filter(|known| known.service == *service && names(&known.environments, environment))
            .filter(|known| cell.is_none_or(|cell| names(&known.cells, cell)))
            .map(|known| (known.version.clone(), known.fault.clone()))
            .collect()
    }
}

const KINDS: [&str; 7] = ["errors", "slow", "tail", "leak", "crash", "metrics_vanish", "stuck"];
/// Those that can be felt by everybody: what is done to requests.
const SHARED_KINDS: [&str; 3] = ["errors", "slow", "tail"];

/// Every fault of a scenario's versions; references are checked where the spec is known.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Faults {
    Faults(root.tables("fault").iter().filter_map(|table| one(table, known)).collect())
}

fn one(table: &Table<'_>, known: Option<&Declaration>) -> Option<VersionFault> {
    let sheet = table.sheet();
    let service = table.need::<String>("service");
    let version = table.need::<String>("version");
    let flag = table.get::<String>("flag");
    let found = body(table, &KINDS, known);
    table.close();
    let (service, version) = (service?, version?);
    if let Some(known) = known
        && refers(sheet, "service", &service, known.services.iter().map(|service| service.id.as_str()))
    {
        let of_service = known.releases.iter().filter(|release| release.service.as_str() == service.value);
        refers(sheet, "release", &version, of_service.map(|release| release.version.as_str()));
    }
    if let (Some(known), Some(flag)) = (known, &flag) {
        let of_service = known.flags.iter().filter(|known| known.service.as_str() == service.value);
        refers(sheet, "flag", flag, of_service.map(|known| known.id.as_str()));
    }
    let Body { fault, environments, cells } = found?;
    let flag = flag.map(|flag| FlagId::new(&flag.value));
    Some(VersionFault {
        service: ServiceId::new(&service.value),
        version: Version::new(&version.value),
        environments,
        cells,
        fault,
        flag,
    })
}

/// Every shared fault of a scenario.
pub(super) fn read_shared(root: &Table<'_>, known: Option<&Declaration>) -> Vec<SharedFault> {
    root.tables("shared_fault").iter().filter_map(|table| shared(table, known)).collect()
}

fn shared(table: &Table<'_>, known: Option<&Declaration>) -> Option<SharedFault> {
    let services: Vec<At<String>> = table.list("services").map_or_else(Vec::new, |list| list.value);
    let (from, lasts) = (table.need::<Period>("from"), table.need::<Period>("for"));
    let found = body(table, &SHARED_KINDS, known);
    table.close();
    if let Some(known) = known {
        for service in &services {
            refers(table.sheet(), "service", service, known.services.iter().map(|service| service.id.as_str()));
        }
    }
    let services = services.iter().map(|service| ServiceId::new(&service.value)).collect();
    let Body { fault, environments, cells } = found?;
    Some(SharedFault { services, environments, cells, from: from?.value, lasts: lasts?.value, fault })
}

/// What goes wrong, and where.
struct Body {
    fault: Fault,
    environments: Vec<EnvironmentId>,
    cells: Vec<CellId>,
}

/// The one thing of these kinds that a table says goes wrong.
fn body(table: &Table<'_>, kinds: &[&'static str], known: Option<&Declaration>) -> Option<Body> {
    let given: Vec<&str> = kinds.iter().copied().filter(|kind| table.has(kind)).collect();
    if given.len() != 1 {
        let what = if given.is_empty() {
            "a fault does not say what goes wrong".to_owned()
        } else {
            format!("a fault is {} at once", given.join(" and "))
        };
        table.sheet().fault(table.line, &what, &format!("write one of {}", kinds.join(", ")));
    }
    let kind = given.first()?;
    let body = table.table(kind)?;
    let (fault, environments) = (fault(&body, kind), environments(&body, known));
    let cells = cells(&body, &environments, known);
    body.close();
    Some(Body { fault: fault?, environments, cells })
}

fn fault(body: &Table<'_>, kind: &str) -> Option<Fault> {
    let above_share = || body.or("above_share", Percent(0.0)).0;
    match kind {
        "errors" => {
            let (times, above_share) = (body.need::<f64>("times"), above_share());
            Some(Fault::Errors { times: times?.value, above_share })
        }
        "slow" => {
            let (times, above_share) = (body.need::<f64>("times"), above_share());
            Some(Fault::Slow { times: times?.value, above_share })
        }
        "tail" => {
            let (share, times) = (body.need::<Percent>("share"), body.need::<f64>("times"));
            let above_share = above_share();
            Some(Fault::Tail { share: share?.value.0, times: times?.value, above_share })
        }
        "leak" => {
            let per_minute = body.need::<Percent>("per_minute")?;
            if per_minute.value.0 <= 0.0 {
                body.sheet().fault(
                    per_minute.line,
                    "a leak of 0 % per minute leaks nothing",
                    "write how much of what is granted it takes",
                );
            }
            Some(Fault::Leak { per_minute: per_minute.value.0 })
        }
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

/// Cells of the environments named, or of any where none is.
fn cells(body: &Table<'_>, environments: &[EnvironmentId], known: Option<&Declaration>) -> Vec<CellId> {
    let found: Vec<At<String>> = body.list("cells").map_or_else(Vec::new, |list| list.value);
    if let Some(known) = known {
        let there = known.environments.iter().filter(|environment| names(environments, &environment.id));
        for name in &found {
            refers(
                body.sheet(),
                "cell",
                name,
                there.clone().flat_map(|environment| &environment.cells).map(|cell| cell.id.as_str()),
            );
        }
    }
    found.iter().map(|name| CellId::new(&name.value)).collect()
}
