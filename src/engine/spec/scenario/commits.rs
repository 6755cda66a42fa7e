//! `commits`: releases that a scenario takes to be built from another commit than its spec says.

use super::super::names::refers;
use crate::document::Table;
use crate::domain::declaration::Declaration;
use crate::domain::id::{ServiceId, Version};

/// A release and the commit it is taken to be built from.
pub(super) type Built = (ServiceId, Version, String);

/// `commits = { "cart@v10" = "7e29210" }`.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<Built> {
    let Some(table) = root.table("commits") else { return Vec::new() };
    let mut found = Vec::new();
    for key in table.keys() {
        let Some(commit) = table.get::<String>(&key.value) else { continue };
        if let Some(known) = known {
            let names: Vec<String> =
                known.releases.iter().map(|release| format!("{}@{}", release.service, release.version)).collect();
            refers(table.sheet(), "release", &key, names.iter().map(String::as_str));
        }
        if let Some((service, version)) = key.value.split_once('@') {
            found.push((ServiceId::new(service), Version::new(version), commit.value));
        }
    }
    table.close();
    found
}

/// The declaration with those commits.
pub(super) fn apply(mut declared: Declaration, built: &[Built]) -> Declaration {
    for release in &mut declared.releases {
        let other = built.iter().find(|(service, version, _)| *service == release.service && *version == release.version);
        if let Some((.., commit)) = other {
            release.commit.clone_from(commit);
        }
    }
    declared
}
