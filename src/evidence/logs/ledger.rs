//! What was read of logs so far: the fold of its ticks.

use std::collections::BTreeMap;

use super::reading::{LogReading, LogTick};
use crate::domain::id::{CellId, PlacementId, ServiceId, Version};
use crate::domain::time::EngineTime;

/// So many versions are kept of a service in an environment; of more, that which was not read for longest is forgotten.
const MOST_VERSIONS: usize = 6;

/// A cell whose logs cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Since when.
    pub since: EngineTime,
    /// Why, in a clause.
    pub why: String,
}

/// Everything that was read of logs.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    accounts: BTreeMap<PlacementId, BTreeMap<Version, LogReading>>,
    unread: BTreeMap<(PlacementId, CellId), Unread>,
    nobodys: u64,
}

impl Ledger {
    /// Takes the next tick, which ended at a moment. Where nothing was even tried, what was known still holds.
    pub fn ingest(&mut self, tick: &LogTick, at: EngineTime) {
        if tick.is_empty() {
            return;
        }
        for reading in &tick.read {
            let placement = PlacementId::new(reading.service.clone(), reading.environment.clone());
            let versions = self.accounts.entry(placement).or_default();
            versions.entry(reading.version.clone()).and_modify(|known| known.add(reading)).or_insert_with(|| reading.clone());
            while versions.len() > MOST_VERSIONS {
                let Some(oldest) = versions.iter().min_by_key(|(_, known)| known.until).map(|(version, _)| version.clone()) else {
                    break;
                };
                versions.remove(&oldest);
            }
        }
        self.nobodys += tick.nobodys;
        let mut unread = BTreeMap::new();
        for gone in &tick.unread {
            let key = (PlacementId::new(gone.service.clone(), gone.environment.clone()), gone.cell.clone());
            let since = self.unread.get(&key).map_or(at, |known| known.since);
            unread.insert(key, Unread { since, why: gone.why.clone() });
        }
        self.unread = unread;
    }

    /// What a version wrote, as far as it was read; `None` where it was never read.
    pub fn of(&self, placement: &PlacementId, version: &Version) -> Option<&LogReading> {
        self.accounts.get(placement)?.get(version)
    }

    /// What a version of a service wrote in every environment, as far as it was read.
    pub fn everywhere<'a>(&'a self, service: &'a ServiceId, version: &'a Version) -> impl Iterator<Item = &'a LogReading> + Clone {
        let accounts = self.accounts.iter().filter(move |(placement, _)| placement.service == *service);
        accounts.filter_map(move |(_, versions)| versions.get(version))
    }

    /// The cells of a placement whose logs cannot be read now.
    pub fn unread<'a>(&'a self, placement: &'a PlacementId) -> impl Iterator<Item = (&'a CellId, &'a Unread)> {
        self.unread.iter().filter(move |((of, _), _)| of == placement).map(|((_, cell), unread)| (cell, unread))
    }

    /// Error lines of which nobody can say which version wrote them.
    pub fn nobodys(&self) -> u64 {
        self.nobodys
    }
}
