//! `[[environment]]`: where services run, in promotion order.

use super::names::{Names, refers};
use super::windows;
use crate::document::{At, Percent, Sheet, Table, nearest};
use crate::domain::drift::DriftRule;
use crate::domain::environment::{Cell, Environment, alone_up_to};
use crate::domain::id::{CellId, EnvironmentId, RegionId};
use crate::domain::share::Share;

/// Every environment, sorted so that each stands after those it comes after.
pub fn read(root: &Table<'_>) -> Vec<At<Environment>> {
    let sheet = root.sheet();
    let tables = root.tables("environment");
    if tables.is_empty() {
        root.missing("environment", "at least one [[environment]]");
    }
    let mut names = Names::new("environment");
    let mut found = Vec::new();
    let mut after = Vec::new();
    for table in tables {
        let name = table.need::<String>("name");
        let table = match &name {
            Some(name) => table.named(format!("environment {:?}", name.value)),
            None => table,
        };
        let before = table.list::<String>("after").map_or_else(Vec::new, |list| list.value);
        let protected = table.or("protected", false);
        let drift = drift_rule(&table, protected);
        let waive_alone_up_to = alone(&table, protected);
        let cells = cells(&table);
        let (window, at_window_end) = (windows::window(&table), windows::at_window_end(&table));
        table.close();
        if let Some(name) = name {
            names.add(sheet, &name);
            let id = EnvironmentId::new(&name.value);
            let before_ids = before.iter().map(|name| EnvironmentId::new(&name.value)).collect();
            let environment =
                Environment { id, after: before_ids, protected, waive_alone_up_to, drift, cells, window, at_window_end };
            found.push(At { value: environment, line: name.line });
            after.extend(before);
        }
    }
    let known: Vec<String> = found.iter().map(|environment| environment.id.as_str().to_owned()).collect();
    for name in &after {
        refers(sheet, "environment", name, known.iter().map(String::as_str));
    }
    in_promotion_order(sheet, found)
}

/// `drift = "correct"` or `"hold"`; where mistakes hurt people a hand's work is not undone by a machine unless the spec says so.
fn drift_rule(table: &Table<'_>, protected: bool) -> DriftRule {
    let by_default = if protected { DriftRule::Hold } else { DriftRule::Correct };
    let Some(word) = table.get::<String>("drift") else { return by_default };
    match word.value.as_str() {
        "correct" => DriftRule::Correct,
        "hold" => DriftRule::Hold,
        other => {
            let instead = match nearest(other, ["correct", "hold"]) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => "write \"correct\" (put right at once) or \"hold\" (shown, and left to a person)".to_owned(),
            };
            table.sheet().fault(word.line, &format!("drift is {other:?}"), &instead);
            by_default
        }
    }
}

/// `waive_alone_up_to = "10 %"`.
fn alone(table: &Table<'_>, protected: bool) -> Share {
    let Some(share) = table.get::<Percent>("waive_alone_up_to") else { return alone_up_to() };
    if !protected {
        let what = format!("{} has waive_alone_up_to and is not protected", table.name());
        table.sheet().fault(share.line, &what, "leave it out: one person may waive anything there, or write protected = true");
    }
    Share::new(share.0)
}

fn cells(table: &Table<'_>) -> Vec<Cell> {
    let sheet = table.sheet();
    let cells = table.tables("cells");
    if cells.is_empty() {
        table.missing("cells", r#"[{ name = "eu", weight = 1, users = 0 }], at least one"#);
    }
    let mut names = Names::new("cell");
    let mut found = Vec::new();
    let mut pairs = Vec::new();
    for cell in cells {
        let name = cell.need::<String>("name");
        let weight = cell.get::<f64>("weight").unwrap_or(At { value: 1.0, line: cell.line });
        let users = cell.or("users", 0);
        let region = cell.get::<String>("region");
        let paired = cell.get::<String>("paired");
        cell.close();
        if *weight <= 0.0 {
            sheet.fault(weight.line, "a cell's weight is 0", "write how much traffic it takes beside its siblings, above 0");
        }
        if let Some(name) = name {
            names.add(sheet, &name);
            let mut one = Cell::new(CellId::new(&name.value), *weight, users);
            if let Some(region) = region {
                one.region = RegionId::new(&region.value);
            }
            one.paired = paired.as_ref().map(|region| RegionId::new(&region.value));
            pairs.extend(paired.map(|paired| (one.region.clone(), paired)));
            found.push(one);
        }
    }
    for (own, paired) in pairs {
        if own.as_str() == paired.value {
            sheet.fault(
                paired.line,
                &format!("region {own} is paired with itself"),
                "name the region that takes over when it fails",
            );
        }
        refers(sheet, "region", &paired, found.iter().map(|cell: &Cell| cell.region.as_str()));
    }
    found
}

fn in_promotion_order(sheet: &Sheet, mut waiting: Vec<At<Environment>>) -> Vec<At<Environment>> {
    let mut sorted: Vec<At<Environment>> = Vec::new();
    while !waiting.is_empty() {
        // A name that is not declared at all was reported before, and must not look like a cycle.
        let next =
            waiting.iter().position(|candidate| candidate.after.iter().all(|id| waiting.iter().all(|other| other.id != *id)));
        let Some(next) = next else {
            report_cycle(sheet, &waiting);
            sorted.append(&mut waiting);
            break;
        };
        sorted.push(waiting.remove(next));
    }
    sorted
}

/// Every environment still waiting comes after another that waits, so walking on must come back to where it has been.
fn report_cycle(sheet: &Sheet, waiting: &[At<Environment>]) {
    let mut path: Vec<&At<Environment>> = Vec::new();
    let mut next = waiting.first();
    while let Some(here) = next {
        if let Some(begins) = path.iter().position(|known| known.id == here.id) {
            let mut names: Vec<&str> = path.iter().skip(begins).map(|environment| environment.id.as_str()).collect();
            names.push(here.id.as_str());
            let what = format!("environments come after each other in a circle: {}", names.join(" after "));
            sheet.fault(here.line, &what, "leave out one `after` of the circle");
            return;
        }
        path.push(here);
        next = here.after.iter().find_map(|id| waiting.iter().find(|other| other.id == *id));
    }
}
