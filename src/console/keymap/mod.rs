//! From keys to actions and back: one [`table()`], of which dispatch, footer, help and the README key table are views.
//!
//! May use nothing of a terminal, a clock or randomness: keys arrive as [`Stroke`]s from whatever reads the keyboard.

mod access;
mod action;
mod key;
mod map;
mod readme;
mod rebind;
mod table;

pub use access::Access;
pub use action::{Action, Danger, Place, Topic};
pub use key::{Code, Key, KeyError, Stroke};
pub use map::{Fault, HelpRow, Hint, Keymap};
pub use readme::{markdown, readme_table};
pub use table::{Binding, Row, table};
