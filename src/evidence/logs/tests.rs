use super::*;
use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::logs::{LogSource, Logs};
use crate::domain::time::EngineTime;

fn placement() -> PlacementId {
    "auth@production".parse().unwrap()
}

fn at(seconds: i64) -> EngineTime {
    EngineTime::from_millis(seconds * 1_000)
}

/// A tick in which instances of eu wrote lines: version, number, line.
fn tick(second: i64, lines: &[(&str, u32, &str)]) -> LogTick {
    let logs = Logs { from: LogSource::Cell("/logs".to_owned()), error: Vec::new() };
    let mut collector = Collector::new(at(second));
    let (placement, cell) = (placement(), CellId::new("eu"));
    for (version, instance, line) in lines {
        let version = Version::new(version);
        let by = Writer { placement: &placement, cell: &cell, version: &version, instance: Some(*instance) };
        collector.was_read(&placement, &version);
        collector.line(by, &logs, line);
    }
    collector.finish()
}

fn fed(ticks: impl IntoIterator<Item = (i64, LogTick)>) -> Ledger {
    let mut ledger = Ledger::default();
    ticks.into_iter().for_each(|(second, tick)| ledger.ingest(&tick, at(second)));
    ledger
}

#[test]
fn kinds_are_counted_by_version_with_who_wrote_them_and_when() {
    let first = tick(1, &[("v42", 3, "ERROR no row for 7"), ("v42", 3, "INFO fine"), ("v41", 0, "ERROR gone")]);
    let second = tick(2, &[("v42", 4, "ERROR no row for 9")]);
    let ledger = fed([(1, first), (2, second)]);
    let read = ledger.of(&placement(), &Version::new("v42")).unwrap();
    assert_eq!((read.since, read.until, read.kinds.len()), (at(1), at(2), 1));
    let kind = &read.kinds[0];
    assert_eq!((kind.signature.as_str(), kind.count, kind.first, kind.last), ("no row for <n>", 2, at(1), at(2)));
    assert_eq!(kind.cells[&CellId::new("eu")].iter().copied().collect::<Vec<_>>(), [3, 4]);
    assert_eq!(ledger.of(&placement(), &Version::new("v40")), None);
}

#[test]
fn ticks_taken_in_one_another_say_what_they_said_one_by_one() {
    let ticks = || {
        [(1, tick(1, &[("v42", 3, "ERROR a")])), (2, tick(2, &[])), (3, tick(3, &[("v42", 5, "ERROR a"), ("v41", 1, "ERROR b")]))]
    };
    let mut merged = LogTick::default();
    for (_, mut later) in ticks() {
        later.take_in(&merged);
        merged = later;
    }
    let (one_by_one, at_once) = (fed(ticks()), fed([(3, merged)]));
    for version in ["v41", "v42"] {
        assert_eq!(one_by_one.of(&placement(), &Version::new(version)), at_once.of(&placement(), &Version::new(version)));
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let names: Vec<String> = (0..26 * 26u16)
        .map(|n| [n / 26, n % 26].map(|n| char::from(b'a' + n as u8)))
        .map(|[a, b]| format!("ERROR {a}{b}"))
        .collect();
    let lines: Vec<(&str, u32, &str)> = names.iter().map(|line| ("v42", 1, line.as_str())).collect();
    let ledger = fed([(1, tick(1, &lines)), (2, tick(2, &lines))]);
    let read = ledger.of(&placement(), &Version::new("v42")).unwrap();
    assert_eq!((read.kinds.len(), read.others), (MOST_KINDS, 2 * (676 - MOST_KINDS as u64)));
    let many: Vec<(&str, u32, &str)> = (0..1_000).map(|instance| ("v42", instance, "ERROR a")).collect();
    let ledger = fed([(1, tick(1, &many))]);
    let kind = &ledger.of(&placement(), &Version::new("v42")).unwrap().kinds[0];
    assert_eq!((kind.count, kind.cells[&CellId::new("eu")].len()), (1_000, MOST_INSTANCES));
}

#[test]
fn a_cell_that_cannot_be_read_says_so_for_as_long_as_it_lasts() {
    let silent = |second| {
        let mut collector = Collector::new(at(second));
        collector.unread(&placement(), &CellId::new("eu"), "cannot connect");
        (second, collector.finish())
    };
    let mut ledger = fed([silent(5), silent(6)]);
    let placement = placement();
    let unread: Vec<_> =
        ledger.unread(&placement).map(|(cell, unread)| (cell.to_string(), unread.since, unread.why.clone())).collect();
    assert_eq!(unread, [("eu".to_owned(), at(5), "cannot connect".to_owned())]);
    ledger.ingest(&LogTick::default(), at(7));
    assert_eq!(ledger.unread(&placement).count(), 1, "nobody has looked");
    ledger.ingest(&tick(8, &[("v42", 0, "INFO")]), at(8));
    assert_eq!(ledger.unread(&placement).count(), 0);
}

#[test]
fn a_cell_gives_one_reason_however_many_logs_of_it_cannot_be_read() {
    let mut collector = Collector::new(at(1));
    for instance in 0..1_000 {
        collector.unread(&placement(), &CellId::new("eu"), &format!("the log of instance {instance} is no file"));
    }
    collector.unread(&placement(), &CellId::new("us"), "cannot connect\u{1b}[2J");
    let told: Vec<String> =
        collector.finish().unread.into_iter().map(|unread| format!("{}: {}", unread.cell, unread.why)).collect();
    assert_eq!(told, ["eu: the log of instance 0 is no file (and 999 more)", "us: cannot connect<U+001B>[2J"]);
}

#[test]
fn versions_are_forgotten_before_there_are_too_many() {
    let ledger = fed((1..=20).map(|second| (second, tick(second, &[(format!("v{second}").as_str(), 0, "ERROR a")]))));
    assert_eq!(ledger.of(&placement(), &Version::new("v14")), None);
    assert!(ledger.of(&placement(), &Version::new("v20")).is_some());
}

#[test]
fn a_batch_without_logs_is_written_and_read_as_before() {
    use crate::evidence::reading::Batch;
    let text = serde_json::to_string(&Batch::default()).unwrap();
    assert!(!text.contains("logs"), "{text}");
    let whole = Batch { logs: tick(1, &[("v42", 3, "ERROR a")]), ..Batch::default() };
    let text = serde_json::to_string(&whole).unwrap();
    assert_eq!(serde_json::from_str::<Batch>(&text).unwrap(), whole);
}

#[test]
fn a_reason_that_is_read_from_a_file_can_be_shown() {
    let text = r#"{"service":"auth","environment":"production","cell":"eu","why":"gone\u001b]52;c;"}"#;
    assert_eq!(serde_json::from_str::<UnreadLogs>(text).unwrap().why, "gone<U+001B>]52;c;");
}

#[test]
fn what_is_told_again_in_one_piece_is_counted_once() {
    let ticks = || (1..=9).map(|second| (second, tick(second, &[("v42", 3, "ERROR a")])));
    let mut whole = LogTick::default();
    for (_, mut later) in ticks() {
        later.take_in(&whole);
        whole = later;
    }
    let mut ledger = fed(ticks().take(4));
    ledger.ingest(&whole, at(9));
    let count = |ledger: &Ledger| ledger.of(&placement(), &Version::new("v42")).unwrap().kinds[0].count;
    assert_eq!(count(&ledger), 9);
    let (_, part) = ticks().next().unwrap();
    whole.take_in(&part);
    assert_eq!(count(&fed([(9, whole)])), 9);
}
