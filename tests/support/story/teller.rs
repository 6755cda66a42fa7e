//! Puts the story together, change by change.

use std::collections::BTreeMap;

use pushdeck::domain::alert::Alert;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::Outcome;
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::forecast;
use pushdeck::domain::freeze::Freeze;
use pushdeck::domain::id::{
    CellId, Digest, EngineId, EnvironmentId, GateId, GroupId, InstanceId, PersonId, PushId, Role, Seq, ServiceId, Version,
};
use pushdeck::domain::metric::{Judgement, Metric, SliceId, Standing};
use pushdeck::domain::person::Actor;
use pushdeck::domain::placement::{Observation, Operation, OperationId, Phase, Task};
use pushdeck::domain::push::{Approval, InFlightBefore, Move, PushPlan};
use pushdeck::domain::schedule::AtWindowEnd;
use pushdeck::domain::service::Release;
use pushdeck::domain::stage::{Advance, ApprovalRule, Grants, PlannedStage, Scope, Stage};
use pushdeck::domain::time::{ConsoleTime, EngineTime, Period};
use pushdeck::evidence::reading::Batch;
use pushdeck::evidence::series::Signals;
use uuid::Uuid;

use super::declared::{REGIONS, SERVICES, declaration};
use super::{DRAINED, READY, STORAGE, clock, numbers, place, slice, way_back};

/// The world at one moment, and everything that was said on the way there.
pub struct Story {
    /// The fold of all changes.
    pub fleet: Fleet,
    /// The readings of the last hour.
    pub signals: Signals,
    /// The moment.
    pub now: EngineTime,
    /// All changes, in order.
    pub changes: Vec<Change>,
    /// All readings, in order.
    pub batches: Vec<Batch>,
}

/// Tells it.
pub(super) struct Teller {
    fleet: Fleet,
    changes: Vec<Change>,
}

impl Teller {
    pub(super) fn begin() -> Self {
        let mut teller = Self { fleet: Fleet::default(), changes: Vec::new() };
        let engine = EngineId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_00ee));
        teller.tell(clock(7, 0, 0), Fact::EngineStarted { engine, epoch: 1 });
        for feed in Feed::ALL {
            teller.tell(clock(7, 0, 0), Fact::FeedChanged { feed, state: FeedState::Live });
        }
        teller
    }

    pub(super) fn next_seq(&self) -> Seq {
        Seq(self.fleet.seq().0 + 1)
    }

    pub(super) fn tell(&mut self, at: EngineTime, fact: Fact) {
        let change = Change { seq: self.next_seq(), at, fact };
        self.fleet.apply(&change);
        self.changes.push(change);
    }

    /// A yes to what a push stands before.
    pub(super) fn yes(&self, push: PushId, by: &str, at: EngineTime, wall: ConsoleTime) -> Approval {
        Approval::of(self.fleet.push(push).expect("the story tells of this push"), PersonId::new(by), at, wall)
    }

    pub(super) fn gate(&self, push: PushId) -> GateId {
        self.fleet.push(push).expect("the story tells of this push").gate()
    }

    /// The spec, and every instance seen ready on what it declares.
    pub(super) fn declare(&mut self) {
        self.tell(clock(7, 0, 0), Fact::Declared { declaration: Box::new(declaration()) });
        for (name, _, version, lab, sizes) in SERVICES {
            self.see(clock(7, 0, 1), (name, "staging", "lab"), 0..lab, (version, READY));
            for ((cell, ..), size) in REGIONS.iter().zip(sizes) {
                self.see(clock(7, 0, 1), (name, "production", cell), 0..size, (version, READY));
            }
        }
    }

    /// The same spec with a freeze of production from Friday 16:00 to Monday 09:00.
    pub(super) fn freeze_the_weekend(&mut self) {
        let mut declared = declaration();
        declared.freezes.push(Freeze {
            name: "weekend".to_owned(),
            from: clock(16, 0, 0),
            until: clock(72 + 9, 0, 0),
            environments: vec![EnvironmentId::new("production")],
            exceptions: Vec::new(),
        });
        declared
            .environments
            .iter_mut()
            .filter(|known| known.protected)
            .for_each(|known| known.at_window_end = Some(AtWindowEnd::Hold));
        self.tell(clock(7, 0, 2), Fact::Declared { declaration: Box::new(declared) });
    }

    /// The same spec with a release of each of storage's services made from v42.
    pub(super) fn declare_a_fix(&mut self, at: EngineTime) {
        let mut declared = declaration();
        let fixes = declared.releases.iter().filter(|release| release.version == Version::new("v42")).cloned();
        let fixes: Vec<_> = fixes
            .map(|release| Release {
                version: Version::new("v43"),
                based_on: Some(release.version.clone()),
                digest: Digest::new(&format!("sha256:{}-v43", release.service)),
                commits: 1,
                people: 1,
                notes: "reads blocks in their old order".to_owned(),
                ..release
            })
            .collect();
        declared.releases.extend(fixes);
        self.tell(at, Fact::Declared { declaration: Box::new(declared) });
    }

    /// The same story of a storage push that leaves a stage only when somebody promotes it.
    pub(super) fn by_hand(self, stage: usize) -> Self {
        let mut again = Self { fleet: Fleet::default(), changes: Vec::new() };
        for Change { at, mut fact, .. } in self.changes {
            if let Fact::PushRequested { plan } = &mut fact
                && plan.id == STORAGE
            {
                plan.stages[stage].advance = Advance::Hand;
            }
            again.tell(at, fact);
        }
        again
    }

    /// What the engine's check against windows finds at a moment.
    pub(super) fn foresee(&mut self, at: EngineTime) {
        let push = self.fleet.push(STORAGE).expect("asked for");
        let cut = forecast::cut_here(&self.fleet, push, at).map(|conflict| conflict.cut);
        self.tell(at, Fact::CutForeseen { push: STORAGE, cut });
    }

    pub(super) fn see(
        &mut self,
        at: EngineTime,
        (service, environment, cell): (&str, &str, &str),
        which: std::ops::Range<u32>,
        (version, (phase, serving)): (&str, (Phase, bool)),
    ) {
        self.see_dying(at, (service, environment, cell), which, (version, (phase, serving), 0));
    }

    pub(super) fn see_dying(
        &mut self,
        at: EngineTime,
        (service, environment, cell): (&str, &str, &str),
        which: std::ops::Range<u32>,
        (version, (phase, serving), restarts): (&str, (Phase, bool), u32),
    ) {
        let observations = which
            .map(|index| Observation {
                instance: InstanceId { placement: place(service, environment), cell: CellId::new(cell), index },
                version: Version::new(version),
                phase,
                serving,
                restarts,
            })
            .collect();
        self.tell(at, Fact::Observed { observations });
    }

    /// Plans a push of these services from their running versions to `to`.
    pub(super) fn request(&mut self, id: PushId, of: (&str, &str, &str), by: &str, at: EngineTime) {
        self.tell(at, Fact::PushRequested { plan: Box::new(plan_of(id, of, by, at)) });
    }

    /// Asks for the push of storage, with its plan changed.
    pub(super) fn request_judged(&mut self, change: fn(&mut PushPlan)) {
        let at = clock(8, 5, 0);
        let mut plan = plan_of(STORAGE, ("storage", "storage", "v42"), "ana", at);
        change(&mut plan);
        self.tell(at, Fact::PushRequested { plan: Box::new(plan) });
    }

    /// Which entry of a stage a push is at.
    pub(super) fn entry(&self, push: PushId) -> u32 {
        self.fleet.push(push).expect("asked for").cursor.entry
    }

    pub(super) fn request_storage(&mut self) {
        self.request(STORAGE, ("storage", "storage", "v42"), "ana", clock(8, 5, 0));
    }

    /// Goes through all stages up to `last`, whose last instance arrives at `arrived`.
    pub(super) fn walk_to(&mut self, last: u32, arrived: EngineTime) {
        let times = [(8, 20), (8, 45), (10, 21), (13, 51)];
        for (stage, (hour, minute)) in (0..last).zip(times) {
            let at = clock(hour, minute, 0);
            self.walk(stage, at - Period::from_mins(5), at);
        }
        if last == 3 && arrived < clock(13, 51, 0) {
            self.tell(clock(13, 45, 0), Fact::StageEntered { push: STORAGE, stage: last });
            self.arrive(last, arrived, |service, cell| !(service == "blob" && cell == "eu") && service != "gateway");
            return;
        }
        self.walk(last, clock(13, 40, 0), arrived);
    }

    /// Enters a stage, sees all its instances arrive, and lets the bake clock run.
    pub(super) fn walk(&mut self, stage: u32, entered: EngineTime, arrived: EngineTime) {
        self.tell(entered, Fact::StageEntered { push: STORAGE, stage });
        self.arrive(stage, arrived, |_, _| true);
        self.tell(arrived, Fact::StageArrived { push: STORAGE });
        self.tell(arrived, Fact::BakeRuns { push: STORAGE });
        self.judge_all(arrived + Period::from_mins(2));
        self.tell(arrived, Fact::WayBack { push: STORAGE, plan: way_back() });
    }

    fn arrive(&mut self, stage: u32, at: EngineTime, which: impl Fn(&str, &str) -> bool) {
        let grants = self.fleet.push(STORAGE).expect("asked for").plan.stages[stage as usize].clone();
        for (service, cells) in &grants.grants {
            for (cell, count) in cells.iter().filter(|(cell, _)| which(service.as_str(), cell.as_str())) {
                let place = (service.as_str(), grants.environment.as_str(), cell.as_str());
                self.see(at, place, 0..*count, ("v42", READY));
            }
        }
    }

    /// The first `count` instances of a cell are on v42 and serve.
    pub(super) fn settle_some(&mut self, service: &str, cell: &str, count: u32) {
        self.see(self.fleet.at(), (service, "production", cell), 0..count, ("v42", READY));
    }

    /// Tasks are under way on these instances.
    pub(super) fn issue(&mut self, instances: &[(&str, &str, u32)]) {
        let operations = instances
            .iter()
            .zip(1..)
            .map(|((service, cell, index), id)| Operation {
                id: OperationId(id),
                instance: super::instance(service, cell, *index),
                task: Task::Install { version: Version::new("v42") },
            })
            .collect();
        self.tell(self.fleet.at() + Period::from_secs(5), Fact::Issued { push: Some(STORAGE), operations });
    }

    pub(super) fn judge(&mut self, at: EngineTime, slice: SliceId, standing: Standing) {
        self.tell(at, Fact::Judged { slice, judgement: Judgement { standing, since: at } });
    }

    fn judge_all(&mut self, at: EngineTime) {
        for (service, ..) in SERVICES.iter().take(3) {
            for (cell, ..) in REGIONS {
                for (metric, value) in [
                    (Metric::P999, 0.48),
                    (Metric::P99, 0.21),
                    (Metric::Errors, 0.0002),
                    (Metric::Cpu, 0.47),
                    (Metric::Memory, 0.61),
                ] {
                    self.judge(at, slice(service, cell, "v42", metric), Standing::Within { value });
                }
                if *service == "gateway" {
                    self.judge(at, slice(service, cell, "v42", Metric::EndToEnd), Standing::Within { value: 0.9998 });
                }
            }
        }
    }

    /// Every instance of v42 in production is out of the balancer.
    pub(super) fn drain(&mut self, service: &str, at: EngineTime) {
        for (cell, count) in self.on_new(service) {
            self.see(at, (service, "production", &cell), 0..count, ("v42", DRAINED));
        }
    }

    /// All instances of a service in production are on v41 again but the last `left` of them, spread over the cells as 2, 3, 3 of 8.
    pub(super) fn put_back(&mut self, service: &str, at: EngineTime, left: u32) {
        let mut left = left;
        for (cell, _) in self.on_new(service).into_iter().rev() {
            let placement = self.fleet.placement_by_id(&place(service, "production")).expect("declared");
            let new: Vec<u32> = placement
                .instances()
                .filter(|(at, _, instance)| at.as_str() == cell && instance.version.as_str() == "v42")
                .map(|(_, index, _)| index)
                .collect();
            let stay = if left == 8 || left == 5 { 3 } else { left };
            left -= stay;
            for index in new.iter().take(new.len().saturating_sub(stay as usize)) {
                self.see(at, (service, "production", &cell), *index..index + 1, ("v41", READY));
            }
        }
    }

    /// All instances of a service in staging are on v41 again.
    pub(super) fn put_back_in(&mut self, service: &str, environment: &str, at: EngineTime) {
        let lab = SERVICES.iter().find(|known| known.0 == service).expect("declared").3;
        self.see(at, (service, environment, "lab"), 0..lab, ("v41", READY));
    }

    /// Cells of production, in the order ap, us, eu, with how many instances of a service are on v42.
    fn on_new(&self, service: &str) -> Vec<(String, u32)> {
        let placement = self.fleet.placement_by_id(&place(service, "production")).expect("declared");
        REGIONS
            .iter()
            .map(|(cell, ..)| ((*cell).to_owned(), placement.count_in(&CellId::new(cell), &Version::new("v42"))))
            .collect()
    }

    pub(super) fn alert(&mut self, slice: SliceId, value: f64, limit: f64, since: EngineTime) {
        let alert = Alert { slice, value, limit, since, acknowledged: None };
        self.tell(since + Period::from_mins(2), Fact::AlertRaised { alert });
    }

    /// The world at `now`, with traffic and the last hour's readings; those of eu end at `eu_lost`. What was told of later times
    /// is left out, and the rest put in the order it happened.
    pub(super) fn finish(mut self, now: EngineTime, eu_lost: Option<EngineTime>) -> Story {
        for service in ["index", "blob", "gateway"] {
            for (cell, weight, _) in REGIONS {
                let (placement, cell) = (place(service, "production"), CellId::new(cell));
                self.tell(now - Period::from_secs(1), Fact::Traffic { placement, cell, rps: 41_000.0 * weight / 120.0 });
            }
        }
        let mut changes = std::mem::take(&mut self.changes);
        changes.retain(|change| change.at <= now);
        changes.sort_by_key(|change| change.at);
        let mut fleet = Fleet::default();
        for (change, number) in changes.iter_mut().zip(1..) {
            change.seq = Seq(number);
            if let Fact::Commanded { outcome: Outcome::Accepted { seq }, .. } = &mut change.fact {
                *seq = change.seq;
            }
            fleet.apply(change);
        }
        let batches = numbers::last_hour(&fleet, now, eu_lost);
        let mut signals = Signals::default();
        for batch in &batches {
            signals.ingest(batch);
        }
        Story { fleet, signals, now, changes, batches }
    }
}

fn plan_of(id: PushId, (group, name, to): (&str, &str, &str), by: &str, at: EngineTime) -> PushPlan {
    let declaration = declaration();
    let travelling: Vec<_> = SERVICES.iter().filter(|service| service.1 == group && (group == name || service.0 == name)).collect();
    let moves = travelling
        .iter()
        .map(|service| Move {
            service: ServiceId::new(service.0),
            from: ["staging", "production"].map(|place| (EnvironmentId::new(place), Version::new(service.2))).into(),
            to: declaration.release(&ServiceId::new(service.0), &Version::new(to)).expect("declared").clone(),
            replaced: Vec::new(),
        })
        .collect();
    let stages = super::declared::plan()
        .legs
        .iter()
        .flat_map(|leg| leg.stages.iter().map(|stage| (leg.environment.clone(), stage)))
        .map(|(environment, stage)| planned(environment, stage, &travelling))
        .map(|stage| if name == "cart" && stage.name == "one box" { asks_two_on_call(stage) } else { stage })
        .collect();
    let requested_by = Actor::Person { name: PersonId::new(by) };
    let (group, name, before) = (GroupId::new(group), name.to_owned(), InFlightBefore::default());
    PushPlan { id, group, name, moves, stages, requested_by, requested: at, before, emergency: None }
}

fn asks_two_on_call(stage: PlannedStage) -> PlannedStage {
    PlannedStage { approval: Some(ApprovalRule { needed: 2, roles: vec![Role::new("oncall")] }), ..stage }
}

/// A stage with its grants: `max(1, floor(share · n))` of each cell; one box is the first instance of the quietest.
fn planned(environment: EnvironmentId, stage: &Stage, moved: &[&(&str, &str, &str, u32, [u32; 3])]) -> PlannedStage {
    let in_staging = environment.as_str() == "staging";
    let cells = |lab: u32, sizes: &[u32; 3]| -> Vec<(CellId, u32)> {
        if in_staging {
            vec![(CellId::new("lab"), lab)]
        } else {
            REGIONS.iter().zip(sizes).map(|((cell, ..), size)| (CellId::new(cell), *size)).collect()
        }
    };
    let grants: Grants = moved
        .iter()
        .map(|(name, _, _, lab, sizes)| {
            let granted: BTreeMap<CellId, u32> = match stage.scope {
                Scope::Warm => BTreeMap::new(),
                Scope::OneBox => BTreeMap::from([(CellId::new("ap"), 1)]),
                Scope::Share { share } | Scope::Waves { share } => {
                    cells(*lab, sizes).into_iter().map(|(cell, size)| (cell, share.floor_of(size).max(1))).collect()
                }
            };
            (ServiceId::new(name), granted)
        })
        .collect();
    PlannedStage {
        environment,
        name: stage.name.clone(),
        share: stage.scope.share(),
        grants,
        wave: None,
        merged: Vec::new(),
        bake: stage.bake,
        deadline: stage.deadline,
        advance: stage.advance,
        approval: stage.approval.clone(),
        alone: stage.alone,
        checks: stage.checks.clone(),
        evidence: stage.evidence,
        green: None,
    }
}
