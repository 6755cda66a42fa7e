//! Readings of the last hour, a tick every 15 s, with a gap and with v42 getting slower in one place.

use std::sync::Arc;

use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::evidence::reading::{Batch, JourneyReading, MissingCell, Reading};

use super::declared::REGIONS;
use super::{clock, place};

const TICK: Period = Period::from_secs(15);
const EDGES: [f64; 20] =
    [0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 4.0];

/// The last 236 ticks. Nothing came between 14:10 and 14:13; eu is silent from `eu_lost` on.
pub(super) fn last_hour(fleet: &Fleet, now: EngineTime, eu_lost: Option<EngineTime>) -> Vec<Batch> {
    let edges: Arc<[f64]> = Arc::from(EDGES);
    (0..236u32)
        .rev()
        .map(|ago| now - TICK * ago)
        .map(|at| {
            let silent = at > clock(14, 10, 0) && at <= clock(14, 13, 0);
            let lost = |cell: &str| silent || cell == "eu" && eu_lost.is_some_and(|lost| at > lost);
            let mut batch = Batch { at, over: TICK, edges: Arc::clone(&edges), ..Batch::default() };
            for (cell, weight, _) in REGIONS {
                if lost(cell) {
                    let (environment, cell) = (EnvironmentId::new("production"), CellId::new(cell));
                    batch.missing.push(MissingCell { environment, cell, why: "connection refused".to_owned() });
                    continue;
                }
                for service in ["blob", "gateway", "index"] {
                    let rps = 41_000.0 * weight / 120.0;
                    batch.readings.extend(both_versions(fleet, at, (service, cell), rps));
                }
                batch.journeys.push(JourneyReading {
                    environment: EnvironmentId::new("production"),
                    cell: CellId::new(cell),
                    journey: "storage".to_owned(),
                    attempts: 400,
                    succeeded: if at.millis() / 15_000 % 50 == 0 { 399 } else { 400 },
                    latency: Vec::new(),
                    failure: None,
                    untried: None,
                });
            }
            batch.readings.sort_by(|a, b| (&a.service, &a.cell, &a.version).cmp(&(&b.service, &b.cell, &b.version)));
            batch
        })
        .collect()
}

/// Where v42 stands today is where it stood all the hour, but for the way back: until 15:06:45 it still took its part.
fn both_versions(fleet: &Fleet, at: EngineTime, (service, cell): (&str, &str), rps: f64) -> Vec<Reading> {
    let id = CellId::new(cell);
    let Some(placement) = fleet.placement_by_id(&place(service, "production")) else { return Vec::new() };
    let size = placement.size_in(&id);
    let gone_back = fleet.push(super::STORAGE).is_some_and(|push| push.course.rollback().is_some());
    let new = match gone_back {
        true if at < clock(15, 6, 45) => size / 10,
        true => 0,
        false => placement.count_in(&id, &Version::new("v42")),
    };
    let share = f64::from(new) / f64::from(size.max(1));
    let mut found = Vec::new();
    for (version, part, up) in [("v41", 1.0 - share, size - new), ("v42", share, new)] {
        if up > 0 {
            let requests = (rps * part * TICK.secs_f64()).round() as u64;
            found.push(reading(at, (service, cell, version), requests, up));
        }
    }
    found
}

fn reading(at: EngineTime, (service, cell, version): (&str, &str, &str), requests: u64, up: u32) -> Reading {
    // A small wave, the same for the same tick, so that curves look alive and the story stays the same.
    let wave = ((at.millis() / 15_000 * 7 + cell.len() as i64 * 3 + service.len() as i64) % 11) as f64 / 10.0 - 0.5;
    let is_new = version == "v42";
    let slow = if is_new && service == "blob" && cell == "eu" && at < clock(15, 30, 0) {
        let minutes = at.since(clock(13, 51, 0)).secs_f64() / 60.0;
        0.84 + 0.28 * (minutes / 41.0).min(2.7)
    } else {
        match service {
            "blob" => 0.84,
            "gateway" => 0.47,
            _ => 0.31,
        }
    };
    Reading {
        service: ServiceId::new(service),
        environment: EnvironmentId::new("production"),
        cell: CellId::new(cell),
        version: Version::new(version),
        requests,
        errors: (requests as f64 * (0.0002 + 0.000_05 * wave)).round() as u64,
        latency: histogram(requests, 0.21 + 0.01 * wave, slow + 0.05 * wave),
        cpu: Some(if is_new { 0.47 } else { 0.46 } + 0.02 * wave),
        memory: Some(if is_new { 0.61 } else { 0.60 }),
        saturation: None,
        up,
    }
}

/// Requests over the buckets so that one in a hundred exceeds `p99` seconds and one in a thousand `p999`; straight between, in
/// the logarithm of latency.
fn histogram(requests: u64, p99: f64, p999: f64) -> Vec<u64> {
    let knots = [(0.004, 0.0), (0.03, 0.5), (p99, 0.99), (p999, 0.999), (p999 * 1.8, 1.0)];
    let below = |edge: f64| -> f64 {
        let after = knots.iter().position(|(at, _)| *at > edge);
        match after {
            Some(0) => 0.0,
            None => 1.0,
            Some(after) => {
                let ((from, low), (to, high)) = (knots[after - 1], knots[after]);
                low + (high - low) * (edge / from).ln() / (to / from).ln()
            }
        }
    };
    let mut counts = Vec::new();
    let mut sum = 0;
    for edge in EDGES {
        let upto = ((below(edge) * requests as f64).round() as u64).max(sum);
        counts.push(upto - sum);
        sum = upto;
    }
    counts.push(requests.saturating_sub(sum));
    counts
}
