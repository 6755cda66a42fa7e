//! A question that must be answered deliberately: what would happen, to what, and what is not good about it. Frozen on what it was
//! opened for.

use crate::domain::command::Sight;
use crate::domain::id::{CommandId, PushId, ServiceId, Version};
use crate::domain::rollback::Manner;
use crate::domain::time::ConsoleTime;

use super::arming::Arming;
use super::timeline::Tone;

/// What a dialog would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Meet an approval.
    Approve(PushId, Box<Sight>),
    /// Take a push through its gate.
    Promote(PushId, Box<Sight>),
    /// Lift the holds of a push.
    Resume(PushId, Box<Sight>),
    /// Begin a push.
    Start(Vec<(ServiceId, Version)>),
    /// End the way forward of a push.
    Reject(PushId),
    /// Take pushes back; they are stopped already.
    RollBack(PushId, Manner),
}

impl Intent {
    /// The push it is about, where it exists already.
    pub const fn push(&self) -> Option<PushId> {
        match self {
            Self::Approve(push, _)
            | Self::Promote(push, _)
            | Self::Resume(push, _)
            | Self::Reject(push)
            | Self::RollBack(push, _) => Some(*push),
            Self::Start(_) => None,
        }
    }

    /// What was seen when it was opened, where that is sent along.
    pub const fn sight(&self) -> Option<&Sight> {
        match self {
            Self::Approve(_, sight) | Self::Promote(_, sight) | Self::Resume(_, sight) => Some(sight),
            Self::Start(_) | Self::Reject(_) | Self::RollBack(..) => None,
        }
    }
}

/// What must be typed to say yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// These characters, then Enter.
    Code {
        /// What is asked for.
        code: String,
        /// What was typed so far.
        typed: String,
    },
    /// `y`, then Enter.
    Yes {
        /// Whether `y` was typed.
        said: bool,
    },
    /// Enter alone: going back asks for no more.
    Enter,
}

/// A text field for a reason, which may stay empty. The only place a paste goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// What was typed or pasted, cleaned.
    pub text: String,
    /// Whether keys go into it; Enter takes them on to the question.
    pub focused: bool,
}

/// One line of a dialog, already broken to its width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// How much it should catch the eye.
    pub tone: Tone,
}

/// What the last line of a dialog says about whether it can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can be answered.
    Armed,
    /// Too early: at this time if no key comes; `None` while it is not drawn.
    Arming(Option<ConsoleTime>),
    /// It can never be answered, and why: a sentence.
    Disarmed(String),
}

/// An open dialog.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialog {
    /// What it would do.
    pub intent: Intent,
    /// The verb and its target: `Approve storage v41→v42`.
    pub title: String,
    /// What must be typed.
    pub demand: Demand,
    /// The reason asked for, where one is.
    pub reason: Option<Reason>,
    pub(super) id: CommandId,
    /// Unbroken paragraphs.
    pub(super) text: Vec<Line>,
    pub(super) body: Vec<Line>,
    pub(super) arming: Arming,
    pub(super) disarmed: Option<String>,
    pub(super) unfit: Option<String>,
}

impl Dialog {
    /// Its lines, broken to the width of [`Room::of`] the terminal.
    pub fn body(&self) -> &[Line] {
        &self.body
    }

    /// Whether it can be answered at a time.
    pub fn readiness(&self, at: ConsoleTime) -> Readiness {
        match self.disarmed.as_ref().or(self.unfit.as_ref()) {
            Some(why) => Readiness::Disarmed(why.clone()),
            None if self.arming.is_armed(at) => Readiness::Armed,
            None => Readiness::Arming(self.arming.armed_at()),
        }
    }
}

/// The room of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Columns inside.
    pub width: u16,
    /// Rows inside: its body, then [`Room::QUESTION`] rows for reason, question and readiness.
    pub height: u16,
    /// Whether there is a border around it (one cell on each side), which small terminals do without.
    pub framed: bool,
}

impl Room {
    /// Rows below the body: one for the reason or empty, one for the question, one for whether it is armed.
    pub const QUESTION: u16 = 3;
    /// Below this size, in columns and rows, nothing goes forward.
    pub const LEAST: (u16, u16) = (60, 15);

    /// The room there is in a terminal: between row 3 and the last, so that both stay readable.
    pub fn of(size: (u16, u16)) -> Self {
        let framed = size.1 >= 20 && size.0 >= 64;
        let border = if framed { 2 } else { 0 };
        Self { width: size.0.saturating_sub(2 + border).min(96), height: size.1.saturating_sub(4 + border), framed }
    }
}
