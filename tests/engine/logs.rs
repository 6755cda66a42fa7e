//! Logs: what is wrong with a version is written by it alone, and what both write is never called new.

use std::fs;

use pushdeck::domain::id::Version;
use pushdeck::domain::logs::{LogSource, Logs};
use pushdeck::domain::time::Period;
use pushdeck::engine::run::live::{Live, News, Outside};
use pushdeck::engine::run::setup::Setup;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::builtin;
use pushdeck::engine::spec::scenario::Scenario;
use pushdeck::evidence::logs::{LogTick, NewKind, beside, new_kinds};
use pushdeck::evidence::series::Signals;

use super::watcher::{begin, first_moment, push_of, read};

fn scenario(name: &str) -> Scenario {
    read(name, builtin::scenario(name).expect("it comes with the program"))
}

/// The kinds of error line that only the new version of shop wrote after so long a time.
fn new_after(scenario: &Scenario, time: Period) -> Vec<NewKind> {
    let mut run = begin(scenario);
    let mut signals = Signals::default();
    run.advance(time);
    run.drain().batches.iter().for_each(|batch| _ = signals.ingest(batch));
    let push = push_of(run.fleet(), &"shop".into()).expect("the scenario pushes shop");
    new_kinds(&beside(run.fleet(), &signals, &push, run.now()))
}

#[test]
fn a_version_that_fails_writes_lines_that_no_other_does() {
    let scenario = scenario("blue-green-back");
    let found = new_after(&scenario, Period::from_secs(150));
    let told: Vec<_> = found.iter().map(|new| (new.pair.placement.to_string(), new.kind.signature.as_str())).collect();
    let basket = |line| ("basket@production".to_owned(), line);
    assert_eq!(
        told,
        [
            basket("[worker-<n>] row <n> has no column <text>: answered <n> to <id>"),
            basket("[worker-<n>] retry budget of pool <text> is used up")
        ]
    );
    assert!(found[0].kind.count > 5 && found[0].kind.cells.len() == 2, "{found:?}");
}

#[test]
fn a_version_without_a_fault_writes_nothing_of_its_own() {
    let mut scenario = scenario("blue-green-back");
    scenario.faults.0.clear();
    assert_eq!(new_after(&scenario, Period::from_secs(150)), []);
}

/// An engine that follows the wall over a small fleet whose basket's logs are read from somewhere; what it reads until that says enough.
async fn live(from: LogSource, mut enough: impl FnMut(&LogTick) -> bool) {
    let mut scenario = scenario("blue-green-back");
    scenario.script.clear();
    for service in &mut scenario.declaration.services {
        service.logs = (service.id.as_str() == "basket").then(|| Logs { from: from.clone(), error: Vec::new() });
    }
    let setup = Setup::new(&scenario, first_moment(&scenario), scenario.seed);
    let mut stepped = Stepped::new(setup);
    stepped.advance(Period::from_secs(2));
    let live = Live::begin(stepped.into_parts(), 1.0, None, Outside::default()).await.expect("it begins");
    let mut news = live.subscribe().await.expect("it lives").news;
    let found = async {
        loop {
            if let Ok(News::Readings(batch)) = news.recv().await
                && enough(&batch.logs)
            {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(120), found).await.expect("what was waited for is read");
}

/// Whether v7 in production wrote a kind.
fn has(tick: &LogTick, kind: &str) -> bool {
    let read = tick.read.iter().filter(|read| read.environment.as_str() == "production" && read.version == Version::new("v7"));
    read.flat_map(|read| &read.kinds).any(|known| known.signature.as_str() == kind)
}

#[tokio::test]
async fn an_engine_follows_the_files_that_a_spec_names() {
    let folder = std::env::temp_dir().join(format!("pushdeck-engine-logs-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let file = LogSource::File(folder.join("{environment}-{cell}-{instance}.log").display().to_string());
    let mut unread = 0;
    live(file, |tick| {
        unread = unread.max(tick.unread.len());
        // One file of many: that the others are not there is said.
        if unread > 0 {
            let _ = fs::write(folder.join("production-north-3.log"), "ERROR no row for 7\n".repeat(1 + unread));
        }
        has(tick, "no row for <n>")
    })
    .await;
    assert!(unread > 1, "{unread}");
    let _ = fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn an_engine_reads_what_the_program_of_a_spec_prints() {
    let words = ["sh", "-c", "echo \"ERROR $PUSHDECK_CELL met no row for 7\""].map(str::to_owned);
    live(LogSource::Command(words.to_vec()), |tick| has(tick, "south met no row for <n>")).await;
}

#[tokio::test]
async fn an_engine_asks_the_cells() {
    let mut read = 0;
    live(LogSource::Cell("/logs".to_owned()), |tick| {
        assert_eq!(tick.unread, []);
        read += tick.read.iter().flat_map(|read| &read.kinds).map(|kind| kind.count).sum::<u64>();
        read > 3
    })
    .await;
}
