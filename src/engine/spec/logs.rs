//! `logs`: where a service's log lines are read, and which of them are errors.

use std::collections::BTreeMap;

use crate::document::{At, Sheet, Table, nearest};
use crate::domain::environment::Environment;
use crate::domain::id::{InstanceId, PlacementId};
use crate::domain::logs::{LogSource, Logs, PLACEHOLDERS, path_of};
use crate::domain::service::Service;

/// The logs of a service, where it says anything of them.
pub fn read(owner: &Table<'_>) -> Option<At<Logs>> {
    let table = owner.table("logs")?;
    let line = table.line;
    let from = source(&table);
    let error = words(&table);
    table.close();
    Some(At { value: Logs { from: from?, error }, line })
}

/// The one place that lines are read from.
fn source(table: &Table<'_>) -> Option<LogSource> {
    let sheet = table.sheet();
    let cell = table.get::<String>("cell").filter(|path| is_path(sheet, path, "such as \"/logs\""));
    let file = table.get::<String>("file").filter(|path| is_path(sheet, path, "such as \"/var/log/{service}-{instance}.log\""));
    let file = file.filter(|path| has_known_names(sheet, path));
    let command = table.list::<String>("command").filter(|words| {
        let is_there = words.value.first().is_some_and(|program| !program.value.is_empty());
        if !is_there {
            let what = format!("the command of {} is empty", table.name());
            sheet.fault(words.line, &what, "write the program first, then its arguments");
        }
        is_there
    });
    let given: Vec<&str> = ["file", "command", "cell"].into_iter().filter(|key| table.has(key)).collect();
    match given.as_slice() {
        [] => {
            table.missing("file", r#""/var/log/{service}/{cell}-{instance}.log", or command = ["…"], or cell = "/logs""#);
            return None;
        }
        [one, other, ..] => {
            let what = format!("{} has both {one:?} and {other:?}", table.name());
            sheet.fault(table.line, &what, "its lines are read in one place: leave one of them out");
            return None;
        }
        [_] => {}
    }
    let file = file.map(|path| LogSource::File(path.value));
    let command = command.map(|words| LogSource::Command(words.value.into_iter().map(|word| word.value).collect()));
    file.or(command).or_else(|| cell.map(|path| LogSource::Cell(path.value)))
}

fn is_path(sheet: &Sheet, path: &At<String>, such_as: &str) -> bool {
    let begins = path.value.starts_with('/');
    if !begins {
        sheet.fault(
            path.line,
            &format!("the path {:?} does not begin with a slash", path.value),
            &format!("write it in full, {such_as}"),
        );
    }
    begins
}

/// Whether everything in braces is something that is known of an instance.
fn has_known_names(sheet: &Sheet, path: &At<String>) -> bool {
    let names = path.value.split('{').skip(1).map(|rest| rest.split_once('}').map_or(rest, |(name, _)| name));
    let mut all_known = true;
    for name in names.filter(|name| !PLACEHOLDERS.contains(name)) {
        all_known = false;
        let instead = match nearest(name, PLACEHOLDERS) {
            Some(meant) => format!("did you mean {{{meant}}}?"),
            None => format!("known are: {}", PLACEHOLDERS.map(|known| format!("{{{known}}}")).join(", ")),
        };
        sheet.fault(path.line, &format!("the path {:?} has an unknown {{{name}}}", path.value), &instead);
    }
    all_known
}

/// The words that make a line an error.
fn words(table: &Table<'_>) -> Vec<String> {
    let Some(list) = table.list::<String>("error") else { return Vec::new() };
    let blank = list.value.iter().find(|word| word.value.trim().is_empty());
    if let Some(line) = blank.map(|word| word.line).or_else(|| list.value.is_empty().then_some(list.line)) {
        let what = format!("\"error\" in {} has no word in it", table.name());
        table.sheet().fault(
            line,
            &what,
            "write words such as [\"ERROR\", \"FATAL\"], or leave it out: a line's own level counts then",
        );
    }
    list.value.into_iter().map(|word| word.value).collect()
}

/// Checks that no two instances write to one file: nobody could say then which of them wrote a line.
pub fn check_files(sheet: &Sheet, services: &[(&Service, usize)], environments: &[At<Environment>]) {
    let mut seen: BTreeMap<String, &Service> = BTreeMap::new();
    for (service, line) in services {
        let Some(LogSource::File(path)) = service.logs.as_ref().map(|logs| &logs.from) else { continue };
        let twice = instances(service, environments).find_map(|instance| {
            let file = path_of(path, &instance);
            seen.insert(file.clone(), service).map(|other| (file, other.id.clone()))
        });
        if let Some((file, other)) = twice {
            let what = if other == service.id {
                format!("two instances of service {other:?} would be read from one file, {file}")
            } else {
                format!("services {other:?} and {:?} would be read from one file, {file}", service.id)
            };
            let names = PLACEHOLDERS.into_iter().filter(|name| !path.contains(&format!("{{{name}}}")));
            let missing = names.map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(" or ");
            sheet.fault(*line, &what, &format!("put {missing} into its path"));
        }
    }
}

fn instances<'a>(service: &'a Service, environments: &'a [At<Environment>]) -> impl Iterator<Item = InstanceId> + 'a {
    environments.iter().filter_map(|environment| Some((environment, service.deployment(&environment.id)?))).flat_map(
        |(environment, deployment)| {
            let placement = PlacementId::new(service.id.clone(), environment.id.clone());
            environment.cells.iter().zip(&deployment.instances).flat_map(move |(cell, count)| {
                let (placement, cell) = (placement.clone(), cell.id.clone());
                (0..*count).map(move |index| InstanceId { placement: placement.clone(), cell: cell.clone(), index })
            })
        },
    )
}
