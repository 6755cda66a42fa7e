//! `thresholds`: the limits a service's metrics are held to.

use crate::document::{At, Percent, Table, nearest};
use crate::domain::metric::{Metric, Threshold, Unit};
use crate::domain::time::Period;

/// A metric's key in a spec: its word in snake case.
pub(super) const fn key(metric: Metric) -> &'static str {
    match metric {
        Metric::Errors => "errors",
        Metric::P99 => "p99",
        Metric::P999 => "p999",
        Metric::Cpu => "cpu",
        Metric::Memory => "memory",
        Metric::Saturation => "saturation",
        Metric::EndToEnd => "end_to_end",
        Metric::JourneyP90 => "journey_p90",
    }
}

/// The thresholds of a table, laid over those that hold without it: one named again replaces the one before.
pub fn read(owner: &Table<'_>, before: &[Threshold]) -> Vec<Threshold> {
    let mut all = before.to_vec();
    let Some(table) = owner.table("thresholds") else { return all };
    for name in table.keys() {
        let Some(metric) = Metric::ALL.into_iter().find(|metric| key(*metric) == name.value) else {
            report_unknown(&table, &name);
            continue;
        };
        let Some(limit) = table.table(&name.value).and_then(|table| threshold(&table, metric)) else { continue };
        all.retain(|threshold| threshold.metric != metric);
        all.push(limit);
    }
    all.sort_by_key(|threshold| Metric::ALL.iter().position(|metric| *metric == threshold.metric));
    all
}

fn report_unknown(table: &Table<'_>, name: &At<String>) {
    let known: Vec<&str> = Metric::ALL.into_iter().map(key).collect();
    let instead = match nearest(&name.value, known.iter().copied()) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None => format!("known are: {}", known.join(", ")),
    };
    // The key is asked for so that it is not reported once more as unknown.
    table.has(&name.value);
    table.sheet().fault(name.line, &format!("a threshold on an unknown metric {:?}", name.value), &instead);
}

fn threshold(table: &Table<'_>, metric: Metric) -> Option<Threshold> {
    let limit = match metric.unit() {
        Unit::Share => table.need::<Percent>("limit").map(|limit| limit.value.0),
        Unit::Seconds => table.need::<Period>("limit").map(|limit| limit.secs_f64()),
    };
    let sustained = table.need::<Period>("for");
    let least = table.or("least", 0);
    table.close();
    Some(Threshold { metric, limit: limit?, sustained: sustained?.value, least })
}
