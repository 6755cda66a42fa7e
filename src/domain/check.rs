//! Checks by others: what is asked of whom before a step, and what they answered.

use serde::{Deserialize, Serialize};

use super::id::{CheckId, GateId, Role};
use super::requirement::RequirementKind;
use super::time::{EngineTime, Period};

/// After how many periods without a newer one an answer no longer counts.
pub const FRESH_FOR: u32 = 3;

/// A declared check. It is asked over HTTP; with a text it is a line of a playbook that a person does, and what is asked is whether it
/// has been done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its name.
    pub id: CheckId,
    /// An http or https address.
    pub url: String,
    /// How often it is asked, on the engine's clock (> 0).
    pub every: Period,
    /// How long an answer may take, by the wall (> 0).
    pub timeout: Period,
    /// Who can clear it.
    pub who: Role,
    /// What a person does, where it is a step of a playbook.
    pub text: Option<String>,
    /// What the body of the answer must say, where its status alone is not enough.
    pub expect: Option<Expected>,
}

/// A value that a JSON answer must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Where in the answer, as a JSON pointer: `/change/state`.
    pub pointer: String,
    /// What must stand there: text as it is, anything else as JSON writes it.
    pub value: String,
}

impl Check {
    /// The requirement it makes.
    pub fn kind(&self) -> RequirementKind {
        match self.text {
            Some(_) => RequirementKind::Step { name: self.id.clone() },
            None => RequirementKind::External { name: self.id.clone() },
        }
    }

    /// How old an answer may be and still count.
    pub fn counts_for(&self) -> Period {
        self.every * FRESH_FOR
    }
}

/// What came of asking once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Answer {
    /// Yes.
    Passed,
    /// No.
    Failed {
        /// What was answered, in a few words.
        why: String,
    },
    /// Nothing that could be understood, or nothing in time.
    Broken {
        /// What went wrong, in a few words.
        why: String,
    },
}

/// The last answer for a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// For which occurrence of which gate it was asked. It says nothing about any other.
    pub gate: GateId,
    /// When it was asked. Its age counts from here: what is answered late may long be otherwise.
    pub asked: EngineTime,
    /// What was answered.
    pub answer: Answer,
}
