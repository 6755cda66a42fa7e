//! `[[expect]]`: what should have come of a scenario by when.

use serde::Serialize;

use super::super::names::refers;
use crate::document::Table;
use crate::domain::decision::DecisionKind;
use crate::domain::declaration::Declaration;
use crate::domain::id::GroupId;
use crate::domain::requirement::RequirementState;
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
    /// Whether no request reaches the new version.
    UsersSafe(bool),
    /// Whether automatic rollback is said to be blind.
    Blind(bool),
    /// What is wrong was noticed within so long after it could first be seen.
    DetectedWithin(Period),
    /// A requirement of the push's gate, by its word, stands so.
    Requirement(String, RequirementState),
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

/// Every expectation in order of time; a table with several claims makes one of each.
pub(super) fn read(root: &Table<'_>, known: Option<&Declaration>) -> Vec<Expectation> {
    let mut all: Vec<Expectation> = root.tables("expect").iter().flat_map(|table| claims(table, known)).collect();
    all.sort_by_key(|expectation| expectation.by);
    all
}

/// `requirement = { kind = "window", state = "unmet" }`. The kind is the word on screens.
fn requirement(table: &Table<'_>) -> Option<Expected> {
    let table = table.table("requirement")?;
    let (kind, state) = (table.need::<String>("kind"), table.need::<String>("state"));
    table.close();
    let states = [
        RequirementState::Met,
        RequirementState::Waived,
        RequirementState::Pending,
        RequirementState::Unmet,
        RequirementState::Broken,
    ];
    let states: Vec<(String, RequirementState)> = states.into_iter().map(|state| (wire_word(&state), state)).collect();
    let (kind, state) = (kind?, state?);
    refers(table.sheet(), "state of a requirement", &state, states.iter().map(|(word, _)| word.as_str()));
    let found = states.iter().find(|(word, _)| *word == state.value)?.1;
    Some(Expected::Requirement(kind.value, found))
}

/// `decision = "window"`.
fn decision(table: &Table<'_>) -> Option<Expected> {
    let kind = table.get::<String>("decision")?;
    let kinds: Vec<(String, DecisionKind)> = DecisionKind::ALL.into_iter().map(|kind| (wire_word(&kind), kind)).collect();
    refers(table.sheet(), "kind of decision", &kind, kinds.iter().map(|(word, _)| word.as_str()));
    kinds.iter().find(|(word, _)| *word == kind.value).map(|(_, kind)| Expected::Decision(*kind))
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
    let status = table.get::<String>("status");
    if let Some(status) = &status {
        let words: Vec<String> = Status::ALL.into_iter().map(status_word).collect();
        refers(sheet, "status", status, words.iter().map(String::as_str));
    }
    let stage = table.get::<String>("never_stage");
    if let (Some(known), Some(stage)) = (known, &stage) {
        let stages = known.plans.values().flat_map(|plan| &plan.legs).flat_map(|leg| &leg.stages);
        refers(sheet, "stage", stage, stages.map(|stage| stage.name.as_str()));
    }
    let found: Vec<Expected> = [
        status.and_then(|word| status_of(&word)).map(Expected::Status),
        stage.map(|name| Expected::NeverStage(name.value)),
        table.get("harm_failed_at_least").map(|count| Expected::HarmFailedAtLeast(count.value)),
        table.get("harm_failed_at_most").map(|count| Expected::HarmFailedAtMost(count.value)),
        table.get("users_safe").map(|yes| Expected::UsersSafe(yes.value)),
        table.get("blind").map(|yes| Expected::Blind(yes.value)),
        table.get("detected_within").map(|period| Expected::DetectedWithin(period.value)),
        requirement(table),
        decision(table),
    ]
    .into_iter()
    .flatten()
    .collect();
    table.close();
    if found.is_empty() && !sheet.is_faulty() {
        sheet.fault(table.line, "an expectation expects nothing", "write status, users_safe or another claim");
    }
    if push.is_none() && found.iter().any(|claim| !matches!(claim, Expected::Blind(_))) {
        table.missing("push", "the group whose push is meant");
    }
    let Some(by) = by else { return Vec::new() };
    let push = push.map(|name| GroupId::new(&name.value));
    found.into_iter().map(|what| Expectation { by: by.value, push: push.clone(), what, line: table.line }).collect()
}
