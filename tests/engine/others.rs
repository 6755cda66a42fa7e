//! Requirements that look beyond the push: the cells free, siblings in step, one commit in several pushes, checks by others, probes.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use pushdeck::domain::command::{Command, Order, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::drift::DriftRule;
use pushdeck::domain::explain::Moment;
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, EngineId, GateId, InstanceId, PlacementId, PushId};
use pushdeck::domain::metric::{Metric, Threshold};
use pushdeck::domain::placement::{Operation, OperationId, Task};
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{ConsoleTime, EngineTime, Period};
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::effect::{Effect, Input};
use pushdeck::engine::run::script::{Answers, Script};
use pushdeck::engine::run::setup::Setup;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::engine::step::step;
use pushdeck::plain::status_json;
use pushdeck::simulation::world::{Profile, Simulation};
use uuid::Uuid;

use super::small;
use super::watcher::LOOK;

const STORAGE: PushId = PushId(Uuid::from_u128(1));
pub const AUTH: PushId = PushId(Uuid::from_u128(2));

/// A run, and two people: ana starts, bob agrees to whatever asks.
pub struct Desk {
    pub run: Stepped,
    given: u128,
    /// Since when something has asked for bob, and how long he takes.
    asked: BTreeMap<GateId, EngineTime>,
    takes: Period,
}

impl Desk {
    pub fn new(declaration: Declaration, profile: Profile, answers: Answers) -> Self {
        let simulation = Simulation::new(&declaration, profile, small::evening(), 7);
        let setup = Setup {
            engine: EngineId(Uuid::from_u128(1)),
            declaration,
            simulation,
            driver: SimulatedDriver::default(),
            script: Script::default().answering(answers),
        };
        let mut run = Stepped::new(setup);
        run.advance(Period::from_secs(10));
        Self { run, given: 0, asked: BTreeMap::new(), takes: Period::ZERO }
    }

    fn of(declaration: Declaration) -> Self {
        Self::new(declaration, Profile::default(), Answers::new())
    }

    fn give(&mut self, by: &str, order: Order) {
        self.given += 1;
        let outcome = self.run.command(Command { id: CommandId(Uuid::from_u128(self.given)), actor: by.into(), order });
        assert!(matches!(outcome, Some(pushdeck::domain::command::Outcome::Accepted { .. })), "{outcome:?}");
    }

    fn start(&mut self, push: PushId, services: &[&str], version: &str) {
        let releases = services.iter().map(|service| ((*service).into(), version.into())).collect();
        let order = Order::start(self.run.fleet(), push, releases).expect("releases that are known");
        self.give("ana", order);
    }

    fn storage(&mut self) {
        self.start(STORAGE, &["index", "blob", "gateway"], "v2");
    }

    pub fn auth(&mut self) {
        self.start(AUTH, &["auth"], "v2");
    }

    /// Lets half a second pass; bob agrees to what has asked for long enough.
    pub fn look(&mut self) {
        self.run.advance(LOOK);
        let now = self.run.now();
        let all: Vec<PushId> = self.run.fleet().pushes().map(Push::id).collect();
        for push in all {
            let fleet = self.run.fleet();
            if !fleet.push(push).is_some_and(|push| requirement::approval_is_asked(fleet, push, now)) {
                continue;
            }
            let sight = Box::new(Sight::of(fleet, push, now).expect("a push"));
            let since = *self.asked.entry(sight.gate).or_insert(now);
            if now.since(since) >= self.takes {
                self.give("bob", Order::Approve { push, sight });
            }
        }
    }

    pub fn until(&mut self, within: Period, what: &str, so: impl Fn(&Self) -> bool) {
        let end = self.run.now() + within;
        while !so(self) {
            assert!(self.run.now() < end, "not within {within}: {what}\n{:#?}", self.gate(AUTH));
            self.look();
        }
    }

    pub fn push(&self, id: PushId) -> &Push {
        self.run.fleet().push(id).expect("a push")
    }

    fn gate(&self, id: PushId) -> Vec<Requirement> {
        let fleet = self.run.fleet();
        fleet.push(id).map_or_else(Vec::new, |push| requirement::of_gate(fleet, push, self.run.now()))
    }

    pub fn found(&self, id: PushId, word: &str) -> Option<Requirement> {
        self.gate(id).into_iter().find(|found| found.kind.word() == word)
    }

    pub fn state(&self, id: PushId, word: &str) -> Option<RequirementState> {
        self.found(id, word).map(|found| found.state)
    }

    fn converged(&self, id: PushId) -> bool {
        matches!(self.push(id).course, Course::Converged { .. })
    }
}

pub const MINUTE: Period = Period::from_mins(1);

/// The small declaration with other commits for every release, and stages altered.
pub fn altered(bake: &str, alter: impl Fn(usize, &mut pushdeck::domain::stage::Stage)) -> Declaration {
    let mut declaration = small::declaration(bake);
    for release in &mut declaration.releases {
        release.commit = format!("{}-{}", release.service, release.version);
    }
    for plan in declaration.plans.values_mut() {
        for leg in plan.legs.iter_mut().filter(|leg| leg.environment.as_str() == "production") {
            leg.stages.iter_mut().enumerate().for_each(|(index, stage)| alter(index, stage));
        }
    }
    declaration
}

/// Whether a push is in a stage of production that is declared alone, or going back from there.
fn is_in_alone(push: &Push) -> bool {
    let entered = push.cursor.stage.map_or(0, |stage| stage as usize + 1);
    push.is_open() && push.plan.stages.iter().take(entered).any(|stage| stage.alone)
}

#[test]
fn two_that_would_be_alone_are_never_both_inside_and_the_longer_waiting_goes_first() {
    for (storage_at, auth_at) in [(0, 0), (0, 7), (9, 0)] {
        let mut desk = Desk::of(altered("3s", |_, stage| stage.alone = true));
        let (mut entered, mut waited) = (Vec::new(), 0);
        for half in 0..3_000 {
            if half == storage_at * 2 {
                desk.storage();
            }
            if half == auth_at * 2 {
                desk.auth();
            }
            desk.look();
            let inside: Vec<PushId> = desk.run.fleet().pushes().filter(|push| is_in_alone(push)).map(Push::id).collect();
            assert!(inside.len() < 2, "both inside after {} s", half / 2);
            entered.extend(inside.into_iter().filter(|id| entered.last() != Some(id)).collect::<Vec<_>>());
            for (id, other, name) in [(STORAGE, AUTH, "auth"), (AUTH, STORAGE, "storage")] {
                let Some(found) = desk.found(id, "alone").filter(|found| found.state == RequirementState::Pending) else {
                    continue;
                };
                waited += 1;
                assert!(found.why.starts_with(name) && found.who == "oncall", "{found:?}");
                assert!(desk.run.fleet().push(other).is_some_and(Push::is_open));
            }
            if [STORAGE, AUTH].into_iter().all(|id| desk.run.fleet().push(id).is_some() && desk.converged(id)) {
                break;
            }
        }
        assert!(waited > 0 && entered.len() == 2, "{entered:?}, waited {waited}");
        assert!(desk.converged(STORAGE) && desk.converged(AUTH));
        if storage_at > auth_at {
            assert_eq!(entered[0], AUTH, "it has waited longer");
        }
    }
}

#[test]
fn the_cells_are_held_until_the_push_is_all_back_and_a_stop_there_needs_somebody() {
    let mut desk = Desk::of(altered("3s", |_, stage| stage.alone = true));
    desk.storage();
    desk.until(MINUTE * 3, "storage is exposed", |desk| desk.push(STORAGE).cursor.stage == Some(2));
    desk.auth();
    desk.until(MINUTE * 2, "auth waits", |desk| desk.state(AUTH, "alone") == Some(RequirementState::Pending));
    assert_eq!(desk.found(AUTH, "alone").and_then(|found| found.due), None, "nobody knows when storage is through");
    desk.until(MINUTE * 2, "auth waits for that alone", |desk| {
        status::of_push(desk.run.fleet(), desk.push(AUTH), desk.run.now()) == Status::WaitingRequirements
    });
    desk.give("bob", Order::Hold { push: STORAGE, reason: None });
    let held = desk.found(AUTH, "alone").expect("asked for");
    assert!(held.state == RequirementState::Unmet && held.why.contains("stopped by bob"), "{held:?}");
    desk.give("bob", Order::RollBack { push: STORAGE, manner: Manner::Ordered, reason: None });
    while desk.push(STORAGE).is_open() {
        assert!(!is_in_alone(desk.push(AUTH)), "it went in before storage was back");
        desk.look();
    }
    desk.until(MINUTE * 2, "auth goes in", |desk| is_in_alone(desk.push(AUTH)));
}

#[test]
fn two_that_are_in_side_by_side_do_not_wait_for_each_other_for_ever() {
    // One box is not alone, the rest is: both are in by then.
    let mut desk = Desk::of(altered("3s", |index, stage| {
        stage.alone = index > 0;
        stage.bake = Period::from_secs(if index == 0 { 60 } else { 3 });
    }));
    desk.storage();
    desk.auth();
    let both = |desk: &Desk| [STORAGE, AUTH].into_iter().filter(|id| is_in_alone(desk.push(*id))).count();
    let (end, mut side_by_side) = (desk.run.now() + MINUTE * 20, false);
    while !(desk.converged(STORAGE) && desk.converged(AUTH)) {
        desk.look();
        assert!(both(&desk) < 2);
        side_by_side |= [STORAGE, AUTH].into_iter().all(|id| desk.push(id).cursor.stage == Some(1));
        assert!(desk.run.now() < end, "{:#?}\n{:#?}", desk.gate(STORAGE), desk.gate(AUTH));
    }
    assert!(side_by_side, "both were in one box at once");
}

/// Takes an input in, with everything that follows.
pub fn take(fleet: &Fleet, input: Input, now: EngineTime) -> (Fleet, Vec<Effect>) {
    let mut next = fleet.clone();
    let taken = step(fleet, input, now, ConsoleTime::from_millis(now.millis()));
    taken.changes.iter().for_each(|change| next.apply(change));
    (next, taken.effects)
}

#[test]
fn a_sibling_that_stays_behind_counts_too_and_one_alone_has_none() {
    let mut declaration = altered("3s", |_, _| {});
    for environment in &mut declaration.environments {
        environment.drift = DriftRule::Correct;
    }
    let mut desk = Desk::of(declaration);
    desk.start(STORAGE, &["blob"], "v2");
    desk.auth();
    desk.until(MINUTE, "it stands before production", |desk| desk.push(STORAGE).cursor.bake.running_since.is_some());
    assert_eq!(desk.state(AUTH, "siblings"), None);
    let met = desk.found(STORAGE, "siblings").expect("asked for");
    assert_eq!((met.state, met.why.as_str()), (RequirementState::Met, "index, blob and gateway in step"));
    let gateway = PlacementId::new("gateway".into(), "production".into());
    let instance = InstanceId { placement: gateway, cell: "ap".into(), index: 3 };
    let by_hand = Operation { id: OperationId(u64::MAX), instance, task: Task::Drain };
    desk.run.simulation().order(by_hand).expect("an instance that is there");
    desk.run.advance(Period::from_secs(1));
    let found = desk.found(STORAGE, "siblings").expect("asked for");
    assert_eq!((found.state, found.why.as_str()), (RequirementState::Pending, "gateway: 59 of 60 where they should be"));
    desk.until(MINUTE, "it is put right", |desk| desk.state(STORAGE, "siblings") == Some(RequirementState::Met));
    desk.until(MINUTE * 2, "10 %", |desk| {
        desk.push(STORAGE).cursor.stage == Some(3) && desk.push(STORAGE).cursor.arrived.is_some()
    });
    let found = desk.found(STORAGE, "siblings").expect("asked for");
    assert_eq!(found.why, "blob at 10 %; index and gateway as before");
}

#[test]
fn a_commit_that_regressed_elsewhere_is_held_until_a_newer_push_there_is_through() {
    let mut declaration = altered("3s", |_, _| {});
    for release in declaration.releases.iter_mut().filter(|release| release.version.as_str() == "v2") {
        release.commit = "7e29210c0ffee".chars().take(if release.service.as_str() == "auth" { 7 } else { 13 }).collect();
    }
    let fixed: Vec<_> = declaration.releases.iter().filter(|release| release.version.as_str() == "v2").cloned().collect();
    declaration.releases.extend(fixed.into_iter().map(|release| pushdeck::domain::service::Release {
        version: "v3".into(),
        digest: "sha256:3".into(),
        commit: "f1ceded".to_owned(),
        ..release
    }));
    let fault = VersionFault {
        flag: None,
        service: "blob".into(),
        version: "v2".into(),
        environments: vec!["production".into()],
        cells: Vec::new(),
        fault: Fault::Errors { times: 60.0, above_share: 0.0 },
    };
    let mut desk = Desk::new(declaration, Profile { faults: Faults(vec![fault]), ..Profile::default() }, Answers::new());
    desk.storage();
    desk.until(MINUTE * 4, "storage went back by itself", |desk| matches!(desk.push(STORAGE).course, Course::RolledBack { .. }));
    desk.auth();
    desk.until(MINUTE, "auth is held", |desk| desk.state(AUTH, "same-commit") == Some(RequirementState::Unmet));
    let found = desk.found(AUTH, "same-commit").expect("asked for");
    assert!(found.why.starts_with("storage, built from 7e29210 too, went back by itself: errors of "), "{found:?}");
    // The same release once more there is that group's own affair: no push of it is held by its own past.
    let again = PushId(Uuid::from_u128(3));
    desk.storage_again(again, "v2");
    assert_eq!(desk.state(again, "same-commit"), Some(RequirementState::Met));
    desk.give("bob", Order::RollBack { push: again, manner: Manner::Fast, reason: None });
    desk.until(MINUTE * 2, "it is back", |desk| !desk.push(again).is_open());
    let through = PushId(Uuid::from_u128(4));
    desk.storage_again(through, "v3");
    desk.until(MINUTE * 15, "the fix is through", |desk| {
        let through = desk.converged(through);
        assert!(through || desk.push(AUTH).cursor.stage == Some(0), "it went on before");
        through
    });
    assert_eq!(desk.state(AUTH, "same-commit"), Some(RequirementState::Met));
    desk.until(MINUTE, "auth goes on", |desk| desk.push(AUTH).cursor.stage >= Some(1));
}

impl Desk {
    fn storage_again(&mut self, push: PushId, version: &str) {
        self.start(push, &["index", "blob", "gateway"], version);
    }
}

#[test]
fn how_long_people_usually_take_is_read_off_what_they_took() {
    let mut desk = Desk::of(altered("3s", |_, _| {}));
    desk.takes = Period::from_secs(20);
    desk.auth();
    let usually = |desk: &Desk| requirement::usually(desk.run.fleet(), &RequirementKind::Approval);
    desk.until(MINUTE * 15, "two approvals", |desk| desk.converged(AUTH));
    assert_eq!(usually(&desk), None, "two are too few to say");
    desk.storage();
    desk.until(MINUTE * 2, "a third", |desk| desk.push(STORAGE).cursor.stage == Some(1));
    let found = usually(&desk).expect("three are enough");
    assert!((15..=25).contains(&found.secs()), "{found}");
    desk.until(MINUTE * 15, "the next is asked", |desk| {
        requirement::approval_is_asked(desk.run.fleet(), desk.push(STORAGE), desk.run.now())
    });
    assert_eq!(desk.found(STORAGE, "approval").and_then(|found| found.usually), Some(found));
    let moment = Moment { now: desk.run.now(), zone: TimeZone::UTC };
    let status: serde_json::Value = serde_json::from_str(&status_json(desk.run.fleet(), &moment)).expect("JSON");
    let push = status["pushes"].as_array().and_then(|pushes| pushes.iter().find(|push| push["name"] == "storage")).expect("it");
    let asked = push["requirements"].as_array().and_then(|all| all.iter().find(|found| found["word"] == "approval")).expect("it");
    assert_eq!((&asked["kind"], &asked["state"], &asked["who"]), (&"approval".into(), &"pending".into(), &"oncall".into()));
    assert_eq!(asked["usually"], found.millis());
    assert!(asked["why"].is_string() && asked["due"].is_null());
}

#[test]
fn a_journey_is_named_and_nothing_is_known_of_it_without_probes() {
    let mut declaration = altered("20s", |_, _| {});
    for service in declaration.services.iter_mut().filter(|service| service.id.as_str() == "gateway") {
        let limit = Threshold { metric: Metric::EndToEnd, limit: 0.9, sustained: Period::from_secs(10), least: 1 };
        service.thresholds.push(limit);
    }
    let mut desk = Desk::of(declaration);
    desk.storage();
    desk.until(MINUTE * 3, "it is exposed", |desk| desk.push(STORAGE).cursor.stage == Some(2));
    let found = desk.found(STORAGE, "end to end").expect("asked for");
    assert!(found.why.starts_with("journey storage: "), "{found:?}");
    let now = desk.run.now();
    let lost = FeedState::Lost { since: now, why: "no journey was tried".to_owned() };
    let (fleet, _) = take(desk.run.fleet(), Input::Feed { feed: Feed::Probes, state: lost }, now);
    let push = fleet.push(STORAGE).expect("the push");
    let blind =
        requirement::of_gate(&fleet, push, now).into_iter().find(|found| found.kind.word() == "end to end").expect("asked for");
    assert_eq!(blind.state, RequirementState::Broken);
    assert_eq!(blind.why, "journey storage: the probes are lost, no journey was tried");
}
