//! When a server scraped a cell lately, as its answer says.

use std::collections::BTreeMap;
use std::time::Duration;

use super::answer::Found;
use super::{CELL, ENVIRONMENT};
use crate::domain::id::{CellId, EnvironmentId};
use crate::evidence::delta::{SAMPLES, TIME};

/// Labels that what a cell exposes may carry itself. Where its target has them too, they need not be the same.
const EXPOSED: [&str; 6] = ["instance", "service", "version", "code", "journey", "le"];

/// What says whether the server's last scrape of a target worked.
const SCRAPED: &str = "up";

/// The query that finds when cells were scraped lately, and whether that worked.
pub(super) fn query(reach: Duration) -> String {
    format!("{{__name__=~\"{TIME}|{SCRAPED}\",{ENVIRONMENT}!=\"\",{CELL}!=\"\"}}[{}ms]", reach.as_millis())
}

/// What an answer says of one cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    /// Scraped since then: the target's labels, and the times of its scrapes, rising.
    Scraped(Target, Vec<i64>),
    /// Not scraped since then.
    Nothing,
    /// Tried and failed since then.
    Failed,
    /// By several targets at once, which differ in this label.
    Several(String),
}

/// The labels of the target that answers for a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target(BTreeMap<String, String>);

impl Seen {
    /// What is said of a cell beyond a moment, in milliseconds of the server's clock.
    pub(super) fn of(found: &[Found], environment: &EnvironmentId, cell: &CellId, since: i64) -> Self {
        let of_cell = |series: &&Found| series.label(ENVIRONMENT) == environment.as_str() && series.label(CELL) == cell.as_str();
        let newest = |series: &&Found| series.points.last().map(|point| point.at);
        let clocks: Vec<&Found> = found
            .iter()
            .filter(of_cell)
            .filter(|series| series.label("__name__") == TIME && newest(series).is_some_and(|at| at > since))
            .collect();
        let Some(clock) = clocks.iter().max_by_key(|series| newest(series)) else {
            let has_failed = found.iter().filter(of_cell).any(|series| {
                series.label("__name__") == SCRAPED && series.points.iter().any(|point| point.at > since && point.value == 0.0)
            });
            return if has_failed { Self::Failed } else { Self::Nothing };
        };
        let times: Vec<i64> = clock.points.iter().map(|point| point.at).filter(|at| *at > since).collect();
        // One that ended before this one began was replaced by it, as when a process starts elsewhere.
        let first = times.first().copied().unwrap_or(i64::MAX);
        match clocks.iter().find(|other| other.labels != clock.labels && newest(other).is_some_and(|at| at >= first)) {
            Some(other) => Self::Several(difference(&clock.labels, &other.labels)),
            None => Self::Scraped(Target::of(clock), times),
        }
    }
}

/// The moment of the newest scrape of a cell that an answer knows, in milliseconds of the server's clock.
pub(super) fn newest(found: &[Found], environment: &EnvironmentId, cell: &CellId) -> Option<i64> {
    let of_cell = |series: &&Found| {
        series.label("__name__") == TIME && series.label(ENVIRONMENT) == environment.as_str() && series.label(CELL) == cell.as_str()
    };
    found.iter().filter(of_cell).filter_map(|series| series.points.last()).map(|point| point.at).max()
}

/// The first label in which two series differ.
fn difference(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> String {
    let differs = |name: &&String| one.get(*name) != other.get(*name);
    one.keys().chain(other.keys()).find(differs).cloned().unwrap_or_default()
}

/// The middle distance of the scrapes of all series of an answer: how often the server scrapes. `None` where it is not to be seen.
pub(super) fn interval(found: &[Found]) -> Option<Duration> {
    let clocks = found.iter().filter(|series| series.label("__name__") == TIME);
    let mut gaps: Vec<u64> = clocks
        .flat_map(|series| series.points.iter().zip(series.points.iter().skip(1)))
        .map(|(one, next)| next.at.abs_diff(one.at))
        .collect();
    gaps.sort_unstable();
    gaps.get(gaps.len().checked_sub(1)? / 2).map(|gap| Duration::from_millis(*gap))
}

impl Target {
    fn of(clock: &Found) -> Self {
        Self(
            clock
                .labels
                .iter()
                .filter(|(name, _)| *name != "__name__")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// The query that finds what this target said within so many milliseconds.
    pub(super) fn samples(&self, millis: i64) -> String {
        let names = SAMPLES.join("|");
        let own = self.0.iter().filter(|(name, _)| !EXPOSED.contains(&name.as_str()));
        let matchers = own.fold(String::new(), |text, (name, value)| text + &format!(",{name}={}", quoted(value)));
        format!("{{__name__=~\"{names}\"{matchers}}}[{millis}ms]")
    }

    /// Whether a label is the target's own, and nothing that a series said. `service`, `version` and the like may be given by either.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        let may_be_given = !EXPOSED.contains(&name) || name == "instance";
        may_be_given && self.0.get(name).is_some_and(|own| own == value)
    }
}

/// A text as `PromQL` writes it.
fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use super::super::answer::Point;
    use super::*;

    fn series(name: &str, instance: &str, points: &[(i64, f64)]) -> Found {
        let labels = [("__name__", name), (ENVIRONMENT, "production"), (CELL, "eu"), ("instance", instance), ("job", "a\"b\\")];
        Found {
            labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            points: points.iter().map(|(at, value)| Point { at: *at, value: *value }).collect(),
        }
    }

    fn seen(found: &[Found], since: i64) -> Seen {
        Seen::of(found, &EnvironmentId::new("production"), &CellId::new("eu"), since)
    }

    #[test]
    fn a_cell_was_scraped_failed_or_neither() {
        let found = [series(TIME, "a:1", &[(1_000, 5.0), (2_000, 6.0)]), series(SCRAPED, "a:1", &[(2_000, 1.0), (3_000, 0.0)])];
        assert!(matches!(seen(&found, 0), Seen::Scraped(_, times) if times == [1_000, 2_000]));
        assert!(matches!(seen(&found, 1_000), Seen::Scraped(_, times) if times == [2_000]));
        assert_eq!((seen(&found, 2_000), seen(&found, 3_000)), (Seen::Failed, Seen::Nothing));
        assert_eq!(Seen::of(&found, &EnvironmentId::new("production"), &CellId::new("us"), 0), Seen::Nothing);
        assert_eq!((interval(&found), interval(&found[1..])), (Some(Duration::from_secs(1)), None));
    }

    #[test]
    fn two_targets_at_once_are_one_too_many_and_one_after_another_are_not() {
        let old = series(TIME, "a:1", &[(1_000, 5.0), (2_000, 6.0)]);
        let beside = series(TIME, "b:1", &[(1_500, 5.0), (2_500, 6.0)]);
        assert_eq!(seen(&[old.clone(), beside], 0), Seen::Several("instance".to_owned()));
        let after = series(TIME, "b:1", &[(3_000, 1.0)]);
        assert!(matches!(seen(&[old, after], 0), Seen::Scraped(_, times) if times == [3_000]));
    }

    #[test]
    fn what_a_target_said_is_asked_by_its_own_labels() {
        let target = Target::of(&series(TIME, "a:1", &[]));
        let query = target.samples(1_500);
        assert!(query.starts_with("{__name__=~\"pushdeck_time_seconds|pushdeck_requests_total|"), "{query}");
        assert!(query.ends_with(",cell=\"eu\",environment=\"production\",job=\"a\\\"b\\\\\"}[1500ms]"), "{query}");
        assert!(target.has("instance", "a:1") && !target.has("instance", "0") && target.has("cell", "eu"));
        let named = Target(BTreeMap::from([("service".to_owned(), "auth".to_owned())]));
        assert!(!named.has("service", "auth"));
    }
}
