//! Who decided something: a person, or a rule on everybody's behalf.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::PersonId;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Actor {
    /// An authenticated person.
    Person {
        /// Their name.
        name: PersonId,
    },
    /// The engine, because a declared rule said so.
    Rule {
        /// The rule in a few words: `errors above 0.10 %`.
        rule: String,
    },
}

impl Actor {
    /// The person, if it was one.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person { name } => Some(name),
            Self::Rule { .. } => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { name } => name.fmt(f),
            Self::Rule { .. } => f.pad("by itself"),
        }
    }
}
