//! One story at several moments, with figures that can be checked by hand: group storage goes from v41 to v42 on a Friday.
//!
//! Everything is said through [`Change`]s and [`Batch`]es, as an engine would say it.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "each test uses the moments it needs; a mistake in the story should stop the test that tells it"
)]

#[path = "story/declared.rs"]
mod declared;
#[path = "story/evidence.rs"]
mod evidence;
#[path = "story/logs.rs"]
mod logs;
#[path = "story/numbers.rs"]
mod numbers;
#[path = "story/others.rs"]
mod others;
#[path = "story/teller.rs"]
mod teller;

#[allow(unused_imports, reason = "each test uses the moments it needs")]
pub use evidence::{cleared, leaning, undecided_for_long};
use pushdeck::domain::change::Fact;
use pushdeck::domain::command::{Command, Order, Outcome};
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::harm::Harm;
use pushdeck::domain::id::{
    CellId, CommandId, EnvironmentId, FlagId, InstanceId, PersonId, PlacementId, PushId, ServiceId, Version,
};
use pushdeck::domain::metric::{Metric, SliceId, Standing};
use pushdeck::domain::person::Actor;
use pushdeck::domain::placement::Phase;
use pushdeck::domain::push::Hold;
use pushdeck::domain::requirement::RequirementKind;
use pushdeck::domain::rollback::{Manner, Rollback, RollbackPlan, RollbackStep, StepKind, Trigger};
use pushdeck::domain::time::{ConsoleTime, EngineTime, Period};
use pushdeck::domain::waiver::{Lack, Skipped, Waiver};
pub use teller::Story;
use teller::Teller;
use uuid::Uuid;

/// The storage push.
pub const STORAGE: PushId = PushId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001));
/// The cart push, which waits for the second approval before production.
pub const CART: PushId = PushId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0002));
/// The login push, which went back and was not acknowledged.
pub const LOGIN: PushId = PushId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0003));
/// The drm push, which keeps dying in staging.
pub const DRM: PushId = PushId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0004));

/// Friday 2026-11-20 at a clock time, UTC.
pub fn clock(hours: i64, minutes: i64, seconds: i64) -> EngineTime {
    const MIDNIGHT: i64 = 1_795_132_800;
    EngineTime::from_millis((MIDNIGHT + hours * 3_600 + minutes * 60 + seconds) * 1_000)
}

/// Nobody has asked for the storage push yet. 08:05.
pub fn before_it_is_asked_for() -> Story {
    let mut teller = Teller::begin();
    teller.declare();
    teller.others();
    teller.finish(clock(8, 5, 30), None)
}

/// The same on the day of a freeze, with no other push: production closes at 16:00, until Monday 09:00. 12:00.
pub fn before_it_is_asked_for_and_a_freeze() -> Story {
    let mut teller = Teller::begin();
    teller.declare();
    teller.freeze_the_weekend();
    teller.finish(clock(12, 0, 0), None)
}

/// The push is planned, and nothing has moved yet. 08:05.
pub fn before_the_first_step() -> Story {
    let mut teller = Teller::begin();
    teller.declare();
    teller.others();
    teller.request_storage();
    teller.finish(clock(8, 5, 30), None)
}

/// 10 % since 13:51, baking for 41 of 60 minutes. 14:32.
pub fn at_ten_percent() -> Story {
    ten_percent().finish(clock(14, 32, 0), None)
}

/// The same on the day of a freeze: production closes at 16:00, until Monday 09:00. 14:32.
pub fn before_a_freeze() -> Story {
    let mut teller = ten_percent();
    teller.freeze_the_weekend();
    teller.foresee(clock(14, 30, 0));
    teller.finish(clock(14, 32, 0), None)
}

/// 10 %, three quarters of an hour after production closed. 16:45.
pub fn in_a_freeze() -> Story {
    let mut teller = ten_percent();
    teller.freeze_the_weekend();
    teller.foresee(clock(14, 30, 0));
    teller.finish(clock(16, 45, 0), None)
}

/// The last instances of 10 % are on their way. 13:50.
pub fn moving() -> Story {
    let mut teller = Teller::begin();
    teller.declare();
    teller.others();
    teller.request_storage();
    teller.walk_to(3, clock(13, 49, 0));
    teller.settle_some("blob", "eu", 12);
    teller.finish(clock(13, 50, 0), None)
}

/// Everything is met but people: one of two has said yes. 14:53.
pub fn waiting_for_approval() -> Story {
    let mut teller = ten_percent();
    let at = clock(14, 52, 10);
    let wall = ConsoleTime::from_millis(at.millis());
    let approval = teller.yes(STORAGE, "omar", at, wall);
    teller.tell(at, Fact::Approved { push: STORAGE, approval });
    teller.finish(clock(14, 53, 0), None)
}

/// Everything is met, people among it, and it leaves its step when somebody promotes it. 14:53.
pub fn ready_for_a_hand() -> Story {
    let mut teller = ten_percent().by_hand(3);
    for (by, second) in [("omar", 10), ("lena", 30)] {
        let at = clock(14, 52, second);
        let approval = teller.yes(STORAGE, by, at, ConsoleTime::from_millis(at.millis()));
        teller.tell(at, Fact::Approved { push: STORAGE, approval });
    }
    teller.finish(clock(14, 53, 0), None)
}

/// Stopped by lena at 14:33, and a release made from v42 is declared. 14:35.
pub fn held_with_a_fix() -> Story {
    let mut teller = ten_percent();
    hold(&mut teller, clock(14, 33, 0), "p99.9 of blob in eu climbs");
    teller.tell(clock(14, 33, 2), Fact::StopObserved { push: STORAGE });
    teller.declare_a_fix(clock(14, 34, 0));
    teller.finish(clock(14, 35, 0), None)
}

/// Stopped by lena at 14:33, seen to have stopped. 14:35.
pub fn held() -> Story {
    let mut teller = ten_percent();
    hold(&mut teller, clock(14, 33, 0), "p99.9 of blob in eu climbs");
    teller.tell(clock(14, 33, 2), Fact::StopObserved { push: STORAGE });
    teller.finish(clock(14, 35, 0), None)
}

/// On the way to 33 % a stop was asked for and is not seen to work. 14:56:40.
pub fn not_stopped() -> Story {
    let mut teller = ten_percent();
    teller.tell(clock(14, 55, 0), Fact::StageEntered { push: STORAGE, stage: 4 });
    teller.settle_some("index", "ap", 4);
    teller.settle_some("index", "us", 9);
    teller.issue(&[("index", "us", 9), ("index", "us", 10), ("index", "eu", 5), ("index", "eu", 6)]);
    hold(&mut teller, clock(14, 56, 0), "errors in us");
    teller.tell(clock(14, 56, 15), Fact::StopTold { push: STORAGE, tries: 2 });
    teller.tell(clock(14, 56, 30), Fact::StopTold { push: STORAGE, tries: 3 });
    teller.tell(clock(14, 56, 31), Fact::StopAnswered { push: STORAGE, answer: "503 from the driver in us".to_owned() });
    teller.finish(clock(14, 56, 40), None)
}

/// No numbers from eu since 14:29: the bake clock stands still. 14:32.
pub fn no_data() -> Story {
    let mut teller = ten_percent();
    let since = clock(14, 29, 0);
    let why = "eu answers no scrape since 14:29".to_owned();
    teller.tell(since + Period::from_secs(30), Fact::FeedChanged { feed: Feed::Metrics, state: FeedState::Lost { since, why } });
    for service in ["index", "blob", "gateway"] {
        for metric in [Metric::P999, Metric::P99, Metric::Errors, Metric::Cpu, Metric::Memory] {
            let standing = Standing::NoData { why: "nothing read since 14:29".to_owned() };
            teller.judge(since + Period::from_secs(31), slice(service, "eu", "v42", metric), standing);
        }
    }
    let why = "no numbers from eu since 14:29".to_owned();
    teller.tell(since + Period::from_secs(31), Fact::BakeStopped { push: STORAGE, why });
    teller.finish(clock(14, 32, 0), Some(since))
}

/// p99.9 of blob in eu crossed its limit: it goes back by itself since 15:06, users are safe, gateway 16 of 24. 15:08.
pub fn going_back() -> Story {
    going_back_until_safe().finish(clock(15, 8, 0), None)
}

/// The first half minute of the way back: requests still meet v42. 15:06:20.
pub fn exposed() -> Story {
    let mut teller = ten_percent();
    decide_back(&mut teller);
    teller.finish(clock(15, 6, 20), None)
}

/// Two instances did not get back by 15:26. 15:27.
pub fn rollback_failed() -> Story {
    let mut teller = going_back_until_safe();
    teller.put_back("gateway", clock(15, 8, 30), 0);
    teller.tell(clock(15, 8, 31), Fact::RollbackStepDone { push: STORAGE, step: 3 });
    teller.put_back("blob", clock(15, 11, 30), 2);
    let stuck = (18..20).map(|index| instance("blob", "eu", index)).collect();
    teller.tell(clock(15, 26, 0), Fact::RollbackFailed { push: STORAGE, stuck });
    teller.finish(clock(15, 27, 0), None)
}

/// All on v41 again since 15:13, not acknowledged. 15:20.
pub fn rolled_back() -> Story {
    let mut teller = going_back_until_safe();
    for (service, step, minute) in [("gateway", 3, 8), ("blob", 4, 11), ("index", 5, 12)] {
        teller.put_back(service, clock(15, minute, 30), 0);
        teller.tell(clock(15, minute, 31), Fact::RollbackStepDone { push: STORAGE, step });
    }
    teller.tell(clock(15, 12, 32), Fact::RolledBack { push: STORAGE });
    teller.finish(clock(15, 20, 0), None)
}

/// All on v42, baked, done since 20:10. 20:30.
pub fn converged() -> Story {
    let mut teller = ten_percent();
    for (stage, hour) in [(4, 15), (5, 18)] {
        teller.walk(stage, clock(hour, 0, 0), clock(hour, 50, 0));
    }
    teller.tell(clock(20, 10, 0), Fact::PushConverged { push: STORAGE });
    teller.finish(clock(20, 30, 0), None)
}

/// At 10 %, on which 1 % went out without its errors; p99.9 of blob in eu is beyond its limit and waived until 15:15. 14:32.
pub fn waived() -> Story {
    let mut teller = ten_percent();
    skip(&mut teller, clock(13, 20, 0));
    let gate = teller.gate(STORAGE);
    teller.judge(clock(14, 30, 0), slice("blob", "eu", "v42", Metric::P999), Standing::Beyond { value: 1.62, limit: 1.5 });
    let waiver = Waiver {
        gate,
        requirement: RequirementKind::Threshold { metric: Metric::P999 },
        by: PersonId::new("mia"),
        reason: "eu compaction runs until 15:00".to_owned(),
        at: clock(14, 30, 30),
        until: clock(15, 15, 0),
        needs_second: true,
        seconded: Some(PersonId::new("omar")),
    };
    teller.tell(clock(14, 30, 30), Fact::Waived { push: STORAGE, waiver });
    teller.finish(clock(14, 32, 0), None)
}

/// All on v42, although 1 % went out without its errors. 20:30.
pub fn converged_without_all() -> Story {
    let mut teller = ten_percent();
    skip(&mut teller, clock(13, 20, 0));
    for (stage, hour) in [(4, 15), (5, 18)] {
        teller.walk(stage, clock(hour, 0, 0), clock(hour, 50, 0));
    }
    teller.tell(clock(20, 10, 0), Fact::PushConverged { push: STORAGE });
    teller.finish(clock(20, 30, 0), None)
}

fn skip(teller: &mut Teller, at: EngineTime) {
    let skipped = Skipped {
        what: Lack::Requirement { kind: RequirementKind::Threshold { metric: Metric::Errors } },
        step: "1 % in production".to_owned(),
        by: PersonId::new("mia"),
        seconded: None,
        reason: "a known client".to_owned(),
        at,
    };
    teller.tell(at, Fact::Skipped { push: STORAGE, skipped: Box::new(skipped) });
}

/// A slice of production.
pub fn slice(service: &str, cell: &str, version: &str, metric: Metric) -> SliceId {
    SliceId {
        service: ServiceId::new(service),
        environment: EnvironmentId::new("production"),
        cell: CellId::new(cell),
        version: Version::new(version),
        metric,
    }
}

/// An instance in production.
pub fn instance(service: &str, cell: &str, index: u32) -> InstanceId {
    InstanceId { placement: place(service, "production"), cell: CellId::new(cell), index }
}

/// A placement.
pub fn place(service: &str, environment: &str) -> PlacementId {
    PlacementId::new(ServiceId::new(service), EnvironmentId::new(environment))
}

fn ten_percent() -> Teller {
    let mut teller = Teller::begin();
    teller.declare();
    teller.others();
    teller.request_storage();
    teller.walk_to(3, clock(13, 51, 0));
    teller.tell(
        clock(14, 31, 0),
        Fact::Harmed {
            push: STORAGE,
            harm: Harm { failed: 0.0, slow: 15.2, failed_per_min: 0.0, slow_per_min: 0.4, requests: 27_300_000, ..Harm::default() },
        },
    );
    teller
}

fn hold(teller: &mut Teller, at: EngineTime, reason: &str) {
    let order = Order::Hold { push: STORAGE, reason: Some(reason.to_owned()) };
    let id = CommandId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0101));
    let command = Box::new(Command { id, actor: PersonId::new("lena"), order });
    let seq = teller.next_seq();
    teller.tell(at, Fact::Commanded { command, outcome: Outcome::Accepted { seq } });
    let by = Actor::Person { name: PersonId::new("lena") };
    teller.tell(at, Fact::Held { push: STORAGE, hold: Hold { by, since: at, reason: Some(reason.to_owned()) } });
    teller.tell(at, Fact::StopTold { push: STORAGE, tries: 1 });
}

fn decide_back(teller: &mut Teller) {
    let decided = clock(15, 6, 0);
    let culprit = slice("blob", "eu", "v42", Metric::P999);
    teller.judge(clock(15, 4, 0), culprit.clone(), Standing::Beyond { value: 1.6, limit: 1.5 });
    let plan = way_back();
    let rollback = Rollback {
        manner: Manner::Ordered,
        decided,
        since: decided,
        trigger: Trigger::Threshold { slice: culprit, value: 1.6, limit: 1.5, since: clock(15, 4, 0) },
        finished: vec![None; plan.steps.len()],
        plan,
        users_safe: None,
        deadline: clock(15, 26, 0),
        halted: None,
    };
    teller.tell(decided, Fact::RollbackDecided { push: STORAGE, rollback: Box::new(rollback) });
    switch_off(teller, decided, Actor::Rule { rule: "rollback".to_owned() }, 312);
    teller.tell(clock(15, 6, 1), Fact::RollbackStepDone { push: STORAGE, step: 0 });
}

/// Blob's flag is switched off, and so many of the 492 instances that read it have taken that.
fn switch_off(teller: &mut Teller, at: EngineTime, by: Actor, taken: u32) {
    let flag = FlagId::new("blob_v2");
    teller.tell(at, Fact::FlagSwitched { flag: flag.clone(), on: false, by });
    teller.tell(at, Fact::FlagTold { flag: flag.clone(), tries: 1 });
    teller.tell(at + Period::from_secs(3), Fact::FlagSeen { flag, taken, of: 492 });
}

/// 10 %, going forward, and omar has just switched blob's flag off. 14:32.
pub fn flag_going_off() -> Story {
    let mut teller = ten_percent();
    switch_off(&mut teller, clock(14, 31, 50), Actor::Person { name: PersonId::new("omar") }, 312);
    teller.finish(clock(14, 32, 0), None)
}

fn going_back_until_safe() -> Teller {
    let mut teller = ten_percent();
    decide_back(&mut teller);
    for service in ["index", "blob", "gateway"] {
        teller.put_back_in(service, "staging", clock(15, 6, 30));
        teller.drain(service, clock(15, 6, 46));
    }
    teller.tell(clock(15, 6, 5), Fact::FlagSeen { flag: FlagId::new("blob_v2"), taken: 492, of: 492 });
    teller.tell(clock(15, 6, 5), Fact::RollbackStepDone { push: STORAGE, step: 1 });
    teller.tell(clock(15, 6, 47), Fact::RollbackStepDone { push: STORAGE, step: 2 });
    teller.tell(clock(15, 7, 0), Fact::UsersSafe { push: STORAGE });
    teller.put_back("gateway", clock(15, 7, 50), 8);
    teller.tell(
        clock(15, 7, 55),
        Fact::Harmed {
            push: STORAGE,
            harm: Harm { failed: 0.0, slow: 61.0, failed_per_min: 0.0, slow_per_min: 0.0, requests: 51_100_000, ..Harm::default() },
        },
    );
    teller
}

/// Back from 10 %: safe after 45 s, all on v41 after 6 min.
fn way_back() -> RollbackPlan {
    let back = |service: &str, instances, seconds| RollbackStep {
        kind: StepKind::Reinstall { service: ServiceId::new(service), to: Version::new("v41") },
        instances,
        batches: 3,
        takes: Period::from_secs(seconds),
    };
    RollbackPlan {
        manner: Manner::Ordered,
        environment: Some(EnvironmentId::new("production")),
        steps: vec![
            RollbackStep { kind: StepKind::Stop, instances: 0, batches: 1, takes: Period::ZERO },
            RollbackStep {
                kind: StepKind::FlagOff { flag: FlagId::new("blob_v2") },
                instances: 492,
                batches: 1,
                takes: Period::from_secs(5),
            },
            RollbackStep { kind: StepKind::Drain, instances: 84, batches: 1, takes: Period::from_secs(45) },
            back("gateway", 24, 90),
            back("blob", 48, 180),
            back("index", 12, 45),
        ],
        users_safe: Period::from_secs(45),
        all_old: Period::from_mins(6),
        shortfall: 0,
        barred: Vec::new(),
        next_door: None,
        kept: None,
    }
}

/// An instance's phases that the story tells of.
const READY: (Phase, bool) = (Phase::Ready, true);
const DRAINED: (Phase, bool) = (Phase::Drained, false);

/// 10 %, and three kinds of error line that only v42 of blob writes. 14:32.
pub fn new_errors() -> Story {
    logs::with_logs(at_ten_percent(), logs::Read::Whole, true)
}

/// 10 %, and no kind of error line that v41 does not write too. 14:32.
pub fn no_new_errors() -> Story {
    logs::with_logs(at_ten_percent(), logs::Read::Whole, false)
}

/// 10 %, and the logs of eu cannot be read since 14:20. 14:32.
pub fn logs_not_read() -> Story {
    logs::with_logs(at_ten_percent(), logs::Read::NotEu, false)
}

/// The way back, with the error lines that only v42 of blob wrote. 15:08.
pub fn going_back_with_errors() -> Story {
    logs::with_logs(going_back(), logs::Read::Whole, true)
}
