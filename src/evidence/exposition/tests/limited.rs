//! Whatever goes beyond a limit is counted, and leaves nothing behind.

use std::fmt::Write;

use super::*;

/// How a line between two ordinary ones fares: what is read of it, and how many lines are counted.
fn between(line: &str) -> (Vec<Sample>, u64) {
    let mut reader = Reader::default();
    let mut read = reader.read(&format!("a{{x=\"before\"}} 1\n{line}\na{{x=\"after\"}} 1\n"), &["a"]);
    let ordinary = read.samples.extract_if(.., |sample| matches!(sample.series.label("x"), Some("before" | "after"))).count();
    assert_eq!(ordinary, 2);
    let (series, bytes) = reader.memory.size();
    assert!(series <= 3 && bytes <= limits::LINE + 100);
    (read.samples, read.unreadable)
}

fn labels(count: usize) -> String {
    (0..count).fold(String::new(), |mut labels, label| {
        write!(labels, "l{label}=\"{label}\",").unwrap();
        labels
    })
}

#[test]
fn a_line_of_ten_megabytes_is_counted_where_it_is_wanted() {
    let long = "x".repeat(10_000_000);
    for wanted in [
        format!("a{{l=\"{long}\"}} 1"),
        format!("a{{l=\"{long}"),
        format!("a {long}"),
        format!("{{\"a\",{long}"),
        format!("a 1 # {long}"),
    ] {
        assert_eq!(between(&wanted), (vec![], 1));
    }
    for other in [
        format!("b{{l=\"{long}\"}} 1"),
        format!("{{\"{long}"),
        format!("# {long}"),
        long.clone(),
        long.replace('x', "\""),
        long.replace('x', " "),
    ] {
        assert_eq!(between(&other), (vec![], 0));
    }
}

#[test]
fn as_many_labels_as_may_be_are_read_and_more_are_counted() {
    for (line, read) in [
        (format!("a{{{}}} 1", labels(limits::LABELS).trim_end_matches(',')), 1),
        (format!("a{{{}}} 1", labels(limits::LABELS)), 1),
        (format!("a{{{}}} 1", labels(limits::LABELS + 1).trim_end_matches(',')), 0),
        (format!("a{{{}}} 1", labels(limits::LABELS + 1)), 0),
        (format!("a{{{}}} 1", labels(200_000)), 0),
    ] {
        let (samples, unreadable) = between(&line);
        assert_eq!((samples.len(), unreadable), (read, 1 - read as u64));
    }
}

#[test]
fn names_values_and_lines_may_be_as_long_as_their_limits() {
    let long = |most: usize| "x".repeat(most);
    let padded = |line: &str, bytes: usize| format!("{line}{}", " ".repeat(bytes - line.len()));
    for (line, read) in [
        (format!("a{{{}=\"1\"}} 1", long(limits::NAME)), 1),
        (format!("a{{{}=\"1\"}} 1", long(limits::NAME + 1)), 0),
        (format!("a{{\"{}\"=\"1\"}} 1", long(limits::NAME + 1)), 0),
        (format!("a{{l=\"{}\"}} 1", long(limits::VALUE)), 1),
        (format!("a{{l=\"{}\"}} 1", long(limits::VALUE + 1)), 0),
        (format!("a{{l=\"{},\"}} 1", long(limits::VALUE)), 0),
        (padded("a 1", limits::LINE), 1),
        (padded("a 1", limits::LINE + 1), 0),
    ] {
        let (samples, unreadable) = between(&line);
        assert_eq!((samples.len(), unreadable), (read, 1 - read as u64), "{} bytes", line.len());
    }
    let name = long(limits::NAME + 1);
    assert_eq!(read(&format!("{name} 1\n"), &[&name]).unreadable, 1);
}

#[test]
fn lines_beyond_the_last_that_may_be_are_counted() {
    let text = "a 1\n".repeat(limits::SERIES - 1) + "b 1\nc 1\nother 1\n";
    let read = read(&text, &["a", "b", "c"]);
    assert_eq!((read.samples, read.unreadable), (vec![sample("a", &[], 1.0), sample("b", &[], 1.0)], limits::SERIES as u64 - 1));
}

#[test]
fn long_series_that_come_and_go_do_not_pile_up() {
    let mut reader = Reader::default();
    let long = "x".repeat(limits::VALUE - 8);
    for scrape in 0..400 {
        reader.read(&format!("a{{l=\"{long},{scrape}\"}} 1\n"), &["a"]);
        let (series, bytes) = reader.memory.size();
        assert!(series <= memory::SPARE + 2 && bytes <= memory::SPARE_BYTES + 2 * limits::LINE, "{series} series, {bytes} bytes");
    }
}

#[test]
fn what_the_crate_is_not_given_is_read_alike() {
    let value = "x".repeat(1_000);
    let lines: Vec<String> = (0..1_100).map(|series| format!("a{{l=\"{value}{series}\"}} {series}\n")).collect();
    let text = lines.concat();
    assert!(text.len() > MOST_BY_CRATE);
    let mut reader = Reader::default();
    let read = reader.read(&text, &["a"]);
    assert!(reader.by_crate <= MOST_BY_CRATE && reader.by_crate > MOST_BY_CRATE / 2);
    assert_eq!(read.unreadable, 0);
    for (series, read) in read.samples.iter().enumerate() {
        assert_eq!(*read, sample("a", &[("l", &format!("{value}{series}"))], series as f64));
    }
}
