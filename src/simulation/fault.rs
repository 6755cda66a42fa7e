//! What is wrong with a version, as a scenario file declares it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::domain::id::{EnvironmentId, ServiceId, Version};
use crate::domain::time::Period;

/// The faults of all versions: the simulation's part of a scenario file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
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

/// One thing that is wrong with one version of a service. In TOML:
/// `{ service = "gateway", version = "v42", fault = { kind = "errors", times = 5 } }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionFault {
    /// Whose version.
    pub service: ServiceId,
    /// Which version.
    pub version: Version,
    /// Where it shows; everywhere if none is named.
    #[serde(default)]
    pub environments: BTreeSet<EnvironmentId>,
    /// What is wrong.
    pub fault: Fault,
}

/// A way for a version to be bad.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// More requests fail.
    Errors {
        /// How many times as many as of a healthy version, which fails 0.1 %.
        #[serde(deserialize_with = "factor")]
        times: f64,
        /// It shows only while more than this share of the environment's serving instances carry the version, 0 to 1.
        #[serde(default, deserialize_with = "share")]
        above_share: f64,
    },
    /// Every request takes longer.
    Slow {
        /// How many times as long.
        #[serde(deserialize_with = "factor")]
        times: f64,
    },
    /// The process dies after serving for a while, is started again after a growing pause, and dies again.
    Crash {
        /// About how long it serves.
        #[serde(deserialize_with = "period")]
        after: Period,
    },
    /// The environment's cells stop answering scrapes, until no instance there carries the version any more.
    MetricsVanish {
        /// How long after the version's first instance began to serve there.
        #[serde(deserialize_with = "period")]
        after: Period,
    },
    /// Its processes start and never become ready.
    Stuck {},
}

fn factor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let times = f64::deserialize(deserializer)?;
    if times.is_finite() && times >= 0.0 {
        Ok(times)
    } else {
        Err(D::Error::custom(format!("{times} is not a factor of 0 or more")))
    }
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let share = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(D::Error::custom(format!("{share} is not a share between 0 and 1"))) }
}

fn period<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Period, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.parse::<SignedDuration>() {
        Ok(length) if !length.is_negative() => Ok(Period::from_secs_f64(length.as_secs_f64())),
        _ => Err(D::Error::custom(format!("{text:?} is not a length of time such as \"90s\" or \"5min\""))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        faults: Faults,
    }

    fn read(fault: &str) -> Result<File, toml::de::Error> {
        toml::from_str(&format!("[[faults]]\nservice = \"gateway\"\nversion = \"v42\"\n{fault}"))
    }

    #[test]
    fn every_kind_is_read_from_toml() {
        let kinds = [
            ("fault = { kind = \"errors\", times = 5, above_share = 0.005 }", Fault::Errors { times: 5.0, above_share: 0.005 }),
            ("fault = { kind = \"errors\", times = 2.5 }", Fault::Errors { times: 2.5, above_share: 0.0 }),
            ("fault = { kind = \"slow\", times = 1.5 }", Fault::Slow { times: 1.5 }),
            ("fault = { kind = \"crash\", after = \"4s\" }", Fault::Crash { after: Period::from_secs(4) }),
            ("fault = { kind = \"metrics_vanish\", after = \"1m 30s\" }", Fault::MetricsVanish { after: Period::from_secs(90) }),
            ("fault = { kind = \"stuck\" }", Fault::Stuck {}),
        ];
        for (text, fault) in kinds {
            assert_eq!(read(text).expect(text).faults.0[0].fault, fault);
        }
    }

    #[test]
    fn a_fault_shows_only_in_the_environments_it_names() {
        let file = read("environments = [\"production\"]\nfault = { kind = \"stuck\" }").expect("a good file");
        let of = |environment: &str| file.faults.of(&"gateway".into(), &environment.into()).len();
        assert_eq!((of("production"), of("staging")), (1, 0));
    }

    #[test]
    fn nonsense_is_refused_with_what_is_wrong() {
        let refused = |text| read(text).expect_err("nonsense").to_string();
        assert!(refused("fault = { kind = \"errors\", times = -1 }").contains("not a factor"));
        assert!(refused("fault = { kind = \"errors\", times = 5, above_share = 5 }").contains("not a share"));
        assert!(refused("fault = { kind = \"crash\", after = \"soon\" }").contains("not a length of time"));
        assert!(refused("fault = { kind = \"slow\", times = 2, typo = 1 }").contains("typo"));
        assert!(refused("fault = { kind = \"sulk\" }").contains("sulk"));
    }
}
