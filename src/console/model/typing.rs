//! One line of text being typed.

use crate::console::keymap::{Code, Key};
use crate::safe;
use unicode_segmentation::UnicodeSegmentation;

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
            erase(&mut self.text);
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
        add(&mut self.text, text, LONGEST);
    }
}

/// Adds text to what was typed, cleaned and in one line, up to so many characters. What combines with the last character does.
pub(super) fn add(typed: &mut String, text: &str, longest: usize) {
    let line = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    let whole = safe::clean(&typed.chars().chain(line).collect::<String>());
    let mut left = longest;
    let fits = |grapheme: &&str| {
        let takes = grapheme.chars().count();
        let is_room = takes <= left;
        left = left.saturating_sub(takes);
        is_room
    };
    *typed = whole.graphemes(true).take_while(fits).collect();
}

/// Takes away the last character with whatever was combined with it.
pub(super) fn erase(typed: &mut String) {
    if let Some((at, _)) = typed.grapheme_indices(true).next_back() {
        typed.truncate(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_combines_is_one_character_when_typed_and_when_erased() {
        let mut line = Typing::of("cafe");
        assert!(line.take(Key::plain(Code::Char('\u{301}'))));
        assert_eq!(line.text, "cafe\u{301}");
        assert!(line.take(Key::plain(Code::Backspace)));
        assert_eq!(line.text, "caf");
        line.add("\u{200b}\t遅");
        assert_eq!(line.text, "caf<U+200B> 遅");
    }

    #[test]
    fn a_line_ends_at_its_longest_and_never_inside_a_character() {
        let mut text = String::new();
        add(&mut text, &"e\u{301}".repeat(9), 5);
        assert_eq!(text, "e\u{301}e\u{301}");
    }
}
