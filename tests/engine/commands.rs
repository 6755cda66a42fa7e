//! The contract of acting: what is refused, what is carried out once, what wins.

use pushdeck::domain::change::Fact;
use pushdeck::domain::command::{Acknowledged, Command, Order, Outcome, Sight};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, InstanceId, PushId};
use pushdeck::domain::placement::{Operation, OperationId, Task};
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::engine::driver::simulated::{Deafness, SimulatedDriver};
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;
use super::watcher::{until, when};

const PUSH: PushId = PushId(Uuid::from_u128(77));

/// A run, and people who act in it.
struct Desk {
    run: Stepped,
    given: u128,
}

impl Desk {
    fn new(driver: SimulatedDriver) -> Self {
        let mut desk = Self { run: small::run(small::declaration("10s"), Profile::default(), driver), given: 0 };
        let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
        let order = Order::start(desk.run.fleet(), PUSH, releases).expect("releases that are known");
        accepted(&desk.give("ana", order));
        desk
    }

    /// With a push that asks for approval to enter production.
    fn asking() -> Self {
        let mut desk = Self::new(SimulatedDriver::default());
        desk.until(|push, status| push.cursor.stage == Some(0) && status == Status::WaitingApproval);
        desk
    }

    /// With a push that has arrived at 1 % of production.
    fn exposed() -> Self {
        let mut desk = Self::asking();
        accepted(&desk.approve("bob", desk.sight()));
        desk.until(|push, _| push.cursor.stage == Some(2) && push.cursor.arrived.is_some());
        desk
    }

    fn command(&mut self, by: &str, order: Order) -> Command {
        self.given += 1;
        Command { id: CommandId(Uuid::from_u128(self.given)), actor: by.into(), order }
    }

    fn give(&mut self, by: &str, order: Order) -> Outcome {
        let command = self.command(by, order);
        self.run.command(command).expect("an answer")
    }

    fn approve(&mut self, by: &str, sight: Box<Sight>) -> Outcome {
        self.give(by, Order::Approve { push: PUSH, sight })
    }

    fn hold(&mut self) -> Outcome {
        self.give("bob", Order::Hold { push: PUSH, reason: Some("odd logs".to_owned()) })
    }

    fn back(&mut self, manner: Manner) -> Outcome {
        self.give("bob", Order::RollBack { push: PUSH, manner, reason: None })
    }

    fn sight(&self) -> Box<Sight> {
        Box::new(Sight::of(self.run.fleet(), PUSH, self.run.now()).expect("a push"))
    }

    fn push(&self) -> Push {
        self.run.fleet().push(PUSH).expect("the push").clone()
    }

    fn status(&self) -> Status {
        status::of_push(self.run.fleet(), &self.push(), self.run.now())
    }

    fn until(&mut self, so: impl Fn(&Push, Status) -> bool) {
        let is = |fleet: &Fleet, now: EngineTime| fleet.push(PUSH).is_some_and(|push| so(push, status::of_push(fleet, push, now)));
        until(&mut self.run, Period::from_mins(5), "what the test waits for", is);
    }

    fn on_new(&self) -> u32 {
        self.run.fleet().on_new(&self.push(), &"production".into())
    }
}

fn accepted(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

/// The sentence of a refusal, and what had changed.
fn refused(outcome: Outcome) -> (String, Vec<String>) {
    match outcome {
        Outcome::Refused { why, changed } => (why, changed.into_iter().map(|change| change.field).collect()),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn what_was_decided_on_an_older_sight_is_refused_with_what_changed() {
    let mut desk = Desk::asking();
    let before = desk.sight();
    accepted(&desk.hold());
    let (why, changed) = refused(desk.approve("bob", before.clone()));
    assert!(why.contains("look again") && changed.contains(&"hold".to_owned()), "{why} {changed:?}");
    accepted(&desk.give("bob", Order::Resume { push: PUSH, sight: desk.sight() }));
    accepted(&desk.approve("bob", desk.sight()));
    desk.until(|push, _| push.cursor.stage == Some(1));
    let (_, changed) = refused(desk.approve("bob", before));
    assert!(changed.contains(&"stage".to_owned()), "{changed:?}");
}

#[test]
fn what_only_got_better_is_no_reason_to_refuse() {
    let mut desk = Desk::new(SimulatedDriver::default());
    desk.until(|push, _| push.cursor.arrived.is_some() && push.cursor.bake.running_since.is_some());
    let sight = desk.sight();
    desk.until(|_, status| status == Status::WaitingApproval);
    assert_ne!(*sight, *desk.sight());
    accepted(&desk.approve("bob", sight));
}

#[test]
fn whoever_asked_for_a_push_cannot_approve_it_nor_can_who_has_no_role() {
    let mut desk = Desk::asking();
    let (why, _) = refused(desk.approve("ana", desk.sight()));
    assert!(why.contains("somebody else of oncall"), "{why}");
    let (why, _) = refused(desk.approve("cid", desk.sight()));
    assert!(why.contains("somebody of oncall"), "{why}");
    let (why, _) = refused(desk.approve("eve", desk.sight()));
    assert!(why.contains("[people]"), "{why}");
    assert_eq!(desk.status(), Status::WaitingApproval);
    accepted(&desk.approve("bob", desk.sight()));
    assert_eq!(desk.push().cursor.stage, Some(1));
}

#[test]
fn one_id_is_one_command() {
    let mut desk = Desk::asking();
    let command = desk.command("bob", Order::Approve { push: PUSH, sight: desk.sight() });
    let first = desk.run.command(command.clone()).expect("an answer");
    accepted(&first);
    desk.run.drain();
    assert_eq!(desk.run.command(command.clone()), Some(first));
    let again = |fact: &Fact| matches!(fact, Fact::Commanded { .. } | Fact::Approved { .. } | Fact::StageEntered { .. });
    assert_eq!(when(&desk.run.drain().changes, again), None);
    let other = Command { order: Order::Hold { push: PUSH, reason: None }, ..command };
    let (why, _) = refused(desk.run.command(other).expect("an answer"));
    assert!(why.contains("id"), "{why}");
    assert!(desk.push().holds.is_empty());
}

#[test]
fn a_hold_stops_at_once_and_is_seen_to_until_somebody_resumes() {
    let mut desk = Desk::asking();
    accepted(&desk.approve("bob", desk.sight()));
    desk.until(|push, _| push.cursor.stage == Some(3));
    accepted(&desk.hold());
    assert!(desk.push().stop.is_some_and(|stop| stop.observed.is_some()));
    // What had begun on an instance is finished; nothing else begins.
    desk.run.advance(Period::from_secs(10));
    let held = desk.on_new();
    desk.run.advance(Period::from_mins(3));
    assert_eq!((desk.status(), desk.on_new(), desk.push().cursor.stage), (Status::Held, held, Some(3)));
    accepted(&desk.give("bob", Order::Resume { push: PUSH, sight: desk.sight() }));
    desk.until(|push, _| push.cursor.arrived.is_some());
    assert!(desk.on_new() > held);
}

#[test]
fn a_stop_that_is_not_heard_is_told_again_each_second_and_shown() {
    let from = small::evening() + Period::from_secs(12);
    let mut desk = Desk::new(SimulatedDriver { deafness: Some(Deafness { from, lasts: Period::from_secs(15) }) });
    desk.run.advance(Period::from_secs(3));
    accepted(&desk.hold());
    desk.run.advance(Period::from_secs(4));
    assert!(desk.push().not_stopped(desk.run.now()).is_none(), "it has five seconds");
    desk.run.advance(Period::from_secs(2));
    let push = desk.push();
    let stop = push.not_stopped(desk.run.now()).expect("NOT STOPPED");
    assert!((6..=7).contains(&stop.tries) && stop.answer.is_some(), "{stop:?}");
    desk.run.advance(Period::from_secs(15));
    assert!(desk.push().stop.is_some_and(|stop| stop.observed.is_some()));
}

#[test]
fn a_rejected_push_stays_where_it_is_and_exposed() {
    let mut desk = Desk::exposed();
    let exposed = desk.on_new();
    accepted(&desk.give("bob", Order::Reject { push: PUSH, reason: Some("wrong build".to_owned()) }));
    desk.run.advance(Period::from_mins(1));
    assert_eq!((desk.status(), desk.on_new(), desk.push().cursor.stage), (Status::Held, exposed, Some(2)));
    let (why, changed) = refused(desk.approve("bob", desk.sight()));
    assert!(why.contains('r') && changed.is_empty(), "{why}");
    accepted(&desk.give("bob", Order::Acknowledge { what: Acknowledged::Push { push: PUSH } }));
    assert!(desk.push().acknowledged.is_some_and(|seen| seen.by.as_str() == "bob"));
}

#[test]
fn a_rollback_wins_and_ends_what_was_agreed() {
    let mut desk = Desk::new(SimulatedDriver::default());
    desk.until(|push, _| push.cursor.bake.running_since.is_some());
    let sight = desk.sight();
    accepted(&desk.approve("bob", sight.clone()));
    assert_eq!(desk.push().approvals.len(), 1);
    accepted(&desk.back(Manner::Ordered));
    let push = desk.push();
    assert!(push.approvals.is_empty() && matches!(push.course, Course::Back { .. }), "{push:?}");
    let (_, changed) = refused(desk.approve("bob", sight));
    assert!(changed.contains(&"way".to_owned()), "{changed:?}");
    let (why, _) = refused(desk.hold());
    assert!(why.contains("stopping does not stop a rollback") && why.ends_with("R makes it faster"), "{why}");
    assert!(matches!(desk.back(Manner::Ordered), Outcome::Superseded { .. }));
    desk.until(|_, status| status == Status::RolledBack);
    accepted(&desk.give("bob", Order::Acknowledge { what: Acknowledged::Push { push: PUSH } }));
}

/// How long each manner takes from 10 % of production, and how long it was said to take.
fn way_back(manner: Manner) -> (Period, Period) {
    let mut desk = Desk::exposed();
    desk.until(|push, _| push.cursor.stage == Some(3) && push.cursor.arrived.is_some());
    let decided = desk.run.now();
    accepted(&desk.back(manner));
    let said = desk.push().course.rollback().map(|rollback| rollback.plan.all_old).expect("a plan");
    desk.until(|_, status| status == Status::RolledBack);
    assert_eq!(desk.on_new(), 0);
    let took = desk.run.now() - decided;
    println!("{manner:?} from 10 %: {took}, said {said}");
    (took, said)
}

#[test]
fn the_fast_way_back_is_faster_and_both_take_about_as_long_as_said() {
    let (ordered, fast) = (way_back(Manner::Ordered), way_back(Manner::Fast));
    assert!(fast.0 < ordered.0, "{fast:?} {ordered:?}");
    for (took, said) in [ordered, fast] {
        assert!(
            took.secs_f64() < said.secs_f64() * 1.5 + 3.0 && said.secs_f64() < took.secs_f64() * 1.5 + 3.0,
            "{took} and {said}"
        );
    }
}

#[test]
fn a_slow_way_back_can_be_made_fast() {
    let mut desk = Desk::exposed();
    accepted(&desk.back(Manner::Ordered));
    accepted(&desk.back(Manner::Fast));
    assert_eq!(desk.push().course.rollback().map(|rollback| rollback.manner), Some(Manner::Fast));
    desk.until(|_, status| status == Status::RolledBack);
}

#[test]
fn a_stop_by_somebody_else_is_not_undone_by_a_resume_that_did_not_see_it() {
    let mut desk = Desk::exposed();
    accepted(&desk.hold());
    let seen_by_bob = desk.sight();
    accepted(&desk.give("ana", Order::Hold { push: PUSH, reason: None }));
    let (_, changed) = refused(desk.give("bob", Order::Resume { push: PUSH, sight: seen_by_bob }));
    assert_eq!(changed, ["hold"]);
    assert_eq!((desk.status(), desk.push().holds.len()), (Status::Held, 2));
    accepted(&desk.give("bob", Order::Resume { push: PUSH, sight: desk.sight() }));
    assert!(desk.push().holds.is_empty());
}

#[test]
fn only_those_who_answer_for_a_group_resume_its_push() {
    let mut desk = Desk::exposed();
    accepted(&desk.hold());
    let (why, _) = refused(desk.give("cid", Order::Resume { push: PUSH, sight: desk.sight() }));
    assert!(why.contains("somebody of oncall"), "{why}");
    assert_eq!(desk.status(), Status::Held);
}

#[test]
fn a_canary_that_no_longer_serves_bakes_nothing() {
    let mut desk = Desk::exposed();
    desk.until(|push, _| push.cursor.bake.running_since.is_some());
    // Held, so that the engine does not put it back at once.
    accepted(&desk.hold());
    let fleet = desk.run.fleet();
    let new = fleet.placements().filter(|placement| placement.id.environment.as_str() == "production").find_map(|placement| {
        placement.instances().find(|(_, _, instance)| instance.version.as_str() == "v2").map(|(cell, index, _)| InstanceId {
            placement: placement.id.clone(),
            cell: cell.clone(),
            index,
        })
    });
    let drain = Operation { id: OperationId(u64::MAX), instance: new.expect("a canary"), task: Task::Drain };
    desk.run.simulation().order(drain).expect("an instance that is there");
    desk.until(|push, _| push.cursor.bake.running_since.is_none());
    let stopped = desk.push().cursor.bake.clone();
    desk.run.advance(Period::from_mins(1));
    assert_eq!(desk.push().cursor.bake, stopped, "its clock stands still");
    assert!(stopped.stopped.is_some_and(|why| why.contains("do not serve")));
}

#[test]
fn a_push_begins_only_where_what_runs_is_what_was_seen() {
    let mut run = small::run(small::declaration("10s"), Profile::default(), SimulatedDriver::default());
    let releases = vec![("auth".into(), "v2".into())];
    let Some(Order::Start { push, releases, mut outlook, lane }) = Order::start(run.fleet(), PUSH, releases) else {
        panic!("known")
    };
    let seen = outlook.clone();
    outlook.running[0].1 = "v0".into();
    let command = |id, outlook| Command {
        id: CommandId(Uuid::from_u128(id)),
        actor: "ana".into(),
        order: Order::Start { push, releases: releases.clone(), outlook, lane: lane.clone() },
    };
    let (why, changed) = refused(run.command(command(1, outlook)).expect("an answer"));
    assert!(why.contains("look again") && changed.len() == 1, "{why} {changed:?}");
    accepted(&run.command(command(2, seen)).expect("an answer"));
}

#[test]
fn whoever_asks_drives_until_somebody_takes_over_and_the_requester_stays_who_they_are() {
    let mut desk = Desk::asking();
    assert_eq!(desk.push().driver.map(|driver| driver.by), Some("ana".into()));
    let why = refused(desk.give("cid", Order::TakeOver { push: PUSH })).0;
    assert!(why.contains("somebody of oncall"), "{why}");
    accepted(&desk.give("bob", Order::TakeOver { push: PUSH }));
    assert_eq!(desk.push().driver.map(|driver| driver.by), Some("bob".into()));
    assert!(matches!(desk.give("bob", Order::TakeOver { push: PUSH }), Outcome::Superseded { .. }));
    // Taking over does not make bob the requester: he may still approve, and ana may still not.
    let sight = desk.sight();
    assert!(refused(desk.approve("ana", sight.clone())).0.contains("asked for this push yourself"));
    accepted(&desk.approve("bob", sight));
}

#[test]
fn notes_stand_until_struck_out_and_void_nothing_that_was_seen() {
    let mut desk = Desk::asking();
    let sight = desk.sight();
    accepted(&desk.give("bob", Order::Note { push: PUSH, text: "  eu compaction\u{202e} runs ".to_owned() }));
    assert_eq!(desk.push().notes[0].text, "eu compaction<U+202E> runs");
    assert!(refused(desk.give("bob", Order::Note { push: PUSH, text: "   ".to_owned() })).0.contains("write a line"));
    assert!(refused(desk.give("eve", Order::Note { push: PUSH, text: "hello".to_owned() })).0.contains("no role here"));
    accepted(&desk.approve("bob", sight));
    accepted(&desk.give("cid", Order::StrikeNote { push: PUSH, note: 0 }));
    assert_eq!(desk.push().notes[0].struck, Some("cid".into()));
    assert!(matches!(desk.give("bob", Order::StrikeNote { push: PUSH, note: 0 }), Outcome::Superseded { .. }));
    assert!(refused(desk.give("bob", Order::StrikeNote { push: PUSH, note: 7 })).0.contains("no such note"));
}
