//! Declared fleets for the simulation's own tests.

use crate::domain::declaration::Declaration;
use crate::domain::drift::DriftRule;
use crate::domain::environment::{Cell, Environment};
use crate::domain::id::{EnvironmentId, InstanceId, PlacementId, ServiceId};
use crate::domain::service::{Deployment, Group, Service, Succession};
use crate::domain::slo::Slo;
use crate::domain::time::{EngineTime, Period};

use crate::engine::spec::scenario::{Fault, Faults, VersionFault};

/// 2027-01-15 20:00 UTC: the daily peak.
pub fn evening() -> EngineTime {
    EngineTime::from_millis(1_800_043_200_000)
}

fn service(name: &str, group: &str, copies: [u32; 3], rps: f64) -> Service {
    let whole: u32 = copies.iter().sum();
    let deployment = |environment: &str, instances: Vec<u32>, peak_rps, rps_per_instance| Deployment {
        environment: environment.into(),
        instances,
        peak_rps,
        rps_per_instance,
        running: "v41".into(),
    };
    Service {
        id: name.into(),
        group: group.into(),
        deployments: vec![
            deployment("staging", vec![4], 60.0, 30.0),
            deployment("production", copies.to_vec(), rps, rps / f64::from(whole) / 0.6),
        ],
        thresholds: Vec::new(),
        slo: Slo { availability: 0.999, window_days: 30, budget_left: 0.6, latency: Vec::new() },
        drain: Period::from_secs(4),
        install: Period::from_secs(10),
        calls: Vec::new(),
        logs: None,
    }
}

fn group(name: &str, services: &[&str], hops: &[&str]) -> Group {
    let ids = |names: &[&str]| names.iter().map(|name| ServiceId::new(name)).collect();
    Group {
        id: name.into(),
        services: ids(services),
        hops: ids(hops),
        sticky: false,
        pinned: false,
        plan: "standard".to_owned(),
        owners: "oncall".into(),
        releases: Succession::Replace,
    }
}

fn environments(users: u64) -> Vec<Environment> {
    let cell = |name: &str, weight: f64, users| Cell::new(name.into(), weight, users);
    let part = |share: u64| users * share / 10;
    vec![
        Environment {
            id: "staging".into(),
            after: Vec::new(),
            protected: false,
            waive_alone_up_to: crate::domain::environment::alone_up_to(),
            drift: DriftRule::Correct,
            cells: vec![cell("lab", 1.0, 0)],
            window: None,
            at_window_end: None,
        },
        Environment {
            id: "production".into(),
            after: vec!["staging".into()],
            protected: true,
            waive_alone_up_to: crate::domain::environment::alone_up_to(),
            drift: DriftRule::Hold,
            cells: vec![cell("ap", 3.0, part(3)), cell("us", 3.0, part(3)), cell("eu", 4.0, part(4))],
            window: None,
            at_window_end: None,
        },
    ]
}

/// Three siblings that a request passes one after another, 2,050 requests/s and 200,000 users in ten minutes: 6.15 requests each.
pub fn storage() -> Declaration {
    Declaration {
        environments: environments(200_000),
        groups: vec![group("storage", &["index", "blob", "gateway"], &["gateway", "blob", "index"])],
        services: vec![
            service("index", "storage", [9, 9, 12], 2_050.0),
            service("blob", "storage", [30, 30, 40], 2_050.0),
            service("gateway", "storage", [18, 18, 24], 2_050.0),
        ],
        ..Declaration::default()
    }
}

/// One service, called by nobody of ours.
pub fn auth() -> Declaration {
    Declaration {
        environments: environments(60_000),
        groups: vec![group("auth", &["auth"], &[])],
        services: vec![service("auth", "auth", [30, 30, 40], 1_000.0)],
        ..Declaration::default()
    }
}

/// About 2,000 instances of 17 services in three cells and a laboratory.
pub fn large() -> Declaration {
    let names: Vec<String> = (0..17).map(|number| format!("service-{number}")).collect();
    Declaration {
        environments: environments(2_000_000),
        groups: names.iter().map(|name| group(name, &[name.as_str()], &[])).collect(),
        services: names.iter().map(|name| service(name, name, [34, 34, 46], 5_000.0)).collect(),
        ..Declaration::default()
    }
}

/// One fault, everywhere.
pub fn faulty(service: &str, version: &str, fault: Fault) -> Faults {
    Faults(vec![VersionFault {
        flag: None,
        service: service.into(),
        version: version.into(),
        environments: Vec::new(),
        cells: Vec::new(),
        fault,
    }])
}

/// An instance in production.
pub fn instance(service: &str, cell: &str, index: u32) -> InstanceId {
    InstanceId { placement: PlacementId::new(service.into(), EnvironmentId::new("production")), cell: cell.into(), index }
}
