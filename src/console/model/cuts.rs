//! What the last frame had no room for, whole: explanations end with it, so that nothing cut is ever out of reach.
//!
//! What belongs to a row is told by the explanation of that row. All else (the foot, the panels, the outcome of a command, row 3) is told
//! by every explanation: whoever cannot read a line on the screen presses `e`, and reads it, whatever is selected.

use super::Model;
use super::explain::{Page, Subject};
use super::screen::RowKey;

/// A text of which the last frame showed only a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What it belongs to.
    pub owner: Owner,
    /// What its row begins with, where that is not the text itself: `Else`.
    pub head: String,
    /// All of the text.
    pub text: String,
}

/// What a text on the screen belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// To something that can be selected.
    Row(RowKey),
    /// To the screen.
    Screen,
    /// To what lies over it, which tells its texts whole by itself.
    Overlay,
}

/// A page, and behind its own parts whatever of its subject, and of the screen, was cut and is not in it.
pub(super) fn with_the_rest(model: &Model, page: Page, subject: &Subject) -> Page {
    let mut lines: Vec<String> = Vec::new();
    for cut in model.cuts.iter().filter(|cut| is_told(cut, subject)) {
        let line = if cut.head.is_empty() { cut.text.clone() } else { format!("{}: {}", cut.head, cut.text) };
        if !page.says(&cut.text) && !lines.contains(&line) {
            lines.push(line);
        }
    }
    page.with("In full: what the screen had no room for", lines.into_iter().map(|line| ("", line)))
}

fn is_told(cut: &Cut, subject: &Subject) -> bool {
    match (&cut.owner, subject) {
        (Owner::Row(row), Subject::Row(subject)) => row == subject,
        (Owner::Screen, _) => true,
        (Owner::Row(_) | Owner::Overlay, _) => false,
    }
}
