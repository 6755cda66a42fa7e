//! Who answers for a push now, and what people have written on it.

use serde::{Deserialize, Serialize};

use super::id::PersonId;
use super::time::EngineTime;

/// The person who answers for a push: calls go there. Taking over does not make one its requester.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Driver {
    /// Who.
    pub by: PersonId,
    /// Since when.
    pub since: EngineTime,
}

/// A person's line on a push, shown until it is struck out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Whose.
    pub by: PersonId,
    /// When.
    pub at: EngineTime,
    /// What. Cleaned, one line, never empty.
    pub text: String,
    /// Who struck it out, if somebody did.
    pub struck: Option<PersonId>,
}

/// The most characters of a note.
pub const LONGEST_NOTE: usize = 200;
/// The most notes that stand on a push at once.
pub const MOST_NOTES: usize = 20;
