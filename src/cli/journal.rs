//! Whether a journal is as it was written.

use std::path::Path;

use crate::domain::change::Fact;
use crate::engine::journal;
use crate::protocol::record::Entry;

use super::exit::{Exit, complain, say};

/// Reads a journal to its end and says where its chain stands, or where and why it cannot be believed. The answer is no where it cannot.
pub fn verify(file: &Path) -> Exit {
    let name = file.display();
    let mut reader = match journal::read::<Fact>(file) {
        Ok(reader) => reader,
        Err(why) => return complain(format!("{name} cannot be read: {why}"), Exit::Unreachable),
    };
    let (mut changes, mut readings, mut runs) = (0_u64, 0_u64, 0_u64);
    let mut damage = None;
    for entry in &mut reader {
        match entry {
            Ok(Entry::Header(_)) => runs += 1,
            Ok(Entry::Change(_)) => changes += 1,
            Ok(Entry::Reading(_)) => readings += 1,
            Err(found) => damage = Some(found),
        }
    }
    let counted = |number: u64, thing: &str| format!("{number} {thing}{}", if number == 1 { "" } else { "s" });
    let read = format!("{} in {}, {} of numbers", counted(changes, "change"), counted(runs, "run"), counted(readings, "tick"));
    if let Some(damage) = damage {
        say(format!("before the fault: {read}"));
        return complain(format!("{name} {damage}"), Exit::No);
    }
    let Some(head) = reader.state().head() else {
        return complain(format!("{name} holds no record at all"), Exit::No);
    };
    say(format!("{name}: {read}"));
    say(format!("the chain stands at change {}: {head}", reader.state().seq()));
    Exit::Done
}
