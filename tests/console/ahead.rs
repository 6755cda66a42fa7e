//! A push before it starts, held against the story's figures.

use crate::story::{self, Story, clock};
use jiff::tz::TimeZone;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::explain::Moment;
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{PushId, ServiceId, Version};
use pushdeck::domain::person::Actor;
use pushdeck::domain::prospect::{Clash, Mark, Prospect, Step, Subject, candidates};
use pushdeck::domain::push::PushPlan;
use pushdeck::domain::service::OneWay;
use pushdeck::domain::time::{EngineTime, Period};
use uuid::Uuid;

fn storage(version: &str) -> Vec<(ServiceId, Version)> {
    ["index", "blob", "gateway"].map(|service| (service.into(), version.into())).into()
}

fn ahead(fleet: &Fleet, version: &str, now: EngineTime) -> Prospect {
    Prospect::of(fleet, &storage(version), Actor::Person { name: "lena".into() }, now).expect("it can be planned")
}

fn tell(story: &mut Story, fact: Fact) {
    story.fleet.apply(&Change { seq: story.fleet.seq(), at: story.now, fact });
}

fn stage<'p>(found: &'p Prospect, name: &str) -> &'p Step {
    found.steps.iter().find(|step| step.stage.name == name).expect("a stage of that name")
}

#[test]
fn figures_are_those_of_the_push_that_follows() {
    let story = story::before_it_is_asked_for();
    let found = ahead(&story.fleet, "v42", story.now);
    let production: Vec<_> = found.steps.iter().filter(|step| step.stage.environment.as_str() == "production").collect();
    assert_eq!(production.iter().map(|step| step.stage.granted()).collect::<Vec<_>>(), [3, 11, 84, 275, 840]);
    assert_eq!(stage(&found, "10 %").exposure.share.to_string(), "27 %");
    assert_eq!(stage(&found, "33 %").exposure.share.to_string(), "69 %");
    assert_eq!(found.refused, None);
    assert!(found.steps.iter().all(|step| step.back.barred.is_empty() && step.average.is_none()));
    let safe = stage(&found, "10 %").back.users_safe;
    assert!(!safe.is_zero() && safe < stage(&found, "10 %").back.all_old);
    assert!(found.needs().count() > 0 && found.needs().all(|(_, need)| need.at.is_some()));
}

/// The way back is over when every environment is back: production's first box returns no sooner than all of staging.
#[test]
fn the_way_back_counts_earlier_environments() {
    let story = story::before_it_is_asked_for();
    let found = ahead(&story.fleet, "v42", story.now);
    let staging = found.steps.iter().find(|step| step.stage.environment.as_str() == "staging").expect("staging");
    assert!(!staging.back.all_old.is_zero() && staging.back.users_safe.is_zero(), "{:?}", staging.back);
    for step in &found.steps {
        assert!(step.back.all_old >= staging.back.all_old, "{}: {:?}", step.stage.name, step.back);
    }
}

#[test]
fn a_freeze_is_named_with_the_stage_it_cuts() {
    let story = story::before_it_is_asked_for_and_a_freeze();
    let found = ahead(&story.fleet, "v42", story.now);
    let moment = Moment { now: story.now, zone: TimeZone::UTC };
    let told: Vec<_> = found.clashes.iter().map(|clash| clash.words(&story.fleet, &moment)).collect();
    assert!(
        told.iter()
            .any(|words| words.starts_with("production closes at 16:00, the freeze weekend") && words.ends_with("Mon 09:00")),
        "{told:?}"
    );
    // From within the freeze the first stage of production waits.
    let late = clock(17, 0, 0);
    let found = ahead(&story.fleet, "v42", late);
    let waits = found.clashes.iter().any(|clash| matches!(clash, Clash::Waits { stage, .. } if stage == "one box in production"));
    assert!(waits && found.refused.is_none(), "{:?}", found.clashes);
}

#[test]
fn behind_a_one_way_door_there_is_no_way_back() {
    let mut story = story::before_it_is_asked_for();
    let mut declared = story.fleet.declaration().clone();
    let door = OneWay { from: Some("33 %".to_owned()), instead: "fix forward".to_owned() };
    let index =
        declared.releases.iter_mut().find(|release| release.service.as_str() == "index" && release.version.as_str() == "v42");
    index.expect("index v42").one_way = Some(door);
    tell(&mut story, Fact::Declared { declaration: Box::new(declared) });
    let found = ahead(&story.fleet, "v42", story.now);
    assert!(stage(&found, "10 %").back.barred.is_empty());
    assert!(stage(&found, "33 %").back.words().starts_with("no way back: index v42 is past its one-way door"));
}

#[test]
fn what_is_not_known_is_not_well() {
    let mut story = story::before_it_is_asked_for();
    let lost = FeedState::Lost { since: story.now, why: "no answer".to_owned() };
    tell(&mut story, Fact::FeedChanged { feed: Feed::Metrics, state: lost });
    let found = ahead(&story.fleet, "v42", story.now);
    let mark = |subject| found.preflight.iter().filter(|check| check.subject == subject).map(|check| check.mark).max();
    assert_eq!(mark(Subject::Alerts), Some(Mark::Unknown));
    assert_eq!(mark(Subject::Feeds), Some(Mark::Unmet));
    assert_eq!(mark(Subject::RollbackTried), Some(Mark::Unknown), "nothing of storage was seen to go back");
    assert!(found.refused.is_some_and(|why| why.starts_with("the metrics feed is lost")));
}

#[test]
fn each_group_is_offered_once_and_never_what_is_wanted_already() {
    let story = story::before_it_is_asked_for();
    let offered = candidates(&story.fleet, &[]);
    assert_eq!(offered.iter().find(|found| found.group.as_str() == "storage").map(|found| &found.releases), Some(&storage("v42")));
    let mut groups: Vec<_> = offered.iter().map(|found| &found.group).collect();
    groups.dedup();
    assert_eq!(groups.len(), offered.len());
    let asked = story::before_the_first_step();
    assert!(candidates(&asked.fleet, &[]).iter().all(|found| found.group.as_str() != "storage"));
}

/// Takes a push through all its stages: each takes two minutes to arrive and so many more than its bake.
fn pass(story: &mut Story, plan: PushPlan, id: u128, more: Period) {
    let id = PushId(Uuid::from_u128(id));
    let stages = plan.stages.clone();
    tell(story, Fact::PushRequested { plan: Box::new(PushPlan { id, requested: story.now, ..plan }) });
    for (number, stage) in (0..).zip(stages) {
        tell(story, Fact::StageEntered { push: id, stage: number });
        story.now = story.now + Period::from_mins(2);
        tell(story, Fact::StageArrived { push: id });
        story.now = story.now + stage.bake + more;
    }
    tell(story, Fact::PushConverged { push: id });
}

#[test]
fn what_earlier_pushes_took_is_told_once_there_are_enough() {
    let mut story = story::before_it_is_asked_for();
    for (nth, (version, more)) in (0..).zip([("v42", 1), ("v41", 2), ("v42", 9)]) {
        let found = ahead(&story.fleet, version, story.now);
        assert_eq!(found.steps.iter().find_map(|step| step.passages), None);
        pass(&mut story, found.plan, 0xf000 + nth, Period::from_mins(more));
    }
    let found = ahead(&story.fleet, "v41", story.now);
    let first = found.steps.first().expect("a stage");
    assert_eq!(first.passages, Some(3));
    let took = |span: Option<pushdeck::domain::prospect::Span>| span.map(|span| span.leaves - span.enters);
    assert_eq!(took(first.average), Some(first.stage.bake + Period::from_mins(2 + 4)));
    assert_eq!(took(first.p95), Some(first.stage.bake + Period::from_mins(2 + 9)));
    let moment = Moment { now: story.now, zone: TimeZone::UTC };
    assert!(first.when(&moment).ends_with("(of 3)"), "{}", first.when(&moment));
}
