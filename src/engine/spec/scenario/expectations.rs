//! `[[expect]]`: what should have come of a scenario by when.

use super::super::names::refers;
use super::super::thresholds;
use crate::document::Table;
use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, GroupId};
use crate::domain::metric::Metric;
use crate::domain::status::Status;
use crate::domain::time::Period;

/// One thing that should be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The push has this status.
    Status(Status),
    /// The push never entered the stage of this name.
    NeverStage(String),
    /// So many requests failed or were slow on the new version beyond what the old one would have had, or more.
    HarmFailedAtLeast(u64),
    /// So many, or fewer.
    HarmFailedAtMost(u64),
    /// The push never had this status.
    NeverStatus(Status),
    /// It went back by itself because of this metric.
    TriggerMetric(Metric),
    /// It went back by itself because of what happened in this cell.
    TriggerCell(CellId),
    /// Whether an instance is found changed by hand, of the push's services or, where no push is named, of any.
    Drifted(bool),
    /// Whether somebody or something holds the push.
    Held(bool),
    /// Whether a metric of the new version is beyond its limit and that is found to be a fault it shares with the old one.
    SharedFault(bool),
    /// Whether no request reaches the new version.
    UsersSafe(bool),
    /// Whether automatic rollback is said to be blind.
    Blind(bool),
    /// What is wrong was noticed within so long after it could first be seen.
    DetectedWithin(Period),
}

/// What should be so, of which push, and by when: at some moment until then, or, for what should never be or stay below, at every one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Since the scenario began.
    pub by: Period,
    /// The group whose push is meant; `None` means the whole backend.
    pub push: Option<GroupId>,
    /// What.
    pub what: Expected,
    /// The line it stands on, for whoever reports that it did not come true.
    pub line: usize,
}

/// A status as a scenario writes it: `waiting-approval`, its name on the wire with hyphens.
pub fn status_word(status: Status) -> String {
    let written = serde_json::to_value(status).ok();
    written.as_ref().and_then(|value| value.as_str()).map_or_else(|| status.word().to_owned(), |word| word.replace('_', "-"))
}

fn status_of(word: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status_word(*status) == word)
}

/// Every expectation in order of time; a table with several claims makes one of each.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<Expectation> {
    let mut all: Vec<Expectation> = root.tables("expect").iter().flat_map(|table| claims(table, known)).collect();
    all.sort_by_key(|expectation| expectation.by);
    all
}

fn claims(table: &Table<'_>, known: Option<&Declaration>) -> Vec<Expectation> {
    let sheet = table.sheet();
    let by = table.need::<Period>("by");
    let push = table.get::<String>("push");
    if let (Some(known), Some(push)) = (known, &push) {
        refers(sheet, "group", push, known.groups.iter().map(|group| group.id.as_str()));
    }
    let [status, never_status] = ["status", "never_status"].map(|key| table.get::<String>(key));
    for status in [&status, &never_status].into_iter().flatten() {
        let words: Vec<String> = Status::ALL.into_iter().map(status_word).collect();
        refers(sheet, "status", status, words.iter().map(String::as_str));
    }
    let metric = table.get::<String>("trigger_metric");
    if let Some(metric) = &metric {
        refers(sheet, "metric", metric, Metric::ALL.into_iter().map(thresholds::key));
    }
    let cell = table.get::<String>("trigger_cell");
    if let (Some(known), Some(cell)) = (known, &cell) {
        let cells = known.environments.iter().flat_map(|environment| &environment.cells);
        refers(sheet, "cell", cell, cells.map(|cell| cell.id.as_str()));
    }
    let stage = table.get::<String>("never_stage");
    if let (Some(known), Some(stage)) = (known, &stage) {
        let stages = known.plans.values().flat_map(|plan| &plan.legs).flat_map(|leg| &leg.stages);
        refers(sheet, "stage", stage, stages.map(|stage| stage.name.as_str()));
    }
    let found: Vec<Expected> = [
        status.and_then(|word| status_of(&word)).map(Expected::Status),
        stage.map(|name| Expected::NeverStage(name.value)),
        never_status.and_then(|word| status_of(&word)).map(Expected::NeverStatus),
        metric
            .and_then(|word| Metric::ALL.into_iter().find(|metric| thresholds::key(*metric) == word.value))
            .map(Expected::TriggerMetric),
        cell.map(|name| Expected::TriggerCell(CellId::new(&name.value))),
        table.get("drifted").map(|yes| Expected::Drifted(yes.value)),
        table.get("held").map(|yes| Expected::Held(yes.value)),
        table.get("shared_fault").map(|yes| Expected::SharedFault(yes.value)),
        table.get("harm_failed_at_least").map(|count| Expected::HarmFailedAtLeast(count.value)),
        table.get("harm_failed_at_most").map(|count| Expected::HarmFailedAtMost(count.value)),
        table.get("users_safe").map(|yes| Expected::UsersSafe(yes.value)),
        table.get("blind").map(|yes| Expected::Blind(yes.value)),
        table.get("detected_within").map(|period| Expected::DetectedWithin(period.value)),
    ]
    .into_iter()
    .flatten()
    .collect();
    table.close();
    if found.is_empty() && !sheet.is_faulty() {
        sheet.fault(table.line, "an expectation expects nothing", "write status, users_safe or another claim");
    }
    if push.is_none() && found.iter().any(|claim| !matches!(claim, Expected::Blind(_) | Expected::Drifted(_))) {
        table.missing("push", "the group whose push is meant");
    }
    let Some(by) = by else { return Vec::new() };
    let push = push.map(|name| GroupId::new(&name.value));
    found.into_iter().map(|what| Expectation { by: by.value, push: push.clone(), what, line: table.line }).collect()
}
