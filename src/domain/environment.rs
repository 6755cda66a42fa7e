//! Where services run.

use serde::{Deserialize, Serialize};

use super::id::{CellId, EnvironmentId};
use super::share::Share;

/// A region, zone or cluster: the smallest part of an environment that traffic and capacity are counted in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its name, unique in its environment.
    pub id: CellId,
    /// How much of the environment's traffic it takes, relative to its siblings (> 0).
    pub weight: f64,
    /// People served here in any ten minutes. 0 where there are no users (then evidence says "probes only").
    pub users: u64,
}

/// An environment: its cells, and which environment must be converged before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Its name.
    pub id: EnvironmentId,
    /// The environments that come before it in promotion order.
    pub after: Vec<EnvironmentId>,
    /// Whether mistakes here hurt people: going forward then asks for a code.
    pub protected: bool,
    /// The largest step, as a share of each cell, before which one person alone may waive a requirement. Means something only where
    /// the environment is protected.
    #[serde(default = "alone_up_to")]
    pub waive_alone_up_to: Share,
    /// At least one.
    pub cells: Vec<Cell>,
}

/// How large a step one person alone may answer for, where a spec does not say: 1 %.
pub fn alone_up_to() -> Share {
    Share::percent(1.0)
}

impl Environment {
    /// Whether anybody is served here. Where nobody is, evidence is "probes only" and clears nothing.
    pub fn has_users(&self) -> bool {
        self.cells.iter().any(|cell| cell.users > 0)
    }

    /// The cell with the least traffic: the first to be exposed.
    pub fn quietest_cell(&self) -> Option<&Cell> {
        self.cells.iter().min_by(|a, b| a.weight.total_cmp(&b.weight))
    }

    /// A cell's part of the environment's traffic, 0 to 1.
    pub fn traffic_share(&self, cell: &CellId) -> f64 {
        let all: f64 = self.cells.iter().map(|cell| cell.weight).sum();
        self.cells.iter().find(|known| known.id == *cell).map_or(0.0, |known| if all > 0.0 { known.weight / all } else { 0.0 })
    }

    /// A cell by name.
    pub fn cell(&self, id: &CellId) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.id == *id)
    }
}
