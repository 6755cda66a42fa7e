//! The account of a push that is over: what it cost, and how long it took to see, to decide and to recover.

use jiff::tz::TimeZone;
use pushdeck::domain::card::{Card, Ending, SignOf, burned};
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::Order;
use pushdeck::domain::explain::Moment;
use pushdeck::domain::id::EnvironmentId;
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::review::Review;
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::status::Status;
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::plain;
use pushdeck::simulation::world::Profile;

use super::people::{BEFORE, FIRST, PUSH, REQUESTER, approve, command, declaration, exposed, started, wait};
use super::small;

fn push(run: &Stepped) -> &Push {
    run.fleet().push(PUSH).expect("the push")
}

fn card(run: &Stepped) -> Card {
    Card::of(run.fleet(), push(run)).expect("a push that is over")
}

fn faulty(fault: Fault) -> Stepped {
    let of_blob = VersionFault {
        service: "blob".into(),
        version: "v2".into(),
        environments: vec!["production".into()],
        cells: Vec::new(),
        flag: None,
        fault,
    };
    let profile = Profile { faults: Faults(vec![of_blob]), ..Profile::default() };
    let mut run = small::run(declaration(1), profile, SimulatedDriver::default());
    let order = Order::start(run.fleet(), PUSH, ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec());
    command(&mut run, REQUESTER, order.expect("releases that are known"), 100);
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    approve(&mut run, BEFORE, 101);
    run
}

#[test]
fn what_went_back_for_its_errors_was_seen_after_its_limits_duration_and_decided_at_once() {
    let mut run = faulty(Fault::Errors { times: 40.0, above_share: 0.0 });
    wait(&mut run, |push, _| matches!(push.course, Course::RolledBack { .. }));
    let card = card(&run);
    let back = card.back.as_ref().expect("a way back");
    let sign = back.sign.as_ref().expect("a sign");
    assert!(matches!(&sign.of, SignOf::Limit { slice } if slice.service.as_str() == "blob"), "{sign:?}");
    let detect = back.detect.expect("a time");
    assert!(detect >= Period::from_secs(5) && detect < Period::from_secs(12), "{detect}: the limit has to be crossed for 5 s");
    assert_eq!((back.decide, back.by.as_deref()), (Some(Period::ZERO), None), "{back:?}");
    assert!(back.users_safe.is_some_and(|safe| safe <= back.all_back) && !back.all_back.is_zero(), "{back:?}");
    assert_eq!(card.ending, Ending::RolledBack);
    // 40 times the errors of a few instances for some seconds, of a budget of thousands of requests a second for 30 days.
    assert!(card.failed > 0.0 && card.budget.is_some_and(|share| share > 0.0 && share < 0.001), "{card:?}");
    let shown = plain::status_json(run.fleet(), &Moment { now: run.now(), zone: TimeZone::UTC });
    assert!(shown.contains("\"ending\":\"rolled_back\"") && shown.contains("\"detect\""), "{shown}");
}

#[test]
fn the_first_death_is_the_first_sign_of_a_crash_loop() {
    let mut run = faulty(Fault::Crash { after: Period::from_secs(4) });
    wait(&mut run, |push, _| push.sign.is_some());
    let first = run.now();
    assert!(push(&run).is_forward(), "one death sends nothing back");
    wait(&mut run, |push, _| matches!(push.course, Course::RolledBack { .. }));
    let back = card(&run).back.expect("a way back");
    let sign = back.sign.expect("a sign");
    assert_eq!((sign.of, sign.at), (SignOf::Crash, first));
    assert!(back.detect.is_some_and(|detect| detect > Period::ZERO), "two more deaths take time");
}

#[test]
fn what_a_person_took_back_says_who_and_that_there_was_no_sign() {
    let mut run = exposed(declaration(1));
    command(&mut run, FIRST, Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None }, 102);
    assert_eq!(Card::of(run.fleet(), push(&run)), None, "it is not over");
    wait(&mut run, |push, _| matches!(push.course, Course::RolledBack { .. }));
    let back = card(&run).back.expect("a way back");
    assert_eq!((back.by.as_deref(), back.sign, back.detect, back.decide), (Some(FIRST), None, None, None));
}

#[test]
fn what_converged_says_how_long_each_environment_took() {
    let mut run = started(declaration(1));
    for id in 101..=102 {
        wait(&mut run, |_, status| status == Status::WaitingApproval);
        approve(&mut run, BEFORE, id);
    }
    wait(&mut run, |push, _| matches!(push.course, Course::Converged { .. }));
    let card = card(&run);
    assert_eq!((card.ending, card.back.as_ref()), (Ending::Converged, None));
    let names: Vec<_> = card.environments.iter().map(|(environment, _)| environment.clone()).collect();
    assert_eq!(names, [EnvironmentId::new("staging"), EnvironmentId::new("production")]);
    let sum: Period = card.environments.iter().fold(Period::ZERO, |sum, (_, took)| sum + *took);
    let whole = card.ended.since(card.asked);
    assert!(sum <= whole && whole < sum + Period::from_secs(3), "{sum} of {whole}");
}

/// 1,000 requests too many failed of what the service with the smallest budget may fail of in its 30 days: 0.5 % of its requests.
#[test]
fn the_budget_burned_is_the_share_of_what_may_fail_in_the_window() {
    let run = exposed(declaration(1));
    let mut push = push(&run).clone();
    push.harm.failed = 1_000.0;
    let rate = |service: &str| -> f64 {
        let place = pushdeck::domain::id::PlacementId::new(service.into(), "production".into());
        ["ap", "us", "eu"].map(|cell| run.fleet().measured_rps(&place, &cell.into()).expect("measured")).iter().sum()
    };
    let least = ["index", "blob", "gateway"].map(rate).into_iter().fold(f64::INFINITY, f64::min);
    let expected = 1_000.0 / (0.005 * least * 30.0 * 86_400.0);
    let found = burned(run.fleet(), &push).expect("a share");
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
}

#[test]
fn a_review_sums_what_is_over_and_ranks_alerts_that_led_to_nothing() {
    let mut run = faulty(Fault::Errors { times: 40.0, above_share: 0.0 });
    wait(&mut run, |push, _| matches!(push.course, Course::RolledBack { .. }));
    let changes = run.drain().changes;
    let review = Review::of(run.fleet(), &changes, small::evening());
    assert_eq!((review.converged, review.rolled_back, review.replaced), (0, 1, 0));
    assert_eq!(review.pushes, [card(&run)]);
    assert_eq!(review.median_all_back, card(&run).back.map(|back| back.all_back));
    let errors = review.alerts.iter().find(|alert| alert.service.as_str() == "blob").expect("an alert");
    assert!(errors.raised > 0 && errors.without_action == 0, "it went back for it: {errors:?}");
    let moment = Moment { now: run.now(), zone: TimeZone::UTC };
    let shown = plain::pushes_lines(&review, &moment);
    assert!(shown.contains("storage v2 rolled back after") && shown.contains("0 converged, 1 rolled back, 0 replaced"), "{shown}");
    // The same alerts, and nobody did anything.
    let ignored: Vec<Change> = changes.iter().filter(|change| matches!(change.fact, Fact::AlertRaised { .. })).cloned().collect();
    let alert = Review::of(run.fleet(), &ignored, small::evening()).alerts.into_iter().next().expect("an alert");
    assert!(alert.raised > 0 && alert.without_action == alert.raised, "{alert:?}");
    let later = Review::of(run.fleet(), &changes, run.now() + Period::from_secs(1));
    assert!(later.pushes.is_empty() && later.alerts.is_empty());
    assert!(plain::pushes_lines(&later, &moment).starts_with("no push was over since"));
}
