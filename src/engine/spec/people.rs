//! `[people]`: who has which roles.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Table;
use crate::domain::id::{PersonId, Role};

/// Who is known.
#[derive(Debug)]
pub struct People {
    /// By name.
    pub people: BTreeMap<PersonId, BTreeSet<Role>>,
}

impl People {
    /// How many people have any one of the roles.
    pub fn with_any(&self, roles: &[Role]) -> usize {
        self.people.values().filter(|has| roles.iter().any(|role| has.contains(role))).count()
    }
}

/// The people; TOML itself refuses a name given twice.
pub fn read(root: &Table<'_>) -> People {
    let mut people = BTreeMap::new();
    if let Some(table) = root.table("people") {
        for name in table.keys() {
            if let Some(roles) = table.get::<Vec<String>>(&name.value) {
                people.insert(PersonId::new(&name.value), roles.value.iter().map(|role| Role::new(role)).collect());
            }
        }
        table.close();
    }
    People { people }
}
