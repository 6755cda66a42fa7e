//! Hosts that are lost for a while.

use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::share::Share;
use crate::domain::time::EngineTime;
use crate::engine::spec::scenario::Outage;

/// Part of a cell's hosts, and until when they are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Where.
    pub environment: EnvironmentId,
    /// In which of its cells.
    pub cell: CellId,
    /// Which part of every service's instances there, those with the highest numbers.
    pub share: Share,
    /// From when.
    pub from: EngineTime,
    /// Until when.
    pub until: EngineTime,
}

impl Lost {
    /// A scenario's outage in a run that begins at `start`.
    pub fn from(outage: &Outage, start: EngineTime) -> Self {
        let from = start + outage.from;
        let Outage { environment, cell, share, lasts, .. } = outage.clone();
        Self { environment, cell, share, from, until: from + lasts }
    }
}
