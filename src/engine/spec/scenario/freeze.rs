//! `[[freeze]]` of a scenario: as in a spec, with times since the scenario began.

use super::super::names::{Names, refers};
use super::super::windows;
use crate::document::Table;
use crate::domain::declaration::Declaration;
use crate::domain::freeze::{Exception, Freeze};
use crate::domain::id::{EnvironmentId, GroupId, PersonId};
use crate::domain::schedule::AtWindowEnd;
use crate::domain::time::{EngineTime, Period};

/// A group that a freeze does not bind for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioException {
    /// Which group.
    pub group: GroupId,
    /// Who gave it.
    pub by: PersonId,
    /// Until when, since the scenario began.
    pub until: Period,
    /// Why.
    pub reason: String,
}

/// A freeze that a scenario adds to its spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioFreeze {
    /// What it is called.
    pub name: String,
    /// From when, since the scenario began.
    pub from: Period,
    /// Until when, since the scenario began.
    pub until: Period,
    /// Where.
    pub environments: Vec<EnvironmentId>,
    /// What becomes of a push that is half way there when it begins.
    pub at_end: AtWindowEnd,
    /// Whom it does not bind.
    pub exceptions: Vec<ScenarioException>,
}

impl ScenarioFreeze {
    /// Adds it to what is declared, in a scenario that begins at a moment.
    pub fn declare(&self, declaration: &mut Declaration, start: EngineTime) {
        for environment in declaration.environments.iter_mut().filter(|known| self.environments.contains(&known.id)) {
            environment.at_window_end = Some(self.at_end);
        }
        let exceptions = self.exceptions.iter().map(|given| Exception {
            group: given.group.clone(),
            by: given.by.clone(),
            until: start + given.until,
            reason: given.reason.clone(),
        });
        declaration.freezes.push(Freeze {
            name: self.name.clone(),
            from: start + self.from,
            until: start + self.until,
            environments: self.environments.clone(),
            exceptions: exceptions.collect(),
        });
    }
}

/// Every freeze of a scenario; references are checked where the spec is known.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<ScenarioFreeze> {
    let mut names = Names::new("freeze");
    root.tables("freeze").iter().filter_map(|table| one(table, known, &mut names)).collect()
}

fn one(table: &Table<'_>, known: Option<&Declaration>, names: &mut Names) -> Option<ScenarioFreeze> {
    let sheet = table.sheet();
    let name = table.need::<String>("name");
    let (from, until) = (table.need::<Period>("from"), table.need::<Period>("until"));
    let frozen = table.need::<Vec<String>>("environments").and_then(|_| table.list::<String>("environments"));
    let frozen = frozen.map_or_else(Vec::new, |list| list.value);
    let at_end = windows::end_word(table, "at_end");
    if !table.has("at_end") {
        table.missing("at_end", "\"hold\" or \"return\"");
    }
    let exceptions = table.tables("exceptions").iter().filter_map(|table| exception(table, known)).collect();
    table.close();
    if let Some(known) = known {
        for environment in &frozen {
            refers(sheet, "environment", environment, known.environments.iter().map(|known| known.id.as_str()));
        }
    }
    if let (Some(from), Some(until)) = (&from, &until)
        && from.value >= until.value
    {
        sheet.fault(until.line, "a freeze ends before it begins", "let \"until\" be later than \"from\"");
    }
    let name = name?;
    names.add(sheet, &name);
    let environments = frozen.iter().map(|name| EnvironmentId::new(&name.value)).collect();
    Some(ScenarioFreeze { name: name.value, from: from?.value, until: until?.value, environments, at_end: at_end?, exceptions })
}

fn exception(table: &Table<'_>, known: Option<&Declaration>) -> Option<ScenarioException> {
    let sheet = table.sheet();
    let (group, by) = (table.need::<String>("group"), table.need::<String>("by"));
    let (until, reason) = (table.need::<Period>("until"), table.need::<String>("reason"));
    table.close();
    if let (Some(known), Some(group)) = (known, &group) {
        refers(sheet, "group", group, known.groups.iter().map(|group| group.id.as_str()));
    }
    if let (Some(known), Some(by)) = (known, &by) {
        refers(sheet, "person", by, known.people.keys().map(PersonId::as_str));
    }
    let (group, by) = (GroupId::new(&group?.value), PersonId::new(&by?.value));
    Some(ScenarioException { group, by, until: until?.value, reason: reason?.value })
}
