//! What reaches the model, and what it asks for. Time, identities and codes arrive here: the model makes none of its own.

use std::sync::Arc;

use uuid::Uuid;

use crate::console::keymap::Key;
use crate::domain::change::Change;
use crate::domain::command::{Command, Outcome};
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::{CommandId, PlacementId, Seq};
use crate::domain::time::{ConsoleTime, EngineTime};
use crate::evidence::instances::Instances;
use crate::evidence::reading::Batch;

use super::cuts::Cut;
use super::pointing::Pointed;
use super::setup::Preferences;

/// Randomness drawn by the runtime for one key, so that the model needs none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chance {
    /// A new identity. Where one key gives several orders, the others count up from it.
    pub id: Uuid,
    /// Four characters, easily told apart, that a dialog opened by this key asks for.
    pub code: String,
}

impl Chance {
    /// The identity of the `nth` order given by one key, from 0.
    pub fn command(&self, nth: u32) -> CommandId {
        CommandId(Uuid::from_u128(self.id.as_u128().wrapping_add(u128::from(nth))))
    }

    /// The identity of the order that a dialog opened by one key leads to. A key that stops and then asks gives orders at once as
    /// well, and an engine refuses one identity for two orders.
    pub fn asked(&self) -> CommandId {
        self.command(u32::MAX)
    }
}

/// Something that happened to the console.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key went down.
    Key {
        /// Which.
        key: Key,
        /// Whether the terminal says that it is being held.
        repeat: bool,
        /// When.
        at: ConsoleTime,
        /// Randomness, should this key need some.
        chance: Chance,
    },
    /// Text was pasted.
    Paste {
        /// As it came.
        text: String,
        /// When.
        at: ConsoleTime,
    },
    /// The mouse was used.
    Pointed {
        /// For what.
        what: Pointed,
        /// When.
        at: ConsoleTime,
    },
    /// The settings have changed.
    Preferred(Preferences),
    /// The terminal has another size.
    Resize {
        /// In columns.
        width: u16,
        /// In rows.
        height: u16,
    },
    /// Everything, as of its last change.
    Snapshot(Arc<Fleet>),
    /// What had led to the snapshot, as far as it is kept.
    Past(History),
    /// What happened since, in order.
    Changes(Vec<Change>),
    /// One tick's numbers.
    Readings(Arc<Batch>),
    /// The next part of a recording, to be shown from its beginning.
    Recorded {
        /// What had happened, in order.
        changes: Vec<Change>,
        /// The numbers of each tick, in order.
        batches: Vec<Arc<Batch>>,
    },
    /// The backend is alive.
    Heartbeat {
        /// The engine's clock.
        at: EngineTime,
        /// Its last change.
        seq: Seq,
        /// When it was heard here.
        heard: ConsoleTime,
    },
    /// Nothing more will come from the backend.
    Ended {
        /// Why, in a sentence.
        why: String,
    },
    /// The backend's answer to a command.
    Answered {
        /// To which.
        id: CommandId,
        /// What became of it.
        outcome: Outcome,
        /// When.
        at: ConsoleTime,
    },
    /// What each instance of a placement says, or why nobody can tell.
    Instances {
        /// Of which.
        placement: PlacementId,
        /// The backend's answer.
        told: Result<Instances, String>,
    },
    /// Time has passed.
    Tick {
        /// Now.
        at: ConsoleTime,
    },
    /// A frame showing the model as it is has reached the terminal: from here on an open dialog can be armed.
    Drawn {
        /// When.
        at: ConsoleTime,
        /// What it had no room for.
        cuts: Vec<Cut>,
    },
    /// Something in this console went wrong, in a sentence; it goes on.
    Notice {
        /// What.
        text: String,
    },
}

/// What the model asks of the runtime.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this to the backend.
    Submit(Command),
    /// Ask the backend what each instance of this placement says.
    AskInstances(PlacementId),
    /// Leave the console. Pushes go on.
    Quit,
    /// Give the terminal back to the shell for a while.
    Suspend,
    /// Put this on the clipboard, and say how in an [`Event::Notice`].
    Copy(String),
}
