//! Numbers read from a real Prometheus server that scrapes a simulated fleet.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a fleet, a server or an answer that is not there has failed")]

#[path = "support/needs.rs"]
mod needs;
#[path = "support/prometheus.rs"]
mod running;

use std::sync::Arc;

use pushdeck::backend::demo::{Demo, Options};
use pushdeck::backend::port::{Observer, Update};
use pushdeck::domain::id::PersonId;
use pushdeck::engine::run::live::Outside;
use pushdeck::evidence::delta::CellTick;
use pushdeck::evidence::histogram::{Histogram, Quantile};
use pushdeck::evidence::reading::{Batch, Reading};
use pushdeck::metrics::prometheus::{Found, Server, Steps};
use running::{Fleet, Prometheus, free_port, until};
use tokio_stream::StreamExt as _;

/// What a scraper makes of the very texts that the server was given, of the time that a batch is of.
fn scraped(fleet: &Fleet, batch: &Batch) -> Option<CellTick> {
    let since = batch.at - batch.over;
    fleet.ticks().into_iter().filter(|tick| tick.at > since && tick.at <= batch.at).reduce(CellTick::then)
}

/// What a reading counts, and what it gives as means.
fn apart(reading: &Reading) -> (Reading, [Option<f64>; 3]) {
    let counts = Reading { cpu: None, memory: None, saturation: None, ..reading.clone() };
    (counts, [reading.cpu, reading.memory, reading.saturation])
}

/// That a batch says what the scraper says: counts to the last one, and means but for the order in which they are added up.
fn assert_same(fleet: &Fleet, batch: &Batch) {
    let tick = scraped(fleet, batch).expect("the server was given what it tells");
    assert_eq!((tick.at, tick.over), (batch.at, batch.over));
    assert_eq!(tick.readings.len(), batch.readings.len());
    for (theirs, ours) in tick.readings.iter().map(apart).zip(batch.readings.iter().map(apart)) {
        assert_eq!(theirs.0, ours.0);
        for (theirs, ours) in theirs.1.into_iter().zip(ours.1) {
            let is_near = theirs.zip(ours).map_or(theirs == ours, |(theirs, ours)| (theirs - ours).abs() <= 1e-12);
            assert!(is_near, "{theirs:?}, not {ours:?}");
        }
    }
    assert_eq!((tick.journeys, tick.edges, tick.unreadable), (batch.journeys.clone(), Arc::clone(&batch.edges), batch.unreadable));
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_the_scrapers_own_over_restarts_and_gaps() {
    if !needs::prometheus("counts_are_the_scrapers_own_over_restarts_and_gaps") {
        return;
    }
    let fleet = Fleet::begin().await;
    let prometheus = Prometheus::begin(&fleet.scrape_config());
    let mut reader = prometheus.reader(&fleet).await;
    let mut compared = 0;
    let mut requests = 0;
    until("ticks of a fleet that runs", async || {
        let batch = reader.round(fleet.now()).await;
        if batch.missing.is_empty() {
            assert_same(&fleet, &batch);
            compared += 1;
            requests += batch.readings.iter().map(|reading| reading.requests).sum::<u64>();
        }
        compared >= 3
    })
    .await;
    assert!(requests > 100, "{requests}");

    // Every process starts anew: its counters begin at zero, and no count is negative or made up.
    let before = requests;
    fleet.restart();
    let mut after = 0;
    until("ticks after a restart", async || {
        let batch = reader.round(fleet.now()).await;
        if batch.missing.is_empty() {
            assert_same(&fleet, &batch);
            after += batch.readings.iter().map(|reading| reading.requests).sum::<u64>();
            compared += 1;
        }
        compared >= 6
    })
    .await;
    assert!(after < before * 100, "{after}");

    fleet.answers(false);
    until("a target that is gone to be missed", async || {
        let batch = reader.round(fleet.now()).await;
        batch.readings.is_empty() && batch.missing.iter().all(|missing| missing.why == "Prometheus cannot scrape it")
    })
    .await;
    let gone = reader.health().remove(0).health;
    assert!(gone.failures() >= 1 && gone.age().is_some(), "{gone:?}");
    assert_eq!(gone.last_error(), Some("Prometheus cannot scrape it"));

    fleet.answers(true);
    until("the target to be back", async || {
        let batch = reader.round(fleet.now()).await;
        if batch.missing.is_empty() {
            assert_same(&fleet, &batch);
        }
        batch.missing.is_empty()
    })
    .await;
    assert_eq!(reader.health().remove(0).health.failures(), 0);
}

/// The buckets of a series of series, each with its upper edge, at one moment.
fn histogram(buckets: &[Found], at: i64) -> Histogram {
    let mut known: Vec<(f64, f64)> = buckets
        .iter()
        .map(|bucket| {
            let point = bucket.points.iter().find(|point| point.at == at).expect("every bucket at every moment");
            (bucket.label("le").parse().unwrap(), point.value)
        })
        .collect();
    known.sort_by(|one, other| one.0.total_cmp(&other.0));
    let edges: Vec<f64> = known.iter().map(|bucket| bucket.0).filter(|edge| edge.is_finite()).collect();
    let mut histogram = Histogram::new(edges.into());
    let mut below = 0.0;
    let counts: Vec<u64> = known.iter().map(|(_, count)| (count - std::mem::replace(&mut below, *count)) as u64).collect();
    assert!(histogram.add(&counts));
    histogram
}

async fn raw(server: &Server, query: &str) -> Vec<i64> {
    let found = server.instant(query, None).await.unwrap();
    found.first().map(|series| series.points.iter().map(|point| point.at).collect()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn quantiles_are_the_servers_own() {
    const BUCKETS: &str = "sum by (le) (pushdeck_request_seconds_bucket)";
    if !needs::prometheus("quantiles_are_the_servers_own") {
        return;
    }
    let fleet = Fleet::begin().await;
    let prometheus = Prometheus::begin(&fleet.scrape_config());
    let server = prometheus.ready().await;
    let mut times = Vec::new();
    until("scrapes", async || {
        times = raw(&server, "pushdeck_time_seconds[1m]").await;
        times.len() >= 4
    })
    .await;
    let (first, last) = (times[0], *times.last().unwrap());
    let steps = Steps { from: first, to: last, step: 1_000 };
    let buckets = server.range(BUCKETS, steps).await.unwrap();
    let mut compared = 0;
    for q in [0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0] {
        let theirs = server.range(&format!("histogram_quantile({q}, {BUCKETS})"), steps).await.unwrap();
        for point in &theirs[0].points {
            match histogram(&buckets, point.at).quantile(q) {
                Quantile::Value(ours) => {
                    assert!((ours - point.value).abs() <= 1e-9 * point.value.abs(), "q {q}: {ours}, not {}", point.value);
                    compared += 1;
                }
                // Theirs is the last edge then.
                Quantile::BeyondLastEdge(edge) => assert!((edge - point.value).abs() <= 1e-9 * edge, "q {q}: {edge}"),
                Quantile::TooFew { .. } => {}
            }
        }
    }
    assert!(compared >= 12, "{compared}");

    // Of what happened between two scrapes, too, which is what ticks are made of.
    let between = format!("{BUCKETS} - sum by (le) (pushdeck_request_seconds_bucket @ {}.{:03})", first / 1_000, first % 1_000);
    let rise = server.instant(&between, Some(last)).await.unwrap();
    let theirs = server.instant(&format!("histogram_quantile(0.5, {between})"), Some(last)).await.unwrap();
    let Quantile::Value(ours) = histogram(&rise, last).quantile(0.5) else { panic!("there are requests enough") };
    assert!((ours - theirs[0].points[0].value).abs() <= 1e-9 * ours, "{ours}, not {}", theirs[0].points[0].value);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_reads_its_numbers_from_the_server_that_scrapes_it() {
    if !needs::prometheus("a_demo_reads_its_numbers_from_the_server_that_scrapes_it") {
        return;
    }
    let at = free_port();
    let prometheus = Prometheus::begin(&running::discovered(at));
    let server = prometheus.ready().await;
    let options = Options {
        scenario: Some("blue-green".to_owned()),
        seed: None,
        speed: 1.0,
        actor: PersonId::new("lena"),
        record: None,
        outside: Outside { prometheus: Some(server), expose: Some(at) },
    };
    let demo = Demo::open(&options).unwrap();
    let mut changes = demo.changes();
    until("numbers of every cell", async || match changes.next().await {
        Some(Update::Ended { why }) => panic!("{why}"),
        Some(Update::Readings(batch)) => {
            let health = demo.health().await.unwrap();
            let is_first = batch.readings.is_empty() || !batch.missing.is_empty();
            !is_first && health.iter().all(|target| target.health.age().is_some() && target.health.last_error().is_some())
        }
        _ => false,
    })
    .await;
    // What was missed at first is that the server did not know the cells yet.
    let known = demo.health().await.unwrap();
    assert!(known.iter().all(|target| target.health.failures() == 0), "{known:?}");
}
