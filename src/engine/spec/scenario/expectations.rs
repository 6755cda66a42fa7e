//! `[[expect]]`: what should have come of a scenario by when.

use serde::Serialize;

use super::super::names::refers;
use super::super::thresholds;
use crate::document::Table;
use crate::domain::decision::DecisionKind;
use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, FlagId, GroupId, Version};
use crate::domain::metric::Metric;
use crate::domain::requirement::{RequirementKind, RequirementState};
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
    /// A requirement of the push's gate stands so.
    Requirement {
        /// Its word.
        word: String,
        /// How it stands.
        state: RequirementState,
    },
    /// What is wrong was noticed within so long after it could first be seen.
    DetectedWithin(Period),
    /// Every instance has been seen to have this flag off.
    FlagOff(FlagId),
    /// A decision of this kind about the push is due.
    Decision(DecisionKind),
}

/// What should be so, of which push, and by when: at some moment until then, or, for what should never be or stay below, at every one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Since the scenario began.
    pub by: Period,
    /// The group whose push is meant; `None` means the whole backend.
    pub push: Option<GroupId>,
    /// Which of the group's pushes: the one to this version, at first or by a fix; `None` means the latest.
    pub version: Option<Version>,
    /// What.
    pub what: Expected,
    /// The line it stands on, for whoever reports that it did not come true.
    pub line: usize,
}

/// A status as a scenario writes it: `waiting-approval`, its name on the wire with hyphens.
pub fn status_word(status: Status) -> String {
    wire_word(&status)
}

fn status_of(word: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status_word(*status) == word)
}

/// A requirement's state as a scenario writes it.
const STATES: [(&str, RequirementState); 5] = [
    ("met", RequirementState::Met),
    ("waived", RequirementState::Waived),
    ("pending", RequirementState::Pending),
    ("unmet", RequirementState::Unmet),
    ("broken", RequirementState::Broken),
];

/// `requirement = "same-commit"`, `state = "unmet"`: the two belong together.
fn requirement(table: &Table<'_>, known: Option<&Declaration>) -> Option<Expected> {
    let (word, state) = (table.get::<String>("requirement"), table.get::<String>("state"));
    match (&word, &state) {
        (Some(_), None) => table.missing("state", "\"met\", \"pending\" or another state of the requirement"),
        (None, Some(_)) => table.missing("requirement", "the requirement whose state is meant"),
        _ => {}
    }
    let (word, state) = (word?, state?);
    if let Some(known) = known {
        let declared = known.checks.keys().map(ToString::to_string);
        let words: Vec<String> = RequirementKind::words().map(str::to_owned).chain(declared).collect();
        refers(table.sheet(), "requirement", &word, words.iter().map(String::as_str));
    }
    refers(table.sheet(), "state", &state, STATES.into_iter().map(|(word, _)| word));
    let (_, state) = STATES.into_iter().find(|(word, _)| *word == state.value)?;
    Some(Expected::Requirement { word: word.value, state })
}

/// Every expectation in order of time; a table with several claims makes one of each.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<Expectation> {
    let mut all: Vec<Expectation> = root.tables("expect").iter().flat_map(|table| claims(table, known)).collect();
    all.sort_by_key(|expectation| expectation.by);
    all
}

/// `decision = "window"`.
fn decision(table: &Table<'_>) -> Option<Expected> {
    let kind = table.get::<String>("decision")?;
    let kinds: Vec<(String, DecisionKind)> = DecisionKind::ALL.into_iter().map(|kind| (wire_word(&kind), kind)).collect();
    refers(table.sheet(), "kind of decision", &kind, kinds.iter().map(|(word, _)| word.as_str()));
    kinds.iter().find(|(word, _)| *word == kind.value).map(|(_, kind)| Expected::Decision(*kind))
}

/// `flag_off = "blob_v2"`.
fn flag_off(table: &Table<'_>, known: Option<&Declaration>) -> Option<Expected> {
    let flag = table.get::<String>("flag_off")?;
    if let Some(known) = known {
        refers(table.sheet(), "flag", &flag, known.flags.iter().map(|flag| flag.id.as_str()));
    }
    Some(Expected::FlagOff(FlagId::new(&flag.value)))
}

/// Something's name on the wire with hyphens.
fn wire_word(value: &impl Serialize) -> String {
    let written = serde_json::to_value(value).ok();
    written.as_ref().and_then(|value| value.as_str()).unwrap_or_default().replace('_', "-")
}

fn claims(table: &Table<'_>, known: Option<&Declaration>) -> Vec<Expectation> {
    let sheet = table.sheet();
    let by = table.need::<Period>("by");
    let push = table.get::<String>("push");
    if let (Some(known), Some(push)) = (known, &push) {
        refers(sheet, "group", push, known.groups.iter().map(|group| group.id.as_str()));
    }
    let version = table.get::<String>("version");
    if let (Some(known), Some(version)) = (known, &version) {
        refers(sheet, "version", version, known.releases.iter().map(|release| release.version.as_str()));
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
        requirement(table, known),
        table.get("detected_within").map(|period| Expected::DetectedWithin(period.value)),
        flag_off(table, known),
        decision(table),
    ]
    .into_iter()
    .flatten()
    .collect();
    table.close();
    if found.is_empty() && !sheet.is_faulty() {
        sheet.fault(table.line, "an expectation expects nothing", "write status, users_safe or another claim");
    }
    if push.is_none()
        && found.iter().any(|claim| !matches!(claim, Expected::Blind(_) | Expected::Drifted(_) | Expected::FlagOff(_)))
    {
        table.missing("push", "the group whose push is meant");
    }
    let Some(by) = by else { return Vec::new() };
    let push = push.map(|name| GroupId::new(&name.value));
    let version = version.map(|version| Version::new(&version.value));
    found
        .into_iter()
        .map(|what| Expectation { by: by.value, push: push.clone(), version: version.clone(), what, line: table.line })
        .collect()
}
