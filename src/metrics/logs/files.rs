//! Logs that are files on this machine, followed as they grow.
//!
//! A file that is there when it is first looked at is followed from its end, one that comes later from its beginning. Where it was
//! rotated, what is left of the old one is read first; where it was cut short, it is read from its beginning. What is read in one look
//! is bounded.
//!
//! What was read counts for a version only once the instance has been seen on that version before and after the look: nobody could say
//! of other lines which version wrote them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::{Read as _, Seek as _, SeekFrom};
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
        let first = !std::mem::replace(&mut self.looked, true);
        let there = match std::fs::metadata(path) {
            Ok(there) if there.is_file() => there,
            Ok(_) => return (read, Some("is no file".to_owned())),
            Err(error) => {
                // What is left of one that was moved away is still read.
                self.file.take().map(|mut open| open.read(&mut read));
                return (read, Some(format!("cannot be read: {}", error.kind())));
            }
        };
        if self.file.as_ref().is_some_and(|open| open.inode != there.ino()) {
            self.file.take().map(|mut open| open.read(&mut read));
        }
        if self.file.is_none() {
            match Open::new(path, &there, first) {
                Ok(open) => self.file = Some(open),
                Err(error) => return (read, Some(format!("cannot be read: {}", error.kind()))),
            }
        }
        let why = self.file.as_mut().and_then(|open| open.read(&mut read));
        (read, why)
    }
}

impl Open {
    fn new(path: &str, there: &Metadata, at_end: bool) -> std::io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { file, inode: there.ino(), offset: if at_end { there.len() } else { 0 }, partial: Vec::new() })
    }

    /// Adds the lines that were ended since the last look; why these are not all.
    fn read(&mut self, into: &mut String) -> Option<String> {
        let length = self.file.metadata().map_or(self.offset, |there| there.len());
        if length < self.offset {
            self.offset = 0;
            self.partial.clear();
        }
        let behind = length - self.offset;
        let skipped = if behind > BEHIND { behind - LOOK } else { 0 };
        if skipped > 0 {
            self.offset += skipped;
            self.partial.clear();
        }
        let mut bytes = Vec::new();
        let got = self.file.seek(SeekFrom::Start(self.offset)).and_then(|_| (&self.file).take(LOOK).read_to_end(&mut bytes));
        if let Err(error) = got {
            return Some(format!("cannot be read: {}", error.kind()));
        }
        self.offset += bytes.len() as u64;
        let ends = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (whole, rest) = bytes.split_at(ends);
        if ends > 0 {
            into.push_str(&String::from_utf8_lossy(&std::mem::take(&mut self.partial)));
            into.push_str(&String::from_utf8_lossy(whole));
        }
        if self.partial.len() < LONGEST {
            self.partial.extend_from_slice(rest);
        }
        (skipped > 0).then(|| format!("grew too fast: {skipped} bytes of it were skipped"))
    }
}
