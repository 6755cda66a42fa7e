//! Steps of exposure, as declared and as planned for one push.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{CellId, CheckId, EnvironmentId, Role, ServiceId};
use super::number::Times;
use super::share::Share;
use super::time::Period;

/// How much of an environment a stage exposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Scope {
    /// One instance of each service, in the cell with the least traffic.
    OneBox,
    /// A share of the instances of every cell.
    Share {
        /// Of each cell's instances.
        share: Share,
    },
    /// The same share, region by region: a step for each wave of cells.
    Waves {
        /// Of each cell's instances.
        share: Share,
    },
    /// Nobody: the new version is installed on the green side of every cell and kept out of the balancer.
    Warm,
}

/// What a blue/green stage does with the green side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Green {
    /// It is installed and kept running. No request reaches it.
    Warm,
    /// It takes its share of the traffic, and as many of blue are kept warm.
    Weight,
    /// It takes all the traffic; blue is kept warm for so long after it has, and then stopped.
    All {
        /// How long.
        keep: Period,
    },
}

/// How a stage is left once its gate's requirements are met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advance {
    /// By itself.
    #[default]
    Auto,
    /// It waits for `promote`.
    Hand,
}

/// How many people must say yes, and which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRule {
    /// How many distinct people, at least 1. Whoever asked for the push is never one of them.
    pub needed: u32,
    /// Any one of these roles entitles. Never empty: an empty list would let anybody in.
    pub roles: Vec<Role>,
}

/// What the numbers of a stage must show before it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRule {
    /// How long new instances may take to get warm before what they do counts, from when the last one has arrived.
    pub warm_up: Period,
    /// What is to be ruled out: so many times as bad as the old version (> 1).
    pub rule_out: Times,
    /// After how long without a decision a person decides, from when the last instance has arrived.
    pub by: Period,
}

/// How long new instances may take to get warm where a spec does not say.
pub const WARM_UP: Period = Period::from_mins(2);
/// How many times its bake a stage may stay undecided where a spec does not say.
const BY: u32 = 3;

impl EvidenceRule {
    /// What holds where a spec does not say. To rule out 1.5 times takes so much traffic that a stage of less than a tenth asks for 2 only, one
    /// of a hundredth for 3, and a single instance for 5.
    pub fn usual(scope: Scope, bake: Period) -> Self {
        let rule_out = match scope {
            Scope::OneBox | Scope::Warm => 5.0,
            Scope::Share { share } | Scope::Waves { share } if share >= Share::percent(10.0) => 1.5,
            Scope::Share { share } | Scope::Waves { share } if share > Share::percent(1.0) => 2.0,
            Scope::Share { .. } | Scope::Waves { .. } => 3.0,
        };
        Self { warm_up: WARM_UP, rule_out: Times::new(rule_out), by: bake * BY }
    }

    /// The rule of two stages that became one.
    pub fn stricter(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
        Some(Self { warm_up: a.warm_up.max(b.warm_up), rule_out: a.rule_out.min(b.rule_out), by: a.by.max(b.by) })
    }
}

/// One step of a declared stage plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name on screens: `one box`, `10 %`.
    pub name: String,
    /// What it exposes.
    pub scope: Scope,
    /// The least time it is watched before it may be left.
    pub bake: Period,
    /// How long all its instances may take to arrive before the push goes back.
    pub deadline: Period,
    /// How it is left.
    pub advance: Advance,
    /// Who must agree before it is entered.
    pub approval: Option<ApprovalRule>,
    /// Whether no other push may be in its cells while this one is.
    #[serde(default)]
    pub alone: bool,
    /// Checks by others that must pass before it is entered.
    #[serde(default)]
    pub checks: Vec<CheckId>,
    /// What its numbers must show before it is left; none where nobody is exposed, and in what was written down before there was such a rule.
    #[serde(default)]
    pub evidence: Option<EvidenceRule>,
}

/// The way through one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Where.
    pub environment: EnvironmentId,
    /// Shares never fall from one to the next.
    pub stages: Vec<Stage>,
    /// Where it is blue/green: how long blue stays warm after green has taken all the traffic. Its first stage is then the warm one.
    #[serde(default)]
    pub keep: Option<Period>,
}

/// A declared way through all environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagePlan {
    /// Its name in the spec; `standard` is the one used where none is named.
    pub name: String,
    /// In promotion order.
    pub legs: Vec<Leg>,
    /// The part of each clock that is left in the emergency lane.
    #[serde(default = "emergency_bake")]
    pub emergency_bake: Share,
}

/// What the emergency lane leaves of a clock where a spec does not say: a quarter.
pub fn emergency_bake() -> Share {
    Share::percent(25.0)
}

/// How many instances of each service may carry the new version, cell by cell. A cell out of scope is absent.
pub type Grants = BTreeMap<ServiceId, BTreeMap<CellId, u32>>;

/// A stage as one push will walk it: what it grants is fixed when the push is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStage {
    /// Where.
    pub environment: EnvironmentId,
    /// Its name on screens.
    pub name: String,
    /// The declared share, as a label only: what counts are the grants.
    pub share: Share,
    /// Instances that may carry the new version.
    pub grants: Grants,
    /// The cells that this step adds, where it is one wave of several.
    pub wave: Option<Vec<CellId>>,
    /// Stages that would have granted the same and were merged into this one.
    pub merged: Vec<String>,
    /// The least time it is watched before it may be left.
    pub bake: Period,
    /// How long all its instances may take to arrive before the push goes back.
    pub deadline: Period,
    /// How it is left.
    pub advance: Advance,
    /// Who must agree before it is entered.
    pub approval: Option<ApprovalRule>,
    /// Whether no other push may be in its cells while this one is.
    #[serde(default)]
    pub alone: bool,
    /// Checks by others that must pass before it is entered.
    #[serde(default)]
    pub checks: Vec<CheckId>,
    /// What it does with the green side, where it is blue/green.
    #[serde(default)]
    pub green: Option<Green>,
    /// What its numbers must show before it is left.
    #[serde(default)]
    pub evidence: Option<EvidenceRule>,
}

impl Scope {
    /// The declared share; none for one box, which is less than any, and where nobody is exposed.
    pub const fn share(self) -> Share {
        match self {
            Self::OneBox | Self::Warm => Share::NONE,
            Self::Share { share } | Self::Waves { share } => share,
        }
    }
}

impl PlannedStage {
    /// How long blue is kept warm after this stage has arrived, where it is the one that gives green all the traffic.
    pub const fn keep(&self) -> Option<Period> {
        match self.green {
            Some(Green::All { keep }) => Some(keep),
            _ => None,
        }
    }

    /// Instances granted in all, over services and cells.
    pub fn granted(&self) -> u32 {
        self.grants.values().flat_map(BTreeMap::values).sum()
    }

    /// Instances granted to one service in one cell; 0 where the stage does not reach.
    pub fn grant(&self, service: &ServiceId, cell: &CellId) -> u32 {
        self.grants.get(service).and_then(|cells| cells.get(cell)).copied().unwrap_or(0)
    }
}
