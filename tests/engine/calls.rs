//! Who is called for what: once for each decision that is due, told when it is over, and never by anything else.

use pushdeck::domain::call::{Call, CallKey, CallLevel, Callee, Notify};
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, Order, Outcome, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, EnvironmentId, InstanceId, PlacementId, PushId};
use pushdeck::domain::placement::{Operation, OperationId, Task};
use pushdeck::domain::push::Course;
use pushdeck::domain::requirement;
use pushdeck::domain::time::{ConsoleTime, Period};
use pushdeck::engine::driver::simulated::{Deafness, SimulatedDriver};
use pushdeck::engine::effect::{Effect, Input};
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::step::step;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;

const PUSH: PushId = PushId(Uuid::from_u128(9));

fn declared() -> Declaration {
    Declaration { notify: Some(Notify { command: Some(vec!["page".to_owned()]), webhook: None }), ..small::declaration("5s") }
}

fn ask(run: &mut Stepped, by: &str, order: Order) -> Outcome {
    let id = CommandId(Uuid::from_u128(run.fleet().seq().0.into()));
    run.command(Command { id, actor: by.into(), order }).expect("an answer")
}

fn start(run: &mut Stepped) {
    let order = Order::start(run.fleet(), PUSH, vec![("auth".into(), "v2".into())]).expect("a known release");
    assert!(matches!(ask(run, "ana", order), Outcome::Accepted { .. }));
}

fn is_asked(run: &Stepped) -> bool {
    run.fleet().push(PUSH).is_some_and(|push| requirement::approval_is_asked(run.fleet(), push, run.now()))
}

fn until(run: &mut Stepped, what: impl Fn(&Stepped) -> bool) {
    for _ in 0..1_200 {
        if what(run) {
            return;
        }
        run.advance(Period::from_millis(500));
    }
    panic!("it never came to that: {:?}", run.fleet().push(PUSH).map(|push| &push.cursor));
}

fn approve(run: &mut Stepped) {
    let sight = Box::new(Sight::of(run.fleet(), PUSH, run.now()).expect("a sight"));
    assert!(matches!(ask(run, "bob", Order::Approve { push: PUSH, sight }), Outcome::Accepted { .. }));
}

fn of<'a>(run: &'a Stepped, word: &'a str) -> Vec<&'a Call> {
    run.calls().iter().filter(|call| call.about.word() == word).collect()
}

fn begin(driver: SimulatedDriver) -> Stepped {
    small::run(declared(), Profile::default(), driver)
}

#[test]
fn each_gate_calls_once_and_not_before_it_can_be_decided_and_the_end_is_told() {
    let mut run = begin(SimulatedDriver::default());
    start(&mut run);
    let mut gates = Vec::new();
    for gate in 1..=2 {
        until(&mut run, |run| {
            assert!(is_asked(run) || of(run, "approval").len() < gate, "called before it can be decided");
            is_asked(run)
        });
        // However long nobody answers, nobody is called again.
        run.advance(Period::from_secs(30));
        assert_eq!(of(&run, "approval").len(), gate);
        let call = of(&run, "approval")[gate - 1].clone();
        assert_eq!((call.level, &call.to), (CallLevel::Call, &Callee::Driver("ana".into())));
        assert!(call.text.starts_with("auth: enter"), "{}", call.text);
        assert_eq!(run.fleet().called(&call.about).expect("known").acted, None);
        approve(&mut run);
        let acted = run.fleet().called(&call.about).expect("known").acted.clone();
        assert_eq!(acted.map(|(by, _)| by), Some("bob".into()));
        gates.push(call.about);
    }
    assert_ne!(gates[0], gates[1]);
    until(&mut run, |run| run.fleet().push(PUSH).is_some_and(|push| !push.is_open()));
    run.advance(Period::from_secs(30));
    assert_eq!(of(&run, "finished").len(), 1);
    assert_eq!(of(&run, "finished")[0].level, CallLevel::Tell);
    assert_eq!(run.calls().len(), 3, "{:?}", run.calls());
}

#[test]
fn a_replay_calls_nobody_again() {
    let mut run = begin(SimulatedDriver::default());
    start(&mut run);
    until(&mut run, is_asked);
    let mut fleet = Fleet::default();
    run.drain().changes.iter().for_each(|change| fleet.apply(change));
    assert_eq!(fleet.calls().count(), 1);
    let again = step(&fleet, Input::Tick, run.now(), ConsoleTime::from_millis(run.now().millis()));
    assert!(!again.effects.iter().any(|effect| matches!(effect, Effect::Call(_))), "{again:?}");
    assert!(!again.changes.iter().any(|change| matches!(change.fact, Fact::Called { .. })));
}

#[test]
fn where_nobody_is_configured_a_call_is_written_down_and_nothing_is_sent() {
    let mut run = small::run(small::declaration("5s"), Profile::default(), SimulatedDriver::default());
    start(&mut run);
    until(&mut run, is_asked);
    assert_eq!((run.calls().len(), run.fleet().calls().count()), (0, 1));
}

#[test]
fn a_call_that_reaches_nobody_is_a_fact_once() {
    let mut run = begin(SimulatedDriver::default());
    start(&mut run);
    until(&mut run, is_asked);
    let mut fleet = (**run.fleet()).clone();
    let about = fleet.calls().next().expect("a call").call.about.clone();
    let (now, wall) = (run.now(), ConsoleTime::from_millis(run.now().millis()));
    let answer = || Input::CallAnswered { about: about.clone(), escalation: 0, result: Err("page ended with 1".to_owned()) };
    let failed = |change: &&Change| matches!(change.fact, Fact::CallFailed { .. });
    let first = step(&fleet, answer(), now, wall);
    assert_eq!(first.changes.iter().filter(failed).count(), 1);
    first.changes.iter().for_each(|change| fleet.apply(change));
    assert_eq!(fleet.called(&about).expect("known").failed.as_deref(), Some("page ended with 1"));
    assert_eq!(step(&fleet, answer(), now, wall).changes.iter().filter(failed).count(), 0);
}

#[test]
fn a_stop_that_does_not_work_calls_once_and_its_owners_once_more_when_it_lasts() {
    let from = small::evening() + Period::from_secs(10);
    let mut run = begin(SimulatedDriver { deafness: Some(Deafness { from, lasts: Period::from_mins(10) }) });
    start(&mut run);
    run.advance(Period::from_secs(1));
    assert!(matches!(ask(&mut run, "bob", Order::Hold { push: PUSH, reason: None }), Outcome::Accepted { .. }));
    run.advance(Period::from_secs(4));
    assert_eq!(of(&run, "not_stopped").len(), 0);
    run.advance(Period::from_secs(20));
    assert_eq!(of(&run, "not_stopped").len(), 1);
    run.advance(Period::from_mins(5));
    let calls = of(&run, "not_stopped");
    assert_eq!(calls.iter().map(|call| call.escalation).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(calls[1].to, Callee::Owners("oncall".into()));
    // Who stopped it knows: that calls nobody.
    assert_eq!(run.calls().len(), 2, "{:?}", run.calls());
}

#[test]
fn what_is_changed_by_hand_calls_its_owners_once() {
    let mut run = begin(SimulatedDriver::default());
    let placement = PlacementId::new("blob".into(), EnvironmentId::new("production"));
    for index in [3, 4] {
        let instance = InstanceId { placement: placement.clone(), cell: "ap".into(), index };
        let task = Task::Install { version: "v2".into() };
        run.simulation().order(Operation { id: OperationId(u64::MAX - u64::from(index)), instance, task }).expect("an instance");
        run.advance(Period::from_secs(30));
    }
    assert_eq!(run.calls().len(), 1, "{:?}", run.calls());
    let call = &run.calls()[0];
    assert!(matches!(&call.about, CallKey::Drift { placement: about, .. } if *about == placement));
    assert_eq!((call.level, &call.to), (CallLevel::Call, &Callee::Owners("oncall".into())));
}

#[test]
fn what_went_back_because_somebody_asked_tells_nobody() {
    let mut run = begin(SimulatedDriver::default());
    start(&mut run);
    run.advance(Period::from_secs(3));
    let manner = pushdeck::domain::rollback::Manner::Ordered;
    assert!(matches!(ask(&mut run, "bob", Order::RollBack { push: PUSH, manner, reason: None }), Outcome::Accepted { .. }));
    until(&mut run, |run| run.fleet().push(PUSH).is_some_and(|push| matches!(push.course, Course::RolledBack { .. })));
    run.advance(Period::from_secs(10));
    assert_eq!(run.calls(), []);
}
