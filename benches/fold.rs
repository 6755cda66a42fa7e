//! How fast changes are folded: a million of them, as they come of six minutes of the demo, over and over.
#![expect(clippy::expect_used, reason = "a broken set-up must end the bench")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pushdeck::domain::change::Change;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::time::EngineTime;
use pushdeck::engine::run::setup::Setup;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::{self, builtin, scenario};

const MILLION: usize = 1_000_000;

/// What happens in the demo until its console opens.
fn changes() -> Vec<Change> {
    let declared = |name: &str| spec::read(name, builtin::spec(name)?).ok().map(|sound| sound.value);
    let text = builtin::scenario(builtin::DEFAULT_SCENARIO).expect("the default scenario");
    let scenario = scenario::read("steady", "steady", text, declared).expect("a sound scenario").value;
    let mut run = Stepped::new(Setup::new(&scenario, EngineTime::from_millis(1_800_000_000_000), scenario.seed));
    run.advance(scenario.fast_forward);
    run.drain().changes
}

fn fold(criterion: &mut Criterion) {
    let changes = changes();
    let mut group = criterion.benchmark_group("fold");
    group.throughput(Throughput::Elements(MILLION as u64)).sample_size(10);
    group.bench_function("a million changes", |bencher| {
        bencher.iter(|| {
            let mut fleet = Fleet::default();
            changes.iter().cycle().take(MILLION).for_each(|change| fleet.apply(change));
            fleet
        });
    });
    group.finish();
}

criterion_group!(benches, fold);
criterion_main!(benches);
