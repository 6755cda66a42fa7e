//! A stage is left when its numbers say so: what they find sends the push back, what they leave open a person decides.

use pushdeck::domain::call::CallKey;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::decision::{self, DecisionKind};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::gauge::{GaugeId, GaugeSeen, GaugeVerdict, Growth};
use pushdeck::domain::id::{EnvironmentId, Version};
use pushdeck::domain::metric::Metric;
use pushdeck::domain::number::Times;
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use pushdeck::domain::rollback::Trigger;
use pushdeck::domain::stage::EvidenceRule;
use pushdeck::domain::time::Period;
use pushdeck::domain::verdict::{Bad, Compared, Evidence, GaugeEvidence, Seen, Verdict, When};
use pushdeck::engine::effect::Input;
use pushdeck::engine::run::script::Answers;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::simulation::world::Profile;

use super::others::{AUTH, Desk, MINUTE, altered, take};

const BY: Period = Period::from_secs(60);

/// Auth on its way without a limit on anything: what judges it is how it compares with the version beside it.
fn desk(rule_out: f64, faults: Vec<VersionFault>) -> Desk {
    let rule = EvidenceRule { warm_up: Period::from_secs(2), rule_out: Times::new(rule_out), by: BY };
    let mut declaration = altered("3s", |_, stage| stage.evidence = Some(rule));
    for service in &mut declaration.services {
        service.thresholds.clear();
    }
    let mut desk = Desk::new(declaration, Profile { faults: Faults(faults), ..Profile::default() }, Answers::new());
    desk.auth();
    desk
}

fn in_one_box(rule_out: f64, faults: Vec<VersionFault>) -> Desk {
    let mut desk = desk(rule_out, faults);
    desk.until(MINUTE * 3, "all of one box", |desk| {
        desk.push(AUTH).cursor.stage == Some(1) && desk.push(AUTH).cursor.arrived.is_some()
    });
    desk
}

fn required(fleet: &Fleet, push: &Push, desk: &Desk) -> Requirement {
    let all = requirement::of_gate(fleet, push, desk.run.now());
    all.into_iter().find(|found| found.kind == RequirementKind::Evidence).expect("evidence is required")
}

fn compared() -> (Compared, Seen) {
    let slice = Compared { service: "auth".into(), bad: Bad::Errors };
    (slice, Seen { requests: 1_000, bad: 12, expected: 4.0, mostly_in: None })
}

/// The fleet after an engine was told so of the stage that the push is in.
fn told(desk: &Desk, fleet: &Fleet, verdict: Verdict, gauges: Option<GaugeVerdict>) -> Fleet {
    let entry = fleet.push(AUTH).expect("the push").cursor.entry;
    let gauges = gauges.map(|verdict| GaugeEvidence { verdict, standings: Vec::new() });
    let evidence = Evidence { verdict, slices: Vec::new(), others: 0, gauges };
    take(fleet, Input::Gathered(vec![(AUTH, entry, evidence)]), desk.run.now()).0
}

#[test]
fn a_release_that_fails_more_goes_back_without_any_threshold() {
    let fault = VersionFault {
        flag: None,
        service: "auth".into(),
        version: Version::new("v2"),
        environments: vec![EnvironmentId::new("production")],
        cells: Vec::new(),
        fault: Fault::Errors { times: 60.0, above_share: 0.0 },
    };
    let mut desk = desk(5.0, vec![fault]);
    desk.until(MINUTE * 5, "it goes back", |desk| matches!(desk.push(AUTH).course, Course::Back { .. }));
    let trigger = desk.push(AUTH).course.rollback().expect("a way back").trigger.clone();
    let Trigger::Regressed { environment, slice, seen } = trigger else { panic!("{trigger:?}") };
    assert_eq!((environment.as_str(), slice.bad), ("production", Bad::Errors));
    assert!(seen.ratio().is_some_and(|ratio| ratio > 10.0), "{seen:?}");
}

#[test]
fn a_stage_is_not_left_before_its_numbers_have_said_so_and_then_by_itself() {
    let mut desk = in_one_box(20.0, Vec::new());
    desk.until(MINUTE * 10, "it goes on", |desk| desk.push(AUTH).cursor.stage > Some(1));
    let push = desk.push(AUTH);
    let left = push.passages.iter().find(|passed| passed.environment.as_str() == "production").expect("it was left");
    assert_eq!(left.verdict, Some(Verdict::Cleared { ruled_out: Some(20.0) }));
    assert!(push.skipped.is_empty(), "{:?}", push.skipped);
}

#[test]
fn what_stays_undecided_for_too_long_calls_a_person_once() {
    let mut desk = in_one_box(1.01, Vec::new());
    let since = desk.push(AUTH).cursor.arrived.expect("arrived") + BY;
    desk.until(MINUTE * 3, "it is late", |desk| desk.run.now() > since + Period::from_secs(2));
    let push = desk.push(AUTH);
    let due: Vec<_> = decision::due_of(desk.run.fleet(), push, desk.run.now());
    let found = due.iter().find(|due| due.kind == DecisionKind::Undecided).expect("a decision is due");
    assert_eq!(found.since, since);
    let calls = desk.run.fleet().calls().filter(|called| matches!(called.call.about, CallKey::Undecided { .. })).count();
    assert_eq!(calls, 1);
    assert_eq!(required(desk.run.fleet(), push, &desk).state, RequirementState::Pending);
}

#[test]
fn a_verdict_that_turns_bad_or_blind_takes_back_what_was_agreed_to() {
    let desk = in_one_box(1.01, Vec::new());
    let fleet = desk.run.fleet();
    let (slice, seen) = compared();
    let shared = Verdict::SharedFault { slice: slice.clone(), new: 0.02, old: 0.02, allowed: 0.005 };
    let held = told(&desk, fleet, shared, None);
    let push = held.push(AUTH).expect("the push");
    assert!(push.is_forward(), "what both suffer sends nobody back");
    assert_eq!(required(&held, push, &desk).state, RequirementState::Unmet);

    let blind = told(&desk, fleet, Verdict::NoData { why: "no request reached it".to_owned() }, None);
    let push = blind.push(AUTH).expect("the push");
    assert_eq!(required(&blind, push, &desk).state, RequirementState::Broken);
    assert!(push.cursor.bake.stopped.is_some() || push.cursor.bake.running_since.is_none(), "{:?}", push.cursor.bake);

    let worse = told(&desk, fleet, Verdict::Regressed { slice, seen, late: false }, None);
    assert!(matches!(worse.push(AUTH).expect("the push").course, Course::Back { .. }));
}

#[test]
fn what_was_waived_while_it_was_open_still_goes_back_when_it_is_found_to_be_worse() {
    let desk = in_one_box(1.01, Vec::new());
    let (slice, seen) = compared();
    let when = When { p50: None, p90: None };
    let open = Verdict::Undecided { lean: -0.2, worst: slice.clone(), seen: seen.clone(), when };
    let mut fleet = told(&desk, desk.run.fleet(), open, None);
    let now = desk.run.now();
    let waiver = pushdeck::domain::waiver::Waiver {
        gate: fleet.push(AUTH).expect("the push").gate(),
        requirement: RequirementKind::Evidence,
        by: "bob".into(),
        reason: "a known client".to_owned(),
        at: now,
        until: now + MINUTE * 30,
        needs_second: false,
        seconded: None,
    };
    let seq = fleet.seq();
    fleet.apply(&Change { seq, at: now, fact: Fact::Waived { push: AUTH, waiver } });
    assert_eq!(required(&fleet, fleet.push(AUTH).expect("the push"), &desk).state, RequirementState::Waived);
    let entry = fleet.push(AUTH).expect("the push").cursor.entry;
    let evidence =
        Evidence { verdict: Verdict::Regressed { slice, seen, late: true }, slices: Vec::new(), others: 0, gauges: None };
    let (worse, _) = take(&fleet, Input::Gathered(vec![(AUTH, entry, evidence)]), now + Period::from_secs(1));
    assert!(matches!(worse.push(AUTH).expect("the push").course, Course::Back { .. }));
}

#[test]
fn what_leaks_waits_for_a_person_and_what_uses_more_is_told() {
    let desk = in_one_box(1.01, Vec::new());
    let gauge = GaugeId { service: "auth".into(), metric: Metric::Memory };
    let seen = GaugeSeen { cell: None, new: 0.6, old: 0.4, allowed: 0.5, blocks: 60 };
    let cleared = || Verdict::Cleared { ruled_out: Some(5.0) };
    let growth = Growth { per_hour: 0.12, over: MINUTE * 60, limit: 0.9, reached_in: Some(MINUTE * 150) };
    let leak = GaugeVerdict::Leaking { gauge: gauge.clone(), seen: seen.clone(), growth: Some(growth) };
    let leaking = told(&desk, desk.run.fleet(), cleared(), Some(leak));
    let push = leaking.push(AUTH).expect("the push");
    let found = required(&leaking, push, &desk);
    assert_eq!(found.state, RequirementState::Unmet);
    assert_eq!(found.why, "memory of auth leaks: 60 % beside 40 %, 1.5×, up 12 % an hour, at its limit of 90 % in 2 h 30 min");
    let due = decision::due_of(&leaking, push, desk.run.now());
    assert!(due.iter().any(|due| due.kind == DecisionKind::Undecided), "{due:?}");

    let more = told(&desk, desk.run.fleet(), cleared(), Some(GaugeVerdict::Worse { gauge, seen, late: false }));
    let found = required(&more, more.push(AUTH).expect("the push"), &desk);
    assert_eq!(found.state, RequirementState::Met);
    assert!(found.why.contains("it uses more, memory of auth: 60 % beside 40 %"), "{}", found.why);
}
