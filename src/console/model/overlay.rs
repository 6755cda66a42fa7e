//! What lies over a screen: a stack of values, the last one on top.

use crate::domain::id::{PushId, ServiceId, Version};
use crate::domain::rollback::Manner;

use super::dialog::Dialog;

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
}

/// A list to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// What is asked.
    pub asking: Asking,
    /// What could be meant, each with its line; never fewer than two.
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
