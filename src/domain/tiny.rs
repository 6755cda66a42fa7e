//! For tests: the smallest declaration there can be.

use super::declaration::Declaration;
use super::drift::DriftRule;
use super::environment::{Cell, Environment, alone_up_to};
use super::service::{Deployment, Service};
use super::slo::Slo;
use super::time::Period;

/// Service `cart`, on `v1` in one environment of one cell, `eu`.
pub fn declaration(environment: &str, instances: u32) -> Declaration {
    let deployment = Deployment {
        environment: environment.into(),
        instances: vec![instances],
        peak_rps: 1.0,
        rps_per_instance: 1.0,
        running: "v1".into(),
    };
    let service = Service {
        id: "cart".into(),
        group: "cart".into(),
        deployments: vec![deployment],
        thresholds: Vec::new(),
        slo: Slo { availability: 0.999, window_days: 30, budget_left: 1.0, latency: Vec::new() },
        drain: Period::ZERO,
        install: Period::ZERO,
        calls: Vec::new(),
        logs: None,
    };
    let environment = Environment {
        id: environment.into(),
        after: Vec::new(),
        protected: false,
        waive_alone_up_to: alone_up_to(),
        drift: DriftRule::Correct,
        cells: vec![Cell::new("eu".into(), 1.0, 0)],
        window: None,
        at_window_end: None,
    };
    Declaration { environments: vec![environment], services: vec![service], ..Declaration::default() }
}
