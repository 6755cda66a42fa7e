//! Where a service's log lines are read, and which of them are errors.

use serde::{Deserialize, Serialize};

use super::id::InstanceId;

/// What may stand in braces in the path of a file.
pub const PLACEHOLDERS: [&str; 4] = ["environment", "cell", "service", "instance"];

/// The path of an instance's file.
pub fn path_of(pattern: &str, instance: &InstanceId) -> String {
    let InstanceId { placement, cell, index } = instance;
    let index = index.to_string();
    let values = [placement.environment.as_str(), cell.as_str(), placement.service.as_str(), &index];
    PLACEHOLDERS.iter().zip(values).fold(pattern.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value))
}

/// The logs of a service, as declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logs {
    /// Where its lines are read.
    pub from: LogSource,
    /// Words of which a line must have one to count as an error. Without any, a line counts by the level it gives itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error: Vec<String>,
}

/// Where lines are read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogSource {
    /// At this path of the address that a cell's metrics are read from.
    Cell(String),
    /// In a file of each instance on this machine, with `{environment}`, `{cell}`, `{service}` and `{instance}` in its path.
    File(String),
    /// From a program and its arguments, run for each version of the service in each cell.
    Command(Vec<String>),
}
