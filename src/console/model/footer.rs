//! The last row: what keys will hit, and what can be pressed now.

use crate::console::keymap::Hint;

/// The last row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footer {
    /// What the keys will hit: a push, several of them, or empty where nothing is selected.
    pub name: String,
    /// What can be pressed now, most useful first; the view shows as many as fit. Empty while watching.
    pub hints: Vec<Hint>,
    /// While watching, instead of keys: who answers for it, and what happens next.
    pub words: String,
}
