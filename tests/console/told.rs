//! The story's figures, worked out by hand, against what the domain makes of its facts.

use crate::story::{self, STORAGE};
use pushdeck::domain::requirement::RequirementState;
use pushdeck::domain::status::Status;
use pushdeck::domain::{exposure, requirement, status};

#[test]
fn stages_grant_what_the_document_says() {
    let story = story::at_ten_percent();
    let push = story.fleet.push(STORAGE).unwrap();
    let granted: Vec<u32> = push.plan.stages.iter().map(pushdeck::domain::stage::PlannedStage::granted).collect();
    assert_eq!(granted, [28, 3, 11, 84, 275, 840]);
}

#[test]
fn exposure_is_a_union_over_hops() {
    let story = story::at_ten_percent();
    let push = story.fleet.push(STORAGE).unwrap();
    let (now, after) = (exposure::now(&story.fleet, push).unwrap(), exposure::after_next(&story.fleet, push).unwrap());
    let said = |found: &exposure::Exposure| {
        (
            (found.instances, found.of),
            (found.rps / 100.0).round() * 100.0,
            found.share.to_string(),
            format!("{:.1} M", found.users as f64 / 1e6),
            found.budget_lasts.unwrap().to_string(),
        )
    };
    assert_eq!(said(&now), ((84, 840), 11_100.0, "27 %".into(), "3.4 M".into(), "1 h 37 min".into()));
    assert_eq!(said(&after), ((275, 840), 28_400.0, "69 %".into(), "4.0 M".into(), "38 min".into()));
}

#[test]
fn each_moment_is_what_it_is_called() {
    let status = |story: &story::Story, push| status::of_push(&story.fleet, story.fleet.push(push).unwrap(), story.now);
    for (story, expected) in [
        (story::before_the_first_step(), Status::Converging),
        (story::moving(), Status::Converging),
        (story::at_ten_percent(), Status::Baking),
        (story::waiting_for_approval(), Status::WaitingApproval),
        (story::held(), Status::Held),
        (story::not_stopped(), Status::Held),
        (story::no_data(), Status::WaitingRequirements),
        (story::exposed(), Status::RollingBack),
        (story::going_back(), Status::RollingBack),
        (story::rollback_failed(), Status::RollbackFailed),
        (story::rolled_back(), Status::RolledBack),
        (story::converged(), Status::Converged),
    ] {
        assert_eq!(status(&story, STORAGE), expected, "at {}", story.now.millis());
    }
    let story = story::at_ten_percent();
    assert_eq!(status(&story, story::LOGIN), Status::RolledBack);
    assert_eq!(status(&story, story::CART), Status::WaitingApproval);
}

#[test]
fn a_stop_that_is_not_seen_counts_as_not_stopped() {
    let story = story::not_stopped();
    assert!(story.fleet.push(STORAGE).unwrap().not_stopped(story.now).is_some());
    let story = story::held();
    assert!(story.fleet.push(STORAGE).unwrap().not_stopped(story.now).is_none());
}

#[test]
fn silence_breaks_the_check_and_stops_the_clock() {
    let story = story::no_data();
    let found = requirement::of_gate(&story.fleet, story.fleet.push(STORAGE).unwrap(), story.now);
    assert!(found.iter().filter(|requirement| requirement.state == RequirementState::Broken).count() >= 3);
}

#[test]
fn gateway_is_sixteen_of_twenty_four_back() {
    let story = story::going_back();
    let push = story.fleet.push(STORAGE).unwrap();
    assert_eq!(story.fleet.on_new(push, push.environment().unwrap()), 12 + 48 + 8);
    let place = |service| story.fleet.placement_by_id(&story::place(service, "production")).unwrap();
    assert_eq!(["index", "blob", "gateway"].map(|service| place(service).serving()).iter().sum::<u32>(), 772);
}

#[test]
fn each_place_says_only_how_far_it_is_back_itself() {
    let story = story::rollback_failed();
    let status = |service, environment| {
        let placement = story.fleet.placement_by_id(&story::place(service, environment)).unwrap();
        status::of_placement(&story.fleet, placement, story.now)
    };
    assert_eq!(status("blob", "production"), Status::RollbackFailed, "two of its instances are stuck");
    assert_eq!(status("gateway", "production"), Status::RolledBack);
    assert_eq!(status("index", "production"), Status::RollingBack);
    assert_eq!(["index", "blob", "gateway"].map(|service| status(service, "staging")), [Status::RolledBack; 3]);
}
