//! How long one step of the engine takes over 200 services in three cells: nothing new, instances seen, metrics judged.
#![expect(clippy::expect_used, reason = "a broken set-up must end the bench")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, Order};
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, EngineId, InstanceId, PushId, Seq};
use pushdeck::domain::metric::{Metric, SliceId, Standing};
use pushdeck::domain::placement::{Observation, Phase};
use pushdeck::domain::time::{ConsoleTime, EngineTime};
use pushdeck::engine::effect::Input;
use pushdeck::engine::spec;
use pushdeck::engine::step::step;
use uuid::Uuid;

const SERVICES: usize = 200;

fn spec_text() -> String {
    let mut text = String::from(
        "[people]\nana = [\"oncall\"]\n[[environment]]\nname = \"production\"\ncells = [{ name = \"ap\", users = 9 }, \
         { name = \"us\", users = 9 }, { name = \"eu\", users = 9 }]\n[defaults]\ndrain = \"1s\"\ninstall = \"2s\"\n\
         slo = { availability = \"99 %\" }\n[defaults.thresholds]\nerrors = { limit = \"1 %\", for = \"9s\" }\n\
         p99 = { limit = \"1s\", for = \"9s\" }\n",
    );
    for number in 0..SERVICES {
        let release = |version: &str| {
            format!(
                "[[release]]\nservice = \"s{number}\"\nversion = \"{version}\"\ndigest = \"sha256:{:064x}\"\ncommit = \"c0ffee1\"\n\
                 author = \"ana\"\nnotes = \"n\"\n",
                number + 1
            )
        };
        let _ = write!(
            text,
            "[[group]]\nname = \"g{number}\"\nservices = [\"s{number}\"]\nowners = \"oncall\"\n[[service]]\nname = \"s{number}\"\n\
             running = \"v1\"\nrps_per_instance = 100\nin.production = {{ instances = 10, peak_rps = 1500 }}\n{}{}",
            release("v1"),
            release("v2")
        );
    }
    text
}

fn observations(fleet: &Fleet) -> Vec<Observation> {
    let of = |placement: &pushdeck::domain::placement::Placement| -> Vec<Observation> {
        placement
            .instances()
            .map(|(cell, index, _)| Observation {
                instance: InstanceId { placement: placement.id.clone(), cell: cell.clone(), index },
                version: "v1".into(),
                phase: Phase::Ready,
                serving: true,
                restarts: 0,
            })
            .collect()
    };
    fleet.placements().flat_map(of).collect()
}

fn judgements(fleet: &Fleet) -> Vec<(SliceId, Standing)> {
    let slices = fleet.placements().flat_map(|placement| {
        placement.cells.keys().flat_map(move |cell| {
            [Metric::Errors, Metric::P99].map(|metric| SliceId {
                service: placement.id.service.clone(),
                environment: placement.id.environment.clone(),
                cell: cell.clone(),
                version: "v1".into(),
                metric,
            })
        })
    });
    slices.map(|slice| (slice, Standing::Within { value: 0.001 })).collect()
}

fn take(fleet: &mut Fleet, input: Input, now: EngineTime) {
    for change in step(fleet, input, now, ConsoleTime::from_millis(0)).changes {
        fleet.apply(&change);
    }
}

/// 200 services that serve and are judged, ten of them being pushed.
fn fleet(now: EngineTime) -> Fleet {
    let declaration = spec::read("bench.toml", &spec_text()).expect("a sound spec").value;
    let facts = [
        Fact::EngineStarted { engine: EngineId(Uuid::from_u128(1)), epoch: 1 },
        Fact::Declared { declaration: Box::new(declaration) },
    ];
    let feeds = Feed::ALL.map(|feed| Fact::FeedChanged { feed, state: FeedState::Live });
    let mut fleet = Fleet::default();
    for (seq, fact) in (1..).zip(facts.into_iter().chain(feeds)) {
        fleet.apply(&Change { seq: Seq(seq), at: now, fact });
    }
    let seen = observations(&fleet);
    take(&mut fleet, Input::Observed(seen), now);
    let judged = judgements(&fleet);
    take(&mut fleet, Input::Judged(judged), now);
    for number in 0..10 {
        let releases = vec![(format!("s{number}").as_str().into(), "v2".into())];
        let order = Order::start(&fleet, PushId(Uuid::from_u128(number)), releases).expect("a release that is known");
        let command = Box::new(Command { id: CommandId(Uuid::from_u128(number)), actor: "ana".into(), order });
        take(&mut fleet, Input::Command(command), now);
    }
    fleet
}

fn steps(criterion: &mut Criterion) {
    let now = EngineTime::from_millis(1_800_000_000_000);
    let fleet = fleet(now);
    let judged = judgements(&fleet);
    let seen: Vec<Observation> = observations(&fleet).into_iter().rev().take(50).collect();
    let mut group = criterion.benchmark_group("step over 200 services");
    group.bench_function("tick", |bencher| bencher.iter(|| step(black_box(&fleet), Input::Tick, now, ConsoleTime::from_millis(0))));
    group.bench_function("50 instances seen", |bencher| {
        bencher.iter(|| step(black_box(&fleet), Input::Observed(seen.clone()), now, ConsoleTime::from_millis(0)));
    });
    group.bench_function("judged, nothing new", |bencher| {
        bencher.iter(|| step(black_box(&fleet), Input::Judged(judged.clone()), now, ConsoleTime::from_millis(0)));
    });
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
