//! When things may go forward: an environment's `window` and `at_window_end`, and `[[freeze]]`.

use std::collections::BTreeSet;

use super::groups::WrittenGroup;
use super::names::{Names, refers};
use super::people::People;
use crate::document::{At, Table};
use crate::domain::environment::Environment;
use crate::domain::freeze::{Exception, Freeze};
use crate::domain::id::{EnvironmentId, GroupId, PersonId};
use crate::domain::schedule::AtWindowEnd;
use crate::domain::time::EngineTime;
use crate::domain::window::{Day, TimeOfDay, Window, Zone};

/// An environment's weekly window.
pub fn window(environment: &Table<'_>) -> Option<Window> {
    let table = environment.table("window")?;
    let table = table.named(format!("the window of {}", environment.name()));
    let sheet = table.sheet();
    let zone = table.need::<String>("zone").and_then(|name| {
        let zone = Zone::named(&name.value);
        if zone.is_none() {
            let what = format!("there is no time zone {:?}", name.value);
            sheet.fault(name.line, &what, "write one of the tz database, such as \"Europe/Berlin\" or \"UTC\"");
        }
        zone
    });
    let days = days(&table);
    let (from, to) = (time_of_day(&table, "from"), time_of_day(&table, "to"));
    table.close();
    if let (Some(from), Some(to)) = (&from, &to)
        && from.value >= to.value
    {
        let what = format!("the window is from {} to {}", from.value, to.value);
        sheet.fault(to.line, &what, "let it end after it begins, at \"24:00\" at the latest; it opens anew each day");
    }
    Some(Window { zone: zone?, days: days?, from: from?.value, to: to?.value })
}

fn days(table: &Table<'_>) -> Option<BTreeSet<Day>> {
    table.need::<Vec<String>>("days")?;
    let mut found = BTreeSet::new();
    for name in table.list::<String>("days")?.value {
        if refers(table.sheet(), "day", &name, Day::ALL.iter().map(|day| day.word())) {
            found.extend(Day::ALL.into_iter().find(|day| day.word() == name.value));
        }
    }
    (!found.is_empty()).then_some(found)
}

fn time_of_day(table: &Table<'_>, key: &str) -> Option<At<TimeOfDay>> {
    let written = table.need::<String>(key)?;
    let parsed = written.value.parse().ok();
    if parsed.is_none() {
        let what = format!("{key:?} in {} is {:?}", table.name(), written.value);
        table.sheet().fault(written.line, &what, "write a time of day such as \"09:00\"");
    }
    Some(At { value: parsed?, line: written.line })
}

/// What becomes of a push that is half way when an environment closes.
pub fn at_window_end(environment: &Table<'_>) -> Option<AtWindowEnd> {
    end_word(environment, "at_window_end")
}

/// `hold` or `return` under a key.
pub fn end_word(table: &Table<'_>, key: &str) -> Option<AtWindowEnd> {
    let word = table.get::<String>(key)?;
    match word.as_str() {
        "hold" => Some(AtWindowEnd::Hold),
        "return" => Some(AtWindowEnd::Return),
        other => {
            table.sheet().fault(word.line, &format!("{key} is {other:?}"), "write \"hold\" or \"return\"");
            None
        }
    }
}

/// Every freeze, in the order written. What a protected environment does when it closes must be said.
pub fn freezes(root: &Table<'_>, environments: &[At<Environment>], groups: &[WrittenGroup], people: &People) -> Vec<Freeze> {
    let sheet = root.sheet();
    let mut names = Names::new("freeze");
    let mut found = Vec::new();
    for table in root.tables("freeze") {
        let name = table.need::<String>("name");
        let table = match &name {
            Some(name) => table.named(format!("freeze {:?}", name.value)),
            None => table,
        };
        let (from, until) = (table.need::<EngineTime>("from"), table.need::<EngineTime>("until"));
        let known = table.need::<Vec<String>>("environments").and_then(|_| table.list::<String>("environments"));
        let frozen = known.map_or_else(Vec::new, |list| list.value);
        let exceptions = table.tables("exceptions").iter().filter_map(|table| exception(table, groups, people)).collect();
        table.close();
        for environment in &frozen {
            refers(sheet, "environment", environment, environments.iter().map(|known| known.id.as_str()));
        }
        if let (Some(from), Some(until)) = (&from, &until)
            && from.value >= until.value
        {
            sheet.fault(until.line, &format!("{} ends before it begins", table.name()), "let \"until\" be later than \"from\"");
        }
        let (Some(name), Some(from), Some(until)) = (name, from, until) else { continue };
        names.add(sheet, &name);
        let environments = frozen.iter().map(|name| EnvironmentId::new(&name.value)).collect();
        found.push(Freeze { name: name.value, from: from.value, until: until.value, environments, exceptions });
    }
    ends_are_said(root, environments, &found);
    found
}

fn exception(table: &Table<'_>, groups: &[WrittenGroup], people: &People) -> Option<Exception> {
    let sheet = table.sheet();
    let (group, by) = (table.need::<String>("group"), table.need::<String>("by"));
    let (until, reason) = (table.need::<EngineTime>("until"), table.need::<String>("reason"));
    table.close();
    if let Some(group) = &group {
        refers(sheet, "group", group, groups.iter().map(|known| known.group.id.as_str()));
    }
    if let Some(by) = &by {
        refers(sheet, "person", by, people.people.keys().map(PersonId::as_str));
    }
    let (group, by) = (GroupId::new(&group?.value), PersonId::new(&by?.value));
    Some(Exception { group, by, until: until?.value, reason: reason?.value })
}

fn ends_are_said(root: &Table<'_>, environments: &[At<Environment>], freezes: &[Freeze]) {
    for environment in environments.iter().filter(|known| known.protected && known.at_window_end.is_none()) {
        let freeze = freezes.iter().find(|freeze| freeze.environments.contains(&environment.id));
        let closes = match (&environment.window, freeze) {
            (Some(_), _) => "has a window".to_owned(),
            (None, Some(freeze)) => format!("is named by freeze {:?}", freeze.name),
            (None, None) => continue,
        };
        let what = format!(
            "environment {:?} is protected and {closes}, and does not say what becomes of a push that is half way when it closes",
            environment.id
        );
        let instead = "add at_window_end = \"hold\" (it stays, and goes on by itself when it opens) or \"return\" (it goes back)";
        root.sheet().fault(environment.line, &what, instead);
    }
}
