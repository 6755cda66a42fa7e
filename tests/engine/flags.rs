//! Flags: off first on the way back, and nothing waits for them.

use jiff::tz::TimeZone;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, FlagSight, Order, Outcome, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::explain::{self, Moment};
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::flag::Flag;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, PushId, Seq};
use pushdeck::domain::material::Material;
use pushdeck::domain::person::Actor;
use pushdeck::domain::prospect::{Mark, Prospect, Subject};
use pushdeck::domain::push::Course;
use pushdeck::domain::requirement;
use pushdeck::domain::rollback::{Manner, StepKind};
use pushdeck::domain::time::{ConsoleTime, Period};
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::effect::Input;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::step::step;
use pushdeck::evidence::series::Signals;
use pushdeck::plain;
use pushdeck::simulation::world::Profile;
use serde_json::{Value, json};
use uuid::Uuid;

use super::small;

const PUSH: PushId = PushId(Uuid::from_u128(79));

fn declared(propagates: Period) -> Declaration {
    let mut declaration = small::declaration("5s");
    declaration.flags.push(Flag {
        id: "reads".into(),
        service: "blob".into(),
        covers: "the new read path".to_owned(),
        propagates,
        tried: None,
    });
    let new =
        |release: &&mut pushdeck::domain::service::Release| release.service == "blob".into() && release.version == "v2".into();
    declaration.releases.iter_mut().filter(new).for_each(|release| release.flags.push("reads".into()));
    declaration
}

fn give(run: &mut Stepped, id: u128, by: &str, order: Order) -> Outcome {
    run.command(Command { id: CommandId(Uuid::from_u128(id)), actor: by.into(), order }).expect("an answer")
}

fn off(run: &mut Stepped, id: u128) {
    assert!(matches!(give(run, id, "omar", Order::FlagOff { flag: "reads".into(), reason: None }), Outcome::Accepted { .. }));
}

fn on(run: &Stepped) -> Order {
    Order::FlagOn { flag: "reads".into(), seen: Box::new(FlagSight::of(run.fleet(), &"reads".into()).expect("a flag")) }
}

fn why(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { why, .. } => why,
        other => panic!("a refusal was expected: {other:?}"),
    }
}

fn moment(run: &Stepped) -> Moment {
    Moment { now: run.now(), zone: TimeZone::UTC }
}

/// A push of the siblings with something on the new version.
fn pushed(propagates: Period) -> Stepped {
    let mut run = small::run(declared(propagates), Profile::default(), SimulatedDriver::default());
    let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let start = Order::start(run.fleet(), PUSH, releases).expect("releases that are known");
    assert!(matches!(give(&mut run, 1, "ana", start), Outcome::Accepted { .. }));
    for _ in 0..600 {
        if run.fleet().push(PUSH).expect("a push").cursor.arrived.is_some() {
            return run;
        }
        run.advance(Period::from_millis(500));
    }
    panic!("nothing arrived");
}

fn back(run: &mut Stepped) {
    let order = Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None };
    assert!(matches!(give(run, 2, "bob", order), Outcome::Accepted { .. }));
}

fn took(propagates: Period) -> Period {
    let mut run = pushed(propagates);
    let from = run.now();
    back(&mut run);
    for _ in 0..1_200 {
        if matches!(run.fleet().push(PUSH).expect("a push").course, Course::RolledBack { .. }) {
            return run.now() - from;
        }
        run.advance(Period::from_millis(500));
    }
    panic!("it is not back");
}

#[test]
fn a_way_back_begins_with_stop_and_flag_off_and_the_flag_stays_off() {
    let mut run = pushed(Period::from_secs(4));
    let plan = run.fleet().push(PUSH).and_then(|push| push.way_back.clone()).expect("a way back");
    let kinds: Vec<_> = plan.steps.iter().take(2).map(|step| step.kind.clone()).collect();
    assert_eq!(kinds, [StepKind::Stop, StepKind::FlagOff { flag: "reads".into() }]);
    back(&mut run);
    run.advance(Period::from_secs(300));
    let (flag, state) = run.fleet().flag(&"reads".into()).expect("a flag");
    let readers = run.fleet().readers(flag);
    assert!(!state.on && state.all.is_some());
    assert_eq!(state.seen, Some((readers, readers)));
}

#[test]
fn a_flag_that_does_not_arrive_delays_nothing() {
    assert_eq!(took(Period::from_secs(100_000)), took(Period::from_secs(1)));
}

#[test]
fn off_is_for_anybody_and_twice_off_is_off_once() {
    let mut run = pushed(Period::from_secs(4));
    for id in [3, 4] {
        let off = Order::FlagOff { flag: "reads".into(), reason: None };
        assert!(matches!(give(&mut run, id, "nobody", off), Outcome::Accepted { .. }));
    }
    run.advance(Period::from_secs(2));
    let (_, state) = run.fleet().flag(&"reads".into()).expect("a flag");
    assert!(!state.on && state.seen.is_some());
}

#[test]
fn on_again_is_for_those_who_answer_for_it_and_saw_how_it_stands() {
    let mut run = pushed(Period::from_secs(4));
    assert!(why(give(&mut run, 3, "bob", Order::FlagOff { flag: "rads".into(), reason: None })).contains("there is no flag rads"));
    off(&mut run, 4);
    let early = on(&run);
    run.advance(Period::from_secs(10));
    assert!(why(give(&mut run, 5, "bob", early)).contains("no longer as you saw it"), "it has arrived since");
    let order = on(&run);
    assert!(why(give(&mut run, 6, "cid", order.clone())).contains("anybody of oncall can switch reads on"));
    assert!(why(give(&mut run, 7, "nobody", order.clone())).contains("nobody has no role here"));
    assert!(matches!(give(&mut run, 8, "bob", order), Outcome::Accepted { .. }));
    let again = on(&run);
    assert!(matches!(give(&mut run, 9, "bob", again), Outcome::Superseded { .. }));
    run.advance(Period::from_secs(10));
    let (_, state) = run.fleet().flag(&"reads".into()).expect("a flag");
    assert!(
        state.on
            && state.all.is_some()
            && state.told_of(run.fleet().flag(&"reads".into()).expect("a flag").0, &moment(&run)).is_none()
    );
}

#[test]
fn what_goes_back_keeps_its_flag_off() {
    let mut run = pushed(Period::from_secs(4));
    back(&mut run);
    run.advance(Period::from_secs(1));
    let order = on(&run);
    assert!(why(give(&mut run, 3, "bob", order)).contains("is going back and keeps reads off; switch it on when it is back"));
}

#[test]
fn a_way_back_is_told_with_its_flag_first_and_a_switch_with_how_far_it_has_come() {
    let mut run = pushed(Period::from_secs(30));
    let told = |run: &Stepped| explain::push(run.fleet(), run.fleet().push(PUSH).expect("a push"), &moment(run)).back;
    assert!(told(&run).contains("r: flag reads off first, "), "{}", told(&run));
    off(&mut run, 3);
    run.advance(Period::from_secs(10));
    let (flag, state) = run.fleet().flag(&"reads".into()).expect("a flag");
    let (taken, of) = state.seen.expect("some have");
    assert!(0 < taken && taken < of && of == run.fleet().readers(flag), "{state:?}");
    let words = state.told_of(flag, &moment(&run)).expect("it is off");
    assert!(
        words.starts_with(&format!("flag reads goes OFF: {taken} of {of} instances have taken it; since "))
            && words.ends_with(", by omar")
    );
    assert!(plain::status_lines(run.fleet(), &moment(&run)).contains(&words));
    let all: Value = serde_json::from_str(&plain::status_json(run.fleet(), &moment(&run))).expect("JSON");
    let shown = &all["flags"][0];
    assert_eq!((&shown["wanted_on"], &shown["taken"], &shown["of"]), (&json!(false), &json!(taken), &json!(of)));
    assert_eq!((&shown["switched"]["by"]["name"], &all["pushes"][0]["flags"]), (&json!("omar"), &json!(["reads"])));
    run.advance(Period::from_secs(60));
    assert!(!told(&run).contains("flag"), "nothing is left to switch: {}", told(&run));
}

#[test]
fn before_a_push_it_is_said_when_its_flag_was_last_tried_and_loudly_that_it_never_was() {
    let mut run = small::run(declared(Period::from_secs(4)), Profile::default(), SimulatedDriver::default());
    let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let found = |run: &Stepped| {
        Prospect::of(run.fleet(), &releases, Actor::Person { name: "ana".into() }, run.now()).expect("it can be planned")
    };
    let check =
        |run: &Stepped| found(run).preflight.into_iter().find(|check| check.subject == Subject::FlagTried).expect("a check");
    assert_eq!(check(&run).mark, Mark::Unknown);
    assert!(check(&run).why.starts_with("reads was NEVER TRIED"), "{:?}", check(&run));
    let lines = |run: &Stepped| plain::plan_lines(run.fleet(), &Signals::default(), &found(run), &moment(run));
    assert!(
        lines(&run).contains("behind flag reads (the new read path), off first on the way back; NEVER TRIED"),
        "{}",
        lines(&run)
    );
    assert!(lines(&run).contains("back from there: flag reads off first, users safe after"), "{}", lines(&run));
    let all: Value =
        serde_json::from_str(&plain::plan_json(run.fleet(), &Signals::default(), &found(&run), &moment(&run))).expect("JSON");
    let blob = all["releases"].as_array().and_then(|all| all.iter().find(|one| one["service"] == "blob")).expect("blob");
    assert_eq!((&blob["flags"][0]["name"], &blob["flags"][0]["last_tried"]), (&json!("reads"), &Value::Null));
    assert_eq!(all["stages"][5]["back"]["flags_off_first"], json!(["reads"]));
    off(&mut run, 3);
    run.advance(Period::from_secs(10));
    assert_eq!((check(&run).mark, check(&run).why.starts_with("reads is OFF")), (Mark::Unmet, true));
    let order = on(&run);
    assert!(matches!(give(&mut run, 4, "bob", order), Outcome::Accepted { .. }));
    run.advance(Period::from_secs(10));
    assert_eq!(check(&run).mark, Mark::Met, "{:?}", check(&run));
    assert!(lines(&run).contains("last tried at 20:00"), "{}", lines(&run));
}

#[test]
fn a_flag_that_is_switched_is_another_sight_and_ends_what_was_approved() {
    let mut run = pushed(Period::from_secs(4));
    let material = |run: &Stepped| Material::of(run.fleet(), PUSH, run.now()).expect("the push");
    let seen = material(&run);
    off(&mut run, 3);
    let changed = seen.worsened(&material(&run));
    assert!(changed.iter().any(|change| change.field == "flag" && change.now == "reads not on everywhere"), "{changed:?}");
    run.advance(Period::from_secs(10));
    for _ in 0..600 {
        if requirement::approval_is_asked(run.fleet(), run.fleet().push(PUSH).expect("a push"), run.now()) {
            break;
        }
        run.advance(Period::from_millis(500));
    }
    let mut fleet = (**run.fleet()).clone();
    let sight = Box::new(Sight::of(&fleet, PUSH, run.now()).expect("a sight"));
    let wall = ConsoleTime::from_millis(run.now().millis());
    let give = |fleet: &Fleet, id: u128, order: Order| {
        let command = Command { id: CommandId(Uuid::from_u128(id)), actor: "bob".into(), order };
        step(fleet, Input::Command(Box::new(command)), run.now(), wall)
    };
    // Alone: without the step that would follow at once.
    let approved = give(&fleet, 5, Order::Approve { push: PUSH, sight });
    let yes = approved.changes.iter().filter(|change| !matches!(change.fact, Fact::StageEntered { .. }));
    let yes = yes.take_while(|change| matches!(change.fact, Fact::Approved { .. } | Fact::Commanded { .. }));
    yes.for_each(|change| fleet.apply(change));
    assert_eq!(fleet.push(PUSH).expect("a push").approvals.len(), 1);
    let seen = Box::new(FlagSight::of(&fleet, &"reads".into()).expect("a flag"));
    let on = give(&fleet, 6, Order::FlagOn { flag: "reads".into(), seen });
    let lost =
        |change: &Change| matches!(&change.fact, Fact::ApprovalsSuperseded { why, .. } if why.contains("switched flag reads on"));
    assert!(on.changes.iter().any(lost), "{:?}", on.changes);
}

#[test]
fn nothing_is_switched_on_unseen() {
    let mut run = pushed(Period::from_secs(4));
    off(&mut run, 3);
    run.advance(Period::from_secs(10));
    let mut fleet = (**run.fleet()).clone();
    let lost = FeedState::Lost { since: run.now(), why: "silence".to_owned() };
    let seq = Seq(fleet.seq().0 + 1);
    fleet.apply(&Change { seq, at: run.now(), fact: Fact::FeedChanged { feed: Feed::Metrics, state: lost } });
    let seen = Box::new(FlagSight::of(&fleet, &"reads".into()).expect("a flag"));
    let command =
        Command { id: CommandId(Uuid::from_u128(4)), actor: "bob".into(), order: Order::FlagOn { flag: "reads".into(), seen } };
    let taken = step(&fleet, Input::Command(Box::new(command)), run.now(), ConsoleTime::from_millis(run.now().millis()));
    assert!(!taken.changes.iter().any(|change| matches!(change.fact, Fact::FlagSwitched { .. })), "{:?}", taken.changes);
}

#[test]
fn what_a_push_took_the_place_of_stands_behind_its_flag_as_well() {
    let run = pushed(Period::from_secs(4));
    let mut push = run.fleet().push(PUSH).expect("a push").clone();
    let part = push.plan.moves.iter_mut().find(|part| part.service.as_str() == "blob").expect("its part");
    part.replaced.push(part.to.version.clone());
    (part.to.version, part.to.flags) = ("v2.1".into(), Vec::new());
    assert_eq!(run.fleet().flags_of(&push).len(), 1);
}
