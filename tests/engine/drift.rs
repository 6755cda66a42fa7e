//! What somebody changes behind the engine's back is brought back to its target.

use pushdeck::domain::id::{EnvironmentId, InstanceId, PlacementId};
use pushdeck::domain::placement::{Operation, OperationId, Task};
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;

use super::small;
use super::watcher::until;

fn blob(index: u32) -> InstanceId {
    let place = PlacementId::new("blob".into(), EnvironmentId::new("production"));
    InstanceId { placement: place, cell: "ap".into(), index }
}

fn by_hand(run: &mut Stepped, index: u32, task: Task) {
    let operation = Operation { id: OperationId(u64::MAX - u64::from(index)), instance: blob(index), task };
    run.simulation().order(operation).expect("an instance that is there");
}

#[test]
fn an_instance_changed_behind_the_engines_back_is_converged_again() {
    let mut run = small::run(small::declaration("5s"), pushdeck::simulation::world::Profile::default(), SimulatedDriver::default());
    let status_of = |fleet: &pushdeck::domain::fleet::Fleet, now| {
        status::of_placement(fleet, fleet.placement_by_id(&blob(0).placement).expect("blob"), now)
    };
    assert_eq!(status_of(run.fleet(), run.now()), Status::Converged);
    by_hand(&mut run, 3, Task::Install { version: "v2".into() });
    by_hand(&mut run, 4, Task::Drain);
    let noticed =
        until(&mut run, Period::from_secs(20), "the drift is seen", |fleet, now| status_of(fleet, now) == Status::Converging);
    let mended =
        until(&mut run, Period::from_secs(40), "the drift is mended", |fleet, now| status_of(fleet, now) == Status::Converged);
    println!("drift seen after {noticed}, mended {mended} later");
    let fleet = run.fleet();
    for index in [3, 4] {
        assert!(fleet.instance(&blob(index)).is_some_and(|instance| instance.is_settled_on(&"v1".into())));
    }
}
