use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use super::*;
use crate::domain::change::{Change, Fact};
use crate::domain::fleet::Fleet;
use crate::domain::id::{InstanceId, PlacementId, Seq, Version};
use crate::domain::logs::{LogSource, Logs};
use crate::domain::placement::{Observation, Phase};
use crate::domain::tiny;
use crate::evidence::logs::{Ledger, LogReading};

fn placement() -> PlacementId {
    "cart@production".parse().unwrap()
}

/// One instance of cart, in eu, whose logs are read from there, on a version.
fn fleet(from: LogSource, version: &str) -> Fleet {
    let mut declaration = tiny::declaration("production", 1);
    declaration.services[0].logs = Some(Logs { from, error: Vec::new() });
    let seen = Observation {
        instance: InstanceId { placement: placement(), cell: "eu".into(), index: 0 },
        version: version.into(),
        phase: Phase::Ready,
        serving: true,
        restarts: 0,
    };
    let facts = [Fact::Declared { declaration: Box::new(declaration) }, Fact::Observed { observations: vec![seen] }];
    let mut fleet = Fleet::default();
    for (seq, fact) in (1..).zip(facts) {
        fleet.apply(&Change { seq: Seq(seq), at: EngineTime::default(), fact });
    }
    fleet
}

/// A folder of one test's own, gone when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pushdeck-logs-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn pattern(&self) -> LogSource {
        LogSource::File(self.0.join("{cell}-{service}-{instance}.log").display().to_string())
    }

    fn log(&self) -> PathBuf {
        self.0.join("eu-cart-0.log")
    }

    fn write(&self, text: &str) {
        OpenOptions::new().create(true).append(true).open(self.log()).unwrap().write_all(text.as_bytes()).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A reader of a fleet's logs, and what it has read so far.
struct Reading {
    reader: LogReader,
    roster: Arc<Roster>,
    ledger: Ledger,
    now: i64,
}

impl Reading {
    fn new(fleet: &Fleet, targets: &[Target]) -> Self {
        Self {
            reader: LogReader::new(targets, vec!["CARGO_PKG_NAME".to_owned()]).unwrap(),
            roster: Arc::new(Roster::of(fleet)),
            ledger: Ledger::default(),
            now: 0,
        }
    }

    async fn round(&mut self) {
        self.now += 1_000;
        let now = EngineTime::from_millis(self.now);
        let tick = self.reader.round(&self.roster, now).await;
        self.ledger.ingest(&tick, now);
    }

    fn of(&self, version: &str) -> Option<&LogReading> {
        self.ledger.of(&placement(), &Version::new(version))
    }

    /// Each kind that a version wrote, with how often.
    fn kinds(&self, version: &str) -> Vec<(&str, u64)> {
        self.of(version)
            .map(|read| read.kinds.iter().map(|kind| (kind.signature.as_str(), kind.count)).collect())
            .unwrap_or_default()
    }

    fn unread(&self) -> Vec<String> {
        self.ledger.unread(&placement()).map(|(cell, unread)| format!("{cell}: {}", unread.why)).collect()
    }
}

#[tokio::test]
async fn a_file_is_followed_from_its_end_through_rotation_and_truncation() {
    let folder = Folder::new("followed");
    folder.write("ERROR from before anybody looked\n");
    let mut reading = Reading::new(&fleet(folder.pattern(), "v1"), &[]);
    reading.round().await;
    folder.write("INFO fine\nERROR one 1\nERROR torn in");
    reading.round().await;
    folder.write(" two 2\n");
    reading.round().await;
    // Moved away with a line that nobody has read yet, and begun anew.
    folder.write("ERROR last of the old\n");
    fs::rename(folder.log(), folder.0.join("eu-cart-0.log.1")).unwrap();
    folder.write("ERROR first of the new\n");
    reading.round().await;
    // Cut short in its place.
    fs::write(folder.log(), "ERROR cut\n").unwrap();
    reading.round().await;
    reading.round().await;
    assert_eq!(
        reading.kinds("v1"),
        [("cut", 1), ("first of the new", 1), ("last of the old", 1), ("one <n>", 1), ("torn in two <n>", 1)]
    );
    assert_eq!(reading.unread(), [""; 0]);
}

#[tokio::test]
async fn a_file_that_cannot_be_reached_for_a_while_is_followed_on_from_where_it_was_read_to() {
    let folder = Folder::new("reached");
    let (logs, away) = (folder.0.join("logs"), folder.0.join("away"));
    fs::create_dir(&logs).unwrap();
    let log = logs.join("eu-cart-0.log");
    fs::write(&log, "ERROR from before anybody looked\n").unwrap();
    let pattern = LogSource::File(logs.join("{cell}-{service}-{instance}.log").display().to_string());
    // A file in the place of the folder: what is in the folder is not gone, it cannot be reached.
    let block = || {
        fs::rename(&logs, &away).unwrap();
        fs::write(&logs, "").unwrap();
    };
    let unblock = || {
        fs::remove_file(&logs).unwrap();
        fs::rename(&away, &logs).unwrap();
    };
    let mut reading = Reading::new(&fleet(pattern, "v1"), &[]);
    block();
    reading.round().await;
    assert_eq!(reading.unread(), ["eu: the log of instance 0 cannot be read: not a directory"]);
    unblock();
    reading.round().await;
    fs::write(&log, "ERROR from before anybody looked\nERROR one\n").unwrap();
    reading.round().await;
    block();
    reading.round().await;
    unblock();
    fs::write(&log, "ERROR from before anybody looked\nERROR one\nERROR two\n").unwrap();
    reading.round().await;
    reading.round().await;
    assert_eq!((reading.kinds("v1"), reading.unread()), (vec![("one", 1), ("two", 1)], vec![]));
}

#[tokio::test]
async fn what_is_left_of_a_rotated_file_is_read_to_its_end_or_said_to_be_skipped() {
    let line = "ERROR left behind and read at last\n";
    for (lines, why) in [(1_024 * 1_024 / line.len(), None), (3 * 1_024 * 1_024 / line.len(), Some("grew too fast"))] {
        let folder = Folder::new(&format!("rotated-{lines}"));
        folder.write("");
        let mut reading = Reading::new(&fleet(folder.pattern(), "v1"), &[]);
        reading.round().await;
        folder.write(&line.repeat(lines));
        fs::rename(folder.log(), folder.0.join("eu-cart-0.log.1")).unwrap();
        folder.write("ERROR first of the new\n");
        reading.round().await;
        let unread = reading.unread();
        assert!(unread.len() == why.iter().len() && unread.iter().all(|told| told.contains(why.unwrap())), "{unread:?}");
        reading.round().await;
        let kinds = reading.kinds("v1");
        let [("first of the new", 1), ("left behind and read at last", read)] = kinds[..] else { panic!("{kinds:?}") };
        assert_eq!(read == lines as u64, why.is_none(), "{read} of {lines}");
    }
}

#[tokio::test]
async fn a_file_that_comes_later_is_read_from_its_beginning_and_until_then_that_is_said() {
    let folder = Folder::new("later");
    let mut reading = Reading::new(&fleet(folder.pattern(), "v1"), &[]);
    reading.round().await;
    assert_eq!(reading.unread(), ["eu: the log of instance 0 cannot be read: entity not found"]);
    assert_eq!(reading.of("v1"), None, "nothing was read, which is not the same as nothing written");
    folder.write("ERROR one\n");
    reading.round().await;
    reading.round().await;
    assert_eq!((reading.kinds("v1"), reading.unread()), (vec![("one", 1)], vec![]));
}

#[tokio::test]
async fn what_is_written_while_the_version_changes_is_nobodys() {
    let folder = Folder::new("changing");
    folder.write("");
    let mut reading = Reading::new(&fleet(folder.pattern(), "v1"), &[]);
    reading.round().await;
    folder.write("ERROR at the end of one version, or the beginning of the other\n");
    reading.round().await;
    reading.roster = Arc::new(Roster::of(&fleet(folder.pattern(), "v2")));
    reading.round().await;
    folder.write("ERROR of the new one\n");
    reading.round().await;
    reading.round().await;
    assert_eq!((reading.kinds("v1"), reading.kinds("v2")), (vec![], vec![("of the new one", 1)]));
    assert_eq!(reading.ledger.nobodys(), 1);
}

#[tokio::test]
async fn a_file_that_grows_too_fast_is_not_read_whole_and_says_so() {
    let folder = Folder::new("fast");
    folder.write("");
    let mut reading = Reading::new(&fleet(folder.pattern(), "v1"), &[]);
    reading.round().await;
    folder.write(&"ERROR again and again and again\n".repeat(200_000));
    reading.round().await;
    let unread = reading.unread();
    assert!(unread.len() == 1 && unread[0].contains("grew too fast"), "{unread:?}");
    reading.round().await;
    let [("again and again and again", read)] = reading.kinds("v1")[..] else { panic!("{:?}", reading.kinds("v1")) };
    assert!((1..=256 * 1_024 / 32).contains(&read), "{read}");
    let folder = LogSource::File("/dev/{service}/../null".to_owned());
    let mut reading = Reading::new(&fleet(folder, "v1"), &[]);
    reading.round().await;
    assert!(reading.of("v1").is_none());
}

/// Rounds until something holds; commands run beside them.
async fn until(reading: &mut Reading, holds: impl Fn(&Reading) -> bool) {
    let patience = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    while !holds(reading) {
        assert!(tokio::time::Instant::now() < patience, "{:?} {:?}", reading.kinds("v1"), reading.unread());
        reading.round().await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn program(words: &[&str]) -> LogSource {
    LogSource::Command(words.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn a_program_prints_the_lines_of_a_version_of_a_cell() {
    let script = "echo \"ERROR of $PUSHDECK_SERVICE $PUSHDECK_VERSION in $PUSHDECK_CELL of $PUSHDECK_ENVIRONMENT\"; \
                  test \"$PUSHDECK_SINCE\" \\< \"$PUSHDECK_UNTIL\" || echo ERROR no time; echo INFO fine";
    let mut reading = Reading::new(&fleet(program(&["sh", "-c", script]), "v1"), &[]);
    reading.reader.commands.every = std::time::Duration::ZERO;
    until(&mut reading, |reading| reading.of("v1").is_some()).await;
    let kinds = reading.kinds("v1");
    assert!(matches!(kinds[..], [("of cart v<n> in eu of production", _)]), "{kinds:?}");
    assert_eq!(reading.of("v1").unwrap().kinds[0].cells.keys().map(CellId::as_str).collect::<Vec<_>>(), ["eu"]);
}

#[tokio::test]
async fn a_program_gets_the_engines_environment_without_what_is_secret() {
    let script = "echo ERROR \"${CARGO_PKG_VERSION:+told}\" \"${CARGO_PKG_NAME:-secret}\"";
    let mut reading = Reading::new(&fleet(program(&["sh", "-c", script]), "v1"), &[]);
    reading.reader.commands.every = std::time::Duration::ZERO;
    until(&mut reading, |reading| reading.of("v1").is_some()).await;
    let kinds = reading.kinds("v1");
    assert!(matches!(kinds[..], [("told secret", _)]), "{kinds:?}");
}

#[tokio::test]
async fn a_program_that_fails_is_named_with_the_reason() {
    for (words, why) in [
        (vec!["false"], "eu: false ended with exit status: 1"),
        (vec!["/nowhere/at-all"], "eu: /nowhere/at-all cannot be run: entity not found"),
    ] {
        let mut reading = Reading::new(&fleet(program(&words), "v1"), &[]);
        reading.reader.commands.every = std::time::Duration::ZERO;
        until(&mut reading, |reading| !reading.unread().is_empty()).await;
        assert_eq!(reading.unread(), [why]);
        assert_eq!(reading.of("v1"), None);
    }
}

#[tokio::test]
async fn a_program_that_prints_too_much_or_too_slowly_is_read_as_far_as_it_came_and_then_onwards() {
    for (burst, patience, why) in [
        ("yes ERROR much", 60, "eu: sh printed more than 1 MiB, the rest was skipped"),
        ("echo ERROR much; exec sleep 60", 1, "eu: sh did not end within 1 s, what it had not printed by then was skipped"),
    ] {
        let folder = Folder::new(&format!("burst-{patience}"));
        let marker = folder.0.join("until").display().to_string();
        let script = format!(
            "if test -e {marker}; then test \"$(cat {marker})\" = \"$PUSHDECK_SINCE\" && echo ERROR onwards; exec true; fi; \
             echo $PUSHDECK_UNTIL >{marker}; {burst}"
        );
        let mut reading = Reading::new(&fleet(program(&["sh", "-c", &script]), "v1"), &[]);
        (reading.reader.commands.every, reading.reader.commands.patience) =
            (std::time::Duration::ZERO, std::time::Duration::from_secs(patience));
        until(&mut reading, |reading| !reading.unread().is_empty()).await;
        assert_eq!(reading.unread(), [why]);
        assert!(matches!(reading.kinds("v1")[..], [("much", _)]), "{:?}", reading.kinds("v1"));
        until(&mut reading, |reading| reading.kinds("v1").iter().any(|(kind, _)| *kind == "onwards")).await;
        assert_eq!(reading.unread(), [""; 0]);
    }
}

/// A cell of eu that answers so where it is asked for its logs.
async fn cell(answer: impl Fn(Option<&str>) -> String + Clone + Send + Sync + 'static) -> Target {
    use axum::Router;
    use axum::extract::RawQuery;
    use axum::routing::get;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = move |RawQuery(query): RawQuery| async move { answer(query.as_deref()) };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/logs", get(answer))).await });
    Target { environment: "production".into(), cell: "eu".into(), url: format!("http://{address}/metrics") }
}

#[tokio::test]
async fn a_cell_whose_answer_is_not_whole_is_read_as_far_as_it_can_be_and_then_onwards() {
    let line =
        |n: u64, text: &str| format!("{{\"n\":{n},\"service\":\"cart\",\"version\":\"v1\",\"instance\":3,\"line\":\"{text}\"}}\n");
    let target = cell(move |query| match query {
        None => "{\"newest\":0}\n".to_owned(),
        Some("after=0") => format!("{{\"newest\":3}}\n{}no line\n[]\n{}", line(1, "ERROR a"), line(3, "ERROR a")),
        Some("after=3") => format!("{{\"newest\":900}}\n{}", line(4, "INFO ".repeat(400).as_str()).repeat(5_000)),
        Some("after=900") => format!("{{\"newest\":901}}\n{}", line(901, "ERROR c")),
        Some(other) => format!("not asked for: {other}"),
    })
    .await;
    let mut reading = Reading::new(&fleet(LogSource::Cell("/logs".to_owned()), "v1"), &[target]);
    reading.round().await;
    assert_eq!(reading.unread(), [""; 0]);
    reading.round().await;
    assert_eq!(reading.unread(), ["eu: 2 lines of its answer cannot be understood and were skipped"]);
    assert_eq!(reading.kinds("v1"), [("a", 2)]);
    reading.round().await;
    assert_eq!(reading.unread(), ["eu: answered with more than 8 MiB: the rest was skipped"]);
    reading.round().await;
    assert_eq!(reading.unread(), [""; 0]);
    assert!(reading.kinds("v1").contains(&("c", 1)), "{:?}", reading.kinds("v1"));
}

#[tokio::test]
async fn what_a_cell_tells_of_a_version_that_nothing_runs_there_is_nobodys() {
    let line = |service: &str, version: u64, text: &str| {
        let (service, version) = (format!("\"service\":\"{service}\""), format!("\"version\":\"v{version}\""));
        format!("{{\"n\":1,{service},{version},\"instance\":0,\"line\":\"{text}\"}}\n")
    };
    let made_up: String = (2..1_000).map(|version| line("cart", version, "ERROR a")).collect();
    let (own, fine, other) = (line("cart", 1, "ERROR a"), line("cart", 2, "INFO a"), line("blob", 1, "ERROR a"));
    let lines = format!("{{\"newest\":9}}\n{own}{made_up}{fine}{other}");
    let target = cell(move |query| query.map_or("{\"newest\":0}\n".to_owned(), |_| lines.clone())).await;
    let mut reading = Reading::new(&fleet(LogSource::Cell("/logs".to_owned()), "v1"), &[target]);
    reading.round().await;
    reading.round().await;
    assert_eq!((reading.kinds("v1"), reading.ledger.nobodys()), (vec![("a", 1)], 998));
    assert!((2..1_000).all(|version| reading.of(&format!("v{version}")).is_none()));
}

#[tokio::test]
async fn a_cell_is_asked_for_what_is_new_and_a_silent_one_is_named() {
    let target = cell(|query| match query {
        None => "{\"newest\":7}\n".to_owned(),
        Some("after=7") => {
            "{\"newest\":8}\n{\"n\":8,\"service\":\"cart\",\"version\":\"v1\",\"instance\":3,\"line\":\"ERROR one 1\"}\n".to_owned()
        }
        Some(other) => format!("not asked for: {other}"),
    })
    .await;
    let mut reading = Reading::new(&fleet(LogSource::Cell("/logs".to_owned()), "v1"), &[target]);
    reading.round().await;
    assert_eq!((reading.kinds("v1"), reading.of("v1").is_some()), (vec![], true));
    reading.round().await;
    assert_eq!(reading.kinds("v1"), [("one <n>", 1)]);
    reading.round().await;
    assert_eq!(reading.unread(), ["eu: its answer does not begin with the number of the newest line"]);
    let mut nowhere = Reading::new(&fleet(LogSource::Cell("/logs".to_owned()), "v1"), &[]);
    nowhere.round().await;
    assert_eq!(nowhere.unread(), ["eu: no address of its metrics is known"]);
}
