//! How fast a target's exposition is read: ten megabytes in 500 families, of which pushdeck wants eight and the time.
//!
//! `cargo bench --bench exposition`; criterion prints the throughput in bytes of the whole text. The floors are 500 MB/s, and 15 ms
//! for the text.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a broken set-up must end the bench, and it says what it read")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use pushdeck::domain::id::{CellId, EnvironmentId};
use pushdeck::evidence::delta::{CellCounters, NoTick};
use pushdeck::evidence::exposition::Reader;

const HISTOGRAMS: usize = 80;
const SUMMARIES: usize = 20;
const COUNTERS: usize = 200;
const GAUGES: usize = 200;

/// Label sets in a family: makes some 67,000 samples of them all.
const SETS: usize = 36;

/// Upper edges of the buckets, before the infinite one.
const EDGES: [&str; 14] =
    ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0"];

/// What pushdeck reads of a cell, besides the time.
const WANTED: [&str; 8] = [
    "pushdeck_request_seconds",
    "pushdeck_requests_total",
    "pushdeck_journey_attempts_total",
    "pushdeck_journey_successes_total",
    "pushdeck_up",
    "pushdeck_cpu_ratio",
    "pushdeck_memory_ratio",
    "pushdeck_saturation_ratio",
];

/// Kinds of families, how many there are of each, and which of those wanted are among them.
const KINDS: [(&str, usize, &[&str]); 4] = [
    ("histogram", HISTOGRAMS, WANTED.split_at(1).0),
    ("summary", SUMMARIES, &[]),
    ("counter", COUNTERS, WANTED.split_at(1).1.split_at(3).0),
    ("gauge", GAUGES, WANTED.split_at(4).1),
];

/// A target's text at its `scrape`-th scrape: the same series each time, with other values.
fn text(scrape: usize) -> String {
    let mut text =
        format!("# HELP pushdeck_time_seconds When.\n# TYPE pushdeck_time_seconds gauge\npushdeck_time_seconds {scrape}\n");
    for (kind, families, wanted) in KINDS {
        for index in 0..families {
            // Those wanted stand apart from each other, as in any text.
            let name = match wanted.get(index / 20).filter(|_| index % 20 == 7) {
                Some(wanted) => (*wanted).to_owned(),
                None => format!("http_server_{kind}_of_things_{index:03}"),
            };
            family(&mut text, &name, kind, scrape);
        }
    }
    text
}

fn family(text: &mut String, name: &str, kind: &str, scrape: usize) {
    writeln!(text, "# HELP {name} What this {kind} says of the requests that were answered.\n# TYPE {name} {kind}")
        .expect("a line");
    for set in 0..SETS {
        let labels = format!(
            "service=\"checkout-api-{set:02}\",version=\"v2026.11.22-{}\",instance=\"10.1.{set:02}.7:9090\",journey=\"j{set}\"",
            set % 3
        );
        let count = scrape * 1_000 + set;
        match kind {
            "histogram" => {
                for (index, le) in EDGES.into_iter().chain(["+Inf"]).enumerate() {
                    writeln!(text, "{name}_bucket{{{labels},le=\"{le}\"}} {}", count * (index + 1)).expect("a line");
                }
                writeln!(text, "{name}_sum{{{labels}}} {}.25\n{name}_count{{{labels}}} {}", count * 3, count * 15).expect("lines");
            }
            "summary" => {
                for quantile in ["0.5", "0.9", "0.99"] {
                    writeln!(text, "{name}{{{labels},quantile=\"{quantile}\"}} 0.{count}").expect("a line");
                }
                writeln!(text, "{name}_sum{{{labels}}} {}.25\n{name}_count{{{labels}}} {}", count * 3, count * 15).expect("lines");
            }
            "counter" => writeln!(text, "{name}{{{labels},code=\"200\"}} {count}").expect("a line"),
            _ => writeln!(text, "{name}{{{labels}}} 0.{count}").expect("a line"),
        }
    }
}

fn cell() -> CellCounters {
    CellCounters::new(EnvironmentId::new("production"), CellId::new("eu"))
}

fn read(criterion: &mut Criterion) {
    let texts = [text(1), text(2)];
    let [first, second] = texts.each_ref().map(String::as_str);
    let mut reader = Reader::default();
    let once = reader.read(first, &WANTED);
    assert_eq!(once.unreadable, 0, "every wanted line reads");
    println!(
        "{} bytes, {} lines, {} samples of {} families wanted",
        first.len(),
        first.lines().count(),
        once.samples.len(),
        WANTED.len()
    );

    let mut group = criterion.benchmark_group("exposition");
    group.throughput(Throughput::Bytes(second.len() as u64));
    group.bench_function("first scrape, 8 of 500 families", |bencher| {
        bencher.iter(|| Reader::default().read(black_box(first), &WANTED));
    });
    group.bench_function("later scrape, 8 of 500 families", |bencher| {
        bencher.iter(|| reader.read(black_box(second), &WANTED));
    });
    group.bench_function("later scrape, none wanted", |bencher| {
        bencher.iter(|| Reader::default().read(black_box(second), &["pushdeck_unheard_of"]));
    });
    let everything: Vec<String> = everything();
    let everything: Vec<&str> = everything.iter().map(String::as_str).collect();
    let mut reader = Reader::default();
    reader.read(first, &everything);
    group.sample_size(20);
    group.bench_function("later scrape, 108 of 500 families", |bencher| {
        bencher.iter(|| reader.read(black_box(second), &everything));
    });
    group.finish();
}

/// The families wanted and the first hundred others.
fn everything() -> Vec<String> {
    let others = KINDS.iter().flat_map(|(kind, ..)| (0..25).map(move |index| format!("http_server_{kind}_of_things_{index:03}")));
    WANTED.iter().map(|wanted| (*wanted).to_owned()).chain(others).collect()
}

fn delta(criterion: &mut Criterion) {
    let texts = [text(1), text(2)];
    let [first, second] = texts.each_ref().map(String::as_str);
    let mut before = cell();
    assert_eq!(before.advance(first), Err(NoTick::First));
    let tick = before.clone().advance(second).expect("a tick");
    println!("{} readings, {} journeys, {} unreadable", tick.readings.len(), tick.journeys.len(), tick.unreadable);

    let mut group = criterion.benchmark_group("delta");
    group.throughput(Throughput::Bytes(second.len() as u64));
    group.bench_function("reading and comparing a later scrape", |bencher| {
        bencher.iter_batched_ref(|| before.clone(), |cell| cell.advance(black_box(second)), BatchSize::LargeInput);
    });
    group.finish();
}

criterion_group!(benches, read, delta);
criterion_main!(benches);
