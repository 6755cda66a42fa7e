//! The blast radius held against the simulation's own count, request by request, of who met the new version.

use pushdeck::domain::command::{Command, Order};
use pushdeck::domain::exposure::{self, USERS_WINDOW};
use pushdeck::domain::id::{CommandId, EnvironmentId, GroupId, PushId};
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::simulation::census::Question;
use pushdeck::simulation::world::Profile;

use super::small;
use super::watcher::{push_of, until};

/// Takes a group to a share of production, and compares what is said of it with what is counted over ten minutes.
fn compare(group: &str, services: &[&str], stage: &str) {
    let mut declaration = small::declaration("20m");
    // Nobody is asked: this is about who meets what.
    for plan in declaration.plans.values_mut() {
        plan.legs.iter_mut().flat_map(|leg| &mut leg.stages).for_each(|stage| stage.approval = None);
        let production = plan.legs.last_mut().expect("production");
        production.stages.retain(|known| known.name == stage);
    }
    let mut run = small::run(declaration, Profile::default(), SimulatedDriver::default());
    let releases = services.iter().map(|service| ((*service).into(), "v2".into())).collect();
    let order = Order::start(run.fleet(), PushId(uuid::Uuid::from_u128(9)), releases).expect("releases that are known");
    run.command(Command { id: CommandId(uuid::Uuid::from_u128(1)), actor: "ana".into(), order });
    let group = GroupId::new(group);
    until(&mut run, Period::from_mins(5), "the stage is reached", |fleet, _| {
        push_of(fleet, &group).is_some_and(|push| {
            push.cursor.arrived.is_some() && push.stage().is_some_and(|at| at.environment.as_str() == "production")
        })
    });
    // Its numbers of the traffic are smoothed over some ticks.
    run.advance(Period::from_secs(20));
    let versions = services.iter().map(|service| ((*service).into(), "v2".into())).collect();
    run.simulation().begin_census(Question { environment: EnvironmentId::new("production"), group: group.clone(), versions });
    let began = run.now();
    run.advance(USERS_WINDOW);
    let counted = run.simulation().census().expect("a census");
    let said = exposure::now(run.fleet(), &push_of(run.fleet(), &group).expect("a push")).expect("an exposure");
    let seconds = (run.now() - began).secs_f64();
    let off = |said: f64, counted: f64| (said / counted - 1.0) * 100.0;
    let rps = off(said.rps, counted.requests_met as f64 / seconds);
    let share = off(said.share.as_f64(), counted.requests_met as f64 / counted.requests as f64);
    let users = off(said.users as f64, counted.users_met as f64);
    println!("{group} at {stage}: requests {rps:+.1} %, share {share:+.1} %, users {users:+.1} %: {said:?} {counted:?}");
    for (what, off) in [("requests", rps), ("share", share), ("users", users)] {
        assert!(off.abs() <= 5.0, "{what} of {group} at {stage}: {off:+.1} %");
    }
}

#[test]
fn of_one_service() {
    compare("auth", &["auth"], "10 %");
}

#[test]
fn of_three_siblings() {
    compare("storage", &["index", "blob", "gateway"], "10 %");
}

#[test]
fn of_three_siblings_in_their_first_share() {
    compare("storage", &["index", "blob", "gateway"], "1 %");
}

#[test]
fn of_one_sibling_alone() {
    compare("storage", &["blob"], "33 %");
}
