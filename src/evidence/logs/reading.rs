//! What was read of logs in one tick: the part of a batch that travels beside the metrics.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};

use super::signature::Signature;
use crate::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use crate::domain::time::EngineTime;
use crate::safe;

/// So many kinds of error line are kept of a version of a service in an environment; more are only counted.
pub const MOST_KINDS: usize = 100;
/// So many instances are named of a kind in a cell.
pub const MOST_INSTANCES: usize = 32;

/// A kind of error line, as one version wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// What it says.
    pub signature: Signature,
    /// How often.
    pub count: u64,
    /// When it was first read.
    pub first: EngineTime,
    /// When it was last read.
    pub last: EngineTime,
    /// In which cells, by which instances as far as that is known: [`MOST_INSTANCES`] of each cell at most.
    pub cells: BTreeMap<CellId, BTreeSet<u32>>,
}

impl Kind {
    /// Takes in more of the same kind.
    pub(super) fn add(&mut self, more: &Self) {
        self.count += more.count;
        self.first = self.first.min(more.first);
        self.last = self.last.max(more.last);
        for (cell, instances) in &more.cells {
            let known = self.cells.entry(cell.clone()).or_default();
            for instance in instances {
                if known.len() < MOST_INSTANCES {
                    known.insert(*instance);
                }
            }
        }
    }
}

/// What was read of one version of a service in an environment. It is there where nothing was written, too: that is known then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogReading {
    /// The service.
    pub service: ServiceId,
    /// Where.
    pub environment: EnvironmentId,
    /// Which version.
    pub version: Version,
    /// The end of the first tick that it is of.
    pub since: EngineTime,
    /// The end of the last.
    pub until: EngineTime,
    /// By kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// Error lines of kinds beyond [`MOST_KINDS`].
    #[serde(default, skip_serializing_if = "is_none")]
    pub others: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

impl LogReading {
    /// What is known of a version before anything was read.
    pub(super) fn new(service: ServiceId, environment: EnvironmentId, version: Version, at: EngineTime) -> Self {
        Self { service, environment, version, since: at, until: at, kinds: Vec::new(), others: 0 }
    }

    /// Takes in what was read of the same version at another time. Whoever hears of a long time at once may know a part of it already:
    /// that is not counted twice.
    pub(super) fn add(&mut self, more: &Self) {
        if self.holds(more) {
            return;
        }
        if more.holds(self) {
            self.clone_from(more);
            return;
        }
        self.since = self.since.min(more.since);
        self.until = self.until.max(more.until);
        self.others += more.others;
        more.kinds.iter().for_each(|kind| self.count(kind));
    }

    /// Whether it tells of all that another tells of, and of later too.
    fn holds(&self, other: &Self) -> bool {
        self.since <= other.since && other.until < self.until
    }

    /// Counts lines of a kind.
    pub(super) fn count(&mut self, more: &Kind) {
        match self.kinds.binary_search_by(|known| known.signature.cmp(&more.signature)) {
            Ok(at) => self.kinds.iter_mut().skip(at).take(1).for_each(|known| known.add(more)),
            Err(at) if self.kinds.len() < MOST_KINDS => self.kinds.insert(at, more.clone()),
            Err(_) => self.others += more.count,
        }
    }

    fn is_of(&self, other: &Self) -> bool {
        (&self.service, &self.environment, &self.version) == (&other.service, &other.environment, &other.version)
    }
}

/// Logs that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadLogs {
    /// Of which service.
    pub service: ServiceId,
    /// Where.
    pub environment: EnvironmentId,
    /// In which cell.
    pub cell: CellId,
    /// In a clause.
    #[serde(deserialize_with = "cleaned")]
    pub why: String,
}

impl UnreadLogs {
    /// Whose logs they are.
    pub fn of(&self) -> (&ServiceId, &EnvironmentId, &CellId) {
        (&self.service, &self.environment, &self.cell)
    }
}

/// A text that can be shown, whoever has written it down.
fn cleaned<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(|text| safe::clean(&text))
}

/// Everything that was read of logs in one tick. Empty where no logs are declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogTick {
    /// What was read, by service, environment and version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<LogReading>,
    /// What could not be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadLogs>,
    /// Error lines of which nobody can say which version wrote them: they were written while an instance changed its version, or name one
    /// that nothing runs there.
    #[serde(skip_serializing_if = "is_none")]
    pub nobodys: u64,
}

impl LogTick {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes in what was read before, so that a later tick tells of both. What could not be read earlier is over.
    pub fn take_in(&mut self, earlier: &Self) {
        self.nobodys += earlier.nobodys;
        for before in &earlier.read {
            match self.read.iter_mut().find(|reading| reading.is_of(before)) {
                Some(reading) => reading.add(before),
                None => self.read.push(before.clone()),
            }
        }
    }
}
