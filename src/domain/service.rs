//! Programs, their releases, and the groups they move in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{Digest, EnvironmentId, FlagId, GroupId, Role, ServiceId, Version};
use super::logs::Logs;
use super::metric::Threshold;
use super::slo::{self, Objective, Slo};
use super::time::{EngineTime, Period};

/// How many copies of a service an environment's cells hold, in the order of its cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Where.
    pub environment: EnvironmentId,
    /// Copies per cell, as many numbers as the environment has cells; each at least 1.
    pub instances: Vec<u32>,
    /// Requests per second over the whole environment at the daily peak.
    pub peak_rps: f64,
    /// What one copy can serve, in requests per second (> 0).
    pub rps_per_instance: f64,
    /// The version that runs when the engine first looks, and that is desired until a push says otherwise.
    pub running: Version,
}

/// A deployable program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Its name.
    pub id: ServiceId,
    /// The group it moves in.
    pub group: GroupId,
    /// Where it runs, in promotion order.
    pub deployments: Vec<Deployment>,
    /// The limits its metrics are held to.
    pub thresholds: Vec<Threshold>,
    /// What it owes its users.
    pub slo: Slo,
    /// About how long one instance takes to let its requests run out.
    pub drain: Period,
    /// About how long one instance takes from being stopped to serving the other version.
    pub install: Period,
    /// Services whose requests come through this one's users: named when this one is exposed.
    pub calls: Vec<ServiceId>,
    /// Its logs, where they are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<Logs>,
}

impl Service {
    /// How it is deployed in an environment.
    pub fn deployment(&self, environment: &EnvironmentId) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.environment == *environment)
    }

    /// What it is held to, each with the share of its requests that may be bad: what its SLO names, and what its thresholds on errors
    /// and latency limit of which the SLO says nothing.
    pub fn objectives(&self) -> impl Iterator<Item = Objective> {
        slo::objectives(&self.slo, &self.thresholds)
    }
}

/// What a newer release of a group does to one that is still on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Succession {
    /// It takes its place.
    #[default]
    Replace,
    /// It follows it: each environment is entered when the release ahead has converged there.
    Train {
        /// Releases that may be in flight at once, at least 1.
        most: u32,
    },
}

/// Services that move forward in the order given and return in reverse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub id: GroupId,
    /// Its services, in the order they go forward.
    pub services: Vec<ServiceId>,
    /// Services that one request passes through one after another. Each request to the first meets all of them.
    pub hops: Vec<ServiceId>,
    /// Whether a user stays with the instance they first met (sticky sessions).
    pub sticky: bool,
    /// Whether routing pins a request to one version over all hops, so that shares do not compound.
    pub pinned: bool,
    /// Which of the spec's stage plans it follows.
    pub plan: String,
    /// Who is asked, and told.
    pub owners: Role,
    /// What a newer release does to one that is still on its way.
    pub releases: Succession,
}

impl Group {
    /// The service at which its users come in, against whose limits its journeys are held.
    pub fn enters(&self) -> Option<&ServiceId> {
        self.hops.first().or(self.services.first())
    }
}

/// From where on a release cannot be gone back past, and what to do then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneWay {
    /// The stage with which its door is passed: `100 %`, or `100 % in staging`. The last of that name on the way is meant. Where none
    /// is named the first instance that runs it passes the door.
    pub from: Option<String>,
    /// What to do instead of going back: `fix forward; see runbook storage/format-7`.
    pub instead: String,
}

/// One version of one service, with where it came from. What is pushed is the digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Of which service.
    pub service: ServiceId,
    /// Its tag.
    pub version: Version,
    /// Its content address.
    pub digest: Digest,
    /// The source revision it was built from.
    pub commit: String,
    /// Who made it.
    pub author: String,
    /// When it was made, if known.
    pub built: Option<EngineTime>,
    /// Who looked at it and let it through, author not among them.
    #[serde(default)]
    pub approvers: Vec<String>,
    /// What is in it, in a line.
    pub notes: String,
    /// What it changes in its configuration, in a line; empty where nothing.
    #[serde(default)]
    pub config: String,
    /// What it changes in stored data, in a line; empty where nothing.
    #[serde(default)]
    pub migration: String,
    /// Commits since the version it is based on.
    pub commits: u32,
    /// People who wrote them.
    pub people: u32,
    /// The version it was made from.
    pub based_on: Option<Version>,
    /// From where on it cannot be gone back past, if that is so.
    #[serde(default)]
    pub one_way: Option<OneWay>,
    /// Siblings, each with the versions this one was tested beside. A sibling not named is fine with anything, except that releases
    /// moved together count as tested with one another only.
    #[serde(default)]
    pub works_with: BTreeMap<ServiceId, Vec<Version>>,
    /// The flags that what is new in it stands behind.
    #[serde(default)]
    pub flags: Vec<FlagId>,
}

impl Release {
    /// What it says of itself: `new read path; config: time-out 1.5 s; migration: index format 7`. Empty where it says nothing.
    pub fn told(&self) -> String {
        let labelled = |label: &str, text: &str| if text.is_empty() { String::new() } else { format!("{label}: {text}") };
        let parts = [self.notes.clone(), labelled("config", &self.config), labelled("migration", &self.migration)];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }

    /// Whose it is: `by ana, approved by raj, mia`. Empty where neither is known.
    pub fn people_of(&self) -> String {
        let author = if self.author.is_empty() { String::new() } else { format!("by {}", self.author) };
        let approvers =
            if self.approvers.is_empty() { String::new() } else { format!("approved by {}", self.approvers.join(", ")) };
        [author, approvers].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}
