//! Figures in the words of this screen.

use crate::domain::environment::Environment;
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, Version};
use crate::domain::push::Push;
use crate::domain::time::EngineTime;

/// A whole number with its thousands set apart: `11,100`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A rate to three digits: `8.2`, `348`, `11,100`.
pub(super) fn rate(rate: f64) -> String {
    if !rate.is_finite() || rate <= 0.0 {
        return "0".to_owned();
    }
    if rate < 10.0 {
        return format!("{rate:.1}");
    }
    let step = 10f64.powi((rate.log10().floor() as i32 - 2).max(0));
    grouped(((rate / step).round() * step) as u64)
}

/// People, to two digits where there are many: `1,700`, `3.4 M`.
pub(super) fn people(number: u64) -> String {
    match number {
        0..10_000 => grouped(number),
        10_000..1_000_000 => grouped((number as f64 / 1_000.0).round() as u64 * 1_000),
        _ => format!("{:.1} M", number as f64 / 1e6),
    }
}

/// So many of a thing: `1 commit`, `3 commits`.
pub(super) fn counted(number: u32, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A clock time to the minute.
pub(super) fn clock(moment: &Moment, at: EngineTime) -> String {
    at.hh_mm(&moment.zone)
}

/// Names while they fit into so many cells, then how many more there are: `arrived, p99, errors +3`.
pub(super) fn listed(names: &[String], cells: usize) -> String {
    let whole = names.join(", ");
    if whole.chars().count() <= cells {
        return whole;
    }
    let mut text = String::new();
    for (shown, name) in names.iter().enumerate() {
        let more = format!(" +{}", names.len() - shown);
        let next = if text.is_empty() { name.clone() } else { format!("{text}, {name}") };
        let more_after = format!(" +{}", names.len() - shown - 1);
        if next.chars().count() + more_after.len() > cells {
            text.push_str(&more);
            return text.trim_start().to_owned();
        }
        text = next;
    }
    text
}

/// The environment that is looked at: the cursor's, or the first on the way.
pub(super) fn environment<'a>(fleet: &'a Fleet, push: &Push) -> Option<&'a Environment> {
    fleet.declaration().environment(push.environment()?)
}

/// The environment's cells, in the order declared.
pub(super) fn cells(fleet: &Fleet, push: &Push) -> Vec<CellId> {
    environment(fleet, push).map(|found| found.cells.iter().map(|cell| cell.id.clone()).collect()).unwrap_or_default()
}

/// What the new version is called: the one that all share, else `new`.
pub(super) fn new_version(push: &Push) -> String {
    shared(push.plan.moves.iter().map(|part| Some(&part.to.version)), "new")
}

/// What ran before in the environment looked at, likewise.
pub(super) fn old_version(push: &Push) -> String {
    let environment = push.environment();
    shared(push.plan.moves.iter().map(|part| environment.and_then(|at: &EnvironmentId| part.from.get(at))), "old")
}

fn shared<'a>(mut versions: impl Iterator<Item = Option<&'a Version>>, otherwise: &str) -> String {
    match versions.next().flatten() {
        Some(first) if versions.all(|version| version == Some(first)) => first.to_string(),
        _ => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_as_many_digits_as_they_deserve() {
        assert_eq!([0.0, f64::NAN, 8.21, 348.4, 11_111.0, 28_391.0].map(rate), ["0", "0", "8.2", "348", "11,100", "28,400"]);
        assert_eq!([999, 1_700, 84_321, 3_428_000].map(people), ["999", "1,700", "84,000", "3.4 M"]);
        assert_eq!([0, 1_000, 1_234_567].map(grouped), ["0", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_list_that_does_not_fit_keeps_its_count() {
        let names = ["arrived", "p99.9", "p99", "errors"].map(str::to_owned);
        assert_eq!(listed(&names, 40), "arrived, p99.9, p99, errors");
        assert_eq!(listed(&names, 20), "arrived, p99.9 +2");
        assert_eq!(listed(&names, 5), "+4");
    }
}
