//! What keeps a push, or a part of it, where it is: holds, stops that must be seen to work, siblings and cells taken out, a rejection.

use serde::{Deserialize, Serialize};

use crate::domain::id::{CellId, EnvironmentId, PersonId};
use crate::domain::person::Actor;
use crate::domain::time::{EngineTime, Period};

/// Why a push that could move does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Who or what holds it.
    pub by: Actor,
    /// Since when.
    pub since: EngineTime,
    /// Why, if they said.
    pub reason: Option<String>,
}

/// One of a push's services that went back alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apart {
    /// Who took it back.
    pub by: Actor,
    /// When.
    pub since: EngineTime,
    /// Why. Never empty.
    pub reason: String,
}

/// A cell in which no request is to meet the new version, its instances kept for inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drained {
    /// In which environment.
    pub environment: EnvironmentId,
    /// Which cell.
    pub cell: CellId,
    /// Who asked for it.
    pub by: Actor,
    /// When.
    pub since: EngineTime,
    /// Why, if they said.
    pub reason: Option<String>,
}

impl Hold {
    /// Who or what holds it, as the end of "stopped by": a person's name, or `the rule drift = "hold"`.
    pub fn holder(&self) -> String {
        match &self.by {
            Actor::Person { name } => name.to_string(),
            Actor::Rule { rule } => format!("the rule {rule}"),
        }
    }
}

/// A stop, from being asked for to being seen to have worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopWatch {
    /// When it was asked for.
    pub asked: EngineTime,
    /// How often the driver was told.
    pub tries: u32,
    /// The driver's last answer, if it gave one.
    pub answer: Option<String>,
    /// When it was seen that nothing moves any more.
    pub observed: Option<EngineTime>,
}

/// After how long a stop that is not observed counts as NOT STOPPED.
pub const STOP_PATIENCE: Period = Period::from_secs(5);

impl StopWatch {
    /// Whether the stop has not been seen to work although it should have been.
    pub fn is_overdue(&self, now: EngineTime) -> bool {
        self.observed.is_none() && now.since(self.asked) > STOP_PATIENCE
    }
}

/// Somebody ended the way forward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: EngineTime,
    /// Why, if they said.
    pub reason: Option<String>,
}
