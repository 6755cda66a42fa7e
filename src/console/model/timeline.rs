//! The rows of the Timeline screen: what happened lately that mattered, in words.

use std::collections::VecDeque;

use crate::domain::change::Change;
use crate::domain::fleet::Fleet;
use crate::domain::id::{PushId, Seq};
use crate::domain::time::EngineTime;

use super::words;

/// How many rows are kept.
pub(super) const KEPT: usize = 500;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineRow {
    /// The change.
    pub seq: Seq,
    /// When.
    pub at: EngineTime,
    /// The push it is about, if it is about one.
    pub push: Option<PushId>,
    /// Who did it: a person, or `by itself`; empty where nobody did.
    pub who: String,
    /// What, in a sentence.
    pub text: String,
    /// How much it should catch the eye.
    pub tone: Tone,
}

/// How much something should catch the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// It went as it should.
    Plain,
    /// Something got better, or arrived.
    Good,
    /// Something waits, or stands still.
    Waiting,
    /// Something is bad.
    Bad,
    /// Nothing is worse than this.
    Loudest,
}

/// Notes a change that has just been folded into the fleet, if it mattered.
pub(super) fn note(rows: &mut VecDeque<TimelineRow>, fleet: &Fleet, change: &Change) {
    let told = words::told(fleet, change);
    if !told.matters {
        return;
    }
    rows.push_front(TimelineRow {
        seq: change.seq,
        at: change.at,
        push: change.fact.push(),
        who: told.who,
        text: told.text,
        tone: told.tone,
    });
    rows.truncate(KEPT);
}
