//! Where services run.

use serde::{Deserialize, Serialize};

use super::drift::DriftRule;
use super::id::{CellId, EnvironmentId, RegionId};
use super::schedule::AtWindowEnd;
use super::share::Share;
use super::window::Window;

/// A region, zone or cluster: the smallest part of an environment that traffic and capacity are counted in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its name, unique in its environment.
    pub id: CellId,
    /// How much of the environment's traffic it takes, relative to its siblings (> 0).
    pub weight: f64,
    /// People served here in any ten minutes. 0 where there are no users (then evidence says "probes only").
    pub users: u64,
    /// The region it is a zone of.
    pub region: RegionId,
    /// The region that takes over when this one fails, if there is one: never changed together with it.
    pub paired: Option<RegionId>,
}

impl Cell {
    /// A cell that is a region of its own.
    pub fn new(id: CellId, weight: f64, users: u64) -> Self {
        let region = RegionId::new(id.as_str());
        Self { id, weight, users, region, paired: None }
    }

    /// Whether one of the two takes over when the other fails.
    pub fn is_paired_with(&self, other: &Self) -> bool {
        self.paired.as_ref() == Some(&other.region) || other.paired.as_ref() == Some(&self.region)
    }
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
    /// What is done about instances that somebody changed by hand.
    pub drift: DriftRule,
    /// The largest step, as a share of each cell, before which one person alone may waive a requirement. Means something only where
    /// the environment is protected.
    #[serde(default = "alone_up_to")]
    pub waive_alone_up_to: Share,
    /// At least one.
    pub cells: Vec<Cell>,
    /// When things may go forward here; `None` where they always may.
    pub window: Option<Window>,
    /// What becomes of a push that is half way here when it closes, where that was said. A protected environment that can close says it.
    pub at_window_end: Option<AtWindowEnd>,
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

    /// Whether a push that is half way here when it closes goes back. Where nothing was said it stays.
    pub fn returns_at_window_end(&self) -> bool {
        self.at_window_end == Some(AtWindowEnd::Return)
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
