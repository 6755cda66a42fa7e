//! Who is called for what: once for each decision that is due, told when it is over, and never by anything else.

use pushdeck::domain::call::{Call, CallKey, CallLevel, Callee, Notify};
use pushdeck::domain::card::{CallCount, Card};
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Acknowledged, Command, Order, Outcome, Retried, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::explain::Moment;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::freeze::Freeze;
use pushdeck::domain::id::{CommandId, EnvironmentId, InstanceId, PlacementId, PushId};
use pushdeck::domain::placement::{Operation, OperationId, Task};
use pushdeck::domain::push::Course;
use pushdeck::domain::requirement;
use pushdeck::domain::review::Review;
use pushdeck::domain::schedule::AtWindowEnd;
use pushdeck::domain::service::OneWay;
use pushdeck::domain::status::Status;
use pushdeck::domain::time::{ConsoleTime, Period};
use pushdeck::engine::driver::simulated::{Deafness, SimulatedDriver};
use pushdeck::engine::effect::{Effect, Input};
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::engine::step::step;
use pushdeck::plain;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::{people, small};

const PUSH: PushId = people::PUSH;

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

/// The group's push on a fleet with one fault, taken to a stage by whoever is asked.
fn group(declaration: Declaration, (version, fault): (&str, Fault), stage: u32) -> Stepped {
    let notify = declared().notify;
    let fault = VersionFault {
        flag: None,
        service: "blob".into(),
        version: version.into(),
        environments: vec!["production".into()],
        cells: Vec::new(),
        fault,
    };
    let profile = Profile { faults: Faults(vec![fault]), ..Profile::default() };
    let mut run = small::run(Declaration { notify, ..declaration }, profile, SimulatedDriver::default());
    let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let order = Order::start(run.fleet(), PUSH, releases).expect("releases that are known");
    assert!(matches!(ask(&mut run, "ana", order), Outcome::Accepted { .. }));
    for _ in 0..1_200 {
        let push = run.fleet().push(PUSH).expect("the push");
        if push.cursor.stage == Some(stage) && push.cursor.arrived.is_some() {
            return run;
        }
        if is_asked(&run) && push.approvals.is_empty() {
            approve(&mut run);
        }
        run.advance(Period::from_millis(500));
    }
    panic!("stage {stage} is not reached");
}

fn course(run: &Stepped) -> &Course {
    &run.fleet().push(PUSH).expect("the push").course
}

#[test]
fn a_way_back_that_failed_calls_again_only_where_nobody_answers_and_anew_where_it_fails_again() {
    let mut run = group(small::declaration("10s"), ("v1", Fault::Stuck {}), 2);
    let manner = pushdeck::domain::rollback::Manner::Ordered;
    assert!(matches!(ask(&mut run, "bob", Order::RollBack { push: PUSH, manner, reason: None }), Outcome::Accepted { .. }));
    until(&mut run, |run| matches!(course(run), Course::RollbackFailed { .. }));
    run.advance(Period::from_mins(4));
    let call = |run: &Stepped| of(run, "rollback_failed").into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(call(&run).len(), 1);
    assert_eq!((call(&run)[0].level, &call(&run)[0].to), (CallLevel::Call, &Callee::Driver("ana".into())));
    assert!(call(&run)[0].text.contains("ROLLBACK FAILED"), "{:?}", call(&run));
    run.advance(Period::from_mins(10));
    let found = call(&run);
    assert_eq!(found.iter().map(|call| call.escalation).collect::<Vec<_>>(), [0, 1], "nobody answered: once more, and no more");
    assert_eq!(found[1].to, Callee::Owners("oncall".into()));
    let count = CallCount::of(run.fleet(), PUSH);
    assert!(count.called >= 2 && count.without_action == 2, "{count:?}");
    assert!(matches!(ask(&mut run, "bob", Order::Retry { what: Retried::Push { push: PUSH } }), Outcome::Accepted { .. }));
    assert_eq!(CallCount::of(run.fleet(), PUSH).without_action, 0);
    until(&mut run, |run| matches!(course(run), Course::RollbackFailed { .. }));
    run.advance(Period::from_secs(10));
    assert_eq!(call(&run).len(), 3, "it failed again: that is another");
}

#[test]
fn what_went_back_by_itself_is_told_and_calls_nobody() {
    let mut run = group(small::declaration("10s"), ("v2", Fault::Errors { times: 40.0, above_share: 0.0 }), 1);
    until(&mut run, |run| matches!(course(run), Course::RolledBack { .. }));
    run.advance(Period::from_secs(10));
    let told = of(&run, "went_back");
    assert_eq!(told.len(), 1, "{:?}", run.calls());
    assert_eq!((told[0].level, told[0].escalation), (CallLevel::Tell, 0));
    assert!(told[0].text.starts_with("storage v2 went back by itself"), "{}", told[0].text);
    assert!(run.calls().iter().all(|call| call.level == CallLevel::Tell || call.about.word() == "approval"), "{:?}", run.calls());
    let card = Card::of(run.fleet(), run.fleet().push(PUSH).expect("the push")).expect("it is over");
    assert_eq!((card.calls.called, card.calls.without_action, card.calls.told), (1, 0, 1), "the approval, which bob gave");
    assert!(card.calls_somebody && card.calls.words() == "called once, each led to an action", "{}", card.calls.words());
}

#[test]
fn what_a_rule_holds_calls_once() {
    let mut declaration = small::declaration("3s");
    let index = declaration.releases.iter_mut().find(|release| release.service == "index".into() && release.version == "v2".into());
    index.expect("the release").one_way = Some(OneWay { from: Some("10 %".to_owned()), instead: "fix forward".to_owned() });
    let mut run = group(declaration, ("v2", Fault::Crash { after: Period::from_secs(60) }), 3);
    until(&mut run, |run| run.fleet().push(PUSH).is_some_and(|push| !push.holds.is_empty()));
    run.advance(Period::from_mins(2));
    let held = of(&run, "held");
    assert_eq!(held.len(), 1, "{:?}", run.calls());
    assert_eq!((held[0].level, &held[0].to), (CallLevel::Call, &Callee::Driver("ana".into())));
    assert!(held[0].text.contains("storage: stopped at") && held[0].text.contains("fix forward"), "{}", held[0].text);
}

#[test]
fn a_window_that_closes_too_early_is_told_and_calls_nobody() {
    let from = small::evening() + Period::from_secs(150);
    let freeze = Freeze {
        name: "peak".to_owned(),
        from,
        until: from + Period::from_mins(60),
        environments: vec!["production".into()],
        exceptions: Vec::new(),
    };
    let mut declaration = declared();
    declaration.freezes.push(freeze);
    declaration.environments[1].at_window_end = Some(AtWindowEnd::Hold);
    let mut run = small::run(declaration, Profile::default(), SimulatedDriver::default());
    start(&mut run);
    until(&mut run, is_asked);
    approve(&mut run);
    until(&mut run, |run| run.fleet().push(PUSH).is_some_and(|push| push.foreseen.is_some()));
    run.advance(Period::from_mins(5));
    let told = of(&run, "window");
    assert_eq!(told.len(), 1, "{:?}", run.calls());
    assert_eq!(told[0].level, CallLevel::Tell);
    assert!(run.calls().iter().all(|call| call.level == CallLevel::Tell || call.about.word() == "approval"), "{:?}", run.calls());
}

#[test]
fn an_approval_about_to_be_lost_calls_its_owners_once_more() {
    let declaration = Declaration { notify: declared().notify, ..people::declaration(2) };
    let mut run = people::started(declaration);
    people::wait(&mut run, |_, status| status == Status::WaitingApproval);
    people::approve(&mut run, people::BEFORE, 101);
    run.advance(Period::from_secs(1));
    assert_eq!(of(&run, "approval").len(), 1);
    let given = run.fleet().push(PUSH).expect("the push").approvals[0].wall;
    // By the wall's clock alone: what people said runs out by that one.
    let after = |minutes: i64| -> Vec<Call> {
        let taken = step(run.fleet(), Input::Tick, run.now(), given + Period::from_mins(minutes));
        taken.effects.into_iter().filter_map(|effect| if let Effect::Call(call) = effect { Some(*call) } else { None }).collect()
    };
    assert_eq!(after(6), []);
    let calls = after(8);
    assert_eq!(calls.iter().map(|call| call.escalation).collect::<Vec<_>>(), [1]);
    assert_eq!(calls[0].to, Callee::Owners("oncall".into()));
    assert!(calls[0].text.ends_with(", still"), "{}", calls[0].text);
}

#[test]
fn calls_are_summed_with_the_pushes_and_where_nobody_is_called_that_is_said_once() {
    let mut run = small::run(small::declaration("5s"), Profile::default(), SimulatedDriver::default());
    start(&mut run);
    for _ in 0..2 {
        until(&mut run, is_asked);
        approve(&mut run);
    }
    until(&mut run, |run| run.fleet().push(PUSH).is_some_and(|push| !push.is_open()));
    let changes = run.drain().changes;
    let review = Review::of(run.fleet(), &changes, small::evening());
    assert_eq!((review.called, review.calls_without_action), (2, 0));
    let moment = Moment { now: run.now(), zone: jiff::tz::TimeZone::UTC };
    let lines = plain::pushes_lines(&review, &moment);
    assert!(lines.contains("; called 2 times, each led to an action"), "{lines}");
    assert_eq!(lines.matches("nobody is configured to be called").count(), 1, "{lines}");
}

#[test]
fn a_way_back_that_fails_calls_whatever_was_acknowledged_before() {
    let mut run = group(small::declaration("10s"), ("v1", Fault::Stuck {}), 2);
    let accepted = |outcome: Outcome| assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    accepted(ask(&mut run, "bob", Order::Reject { push: PUSH, reason: None }));
    accepted(ask(&mut run, "bob", Order::Acknowledge { what: Acknowledged::Push { push: PUSH } }));
    let manner = pushdeck::domain::rollback::Manner::Ordered;
    accepted(ask(&mut run, "bob", Order::RollBack { push: PUSH, manner, reason: None }));
    until(&mut run, |run| matches!(course(run), Course::RollbackFailed { .. }));
    run.advance(Period::from_secs(10));
    assert_eq!(of(&run, "rollback_failed").len(), 1, "{:?}", run.calls());
}

#[test]
fn a_gate_that_lost_what_was_given_calls_anew() {
    let declaration = Declaration { notify: declared().notify, ..people::declaration(2) };
    let mut run = people::started(declaration);
    people::wait(&mut run, |_, status| status == Status::WaitingApproval);
    people::approve(&mut run, people::BEFORE, 101);
    people::command(&mut run, people::FIRST, Order::Hold { push: PUSH, reason: None }, 102);
    run.advance(Period::from_secs(5));
    let sight = Box::new(Sight::of(run.fleet(), PUSH, run.now()).expect("a sight"));
    people::command(&mut run, people::FIRST, Order::Resume { push: PUSH, sight }, 103);
    people::wait(&mut run, |_, status| status == Status::WaitingApproval);
    run.advance(Period::from_secs(5));
    let calls = of(&run, "approval");
    assert_eq!(calls.iter().map(|call| call.escalation).collect::<Vec<_>>(), [0, 0], "{calls:?}");
    assert_ne!(calls[0].about, calls[1].about);
}

#[test]
fn a_call_that_reached_nobody_is_made_again_in_growing_pauses_until_somebody_acts() {
    let mut run = begin(SimulatedDriver::default());
    start(&mut run);
    until(&mut run, is_asked);
    let mut fleet = (**run.fleet()).clone();
    let called = fleet.calls().next().expect("a call").clone();
    let about = called.call.about.clone();
    let mut made = vec![called.at];
    let from = run.now();
    for second in 0..600 {
        let now = from + Period::from_secs(second);
        let wall = ConsoleTime::from_millis(from.millis());
        let fails = Input::CallAnswered { about: about.clone(), escalation: 0, result: Err("no answer".to_owned()) };
        for input in [fails, Input::Tick] {
            let taken = step(&fleet, input, now, wall);
            let again = |effect: &&Effect| matches!(effect, Effect::Call(call) if call.about == about);
            made.extend(taken.effects.iter().filter(again).map(|_| now));
            taken.changes.iter().for_each(|change| fleet.apply(change));
        }
    }
    let pauses: Vec<i64> = made.windows(2).map(|two| (two[1] - two[0]).millis() / 1_000).collect();
    assert!(pauses.len() == 4 && pauses[0] >= 60 && pauses[0] < 62, "{pauses:?}");
    assert!(pauses.windows(2).all(|two| two[1] >= two[0]) && pauses[3] >= 200, "{pauses:?}");
}

#[test]
fn a_rule_that_holds_what_somebody_holds_already_calls() {
    let mut declaration = small::declaration("3s");
    let index = declaration.releases.iter_mut().find(|release| release.service == "index".into() && release.version == "v2".into());
    index.expect("the release").one_way = Some(OneWay { from: Some("10 %".to_owned()), instead: "fix forward".to_owned() });
    let mut run = group(declaration, ("v2", Fault::Crash { after: Period::from_secs(60) }), 3);
    assert!(matches!(ask(&mut run, "bob", Order::Hold { push: PUSH, reason: None }), Outcome::Accepted { .. }));
    until(&mut run, |run| run.fleet().push(PUSH).is_some_and(|push| push.holds.len() > 1));
    run.advance(Period::from_secs(5));
    let held = of(&run, "held");
    assert!(held.len() == 1 && held[0].text.contains("fix forward"), "{:?}", run.calls());
}
