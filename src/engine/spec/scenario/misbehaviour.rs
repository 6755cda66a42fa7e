//! `[[fault]]`: how a version misbehaves.

use serde::{Deserialize, Serialize};

use crate::document::{At, Percent, Table};
use crate::domain::declaration::Declaration;
use crate::domain::id::{EnvironmentId, ServiceId, Version};
use crate::domain::time::Period;

use super::super::names::refers;

/// What a version does that it should not. Environments left empty mean all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Misbehaviour {
    /// It fails more requests.
    Errors {
        /// How many times as many as its predecessor.
        times: f64,
        /// Only once it takes more than this share of a cell's traffic, 0 to 1.
        #[serde(default)]
        above_share: f64,
        /// Where.
        #[serde(default)]
        environments: Vec<EnvironmentId>,
    },
    /// It answers later.
    Slow {
        /// How many times as late.
        times: f64,
    },
    /// Its instances die again and again.
    Crash {
        /// How long after they began to serve.
        after: Period,
        /// Where.
        #[serde(default)]
        environments: Vec<EnvironmentId>,
    },
    /// Its instances serve and give no numbers.
    MetricsVanish {
        /// How long after they began to serve.
        after: Period,
        /// Where.
        #[serde(default)]
        environments: Vec<EnvironmentId>,
    },
    /// Its installation never ends.
    Stuck {},
}

/// One version's misbehaviour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionFault {
    /// Of which service.
    pub service: ServiceId,
    /// Which version of it.
    pub version: Version,
    /// What it does.
    pub fault: Misbehaviour,
}

const KINDS: [&str; 5] = ["errors", "slow", "crash", "metrics_vanish", "stuck"];

/// Every fault of a scenario; references are checked where the spec is known.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<VersionFault> {
    root.tables("fault").iter().filter_map(|table| one(table, known)).collect()
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
    let fault = given.first().and_then(|kind| table.table(kind)).and_then(|body| {
        let fault = misbehaviour(&body, given.first().copied().unwrap_or_default(), known);
        body.close();
        fault
    });
    table.close();
    let (service, version) = (service?, version?);
    if let Some(known) = known
        && refers(sheet, "service", &service, known.services.iter().map(|service| service.id.as_str()))
    {
        let of_service = known.releases.iter().filter(|release| release.service.as_str() == service.value);
        refers(sheet, "release", &version, of_service.map(|release| release.version.as_str()));
    }
    Some(VersionFault { service: ServiceId::new(&service.value), version: Version::new(&version.value), fault: fault? })
}

fn misbehaviour(body: &Table<'_>, kind: &str, known: Option<&Declaration>) -> Option<Misbehaviour> {
    match kind {
        "errors" => {
            let times = body.need::<f64>("times");
            let above_share = body.or("above_share", Percent(0.0)).0;
            let environments = environments(body, known);
            Some(Misbehaviour::Errors { times: times?.value, above_share, environments })
        }
        "slow" => Some(Misbehaviour::Slow { times: body.need::<f64>("times")?.value }),
        "crash" => {
            let (after, environments) = (body.need::<Period>("after"), environments(body, known));
            Some(Misbehaviour::Crash { after: after?.value, environments })
        }
        "metrics_vanish" => {
            let (after, environments) = (body.need::<Period>("after"), environments(body, known));
            Some(Misbehaviour::MetricsVanish { after: after?.value, environments })
        }
        _ => Some(Misbehaviour::Stuck {}),
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
