//! Declarations of any small size, for properties.

use std::collections::BTreeMap;

use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::drift::DriftRule;
use pushdeck::domain::environment::{Cell, Environment};
use pushdeck::domain::id::Role;
use pushdeck::domain::metric::{Metric, Threshold};
use pushdeck::domain::service::{Deployment, Group, Release, Service, Succession};
use pushdeck::domain::share::Share;
use pushdeck::domain::slo::Slo;
use pushdeck::domain::stage::{Advance, ApprovalRule, Leg, Scope, Stage, StagePlan};
use pushdeck::domain::time::Period;

/// One service: copies per cell, and which part of them the peak needs, in percent.
pub type Sized = (Vec<u32>, u32);

fn service((copies, busy): &Sized, number: usize) -> Service {
    let name = format!("s{number}");
    let whole: u32 = copies.iter().sum();
    let deployment = |environment: &str, instances: Vec<u32>, peak: f64| Deployment {
        environment: environment.into(),
        instances,
        peak_rps: peak,
        rps_per_instance: 100.0,
        running: "v1".into(),
    };
    Service {
        id: name.as_str().into(),
        group: "group".into(),
        deployments: vec![deployment("staging", vec![2], 100.0), deployment("production", copies.clone(), f64::from(whole * busy))],
        thresholds: vec![Threshold { metric: Metric::Errors, limit: 0.01, sustained: Period::from_secs(5), least: 10 }],
        slo: Slo { availability: 0.99, window_days: 30, budget_left: 1.0, latency: Vec::new() },
        drain: Period::from_secs(1),
        install: Period::from_secs(3),
        calls: Vec::new(),
        logs: None,
    }
}

/// Every version, and what it was made from.
pub const VERSIONS: [(&str, Option<&str>); 5] =
    [("v1", None), ("v2", Some("v1")), ("v2.1", Some("v2")), ("v3", Some("v2")), ("v3.1", Some("v3"))];

/// Makes production blue/green: warm, 30 % and 100 %, with blue kept for a while.
pub fn make_blue_green(declaration: &mut Declaration, keep: Period) {
    let leg = declaration.plans.values_mut().flat_map(|plan| &mut plan.legs).find(|leg| leg.environment.as_str() == "production");
    let leg = leg.expect("its leg");
    leg.keep = Some(keep);
    leg.stages[0] = Stage { name: "warm".into(), scope: Scope::Warm, ..leg.stages[0].clone() };
}

/// A group of such services, with two copies of each in staging: one box, 30 % and 100 % of production.
pub fn declaration(services: &[Sized]) -> Declaration {
    let cells = services.first().map_or(0, |(copies, _)| copies.len());
    let cell = |name: String| Cell::new(name.as_str().into(), 1.0, 100);
    let services: Vec<Service> = services.iter().enumerate().map(|(number, size)| service(size, number)).collect();
    let release = |service: &Service, (version, based_on): (&str, Option<&str>)| Release {
        service: service.id.clone(),
        version: version.into(),
        digest: format!("sha256:{version}").as_str().into(),
        commit: "c".into(),
        author: "ana".into(),
        built: None,
        notes: String::new(),
        commits: 1,
        people: 1,
        based_on: based_on.map(Into::into),
        approvers: Vec::new(),
        config: String::new(),
        migration: String::new(),
        one_way: None,
        flags: Vec::new(),
        works_with: BTreeMap::new(),
    };
    let stage = |scope, asked: bool| Stage {
        name: format!("{scope:?}"),
        scope,
        bake: Period::from_secs(3),
        deadline: Period::from_mins(3),
        advance: Advance::Auto,
        approval: asked.then(|| ApprovalRule { needed: 1, roles: vec!["oncall".into()] }),
        alone: false,
        checks: Vec::new(),
        evidence: None,
    };
    let share = |percent| Scope::Share { share: Share::percent(percent) };
    let legs = vec![
        Leg { environment: "staging".into(), stages: vec![stage(share(100.0), false)], keep: None },
        Leg {
            environment: "production".into(),
            stages: vec![stage(Scope::OneBox, true), stage(share(30.0), false), stage(share(100.0), true)],
            keep: None,
        },
    ];
    let staging = Cell { users: 0, ..cell("lab".to_owned()) };
    Declaration {
        flags: Vec::new(),
        environments: vec![
            Environment {
                id: "staging".into(),
                after: Vec::new(),
                protected: false,
                waive_alone_up_to: pushdeck::domain::environment::alone_up_to(),
                drift: DriftRule::Correct,
                cells: vec![staging],
                window: None,
                at_window_end: None,
            },
            Environment {
                id: "production".into(),
                after: vec!["staging".into()],
                protected: true,
                waive_alone_up_to: pushdeck::domain::environment::alone_up_to(),
                drift: DriftRule::Hold,
                cells: (0..cells).map(|number| cell(format!("c{number}"))).collect(),
                window: None,
                at_window_end: None,
            },
        ],
        groups: vec![Group {
            id: "group".into(),
            services: services.iter().map(|service| service.id.clone()).collect(),
            hops: Vec::new(),
            sticky: false,
            pinned: false,
            plan: "standard".into(),
            owners: "oncall".into(),
            releases: Succession::Replace,
        }],
        releases: services.iter().flat_map(|service| VERSIONS.map(|version| release(service, version))).collect(),
        services,
        plans: BTreeMap::from([(
            "standard".to_owned(),
            StagePlan { name: "standard".into(), legs, emergency_bake: Share::percent(25.0) },
        )]),
        people: ["ana", "bob", "cat"].map(|name| (name.into(), [Role::new("oncall")].into())).into(),
        freezes: Vec::new(),
        checks: BTreeMap::new(),
        journeys: Vec::new(),
        notify: None,
        break_glass: None,
        lookup: pushdeck::domain::lookup::Lookup::default(),
    }
}
