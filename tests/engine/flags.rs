//! Flags: off first on the way back, and nothing waits for them.

use pushdeck::domain::command::{Command, Order, Outcome};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::flag::Flag;
use pushdeck::domain::id::{CommandId, PushId};
use pushdeck::domain::push::Course;
use pushdeck::domain::rollback::{Manner, StepKind};
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::simulation::world::Profile;
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
