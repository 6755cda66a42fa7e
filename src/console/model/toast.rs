//! What became of the last command, in words.

use crate::domain::time::{ConsoleTime, Period};

/// How long an outcome stays on the screen. What is not known yet stays until it is.
pub const SHOWN_FOR: Period = Period::from_secs(12);

/// What kind of news a toast is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    /// It was asked for and has not been seen yet.
    Asked,
    /// It was seen to have happened.
    Done,
    /// It was not done.
    Refused,
    /// Nobody knows whether it happened.
    Unknown,
    /// A remark of this console.
    Note,
}

/// The outcome of the last command, or a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// In a sentence or two.
    pub text: String,
    /// Of which kind.
    pub kind: ToastKind,
    /// Since when it has been shown.
    pub since: ConsoleTime,
}

impl Toast {
    /// When it goes away by itself.
    pub fn until(&self) -> Option<ConsoleTime> {
        match self.kind {
            ToastKind::Asked | ToastKind::Unknown => None,
            ToastKind::Done | ToastKind::Refused | ToastKind::Note => Some(self.since + SHOWN_FOR),
        }
    }
}
