//! A stretch of time in which nothing goes forward, declared ahead, with exceptions that have a name and an end.

use serde::{Deserialize, Serialize};

use super::id::{EnvironmentId, GroupId, PersonId};
use super::time::EngineTime;

/// A group that a freeze does not bind for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Which group.
    pub group: GroupId,
    /// Who gave it.
    pub by: PersonId,
    /// Until when, that moment not included.
    pub until: EngineTime,
    /// Why.
    pub reason: String,
}

/// A stretch of time in which nothing goes forward in some environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// What it is called.
    pub name: String,
    /// From when.
    pub from: EngineTime,
    /// Until when, that moment not included. After `from`.
    pub until: EngineTime,
    /// Where. Never empty.
    pub environments: Vec<EnvironmentId>,
    /// Whom it does not bind.
    pub exceptions: Vec<Exception>,
}

impl Freeze {
    /// From when it binds a group: later than it begins where an exception of that group outlasts its beginning.
    pub fn binds_from(&self, group: Option<&GroupId>) -> EngineTime {
        let given = self.exceptions.iter().filter(|exception| Some(&exception.group) == group).map(|exception| exception.until);
        given.fold(self.from, EngineTime::max)
    }
}
