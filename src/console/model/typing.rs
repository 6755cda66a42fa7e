//! One line of text being typed.

use crate::console::keymap::{Code, Key};
use crate::safe;

/// A line of text with an end, where characters come and go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typing {
    /// What was typed, cleaned.
    pub text: String,
}

/// The most characters of a line.
const LONGEST: usize = 120;

impl Typing {
    /// A line that begins as this text.
    pub fn of(text: &str) -> Self {
        let mut line = Self::default();
        line.add(text);
        line
    }

    /// Takes a key that is typed. Whether it was one: a character, Backspace, or Ctrl-U, which empties the line.
    pub(super) fn take(&mut self, key: Key) -> bool {
        if key == Key::plain(Code::Backspace) {
            self.text.pop();
        } else if key == Key::ctrl('u') {
            self.text.clear();
        } else if let Some(character) = key.typed() {
            self.add(&character.to_string());
        } else {
            return false;
        }
        true
    }

    /// Adds text, cleaned and in one line, as far as there is room.
    pub(super) fn add(&mut self, text: &str) {
        let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
        let room = LONGEST.saturating_sub(self.text.chars().count());
        self.text.extend(safe::clean(&line).chars().take(room));
    }
}
