//! What holds whatever happens, in whatever order, on small fleets with a driver that misbehaves.

use std::collections::BTreeMap;

use proptest::prelude::*;
use pushdeck::domain::capacity::Margin;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, Order, Outcome, Sight};
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, EngineId, GateId, InstanceId, PersonId, PushId, Seq, Version};
use pushdeck::domain::metric::{Metric, SliceId, Standing};
use pushdeck::domain::placement::{Instance, Operation, Phase, Task};
use pushdeck::domain::push::{APPROVAL_LIFE, Course, Push};
use pushdeck::domain::requirement::{self, RequirementKind};
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::time::{ConsoleTime, EngineTime, Period};
use pushdeck::engine::effect::{Input, Step};
use pushdeck::engine::step::step;
use uuid::Uuid;

use super::driver::{Habits, Unruly};
use super::tiny::{Sized, declaration};

/// Something that happens to the engine.
#[derive(Clone, Debug)]
enum Deed {
    /// So many seconds pass, with all numbers good or one of them otherwise.
    Passes(u8),
    /// The driver does so many things.
    Works(u8),
    Start,
    Approve,
    Hold,
    Resume,
    Back(Manner),
    Reject,
    Waive,
    Revoke,
    /// The last command once more, the same or under its id another one.
    Again {
        same: bool,
    },
    Turns(u8, Turn),
    Strays(u32),
    Metrics {
        live: bool,
    },
}

#[derive(Clone, Copy, Debug)]
enum Turn {
    Bad,
    Blind,
    Good,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        12 => (1u8..6).prop_map(Deed::Passes),
        12 => (1u8..30).prop_map(Deed::Works),
        2 => Just(Deed::Start),
        6 => Just(Deed::Approve),
        1 => Just(Deed::Hold),
        2 => Just(Deed::Resume),
        1 => prop_oneof![Just(Manner::Ordered), Just(Manner::Fast)].prop_map(Deed::Back),
        1 => Just(Deed::Reject),
        1 => Just(Deed::Waive),
        1 => Just(Deed::Revoke),
        2 => any::<bool>().prop_map(|same| Deed::Again { same }),
        1 => (any::<u8>(), prop_oneof![Just(Turn::Bad), Just(Turn::Blind), Just(Turn::Good)]).prop_map(|(which, turn)| Deed::Turns(which, turn)),
        1 => any::<u32>().prop_map(Deed::Strays),
        1 => any::<bool>().prop_map(|live| Deed::Metrics { live }),
    ]
}

fn services() -> impl Strategy<Value = Vec<Sized>> {
    (1usize..4, 1usize..4)
        .prop_flat_map(|(services, cells)| prop::collection::vec((prop::collection::vec(1u32..14, cells), 20u32..100), services))
}

fn habits() -> impl Strategy<Value = Habits> {
    (0u32..40, 0u32..20, 0u32..30, 0u32..60).prop_map(|(fails, loses, repeats, deaf)| Habits { fails, loses, repeats, deaf })
}

/// The engine, the driver, and the eye on both.
struct World {
    fleet: Fleet,
    driver: Unruly,
    now: EngineTime,
    made: u128,
    last: Option<(Command, Outcome)>,
    strayed: bool,
    turned: BTreeMap<SliceId, Standing>,
    /// Approvals that stand: of which gate, whose, and when by the wall.
    given: Vec<(GateId, PersonId, ConsoleTime)>,
}

impl World {
    fn new(services: &[Sized], habits: Habits, seed: u64) -> Self {
        let mut fleet = Fleet::default();
        let facts = [
            Fact::EngineStarted { engine: EngineId(Uuid::from_u128(1)), epoch: 1 },
            Fact::Declared { declaration: Box::new(declaration(services)) },
        ];
        let feeds = Feed::ALL.map(|feed| Fact::FeedChanged { feed, state: FeedState::Live });
        for (seq, fact) in (1..).zip(facts.into_iter().chain(feeds)) {
            fleet.apply(&Change { seq: Seq(seq), at: EngineTime::from_millis(0), fact });
        }
        let instances: Vec<(InstanceId, Version)> = fleet
            .placements()
            .flat_map(|placement| {
                placement.instances().map(|(cell, index, instance)| {
                    (InstanceId { placement: placement.id.clone(), cell: cell.clone(), index }, instance.version.clone())
                })
            })
            .collect();
        let mut driver = Unruly::new(instances.into_iter(), seed);
        while let Some(seen) = driver.happens() {
            let step = step(&fleet, seen, EngineTime::from_millis(0), ConsoleTime::from_millis(0));
            step.changes.iter().for_each(|change| fleet.apply(change));
        }
        driver.habits = habits;
        Self {
            fleet,
            driver,
            now: EngineTime::from_millis(1_000),
            made: 0,
            last: None,
            strayed: false,
            turned: BTreeMap::new(),
            given: Vec::new(),
        }
    }

    /// Takes an input in, looks at what follows, and hands the effects on.
    fn take(&mut self, input: Input) -> Step {
        let said = step(&self.fleet, input, self.now, self.wall());
        for change in &said.changes {
            self.look(change);
            self.keep_book(change);
            self.fleet.apply(change);
        }
        let issued: usize = said
            .changes
            .iter()
            .map(|change| if let Fact::Issued { operations, .. } = &change.fact { operations.len() } else { 0 })
            .sum();
        let sent = said.effects.iter().filter(|effect| matches!(effect, pushdeck::engine::effect::Effect::Operate(_))).count();
        assert_eq!(issued, sent, "what is sent was recorded before");
        said.effects.iter().cloned().for_each(|effect| self.driver.take(effect));
        self.within_grants();
        said
    }

    fn look(&self, change: &Change) {
        match &change.fact {
            Fact::StageEntered { push, stage } => {
                let push = self.fleet.push(*push).expect("the push");
                assert!(push.is_forward(), "nothing goes forward after it turned back");
                self.was_agreed(push, *stage);
            }
            Fact::Promoted { push, .. } | Fact::Approved { push, .. } | Fact::PushConverged { push } => {
                assert!(self.fleet.push(*push).is_some_and(Push::is_forward), "nothing goes forward after it turned back");
            }
            Fact::Issued { push, operations } => {
                let push = push.and_then(|push| self.fleet.push(push));
                let is_back = push.is_some_and(|push| !push.is_forward());
                let exposes =
                    |operation: &&Operation| matches!(&operation.task, Task::Install { version } if version.as_str() == "v2");
                assert!(!is_back || !operations.iter().any(|operation| exposes(&operation)), "a rollback installs nothing new");
                self.keeps_capacity(operations, is_back);
                if let Some(push) = push.filter(|push| push.is_forward()) {
                    self.keeps_reserve(push, operations);
                }
            }
            _ => {}
        }
    }

    /// A step that asks for people is entered on as many approvals of this very gate as it needs, none run out, taken back or void.
    fn was_agreed(&self, push: &Push, stage: u32) {
        let Some(rule) = push.plan.stages.get(stage as usize).and_then(|stage| stage.approval.as_ref()) else { return };
        let wall = self.wall();
        let stands = |by: &PersonId| {
            self.given.iter().any(|(gate, known, at)| *gate == push.gate() && known == by && wall.since(*at) < APPROVAL_LIFE)
        };
        let counted: Vec<_> = push.approvals.iter().filter(|approval| approval.gate == push.gate()).collect();
        assert!(counted.len() as u32 >= rule.needed && counted.iter().all(|approval| stands(&approval.by)), "{:?}", push.approvals);
    }

    fn wall(&self) -> ConsoleTime {
        // A minute for each second of the engine's clock, so that approvals run out while a step bakes.
        ConsoleTime::from_millis(self.now.millis() * 60)
    }

    /// What a change makes of the approvals that stand, by a book of its own.
    fn keep_book(&mut self, change: &Change) {
        match &change.fact {
            Fact::Approved { approval, .. } => self.given.push((approval.gate, approval.by.clone(), approval.wall)),
            Fact::ApprovalRevoked { of, .. } | Fact::ApprovalExpired { of, .. } => self.given.retain(|(_, by, _)| by != of),
            Fact::ApprovalsSuperseded { .. } | Fact::RollbackDecided { .. } | Fact::Held { .. } => self.given.clear(),
            _ => {}
        }
    }

    /// No cell loses more than it can spare; on the way back one instance at a time may.
    fn keeps_capacity(&self, operations: &[Operation], is_back: bool) {
        let mut taken: BTreeMap<_, u32> = BTreeMap::new();
        let mut seen = std::collections::BTreeSet::new();
        for operation in operations {
            assert!(seen.insert(&operation.instance), "one task at a time for {}", operation.instance);
            if self.fleet.instance(&operation.instance).is_some_and(Instance::can_be_counted_on) {
                *taken.entry((&operation.instance.placement, &operation.instance.cell)).or_default() += 1;
            }
        }
        for ((place, cell), taken) in taken {
            let placement = self.fleet.placement_by_id(place).expect("a placement");
            let left = placement.count_where(cell, Instance::can_be_counted_on) - taken;
            let out = placement.count_where(cell, |instance| instance.in_flight.is_some() || instance.phase == Phase::Drained);
            let needed = self.fleet.needed_in(place, cell);
            assert!(left >= needed || (is_back && taken == 1 && out == 0), "{place} in {cell}: {left} left, {needed} needed");
        }
    }

    /// Forward, the whole environment keeps what the peak needs and a reserve, or, where that was waived, what the peak needs.
    fn keeps_reserve(&self, push: &Push, operations: &[Operation]) {
        let waived = push.waiver_in_effect(&RequirementKind::Capacity, self.now).is_some();
        for placement in self.fleet.placements() {
            let Some(margin) = Margin::of(&self.fleet, placement) else { continue };
            let taken = operations.iter().filter(|operation| {
                let counts = self.fleet.instance(&operation.instance).is_some_and(Instance::can_be_counted_on);
                operation.instance.placement == placement.id && counts
            });
            let taken = taken.count() as u32;
            let kept = margin.needed + if waived { 0 } else { margin.reserve };
            assert!(taken == 0 || margin.ready >= taken + kept, "{}: {taken} taken of {margin:?}", placement.id);
            assert!(!waived || taken <= 1, "{}: {taken} at once on a waived reserve", placement.id);
        }
    }

    /// The engine never sends more than the stage grants, and, as long as nobody else installs anything, no more is there.
    fn within_grants(&self) {
        for push in self.fleet.pushes().filter(|push| push.is_forward()) {
            for part in &push.plan.moves {
                for placement in part.from.keys().filter_map(|environment| self.fleet.placement(&part.service, environment)) {
                    for cell in placement.cells.keys() {
                        let granted = placement.granted_in(cell);
                        let new = placement.count_where(cell, |instance| {
                            *instance.heading_for() == part.to.version || instance.version == part.to.version
                        });
                        assert!(self.strayed || new <= granted, "{} in {cell}: {new} of {granted}", placement.id);
                    }
                }
            }
        }
    }

    fn command(&mut self, by: &str, order: Order) {
        self.made += 1;
        let command = Command { id: CommandId(Uuid::from_u128(self.made)), actor: by.into(), order };
        let step = self.take(Input::Command(Box::new(command.clone())));
        self.last = Some((command, step.outcome.expect("an answer")));
    }

    fn open(&self) -> Option<PushId> {
        self.fleet.pushes().find(|push| push.is_open()).map(Push::id)
    }

    fn sight(&self, push: PushId) -> Box<Sight> {
        Box::new(Sight::of(&self.fleet, push, self.now).expect("a push"))
    }

    fn passes(&mut self, seconds: u8) {
        for _ in 0..seconds {
            self.now = self.now + Period::from_secs(1);
            let mut judged = Vec::new();
            for placement in self.fleet.placements() {
                for cell in placement.cells.keys() {
                    for version in
                        ["v1", "v2"].map(Version::new).into_iter().filter(|version| placement.count_in(cell, version) > 0)
                    {
                        let slice = SliceId {
                            service: placement.id.service.clone(),
                            environment: placement.id.environment.clone(),
                            cell: cell.clone(),
                            version,
                            metric: Metric::Errors,
                        };
                        let standing = self.turned.get(&slice).cloned().unwrap_or(Standing::Within { value: 0.001 });
                        judged.push((slice, standing));
                    }
                }
            }
            self.take(Input::Judged(judged));
            self.take(Input::Tick);
        }
    }

    fn works(&mut self, times: u32) {
        for _ in 0..times {
            if let Some(input) = self.driver.happens() {
                self.take(input);
            }
        }
    }

    fn again(&mut self, same: bool) {
        let Some((command, outcome)) = self.last.clone() else { return };
        let order = if same { command.order.clone() } else { Order::HoldAll { reason: Some("another".to_owned()) } };
        let again = Command { order, ..command };
        let step = self.take(Input::Command(Box::new(again)));
        assert!(!step.changes.iter().any(|change| matches!(change.fact, Fact::Commanded { .. } | Fact::Held { .. })));
        match step.outcome.expect("an answer") {
            answer if same => assert_eq!(answer, outcome),
            answer => assert!(matches!(answer, Outcome::Refused { .. }), "{answer:?}"),
        }
    }

    fn turn(&mut self, which: u8, turn: Turn) {
        let slices: Vec<SliceId> = self.fleet.judgements().map(|(slice, _)| slice.clone()).collect();
        let Some(slice) = slices.get(which as usize % slices.len().max(1)) else { return };
        match turn {
            Turn::Bad => self.turned.insert(slice.clone(), Standing::Beyond { value: 0.5, limit: 0.01 }),
            Turn::Blind => self.turned.insert(slice.clone(), Standing::NoData { why: "nothing read".to_owned() }),
            Turn::Good => self.turned.remove(slice),
        };
    }

    fn live(&mut self, deed: &Deed) {
        let open = self.open();
        match (deed, open) {
            (Deed::Passes(seconds), _) => self.passes(*seconds),
            (Deed::Works(times), _) => self.works(u32::from(*times)),
            (Deed::Start, _) => {
                let id = PushId(Uuid::from_u128(1_000 + self.made));
                let releases = self.fleet.declaration().services.iter().map(|service| (service.id.clone(), "v2".into())).collect();
                if let Some(order) = Order::start(&self.fleet, id, releases) {
                    self.command("ana", order);
                }
            }
            (Deed::Approve, Some(push)) => self.command("bob", Order::Approve { push, sight: self.sight(push) }),
            (Deed::Hold, Some(push)) => self.command("bob", Order::Hold { push, reason: None }),
            (Deed::Resume, Some(push)) => self.command("bob", Order::Resume { push, sight: self.sight(push) }),
            (Deed::Back(manner), Some(push)) => self.command("bob", Order::RollBack { push, manner: *manner, reason: None }),
            (Deed::Reject, Some(push)) => self.command("bob", Order::Reject { push, reason: None }),
            (Deed::Waive, Some(push)) => {
                let all = requirement::of_gate(&self.fleet, self.fleet.push(push).expect("the push"), self.now);
                let open = all.into_iter().find(|found| found.kind.is_waivable() && !found.state.lets_pass());
                if let Some(requirement) = open.map(|found| found.kind) {
                    let (sight, reason, lasts) = (self.sight(push), "because".to_owned(), Period::from_secs(20));
                    let by = if self.made.is_multiple_of(2) { "bob" } else { "cat" };
                    self.command(by, Order::Waive { push, sight, requirement, reason, lasts });
                }
            }
            (Deed::Revoke, Some(push)) => self.command("bob", Order::Revoke { push }),
            (Deed::Again { same }, _) => self.again(*same),
            (Deed::Turns(which, turn), _) => self.turn(*which, *turn),
            (Deed::Strays(which), _) => {
                self.strayed = true;
                let version = Version::new(if which % 2 == 0 { "v2" } else { "v0" });
                if let Some(seen) = self.driver.stray(*which, &version) {
                    self.take(seen);
                }
            }
            (Deed::Metrics { live }, _) => {
                let lost = FeedState::Lost { since: self.now, why: "silence".to_owned() };
                self.take(Input::Feed { feed: Feed::Metrics, state: if *live { FeedState::Live } else { lost } });
            }
            (_, None) => {}
        }
    }

    /// Goes back, whatever it was doing, and lets time pass until it is over or an hour has gone.
    fn go_back(&mut self) -> Option<PushId> {
        let push = self.open()?;
        self.command("bob", Order::RollBack { push, manner: Manner::Ordered, reason: None });
        for _ in 0..3_600 {
            self.works(500);
            self.now = self.now + Period::from_secs(1);
            self.take(Input::Tick);
            if self.open().is_none()
                || self.fleet.push(push).is_some_and(|push| matches!(push.course, Course::RollbackFailed { .. }))
                    && self.driver.habits.fails == 100
            {
                break;
            }
        }
        Some(push)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_invariants_hold_and_the_way_back_ends(
        services in services(), habits in habits(), seed in any::<u64>(), deeds in prop::collection::vec(deed(), 20..120),
    ) {
        let mut world = World::new(&services, habits, seed);
        world.live(&Deed::Start);
        for deed in &deeds {
            world.live(deed);
        }
        world.driver.habits = Habits::GOOD;
        if let Some(push) = world.go_back() {
            let push = world.fleet.push(push).expect("the push");
            prop_assert!(matches!(push.course, Course::RolledBack { .. }), "{:?}", push.course);
            for (instance, runs) in world.driver.runs() {
                prop_assert_eq!(runs.as_str(), "v1", "{}", instance);
            }
        }
    }

    #[test]
    fn a_push_on_which_everything_works_converges_where_there_is_room(services in services(), seed in any::<u64>()) {
        let mut world = World::new(&services, Habits::GOOD, seed);
        let has_room = world.fleet.placements().all(|placement| {
            Margin::of(&world.fleet, placement).is_none_or(|margin| margin.allowance() > 0) && placement.cells.keys().all(|cell| {
                let size = placement.size_in(cell);
                world.fleet.needed_in(&placement.id, cell) + pushdeck::domain::capacity::reserve(size) < size
            })
        });
        // Where hardly more than one at a time can be spared over all cells, a step may not be done within its deadline.
        let is_cramped = world.fleet.placements().any(|placement| {
            Margin::of(&world.fleet, placement).is_some_and(|margin| margin.allowance() < 2 * placement.cells.len() as u32)
        });
        world.live(&Deed::Start);
        for _ in 0..400 {
            world.live(&Deed::Passes(1));
            world.live(&Deed::Works(60));
            world.live(&Deed::Approve);
        }
        let push = world.fleet.pushes().next().expect("the push");
        let converged = matches!(push.course, Course::Converged { .. });
        prop_assert!(converged == has_room || (has_room && is_cramped), "{:?}", push.course);
        prop_assert!(!converged || world.driver.runs().all(|(_, runs)| runs.as_str() == "v2"));
    }

    #[test]
    fn a_way_back_on_which_nothing_works_fails_in_time_and_says_where(
        services in services(), seed in any::<u64>(), seconds in 10u8..120,
    ) {
        let mut world = World::new(&services, Habits::GOOD, seed);
        world.live(&Deed::Start);
        for _ in 0..seconds {
            world.live(&Deed::Passes(1));
            world.live(&Deed::Works(30));
            world.live(&Deed::Approve);
        }
        world.driver.habits = Habits::DEAD;
        if let Some(push) = world.go_back() {
            let push = world.fleet.push(push).expect("the push");
            match &push.course {
                Course::RollbackFailed { rollback, at, stuck } => {
                    prop_assert!(!stuck.is_empty() && *at > rollback.deadline && *at <= rollback.deadline + Period::from_secs(2));
                    for instance in stuck {
                        prop_assert!(world.fleet.instance(instance).is_some_and(|found| !found.is_settled_on(&"v1".into())));
                    }
                }
                course => {
                    let is_back = matches!(course, Course::RolledBack { .. });
                    prop_assert!(is_back && world.driver.runs().all(|(_, runs)| runs.as_str() == "v1"), "{:?}", course);
                }
            }
        }
    }
}
