//! `[[check]]`: how checks by others answer in a scenario.

use super::super::names::{Names, refers};
use crate::document::Table;
use crate::domain::declaration::Declaration;
use crate::domain::id::CheckId;
use crate::domain::time::Period;

/// One check's answers, each from a moment on, counted from when the scenario began. Before the first of them it says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedCheck {
    /// Which check of the spec.
    pub name: CheckId,
    /// From when it says yes.
    pub passes_from: Option<Period>,
    /// From when it says no.
    pub fails_from: Option<Period>,
    /// From when it says nothing at all.
    pub silent_from: Option<Period>,
}

/// Every scripted check, in the order written.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<ScriptedCheck> {
    let mut names = Names::new("check");
    let mut found = Vec::new();
    for table in root.tables("check") {
        let name = table.need::<String>("name");
        let from = |key: &str| table.get::<Period>(key).map(|from| from.value);
        let (passes_from, fails_from, silent_from) = (from("passes_from"), from("fails_from"), from("silent_from"));
        table.close();
        if passes_from.is_none() && fails_from.is_none() && silent_from.is_none() {
            let what = "a check does not say how it answers";
            table.sheet().fault(table.line, what, "write passes_from, fails_from or silent_from");
        }
        let Some(name) = name else { continue };
        names.add(table.sheet(), &name);
        if let Some(known) = known {
            refers(table.sheet(), "check", &name, known.checks.keys().map(CheckId::as_str));
        }
        found.push(ScriptedCheck { name: CheckId::new(&name.value), passes_from, fails_from, silent_from });
    }
    found
}
