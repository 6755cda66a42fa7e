//! What the spec declares.

use std::collections::{BTreeMap, BTreeSet};

use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::drift::DriftRule;
use pushdeck::domain::environment::{Cell, Environment};
use pushdeck::domain::flag::Flag;
use pushdeck::domain::id::{CellId, Digest, EnvironmentId, FlagId, GroupId, PersonId, Role, ServiceId, Version};
use pushdeck::domain::metric::{Metric, Threshold};
use pushdeck::domain::service::{Deployment, Group, Release, Service, Succession};
use pushdeck::domain::share::Share;
use pushdeck::domain::slo::Slo;
use pushdeck::domain::stage::{Advance, ApprovalRule, Leg, Scope, Stage, StagePlan};
use pushdeck::domain::time::Period;

use super::clock;

/// Cells of production with their weight and their users in ten minutes.
pub const REGIONS: [(&str, f64, u64); 3] = [("ap", 20.0, 666_666), ("us", 50.0, 1_666_667), ("eu", 50.0, 1_666_667)];

/// Service, group, running version, copies in staging, copies in ap, us, eu.
pub const SERVICES: [(&str, &str, &str, u32, [u32; 3]); 17] = [
    ("index", "storage", "v41", 8, [20, 50, 50]),
    ("blob", "storage", "v41", 12, [80, 200, 200]),
    ("gateway", "storage", "v41", 8, [40, 100, 100]),
    ("playback", "streaming", "v88", 2, [6, 12, 12]),
    ("drm", "streaming", "v7", 8, [6, 12, 12]),
    ("catalog", "streaming", "v31", 2, [4, 10, 10]),
    ("transcode", "streaming", "v12", 2, [4, 10, 10]),
    ("cart", "checkout", "v9", 6, [50, 125, 125]),
    ("pricing", "checkout", "v17", 2, [4, 10, 10]),
    ("orders", "checkout", "v40", 2, [4, 10, 10]),
    ("payments", "checkout", "v22", 2, [4, 10, 10]),
    ("invoices", "checkout", "v5", 2, [2, 4, 4]),
    ("login", "accounts", "v3", 2, [6, 12, 12]),
    ("profile", "accounts", "v60", 2, [4, 10, 10]),
    ("sessions", "accounts", "v14", 2, [4, 10, 10]),
    ("keys", "accounts", "v2", 2, [2, 4, 4]),
    ("mail", "accounts", "v19", 2, [2, 4, 4]),
];

/// The whole spec.
pub fn declaration() -> Declaration {
    Declaration {
        environments: vec![environment("staging", &[], &[("lab", 1.0, 0)]), environment("production", &["staging"], &REGIONS)],
        groups: groups(),
        services: SERVICES.iter().map(|(name, group, running, lab, sizes)| service((name, group, running), *lab, sizes)).collect(),
        releases: releases(),
        plans: BTreeMap::from([("standard".to_owned(), plan())]),
        checks: BTreeMap::new(),
        flags: vec![Flag {
            id: FlagId::new("blob_v2"),
            service: ServiceId::new("blob"),
            covers: "the new read path only".to_owned(),
            propagates: Period::from_secs(5),
            tried: Some(clock(-8 * 24, 0, 0)),
        }],
        people: [
            ("lena", &["oncall-storage", "oncall"][..]),
            ("ana", &["oncall-storage"]),
            ("omar", &["oncall-storage", "oncall"]),
            ("raj", &["oncall"]),
            ("kim", &["oncall"]),
            ("ida", &["oncall-accounts"]),
            ("mia", &["release-manager", "oncall"]),
        ]
        .into_iter()
        .map(|(person, roles)| (PersonId::new(person), roles.iter().map(|role| Role::new(role)).collect::<BTreeSet<_>>()))
        .collect(),
        freezes: Vec::new(),
        journeys: Vec::new(),
        notify: None,
        break_glass: Some("page media-infra; by hand: runbook storage/back, step 4".to_owned()),
        lookup: pushdeck::domain::lookup::Lookup::default(),
    }
}

fn environment(name: &str, after: &[&str], cells: &[(&str, f64, u64)]) -> Environment {
    Environment {
        id: EnvironmentId::new(name),
        after: after.iter().map(|name| EnvironmentId::new(name)).collect(),
        protected: name == "production",
        cells: cells.iter().map(|(id, weight, users)| Cell::new(CellId::new(id), *weight, *users)).collect(),
        waive_alone_up_to: pushdeck::domain::environment::alone_up_to(),
        // The story tells what instances run without the tasks that put it there: that is nobody's hand.
        drift: DriftRule::Correct,
        window: None,
        at_window_end: None,
    }
}

fn groups() -> Vec<Group> {
    ["storage", "streaming", "checkout", "accounts"]
        .into_iter()
        .map(|name| Group {
            id: GroupId::new(name),
            services: SERVICES.iter().filter(|service| service.1 == name).map(|service| ServiceId::new(service.0)).collect(),
            hops: if name == "storage" { ["gateway", "blob", "index"].map(ServiceId::new).to_vec() } else { Vec::new() },
            sticky: false,
            pinned: false,
            plan: "standard".to_owned(),
            owners: Role::new(&format!("oncall-{name}")),
            releases: Succession::Replace,
        })
        .collect()
}

fn service((name, group, running): (&str, &str, &str), lab: u32, sizes: &[u32; 3]) -> Service {
    let of_storage = group == "storage";
    let all: u32 = sizes.iter().sum();
    let peak = if of_storage { 41_000.0 } else { f64::from(all) * 60.0 };
    let capacity = match name {
        "index" => 770.0,
        "blob" => 180.0,
        "gateway" => 370.0,
        _ => 140.0,
    };
    let deployment = |environment: &str, instances: Vec<u32>, peak_rps| Deployment {
        environment: EnvironmentId::new(environment),
        instances,
        peak_rps,
        rps_per_instance: capacity,
        running: Version::new(running),
    };
    Service {
        id: ServiceId::new(name),
        group: GroupId::new(group),
        deployments: vec![deployment("staging", vec![lab], 0.0), deployment("production", sizes.to_vec(), peak)],
        thresholds: thresholds(name, of_storage),
        slo: Slo { availability: 0.999, window_days: 30, budget_left: 0.61, latency: Vec::new() },
        drain: Period::from_secs(45),
        install: Period::from_secs(30),
        calls: if name == "playback" { vec![ServiceId::new("gateway")] } else { Vec::new() },
        logs: None,
    }
}

fn thresholds(name: &str, of_storage: bool) -> Vec<Threshold> {
    let limit = |metric, limit| Threshold { metric, limit, sustained: Period::from_mins(2), least: 300 };
    let mut found = vec![
        limit(Metric::P999, if name == "blob" { 1.5 } else { 1.0 }),
        limit(Metric::P99, 0.3),
        limit(Metric::Errors, 0.001),
        limit(Metric::Cpu, 0.7),
        limit(Metric::Memory, 0.8),
    ];
    if of_storage && name == "gateway" {
        found.push(limit(Metric::EndToEnd, 0.999));
    }
    found
}

fn releases() -> Vec<Release> {
    let next = [
        ("index", "v42", 9, 3, "format 7 written from 100 % on"),
        ("blob", "v42", 21, 4, "new read path"),
        ("gateway", "v42", 7, 2, "time-out 2 s to 1.5 s"),
        ("cart", "v10", 12, 3, "no migration, config changed"),
        ("drm", "v8", 4, 1, "new key server"),
        ("login", "v4", 6, 2, "session cookie renamed"),
    ];
    let running = SERVICES.iter().map(|(name, _, version, ..)| (*name, *version, 0, 0, ""));
    running
        .chain(next)
        .map(|(service, version, commits, people, notes)| Release {
            service: ServiceId::new(service),
            version: Version::new(version),
            digest: Digest::new(&format!("sha256:{service}-{version}")),
            commit: format!("{service}{version}").chars().rev().collect(),
            author: "build".to_owned(),
            built: Some(clock(7, 30, 0)),
            notes: notes.to_owned(),
            commits,
            people,
            based_on: (commits > 0)
                .then(|| SERVICES.iter().find(|known| known.0 == service).map(|known| Version::new(known.2)))
                .flatten(),
            approvers: Vec::new(),
            config: String::new(),
            migration: String::new(),
            one_way: None,
            flags: if (service, version) == ("blob", "v42") { vec![FlagId::new("blob_v2")] } else { Vec::new() },
            works_with: std::collections::BTreeMap::new(),
        })
        .collect()
}

/// Staging, one box, 1, 10, 33, 100 %.
pub fn plan() -> StagePlan {
    let stage = |name: &str, scope, bake, needed: u32| Stage {
        name: name.to_owned(),
        scope,
        bake: Period::from_mins(bake),
        deadline: Period::from_mins(60),
        advance: Advance::Auto,
        approval: (needed > 0).then(|| ApprovalRule { needed, roles: vec![Role::new("oncall-storage")] }),
        alone: false,
        checks: Vec::new(),
        evidence: None,
    };
    let share = |percent| Scope::Share { share: Share::percent(percent) };
    StagePlan {
        name: "standard".to_owned(),
        emergency_bake: Share::percent(25.0),
        legs: vec![
            Leg { environment: EnvironmentId::new("staging"), stages: vec![stage("staging", share(100.0), 10, 0)], keep: None },
            Leg {
                environment: EnvironmentId::new("production"),
                stages: vec![
                    stage("one box", Scope::OneBox, 10, 0),
                    stage("1 %", share(1.0), 30, 0),
                    stage("10 %", share(10.0), 60, 0),
                    stage("33 %", share(33.0), 84, 2),
                    stage("100 %", share(100.0), 60, 0),
                ],
                keep: None,
            },
        ],
    }
}
