//! Room for a step: over the environment, in a cell, in smaller batches, waived, and never for a rollback.

use pushdeck::domain::capacity::Margin;
use pushdeck::domain::command::{Order, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::placement::{Instance, Placement};
use pushdeck::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::status::Status;
use pushdeck::domain::time::Period;
use pushdeck::engine::run::stepped::Stepped;

use super::people::{BEFORE, FIRST, PUSH, SECOND, approve, command, declaration, exposed, started, wait};
use super::watcher::LOOK;

fn capacity(run: &Stepped) -> Requirement {
    let push = run.fleet().push(PUSH).expect("the push");
    let all = requirement::of_gate(run.fleet(), push, run.now());
    all.into_iter().find(|found| found.kind == RequirementKind::Capacity).expect("capacity is required")
}

/// In production `service` needs so many of its instances at the peak.
fn needing(service: &str, needed: u32) -> Declaration {
    let mut declaration = declaration(1);
    let of_service = declaration.services.iter_mut().filter(|known| known.id.as_str() == service);
    for deployment in of_service.flat_map(|known| &mut known.deployments).filter(|place| place.environment.as_str() == "production")
    {
        deployment.rps_per_instance = deployment.peak_rps / f64::from(needed);
    }
    declaration
}

fn blob(run: &Stepped) -> Placement {
    run.fleet().placement(&"blob".into(), &"production".into()).expect("blob").clone()
}

/// The least that served, and the most that was taken at once, while time passes.
fn watch(run: &mut Stepped, period: Period) -> (u32, u32) {
    let (mut least, mut most, end) = (u32::MAX, 0, run.now() + period);
    while run.now() < end {
        run.advance(LOOK);
        let blob = blob(run);
        least = least.min(blob.instances().filter(|(_, _, instance)| instance.can_be_counted_on()).count() as u32);
        most = most.max(blob.instances().filter(|(_, _, instance)| instance.in_flight.is_some()).count() as u32);
    }
    (least, most)
}

#[test]
fn where_there_is_room_it_says_how_much() {
    let mut run = started(declaration(1));
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    let found = capacity(&run);
    assert_eq!(found.state, RequirementState::Met);
    assert!(found.why.contains("ready; the peak needs") && found.why.ends_with("spare"), "{found:?}");
}

/// Blob has 100 instances, 40 of them in its largest cell; of 57 needed that leaves 3.
#[test]
fn a_step_goes_in_batches_as_small_as_fit() {
    let mut run = exposed(needing("blob", 57));
    wait(&mut run, |push, _| push.cursor.arrived.is_some());
    let found = capacity(&run);
    assert_eq!(found.state, RequirementState::Met);
    assert_eq!(found.why, "blob: batches of 3 instead of 7 keep 97 ready; the peak needs 57, reserve 40: 0 spare");
    wait(&mut run, |push, _| push.cursor.stage == Some(3));
    let (least, most) = watch(&mut run, Period::from_secs(40));
    assert_eq!((least, most), (97, 3));
}

#[test]
fn where_not_one_fits_it_waits_until_the_reserve_is_waived() {
    let mut run = started(needing("blob", 60));
    wait(&mut run, |_, status| status == Status::WaitingRequirements);
    let found = capacity(&run);
    assert_eq!(found.state, RequirementState::Unmet);
    assert_eq!(found.why, "blob: 100 are ready; the peak needs 60, reserve 40: not one can be taken");
    assert!(found.who.contains("somebody of oncall can waive the reserve"), "{found:?}");
    let sight = Box::new(Sight::of(run.fleet(), PUSH, run.now()).expect("a push"));
    let requirement = RequirementKind::Capacity;
    let reason = "eu is not at its peak for hours".to_owned();
    let order = Order::Waive { push: PUSH, sight, requirement, reason, lasts: Period::from_mins(30) };
    command(&mut run, FIRST, order, 102);
    assert_eq!(capacity(&run).state, RequirementState::Waived);
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    approve(&mut run, BEFORE, 103);
    let (least, most) = watch(&mut run, Period::from_secs(20));
    assert_eq!((least, most), (99, 1), "one at a time");
    wait(&mut run, |push, _| push.cursor.arrived.is_some());
    // The step after asks anew.
    assert_eq!(capacity(&run).state, RequirementState::Unmet);
    assert!(run.fleet().push(PUSH).expect("the push").skipped.iter().any(|skipped| skipped.by.as_str() == FIRST));
}

#[test]
fn a_way_back_is_never_refused() {
    let mut run = exposed(needing("blob", 57));
    wait(&mut run, |push, _| push.cursor.stage == Some(3) && push.cursor.arrived.is_some());
    let margin = Margin::of(run.fleet(), &blob(&run)).expect("it counts here");
    assert_eq!((margin.needed, margin.reserve), (57, 40));
    command(&mut run, SECOND, Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None }, 104);
    let (least, _) = watch(&mut run, Period::from_secs(15));
    assert!(least < 97, "it takes more than a step forward may: {least}");
    wait(&mut run, |_, status| status == Status::RolledBack);
    assert!(blob(&run).instances().all(|(_, _, instance)| Instance::serves(instance)));
}
