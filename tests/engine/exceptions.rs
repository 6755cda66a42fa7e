//! People's exceptions: what may be waived and by whom, how far a waiver reaches, the emergency lane, and that all of it stays in sight.

use jiff::tz::TimeZone;
use pushdeck::domain::command::{Order, Outcome, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::explain::{self, Moment};
use pushdeck::domain::lane::Lane;
use pushdeck::domain::metric::Metric;
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::share::Share;
use pushdeck::domain::status::Status;
use pushdeck::domain::time::Period;
use pushdeck::domain::waiver::Lack;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::plain;
use pushdeck::simulation::world::Profile;

use super::people::{BEFORE, FIRST, PUSH, REQUESTER, SECOND, approve, ask, command, declaration, started, wait};
use super::small;

const ERRORS: RequirementKind = RequirementKind::Threshold { metric: Metric::Errors };

fn push(run: &Stepped) -> Push {
    run.fleet().push(PUSH).expect("the push").clone()
}

fn waive(run: &Stepped, requirement: RequirementKind, lasts: Period) -> Order {
    let sight = Box::new(Sight::of(run.fleet(), PUSH, run.now()).expect("a push"));
    Order::Waive { push: PUSH, sight, requirement, reason: "one client retries in a loop".to_owned(), lasts }
}

fn required(run: &Stepped, kind: &RequirementKind) -> Requirement {
    let all = requirement::of_gate(run.fleet(), &push(run), run.now());
    all.into_iter().find(|found| found.kind == *kind).unwrap_or_else(|| panic!("{kind} is not required"))
}

fn sentence(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { why, .. } => why,
        Outcome::Superseded { by } => by,
        other => panic!("not refused: {other:?}"),
    }
}

/// One person alone may waive up to so many percent.
fn alone_up_to(percent: f64) -> Declaration {
    let mut declaration = declaration(1);
    for environment in &mut declaration.environments {
        environment.waive_alone_up_to = Share::percent(percent);
    }
    declaration
}

/// At 1 % of production with a version that fails too often there, a moment after that was seen; twenty seconds later it would go back.
fn failing(declaration: Declaration) -> Stepped {
    let fault = Fault::Errors { times: 40.0, above_share: 0.02 };
    let of_blob = VersionFault {
        flag: None,
        service: "blob".into(),
        version: "v2".into(),
        environments: vec!["production".into()],
        cells: Vec::new(),
        fault,
    };
    let mut declaration = declaration;
    // It shows only once users are there, and lasts long enough for people to do something.
    for threshold in declaration.services.iter_mut().flat_map(|service| &mut service.thresholds) {
        threshold.sustained = Period::from_secs(20);
    }
    let profile = Profile { faults: Faults(vec![of_blob]), ..Profile::default() };
    let mut run = small::run(declaration, profile, SimulatedDriver::default());
    let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let order = Order::start(run.fleet(), PUSH, releases).expect("releases that are known");
    command(&mut run, REQUESTER, order, 100);
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    approve(&mut run, BEFORE, 101);
    super::watcher::until(&mut run, Period::from_mins(2), "errors are beyond their limit", |fleet, now| {
        let push = fleet.push(PUSH).expect("the push");
        requirement::of_gate(fleet, push, now).iter().any(|found| found.kind == ERRORS && found.state == RequirementState::Unmet)
    });
    run
}

#[test]
fn a_waived_limit_lets_one_step_pass_and_does_not_send_it_back() {
    let mut run = failing(alone_up_to(100.0));
    let order = waive(&run, ERRORS, Period::from_mins(3));
    command(&mut run, FIRST, order, 102);
    let found = required(&run, &ERRORS);
    assert_eq!(found.state, RequirementState::Waived);
    for part in ["bob", "3 min", "one client retries in a loop", "limit 1.00 %"] {
        assert!(found.why.contains(part), "{part}: {found:?}");
    }
    let gate = push(&run).gate();
    wait(&mut run, |push, _| push.gate() != gate);
    let skipped = push(&run).skipped;
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert_eq!(skipped[0].what, Lack::Requirement { kind: ERRORS });
    // The next gate requires it again, and until the waiver runs out nothing goes back by itself.
    run.advance(Period::from_secs(60));
    let now = push(&run);
    assert!(now.is_forward() && now.gate().entry == gate.entry + 1, "{:?}", now.cursor);
    let found = required(&run, &ERRORS);
    assert_eq!(found.state, RequirementState::Unmet);
    assert!(found.why.contains("does not go back by itself"), "{found:?}");
    wait(&mut run, |push, _| !push.is_forward());
    assert!(push(&run).waivers.is_empty());
    wait(&mut run, |push, _| matches!(push.course, Course::RolledBack { .. }));
    let after = push(&run);
    assert_eq!(after.skipped, skipped, "what was skipped stays to the end");
    let moment = Moment { now: run.now(), zone: TimeZone::UTC };
    let told = explain::push(run.fleet(), &after, &moment);
    assert!(told.why.contains("skipped: errors at ") && told.why.contains("by bob: one client"), "{told:#?}");
    let shown = plain::status_json(run.fleet(), &moment);
    assert!(shown.contains("\"skipped\":[") && shown.contains("one client retries in a loop"), "{shown}");
}

#[test]
fn other_causes_still_send_a_push_back_that_has_a_waiver() {
    let mut run = failing(alone_up_to(100.0));
    let order = waive(&run, RequirementKind::Bake, Period::from_mins(3));
    command(&mut run, FIRST, order, 102);
    wait(&mut run, |push, _| !push.is_forward());
}

#[test]
fn above_a_set_share_two_people_waive() {
    let mut run = failing(alone_up_to(1.0));
    let order = waive(&run, ERRORS, Period::from_mins(20));
    command(&mut run, REQUESTER, order, 102);
    let found = required(&run, &ERRORS);
    assert_eq!(found.state, RequirementState::Unmet, "it counts for nothing yet");
    assert!(found.why.contains("ana wants to waive it") && found.who.contains("second person"), "{found:?}");
    let again = waive(&run, ERRORS, Period::from_mins(20));
    let why = sentence(ask(&mut run, REQUESTER, again, 103));
    assert!(why.contains("somebody else of oncall"), "{why}");
    let other = waive(&run, ERRORS, Period::from_mins(20));
    let why = sentence(ask(&mut run, "cid", other, 104));
    assert!(why.contains("somebody of oncall"), "{why}");
    let second = waive(&run, ERRORS, Period::from_mins(5));
    command(&mut run, SECOND, second, 105);
    let found = required(&run, &ERRORS);
    assert_eq!(found.state, RequirementState::Waived);
    assert!(found.why.contains("by ana and dan for 5 min"), "the shorter of both: {found:?}");
    let third = waive(&run, ERRORS, Period::from_mins(5));
    let why = sentence(ask(&mut run, FIRST, third, 106));
    assert!(why.contains("ana and dan waived errors already"), "{why}");
}

#[test]
fn whoever_asked_for_the_push_is_not_the_second_person() {
    let mut run = failing(alone_up_to(1.0));
    let order = waive(&run, ERRORS, Period::from_mins(20));
    command(&mut run, FIRST, order, 102);
    let second = waive(&run, ERRORS, Period::from_mins(5));
    let why = sentence(ask(&mut run, REQUESTER, second, 103));
    assert!(why.contains("you asked for this push yourself"), "{why}");
    assert_eq!(required(&run, &ERRORS).state, RequirementState::Unmet);
}

#[test]
fn what_cannot_be_waived_says_so_and_what_would_work() {
    let mut run = failing(alone_up_to(100.0));
    let ask_for = |run: &mut Stepped, kind, lasts, id| {
        let order = waive(run, kind, lasts);
        sentence(ask(run, FIRST, order, id))
    };
    let ten = Period::from_mins(10);
    let why = ask_for(&mut run, RequirementKind::Arrived, ten, 102);
    assert!(why.contains("never waived") && why.ends_with("r takes it back"), "{why}");
    let why = ask_for(&mut run, RequirementKind::Approval, ten, 103);
    assert!(why.contains("never waived") && why.ends_with("a approves"), "{why}");
    let why = ask_for(&mut run, ERRORS, Period::from_mins(60 * 5), 104);
    assert!(why.contains("at most 4 h"), "{why}");
    let why = ask_for(&mut run, RequirementKind::Threshold { metric: Metric::P99 }, ten, 105);
    assert!(why.contains("requires no p99"), "{why}");
    let Order::Waive { push, sight, requirement, lasts, .. } = waive(&run, ERRORS, ten) else { panic!("a waiver") };
    let silent = Order::Waive { push, sight, requirement, lasts, reason: " ".to_owned() };
    let why = sentence(ask(&mut run, FIRST, silent, 106));
    assert!(why.contains("needs a reason"), "{why}");
}

#[test]
fn a_hold_ends_no_waiver_and_a_way_back_ends_all() {
    let mut run = failing(alone_up_to(100.0));
    let order = waive(&run, ERRORS, Period::from_mins(3));
    command(&mut run, FIRST, order, 102);
    command(&mut run, SECOND, Order::Hold { push: PUSH, reason: None }, 103);
    assert_eq!(required(&run, &ERRORS).state, RequirementState::Waived);
    command(&mut run, SECOND, Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None }, 104);
    assert!(push(&run).waivers.is_empty());
}

/// Whoever approves has to have seen that something was waived.
#[test]
fn an_approval_that_did_not_see_a_waiver_is_refused() {
    let mut run = started(declaration(1));
    wait(&mut run, |push, _| push.cursor.bake.running_since.is_some());
    let before = Box::new(Sight::of(run.fleet(), PUSH, run.now()).expect("a push"));
    let order = waive(&run, RequirementKind::Bake, Period::from_mins(3));
    command(&mut run, FIRST, order, 102);
    let outcome = ask(&mut run, SECOND, Order::Approve { push: PUSH, sight: before }, 103);
    assert!(
        matches!(&outcome, Outcome::Refused { changed, .. } if changed.iter().any(|change| change.now == "waived")),
        "{outcome:?}"
    );
}

/// Clocks of minutes, so that a share of them shows.
fn hurried(by: &str, reason: &str) -> (Stepped, Outcome) {
    let mut declaration = declaration(1);
    for stage in declaration.plans.values_mut().flat_map(|plan| &mut plan.legs).flat_map(|leg| &mut leg.stages) {
        stage.bake = if stage.name == "100 %" { Period::from_mins(8) } else { Period::from_secs(40) };
    }
    let mut run = small::run(declaration, Profile::default(), SimulatedDriver::default());
    let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let Some(Order::Start { push, releases, outlook, .. }) = Order::start(run.fleet(), PUSH, releases) else { panic!("known") };
    let lane = Lane::Emergency { reason: reason.to_owned() };
    let outcome = ask(&mut run, by, Order::Start { push, releases, outlook, lane }, 100);
    (run, outcome)
}

#[test]
fn an_emergency_shortens_clocks_and_leaves_out_no_step() {
    let (mut run, outcome) = hurried(FIRST, "the door is open");
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    let plan = push(&run).plan;
    assert_eq!(plan.stages.len(), 6);
    assert_eq!(plan.stages.iter().filter(|stage| stage.approval.is_some()).count(), 2, "approvals stay");
    for stage in &plan.stages {
        let bake = if stage.name == "100 %" { Period::from_mins(2) } else { Period::from_secs(40) };
        assert_eq!(stage.bake, bake, "{}: a quarter, never below a minute of what is shorter", stage.name);
    }
    let moment = Moment { now: run.now(), zone: TimeZone::UTC };
    assert!(plain::status_lines(run.fleet(), &moment).contains("emergency: bakes at 25 %, by bob: the door is open"));
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    let skipped = push(&run).skipped;
    assert!(skipped.is_empty(), "{skipped:?}");
    approve(&mut run, BEFORE, 101);
    let skipped = push(&run).skipped;
    assert!(matches!(skipped.as_slice(), [one] if matches!(one.what, Lack::Bake { .. })), "{skipped:?}");
}

#[test]
fn an_emergency_is_for_those_who_answer_for_the_group_and_takes_a_reason() {
    let (_, outcome) = hurried("cid", "the door is open");
    assert!(sentence(outcome).contains("somebody of oncall"));
    let (_, outcome) = hurried(FIRST, "");
    assert!(sentence(outcome).contains("needs a reason"));
}
