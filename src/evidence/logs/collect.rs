//! Putting what was read of logs together into a tick.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::level;
use super::reading::{Kind, LogReading, LogTick, UnreadLogs};
use super::signature::Signature;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, InstanceId, PlacementId, ServiceId, Version};
use crate::domain::logs::{LogSource, Logs};
use crate::domain::time::EngineTime;
use crate::safe;

/// A line that a cell's logs hold, as a cell tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Its number in that cell, rising.
    pub n: u64,
    /// Whose instance wrote it.
    pub service: ServiceId,
    /// Which version.
    pub version: Version,
    /// The instance's number.
    pub instance: u32,
    /// What it wrote.
    pub line: String,
}

/// An instance whose log is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Which.
    pub instance: InstanceId,
    /// The version it runs; `None` while it is being changed to another: nobody can say then which of the two wrote a line.
    pub version: Option<Version>,
}

/// Whose logs are read where, and which versions run there.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    declared: BTreeMap<ServiceId, Logs>,
    running: BTreeMap<PlacementId, BTreeMap<CellId, BTreeSet<Version>>>,
    /// Which other versions instances are being changed to there: they write before they are seen to run.
    coming: BTreeMap<PlacementId, BTreeMap<CellId, BTreeSet<Version>>>,
    /// Every instance whose log is a file.
    pub posted: Vec<Posted>,
}

impl Roster {
    /// As a fleet is known to be.
    pub fn of(fleet: &Fleet) -> Self {
        let mut roster = Self::default();
        for service in &fleet.declaration().services {
            if let Some(logs) = &service.logs {
                roster.declared.insert(service.id.clone(), logs.clone());
            }
        }
        for placement in fleet.placements().filter(|placement| placement.observed) {
            let Some(logs) = roster.declared.get(&placement.id.service) else { continue };
            let is_file = matches!(logs.from, LogSource::File(_));
            let cells = roster.running.entry(placement.id.clone()).or_default();
            for (cell, index, instance) in placement.instances() {
                let versions = cells.entry(cell.clone()).or_default();
                if !versions.contains(&instance.version) {
                    versions.insert(instance.version.clone());
                }
                let is_settled = *instance.heading_for() == instance.version;
                if !is_settled {
                    let coming = roster.coming.entry(placement.id.clone()).or_default().entry(cell.clone()).or_default();
                    coming.insert(instance.heading_for().clone());
                }
                if is_file {
                    let instance_id = InstanceId { placement: placement.id.clone(), cell: cell.clone(), index };
                    roster.posted.push(Posted { instance: instance_id, version: is_settled.then(|| instance.version.clone()) });
                }
            }
        }
        roster
    }

    /// What is declared of a service's logs.
    pub fn logs(&self, service: &ServiceId) -> Option<&Logs> {
        self.declared.get(service)
    }

    /// Every service in a cell and the versions of it that run there, with what is declared of its logs.
    pub fn in_cells(&self) -> impl Iterator<Item = (&PlacementId, &CellId, &BTreeSet<Version>, &Logs)> {
        self.running.iter().flat_map(|(placement, cells)| {
            let logs = self.declared.get(&placement.service).into_iter();
            logs.flat_map(move |logs| cells.iter().map(move |(cell, versions)| (placement, cell, versions, logs)))
        })
    }

    /// Whether an instance of a placement in a cell runs a version or is being changed to it.
    fn has(&self, placement: &PlacementId, cell: &CellId, version: &Version) -> bool {
        let known = |of: &BTreeMap<PlacementId, BTreeMap<CellId, BTreeSet<Version>>>| {
            of.get(placement).and_then(|cells| cells.get(cell)).is_some_and(|versions| versions.contains(version))
        };
        known(&self.running) || known(&self.coming)
    }

    /// The paths at which cells are asked for logs: of each environment and cell.
    pub fn asked(&self) -> BTreeSet<(EnvironmentId, CellId, String)> {
        let cells = self.in_cells().filter_map(|(placement, cell, _, logs)| match &logs.from {
            LogSource::Cell(path) => Some((placement.environment.clone(), cell.clone(), path.clone())),
            LogSource::File(_) | LogSource::Command(_) => None,
        });
        cells.collect()
    }
}

/// One tick's logs while they are read.
#[derive(Clone, Debug)]
pub struct Collector {
    at: EngineTime,
    readings: BTreeMap<(PlacementId, Version), LogReading>,
    /// Of each cell of a placement why its logs could not be read, as it was first told, and how often something was told.
    unread: BTreeMap<(PlacementId, CellId), (String, u64)>,
    nobodys: u64,
}

impl Collector {
    /// Nothing was read yet of a tick that ends then.
    pub fn new(at: EngineTime) -> Self {
        Self { at, readings: BTreeMap::new(), unread: BTreeMap::new(), nobodys: 0 }
    }

    /// A version's logs could be read, whether or not there is a line in them.
    pub fn was_read(&mut self, placement: &PlacementId, version: &Version) {
        self.reading(placement, version);
    }

    /// A cell was asked for its logs at a path: what it told, or why it did not, in a clause. What it tells of a version that nothing runs
    /// there is nobody's: a cell cannot make up versions.
    pub fn cell(
        &mut self,
        roster: &Roster,
        (environment, cell, path): (&EnvironmentId, &CellId, &str),
        told: Result<&[Written], &str>,
    ) {
        let is_asked = |logs: &Logs| matches!(&logs.from, LogSource::Cell(known) if known == path);
        let here = roster
            .in_cells()
            .filter(|(placement, at, _, logs)| placement.environment == *environment && *at == cell && is_asked(logs));
        for (placement, _, versions, _) in here {
            match told {
                Ok(_) => versions.iter().for_each(|version| self.was_read(placement, version)),
                Err(why) => self.unread(placement, cell, why),
            }
        }
        for line in told.unwrap_or_default() {
            let Some(logs) = roster.logs(&line.service).filter(|logs| is_asked(logs)) else { continue };
            let placement = PlacementId::new(line.service.clone(), environment.clone());
            let by = Writer { placement: &placement, cell, version: &line.version, instance: Some(line.instance) };
            if roster.has(&placement, cell, &line.version) {
                self.line(by, logs, &line.line);
            } else if level::message(&line.line, &logs.error).is_some() {
                self.nobodys += 1;
            }
        }
    }

    /// A line was read. Whether it counts as an error.
    pub fn line(&mut self, by: Writer<'_>, logs: &Logs, line: &str) -> bool {
        let Some(message) = level::message(line, &logs.error) else { return false };
        self.count(by, Signature::of(&message));
        true
    }

    /// The kinds of the error lines of a text, in their order.
    pub fn kinds(text: &str, logs: &Logs) -> Vec<Signature> {
        text.lines().filter_map(|line| level::message(line, &logs.error)).map(|message| Signature::of(&message)).collect()
    }

    /// An error line of a kind was read.
    pub fn count(&mut self, by: Writer<'_>, signature: Signature) {
        let at = self.at;
        let instances = by.instance.into_iter().collect();
        let cells = BTreeMap::from([(by.cell.clone(), instances)]);
        self.reading(by.placement, by.version).count(&Kind { signature, count: 1, first: at, last: at, cells });
    }

    /// Error lines were read of which nobody can say which version wrote them.
    pub fn nobodys(&mut self, count: u64) {
        self.nobodys += count;
    }

    /// A cell's logs of a service could not be read, and why, in a clause. Of several reasons the first is kept, the others are counted.
    pub fn unread(&mut self, placement: &PlacementId, cell: &CellId, why: &str) {
        let (_, told) = self.unread.entry((placement.clone(), cell.clone())).or_insert_with(|| (why.to_owned(), 0));
        *told += 1;
    }

    /// All of it.
    pub fn finish(self) -> LogTick {
        let unread = self.unread.into_iter().map(|((placement, cell), (why, told))| {
            let why = if told > 1 { format!("{why} (and {} more)", told - 1) } else { why };
            UnreadLogs { service: placement.service, environment: placement.environment, cell, why: safe::clean(&why) }
        });
        LogTick { unread: unread.collect(), read: self.readings.into_values().collect(), nobodys: self.nobodys }
    }

    fn reading(&mut self, placement: &PlacementId, version: &Version) -> &mut LogReading {
        let at = self.at;
        self.readings
            .entry((placement.clone(), version.clone()))
            .or_insert_with(|| LogReading::new(placement.service.clone(), placement.environment.clone(), version.clone(), at))
    }
}

/// Who wrote a line.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// Of which service and where.
    pub placement: &'a PlacementId,
    /// In which cell.
    pub cell: &'a CellId,
    /// Which version.
    pub version: &'a Version,
    /// Which instance, where that is known.
    pub instance: Option<u32>,
}
