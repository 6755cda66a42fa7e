//! What somebody changes behind the engine's back is named, and brought back to its target, or left to a person where the spec says so.

use jiff::tz::TimeZone;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, Order, Outcome, Retried, Sight};
use pushdeck::domain::decision::{self, DecisionKind};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::drift::{self, DriftRule};
use pushdeck::domain::explain::{self, Moment};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CellId, CommandId, EnvironmentId, InstanceId, PlacementId, PushId};
use pushdeck::domain::placement::{Operation, OperationId, Placement, Task};
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;
use super::watcher::until;

fn blob(index: u32) -> InstanceId {
    let place = PlacementId::new("blob".into(), EnvironmentId::new("production"));
    InstanceId { placement: place, cell: "ap".into(), index }
}

fn by_hand(run: &mut Stepped, instance: InstanceId, version: Option<&str>) {
    let task = version.map_or(Task::Drain, |version| Task::Install { version: version.into() });
    let id = OperationId(u64::MAX - run.now().millis() as u64 % 1_000_000 * 1_000 - u64::from(instance.index));
    run.simulation().order(Operation { id, instance, task }).expect("an instance that is there");
}

fn declared(rule: DriftRule) -> Declaration {
    let mut declaration = small::declaration("5s");
    declaration.environments[1].drift = rule;
    declaration
}

fn begin(rule: DriftRule) -> Stepped {
    small::run(declared(rule), Profile::default(), SimulatedDriver::default())
}

fn placement(fleet: &Fleet) -> &Placement {
    fleet.placement_by_id(&blob(0).placement).expect("blob")
}

fn status_of(fleet: &Fleet, now: EngineTime) -> Status {
    status::of_placement(fleet, placement(fleet), now)
}

fn told(run: &Stepped) -> String {
    drift::told(placement(run.fleet()), &drift::of(placement(run.fleet()), run.now()))
}

fn ask(run: &mut Stepped, by: &str, order: Order) -> Outcome {
    let id = CommandId(Uuid::from_u128(run.fleet().seq().0.into()));
    run.command(Command { id, actor: by.into(), order }).expect("an answer")
}

fn bring_back(run: &mut Stepped, by: &str) -> Outcome {
    ask(run, by, Order::Retry { what: Retried::Placement { placement: blob(0).placement } })
}

fn refusal(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { why, .. } => why,
        other => panic!("not refused: {other:?}"),
    }
}

/// Starts a push of the storage group to v2, and approves it as soon as it asks, until it has arrived at a stage: `10 % in production`.
fn push_to(run: &mut Stepped, stage: &str) -> PushId {
    let id = PushId(Uuid::from_u128(9));
    let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let order = Order::start(run.fleet(), id, releases).expect("known releases");
    assert!(matches!(ask(run, "ana", order), Outcome::Accepted { .. }));
    for _ in 0..600 {
        let push = push(run, id);
        if push.cursor.arrived.is_some() && push.stage().is_some_and(|at| format!("{} in {}", at.name, at.environment) == stage) {
            return id;
        }
        if pushdeck::domain::requirement::approval_is_asked(run.fleet(), &push, run.now()) {
            let sight = Box::new(Sight::of(run.fleet(), id, run.now()).expect("a sight"));
            ask(run, "bob", Order::Approve { push: id, sight });
        }
        run.advance(Period::from_millis(500));
    }
    panic!("it never arrived at {stage}: {:?}", push(run, id).cursor);
}

fn push(run: &Stepped, id: PushId) -> Push {
    run.fleet().push(id).expect("the push").clone()
}

fn resume(run: &mut Stepped, id: PushId) -> Outcome {
    let sight = Box::new(Sight::of(run.fleet(), id, run.now()).expect("a sight"));
    ask(run, "bob", Order::Resume { push: id, sight })
}

fn tasks_on(changes: &[Change], instances: &[InstanceId]) -> usize {
    let operations = changes.iter().filter_map(|change| match &change.fact {
        Fact::Issued { operations, .. } => Some(operations),
        _ => None,
    });
    operations.flatten().filter(|operation| instances.contains(&operation.instance)).count()
}

/// The fold of everything that happened is the same fleet.
fn survives_replay(run: &mut Stepped, changes: &[Change]) {
    let mut again = Fleet::default();
    for change in changes {
        let written = serde_json::to_string(change).expect("written");
        again.apply(&serde_json::from_str(&written).expect("read"));
    }
    assert!(again.placements().eq(run.fleet().placements()));
    let holds = |fleet: &Fleet| fleet.pushes().map(|push| push.holds.clone()).collect::<Vec<_>>();
    assert_eq!(holds(&again), holds(run.fleet()));
}

#[test]
fn where_drift_is_corrected_it_is_named_and_put_right() {
    let mut run = begin(DriftRule::Correct);
    assert_eq!(status_of(run.fleet(), run.now()), Status::Converged);
    by_hand(&mut run, blob(3), Some("v2"));
    by_hand(&mut run, blob(4), None);
    until(&mut run, Period::from_secs(20), "the drift is seen", |fleet, now| status_of(fleet, now) == Status::Converging);
    until(&mut run, Period::from_secs(40), "the drift is mended", |fleet, now| status_of(fleet, now) == Status::Converged);
    for index in [3, 4] {
        assert!(run.fleet().instance(&blob(index)).is_some_and(|instance| instance.is_settled_on(&"v1".into())));
    }
    let changes = run.drain().changes;
    let mut named: Vec<_> = changes
        .iter()
        .filter_map(|change| if let Fact::Drifted { strays, .. } = &change.fact { Some(strays) } else { None })
        .flatten()
        .map(|stray| (stray.index, stray.from.to_string(), stray.to.to_string(), stray.out))
        .collect();
    named.sort();
    assert_eq!(named, [(3, "v1".to_owned(), "v2".to_owned(), false), (4, "v1".to_owned(), "v1".to_owned(), true)]);
    survives_replay(&mut run, &changes);
}

#[test]
fn where_drift_is_held_it_is_shown_and_left_alone_until_a_person_says_so() {
    let mut run = begin(DriftRule::Hold);
    assert!(refusal(bring_back(&mut run, "ana")).contains("nothing in blob@production was changed by hand"));
    by_hand(&mut run, blob(3), Some("v0"));
    by_hand(&mut run, blob(4), Some("v0"));
    by_hand(&mut run, blob(9), None);
    until(&mut run, Period::from_secs(20), "both are seen", |fleet, now| {
        drift::held(fleet, placement(fleet), now).len() == 3 && status_of(fleet, now) == Status::Held
    });
    run.advance(Period::from_mins(10));
    assert_eq!(told(&run), "blob 3 and 4 in ap, v1 → v0; blob 9 in ap, out of the balancer");
    let moment = Moment { now: run.now(), zone: TimeZone::UTC };
    let why = explain::placement(run.fleet(), placement(run.fleet()), &moment);
    assert!(why.why.contains("changed by hand since 20:00:1") && why.why.contains("blob 3 and 4 in ap, v1 → v0"), "{why:#?}");
    assert!(why.next.contains("retry") && why.who == "anybody of oncall", "{why:#?}");
    let due = decision::all(run.fleet(), &moment);
    let [waits] = due.as_slice() else { panic!("one decision: {due:#?}") };
    assert_eq!((waits.kind, waits.push, waits.name.as_str()), (DecisionKind::Drift, None, "blob@production"));
    assert_eq!(waits.words, format!("changed by hand: {}", told(&run)));
    assert!(waits.is_due(run.now()) && waits.who == "oncall" && waits.otherwise.contains("they stay as they are"), "{waits:#?}");
    let may = |name: &str| decision::may_decide(run.fleet(), waits, &name.into());
    assert!(may("bob") && !may("cid"));
    assert!(refusal(bring_back(&mut run, "cid")).ends_with("somebody of oncall can do this"));
    assert!(matches!(bring_back(&mut run, "bob"), Outcome::Accepted { .. }));
    assert_eq!(decision::all(run.fleet(), &moment), [], "nobody is asked twice");
    until(&mut run, Period::from_secs(40), "it is put right", |fleet, now| status_of(fleet, now) == Status::Converged);
    let changes = run.drain().changes;
    let asked = changes.iter().position(|change| matches!(change.fact, Fact::DriftReleased { .. })).expect("released");
    assert_eq!(tasks_on(&changes[..asked], &[blob(3), blob(4), blob(9)]), 0, "nobody touched them before");
    survives_replay(&mut run, &changes);
}

#[test]
fn what_a_hand_puts_back_is_over() {
    let mut run = begin(DriftRule::Hold);
    by_hand(&mut run, blob(3), Some("v0"));
    until(&mut run, Period::from_secs(20), "it is seen", |fleet, now| status_of(fleet, now) == Status::Held);
    by_hand(&mut run, blob(3), Some("v1"));
    until(&mut run, Period::from_secs(20), "it is over", |fleet, now| status_of(fleet, now) == Status::Converged);
    assert_eq!(told(&run), "");
    assert_eq!(tasks_on(&run.drain().changes, &[blob(3)]), 0);
}

#[test]
fn a_restart_by_hand_is_no_drift() {
    let mut run = begin(DriftRule::Hold);
    by_hand(&mut run, blob(3), None);
    run.advance(Period::from_millis(500));
    by_hand(&mut run, blob(3), Some("v1"));
    run.advance(Period::from_secs(20));
    assert_eq!(status_of(run.fleet(), run.now()), Status::Converged);
    assert!(!run.drain().changes.iter().any(|change| matches!(change.fact, Fact::Drifted { .. })));
}

#[test]
fn a_push_that_moves_the_placement_is_held_by_the_rule_and_goes_on_when_it_was_brought_back() {
    let mut run = begin(DriftRule::Hold);
    let id = push_to(&mut run, "10 % in production");
    by_hand(&mut run, blob(20), Some("v0"));
    until(&mut run, Period::from_secs(20), "it is held", |fleet, _| fleet.push(id).is_some_and(|push| push.holds.len() == 1));
    let held = push(&run, id);
    assert!(drift::is_by_rule(&held.holds[0]), "{:?}", held.holds);
    assert_eq!(held.holds[0].reason.as_deref(), Some("changed by hand: blob 20 in ap, v1 → v0"));
    let moment = Moment { now: run.now(), zone: TimeZone::UTC };
    let why = explain::push(run.fleet(), &held, &moment);
    assert!(why.why.starts_with("held by the rule drift = \"hold\" since 20:0"), "{why:#?}");
    assert!(why.why.ends_with("blob 20 in ap, v1 → v0") && why.next.contains("retry") && !why.who.is_empty(), "{why:#?}");
    let refused = refusal(resume(&mut run, id));
    assert!(refused.contains("blob 20 in ap, v1 → v0") && refused.ends_with("then u resumes"), "{refused}");
    run.advance(Period::from_mins(1));
    assert_eq!(push(&run, id).stage(), held.stage(), "it stays where it is");
    assert!(matches!(bring_back(&mut run, "ana"), Outcome::Accepted { .. }));
    assert!(matches!(resume(&mut run, id), Outcome::Accepted { .. }));
    until(&mut run, Period::from_mins(2), "it goes on", |fleet, _| {
        fleet.push(id).and_then(Push::stage).is_some_and(|stage| stage.name == "33 %")
    });
    let changes = run.drain().changes;
    survives_replay(&mut run, &changes);
}

#[test]
fn drift_elsewhere_lets_a_push_go_on_until_it_would_come_there() {
    let mut run = begin(DriftRule::Hold);
    by_hand(&mut run, blob(20), Some("v0"));
    run.advance(Period::from_secs(10));
    let id = push_to(&mut run, "100 % in staging");
    assert!(push(&run, id).holds.is_empty());
    assert_eq!(status_of(run.fleet(), run.now()), Status::Held, "what a hand did is not hidden behind the push");
    for _ in 0..60 {
        if pushdeck::domain::requirement::approval_is_asked(run.fleet(), &push(&run, id), run.now()) {
            let sight = Box::new(Sight::of(run.fleet(), id, run.now()).expect("a sight"));
            ask(&mut run, "bob", Order::Approve { push: id, sight });
        }
        run.advance(Period::from_millis(500));
    }
    let waits = push(&run, id);
    assert!(waits.stage().is_some_and(|stage| stage.environment.as_str() == "staging"), "{waits:#?}");
    let gate = pushdeck::domain::requirement::of_gate(run.fleet(), &waits, run.now());
    let siblings = gate.iter().find(|found| found.kind.word() == "siblings").expect("siblings are asked for");
    assert_eq!(siblings.state, pushdeck::domain::requirement::RequirementState::Unmet);
    assert!(siblings.why.contains("blob 20 in ap, v1 → v0"), "{siblings:?}");
    assert!(matches!(bring_back(&mut run, "ana"), Outcome::Accepted { .. }));
    until(&mut run, Period::from_mins(1), "it may go on", |fleet, now| {
        let gate = pushdeck::domain::requirement::of_gate(fleet, fleet.push(id).expect("the push"), now);
        gate.iter().all(|found| found.kind.word() != "siblings" || found.state.lets_pass())
    });
}

#[test]
fn a_granted_place_that_a_hand_took_back_is_missed_and_nobody_moves_up_in_its_stead() {
    for rule in [DriftRule::Hold, DriftRule::Correct] {
        let mut run = begin(rule);
        let id = push_to(&mut run, "33 % in production");
        let on_new = |run: &Stepped| placement(run.fleet()).count_in(&CellId::new("ap"), &"v2".into());
        let (granted, went) = (on_new(&run), blob(2));
        let (old, new) = ("v1".into(), "v2".into());
        assert!(run.fleet().instance(&went).is_some_and(|instance| instance.is_settled_on(&new)), "one of those that were moved");
        run.drain();
        by_hand(&mut run, went.clone(), Some("v1"));
        match rule {
            DriftRule::Hold => {
                until(&mut run, Period::from_secs(20), "it is held", |fleet, _| {
                    fleet.push(id).is_some_and(|push| !push.holds.is_empty())
                });
                run.advance(Period::from_secs(30));
                assert_eq!((told(&run).as_str(), on_new(&run)), ("blob 2 in ap, v2 → v1", granted - 1));
                assert!(matches!(bring_back(&mut run, "ana"), Outcome::Accepted { .. }));
                run.advance(Period::from_secs(10));
                assert_eq!(on_new(&run), granted - 1, "a held push exposes nobody, were it again");
                assert!(matches!(resume(&mut run, id), Outcome::Accepted { .. }));
            }
            DriftRule::Correct => {
                until(&mut run, Period::from_secs(20), "it is seen", |fleet, _| {
                    fleet.instance(&blob(2)).is_some_and(|instance| instance.version == old)
                });
            }
        }
        until(&mut run, Period::from_secs(30), "it is back in its place", |fleet, _| {
            fleet.instance(&blob(2)).is_some_and(|instance| instance.is_settled_on(&new))
        });
        assert_eq!(on_new(&run), granted, "{rule:?}");
    }
}

#[test]
fn a_new_version_beyond_the_grant_is_drift_and_those_granted_stay() {
    let mut run = begin(DriftRule::Correct);
    let id = push_to(&mut run, "one box in production");
    let granted = push(&run, id).stage().map_or(0, |stage| stage.grant(&"blob".into(), &"ap".into()));
    let first: Vec<u32> =
        placement(run.fleet()).instances().filter(|(.., one)| one.version.as_str() == "v2").map(|(_, at, _)| at).collect();
    assert_eq!((granted, first.len()), (1, 1));
    run.drain();
    by_hand(&mut run, blob(25), Some("v2"));
    until(&mut run, Period::from_secs(20), "it is put right", |fleet, _| {
        fleet.instance(&blob(25)).is_some_and(|instance| instance.in_flight.is_some())
    });
    until(&mut run, Period::from_secs(20), "it is put right", |fleet, _| {
        fleet.instance(&blob(25)).is_some_and(|instance| instance.is_settled_on(&"v1".into()))
    });
    assert_eq!(tasks_on(&run.drain().changes, &[blob(first[0])]), 0, "the granted one is left alone");
}

#[test]
fn a_rollback_puts_right_whatever_it_finds_in_its_way() {
    let mut run = begin(DriftRule::Hold);
    let id = push_to(&mut run, "10 % in production");
    by_hand(&mut run, blob(20), Some("v0"));
    by_hand(&mut run, blob(21), None);
    until(&mut run, Period::from_secs(20), "it is held", |fleet, _| fleet.push(id).is_some_and(|push| !push.holds.is_empty()));
    run.advance(Period::from_secs(10));
    ask(&mut run, "bob", Order::RollBack { push: id, manner: Manner::Ordered, reason: None });
    assert!(refusal(bring_back(&mut run, "ana")).contains("is going back and puts right whatever it finds"));
    until(&mut run, Period::from_mins(3), "it is back", |fleet, _| {
        fleet.push(id).is_some_and(|push| matches!(push.course, Course::RolledBack { .. }))
    });
    for (cell, index, instance) in placement(run.fleet()).instances() {
        assert!(instance.is_settled_on(&"v1".into()), "{cell} {index}: {instance:?}");
    }
    assert_eq!(told(&run), "");
}

#[test]
fn at_100_percent_the_old_version_by_hand_is_drift_and_after_it_too() {
    let mut run = begin(DriftRule::Hold);
    let id = push_to(&mut run, "100 % in production");
    by_hand(&mut run, blob(5), Some("v1"));
    until(&mut run, Period::from_secs(20), "it is held", |fleet, _| fleet.push(id).is_some_and(|push| !push.holds.is_empty()));
    assert_eq!(told(&run), "blob 5 in ap, v2 → v1");
    assert!(matches!(bring_back(&mut run, "ana"), Outcome::Accepted { .. }));
    assert!(matches!(resume(&mut run, id), Outcome::Accepted { .. }));
    until(&mut run, Period::from_mins(2), "it is through", |fleet, _| {
        fleet.push(id).is_some_and(|push| matches!(push.course, Course::Converged { .. }))
    });
    by_hand(&mut run, blob(6), Some("v1"));
    until(&mut run, Period::from_secs(20), "it is seen", |fleet, now| status_of(fleet, now) == Status::Held);
    let moment = Moment { now: run.now(), zone: TimeZone::UTC };
    let over = explain::push(run.fleet(), &push(&run, id), &moment);
    assert!(over.why.contains("blob 6 in ap, v2 → v1") && !over.next.is_empty() && !over.who.is_empty(), "{over:#?}");
}
