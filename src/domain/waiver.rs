//! Going on although a requirement does not hold: who took that on themselves, why, and until when; and what was skipped by it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::id::{GateId, PersonId};
use super::push::Push;
use super::requirement::RequirementKind;
use super::time::{EngineTime, Period};

/// The longest a waiver may last. A night's override must not be found in force by the next day's shift.
pub const WAIVER_LIFE: Period = Period::from_mins(4 * 60);

/// One requirement of one gate that need not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// For which occurrence of which gate.
    pub gate: GateId,
    /// What need not hold.
    pub requirement: RequirementKind,
    /// Who took it on themselves.
    pub by: PersonId,
    /// Why. Never empty.
    pub reason: String,
    /// When.
    pub at: EngineTime,
    /// Until when, on the engine's clock. What has not been passed by then is required again.
    pub until: EngineTime,
    /// Whether it counts for nothing until a second person agrees.
    pub needs_second: bool,
    /// The second person.
    pub seconded: Option<PersonId>,
}

impl Waiver {
    /// Whether as many people agree as are needed.
    pub fn is_agreed(&self) -> bool {
        !self.needs_second || self.seconded.is_some()
    }

    /// Whether it is agreed to and has not run out.
    pub fn is_in_force(&self, now: EngineTime) -> bool {
        self.is_agreed() && now < self.until
    }

    /// `mia`, or `mia and omar`.
    pub fn people(&self) -> String {
        people(&self.by, self.seconded.as_ref())
    }
}

fn people(by: &PersonId, seconded: Option<&PersonId>) -> String {
    seconded.map_or_else(|| by.to_string(), |second| format!("{by} and {second}"))
}

/// Whether a waiver of the push's present gate needs a second person: the next step, or the present one where there is no next, exposes
/// more of a protected environment than one person may answer for.
pub fn needs_second(fleet: &Fleet, push: &Push) -> bool {
    let Some(stage) = push.next_stage().or_else(|| push.stage()) else { return false };
    let environment = fleet.declaration.environment(&stage.environment).filter(|environment| environment.protected);
    environment.is_some_and(|environment| {
        stage.grants.iter().any(|(service, cells)| {
            cells.iter().any(|(cell, granted)| {
                let size = fleet.placement(service, &stage.environment).map_or(0, |placement| placement.size_in(cell));
                // What a step of that share would be granted: never less than one instance.
                *granted > environment.waive_alone_up_to.floor_of(size).max(1)
            })
        })
    })
}

/// What a push went on without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Lack {
    /// A requirement did not hold and was waived.
    Requirement {
        /// Which.
        kind: RequirementKind,
    },
    /// The emergency lane shortened a step's clock.
    Bake {
        /// How long it was watched at least.
        had: Period,
        /// How long it would have been.
        usual: Period,
    },
}

/// Something that was skipped, told to the end of the push and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// What.
    pub what: Lack,
    /// On leaving which step: `10 % in production`.
    pub step: String,
    /// Who took it on themselves.
    pub by: PersonId,
    /// Who agreed, where a second person was needed.
    pub seconded: Option<PersonId>,
    /// Why.
    pub reason: String,
    /// When the step was left.
    pub at: EngineTime,
}

/// `p99 at 10 % in production, by mia and omar: the probe is known to be wrong`.
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Lack::Requirement { kind } => write!(f, "{kind} at {}", self.step)?,
            Lack::Bake { had, usual } => write!(f, "bake at {} only {had} of {usual}", self.step)?,
        }
        write!(f, ", by {}: {}", people(&self.by, self.seconded.as_ref()), self.reason)
    }
}
