use std::collections::BTreeMap;

use super::*;
use crate::domain::change::{Change, Fact};
use crate::domain::declaration::Declaration;
use crate::domain::id::{PushId, Seq};
use crate::domain::person::Actor;
use crate::domain::push::{Apart, Move, PushPlan};
use crate::domain::service::{Deployment, Group, Release, Service};
use crate::domain::share::Share;
use crate::domain::slo::Slo;
use crate::domain::stage::{Advance, PlannedStage};
use crate::domain::time::{EngineTime, Period};

const NAMES: [&str; 3] = ["a", "b", "c"];

fn release(service: &str, version: &str) -> Release {
    Release {
        service: service.into(),
        version: version.into(),
        digest: "sha256:1".into(),
        commit: String::new(),
        author: String::new(),
        built: None,
        notes: String::new(),
        commits: 0,
        people: 0,
        based_on: None,
        approvers: Vec::new(),
        config: String::new(),
        migration: String::new(),
        one_way: None,
        flags: Vec::new(),
        works_with: BTreeMap::new(),
    }
}

fn service(name: &str) -> Service {
    Service {
        id: name.into(),
        group: "group".into(),
        deployments: vec![Deployment {
            environment: "production".into(),
            instances: vec![2],
            peak_rps: 1.0,
            rps_per_instance: 1.0,
            running: "v1".into(),
        }],
        thresholds: Vec::new(),
        slo: Slo { availability: 0.99, window_days: 30, budget_left: 1.0, latency: Vec::new() },
        drain: Period::ZERO,
        install: Period::ZERO,
        calls: Vec::new(),
        logs: None,
    }
}

/// Siblings a, b and c on v1; `tested` says beside what: (release, sibling, versions).
fn fleet(tested: &[(&str, &str, &[&str])]) -> Fleet {
    let mut releases: Vec<Release> = NAMES.iter().flat_map(|name| [release(name, "v1"), release(name, "v2")]).collect();
    for (named, sibling, versions) in tested {
        let release = releases.iter_mut().find(|release| format!("{} {}", release.service, release.version) == *named);
        let versions = versions.iter().map(|version| (*version).into()).collect();
        release.expect("a release").works_with.insert((*sibling).into(), versions);
    }
    let environment = crate::domain::environment::Environment {
        id: "production".into(),
        after: Vec::new(),
        protected: true,
        waive_alone_up_to: crate::domain::environment::alone_up_to(),
        drift: crate::domain::drift::DriftRule::Hold,
        cells: vec![crate::domain::environment::Cell::new("ap".into(), 1.0, 1)],
        window: None,
        at_window_end: None,
    };
    let group = Group {
        id: "group".into(),
        services: NAMES.map(Into::into).to_vec(),
        hops: Vec::new(),
        sticky: false,
        pinned: false,
        plan: "standard".into(),
        owners: "oncall".into(),
        releases: crate::domain::service::Succession::Replace,
    };
    let declaration = Declaration {
        environments: vec![environment],
        groups: vec![group],
        services: NAMES.map(service).to_vec(),
        releases,
        ..Declaration::default()
    };
    let mut fleet = Fleet::default();
    tell(&mut fleet, Fact::Declared { declaration: Box::new(declaration) });
    fleet
}

fn tell(fleet: &mut Fleet, fact: Fact) {
    let change = Change { seq: Seq(fleet.seq().0 + 1), at: EngineTime::from_millis(0), fact };
    fleet.apply(&change);
}

/// A push of these services to v2, converged or in flight.
fn push(fleet: &mut Fleet, number: u128, services: &[&str], is_over: bool) -> PushId {
    let plan = planned(fleet, number, services);
    let id = plan.id;
    tell(fleet, Fact::PushRequested { plan: Box::new(plan) });
    if is_over {
        tell(fleet, Fact::PushConverged { push: id });
    }
    id
}

fn planned(fleet: &Fleet, number: u128, services: &[&str]) -> PushPlan {
    let id = PushId(uuid::Uuid::from_u128(number));
    let moved = |name: &&str| Move {
        service: (*name).into(),
        from: BTreeMap::from([("production".into(), "v1".into())]),
        to: fleet.declaration().release(&(*name).into(), &"v2".into()).expect("a release").clone(),
        replaced: Vec::new(),
    };
    PushPlan {
        id,
        group: "group".into(),
        name: "group".into(),
        moves: services.iter().map(moved).collect(),
        stages: vec![PlannedStage {
            environment: "production".into(),
            name: "one box".to_owned(),
            share: Share::NONE,
            grants: services.iter().map(|name| ((*name).into(), BTreeMap::from([("ap".into(), 1)]))).collect(),
            wave: None,
            merged: Vec::new(),
            bake: Period::ZERO,
            deadline: Period::from_mins(1),
            advance: Advance::Auto,
            approval: None,
            alone: false,
            checks: Vec::new(),
            evidence: None,
            green: None,
        }],
        requested_by: Actor::Person { name: "ana".into() },
        requested: EngineTime::from_millis(0),
        before: crate::domain::push::InFlightBefore::default(),
        emergency: None,
    }
}

fn misfits(fleet: &Fleet, one: (&str, &str), other: (&str, &str)) -> Option<String> {
    misfit(fleet, (&one.0.into(), &one.1.into()), (&other.0.into(), &other.1.into()))
}

#[test]
fn a_sibling_named_must_run_a_version_that_was_tested_and_one_not_named_may_run_anything() {
    let fleet = fleet(&[("a v2", "b", &["v1", "v2"]), ("b v1", "c", &["v1"])]);
    assert_eq!(misfits(&fleet, ("a", "v2"), ("b", "v1")), None);
    assert_eq!(misfits(&fleet, ("a", "v2"), ("c", "v2")), None);
    let why = "b v1 was tested beside c v1, not v2";
    assert_eq!(misfits(&fleet, ("b", "v1"), ("c", "v2")).as_deref(), Some(why));
    assert_eq!(misfits(&fleet, ("c", "v2"), ("b", "v1")).as_deref(), Some(why), "whichever way round it is asked");
}

#[test]
fn what_moved_together_was_tested_together_and_with_what_it_met() {
    let mut fleet = fleet(&[]);
    push(&mut fleet, 1, &["a", "b"], true);
    assert_eq!(misfits(&fleet, ("a", "v2"), ("b", "v2")), None);
    assert_eq!(misfits(&fleet, ("a", "v2"), ("c", "v1")), None, "it met c on its way");
    assert_eq!(misfits(&fleet, ("a", "v2"), ("b", "v1")).as_deref(), Some("a v2 was tested beside b v2 only, not v1"));
    assert_eq!(misfits(&fleet, ("a", "v1"), ("b", "v1")), None);
}

#[test]
fn who_goes_back_alone_is_out_of_step_and_who_must_return_with_it_is_closed_over() {
    let either: &[&str] = &["v1", "v2"];
    let says: [(&str, &str, &[&str]); 5] =
        [("a v2", "b", either), ("a v2", "c", either), ("b v2", "a", either), ("c v2", "a", either), ("c v2", "b", &["v2"])];
    let mut fleet = fleet(&says);
    let id = push(&mut fleet, 1, &NAMES, false);
    let of = |fleet: &Fleet, service: &str| {
        let found = must_return(fleet, fleet.push(id).expect("the push"), &service.into());
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(of(&fleet, "a"), Vec::<String>::new(), "both others were tested beside a v1");
    assert_eq!(of(&fleet, "b"), ["c"]);
    assert!(of_push(&fleet, fleet.push(id).expect("the push")).is_empty(), "in flight they stand side by side by design");
    tell(&mut fleet, Fact::StageEntered { push: id, stage: 0 });
    let by = Actor::Person { name: "ana".into() };
    let apart = Apart { by, since: EngineTime::from_millis(0), reason: "odd".to_owned() };
    tell(&mut fleet, Fact::WentApart { push: id, service: "b".into(), apart });
    let pairs = of_push(&fleet, fleet.push(id).expect("the push"));
    assert_eq!(pairs.len(), 1, "{pairs:?}");
    assert!(pairs[0].names(&"b".into()) && pairs[0].names(&"c".into()));
    assert_eq!(pairs[0].why, "c v2 was tested beside b v2, not v1");
}

#[test]
fn a_spec_can_declare_siblings_that_do_not_belong_together() {
    let fleet = fleet(&[("a v1", "b", &["v2"])]);
    let pairs = in_environment(&fleet, &"production".into());
    assert_eq!(pairs.iter().map(|pair| pair.why.as_str()).collect::<Vec<_>>(), ["a v1 was tested beside b v2, not v1"]);
}

fn said_before(fleet: &Fleet, services: &[&str]) -> Option<String> {
    ruled_out(fleet, &planned(fleet, 9, services)).map(|found| found.words())
}

#[test]
fn before_a_start_those_that_move_and_those_that_stay_must_have_been_tested_together() {
    let none = fleet(&[]);
    assert_eq!(said_before(&none, &["a"]), None, "nothing is said of anything");
    let stays = fleet(&[("a v2", "b", &["v2"])]);
    assert_eq!(
        said_before(&stays, &["a"]).as_deref(),
        Some("a v2 was tested beside b v2, not v1, and b runs v1 in production; name b@v2 as well")
    );
    assert_eq!(said_before(&stays, &["a", "b"]), None);
    let behind = fleet(&[("a v1", "b", &["v1"]), ("a v2", "b", &["v1"])]);
    assert_eq!(
        said_before(&behind, &["a", "b"]).as_deref(),
        Some("a v2 was tested beside b v1, not v2, and this push brings both; leave b on v1, where it is")
    );
    assert_eq!(
        said_before(&behind, &["b"]).as_deref(),
        Some("a v1 was tested beside b v1, not v2, and a runs v1 in production; name b@v1 instead")
    );
    let never = fleet(&[("a v2", "b", &["v3"]), ("a v1", "b", &["v3"])]);
    let why = said_before(&never, &["a"]).expect("it is ruled out");
    assert!(why.ends_with("no release of a and b is said to work so; test them together and declare it in works_with"), "{why}");
}

#[test]
fn what_moved_together_before_may_go_on_alone() {
    let mut fleet = fleet(&[]);
    push(&mut fleet, 1, &NAMES, true);
    assert_eq!(said_before(&fleet, &["a"]), None);
}
