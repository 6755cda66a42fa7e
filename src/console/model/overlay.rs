//! What lies over a screen: a stack of values, the last one on top.

use crate::domain::command::Retried;
use crate::domain::id::{CellId, FlagId, PushId, ServiceId, Version};
use crate::domain::requirement::RequirementKind;
use crate::domain::rollback::Manner;

use super::columns::Choosing;
use super::dialog::Dialog;
use super::explain::Explaining;
use super::filter::Editing;
use super::instances::Strip;
use super::typing::Typing;

/// Something that lies over the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// Every key that works here.
    Help {
        /// Lines scrolled down.
        scroll: u16,
    },
    /// A question that must be answered deliberately.
    Confirm(Box<Dialog>),
    /// Several things could be meant.
    Which(Which),
    /// Actions by their names.
    Palette(Palette),
    /// A thing in plain words.
    Explain(Explaining),
    /// Instances, a mark each.
    Instances(Box<Strip>),
    /// The columns of a list, being chosen.
    Columns(Choosing),
    /// The filter of the screen, being typed.
    Filter(Editing),
}

/// A search among the actions of this session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// What was typed.
    pub line: Typing,
    /// The one the arrows are at, among those found.
    pub selected: usize,
}

/// A verb that still has to learn what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Approve which push.
    Approve,
    /// Reject which push.
    Reject,
    /// Promote which push.
    Promote,
    /// Resume which push.
    Resume,
    /// Take back which push; all of them are stopped already.
    RollBack(Manner),
    /// Start what.
    Start,
    /// Waive which requirement.
    Waive,
    /// Fix forward with what.
    FixForward,
    /// Roll which sibling back alone.
    Alone,
    /// Drain which cell.
    Drain,
    /// Halt which way back.
    Halt,
    /// Try what again.
    Retry,
    /// Take which approval back.
    Revoke,
    /// Switch which flag off.
    FlagOff,
    /// Switch which flag on.
    FlagOn,
    /// Take over which push.
    TakeOver,
    /// Write a note on which push.
    Note,
    /// Strike out which note.
    StrikeNote,
}

impl Asking {
    /// The verb as the question says it: `Approve which?`
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::Reject => "Reject",
            Self::Promote => "Promote",
            Self::Resume => "Resume",
            Self::RollBack(Manner::Ordered) => "Roll back",
            Self::RollBack(Manner::Fast) => "Roll back fast",
            Self::Start => "Start",
            Self::Waive => "Waive",
            Self::FixForward => "Fix forward",
            Self::Alone => "Roll back alone",
            Self::Drain => "Drain",
            Self::Halt => "Halt the way back of",
            Self::Retry => "Try again",
            Self::Revoke => "Take back the approval of",
            Self::FlagOff => "Switch off",
            Self::FlagOn => "Switch on",
            Self::TakeOver => "Take over",
            Self::Note => "Write a note on",
            Self::StrikeNote => "Strike out",
        }
    }
}

/// One thing that could be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A push.
    Push(PushId),
    /// Releases that could be pushed together.
    Releases(Vec<(ServiceId, Version)>),
    /// A requirement of a push's gate.
    Requirement(PushId, RequirementKind),
    /// Fixes for what a push has in flight.
    Fixes(PushId, Vec<(ServiceId, Version)>),
    /// One service of a push.
    Service(PushId, ServiceId),
    /// A cell that a push is in.
    Cell(PushId, CellId),
    /// A note, counted from 0.
    Note(PushId, u32),
    /// Something to try again.
    Again(Retried),
    /// A flag.
    Flag(FlagId),
}

/// A list to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// What is asked.
    pub asking: Asking,
    /// What could be meant, each with its line; never none, and one alone only where it is not of the selection.
    pub choices: Vec<(Choice, String)>,
    /// The one the arrows are at.
    pub selected: usize,
}

impl Which {
    /// The choice the arrows are at.
    pub fn chosen(&self) -> Option<&Choice> {
        self.choices.get(self.selected).map(|(choice, _)| choice)
    }
}
