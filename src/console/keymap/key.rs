//! Keys as this program knows them, whatever library reads the keyboard.

use std::fmt;
use std::str::FromStr;

/// What was struck, without the keys held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character; its case already says whether Shift (or Caps Lock) was on.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Tab with Shift, which terminals report as a key of its own.
    BackTab,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// A function key, 1 to 24.
    F(u8),
}

/// The keys that are not characters: the name people write, and the label shown.
const NAMED: &[(Code, &str, &str)] = &[
    (Code::Char(' '), "space", "Space"),
    (Code::Enter, "enter", "Enter"),
    (Code::Esc, "esc", "Esc"),
    (Code::Tab, "tab", "Tab"),
    (Code::BackTab, "backtab", "Shift-Tab"),
    (Code::Up, "up", "Up"),
    (Code::Down, "down", "Down"),
    (Code::Left, "left", "Left"),
    (Code::Right, "right", "Right"),
    (Code::PageUp, "pageup", "PageUp"),
    (Code::PageDown, "pagedown", "PageDown"),
    (Code::Home, "home", "Home"),
    (Code::End, "end", "End"),
    (Code::Backspace, "backspace", "Backspace"),
    (Code::Delete, "delete", "Delete"),
];

/// One key with those held with it, in one normal form: two keys a person cannot tell apart are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    code: Code,
    ctrl: bool,
    alt: bool,
    shift: bool,
}

impl Key {
    /// A key struck alone. A capital letter is `Key::plain(Code::Char('S'))`.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// A character struck alone.
    pub const fn char(character: char) -> Self {
        Self::plain(Code::Char(character))
    }

    /// A letter struck with Ctrl; its case does not count, as terminals do not report it.
    pub const fn ctrl(letter: char) -> Self {
        Self { code: Code::Char(letter.to_ascii_lowercase()), ctrl: true, alt: false, shift: false }
    }

    /// A key as a terminal reports it, brought to the normal form: Shift is folded into characters and into `BackTab`,
    /// letters with Ctrl are lower case.
    pub fn new(code: Code, ctrl: bool, alt: bool, shift: bool) -> Self {
        match code {
            Code::Char(c) if ctrl => Self { code: Code::Char(c.to_ascii_lowercase()), ctrl, alt, shift: false },
            Code::Char(c) if shift => Self { code: Code::Char(c.to_ascii_uppercase()), ctrl, alt, shift: false },
            Code::Tab if shift => Self { code: Code::BackTab, ctrl, alt, shift: false },
            Code::BackTab => Self { code, ctrl, alt, shift: false },
            _ => Self { code, ctrl, alt, shift },
        }
    }

    /// What was struck.
    pub const fn code(self) -> Code {
        self.code
    }

    /// The character this key types into a text field, where it types one.
    pub const fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// The key as screens and documents show it: `s`, `Ctrl-S`, `Enter`, `Shift-Tab`, `PageUp`. Words, never pictures of keys.
    pub fn label(self) -> String {
        let mut label = String::new();
        for (held, prefix) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if held {
                label.push_str(prefix);
            }
        }
        match self.code {
            Code::F(number) => label.extend(["F".to_owned(), number.to_string()]),
            Code::Char(c) if c != ' ' && self.ctrl => label.push(c.to_ascii_uppercase()),
            code => match named(code) {
                Some((_, shown)) => label.push_str(shown),
                None => label.extend(typed(code)),
            },
        }
        label
    }
}

fn named(code: Code) -> Option<(&'static str, &'static str)> {
    NAMED.iter().find(|(known, _, _)| *known == code).map(|(_, name, label)| (*name, *label))
}

fn typed(code: Code) -> Option<char> {
    match code {
        Code::Char(c) => Some(c),
        _ => None,
    }
}

/// The form people write in settings, and that [`Key::from_str`] reads: `ctrl-s`, `S`, `enter`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, prefix) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(prefix)?;
            }
        }
        match (self.code, named(self.code)) {
            (_, Some((name, _))) => f.write_str(name),
            (Code::F(number), None) => write!(f, "f{number}"),
            (code, None) => typed(code).map_or(Ok(()), |c| write!(f, "{c}")),
        }
    }
}

/// Text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` names no key; write a character, or one of enter, esc, tab, backtab, space, up, down, left, right, pageup, pagedown, home, end, backspace, delete, f1 to f24, each with ctrl-, alt- or shift- before it"
)]
pub struct KeyError {
    /// What was written.
    pub text: String,
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        loop {
            let (prefix, held) = match rest.split_once('-') {
                // A lone `-`, and the `-` of `ctrl--`, is the key itself.
                Some((prefix, after)) if !prefix.is_empty() && !after.is_empty() => (prefix, after),
                _ => break,
            };
            match prefix.to_ascii_lowercase().as_str() {
                "ctrl" => ctrl = true,
                "alt" => alt = true,
                "shift" => shift = true,
                _ => return Err(KeyError { text: text.to_owned() }),
            }
            rest = held;
        }
        let code = code_of(rest).ok_or_else(|| KeyError { text: text.to_owned() })?;
        Ok(Self::new(code, ctrl, alt, shift))
    }
}

fn code_of(name: &str) -> Option<Code> {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return (!only.is_control()).then_some(Code::Char(only));
    }
    let name = name.to_ascii_lowercase();
    if let Some((code, _, _)) = NAMED.iter().find(|(_, known, _)| *known == name) {
        return Some(*code);
    }
    let digits = name.strip_prefix('f').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    let number: u8 = digits.parse().ok()?;
    (1..=24).contains(&number).then_some(Code::F(number))
}

/// A key going down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    /// Which.
    pub key: Key,
    /// The terminal said that the key is being held. Most terminals cannot say so and report a held key as many strokes:
    /// false proves nothing, which is why confirming also asks for silence before it.
    pub repeat: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_the_same_form() {
        for text in
            ["s", "S", "ctrl-s", "enter", "alt-x", "shift-up", "backtab", "f12", "space", "-", "ctrl--", "?", "ctrl-alt-delete"]
        {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn brings_what_terminals_report_to_one_form() {
        assert_eq!("ctrl-S".parse(), Ok(Key::ctrl('s')));
        assert_eq!("Ctrl-Shift-s".parse(), Ok(Key::ctrl('s')));
        assert_eq!("shift-s".parse(), Ok(Key::char('S')));
        assert_eq!("shift-tab".parse(), Ok(Key::plain(Code::BackTab)));
        assert_eq!(Key::new(Code::BackTab, false, false, true), Key::plain(Code::BackTab));
        assert_eq!(Key::new(Code::Char('S'), false, false, true), Key::char('S'));
        assert_ne!(Key::char('s'), Key::char('S'));
    }

    #[test]
    fn refuses_what_names_no_key() {
        for text in ["", "entr", "ctrl-", "hyper-x", "f0", "f25", "f+3", "\u{1b}"] {
            assert_eq!(text.parse::<Key>(), Err(KeyError { text: text.to_owned() }), "{text:?}");
        }
    }

    #[test]
    fn labels_are_words() {
        assert_eq!(Key::ctrl('s').label(), "Ctrl-S");
        assert_eq!(Key::char('S').label(), "S");
        assert_eq!(Key::plain(Code::BackTab).label(), "Shift-Tab");
        assert_eq!("f5".parse::<Key>().unwrap().label(), "F5");
    }

    #[test]
    fn only_unheld_characters_are_typed() {
        assert_eq!(Key::char('y').typed(), Some('y'));
        assert_eq!(Key::ctrl('y').typed(), None);
        assert_eq!(Key::plain(Code::Enter).typed(), None);
    }
}
