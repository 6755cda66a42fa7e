//! Figures in the words of this screen.

use std::collections::BTreeSet;

pub(super) use crate::console::model::words::{counted, grouped, people, rate};
use crate::domain::environment::Environment;
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, Version};
use crate::domain::push::Push;
use crate::domain::time::EngineTime;

use super::super::line::Line;

/// A clock time to the minute.
pub(super) fn clock(moment: &Moment, at: EngineTime) -> String {
    at.hh_mm(&moment.zone)
}

/// Names while they fit into so many cells, then how many more there are: `arrived, p99, errors +3`.
pub(super) fn listed(names: &[String], cells: usize) -> String {
    let whole = names.join(", ");
    if whole.chars().count() <= cells {
        return whole;
    }
    let mut text = String::new();
    for (shown, name) in names.iter().enumerate() {
        let more = format!(" +{}", names.len() - shown);
        let next = if text.is_empty() { name.clone() } else { format!("{text}, {name}") };
        let more_after = format!(" +{}", names.len() - shown - 1);
        if next.chars().count() + more_after.len() > cells {
            text.push_str(&more);
            return text.trim_start().to_owned();
        }
        text = next;
    }
    text
}

/// A line in which names were [`listed`]: it stands for all of them.
pub(super) fn naming(line: Line, names: &[String], cells: usize) -> Line {
    let whole = names.join(", ");
    if whole.chars().count() <= cells { line } else { line.standing_for("", &whole) }
}

/// The environment that is looked at: the one that users leave on the way back, else the cursor's, or the first on the way.
pub(super) fn environment<'a>(fleet: &'a Fleet, push: &Push) -> Option<&'a Environment> {
    let back = push.course.rollback().and_then(|rollback| rollback.plan.environment.as_ref());
    fleet.declaration().environment(back.or(push.environment())?)
}

/// The environment's cells, in the order declared.
pub(super) fn cells(fleet: &Fleet, push: &Push) -> Vec<CellId> {
    environment(fleet, push).map(|found| found.cells.iter().map(|cell| cell.id.clone()).collect()).unwrap_or_default()
}

/// What the new version is called: the one that all share, else `new`.
pub(super) fn new_version(push: &Push) -> String {
    shared(push.plan.moves.iter().map(|part| Some(&part.to.version)), "new")
}

/// What ran before in the environment looked at, likewise.
pub(super) fn old_version(push: &Push) -> String {
    let environment = push.environment();
    shared(push.plan.moves.iter().map(|part| environment.and_then(|at: &EnvironmentId| part.from.get(at))), "old")
}

/// The old versions and the new ones by name, where siblings have different ones as well; beyond three `old` and `new`.
pub(super) fn versions(push: &Push) -> (String, String) {
    let environment = push.environment();
    let old = push.plan.moves.iter().filter_map(|part| part.from.get(environment?));
    let new = push.plan.moves.iter().map(|part| &part.to.version);
    (named(old, "old"), named(new, "new"))
}

fn named<'a>(versions: impl Iterator<Item = &'a Version>, otherwise: &str) -> String {
    let names: BTreeSet<&str> = versions.map(Version::as_str).collect();
    match names.len() {
        1..=3 => names.into_iter().collect::<Vec<_>>().join(", "),
        _ => otherwise.to_owned(),
    }
}

fn shared<'a>(mut versions: impl Iterator<Item = Option<&'a Version>>, otherwise: &str) -> String {
    match versions.next().flatten() {
        Some(first) if versions.all(|version| version == Some(first)) => first.to_string(),
        _ => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_does_not_fit_keeps_its_count() {
        let names = ["arrived", "p99.9", "p99", "errors"].map(str::to_owned);
        assert_eq!(listed(&names, 40), "arrived, p99.9, p99, errors");
        assert_eq!(listed(&names, 20), "arrived, p99.9 +2");
        assert_eq!(listed(&names, 5), "+4");
    }
}
