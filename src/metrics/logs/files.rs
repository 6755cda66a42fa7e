//! Logs that are files on this machine, followed as they grow.
//!
//! A file that is there when it is first looked at is followed from its end, one that comes later from its beginning. Where it was
//! rotated, what is left of the old one is read first; where it was cut short, it is read from its beginning. Where it cannot be reached
//! for a while, it is followed on from where it was read to. What is read in one look is bounded.
//!
//! What was read counts for a version only once the instance has been seen on that version before and after the look: nobody could say
//! of other lines which version wrote them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;

use crate::domain::id::{InstanceId, Version};
use crate::domain::logs::{LogSource, path_of};
use crate::evidence::logs::{Collector, Roster, Signature, Writer};

/// The most that is read of a file in one look.
const LOOK: u64 = 256 * 1024;
/// How far it may have run ahead before what lies between is skipped.
const BEHIND: u64 = 8 * LOOK;
/// The longest line that is put together from several looks.
const LONGEST: usize = 64 * 1024;

/// Every file that is followed.
#[derive(Debug, Default)]
pub(super) struct Files {
    followed: BTreeMap<InstanceId, Followed>,
}

#[derive(Debug, Default)]
struct Followed {
    file: Option<Open>,
    /// Whether it was looked at before: a file that is there at the first look is old.
    looked: bool,
    /// What was read in the last look, and on which version the instance was then.
    held: Option<(Version, Vec<Signature>)>,
}

#[derive(Debug)]
struct Open {
    file: File,
    inode: u64,
    offset: u64,
    partial: Vec<u8>,
}

impl Files {
    /// Looks at the file of every instance once.
    pub(super) fn round(&mut self, roster: &Roster, collector: &mut Collector) {
        let known: BTreeSet<&InstanceId> = roster.posted.iter().map(|posted| &posted.instance).collect();
        self.followed.retain(|instance, _| known.contains(instance));
        for posted in &roster.posted {
            let Some(logs) = roster.logs(&posted.instance.placement.service) else { continue };
            let LogSource::File(pattern) = &logs.from else { continue };
            let followed = self.followed.entry(posted.instance.clone()).or_default();
            followed.credit(&posted.instance, posted.version.as_ref(), collector);
            let (read, why) = followed.look(&path_of(pattern, &posted.instance));
            let InstanceId { placement, cell, index } = &posted.instance;
            if let Some(why) = &why {
                collector.unread(placement, cell, &format!("the log of instance {index} {why}"));
            }
            let kinds = Collector::kinds(&read, logs);
            match &posted.version {
                Some(version) => {
                    if why.is_none() {
                        collector.was_read(placement, version);
                    }
                    followed.held = Some((version.clone(), kinds));
                }
                None => collector.nobodys(kinds.len() as u64),
            }
        }
    }
}

impl Followed {
    /// Counts what was held from the last look, where the instance is still on the version that it was on then.
    fn credit(&mut self, instance: &InstanceId, version: Option<&Version>, collector: &mut Collector) {
        let Some((was, kinds)) = self.held.take() else { return };
        if version != Some(&was) {
            collector.nobodys(kinds.len() as u64);
            return;
        }
        let InstanceId { placement, cell, index } = instance;
        let by = Writer { placement, cell, version: &was, instance: Some(*index) };
        for kind in kinds {
            collector.count(by, kind);
        }
    }

    /// What was written since the last look, and why that is not all.
    fn look(&mut self, path: &str) -> (String, Option<String>) {
        let mut read = String::new();
        let there = match std::fs::metadata(path) {
            Ok(there) => there,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.looked = true;
                let why = self.rest(&mut read);
                return (read, why.or_else(|| Some(unreadable(&error))));
            }
            // It may still be there, and is followed from where it was read to.
            Err(error) => return (read, Some(unreadable(&error))),
        };
        if !there.is_file() {
            self.looked = true;
            return (read, Some("is no file".to_owned()));
        }
        let is_another = self.file.as_ref().is_some_and(|open| open.inode != there.ino());
        let left_out = if is_another { self.rest(&mut read) } else { None };
        if self.file.is_none() {
            match Open::new(path, !self.looked) {
                Ok(open) => (self.file, self.looked) = (Some(open), true),
                Err(error) => return (read, left_out.or_else(|| Some(unreadable(&error)))),
            }
        }
        let why = self.file.as_mut().and_then(|open| match open.read(&mut read) {
            Ok(skipped) => too_fast(skipped),
            Err(error) => {
                open.reopen(path);
                Some(unreadable(&error))
            }
        });
        (read, left_out.or(why))
    }

    /// What is left of a file that was moved away, which is followed no longer; why that is not all.
    fn rest(&mut self, into: &mut String) -> Option<String> {
        match self.file.take()?.rest(into) {
            Ok(skipped) => too_fast(skipped),
            Err(error) => Some(unreadable(&error)),
        }
    }
}

fn unreadable(error: &Error) -> String {
    format!("cannot be read: {}", error.kind())
}

fn too_fast(skipped: u64) -> Option<String> {
    (skipped > 0).then(|| format!("grew too fast: {skipped} bytes of it were skipped"))
}

impl Open {
    fn new(path: &str, at_end: bool) -> Result<Self, Error> {
        let file = File::open(path)?;
        let there = file.metadata()?;
        Ok(Self { file, inode: there.ino(), offset: if at_end { there.len() } else { 0 }, partial: Vec::new() })
    }

    /// Takes another handle of the same file: one of a file on another machine may be of no use any more.
    fn reopen(&mut self, path: &str) {
        if let Ok(file) = File::open(path)
            && file.metadata().is_ok_and(|there| there.ino() == self.inode)
        {
            self.file = file;
        }
    }

    /// Adds the lines that were ended since the last look, to the end of the file; how many bytes were skipped.
    fn rest(mut self, into: &mut String) -> Result<u64, Error> {
        let mut skipped = 0;
        // Whoever still writes to it does not keep this going.
        for _ in 0..=BEHIND / LOOK {
            let before = self.offset;
            skipped += self.read(into)?;
            if self.offset == before {
                break;
            }
        }
        Ok(skipped)
    }

    /// Adds the lines that were ended since the last look, as far as one look goes; how many bytes were skipped.
    fn read(&mut self, into: &mut String) -> Result<u64, Error> {
        let length = self.file.metadata()?.len();
        if length < self.offset {
            self.offset = 0;
            self.partial.clear();
        }
        let behind = length - self.offset;
        let skipped = if behind > BEHIND { behind - LOOK } else { 0 };
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.offset + skipped))?;
        (&self.file).take(LOOK).read_to_end(&mut bytes)?;
        self.offset += skipped + bytes.len() as u64;
        if skipped > 0 {
            self.partial.clear();
        }
        let ends = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (whole, rest) = bytes.split_at(ends);
        if ends > 0 {
            into.push_str(&String::from_utf8_lossy(&std::mem::take(&mut self.partial)));
            into.push_str(&String::from_utf8_lossy(whole));
        }
        if self.partial.len() < LONGEST {
            self.partial.extend_from_slice(rest);
        }
        Ok(skipped)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_handle_that_is_of_no_use_any_more_is_replaced_and_nothing_is_read_twice() {
        let path = std::env::temp_dir().join(format!("pushdeck-handle-{}", std::process::id()));
        std::fs::write(&path, "ERROR old\n").unwrap();
        let path = path.display().to_string();
        let mut followed = Followed::default();
        assert_eq!(followed.look(&path), (String::new(), None));
        let useless = File::options().append(true).open(&path).unwrap();
        (&useless).write_all(b"ERROR new\n").unwrap();
        followed.file.as_mut().unwrap().file = useless;
        let (read, why) = followed.look(&path);
        assert!(read.is_empty() && why.is_some_and(|why| why.starts_with("cannot be read: ")));
        assert_eq!(followed.look(&path), ("ERROR new\n".to_owned(), None));
        std::fs::remove_file(path).unwrap();
    }
}
