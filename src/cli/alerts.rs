//! The alerts that are up, or the rules by which others alert.

use std::path::Path;

use clap::ValueEnum;

use crate::domain::declaration::Declaration;
use crate::domain::explain::Moment;
use crate::engine::spec;
use crate::plain;

use super::Global;
use super::exit::{Exit, complain, say};
use super::gather::gather;
use super::preferences::zone_of;

/// The edges that the client libraries of Prometheus begin with, in seconds (`DefBuckets` of `client_golang`).
const CLIENT_EDGES: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// For whom rules are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A Prometheus server: a file of recording and alerting rules
    Prometheus,
}

/// An upper edge of a latency bucket: `0.25`.
pub(super) fn edge(text: &str) -> Result<f64, String> {
    let edge = text.trim().parse::<f64>().ok().filter(|edge| edge.is_finite() && *edge > 0.0);
    edge.ok_or_else(|| format!("{text:?} is no edge of a bucket; write seconds above 0, as in 0.1,0.25,0.5,1"))
}

/// Prints them.
pub async fn run(global: &Global, spec: Option<&Path>, format: Option<Format>, (edges, json): (&[f64], bool)) -> Exit {
    let done = match (format, spec) {
        (None, _) => alerts(global, json).await,
        (Some(Format::Prometheus), Some(spec)) => rules_of_spec(spec, edges),
        (Some(Format::Prometheus), None) => rules_of_backend(global, edges).await,
    };
    match done {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn alerts(global: &Global, json: bool) -> Result<Exit, Exit> {
    let zone = zone_of(global)?;
    let gathered = gather(global).await?;
    let fleet = &gathered.fleet;
    let moment = Moment { now: gathered.at.max(fleet.at()), zone };
    say(if json { plain::alerts_json(fleet, &moment) } else { plain::alerts_lines(fleet, &moment) });
    Ok(gathered.exit)
}

fn rules_of_spec(path: &Path, edges: &[f64]) -> Result<Exit, Exit> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|why| complain(format!("{file} cannot be read: {why}"), Exit::Misuse))?;
    let declared = spec::read(&file, &text).map_err(|faults| {
        for fault in &faults {
            complain(fault, Exit::Misuse);
        }
        complain(format!("{file} has faults as a spec, so no rules were written"), Exit::Misuse)
    })?;
    rules(&declared.value, if edges.is_empty() { &CLIENT_EDGES } else { edges });
    Ok(Exit::Done)
}

async fn rules_of_backend(global: &Global, edges: &[f64]) -> Result<Exit, Exit> {
    let gathered = gather(global).await?;
    let (fleet, signals) = (&gathered.fleet, &gathered.signals);
    let read = fleet.placements().map(|placement| signals.edges(&placement.id)).find(|edges| !edges.is_empty());
    match (edges, &read) {
        ([], Some(read)) => rules(fleet.declaration(), read),
        ([], None) => rules(fleet.declaration(), &CLIENT_EDGES),
        (given, _) => rules(fleet.declaration(), given),
    }
    Ok(gathered.exit)
}

fn rules(declaration: &Declaration, edges: &[f64]) {
    let mut rising = edges.to_vec();
    rising.sort_by(f64::total_cmp);
    say(plain::prometheus_rules(declaration, &rising).trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_a_number_of_seconds() {
        assert_eq!((edge("0.25"), edge(" 1")), (Ok(0.25), Ok(1.0)));
        for wrong in ["", "0", "-1", "inf", "NaN", "250ms"] {
            assert!(edge(wrong).is_err_and(|why| why.ends_with("as in 0.1,0.25,0.5,1")), "{wrong}");
        }
    }
}
