//! Error budgets that burn too fast: what the new version burns sends the push back, what both burn is an alert.

use pushdeck::domain::burn::{Budget, Burn, PAGE};
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::explain;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{EnvironmentId, Version};
use pushdeck::domain::metric::Metric;
use pushdeck::domain::push::Course;
use pushdeck::domain::requirement::RequirementKind;
use pushdeck::domain::rollback::Trigger;
use pushdeck::domain::slo::Objective;
use pushdeck::domain::time::Period;
use pushdeck::domain::verdict::Bad;
use pushdeck::domain::waiver::Waiver;
use pushdeck::engine::effect::Input;
use pushdeck::engine::run::script::Answers;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::plain;
use pushdeck::simulation::world::Profile;

use super::others::{AUTH, Desk, MINUTE, altered, take};

/// Auth on its way without a limit on anything, so that only its SLO, 99.9 %, holds it. Its last step bakes long.
fn desk(faults: Vec<VersionFault>) -> Desk {
    let mut declaration = altered("3s", |index, stage| stage.bake = Period::from_secs(if index == 4 { 900 } else { 3 }));
    for service in &mut declaration.services {
        service.thresholds.clear();
        service.slo.availability = 0.999;
    }
    let mut desk = Desk::new(declaration, Profile { faults: Faults(faults), ..Profile::default() }, Answers::new());
    desk.auth();
    desk
}

/// In one box of production.
fn in_one_box() -> Desk {
    let mut desk = desk(Vec::new());
    desk.until(MINUTE * 2, "one box", |desk| desk.push(AUTH).cursor.stage == Some(1));
    desk
}

fn burn(version: &str, environment: &str, beside: Option<f64>) -> Burn {
    let budget = Budget {
        placement: format!("auth@{environment}").parse().expect("a placement"),
        version: version.into(),
        objective: Objective { bad: Bad::Errors, allowed: 0.001 },
    };
    let [windows, _] = PAGE;
    Burn { budget, cell: Some("eu".into()), rate: 14.6, over: windows.long, confirmed: windows.short, beside }
}

fn burned(desk: &Desk, fleet: &Fleet, burn: &Burn) -> Fleet {
    take(fleet, Input::Burned(vec![(burn.budget.clone(), Some(burn.clone()))]), desk.run.now()).0
}

fn trigger(fleet: &Fleet) -> Option<Trigger> {
    fleet.push(AUTH)?.course.rollback().map(|rollback| rollback.trigger.clone())
}

#[test]
fn what_the_new_version_burns_sends_it_back_and_what_both_burn_does_not() {
    let desk = in_one_box();
    let before = desk.run.fleet();
    let own = burn("v2", "production", None);
    let back = burned(&desk, before, &own);
    let found = trigger(&back).expect("it goes back");
    assert_eq!(found, Trigger::Burn { burn: Box::new(own.clone()) });
    let told = "automatic: availability of auth v2 in eu: budget burn 15× over 1 h, and over the last 5 min";
    assert_eq!(explain::trigger(&found), told);

    let shared = burn("v2", "production", Some(13.0));
    let held = burned(&desk, before, &shared);
    assert_eq!((trigger(&held), held.burns().count()), (None, 1));
    let moment = explain::Moment { now: desk.run.now(), zone: jiff::tz::TimeZone::UTC };
    let lines = plain::alerts_lines(&held, &moment);
    assert!(lines.starts_with("availability of auth v2 in eu: budget burn 15×") && lines.contains("not this release"), "{lines}");
    // The old version is well again: what is left is the new one's own.
    assert!(matches!(trigger(&burned(&desk, &held, &own)), Some(Trigger::Burn { .. })));

    assert_eq!(trigger(&burned(&desk, before, &burn("v1", "production", None))), None, "what was there before it is not its doing");
    assert_eq!(trigger(&burned(&desk, before, &burn("v2", "elsewhere", None))), None);
}

#[test]
fn a_burn_is_recorded_once_and_is_over_when_it_is_seen_to_be() {
    let desk = in_one_box();
    let shared = burn("v2", "production", Some(13.0));
    let held = burned(&desk, desk.run.fleet(), &shared);
    let faster = Burn { rate: 20.0, ..shared.clone() };
    assert_eq!(burned(&desk, &held, &faster).seq(), held.seq(), "how fast is no news");
    let (unknown, _) = take(&held, Input::Burned(Vec::new()), desk.run.now());
    assert_eq!(unknown.burns().count(), 1, "what could not be looked at is not over");
    let (over, _) = take(&held, Input::Burned(vec![(shared.budget, None)]), desk.run.now());
    assert_eq!(over.burns().count(), 0);
}

#[test]
fn what_people_took_on_themselves_is_not_taken_from_them() {
    let desk = in_one_box();
    let (now, push) = (desk.run.now(), desk.push(AUTH));
    let waiver = Waiver {
        gate: push.gate(),
        requirement: RequirementKind::Threshold { metric: Metric::Errors },
        by: "ana".into(),
        reason: "one client retries in a loop".to_owned(),
        at: now,
        until: now + Period::from_mins(5),
        needs_second: false,
        seconded: None,
    };
    let mut lenient = Fleet::clone(desk.run.fleet());
    let seq = lenient.seq();
    lenient.apply(&Change { seq, at: now, fact: Fact::Waived { push: AUTH, waiver } });
    assert_eq!(trigger(&burned(&desk, &lenient, &burn("v2", "production", None))), None);
}

#[test]
fn a_version_that_fails_where_none_is_left_to_compare_it_with_goes_back_by_its_budget() {
    let fault = VersionFault {
        flag: None,
        service: "auth".into(),
        version: Version::new("v2"),
        environments: vec![EnvironmentId::new("production")],
        cells: Vec::new(),
        fault: Fault::Errors { times: 400.0, above_share: 0.7 },
    };
    let mut desk = desk(vec![fault]);
    desk.until(MINUTE * 12, "it went back", |desk| matches!(desk.push(AUTH).course, Course::Back { .. }));
    let found = desk.push(AUTH).course.rollback().map(|rollback| rollback.trigger.clone());
    let Some(Trigger::Burn { burn }) = found else { panic!("{found:?}") };
    assert!(burn.rate >= 14.4 && burn.budget.objective.bad == Bad::Errors && burn.beside.is_none(), "{burn:?}");
    desk.until(MINUTE * 5, "it is back", |desk| !desk.push(AUTH).is_open());
    desk.until(MINUTE, "nothing burns of it any more", |desk| desk.run.fleet().burns().next().is_none());
}
