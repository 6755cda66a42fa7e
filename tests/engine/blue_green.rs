//! Stages that go blue/green: green is warmed and weighed in, blue is kept, and as long as it is the way back installs nothing.

use jiff::tz::TimeZone;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, Order, Outcome, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::explain::{self, Moment};
use pushdeck::domain::exposure;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CellId, CommandId, PushId};
use pushdeck::domain::person::Actor;
use pushdeck::domain::placement::{Instance, Placement, Task};
use pushdeck::domain::prospect::Prospect;
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::requirement::RequirementKind;
use pushdeck::domain::rollback::{Manner, StepKind};
use pushdeck::domain::service::{OneWay, Release};
use pushdeck::domain::share::Share;
use pushdeck::domain::stage::{Scope, Stage};
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;
use super::watcher::LOOK;

const PUSH: PushId = PushId(Uuid::from_u128(88));
/// One side of auth in production.
const SIDE: u32 = 100;
/// How long an instance takes to be installed here: much longer than to be put in.
const INSTALL: Period = Period::from_secs(20);

/// The small declaration with production blue/green: warm, 10, 50 and 100 %. Blue is kept 15 s of the 60 s that 100 % is watched.
fn declaration() -> Declaration {
    let mut declaration = small::declaration("2s");
    for leg in declaration.plans.values_mut().flat_map(|plan| &mut plan.legs) {
        if leg.environment.as_str() == "production" {
            let asked = leg.stages[0].clone();
            let weight = |percent: f64, bake| Stage {
                name: Share::percent(percent).to_string(),
                scope: Scope::Share { share: Share::percent(percent) },
                bake: Period::from_secs(bake),
                // In place, a tenth of a cell at a time, takes a while.
                deadline: Period::from_mins(10),
                approval: None,
                ..asked.clone()
            };
            let warm = Stage { name: "warm".to_owned(), scope: Scope::Warm, ..asked.clone() };
            leg.stages = vec![warm, weight(10.0, 5), weight(50.0, 5), weight(100.0, 60)];
            leg.keep = Some(Period::from_secs(15));
        }
    }
    for service in &mut declaration.services {
        service.install = INSTALL;
    }
    declaration
}

/// A run of a push of auth, with all that happened in it, that sees at every look that capacity is kept.
struct Bench {
    run: Stepped,
    seen: Vec<Change>,
    given: u128,
    /// How few of a cell's side may serve: the peak's need while it goes back.
    going_back: bool,
}

impl Bench {
    fn of(declaration: Declaration) -> Self {
        let run = small::run(declaration, Profile::default(), SimulatedDriver::default());
        let mut bench = Self { run, seen: Vec::new(), given: 0, going_back: false };
        bench.start("v2", PUSH);
        bench
    }

    fn new() -> Self {
        Self::of(declaration())
    }

    fn start(&mut self, version: &str, id: PushId) {
        let order = Order::start(self.run.fleet(), id, vec![("auth".into(), version.into())]).expect("known releases");
        self.give("ana", order);
    }

    fn give(&mut self, by: &str, order: Order) {
        self.given += 1;
        let command = Command { id: CommandId(Uuid::from_u128(self.given)), actor: by.into(), order };
        let outcome = self.run.command(command);
        assert!(matches!(outcome, Some(Outcome::Accepted { .. })), "{outcome:?}");
        self.seen.extend(self.run.drain().changes);
    }

    fn back(&mut self) {
        self.going_back = true;
        self.give("bob", Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None });
    }

    fn push(&self) -> Push {
        self.run.fleet().push(PUSH).expect("the push").clone()
    }

    fn auth(&self) -> Placement {
        self.run.fleet().placement(&"auth".into(), &"production".into()).expect("it").clone()
    }

    fn moment(&self) -> Moment {
        Moment { now: self.run.now(), zone: TimeZone::UTC }
    }

    fn words_back(&self) -> String {
        explain::push(self.run.fleet(), &self.push(), &self.moment()).back
    }

    fn look(&mut self) {
        self.run.advance(LOOK);
        self.seen.extend(self.run.drain().changes);
        let id = self.push().id();
        let open: Vec<PushId> = self.run.fleet().pushes().filter(|push| push.is_open()).map(Push::id).collect();
        for push in open {
            let sight = Sight::of(self.run.fleet(), push, self.run.now()).map(Box::new);
            let asked = |fleet: &Fleet| {
                let push = fleet.push(push).expect("it");
                status::of_push(fleet, push, self.run.now()) == Status::WaitingApproval
            };
            if let Some(sight) = sight.filter(|_| asked(self.run.fleet())) {
                self.give("bob", Order::Approve { push, sight });
            }
        }
        let auth = self.auth();
        for cell in auth.cells.keys() {
            let serve = auth.count_where(cell, Instance::can_be_counted_on);
            let least = if self.going_back { self.run.fleet().needed_in(&auth.id, cell) } else { auth.size_in(cell) };
            assert!(serve >= least, "{cell} of {id}: {serve} serve, {least} are the least");
        }
        assert_eq!(auth.size(), SIDE, "one side is what counts");
        let drifted = self.seen.iter().find(|change| matches!(change.fact, Fact::Drifted { .. }));
        assert!(drifted.is_none(), "{drifted:?}");
    }

    fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) -> Period {
        let began = self.run.now();
        while !so(self) {
            assert!(self.run.now() < began + Period::from_mins(6), "{what} never: {:#?}", self.words());
            self.look();
        }
        self.run.now() - began
    }

    fn words(&self) -> explain::Explanation {
        explain::push(self.run.fleet(), &self.push(), &self.moment())
    }

    fn is_at(&self, stage: &str) -> bool {
        let push = self.push();
        let here = push.stage().is_some_and(|at| at.name == stage && at.environment.as_str() == "production");
        here && push.cursor.arrived.is_some()
    }

    fn at(stage: &str) -> Self {
        let mut bench = Self::new();
        bench.until(stage, |bench| bench.is_at(stage));
        bench
    }

    fn passes(&mut self, seconds: i64) {
        for _ in 0..seconds * 2 {
            self.look();
        }
    }

    fn has_let_go(&self) -> bool {
        self.seen.iter().any(|change| matches!(change.fact, Fact::BlueLetGo { .. }))
    }

    /// What was asked of production's instances since a number of changes ago, with the version each ran.
    fn asked_since(&self, from: usize) -> Vec<Task> {
        let operations = self.seen.iter().skip(from).filter_map(|change| match &change.fact {
            Fact::Issued { operations, .. } => Some(operations),
            _ => None,
        });
        operations
            .flatten()
            .filter(|operation| operation.instance.placement.environment.as_str() == "production")
            .map(|operation| operation.task.clone())
            .collect()
    }
}

#[test]
fn warm_exposes_nobody_and_counts_for_nothing() {
    let bench = Bench::at("warm");
    let (fleet, push, auth) = (bench.run.fleet(), bench.push(), bench.auth());
    let exposed = exposure::now(fleet, &push).expect("an exposure");
    assert_eq!((exposed.instances, exposed.of, exposed.users), (0, SIDE, 0));
    assert!(exposed.rps.abs() < f64::EPSILON && exposed.cells.is_empty(), "{exposed:?}");
    assert_eq!(auth.current().into_iter().map(|(version, count)| (version.as_str(), count)).collect::<Vec<_>>(), [("v1", SIDE)]);
    assert_eq!(auth.stand_by().into_iter().map(|(version, count)| (version.as_str(), count)).collect::<Vec<_>>(), [("v2", SIDE)]);
    assert!(auth.is_on_target() && auth.serving() == SIDE);
    assert_eq!(auth.ordered().as_str(), "v1");
    let back = bench.words_back();
    assert!(back.contains("nobody has met it") && back.contains("nothing is installed"), "{back}");
}

#[test]
fn each_weight_takes_as_many_of_blue_out_as_it_puts_in_and_blue_is_let_go_in_the_end() {
    let mut bench = Bench::at("10 %");
    bench.passes(3);
    let exposed = exposure::now(bench.run.fleet(), &bench.push()).expect("an exposure");
    assert_eq!((exposed.instances, exposed.of), (10, SIDE));
    assert!((exposed.share.as_f64() - 0.1).abs() < 0.01, "{exposed:?}");
    let auth = bench.auth();
    let counts = |found: std::collections::BTreeMap<&pushdeck::domain::id::Version, u32>| {
        found.into_iter().map(|(version, count)| (version.to_string(), count)).collect::<Vec<_>>()
    };
    assert_eq!(counts(auth.current()), [("v1".to_owned(), 90), ("v2".to_owned(), 10)]);
    assert_eq!(counts(auth.stand_by()), [("v1".to_owned(), 10), ("v2".to_owned(), 90)]);
    assert!(bench.words_back().contains("blue is kept until 15 s after 100 %"), "{}", bench.words_back());

    bench.until("100 %", |bench| bench.is_at("100 %"));
    bench.passes(4);
    let back = bench.words_back();
    assert!(back.contains("back at once") && back.contains("blue is kept until 20:"), "{back}");
    assert!(!bench.has_let_go());
    bench.until("blue is let go", Bench::has_let_go);
    assert!(bench.push().is_forward(), "the push is still watched");
    let back = bench.words_back();
    assert!(!back.contains("at once") && back.contains("all back in"), "{back}");
    assert!(bench.push().way_back.expect("a way back").all_old >= INSTALL);

    bench.until("the end", |bench| matches!(bench.push().course, Course::Converged { .. }));
    bench.passes(5);
    let auth = bench.auth();
    assert!(auth.is_converged() && !auth.has_to_stop_green(), "{:?}", auth.stand_by());
    assert_eq!((counts(auth.current()), counts(auth.stand_by())), (vec![("v2".to_owned(), SIDE)], Vec::new()));
    assert_eq!(status::of_placement(bench.run.fleet(), &auth, bench.run.now()), Status::Converged);

    // What was blue is the side that is changed next.
    let next = PushId(Uuid::from_u128(89));
    bench.start("v1", next);
    bench.until("the next one's end", |bench| {
        bench.run.fleet().push(next).is_some_and(|push| matches!(push.course, Course::Converged { .. }))
    });
    bench.passes(5);
    let auth = bench.auth();
    assert!(auth.is_converged(), "{:?} {:?}", auth.current(), auth.stand_by());
    assert_eq!(counts(auth.current()), [("v1".to_owned(), SIDE)]);
}

#[test]
fn back_at_once_installs_nothing_and_is_faster_than_an_installation() {
    let mut bench = Bench::at("50 %");
    bench.passes(2);
    let plan = bench.push().way_back.expect("a way back");
    assert!(plan.kept.is_some() && plan.users_safe < INSTALL, "{plan:?}");
    let words = bench.words_back();
    assert!(words.contains("back at once") && words.contains("other environments are back in"), "{words}");
    assert!(
        plan.steps.iter().any(|step| matches!(step.kind, StepKind::SwitchBack { .. }) && step.instances == SIDE / 2),
        "{plan:?}"
    );
    let from = bench.seen.len();
    bench.back();
    let took = bench.until("back in production", |bench| {
        bench.auth().is_on_target() && bench.push().course.rollback().is_some_and(|back| back.users_safe.is_some())
    });
    assert!(took < INSTALL, "{took}");
    bench.until("rolled back", |bench| matches!(bench.push().course, Course::RolledBack { .. }));
    let Course::RolledBack { rollback, .. } = bench.push().course else { panic!("not back") };
    assert!(rollback.users_safe.is_some() && rollback.finished.iter().all(Option::is_some), "{rollback:?}");
    let is_put_in = |task: &Task| matches!(task, Task::Install { version } if version.as_str() == "v1");
    let asked = bench.asked_since(from);
    assert_eq!(asked.iter().filter(|task| is_put_in(task)).count() as u32, SIDE / 2, "only blue is put back in");
    assert!(asked.iter().all(|task| is_put_in(task) || matches!(task, Task::Drain | Task::ShutDown)), "{asked:?}");
    bench.passes(10);
    let auth = bench.auth();
    assert!(auth.is_on_target() && !auth.has_to_stop_green() && auth.stand_by().is_empty());
    assert_eq!(auth.count(&"v1".into()), SIDE);
    assert_eq!(status::of_placement(bench.run.fleet(), &auth, bench.run.now()), Status::RolledBack);
}

#[test]
fn after_blue_is_let_go_the_way_back_installs_and_says_so() {
    let mut bench = Bench::at("100 %");
    bench.until("blue is let go", Bench::has_let_go);
    bench.passes(5);
    let plan = bench.push().way_back.expect("a way back");
    assert!(plan.kept.is_none() && plan.all_old >= INSTALL, "{plan:?}");
    assert!(plan.steps.iter().any(|step| matches!(step.kind, StepKind::Reinstall { .. }) && step.instances == SIDE), "{plan:?}");
    bench.back();
    let took = bench.until("rolled back", |bench| matches!(bench.push().course, Course::RolledBack { .. }));
    assert!(took > INSTALL, "{took}");
    bench.passes(5);
    let auth = bench.auth();
    assert!(auth.is_on_target() && !auth.has_to_stop_green());
    assert_eq!((auth.count(&"v1".into()), auth.stand_by().len()), (SIDE, 0));
}

#[test]
fn what_is_only_warm_is_stopped_and_nobody_has_met_it() {
    let mut bench = Bench::at("warm");
    bench.back();
    bench.until("rolled back", |bench| matches!(bench.push().course, Course::RolledBack { .. }));
    bench.passes(5);
    let auth = bench.auth();
    assert!(auth.stand_by().is_empty() && !auth.has_to_stop_green() && auth.serving() == SIDE);
}

#[test]
fn a_stop_keeps_both_sides_and_what_is_stopped_keeps_blue() {
    let mut bench = Bench::at("100 %");
    bench.give("bob", Order::Hold { push: PUSH, reason: None });
    bench.passes(5);
    let (from, stood_by) = (bench.seen.len(), bench.auth().stand_by().values().sum::<u32>());
    bench.passes(40);
    assert_eq!(bench.asked_since(from), [], "nothing is done to either side");
    assert_eq!(bench.auth().stand_by().values().sum::<u32>(), stood_by);
    assert!(!bench.has_let_go(), "blue is kept as long as it is stopped");
    assert!(bench.words_back().contains("back at once"), "{}", bench.words_back());
    let sight = Sight::of(bench.run.fleet(), PUSH, bench.run.now()).map(Box::new).expect("a sight");
    bench.give("bob", Order::Resume { push: PUSH, sight });
    bench.until("blue is let go", Bench::has_let_go);
}

#[test]
fn a_drained_cell_has_its_traffic_on_blue_and_keeps_green_warm() {
    let mut bench = Bench::at("50 %");
    bench.passes(2);
    bench.going_back = true;
    let cell = CellId::new("eu");
    let auth = bench.auth();
    assert_eq!(auth.serving_version_in(&cell, &"v2".into()), 20);
    bench.give("bob", Order::Drain { push: PUSH, cell: cell.clone(), reason: None });
    bench.passes(10);
    let auth = bench.auth();
    assert_eq!((auth.serving_version_in(&cell, &"v2".into()), auth.serving_in(&cell)), (0, 40));
    assert_eq!(auth.warm_in(&cell, &"v2".into()), 40);
    assert_eq!(auth.serving_version_in(&"us".into(), &"v2".into()), 15, "elsewhere it stays as it is");
}

#[test]
fn in_the_middle_of_anything_a_stop_or_a_way_back_keeps_capacity() {
    for seconds in [1, 4, 9, 16, 24, 30, 33, 36, 39, 43, 47, 60, 75] {
        let mut bench = Bench::new();
        bench.passes(seconds);
        if bench.push().is_forward() {
            bench.give("bob", Order::Hold { push: PUSH, reason: None });
        }
        bench.passes(5);
        bench.back();
        bench.until("rolled back", |bench| matches!(bench.push().course, Course::RolledBack { .. }));
        bench.passes(30);
        let auth = bench.auth();
        assert!(auth.is_on_target() && !auth.has_to_stop_green(), "after {seconds} s: {:?} {:?}", auth.current(), auth.stand_by());
        assert_eq!(auth.count(&"v1".into()), SIDE, "after {seconds} s");
    }
}

fn with_more_releases() -> Declaration {
    let mut declaration = declaration();
    let second = declaration.releases.iter().find(|found| found.service.as_str() == "auth" && found.version.as_str() == "v2");
    let second = second.expect("a release").clone();
    for version in ["v2.1", "v3"] {
        let digest = format!("sha256:{version}");
        declaration.releases.push(Release {
            version: version.into(),
            digest: digest.as_str().into(),
            based_on: Some("v2".into()),
            ..second.clone()
        });
    }
    declaration
}

#[test]
fn a_fix_takes_the_place_of_green_while_blue_is_kept_and_is_installed_in_place_after_that() {
    for is_let_go in [false, true] {
        let mut bench = Bench::of(with_more_releases());
        if is_let_go {
            bench.until("blue is let go", Bench::has_let_go);
            // In place: a batch is out while it is installed.
            bench.going_back = true;
        } else {
            bench.until("50 %", |bench| bench.is_at("50 %"));
        }
        let sight = Sight::of(bench.run.fleet(), PUSH, bench.run.now()).map(Box::new).expect("a sight");
        let (releases, digests) = (vec![("auth".into(), "v2.1".into())], vec!["sha256:v2.1".into()]);
        bench.give("ana", Order::FixForward { push: PUSH, sight, releases, digests });
        let converged = |bench: &Bench| matches!(bench.push().course, Course::Converged { .. });
        bench.until("the end", |bench| converged(bench) || !bench.push().is_forward());
        assert!(converged(&bench), "{:#?}", bench.words());
        bench.passes(5);
        let auth = bench.auth();
        assert!(auth.is_converged() && auth.stand_by().is_empty(), "{:?} {:?}", auth.current(), auth.stand_by());
        assert_eq!(auth.count(&"v2.1".into()), SIDE);
    }
}

#[test]
fn a_newer_release_finds_green_stopped_and_warms_its_own() {
    let mut bench = Bench::of(with_more_releases());
    bench.until("50 %", |bench| bench.is_at("50 %"));
    let newer = PushId(Uuid::from_u128(90));
    bench.start("v3", newer);
    bench.until("the newer one's end", |bench| {
        bench.run.fleet().push(newer).is_some_and(|push| matches!(push.course, Course::Converged { .. }))
    });
    assert!(matches!(bench.push().course, Course::Replaced { .. }));
    bench.passes(5);
    let auth = bench.auth();
    assert!(auth.is_converged() && auth.stand_by().is_empty(), "{:?} {:?}", auth.current(), auth.stand_by());
    assert_eq!(auth.count(&"v3".into()), SIDE);
}

#[test]
fn a_one_way_door_bars_the_way_back_although_blue_is_warm_and_is_told_of_beforehand() {
    let mut declaration = declaration();
    for release in declaration.releases.iter_mut().filter(|release| release.service.as_str() == "auth") {
        if release.version.as_str() == "v2" {
            release.one_way = Some(OneWay { from: Some("50 %".to_owned()), instead: "fix forward".to_owned() });
        }
    }
    let mut bench = Bench::of(declaration);
    let releases = [("auth".into(), "v2".into())];
    let ahead = {
        let run = small::run(bench.run.fleet().declaration().clone(), Profile::default(), SimulatedDriver::default());
        Prospect::of(run.fleet(), &releases, Actor::Person { name: "ana".into() }, run.now()).expect("a prospect")
    };
    let back = |name: &str| ahead.steps.iter().find(|step| step.stage.name == name).expect("the stage").back.words();
    assert!(back("10 %").contains("at once"), "{}", back("10 %"));
    assert!(back("50 %").contains("no way back") && back("50 %").contains("blue is warm"), "{}", back("50 %"));
    bench.until("10 %", |bench| bench.is_at("10 %"));
    assert!(bench.words_back().contains("back at once"), "{}", bench.words_back());
    bench.until("50 %", |bench| bench.is_at("50 %"));
    let words = bench.words_back();
    assert!(words.contains("no way back") && words.contains("blue is warm"), "{words}");
}

#[test]
fn what_replaces_one_that_was_through_does_not_promise_the_blue_of_that_one() {
    let mut bench = Bench::of(with_more_releases());
    bench.until("100 %", |bench| bench.is_at("100 %"));
    let newer = PushId(Uuid::from_u128(90));
    bench.start("v3", newer);
    // What was blue is stopped, and what was green is one side: it is changed no more than a cell can spare.
    bench.going_back = true;
    bench.until("the newer one's 50 %", |bench| {
        bench.run.fleet().push(newer).and_then(Push::stage).is_some_and(|stage| stage.name == "50 %")
    });
    let push = bench.run.fleet().push(newer).expect("it").clone();
    let plan = push.way_back.clone().expect("a way back");
    let from = push.plan.moves[0].from.get(&"production".into()).expect("where it came from").clone();
    let promises = plan.kept.is_some();
    assert_eq!(promises, bench.auth().base == from, "{plan:?} from {from}");
    bench.give("bob", Order::RollBack { push: newer, manner: Manner::Ordered, reason: None });
    bench.until("it is back", |bench| {
        matches!(bench.run.fleet().push(newer).expect("it").course, Course::RolledBack { .. } | Course::RollbackFailed { .. })
    });
    assert!(matches!(bench.run.fleet().push(newer).expect("it").course, Course::RolledBack { .. }));
    bench.passes(30);
    let auth = bench.auth();
    assert_eq!((auth.count(&from), auth.stand_by().is_empty()), (SIDE, true), "{:?} {:?}", auth.current(), auth.stand_by());
}

#[test]
fn a_waived_bake_does_not_shorten_how_long_blue_is_kept() {
    let mut declaration = declaration();
    declaration.environments.iter_mut().for_each(|environment| environment.waive_alone_up_to = Share::percent(100.0));
    let mut bench = Bench::of(declaration);
    bench.until("100 %", |bench| bench.is_at("100 %"));
    let sight = Sight::of(bench.run.fleet(), PUSH, bench.run.now()).map(Box::new).expect("a sight");
    let (requirement, lasts) = (RequirementKind::Bake, Period::from_mins(30));
    bench.give("bob", Order::Waive { push: PUSH, sight, requirement, reason: "seen enough".to_owned(), lasts });
    bench.passes(8);
    assert!(bench.push().is_open() && !bench.has_let_go(), "{:#?}", bench.words());
    let took = bench.until("it is through", |bench| matches!(bench.push().course, Course::Converged { .. }));
    assert!(bench.has_let_go() && took < Period::from_secs(30), "{took}");
}
