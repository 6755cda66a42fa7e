//! A small fleet for tests of the reducer: a group of two siblings, and a group that shares its name with its only service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::console::keymap::{Access, Code, Key, Keymap};
use crate::console::model::{Chance, Effect, Event, Model, Setup, Source, update};
use crate::domain::change::{Change, Fact};
use crate::domain::command::{Command, Direction};
use crate::domain::declaration::Declaration;
use crate::domain::environment::{Cell, Environment};
use crate::domain::feed::{Feed, FeedState};
use crate::domain::fleet::Fleet;
use crate::domain::id::{EngineId, InstanceId, PersonId, PlacementId, PushId, Seq, ServiceId};
use crate::domain::lookup::Lookup;
use crate::domain::person::Actor;
use crate::domain::placement::{Observation, Operation, OperationId, Phase, Task};
use crate::domain::push::{Hold, InFlightBefore, Move, PushPlan};
use crate::domain::service::{Deployment, Group, Release, Service, Succession};
use crate::domain::share::Share;
use crate::domain::slo::Slo;
use crate::domain::stage::{Advance, ApprovalRule, PlannedStage};
use crate::domain::time::{ConsoleTime, EngineTime, Period};

pub const STORAGE: PushId = PushId(Uuid::from_u128(0xA));
pub const CART: PushId = PushId(Uuid::from_u128(0xB));
pub const OTHER: PushId = PushId(Uuid::from_u128(0xC));
pub const CODE: &str = "k7qx";

fn group(name: &str, services: &[&str]) -> Group {
    let services: Vec<_> = services.iter().map(|service| ServiceId::new(service)).collect();
    Group {
        id: name.into(),
        hops: services.clone(),
        services,
        sticky: false,
        pinned: false,
        plan: "standard".into(),
        owners: "oncall".into(),
        releases: Succession::Replace,
    }
}

fn service(name: &str, group: &str) -> Service {
    let deployment = |environment: &str, instances: Vec<u32>| Deployment {
        environment: environment.into(),
        instances,
        peak_rps: 100.0,
        rps_per_instance: 20.0,
        running: "v1".into(),
    };
    Service {
        id: name.into(),
        group: group.into(),
        deployments: vec![deployment("staging", vec![2]), deployment("production", vec![10, 10])],
        thresholds: Vec::new(),
        slo: Slo { availability: 0.999, window_days: 30, budget_left: 0.6, latency: Vec::new() },
        drain: Period::from_secs(10),
        install: Period::from_secs(30),
        calls: Vec::new(),
        logs: None,
    }
}

pub fn release(name: &str, version: &str) -> Release {
    Release {
        service: name.into(),
        version: version.into(),
        digest: format!("sha256:{name}{version}").as_str().into(),
        commit: "c0ffee".into(),
        author: "omar".into(),
        built: None,
        notes: "a change".into(),
        commits: 3,
        people: 1,
        based_on: Some("v1".into()),
        approvers: Vec::new(),
        config: String::new(),
        migration: String::new(),
        one_way: None,
        flags: Vec::new(),
        works_with: std::collections::BTreeMap::new(),
    }
}

pub fn declaration() -> Declaration {
    let cell = |name: &str, users| Cell::new(name.into(), 1.0, users);
    let environment = |name: &str, after: &[&str], protected, cells| Environment {
        id: name.into(),
        after: after.iter().map(|name| (*name).into()).collect(),
        protected,
        waive_alone_up_to: crate::domain::environment::alone_up_to(),
        cells,
        drift: crate::domain::drift::DriftRule::Hold,
        window: None,
        at_window_end: None,
    };
    let oncall = || BTreeSet::from(["oncall".into()]);
    Declaration {
        environments: vec![
            environment("staging", &[], false, vec![cell("one", 0)]),
            environment("production", &["staging"], true, vec![cell("ap", 1_000), cell("eu", 3_000)]),
        ],
        groups: vec![group("storage", &["index", "blob"]), group("cart", &["cart"])],
        services: vec![service("index", "storage"), service("blob", "storage"), service("cart", "cart")],
        releases: vec![release("index", "v2"), release("blob", "v2"), release("cart", "v9")],
        plans: BTreeMap::new(),
        checks: BTreeMap::new(),
        flags: Vec::new(),
        people: BTreeMap::from([("lena".into(), oncall()), ("omar".into(), oncall()), ("mia".into(), BTreeSet::new())]),
        freezes: Vec::new(),
        journeys: Vec::new(),
        notify: None,
        break_glass: Some("pull the plug".into()),
        lookup: Lookup::default(),
    }
}

fn stage(environment: &str, name: &str, services: &[&str], granted: &[(&str, u32)], approval: bool) -> PlannedStage {
    let cells: BTreeMap<_, _> = granted.iter().map(|(cell, count)| ((*cell).into(), *count)).collect();
    PlannedStage {
        environment: environment.into(),
        name: name.into(),
        share: Share::ALL,
        grants: services.iter().map(|service| ((*service).into(), cells.clone())).collect(),
        wave: None,
        merged: Vec::new(),
        bake: Period::ZERO,
        deadline: Period::from_mins(10),
        advance: Advance::Auto,
        approval: approval.then(|| ApprovalRule { needed: 1, roles: vec!["oncall".into()] }),
        alone: false,
        checks: Vec::new(),
        evidence: None,
        green: None,
    }
}

pub fn plan(id: PushId, name: &str, services: &[&str], to: &str) -> PushPlan {
    let from = BTreeMap::from([("staging".into(), "v1".into()), ("production".into(), "v1".into())]);
    PushPlan {
        id,
        group: name.into(),
        name: name.to_owned(),
        moves: services
            .iter()
            .map(|service| Move { service: (*service).into(), from: from.clone(), to: release(service, to), replaced: Vec::new() })
            .collect(),
        stages: vec![
            stage("staging", "staging", services, &[("one", 2)], false),
            stage("production", "10 %", services, &[("ap", 1), ("eu", 1)], false),
            stage("production", "100 %", services, &[("ap", 10), ("eu", 10)], true),
        ],
        requested_by: Actor::Person { name: "omar".into() },
        requested: EngineTime::from_millis(0),
        before: InFlightBefore::default(),
        emergency: None,
    }
}

/// A console with its backend's side of the story.
pub struct Story {
    pub model: Model,
    pub fleet: Fleet,
    pub at: i64,
    keys: u128,
}

impl Story {
    /// Storage is at 10 % in production, and cart before its first step. Lena, on call, looks on.
    pub fn new(access: Access) -> Self {
        Self::asking(access, 1)
    }

    /// The same, with so many approvals needed before 100 %.
    pub fn asking(access: Access, approvals: u32) -> Self {
        let mut story = Self { model: Model::new(setup(access, "lena")), fleet: Fleet::default(), at: 0, keys: 0 };
        let engine = EngineId(Uuid::from_u128(1));
        let mut facts = vec![Fact::EngineStarted { engine, epoch: 1 }, Fact::Declared { declaration: Box::new(declaration()) }];
        facts.extend(Feed::ALL.map(|feed| Fact::FeedChanged { feed, state: FeedState::Live }));
        let mut storage = plan(STORAGE, "storage", &["index", "blob"], "v2");
        storage.stages.iter_mut().filter_map(|stage| stage.approval.as_mut()).for_each(|rule| rule.needed = approvals);
        facts.push(Fact::PushRequested { plan: Box::new(storage) });
        facts.push(Fact::StageEntered { push: STORAGE, stage: 1 });
        let installs = all_serve().into_iter().filter(|seen| seen.version.as_str() == "v2").zip(1..);
        let operations = installs.map(|(seen, id)| Operation {
            id: OperationId(id),
            instance: seen.instance,
            task: Task::Install { version: seen.version },
        });
        facts.push(Fact::Issued { push: Some(STORAGE), operations: operations.collect() });
        facts.push(Fact::Observed { observations: all_serve() });
        facts.push(Fact::StageArrived { push: STORAGE });
        for fact in facts {
            story.fold(fact);
        }
        story.model_takes(Event::Snapshot(Arc::new(story.fleet.clone())));
        story.beat();
        story
    }

    fn fold(&mut self, fact: Fact) -> Change {
        let change = Change { seq: Seq(self.fleet.seq().0 + 1), at: EngineTime::from_millis(self.at), fact };
        self.fleet.apply(&change);
        change
    }

    fn model_takes(&mut self, event: Event) -> Vec<Effect> {
        update(&mut self.model, event)
    }

    /// Something happened, and the console hears of it.
    pub fn happens(&mut self, fact: Fact) {
        let change = self.fold(fact);
        assert_eq!(self.model_takes(Event::Changes(vec![change])), []);
    }

    pub fn cart_is_asked_for(&mut self) {
        self.happens(Fact::PushRequested { plan: Box::new(plan(CART, "cart", &["cart"], "v9")) });
    }

    pub fn held(&mut self, push: PushId) {
        let hold = Hold { by: Actor::Person { name: "lena".into() }, since: EngineTime::from_millis(self.at), reason: None };
        self.happens(Fact::Held { push, hold });
    }

    /// A heartbeat, now.
    pub fn beat(&mut self) {
        let (at, seq) = (EngineTime::from_millis(self.at), self.fleet.seq());
        self.model_takes(Event::Heartbeat { at, seq, heard: self.now() });
    }

    pub fn now(&self) -> ConsoleTime {
        ConsoleTime::from_millis(self.at)
    }

    /// Time passes, with the backend alive.
    pub fn wait(&mut self, millis: i64) {
        self.at += millis;
        self.beat();
    }

    /// Time passes in silence.
    pub fn silence(&mut self, millis: i64) {
        self.at += millis;
        let at = self.now();
        self.model_takes(Event::Tick { at });
    }

    pub fn drawn(&mut self) {
        let at = self.now();
        self.model_takes(Event::Drawn { at, cuts: Vec::new() });
    }

    pub fn key(&mut self, key: Key) -> Vec<Effect> {
        self.keys += 0x100;
        let chance = Chance { id: Uuid::from_u128(self.keys), code: CODE.to_owned() };
        let at = self.now();
        self.model_takes(Event::Key { key, repeat: false, at, chance })
    }

    pub fn press(&mut self, character: char) -> Vec<Effect> {
        self.key(Key::char(character))
    }

    pub fn enter(&mut self) -> Vec<Effect> {
        self.key(Key::plain(Code::Enter))
    }

    pub fn paste(&mut self, text: &str) -> Vec<Effect> {
        let at = self.now();
        self.model_takes(Event::Paste { text: text.to_owned(), at })
    }

    /// Types as a person does: 200 ms from key to key.
    pub fn types(&mut self, text: &str) {
        for character in text.chars() {
            self.wait(200);
            assert_eq!(self.press(character), []);
        }
        self.wait(200);
    }
}

pub fn setup(access: Access, actor: &str) -> Setup {
    Setup {
        access,
        actor: PersonId::new(actor),
        source: Source { uri: "demo:".into(), simulated: false, speed: 1.0, recorded: false },
        zone: TimeZone::UTC,
        keymap: Keymap::new(access).unwrap(),
        size: (80, 24),
        kiosk: false,
        cycle: None,
        motion: crate::settings::Motion::Full,
        columns: crate::settings::Columns::new(),
        at: ConsoleTime::from_millis(0),
    }
}

fn all_serve() -> Vec<Observation> {
    let mut seen = Vec::new();
    for service in ["index", "blob", "cart"] {
        for (environment, cell, count) in [("staging", "one", 2), ("production", "ap", 10), ("production", "eu", 10)] {
            let placement = PlacementId::new(service.into(), environment.into());
            seen.extend((0..count).map(|index| Observation {
                instance: InstanceId { placement: placement.clone(), cell: cell.into(), index },
                version: if service != "cart" && (environment == "staging" || index == 0) { "v2" } else { "v1" }.into(),
                phase: Phase::Ready,
                serving: true,
                restarts: 0,
            }));
        }
    }
    seen
}

pub fn only_command(effects: &[Effect]) -> &Command {
    match effects {
        [Effect::Submit(command)] => command,
        other => panic!("one command was expected: {other:?}"),
    }
}

pub fn moves_forward(effect: &Effect) -> bool {
    matches!(effect, Effect::Submit(command) if command.order.direction() == Direction::Forward)
}
