//! `[[outage]]`: hosts of a cell that are lost for a while, whoever's they are and whatever runs on them.

use crate::document::{Percent, Table};
use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::share::Share;
use crate::domain::time::Period;

use super::super::names::refers;

/// Hosts that are lost for a while. Nothing is wrong with any version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Where.
    pub environment: EnvironmentId,
    /// In which of its cells.
    pub cell: CellId,
    /// Which part of every service's instances there, those with the highest numbers.
    pub share: Share,
    /// From when, since the scenario began.
    pub from: Period,
    /// For how long.
    pub lasts: Period,
}

/// Every outage of a scenario; references are checked where the spec is known.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<Outage> {
    root.tables("outage").iter().filter_map(|table| one(table, known)).collect()
}

fn one(table: &Table<'_>, known: Option<&Declaration>) -> Option<Outage> {
    let sheet = table.sheet();
    let (environment, cell) = (table.need::<String>("environment"), table.need::<String>("cell"));
    let share = table.need::<Percent>("share");
    let (from, lasts) = (table.need::<Period>("from"), table.need::<Period>("for"));
    table.close();
    let (environment, cell) = (environment?, cell?);
    if let Some(known) = known
        && refers(sheet, "environment", &environment, known.environments.iter().map(|environment| environment.id.as_str()))
        && let Some(place) = known.environment(&EnvironmentId::new(&environment.value))
    {
        refers(sheet, "cell", &cell, place.cells.iter().map(|cell| cell.id.as_str()));
    }
    Some(Outage {
        environment: EnvironmentId::new(&environment.value),
        cell: CellId::new(&cell.value),
        share: Share::new(share?.0),
        from: from?.value,
        lasts: lasts?.value,
    })
}
