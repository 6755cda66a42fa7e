use super::super::reading::{JourneyReading, MissingCell, Reading};
use super::*;
use crate::domain::id::ServiceId;
use crate::domain::metric::Metric;

fn placement() -> PlacementId {
    "auth@production".parse().unwrap()
}

fn at(seconds: i64) -> EngineTime {
    EngineTime::from_millis(seconds * 1_000)
}

fn reading(cell: &str, requests: u64, errors: u64) -> Reading {
    Reading {
        service: ServiceId::new("auth"),
        environment: EnvironmentId::new("production"),
        cell: CellId::new(cell),
        version: Version::new("v42"),
        requests,
        errors,
        latency: vec![requests, 0, 0],
        cpu: Some(0.5),
        memory: None,
        saturation: None,
        up: 2,
    }
}

fn batch(seconds: i64, readings: Vec<Reading>) -> Batch {
    Batch { at: at(seconds), over: Period::from_secs(1), edges: Arc::from([0.1, 0.5]), readings, ..Batch::default() }
}

fn fed(batches: impl IntoIterator<Item = Batch>) -> Signals {
    let mut signals = Signals::default();
    for batch in batches {
        assert!(signals.ingest(&batch));
    }
    signals
}

fn span(now: i64, over: i64) -> Span {
    Span { now: at(now), over: Period::from_secs(over) }
}

fn with_scope<T>(cells: Option<&[CellId]>, ask: impl FnOnce(&Scope<'_>) -> T) -> T {
    ask(&Scope { placement: &placement(), cells, version: &Version::new("v42"), journey: Some("login") })
}

#[test]
fn a_window_adds_the_ticks_and_cells_asked_for() {
    let signals = fed((1..=10).map(|second| batch(second, vec![reading("eu", 100, 1), reading("us", 10, 0)])));
    let both = with_scope(None, |scope| signals.window(scope, span(10, 5))).unwrap();
    assert_eq!((both.requests, both.errors, both.up, both.readings), (550, 5, 4, 10));
    assert_eq!(both.latency.unwrap().counts(), [550, 0, 0]);
    let one = with_scope(Some(&[CellId::new("us")]), |scope| signals.window(scope, span(10, 2))).unwrap();
    assert_eq!((one.requests, one.cpu, one.memory), (20, Some(0.5), None));
}

#[test]
fn a_value_comes_with_how_many_requests_it_is_from() {
    let signals = fed((1..=3).map(|second| batch(second, vec![reading("eu", 100, 1)])));
    let measured = |metric, over| with_scope(None, |scope| signals.measure(metric, scope, span(3, over)));
    assert_eq!(measured(Metric::Errors, 2), Measured::Value { value: 0.01, n: 200 });
    assert_eq!(measured(Metric::P99, 2), Measured::TooFew { n: 200, need: 299 });
    assert!(matches!(measured(Metric::P99, 3), Measured::Value { n: 300, .. }));
    assert_eq!(measured(Metric::P999, 3), Measured::TooFew { n: 300, need: 2_995 });
    assert_eq!(measured(Metric::Memory, 3), Measured::NoData { why: "no instance says its memory".to_owned() });
}

#[test]
fn old_numbers_are_no_data_and_say_for_how_long() {
    let mut signals = fed([batch(1, vec![reading("eu", 100, 1)])]);
    let measured = |signals: &Signals| with_scope(None, |scope| signals.measure(Metric::Errors, scope, span(46, 15)));
    assert_eq!(measured(&signals), Measured::NoData { why: "nothing read for 45 s".to_owned() });
    let why = "connection refused".to_owned();
    let missing = vec![MissingCell { environment: EnvironmentId::new("production"), cell: CellId::new("eu"), why }];
    signals.ingest(&Batch { missing, ..batch(46, vec![]) });
    assert_eq!(measured(&signals), Measured::NoData { why: "nothing read for 45 s; eu: connection refused".to_owned() });
    assert_eq!(
        with_scope(None, |scope| Signals::default().measure(Metric::Errors, scope, span(46, 15))),
        Measured::NoData { why: "nothing read yet".to_owned() }
    );
}

#[test]
fn journeys_answer_whatever_the_version() {
    let journey = |attempts, succeeded| JourneyReading {
        environment: EnvironmentId::new("production"),
        cell: CellId::new("eu"),
        journey: "login".to_owned(),
        attempts,
        succeeded,
        latency: vec![succeeded, 0, attempts - succeeded],
        failure: None,
        untried: None,
    };
    let signals = fed((1..=2).map(|second| Batch { journeys: vec![journey(10, 9)], ..batch(second, vec![]) }));
    let measured = |over| with_scope(None, |scope| signals.measure(Metric::EndToEnd, scope, span(2, over)));
    assert_eq!(measured(5), Measured::Value { value: 0.9, n: 20 });
    assert_eq!(values(&signals, Metric::EndToEnd, 3, 2), [None, Some(0.9), Some(0.9)]);
}

#[test]
fn how_long_journeys_take_is_known_from_few_and_over_a_longer_time() {
    let journey = |failure: Option<&str>, untried: Option<&str>| JourneyReading {
        environment: EnvironmentId::new("production"),
        cell: CellId::new("eu"),
        journey: "login".to_owned(),
        attempts: 1,
        succeeded: u64::from(failure.is_none()),
        latency: vec![0, u64::from(failure.is_none()), 0],
        failure: failure.map(crate::safe::Text::new),
        untried: untried.map(crate::safe::Text::new),
    };
    let tick = |second: i64, journey: JourneyReading| Batch { journeys: vec![journey], ..batch(second, vec![]) };
    // More ticks than are kept of services.
    let mut signals = fed((1..=400).map(|second| tick(second, journey((second == 390).then_some("buy failed"), None))));
    let measured = |signals: &Signals, over| with_scope(None, |scope| signals.measure(Metric::JourneyP90, scope, span(400, over)));
    assert_eq!(measured(&signals, 28), Measured::TooFew { n: 27, need: 29 });
    assert!(matches!(measured(&signals, 40), Measured::Value { value, n: 39 } if value < 0.5), "{:?}", measured(&signals, 40));
    assert!(matches!(measured(&signals, 390), Measured::Value { n: 389, .. }), "{:?}", measured(&signals, 390));
    assert!(values(&signals, Metric::JourneyP90, 3, 400).iter().all(Option::is_some), "columns reach back for enough");
    let failure = with_scope(None, |scope| signals.last_failure(scope).map(|(at, cell, why)| (at, cell.clone(), why.clone())));
    assert_eq!(failure, Some((at(390), CellId::new("eu"), crate::safe::Text::new("buy failed"))));
    assert!(signals.says(Metric::JourneyP90, &placement(), "login"));
    signals.ingest(&tick(401, journey(None, Some("the variable is not set"))));
    let why = Measured::NoData { why: "the variable is not set".to_owned() };
    assert_eq!(with_scope(None, |scope| signals.measure(Metric::EndToEnd, scope, span(401, 40))), why);
}

fn columns(count: usize, now: i64, each: i64) -> Columns {
    Columns { now: at(now), each: Period::from_secs(each), count }
}

/// One column a second.
fn values(signals: &Signals, metric: Metric, count: usize, now: i64) -> Vec<Option<f64>> {
    let found = with_scope(None, |scope| signals.columns(metric, scope, columns(count, now, 1)));
    found.into_iter().map(|point| point.map(|point| point.value)).collect()
}

#[test]
fn a_missing_tick_is_a_gap() {
    let errors = |second, errors| batch(second, vec![reading("eu", 100, errors)]);
    let silent = |second| batch(second, vec![]);
    let signals = fed([errors(1, 1), errors(2, 2), silent(3), errors(4, 4), errors(7, 7)]);
    let points = |count, now| values(&signals, Metric::Errors, count, now);
    assert_eq!(points(9, 7), [None, None, Some(0.01), Some(0.02), None, Some(0.04), None, None, Some(0.07)]);
    assert_eq!(points(3, 10), [None; 3], "nothing came since");
    assert_eq!(points(2, 2), [Some(0.01), Some(0.02)], "looking back");
    assert_eq!(points(0, 2), []);
}

#[test]
fn columns_stand_on_multiples_of_their_length() {
    let five = columns(3, 12, 5);
    assert_eq!((five.start(), five.end()), (at(0), at(15)));
    assert_eq!(
        (five.holding(at(0)), five.holding(at(1)), five.holding(at(5)), five.holding(at(6))),
        (None, Some(0), Some(0), Some(1))
    );
    assert_eq!((five.end_of(0), five.end_of(2), five.holding(at(16))), (at(5), at(12), None));
    let signals = fed((1..=12).map(|second| batch(second, vec![reading("eu", 100, second as u64)])));
    let points = with_scope(None, |scope| signals.columns(Metric::Errors, scope, five));
    let told: Vec<_> = points.into_iter().flatten().map(|point| (point.n, (point.value * point.n as f64).round())).collect();
    assert_eq!(told, [(500, 15.0), (500, 40.0), (200, 23.0)]);
}

#[test]
fn a_latency_column_reaches_back_for_enough_requests_and_says_how_far() {
    let signals = fed((1..=10).map(|second| batch(second, vec![reading("eu", 100, 0)])));
    let points = with_scope(None, |scope| signals.columns(Metric::P99, scope, columns(10, 10, 1)));
    assert_eq!(points.iter().filter(|point| point.is_some()).count(), 8, "{points:?}");
    assert_eq!(points[1], None);
    assert_eq!(points[2].map(|point| (point.n, point.since)), Some((300, at(0))));
}

#[test]
fn hours_are_kept_in_bins_that_grow_and_nothing_is_lost_on_the_way() {
    let mut signals = Signals::of_hours();
    for second in 1..=6_000 {
        signals.ingest(&batch(second, vec![reading("eu", 100, 1)]));
    }
    let within = |over| with_scope(None, |scope| signals.window(scope, span(6_000, over))).unwrap();
    assert_eq!((within(60).requests, within(3_000).requests), (6_000, 300_000));
    let all = within(6_000);
    assert_eq!((all.requests, all.errors, all.readings, all.cpu), (600_000, 6_000, 6_000, Some(0.5)));
    assert_eq!(all.latency.unwrap().total(), 600_000);
    let grain = |ago: i64| signals.grain(at(6_000 - ago)).secs();
    assert_eq!((grain(200), grain(300), grain(1_400), grain(5_900)), (1, 5, 5, 60));
    let errors = with_scope(None, |scope| signals.columns(Metric::Errors, scope, columns(100, 6_000, 60)));
    assert!(errors.iter().all(|point| point.is_some_and(|point| (point.value - 0.01).abs() < 1e-9)), "{errors:?}");
}

#[test]
fn what_is_kept_of_hours_has_an_end() {
    let mut signals = Signals::of_hours();
    for minute in 1..=1_000 {
        signals.ingest(&batch(minute * 60, vec![reading("eu", 1, 0)]));
    }
    let all = with_scope(None, |scope| signals.window(scope, span(60_000, 60_000))).unwrap();
    assert_eq!(all.readings, (MAX_TICKS + 240 + 480) as u64);
}

#[test]
fn a_repeated_or_late_batch_is_left_aside() {
    let mut signals = fed([batch(2, vec![reading("eu", 100, 0)])]);
    assert!(!signals.ingest(&batch(2, vec![reading("eu", 100, 0)])));
    assert!(!signals.ingest(&batch(1, vec![reading("eu", 100, 0)])));
    assert_eq!(with_scope(None, |scope| signals.window(scope, span(2, 60))).unwrap().requests, 100);
}

#[test]
fn memory_is_bounded_and_what_is_gone_is_forgotten() {
    let mut signals = fed([batch(1, vec![Reading { version: Version::new("v41"), ..reading("eu", 1, 0) }])]);
    for second in 2..=MAX_TICKS as i64 + 2 {
        signals.ingest(&batch(second, vec![reading("eu", 1, 0)]));
    }
    assert_eq!(signals.versions(&placement()), [Version::new("v42")]);
    assert_eq!(with_scope(None, |scope| signals.window(scope, span(1_000, 10_000))).unwrap().readings, MAX_TICKS as u64);
}

#[test]
fn histograms_with_new_edges_replace_the_old() {
    let mut signals = fed([batch(1, vec![reading("eu", 100, 0)])]);
    signals.ingest(&Batch { edges: Arc::from([0.2, 0.4]), ..batch(2, vec![reading("eu", 50, 0)]) });
    let window = with_scope(None, |scope| signals.window(scope, span(2, 10))).unwrap();
    assert_eq!((window.requests, window.latency.unwrap().total()), (150, 50));
    assert_eq!(&*signals.edges(&placement()), [0.2, 0.4]);
}
