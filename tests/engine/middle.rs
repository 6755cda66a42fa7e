//! In the middle of a push: a fix, a newer release, releases that follow each other.

use std::collections::BTreeMap;

use pushdeck::domain::change::Fact;
use pushdeck::domain::command::{Command, Order, Outcome, Retried, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::explain::{self, Moment};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, Digest, EnvironmentId, PushId, ServiceId, Version};
use pushdeck::domain::placement::Task;
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::requirement::{self, RequirementKind};
use pushdeck::domain::rollback::{Manner, Trigger};
use pushdeck::domain::service::{Release, Succession};
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;
use super::watcher::LOOK;

const STORAGE: [&str; 3] = ["index", "blob", "gateway"];

fn id(number: u128) -> PushId {
    PushId(Uuid::from_u128(number))
}

/// Versions made from another: `v2` from `v1`, its fixes, and what follows.
fn declared(train: bool) -> Declaration {
    let mut declaration = small::declaration("4s");
    let first: Vec<Release> = declaration.releases.iter().filter(|release| release.version.as_str() == "v1").cloned().collect();
    for release in &mut declaration.releases {
        release.based_on = (release.version.as_str() == "v2").then(|| "v1".into());
    }
    for like in first {
        for (version, based_on) in [("v2.1", "v2"), ("v2.2", "v2.1"), ("v3", "v2"), ("v4", "v3"), ("v5", "v4"), ("v6", "v1")] {
            declaration.releases.push(Release {
                version: version.into(),
                digest: Digest::new(&format!("sha256:{version}")),
                based_on: Some(based_on.into()),
                ..like.clone()
            });
        }
    }
    for group in declaration.groups.iter_mut().filter(|_| train) {
        group.releases = Succession::Train { most: 3 };
    }
    declaration
}

struct Desk {
    run: Stepped,
    given: u128,
}

impl Desk {
    fn new(train: bool) -> Self {
        Self { run: small::run(declared(train), Profile::default(), SimulatedDriver::default()), given: 0 }
    }

    fn give(&mut self, by: &str, order: Order) -> Outcome {
        self.given += 1;
        let command = Command { id: CommandId(Uuid::from_u128(self.given)), actor: by.into(), order };
        self.run.command(command).expect("an answer")
    }

    fn start(&mut self, number: u128, releases: &[(&str, &str)]) -> Outcome {
        let releases = releases.iter().map(|(service, version)| ((*service).into(), (*version).into())).collect();
        let order = Order::start(self.run.fleet(), id(number), releases).expect("releases that are known");
        self.give("ana", order)
    }

    fn fix(&self, number: u128, releases: &[(&str, &str)]) -> Order {
        let releases: Vec<(ServiceId, Version)> =
            releases.iter().map(|(service, version)| ((*service).into(), (*version).into())).collect();
        let digest = |(service, version): &(ServiceId, Version)| {
            self.run
                .fleet()
                .declaration()
                .release(service, version)
                .map_or_else(|| Digest::new("none"), |found| found.digest.clone())
        };
        let digests = releases.iter().map(digest).collect();
        Order::FixForward { push: id(number), sight: self.sight(number), releases, digests }
    }

    fn sight(&self, number: u128) -> Box<Sight> {
        Box::new(Sight::of(self.run.fleet(), id(number), self.run.now()).expect("a push"))
    }

    fn push(&self, number: u128) -> Push {
        self.run.fleet().push(id(number)).expect("the push").clone()
    }

    fn status(&self, number: u128) -> Status {
        status::of_push(self.run.fleet(), &self.push(number), self.run.now())
    }

    fn why(&self, number: u128) -> String {
        let moment = Moment { now: self.run.now(), zone: jiff::tz::TimeZone::UTC };
        explain::push(self.run.fleet(), &self.push(number), &moment).why
    }

    fn approve_all(&mut self) {
        let now = self.run.now();
        let asked: Vec<PushId> = self
            .run
            .fleet()
            .pushes()
            .filter(|push| requirement::approval_is_asked(self.run.fleet(), push, now))
            .map(Push::id)
            .collect();
        for push in asked {
            let sight = Box::new(Sight::of(self.run.fleet(), push, now).expect("a push"));
            accepted(&self.give("bob", Order::Approve { push, sight }));
        }
    }

    /// Lets time pass, agreeing to whatever is asked, and looking each time.
    fn until(&mut self, what: &str, mut look: impl FnMut(&Self), so: impl Fn(&Self) -> bool) {
        let end = self.run.now() + Period::from_mins(15);
        while !so(self) {
            assert!(self.run.now() < end, "not within 15 min: {what}");
            self.run.advance(LOOK);
            look(self);
            self.approve_all();
        }
    }

    fn runs(&self, service: &str, environment: &str) -> BTreeMap<String, u32> {
        let placement = self.run.fleet().placement(&service.into(), &EnvironmentId::new(environment)).expect("a placement");
        placement.current().into_iter().map(|(version, count)| (version.to_string(), count)).collect()
    }

    fn count(&self, service: &str, environment: &str, version: &str) -> u32 {
        self.runs(service, environment).get(version).copied().unwrap_or(0)
    }

    fn all_on(&self, version: &str) -> bool {
        self.run.fleet().placements().all(|placement| placement.count(&version.into()) == placement.size())
    }

    /// Instances of a service in production that a push answers for.
    fn exposed_of(&self, number: u128, service: &str) -> u32 {
        let (push, environment) = (self.push(number), EnvironmentId::new("production"));
        let placement = self.run.fleet().placement(&service.into(), &environment).expect("a placement");
        let brought = |version: &Version| push.brings(&service.into(), &environment, version);
        placement.current().into_iter().filter(|(version, _)| brought(version)).map(|(_, count)| count).sum()
    }

    fn exposed(&self, number: u128) -> u32 {
        self.run.fleet().on_new(&self.push(number), &"production".into())
    }
}

fn accepted(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

fn refused(outcome: Outcome) -> (String, Vec<String>) {
    match outcome {
        Outcome::Refused { why, changed } => (why, changed.into_iter().map(|change| change.field).collect()),
        other => panic!("{other:?}"),
    }
}

/// `v2` of storage has arrived at 10 % of production.
fn at_ten_percent() -> Desk {
    let mut desk = Desk::new(false);
    accepted(&desk.start(1, &STORAGE.map(|service| (service, "v2"))));
    desk.until("10 %", |_| {}, |desk| desk.push(1).cursor.stage == Some(3) && desk.push(1).cursor.arrived.is_some());
    desk
}

#[test]
fn a_fix_passes_staging_and_comes_back_to_where_it_was() {
    let mut desk = at_ten_percent();
    accepted(&desk.give("bob", Order::Hold { push: id(1), reason: None }));
    let (before, had) = (desk.exposed(1), desk.runs("blob", "production"));
    accepted(&desk.give("ana", desk.fix(1, &[("blob", "v2.1")])));
    let push = desk.push(1);
    assert!(push.cursor.stage.is_none() && push.next_index() == Some(0) && push.fix.is_some() && push.approvals.is_empty());
    assert_eq!(desk.status(1), Status::Held, "whoever stopped the old version has not seen the new one");
    desk.run.advance(Period::from_secs(20));
    assert_eq!(desk.runs("blob", "production"), had);
    assert_eq!(desk.count("blob", "staging", "v2.1"), 0, "nothing moves before it is resumed");
    accepted(&desk.give("bob", Order::Resume { push: id(1), sight: desk.sight(1) }));
    let (mut stages, mut said) = (Vec::new(), false);
    desk.until(
        "the fix comes back to 10 %",
        |desk| {
            let push = desk.push(1);
            if stages.last() != Some(&push.cursor.stage) {
                stages.push(push.cursor.stage);
            }
            assert!(desk.exposed(1) <= before, "exposure never grows by a fix");
            if push.cursor.stage == Some(0) {
                assert_eq!(desk.runs("blob", "production"), had, "production keeps what it has meanwhile");
                said |= desk.why(1).contains("v2.1 is tested in staging; production stays at 10 % of v2 meanwhile");
            }
        },
        |desk| desk.push(1).cursor.stage == Some(3) && desk.push(1).cursor.arrived.is_some(),
    );
    assert!(said && stages.ends_with(&[Some(0), Some(3)]), "{stages:?}");
    assert_eq!((desk.count("blob", "production", "v2"), desk.exposed(1)), (0, before));
    desk.until("100 %", |_| {}, |desk| matches!(desk.push(1).course, Course::Converged { .. }));
    assert_eq!((desk.count("blob", "production", "v2.1"), desk.count("index", "production", "v2")), (100, 30));
}

#[test]
fn a_fix_of_a_fix_works_and_one_that_is_taken_back_takes_everything_back() {
    let mut desk = at_ten_percent();
    accepted(&desk.give("ana", desk.fix(1, &[("blob", "v2.1")])));
    desk.until("the first fix is tested", |_| {}, |desk| desk.count("blob", "staging", "v2.1") == 3);
    accepted(&desk.give("ana", desk.fix(1, &[("blob", "v2.2")])));
    desk.until("the second is", |_| {}, |desk| desk.count("blob", "staging", "v2.2") == 3);
    let push = desk.push(1);
    assert_eq!(push.fix.as_ref().map(|fix| fix.resume_at), Some(3));
    let plan = push.way_back.expect("a way back");
    assert_eq!(plan.environment.as_ref().map(EnvironmentId::as_str), Some("production"), "users are there, not in staging");
    assert!(!plan.users_safe.is_zero());
    accepted(&desk.give("bob", Order::RollBack { push: id(1), manner: Manner::Ordered, reason: None }));
    desk.until("it is back", |_| {}, |desk| desk.status(1) == Status::RolledBack);
    assert!(desk.all_on("v1"));
}

#[test]
fn what_is_no_fix_is_refused_with_what_would_work() {
    let mut desk = Desk::new(false);
    accepted(&desk.start(1, &[("auth", "v2")]));
    desk.until("staging", |_| {}, |desk| desk.push(1).cursor.stage == Some(0));
    for (fix, says) in [
        (vec![("auth", "v6")], "a fix is made from v2"),
        (vec![("auth", "v1")], "r goes back"),
        (vec![("blob", "v2.1")], "start a push of it instead"),
        (vec![("auth", "v9")], "declare it"),
        (vec![], "name at least one"),
        (vec![("auth", "v2.1"), ("auth", "v2.1")], "named twice"),
    ] {
        let (why, _) = refused(desk.give("ana", desk.fix(1, &fix)));
        assert!(why.contains(says), "{why}");
    }
    let (why, _) = refused(desk.give("cid", desk.fix(1, &[("auth", "v2.1")])));
    assert!(why.contains("somebody of oncall"), "{why}");
    let Order::FixForward { push, sight, releases, .. } = desk.fix(1, &[("auth", "v2.1")]) else { panic!("a fix") };
    let wrong = Order::FixForward { push, sight, releases, digests: vec![Digest::new("sha256:other")] };
    assert!(refused(desk.give("ana", wrong)).0.contains("not the artifact that was seen"));
    let stale = desk.fix(1, &[("auth", "v2.1")]);
    accepted(&desk.give("bob", Order::Hold { push: id(1), reason: None }));
    assert_eq!(refused(desk.give("ana", stale)).1, ["hold"]);
    // In the first environment there is nowhere else to pass: the stage itself is done anew.
    accepted(&desk.give("ana", desk.fix(1, &[("auth", "v2.1")])));
    accepted(&desk.give("bob", Order::Resume { push: id(1), sight: desk.sight(1) }));
    desk.until("staging again", |_| {}, |desk| desk.count("auth", "staging", "v2.1") == 3);
    assert_eq!(desk.push(1).cursor.stage, Some(0));
    let asked = |desk: &Desk| requirement::approval_is_asked(desk.run.fleet(), &desk.push(1), desk.run.now());
    while !asked(&desk) {
        desk.run.advance(LOOK);
    }
    let (why, _) = refused(desk.give("ana", Order::Approve { push: id(1), sight: desk.sight(1) }));
    assert!(why.contains("yourself"), "{why}");
}

#[test]
fn a_newer_release_takes_the_place_of_an_older_one_and_only_what_must_restarts() {
    let mut desk = at_ten_percent();
    let newer = [("index", "v2"), ("blob", "v3"), ("gateway", "v3")];
    let (index, blob) = (desk.runs("index", "production"), desk.count("blob", "production", "v2"));
    assert!(blob > 0);
    let why = refused(desk.start(2, &[("blob", "v3")])).0;
    assert!(why.contains("name a release of it too"), "{why}");
    let Some(Order::Start { push, releases, mut outlook, lane }) =
        Order::start(desk.run.fleet(), id(2), newer.map(|(service, version)| (service.into(), version.into())).to_vec())
    else {
        panic!("known")
    };
    assert!(outlook.in_flight.len() == 1 && outlook.in_flight[0].replaced && outlook.in_flight[0].push == id(1));
    outlook.in_flight.clear();
    assert_eq!(refused(desk.give("ana", Order::Start { push, releases, outlook, lane })).1, ["in flight"]);
    desk.run.drain();
    accepted(&desk.start(2, &newer));
    assert!(matches!(desk.push(1).course, Course::Replaced { by, .. } if by == id(2)));
    assert_eq!((desk.status(1), desk.exposed_of(2, "blob")), (Status::Replaced, blob));
    assert!(
        refused(desk.give("bob", Order::RollBack { push: id(1), manner: Manner::Ordered, reason: None })).0.contains("replaced")
    );
    let taker = desk.push(2).called();
    let over = format!("{taker} took the place of {} a moment ago; give this to {taker} instead", desk.push(1).called());
    let late = [
        Order::Approve { push: id(1), sight: desk.sight(1) },
        Order::Resume { push: id(1), sight: desk.sight(1) },
        Order::TakeOver { push: id(1) },
        Order::Hold { push: id(1), reason: None },
        Order::HaltRollback { push: id(1), reason: "wait".to_owned() },
        Order::Drain { push: id(1), cell: "eu".into(), reason: None },
        Order::Retry { what: Retried::Push { push: id(1) } },
    ];
    for order in late {
        let verb = order.verb();
        let why = match desk.give("bob", order) {
            Outcome::Refused { why, .. } => why,
            Outcome::Superseded { by } => by,
            other => panic!("{verb}: {other:?}"),
        };
        assert_eq!(why, over, "{verb}");
    }
    let mut last = desk.exposed(2);
    desk.until(
        "what it replaces is back",
        |desk| {
            assert!(desk.exposed(2) <= last, "what was exposed only goes back");
            last = desk.exposed(2);
            assert_eq!(desk.runs("index", "production"), index, "the very same release stays where it is");
            assert_eq!(desk.count("blob", "staging", "v1"), 0, "staging goes from the one to the other");
        },
        |desk| desk.count("blob", "production", "v1") == 100 && desk.count("gateway", "staging", "v3") == 3,
    );
    let changes = desk.run.drain().changes;
    let drained = changes.iter().any(|change| {
        matches!(&change.fact, Fact::Issued { push: Some(by), operations } if *by == id(2)
            && operations.iter().any(|operation| operation.task == Task::Drain))
    });
    assert!(drained, "it goes back as a way back does: drained first");
    assert!(changes.iter().all(|change| !matches!(&change.fact, Fact::Issued { push: Some(by), .. } if *by == id(1))));
    desk.until("production", |_| {}, |desk| desk.count("blob", "production", "v3") > 0);
    assert_eq!(desk.runs("index", "production"), index);
    accepted(&desk.give("bob", Order::RollBack { push: id(2), manner: Manner::Ordered, reason: None }));
    let why = refused(desk.start(3, &newer.map(|(service, _)| (service, "v4")))).0;
    assert!(why.ends_with("start again when it is back"), "{why}");
    desk.until("it is back", |_| {}, |desk| desk.status(2) == Status::RolledBack);
    assert!(desk.all_on("v1"), "the last version that was converged");
}

/// In a train nobody is in an environment that the one ahead has not left.
fn in_single_file(fleet: &Fleet) {
    let at: Vec<_> =
        fleet.pushes().filter(|push| push.is_forward()).filter_map(Push::stage).map(|stage| &stage.environment).collect();
    let distinct: std::collections::BTreeSet<_> = at.iter().collect();
    assert_eq!(at.len(), distinct.len(), "{at:?}");
}

#[test]
fn releases_of_a_train_follow_each_other() {
    let mut desk = Desk::new(true);
    for (number, version) in [(1, "v2"), (2, "v3"), (3, "v4")] {
        accepted(&desk.start(number, &[("auth", version)]));
    }
    let why = refused(desk.start(4, &[("auth", "v5")])).0;
    assert!(why.contains("auth v2, auth v3, auth v4") && why.ends_with("take one back with r"), "{why}");
    assert!(refused(desk.start(4, &[("auth", "v3")])).0.contains("in flight"));
    let (why, _) = refused(desk.give("ana", desk.fix(2, &[("auth", "v4")])));
    assert!(why.ends_with("start a push of the fix instead"), "{why}");
    let mut waited = false;
    desk.until(
        "all have converged",
        |desk| {
            in_single_file(desk.run.fleet());
            let second = desk.push(2);
            let gate = requirement::of_gate(desk.run.fleet(), &second, desk.run.now());
            waited |= gate
                .iter()
                .any(|found| found.kind == RequirementKind::Ahead && found.why.contains("v2 is still at 10 % in production"));
        },
        |desk| matches!(desk.push(3).course, Course::Converged { .. }),
    );
    assert!(waited);
    assert_eq!(desk.push(2).plan.moves[0].from.values().map(Version::as_str).collect::<Vec<_>>(), ["v2", "v2"]);
    for environment in ["staging", "production"] {
        assert_eq!(desk.runs("auth", environment).into_keys().collect::<Vec<_>>(), ["v4"]);
    }
}

/// `v2` is in production, and what follows it in staging.
fn train_with(second: &str) -> Desk {
    let mut desk = Desk::new(true);
    accepted(&desk.start(1, &[("auth", "v2")]));
    accepted(&desk.start(2, &[("auth", second)]));
    desk.until(
        "v2 in production",
        |_| {},
        |desk| desk.push(1).cursor.stage >= Some(2) && desk.count("auth", "staging", second) == 3,
    );
    desk
}

#[test]
fn what_contains_a_release_that_goes_back_goes_back_with_it() {
    let mut desk = train_with("v3");
    accepted(&desk.start(3, &[("auth", "v4")]));
    let why = refused(desk.give("ana", desk.fix(1, &[("auth", "v2.1")]))).0;
    assert!(why.contains("auth v3 is in staging behind it"), "{why}");
    accepted(&desk.give("bob", Order::RollBack { push: id(1), manner: Manner::Ordered, reason: None }));
    for number in [2, 3] {
        let push = desk.push(number);
        let trigger = push.course.rollback().map(|rollback| rollback.trigger.clone());
        assert!(matches!(trigger, Some(Trigger::Ahead { push, .. }) if push == id(number - 1) || push == id(1)), "{trigger:?}");
        assert!(desk.why(number).contains("which it contains, goes back"));
    }
    desk.until("all are back", |_| {}, |desk| [1, 2, 3].into_iter().all(|number| desk.status(number) == Status::RolledBack));
    assert!(desk.runs("auth", "staging").contains_key("v1") && desk.all_on("v1"));
}

#[test]
fn what_was_not_made_from_it_stays() {
    let mut desk = train_with("v6");
    accepted(&desk.give("bob", Order::RollBack { push: id(1), manner: Manner::Ordered, reason: None }));
    assert!(desk.push(2).is_forward());
    desk.until("the first is back", |_| {}, |desk| desk.status(1) == Status::RolledBack);
    desk.until("the second converges", |_| {}, |desk| matches!(desk.push(2).course, Course::Converged { .. }));
    assert_eq!(desk.push(2).plan.moves[0].from.values().map(Version::as_str).collect::<Vec<_>>(), ["v1", "v1"]);
    assert_eq!(desk.runs("auth", "staging").into_keys().collect::<Vec<_>>(), ["v6"]);
}

#[test]
fn one_behind_goes_back_alone() {
    let mut desk = train_with("v3");
    accepted(&desk.give("bob", Order::RollBack { push: id(2), manner: Manner::Ordered, reason: None }));
    desk.until("it is back", |_| {}, |desk| desk.status(2) == Status::RolledBack);
    assert_eq!(desk.runs("auth", "staging").into_keys().collect::<Vec<_>>(), ["v2"], "on what the one ahead has left there");
    assert!(desk.push(1).is_forward());
    desk.until("the first converges", |_| {}, |desk| matches!(desk.push(1).course, Course::Converged { .. }));
    assert_eq!(desk.runs("auth", "staging").into_keys().collect::<Vec<_>>(), ["v2"]);
}
