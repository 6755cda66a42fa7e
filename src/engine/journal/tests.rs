use std::fs;
use std::path::PathBuf;

use uuid::Uuid;

use super::*;
use crate::domain::id::{EngineId, Seq};
use crate::domain::time::EngineTime;
use crate::evidence::reading::Batch;
use crate::protocol::record::{Entry, Header};

/// A folder of its own for one test, gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pushdeck-journal-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("journal.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn header(epoch: u64) -> Header {
    let engine = EngineId(Uuid::from_u128(7));
    Header { engine, epoch, program: "0.1.0".to_owned(), spec: "demo".to_owned(), started: EngineTime::from_millis(1_000) }
}

/// A journal of a header, two changes, a reading and a change.
fn written(folder: &Folder) -> Vec<u8> {
    let mut writer = Writer::create(&folder.file(), &header(1)).expect("a journal");
    let at = EngineTime::from_millis(2_000);
    assert_eq!(writer.changes(at, ["one", "two"]).expect("written"), Seq(2));
    writer.reading(Batch { at, ..Batch::default() }).expect("taken");
    assert_eq!(writer.changes(at, ["three"]).expect("written"), Seq(3));
    fs::read(folder.file()).expect("its bytes")
}

fn whole_lines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

fn all(path: &std::path::Path) -> (Vec<Entry<String>>, Option<Damage>) {
    let mut entries = Vec::new();
    for entry in read(path).expect("a journal") {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(damage) => return (entries, Some(damage)),
        }
    }
    (entries, None)
}

#[test]
fn what_was_written_is_read_in_order() {
    let folder = Folder::new("order");
    written(&folder);
    let (entries, damage) = all(&folder.file());
    assert!(damage.is_none(), "{damage:?}");
    assert!(matches!(&entries[0], Entry::Header(first) if *first == header(1)));
    assert!(matches!(&entries[2], Entry::Change(record) if record.change == "two" && record.seq == Seq(2)));
    assert!(matches!(&entries[3], Entry::Reading(record) if record.at == EngineTime::from_millis(2_000)));
    assert_eq!(entries.len(), 5);
}

#[test]
fn any_edit_of_a_single_byte_is_detected() {
    let folder = Folder::new("edit");
    let bytes = written(&folder);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut edited = bytes.clone();
            edited[at] ^= flip;
            fs::write(folder.file(), &edited).expect("edited");
            let (entries, damage) = all(&folder.file());
            let line = whole_lines(&bytes[..at]);
            assert!(damage.is_some(), "byte {at} flipped by {flip:#x} passed");
            assert_eq!(entries.len(), line, "what stands before the damage stays usable");
        }
    }
}

#[test]
fn a_journal_cut_anywhere_is_taken_up_at_its_last_whole_line() {
    let folder = Folder::new("cut");
    let bytes = written(&folder);
    let first_line = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    for length in first_line..bytes.len() {
        fs::write(folder.file(), &bytes[..length]).expect("cut");
        let whole = whole_lines(&bytes[..length]);
        let mut opened = Writer::open::<String>(&folder.file()).expect("taken up");
        assert_eq!(opened.entries.len(), whole, "cut to {length}");
        assert_eq!(opened.cut.is_some(), bytes[length - 1] != b'\n', "cut to {length}");
        // Each of these waits for the disk; a few lengths of every kind are enough to show that it goes on from there.
        if opened.cut.is_some() && length % 16 != 0 {
            continue;
        }
        assert!(opened.writer.begin(&header(1)).is_err(), "an epoch that has been begins no run");
        opened.writer.begin(&header(2)).expect("a second run");
        opened.writer.changes(EngineTime::from_millis(3_000), ["later"]).expect("written");
        let (entries, damage) = all(&folder.file());
        assert!(damage.is_none(), "cut to {length}: {damage:?}");
        assert_eq!(entries.len(), whole + 2);
    }
}

#[test]
fn a_damaged_middle_stops_writing_and_changes_nothing() {
    let folder = Folder::new("middle");
    let mut bytes = written(&folder);
    let at = bytes.windows(3).position(|three| three == b"one").expect("the first change");
    bytes[at] = b'O';
    fs::write(folder.file(), &bytes).expect("edited");
    let refused = Writer::open::<String>(&folder.file()).expect_err("a refusal");
    assert!(matches!(&refused, JournalError::Damaged { damage, .. } if damage.line == 2), "{refused}");
    assert_eq!(fs::read(folder.file()).expect("its bytes"), bytes);
}

#[test]
fn lines_taken_out_or_exchanged_are_detected() {
    let folder = Folder::new("lines");
    let bytes = written(&folder);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for order in [&[0, 2, 3, 4][..], &[0, 2, 1, 3, 4], &[0, 1, 1, 2], &[1, 2]] {
        let altered: Vec<u8> = order.iter().flat_map(|line| lines[*line].to_vec()).collect();
        fs::write(folder.file(), altered).expect("altered");
        assert!(all(&folder.file()).1.is_some(), "{order:?}");
    }
}

#[test]
fn a_follower_sees_each_line_once_it_is_whole() {
    let folder = Folder::new("follow");
    let bytes = written(&folder);
    let first_line = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    fs::write(folder.file(), &bytes[..first_line + 5]).expect("half a line");
    let mut follower = read::<String>(&folder.file()).expect("a journal");
    assert!(matches!(follower.poll(), Some(Ok(Entry::Header(_)))));
    assert!(follower.poll().is_none());
    let mut file = fs::OpenOptions::new().append(true).open(folder.file()).expect("the file");
    std::io::Write::write_all(&mut file, &bytes[first_line + 5..]).expect("the rest");
    let rest: Vec<_> = std::iter::from_fn(|| follower.poll()).collect();
    assert_eq!(rest.len(), 4);
    assert!(rest.iter().all(Result::is_ok));
}

#[test]
fn an_endless_line_is_damage_and_not_memory() {
    let folder = Folder::new("endless");
    let mut bytes = written(&folder);
    bytes.extend(vec![b'x'; crate::protocol::chain::LINE_CAP * 2]);
    fs::write(folder.file(), &bytes).expect("written");
    let (entries, damage) = all(&folder.file());
    assert_eq!(entries.len(), 5);
    assert!(damage.is_some_and(|damage| damage.to_string().contains("longer than")));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("mode");
    written(&folder);
    let mode = fs::metadata(folder.file()).expect("its mode").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
