//! What is said of a push when it does not move: the reason itself, with its figures.

use jiff::tz::TimeZone;
use pushdeck::domain::command::{Command, Order};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::explain::{self, Explanation, Moment};
use pushdeck::domain::id::{CommandId, PushId};
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;
use super::watcher::LOOK;

const PUSH: PushId = PushId(Uuid::from_u128(5));

fn started(declaration: Declaration, faults: Faults) -> Stepped {
    let mut run = small::run(declaration, Profile { faults, ..Profile::default() }, SimulatedDriver::default());
    let releases = vec![("auth".into(), "v2".into())];
    let order = Order::start(run.fleet(), PUSH, releases).expect("a release that is known");
    run.command(Command { id: CommandId(Uuid::from_u128(1)), actor: "ana".into(), order });
    run
}

fn explained(run: &Stepped) -> Explanation {
    let moment = Moment { now: run.now(), zone: TimeZone::UTC };
    explain::push(run.fleet(), run.fleet().push(PUSH).expect("the push"), &moment)
}

#[test]
fn a_step_without_room_says_where_and_how_much_is_missing() {
    let mut declaration = small::declaration("5s");
    for service in &mut declaration.services {
        for deployment in service.deployments.iter_mut().filter(|deployment| deployment.environment.as_str() == "staging") {
            deployment.peak_rps = deployment.rps_per_instance * 3.0;
        }
    }
    let mut run = started(declaration, Faults::default());
    run.advance(Period::from_secs(5));
    let told = explained(&run);
    assert_eq!(
        told.why,
        "moving to 100 % in staging: 0 of 3 instances are on the new version and serve; auth in lab has no room: 3 serve, 3 are needed \
         at the peak and 0 kept in reserve"
    );
}

#[test]
fn the_first_seconds_say_what_is_awaited() {
    let mut run = started(small::declaration("5s"), Faults::default());
    run.advance(LOOK);
    let told = explained(&run);
    assert!(told.why.starts_with("moving to 100 % in staging: 0 of 3 instances"), "{told:#?}");
    assert!(
        told.next.starts_with("all instances arrive, then bake, then ") && told.next.ends_with("one box in production"),
        "{told:#?}"
    );
    assert!(told.back.contains("no user meets the new version"), "{told:#?}");
}

#[test]
fn a_clock_that_stands_still_says_for_want_of_what() {
    let fault = Fault::MetricsVanish { after: Period::from_secs(1) };
    let faults = Faults(vec![VersionFault {
        flag: None,
        service: "auth".into(),
        version: "v2".into(),
        environments: vec!["staging".into()],
        cells: Vec::new(),
        fault,
    }]);
    let mut run = started(small::declaration("5s"), faults);
    run.advance(Period::from_mins(1));
    let told = explained(&run);
    assert!(told.why.contains("clock stands still at 0 s of 2 s: no metrics from lab of staging"), "{told:#?}");
    assert_eq!(told.otherwise, "it stays at 100 % in staging until the numbers come back");
    assert_eq!(told.who, "whoever brings the numbers back");
}
