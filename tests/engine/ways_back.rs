//! Every way back but the plain one: a sibling alone, a cell drained, a way back halted, tried again, or shut by a door.

use jiff::tz::TimeZone;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, Order, Outcome, Retried, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::explain::{self, Explanation, Moment};
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CellId, CommandId, EngineId, InstanceId, PlacementId, PushId, Seq};
use pushdeck::domain::person::Actor;
use pushdeck::domain::placement::{Observation, Phase, Task};
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::service::OneWay;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{ConsoleTime, EngineTime, Period};
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::effect::{Effect, Input};
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::engine::step::step;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::watcher::until;
use super::{small, tiny};

const PUSH: PushId = PushId(Uuid::from_u128(78));
const GROUP: [&str; 3] = ["index", "blob", "gateway"];

/// A run with a push of the whole group, asked for by ana.
struct Desk {
    run: Stepped,
    given: u128,
}

impl Desk {
    fn with(declaration: Declaration, faults: Faults) -> Self {
        let run = small::run(declaration, Profile { faults, ..Profile::default() }, SimulatedDriver::default());
        let mut desk = Self { run, given: 0 };
        let releases = GROUP.map(|service| (service.into(), "v2".into())).to_vec();
        let order = Order::start(desk.run.fleet(), PUSH, releases).expect("releases that are known");
        accepted(&desk.give("ana", order));
        desk
    }

    /// At a stage, all instances arrived and its clock running.
    fn at(stage: u32, declaration: Declaration) -> Self {
        let mut desk = Self::with(declaration, Faults::default());
        desk.reach(stage);
        desk
    }

    fn reach(&mut self, stage: u32) {
        for _ in 0..1_200 {
            let push = self.push();
            if push.cursor.stage == Some(stage) && push.cursor.arrived.is_some() {
                return;
            }
            if self.status() == Status::WaitingApproval {
                let sight = self.sight();
                self.give("bob", Order::Approve { push: PUSH, sight });
            }
            self.run.advance(Period::from_millis(500));
        }
        panic!("stage {stage} is not reached: {:?}", self.explain());
    }

    fn give(&mut self, by: &str, order: Order) -> Outcome {
        self.given += 1;
        let command = Command { id: CommandId(Uuid::from_u128(self.given)), actor: by.into(), order };
        self.run.command(command).expect("an answer")
    }

    fn back(&mut self) -> Outcome {
        self.give("bob", Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None })
    }

    fn alone(&mut self, service: &str, reason: &str) -> Outcome {
        self.give("bob", Order::RollBackAlone { push: PUSH, service: service.into(), reason: reason.to_owned() })
    }

    fn drain(&mut self, cell: &str) -> Outcome {
        self.give("bob", Order::Drain { push: PUSH, cell: cell.into(), reason: None })
    }

    fn halt(&mut self, reason: &str) -> Outcome {
        self.give("bob", Order::HaltRollback { push: PUSH, reason: reason.to_owned() })
    }

    fn retry(&mut self) -> Outcome {
        self.give("bob", Order::Retry { what: Retried::Push { push: PUSH } })
    }

    fn resume(&mut self) -> Outcome {
        let sight = self.sight();
        self.give("ana", Order::Resume { push: PUSH, sight })
    }

    fn sight(&self) -> Box<Sight> {
        Box::new(Sight::of(self.run.fleet(), PUSH, self.run.now()).expect("a push"))
    }

    fn push(&self) -> Push {
        self.run.fleet().push(PUSH).expect("the push").clone()
    }

    fn status(&self) -> Status {
        status::of_push(self.run.fleet(), &self.push(), self.run.now())
    }

    fn moment(&self) -> Moment {
        Moment { now: self.run.now(), zone: TimeZone::UTC }
    }

    fn explain(&self) -> Explanation {
        explain::push(self.run.fleet(), &self.push(), &self.moment())
    }

    fn explain_in(&self, service: &str, environment: &str) -> (Status, Explanation) {
        let placement = self.run.fleet().placement(&service.into(), &environment.into()).expect("a placement");
        let told = explain::placement(self.run.fleet(), placement, &self.moment());
        (status::of_placement(self.run.fleet(), placement, self.run.now()), told)
    }

    fn until(&mut self, so: impl Fn(&Push, Status) -> bool) {
        let is = |fleet: &Fleet, now: EngineTime| fleet.push(PUSH).is_some_and(|push| so(push, status::of_push(fleet, push, now)));
        until(&mut self.run, Period::from_mins(8), "what the test waits for", is);
    }

    /// Instances of a service on the new version, in staging and production.
    fn on_new(&self, service: &str) -> [u32; 2] {
        ["staging", "production"].map(|environment| {
            let placement = self.run.fleet().placement(&service.into(), &environment.into()).expect("a placement");
            placement.count(&"v2".into())
        })
    }
}

fn accepted(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

fn refused(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { why, .. } => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_sibling_that_went_back_alone_is_out_of_step_until_it_is_brought_forward_again() {
    let mut desk = Desk::at(3, small::declaration("10s"));
    let before = desk.on_new("gateway");
    assert!(refused(desk.alone("gateway", " ")).contains("say why"));
    assert!(refused(desk.alone("auth", "odd")).ends_with("it moves index, blob and gateway"));
    accepted(&desk.alone("gateway", "odd logs"));
    assert_eq!(desk.status(), Status::OutOfStep);
    assert!(matches!(desk.alone("gateway", "odd logs"), Outcome::Superseded { .. }));
    let said = desk.explain();
    assert!(said.why.contains("by bob: odd logs; index and blob still on v2"), "{said:#?}");
    assert!(said.otherwise.contains("in step again takes index and blob back too"), "{said:#?}");
    assert!(said.next.contains("u brings gateway forward again") && !said.who.is_empty(), "{said:#?}");
    desk.run.advance(Period::from_mins(1));
    assert_eq!(desk.on_new("gateway"), [0, 0], "it is back everywhere");
    assert!(desk.on_new("blob")[1] > 0 && desk.on_new("index")[0] > 0, "the others stay where they are");
    for (service, environment) in [("gateway", "production"), ("blob", "staging")] {
        let (status, told) = desk.explain_in(service, environment);
        assert_eq!(status, Status::OutOfStep);
        assert!(told.why.contains("gateway went back alone"), "{told:#?}");
    }
    let gate = desk.push().gate();
    accepted(&desk.resume());
    assert_ne!(desk.status(), Status::OutOfStep);
    assert!(desk.push().cursor.arrived.is_none() && desk.push().gate() != gate, "its stage begins anew");
    desk.until(|push, _| push.cursor.arrived.is_some());
    assert_eq!((desk.on_new("gateway")[1], desk.push().cursor.stage), (before[1], Some(3)), "no further than its stage");
    desk.run.advance(Period::from_secs(30));
    assert_eq!(desk.on_new("gateway")[0], before[0], "and in the environment before it as well");
}

#[test]
fn from_a_sibling_alone_the_others_can_be_taken_back_too() {
    let mut desk = Desk::at(2, small::declaration("30s"));
    accepted(&desk.alone("blob", "odd logs"));
    accepted(&desk.back());
    desk.until(|_, status| status == Status::RolledBack);
    assert_eq!(GROUP.map(|service| desk.on_new(service)), [[0, 0]; 3]);
    assert!(desk.push().apart.is_empty());
    let (status, _) = desk.explain_in("gateway", "production");
    assert_eq!(status, Status::RolledBack);
    assert!(matches!(desk.retry(), Outcome::Superseded { .. }));
}

#[test]
fn versions_tested_beside_each_other_are_not_out_of_step() {
    let mut declaration = small::declaration("30s");
    for release in declaration.releases.iter_mut().filter(|release| release.version.as_str() == "v2") {
        let siblings = GROUP.iter().filter(|name| **name != release.service.as_str() && release.service.as_str() != "auth");
        release.works_with = siblings.map(|name| ((*name).into(), vec!["v1".into(), "v2".into()])).collect();
    }
    let mut desk = Desk::at(2, declaration);
    accepted(&desk.alone("gateway", "odd logs"));
    assert_eq!(desk.status(), Status::Held);
    assert!(desk.explain().otherwise.contains("tested beside each other"), "{:#?}", desk.explain());
}

#[test]
fn a_drained_cell_takes_no_request_and_keeps_its_instances() {
    let mut desk = Desk::at(3, small::declaration("10s"));
    assert!(refused(desk.drain("mars")).ends_with("there are ap, us and eu to drain"));
    let before = GROUP.map(|service| desk.on_new(service));
    accepted(&desk.drain("eu"));
    assert!(matches!(desk.drain("eu"), Outcome::Superseded { .. }));
    desk.run.advance(Period::from_mins(2));
    let serving = |desk: &Desk, cell: &str| -> u32 {
        let cell = CellId::new(cell);
        let placements =
            GROUP.map(|service| desk.run.fleet().placement(&service.into(), &"production".into()).expect("one").clone());
        placements.iter().map(|placement| placement.serving_version_in(&cell, &"v2".into())).sum()
    };
    assert_eq!((serving(&desk, "eu"), desk.status()), (0, Status::Held));
    assert!(serving(&desk, "us") > 0, "the other cells serve on");
    assert_eq!(GROUP.map(|service| desk.on_new(service)), before, "they are kept");
    let said = desk.explain();
    assert!(said.why.contains("eu is drained since") && said.why.contains("take no request and are kept"), "{said:#?}");
    let (status, told) = desk.explain_in("blob", "production");
    assert!(status == Status::Held && told.why.starts_with("stopped with storage, by bob at"), "{told:#?}");
    accepted(&desk.resume());
    desk.until(|push, _| push.cursor.arrived.is_some());
    assert!(serving(&desk, "eu") > 0);
    accepted(&desk.drain("ap"));
    desk.run.advance(Period::from_secs(10));
    accepted(&desk.back());
    desk.until(|_, status| status == Status::RolledBack);
    assert_eq!(GROUP.map(|service| desk.on_new(service)), [[0, 0]; 3]);
}

#[test]
fn a_halted_way_back_stays_where_it_is_and_goes_on_only_back() {
    let mut desk = Desk::at(4, small::declaration("30s"));
    assert!(refused(desk.halt("why not")).ends_with("s stops it"));
    accepted(&desk.back());
    assert!(refused(desk.halt("")).contains("say why"));
    desk.run.advance(Period::from_secs(4));
    accepted(&desk.halt("the old version fails as well"));
    assert!(matches!(desk.halt("once more"), Outcome::Superseded { .. }));
    desk.run.advance(Period::from_secs(30));
    let stands = GROUP.map(|service| desk.on_new(service));
    assert!(stands.iter().any(|on_new| on_new[1] > 0), "it is half way");
    desk.run.advance(Period::from_mins(30));
    assert_eq!((desk.status(), GROUP.map(|service| desk.on_new(service))), (Status::Held, stands), "its deadline does not run");
    let said = desk.explain();
    assert!(said.why.starts_with("bob halted the way back at") && said.why.contains("the old version fails as well"), "{said:#?}");
    assert!(said.why.ends_with("still on v2") && said.next.starts_with("users "), "{said:#?}");
    let sight = desk.sight();
    for forward in [Order::Resume { push: PUSH, sight: sight.clone() }, Order::Approve { push: PUSH, sight }] {
        assert!(refused(desk.give("ana", forward)).contains("nothing takes it forward"));
    }
    assert!(refused(desk.retry()).ends_with("r goes on with it"));
    accepted(&desk.back());
    desk.until(|_, status| status == Status::RolledBack);
    assert_eq!(GROUP.map(|service| desk.on_new(service)), [[0, 0]; 3]);
    assert!(matches!(desk.halt("too late"), Outcome::Superseded { .. }));
}

#[test]
fn what_did_not_get_back_in_time_is_tried_again_with_a_fresh_deadline() {
    let stuck = VersionFault {
        flag: None,
        service: "blob".into(),
        version: "v1".into(),
        environments: vec!["production".into()],
        cells: Vec::new(),
        fault: Fault::Stuck {},
    };
    let mut desk = Desk::with(small::declaration("10s"), Faults(vec![stuck]));
    desk.reach(2);
    assert!(refused(desk.retry()).contains("nothing of storage has failed"));
    accepted(&desk.back());
    desk.until(|_, status| status == Status::RollbackFailed);
    let Course::RollbackFailed { rollback, stuck, .. } = desk.push().course else { panic!("failed") };
    assert!(!stuck.is_empty() && stuck.iter().all(|instance| instance.placement.service.as_str() == "blob"), "{stuck:?}");
    assert_eq!((desk.on_new("index"), desk.on_new("gateway")), ([0, 0], [0, 0]), "a sibling that never comes up holds nobody up");
    accepted(&desk.retry());
    let push = desk.push();
    let again = push.course.rollback().expect("a way back");
    assert!(matches!(push.course, Course::Back { .. }) && again.deadline > rollback.deadline && again.trigger == rollback.trigger);
    assert!(desk.explain().next.contains("not come up and the rest goes on"), "{:#?}", desk.explain());
    let remains = explain::remains(desk.run.fleet(), &desk.push(), desk.run.now());
    assert!(matches!(remains.as_slice(), [one] if one.contains("not come up in production: blob number ")), "{remains:?}");
    desk.until(|_, status| status == Status::RollbackFailed);
}

/// Whoever takes it back reads beforehand, and while it goes back, what will not be as it was.
#[test]
fn what_a_way_back_leaves_behind_is_named() {
    let mut desk = Desk::at(3, small::declaration("10s"));
    assert_eq!(explain::remains(desk.run.fleet(), &desk.push(), desk.run.now()), [] as [&str; 0]);
    accepted(&desk.drain("eu"));
    let kept = "eu was drained by bob to be looked at: what is kept there is put back as well";
    assert_eq!(explain::remains(desk.run.fleet(), &desk.push(), desk.run.now()), [kept]);
    accepted(&desk.back());
    assert_eq!(explain::remains(desk.run.fleet(), &desk.push(), desk.run.now()), [] as [&str; 0]);
}

/// The way back of one service ends beside siblings that its old version was never tested with.
#[test]
fn siblings_that_will_be_out_of_step_are_named() {
    let mut run = small::run(small::declaration("10s"), Profile::default(), SimulatedDriver::default());
    let order = Order::start(run.fleet(), PUSH, vec![("gateway".into(), "v2".into())]).expect("releases that are known");
    let command = Command { id: CommandId(Uuid::from_u128(1)), actor: "ana".into(), order };
    accepted(&run.command(command).expect("an answer"));
    until(&mut run, Period::from_secs(30), "it is in staging", |fleet, _| {
        fleet.push(PUSH).is_some_and(|push| push.cursor.stage.is_some())
    });
    let mut fleet = (**run.fleet()).clone();
    let remains = |fleet: &Fleet| explain::remains(fleet, fleet.push(PUSH).expect("the push"), run.now());
    assert_eq!(remains(&fleet), [] as [&str; 0]);
    let mut declaration = fleet.declaration().clone();
    let is_old = |release: &&mut pushdeck::domain::service::Release| {
        release.service.as_str() == "gateway" && release.version.as_str() == "v1"
    };
    let old = declaration.releases.iter_mut().find(is_old).expect("a release");
    old.works_with.insert("index".into(), vec!["v0".into()]);
    let seq = Seq(fleet.seq().0 + 1);
    fleet.apply(&Change { seq, at: run.now(), fact: Fact::Declared { declaration: Box::new(declaration) } });
    assert_eq!(remains(&fleet), ["OUT OF STEP in staging: gateway v1 was tested beside index v0, not v1"]);
}

/// Index with a door at 10 % of production.
fn with_door(bake: &str) -> Declaration {
    let mut declaration = small::declaration(bake);
    let index =
        declaration.releases.iter_mut().find(|release| release.service.as_str() == "index" && release.version.as_str() == "v2");
    index.expect("the release").one_way =
        Some(OneWay { from: Some("10 %".to_owned()), instead: "fix forward; see runbook index/format-7".to_owned() });
    declaration
}

#[test]
fn before_a_one_way_door_there_is_a_way_back_and_behind_it_there_is_none() {
    let mut desk = Desk::at(2, with_door("5s"));
    let plan = desk.push().way_back.expect("a plan");
    assert_eq!(plan.next_door.map(|door| door.stage).as_deref(), Some("10 % in production"));
    let said = desk.explain();
    assert!(said.next.ends_with("10 % in production, past the ONE-WAY DOOR of index v2"), "{said:#?}");
    assert!(said.back.ends_with("no one-way door behind us, the next is index v2, 10 % in production"), "{said:#?}");
    assert_eq!(desk.sight().material.doors.iter().map(String::as_str).collect::<Vec<_>>(), ["index v2"]);
    desk.reach(3);
    let plan = desk.push().way_back.expect("a plan");
    assert_eq!(plan.barred.iter().map(|barred| barred.service.as_str()).collect::<Vec<_>>(), GROUP, "they were tested together");
    let why = refused(desk.back());
    assert!(why.contains("index v2 is past its one-way door, 10 % in production, and blob and gateway have to stay"), "{why}");
    assert!(why.ends_with("fix forward; see runbook index/format-7"), "{why}");
    assert!(refused(desk.alone("index", "odd")).ends_with("fix forward; see runbook index/format-7"));
    assert!(refused(desk.alone("gateway", "odd")).contains("index does not return"));
    assert!(desk.explain().back.starts_with("no way back: index v2"), "{:#?}", desk.explain());
}

#[test]
fn behind_a_door_who_works_with_what_stays_may_go_back_alone() {
    let mut declaration = with_door("20s");
    for release in declaration.releases.iter_mut().filter(|release| release.version.as_str() == "v2") {
        if ["index", "blob"].contains(&release.service.as_str()) {
            release.works_with.insert("gateway".into(), vec!["v1".into(), "v2".into()]);
        }
    }
    let mut desk = Desk::at(3, declaration);
    assert!(refused(desk.back()).contains("and blob has to stay beside it"));
    accepted(&desk.alone("gateway", "odd logs"));
    assert_eq!(desk.status(), Status::Held);
}

#[test]
fn what_would_go_back_by_itself_behind_a_door_is_held_and_calls_for_a_person() {
    let bad = VersionFault {
        flag: None,
        service: "blob".into(),
        version: "v2".into(),
        environments: vec!["production".into()],
        cells: Vec::new(),
        fault: Fault::Crash { after: Period::from_secs(60) },
    };
    let mut desk = Desk::with(with_door("3s"), Faults(vec![bad]));
    desk.reach(3);
    desk.until(|push, _| !push.holds.is_empty());
    let push = desk.push();
    assert!(push.is_forward() && push.holds.iter().all(|hold| matches!(hold.by, Actor::Rule { .. })), "{:?}", push.holds);
    desk.run.advance(Period::from_secs(30));
    assert_eq!((desk.status(), desk.push().holds.len()), (Status::Held, 1), "said once");
    let said = desk.explain();
    assert!(
        said.why.starts_with("stopped by itself at") && said.why.ends_with("fix forward; see runbook index/format-7"),
        "{said:#?}"
    );
    assert!(said.next.ends_with("it does not go back") && said.who == "anybody on call", "{said:#?}");
}

/// A cell of four, three of which the peak needs, all on the new version by hand; the reinstall of the first never comes up.
#[test]
fn an_instance_that_never_comes_up_does_not_keep_its_cell_from_going_back() {
    let mut fleet = Fleet::default();
    let facts = [
        Fact::EngineStarted { engine: EngineId(Uuid::from_u128(1)), epoch: 1 },
        Fact::Declared { declaration: Box::new(tiny::declaration(&[(vec![4], 70)])) },
    ];
    let feeds = Feed::ALL.map(|feed| Fact::FeedChanged { feed, state: FeedState::Live });
    let mut now = EngineTime::from_millis(0);
    for (seq, fact) in (1..).zip(facts.into_iter().chain(feeds)) {
        fleet.apply(&Change { seq: Seq(seq), at: now, fact });
    }
    let place = PlacementId::new("s0".into(), "production".into());
    let cell = fleet.placement_by_id(&place).expect("it").cells.keys().next().expect("a cell").clone();
    let seen = |place: &PlacementId, cell: &CellId, index, version: &str| Observation {
        instance: InstanceId { placement: place.clone(), cell: cell.clone(), index },
        version: version.into(),
        phase: Phase::Ready,
        serving: true,
        restarts: 0,
    };
    let staging = PlacementId::new("s0".into(), "staging".into());
    let lab = fleet.placement_by_id(&staging).expect("it").cells.keys().next().expect("a cell").clone();
    let mut inputs = vec![Input::Observed(
        (0..4).map(|index| seen(&place, &cell, index, "v1")).chain((0..2).map(|index| seen(&staging, &lab, index, "v1"))).collect(),
    )];
    let (mut dead, mut began) = (None, false);
    for second in 0..400 {
        now = now + Period::from_secs(1);
        inputs.push(Input::Tick);
        let command = |id, order| {
            let command = Command { id: CommandId(Uuid::from_u128(id)), actor: "bob".into(), order };
            Input::Command(Box::new(command))
        };
        if second == 1 {
            inputs.push(command(1, Order::start(&fleet, PUSH, vec![("s0".into(), "v2".into())]).expect("known")));
        }
        if second == 3 {
            // Somebody went on by hand.
            inputs.push(Input::Observed((0..4).map(|index| seen(&place, &cell, index, "v2")).collect()));
        }
        if second == 3 && !began {
            began = true;
            inputs.push(command(2, Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None }));
        }
        let mut queue = std::mem::take(&mut inputs);
        while !queue.is_empty() {
            let found = step(&fleet, queue.remove(0), now, ConsoleTime::from_millis(0));
            found.changes.iter().for_each(|change| fleet.apply(change));
            for effect in found.effects {
                let Effect::Operate(operation) = effect else { continue };
                let in_production = operation.instance.placement == place;
                if in_production && began && dead.is_none() && matches!(operation.task, Task::Install { .. }) {
                    dead = Some(operation.instance.index);
                }
                if in_production && dead == Some(operation.instance.index) {
                    let down = Observation {
                        phase: Phase::Starting,
                        serving: false,
                        ..seen(&place, &cell, operation.instance.index, "v1")
                    };
                    queue.push(Input::Observed(vec![down]));
                    continue;
                }
                let serving = matches!(operation.task, Task::Install { .. });
                let version = match &operation.task {
                    Task::Install { version } => version.clone(),
                    Task::Drain | Task::Warm { .. } | Task::ShutDown => {
                        fleet.instance(&operation.instance).expect("it").version.clone()
                    }
                };
                let phase = if serving { Phase::Ready } else { Phase::Drained };
                queue.push(Input::Observed(vec![Observation {
                    instance: operation.instance,
                    version,
                    phase,
                    serving,
                    restarts: 0,
                }]));
            }
        }
    }
    let placement = fleet.placement_by_id(&place).expect("it");
    assert!(dead.is_some() && placement.count(&"v2".into()) == 0, "{:?}", placement.current());
    assert_eq!(placement.serving_in(&cell), 3, "all but the dead one are back and serve");
    let push = fleet.push(PUSH).expect("the push");
    match &push.course {
        Course::RollbackFailed { stuck, .. } => assert_eq!(stuck.iter().map(|at| Some(at.index)).collect::<Vec<_>>(), [dead]),
        course => panic!("{course:?}"),
    }
}
