//! What a second's numbers cost once they are read: 5,040 series (35 services in three cells, two versions of each, with requests, errors, 19
//! buckets and three gauges) taken into the series, and judged as the evidence of one stage.
#![expect(clippy::expect_used, reason = "a broken set-up must end the bench")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use pushdeck::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use pushdeck::domain::slo::Objective;
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::domain::verdict::Bad;
use pushdeck::evidence::reading::{Batch, Reading};
use pushdeck::evidence::sequential::{Levels, Margins};
use pushdeck::evidence::series::Signals;
use pushdeck::evidence::stage::{StageEvidence, Subject, Terms};
use pushdeck::simulation::latency::EDGES;

const SERVICES: usize = 35;
const CELLS: [&str; 3] = ["ap", "us", "eu"];
const VERSIONS: [&str; 2] = ["v41", "v42"];
/// Seconds lived through before it is measured, so that nothing is new.
const LIVED: i64 = 300;

fn batch(second: i64) -> Batch {
    let reading = |service: usize, cell: &str, version: &str| {
        let requests = if version == "v42" { 40 } else { 4_000 };
        // About as many bad ones as there would be, in another place each second.
        let turn = service as i64 + second;
        let slow = u64::from(turn % 7 == 0) * requests / 40;
        let mut latency = vec![0; EDGES.len() + 1];
        *latency.get_mut(4).expect("a bucket") = requests - slow;
        *latency.get_mut(10).expect("a bucket") = slow;
        Reading {
            service: ServiceId::new(&format!("s{service}")),
            environment: EnvironmentId::new("production"),
            cell: CellId::new(cell),
            version: Version::new(version),
            requests,
            errors: u64::from(turn % 11 == 0) * requests / 40,
            latency,
            cpu: Some(0.4),
            memory: Some(0.5),
            saturation: Some(0.1),
            up: 10,
        }
    };
    let readings = (0..SERVICES)
        .flat_map(|service| CELLS.into_iter().flat_map(move |cell| VERSIONS.map(|version| reading(service, cell, version))));
    Batch {
        at: EngineTime::from_millis(second * 1_000),
        over: Period::from_secs(1),
        edges: Arc::from(EDGES),
        readings: readings.collect(),
        ..Batch::default()
    }
}

fn stage() -> StageEvidence {
    let objectives = vec![
        Objective { bad: Bad::Errors, allowed: 0.003 },
        Objective { bad: Bad::slower_than(0.3), allowed: 0.01 },
        Objective { bad: Bad::slower_than(1.0), allowed: 0.001 },
    ];
    let subject = |service: usize| Subject {
        service: ServiceId::new(&format!("s{service}")),
        environment: EnvironmentId::new("production"),
        new: Version::new("v42"),
        old: Some(Version::new("v41")),
        objectives: objectives.clone(),
        limits: Vec::new(),
    };
    let terms = Terms { levels: Levels::default(), margins: Margins { r0: 1.25, ruled_out: 1.5 }, warm_up: Period::ZERO };
    StageEvidence::new((0..SERVICES).map(subject).collect(), terms, EngineTime::from_millis(0))
}

fn judging(criterion: &mut Criterion) {
    let (mut signals, mut stage) = (Signals::default(), stage());
    for second in 1..=LIVED {
        let batch = batch(second);
        signals.ingest(&batch);
        stage.add(&batch);
    }
    let next = batch(LIVED + 1);
    criterion.bench_function("5,040 series: taken in", |bencher| {
        bencher.iter_batched_ref(|| signals.clone(), |signals| signals.ingest(black_box(&next)), BatchSize::LargeInput);
    });
    criterion.bench_function("5,040 series: judged", |bencher| {
        let judged = |stage: &mut StageEvidence| {
            stage.add(black_box(&next));
            black_box(stage.evidence())
        };
        bencher.iter_batched_ref(|| stage.clone(), judged, BatchSize::LargeInput);
    });
    // Worked out every few seconds, and less often the older a stage is: seen once, at the end of a minute in which it is due.
    let late = batch(LIVED + 60);
    criterion.bench_function("5,040 series: judged, and when it will be decided worked out anew", |bencher| {
        bencher.iter_batched_ref(|| stage.clone(), |stage| stage.add(black_box(&late)), BatchSize::LargeInput);
    });
}

criterion_group!(benches, judging);
criterion_main!(benches);
