//! Releases that were not tested together: no push of them begins.

use pushdeck::domain::command::{Command, Order, Outcome};
use pushdeck::domain::id::{CommandId, PushId, ServiceId, Version};
use pushdeck::domain::person::Actor;
use pushdeck::domain::prospect::{Clash, Prospect};
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;

const PUSH: PushId = PushId(Uuid::from_u128(77));

/// A fleet whose gateway v2 was tested beside index v2 only.
fn run() -> Stepped {
    let mut declaration = small::declaration("10s");
    let is_new = |of: &str, version: &str| of == "gateway" && version == "v2";
    let mut new = declaration.releases.iter_mut().filter(|release| is_new(release.service.as_str(), release.version.as_str()));
    new.next().expect("a release").works_with.insert("index".into(), vec!["v2".into()]);
    drop(new);
    small::run(declaration, Profile::default(), SimulatedDriver::default())
}

fn releases(names: &[&str]) -> Vec<(ServiceId, Version)> {
    names.iter().map(|name| ((*name).into(), "v2".into())).collect()
}

fn start(run: &mut Stepped, names: &[&str]) -> Outcome {
    let order = Order::start(run.fleet(), PUSH, releases(names)).expect("releases that are known");
    run.command(Command { id: CommandId(Uuid::from_u128(1)), actor: "ana".into(), order }).expect("an answer")
}

const WHY: &str = "gateway v2 was tested beside index v2, not v1, and index runs v1 in production; name index@v2 as well";

#[test]
fn a_start_of_what_was_not_tested_beside_what_stays_is_refused_and_says_what_would_work() {
    let mut run = run();
    match start(&mut run, &["gateway"]) {
        Outcome::Refused { why, .. } => assert_eq!(why, WHY),
        other => panic!("not refused: {other:?}"),
    }
    assert!(run.fleet().push(PUSH).is_none());
}

#[test]
fn with_what_it_was_tested_beside_it_begins() {
    let mut run = run();
    assert!(matches!(start(&mut run, &["index", "gateway"]), Outcome::Accepted { .. }));
}

#[test]
fn whoever_looks_ahead_is_told_beforehand() {
    let run = run();
    let by = Actor::Person { name: "ana".into() };
    let found = Prospect::of(run.fleet(), &releases(&["gateway"]), by, run.now()).expect("a plan");
    assert_eq!(found.refused.as_deref(), Some(WHY));
    assert!(matches!(found.clashes.first(), Some(Clash::Misfit(ruled_out)) if ruled_out.words() == WHY), "{:?}", found.clashes);
}
