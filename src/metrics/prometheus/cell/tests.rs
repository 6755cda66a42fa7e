use super::super::answer::Point;
use super::super::seen::Seen;
use super::super::{CELL, ENVIRONMENT};
use super::*;
use crate::domain::time::Period;
use crate::evidence::delta::TIME;

const TARGET: [(&str, &str); 4] = [(ENVIRONMENT, "production"), (CELL, "eu"), ("job", "fleet"), ("instance", "a:1")];
const REQUESTS: &str = "pushdeck_requests_total";

fn series(name: &str, own: &[(&str, &str)], points: &[(i64, f64)]) -> Found {
    // What a series says itself stands before what its target adds.
    let named = ("__name__", name);
    let all = TARGET.iter().chain(own).chain([&named]);
    Found {
        labels: all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        points: points.iter().map(|(at, value)| Point { at: *at, value: *value }).collect(),
    }
}

fn requests(instance: &str, points: &[(i64, f64)]) -> Found {
    series(REQUESTS, &[("service", "auth"), ("version", "v42"), ("instance", instance), ("code", "200")], points)
}

fn cell(since: i64) -> Cell {
    Cell::new(EnvironmentId::new("production"), CellId::new("eu"), since)
}

/// Takes in what is due of an answer that holds everything.
fn take(cell: &mut Cell, found: &[Found]) -> Result<CellTick, NoTick> {
    let seen = Seen::of(found, &EnvironmentId::new("production"), &CellId::new("eu"), cell.since);
    let Seen::Scraped(target, times) = seen else { panic!("scraped: {seen:?}") };
    let due = cell.due(target, times);
    cell.take(&due, found)
}

#[test]
fn scrapes_between_two_rounds_are_one_tick_and_a_reset_between_them_loses_nothing() {
    let mut cell = cell(1_000);
    let clock = |points: &[(i64, f64)]| series(TIME, &[], points);
    assert_eq!(take(&mut cell, &[clock(&[(1_000, 9.0), (2_000, 10.0)]), requests("0", &[(2_000, 500.0)])]), Err(NoTick::First));
    let found = [
        clock(&[(2_000, 10.0), (3_000, 11.0), (4_000, 12.5)]),
        requests("0", &[(2_000, 500.0), (3_000, 540.0), (4_000, 7.0)]),
        requests("1", &[(4_000, 3.0)]),
    ];
    let tick = take(&mut cell, &found).unwrap();
    assert_eq!((tick.over, tick.readings[0].requests, cell.since), (Period::from_millis(2_500), 50, 4_000));
}

#[test]
fn a_target_that_is_labelled_anew_is_no_new_one() {
    let mut cell = cell(0);
    take(&mut cell, &[series(TIME, &[], &[(1_000, 1.0)]), requests("0", &[(1_000, 500.0)])]).unwrap_err();
    let anew = |mut found: Found| {
        found.labels.insert("team".to_owned(), "storage".to_owned());
        found
    };
    let found = [anew(series(TIME, &[], &[(2_000, 2.0)])), anew(requests("0", &[(2_000, 512.0)]))];
    assert_eq!(take(&mut cell, &found).unwrap().readings[0].requests, 12);
}

#[test]
fn times_of_its_own_values_that_are_none_and_copies_are_no_counts() {
    let mut cell = cell(0);
    let clock = |at: i64| series(TIME, &[], &[(at, at as f64 / 1_000.0)]);
    take(&mut cell, &[clock(1_000), requests("0", &[(900, 100.0)]), requests("1", &[(1_000, 5.0)])]).unwrap_err();
    let mut copy = requests("0", &[(1_950, 130.0)]);
    copy.labels.insert("replica".to_owned(), String::new());
    let found = [
        clock(2_000),
        // Given a moment before the scrape; and of several, the newest counts.
        requests("0", &[(1_200, 110.0), (1_950, 130.0)]),
        copy,
        requests("1", &[(2_000, f64::NAN)]),
        requests("2", &[(2_000, f64::INFINITY)]),
        series(REQUESTS, &[("service", "auth"), ("version", &"x".repeat(5_000))], &[(2_000, 1.0)]),
    ];
    let tick = take(&mut cell, &found).unwrap();
    assert_eq!((tick.readings[0].requests, tick.unreadable), (30, 4));
}

#[test]
fn of_very_many_scrapes_the_last_are_gone_through() {
    let mut cell = cell(0);
    take(&mut cell, &[series(TIME, &[], &[(1_000, 1.0)]), requests("0", &[(1_000, 10.0)])]).unwrap_err();
    let points: Vec<(i64, f64)> = (2..=40).map(|n| (n * 1_000, n as f64)).collect();
    let counts: Vec<(i64, f64)> = points.iter().map(|(at, n)| (*at, n * 10.0)).collect();
    let found = [series(TIME, &[], &points), requests("0", &counts)];
    let tick = take(&mut cell, &found).unwrap();
    assert_eq!((tick.over, tick.readings[0].requests), (Period::from_secs(39), 390));
}

#[test]
fn a_target_is_asked_for_no_more_than_is_due() {
    let target = |found: &[Found], since: i64| match Seen::of(found, &EnvironmentId::new("production"), &CellId::new("eu"), since) {
        Seen::Scraped(target, times) => cell(since).due(target, times).query().unwrap(),
        seen => panic!("{seen:?}"),
    };
    let found = [series(TIME, &[], &[(1_000_000, 1.0), (1_001_000, 2.0)])];
    let (query, at) = target(&found, 1_000_000);
    assert!(query.ends_with("[1000ms]") && at == 1_001_000, "{query} at {at}");
    // After ten minutes without a scrape only those that are new.
    assert!(target(&found, 0).0.ends_with("[1001ms]"));
}
