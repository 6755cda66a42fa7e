//! What a session is given when it starts, and keeps.

use jiff::tz::TimeZone;

use crate::console::keymap::{Access, Keymap};
use crate::domain::id::PersonId;
use crate::domain::time::{ConsoleTime, Period};
use crate::settings::{Columns, Motion};

/// Where the news comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// As it was asked for: `demo:steady`.
    pub uri: String,
    /// Whether nothing real will change.
    pub simulated: bool,
    /// How many times faster than the wall the engine's clock runs.
    pub speed: f64,
    /// Whether it is a recording, which nothing can be asked of.
    pub recorded: bool,
}

/// What a session is given when it starts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Whether it may act. Fixed.
    pub access: Access,
    /// Who sits at it.
    pub actor: PersonId,
    /// Where the news comes from.
    pub source: Source,
    /// The zone clock times are said in.
    pub zone: TimeZone,
    /// Keys and actions, made for the same access.
    pub keymap: Keymap,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Whether the keyboard is ignored altogether.
    pub kiosk: bool,
    /// How long each page stays while watching; `None` where pages do not turn by themselves.
    pub cycle: Option<Period>,
    /// How much may move by itself.
    pub motion: Motion,
    /// The columns chosen for lists.
    pub columns: Columns,
    /// When it starts.
    pub at: ConsoleTime,
}

/// What a person may prefer anew while a session runs.
#[derive(Clone, Debug)]
pub struct Preferences {
    /// The zone clock times are said in.
    pub zone: TimeZone,
    /// Keys and actions, made for the session's access.
    pub keymap: Keymap,
    /// How much may move by itself.
    pub motion: Motion,
    /// The columns chosen for lists.
    pub columns: Columns,
}
