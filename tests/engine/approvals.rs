//! Approvals to their end: used, run out, taken back, superseded.

use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, Order, Outcome, Sight};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, Seq};
use pushdeck::domain::metric::{Metric, SliceId, Standing};
use pushdeck::domain::push::{APPROVAL_LIFE, Push};
use pushdeck::domain::requirement::{self, RequirementKind, RequirementState};
use pushdeck::domain::status::Status;
use pushdeck::domain::time::{ConsoleTime, EngineTime, Period};
use pushdeck::engine::effect::{Input, Step};
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::step::step;
use uuid::Uuid;

use super::people::{BEFORE, FIRST, PUSH, REQUESTER, approve, ask, command, declaration, started, wait};

/// A push that asks for two approvals and has one.
fn half_agreed() -> Stepped {
    let mut run = started(declaration(2));
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    approve(&mut run, BEFORE, 101);
    run
}

fn push(run: &Stepped) -> Push {
    run.fleet().push(PUSH).expect("the push").clone()
}

fn take(fleet: &mut Fleet, input: Input, now: EngineTime, wall: ConsoleTime) -> Step {
    let said = step(fleet, input, now, wall);
    said.changes.iter().for_each(|change| fleet.apply(change));
    said
}

fn wall(millis: i64) -> ConsoleTime {
    ConsoleTime::from_millis(millis)
}

fn sentence(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { why, .. } => why,
        Outcome::Superseded { by } => by,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn an_approval_runs_out_by_the_walls_clock_and_is_asked_for_again() {
    let run = half_agreed();
    let mut fleet = (**run.fleet()).clone();
    let (now, given) = (run.now(), push(&run).approvals[0].wall);
    // The engine's clock does not matter.
    take(&mut fleet, Input::Tick, now + Period::from_mins(60), given + (APPROVAL_LIFE.less(Period::from_secs(1))));
    assert_eq!(fleet.push(PUSH).expect("the push").approvals.len(), 1);
    let said = take(&mut fleet, Input::Tick, now + Period::from_mins(60), given + APPROVAL_LIFE);
    assert!(said.changes.iter().any(|change| matches!(&change.fact, Fact::ApprovalExpired { of, .. } if of.as_str() == BEFORE)));
    let push = fleet.push(PUSH).expect("the push");
    assert!(push.approvals.is_empty() && requirement::approval_is_asked(&fleet, push, now));
}

#[test]
fn a_wall_clock_that_was_put_back_ends_it_early() {
    let run = half_agreed();
    let mut fleet = (**run.fleet()).clone();
    let given = push(&run).approvals[0].wall;
    take(&mut fleet, Input::Tick, run.now(), wall(given.millis() - 1_000));
    assert_eq!(fleet.push(PUSH).expect("the push").approvals.len(), 1, "a second is no jump");
    take(&mut fleet, Input::Tick, run.now(), wall(given.millis() - 60_000));
    assert!(fleet.push(PUSH).expect("the push").approvals.is_empty());
}

/// The last missing approval comes in the very step in which the first has run out: it is not enough.
#[test]
fn an_approval_that_has_run_out_is_never_used() {
    let run = half_agreed();
    let mut fleet = (**run.fleet()).clone();
    let late = push(&run).approvals[0].wall + APPROVAL_LIFE;
    let sight = Box::new(Sight::of(&fleet, PUSH, run.now()).expect("a push"));
    let order = Order::Approve { push: PUSH, sight };
    let given = Command { id: CommandId(Uuid::from_u128(500)), actor: FIRST.into(), order };
    let said = take(&mut fleet, Input::Command(Box::new(given)), run.now(), late);
    assert!(matches!(said.outcome, Some(Outcome::Accepted { .. })), "{:?}", said.outcome);
    let push = fleet.push(PUSH).expect("the push");
    assert_eq!((push.cursor.stage, push.approvals.len()), (Some(0), 1));
}

#[test]
fn whoever_gave_it_takes_it_back_and_so_may_whoever_answers_for_the_group() {
    for by in [BEFORE, FIRST] {
        let mut run = half_agreed();
        command(&mut run, by, Order::Revoke { push: PUSH }, 102);
        assert!(push(&run).approvals.is_empty(), "{by}");
        approve(&mut run, BEFORE, 103);
        assert_eq!(push(&run).approvals.len(), 1, "it can be given again");
    }
    let mut run = half_agreed();
    let why = sentence(ask(&mut run, "cid", Order::Revoke { push: PUSH }, 102));
    assert!(why.contains("somebody of oncall"), "{why}");
    assert_eq!(push(&run).approvals.len(), 1);
}

#[test]
fn once_the_step_is_entered_it_is_too_late_to_take_back() {
    let mut run = started(declaration(1));
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    approve(&mut run, BEFORE, 101);
    let why = sentence(ask(&mut run, BEFORE, Order::Revoke { push: PUSH }, 102));
    assert!(why.contains("too late") && why.ends_with("s stops it"), "{why}");
}

#[test]
fn a_verdict_that_turns_bad_or_blind_ends_it_and_another_approval_does_not() {
    for standing in [Standing::Beyond { value: 0.03, limit: 0.01 }, Standing::NoData { why: "nothing read".to_owned() }] {
        let run = half_agreed();
        let mut fleet = (**run.fleet()).clone();
        let push = push(&run);
        let stage = push.stage().expect("a stage").clone();
        let slice: SliceId = push.slices(&stage, Metric::Errors).next().expect("a slice");
        let at = wall(run.now().millis());
        let said = take(&mut fleet, Input::Judged(vec![(slice, standing.clone())]), run.now(), at);
        assert!(said.changes.iter().any(|change| matches!(change.fact, Fact::ApprovalsSuperseded { .. })), "{standing:?}");
        assert!(fleet.push(PUSH).expect("the push").approvals.is_empty());
    }
    let mut run = started(declaration(3));
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    approve(&mut run, BEFORE, 101);
    approve(&mut run, FIRST, 102);
    assert_eq!(push(&run).approvals.len(), 2);
}

/// Whoever has left the role by the time it is used does not count.
#[test]
fn membership_is_looked_at_again_when_it_is_used() {
    let run = half_agreed();
    let mut fleet = (**run.fleet()).clone();
    let mut declaration = fleet.declaration().clone();
    declaration.people.remove(&BEFORE.into());
    let seq = Seq(fleet.seq().0 + 1);
    fleet.apply(&Change { seq, at: run.now(), fact: Fact::Declared { declaration: Box::new(declaration) } });
    let sight = Box::new(Sight::of(&fleet, PUSH, run.now()).expect("a push"));
    let order = Order::Approve { push: PUSH, sight };
    let given = Command { id: CommandId(Uuid::from_u128(500)), actor: FIRST.into(), order };
    take(&mut fleet, Input::Command(Box::new(given)), run.now(), wall(run.now().millis()));
    let push = fleet.push(PUSH).expect("the push");
    assert_eq!(push.cursor.stage, Some(0));
    let all = requirement::of_gate(&fleet, push, run.now());
    let approval = all.iter().find(|found| found.kind == RequirementKind::Approval).expect("it is required");
    assert_eq!(approval.state, RequirementState::Pending);
    assert!(approval.why.contains(FIRST) && !approval.why.contains(BEFORE), "{approval:?}");
}

#[test]
fn whoever_asked_for_the_push_never_counts() {
    let mut run = half_agreed();
    let sight = Box::new(Sight::of(run.fleet(), PUSH, run.now()).expect("a push"));
    let why = sentence(ask(&mut run, REQUESTER, Order::Approve { push: PUSH, sight }, 102));
    assert!(why.contains("you asked for this push yourself"), "{why}");
}

/// It is for one step of one way with certain artifacts, and for nothing that only looks like it.
#[test]
fn it_counts_only_for_what_it_was_given_for() {
    let run = half_agreed();
    let given = push(&run);
    let counted = |push: &Push| {
        let rule = push.approval_rule().expect("it asks for approval");
        requirement::counted(run.fleet(), push, rule).count()
    };
    assert_eq!(counted(&given), 1);
    let changed = |change: fn(&mut Push)| {
        let mut push = given.clone();
        change(&mut push);
        counted(&push)
    };
    assert_eq!(changed(|push| push.plan.moves[0].to.digest = "sha256:other".into()), 0, "other artifacts");
    assert_eq!(changed(|push| push.plan.stages.last_mut().expect("a stage").bake = Period::ZERO), 0, "another way");
    assert_eq!(changed(|push| push.approvals[0].bound.to = Some(7)), 0, "to another step");
    assert_eq!(changed(|push| push.approvals[0].bound.from = Some(7)), 0, "from another step");
    assert_eq!(changed(|push| push.cursor.entry += 1), 0, "another occurrence of the gate");
    assert_eq!(changed(|push| push.notes.clear()), 1, "what is not bound does not matter");
}

#[test]
fn what_ended_it_is_said_until_it_is_given_again() {
    let mut run = half_agreed();
    let said = |run: &Stepped| {
        let push = push(run);
        let all = requirement::of_gate(run.fleet(), &push, run.now());
        all.into_iter().find(|found| found.kind == RequirementKind::Approval).expect("it is required").why
    };
    command(&mut run, FIRST, Order::Hold { push: PUSH, reason: None }, 102);
    let why = said(&run);
    assert!(why.ends_with(&format!("; {BEFORE}'s does not count any more: stopped by {FIRST}")), "{why}");
    let sight = Box::new(Sight::of(run.fleet(), PUSH, run.now()).expect("a push"));
    command(&mut run, FIRST, Order::Resume { push: PUSH, sight }, 103);
    assert!(said(&run).contains("does not count any more"), "it still has to be given");
    approve(&mut run, BEFORE, 104);
    assert!(!said(&run).contains("any more"), "{}", said(&run));
}
