//! What comes from the keyboard and the terminal, in this program's own words.

use crossterm::event::{
    Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;

use crate::console::keymap::{Code, Key, Stroke};

/// The most characters of a paste that are kept; only text fields take any.
pub const PASTE_LIMIT: usize = 4096;

/// How many inputs may wait; beyond that reading waits, and nothing is lost.
const WAITING: usize = 256;

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key went down.
    Key(Stroke),
    /// Text was pasted, and is as foreign as any: not cleaned, at most [`PASTE_LIMIT`] characters.
    Paste(String),
    /// The mouse was used; only where it is listened to.
    Mouse(Pointer),
    /// No more input will come: the terminal is gone.
    Closed,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// The wheel turned away from the person.
    Up,
    /// The wheel turned towards the person.
    Down,
    /// The left button went down on a cell.
    Click {
        /// From 0.
        column: u16,
        /// From 0.
        row: u16,
    },
}

/// Starts reading the keyboard in a task of its own. Whatever the terminal does to it (a paste that never ends swallows every
/// later key in crossterm 0.29), signals, data and frames go on. Needs a tokio runtime, and the terminal in raw mode.
pub fn read_input() -> mpsc::Receiver<Input> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut events = EventStream::new();
        while let Some(Ok(event)) = events.next().await {
            if let Some(input) = translate(event)
                && sender.send(input).await.is_err()
            {
                return;
            }
        }
        // Nobody may be listening any more, and then nobody needs to know.
        drop(sender.send(Input::Closed).await);
    });
    receiver
}

/// The event in our words; none for what means nothing here: keys going up, focus, other buttons, keys no action could have.
fn translate(event: Event) -> Option<Input> {
    match event {
        Event::Key(event) => stroke(event).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(text.chars().take(PASTE_LIMIT).collect())),
        Event::Mouse(event) => pointer(event).map(Input::Mouse),
        // Sizes come as a signal, which an unfinished paste cannot hold up.
        Event::Resize(..) | Event::FocusGained | Event::FocusLost => None,
    }
}

fn pointer(event: MouseEvent) -> Option<Pointer> {
    match event.kind {
        MouseEventKind::ScrollUp => Some(Pointer::Up),
        MouseEventKind::ScrollDown => Some(Pointer::Down),
        MouseEventKind::Down(MouseButton::Left) => Some(Pointer::Click { column: event.column, row: event.row }),
        _ => None,
    }
}

fn stroke(event: KeyEvent) -> Option<Stroke> {
    let held = |modifiers| event.modifiers.intersects(modifiers);
    // With keys we do not know held, it is not the key we know.
    if event.kind == KeyEventKind::Release || held(KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META) {
        return None;
    }
    let key = Key::new(code(event.code)?, held(KeyModifiers::CONTROL), held(KeyModifiers::ALT), held(KeyModifiers::SHIFT));
    Some(Stroke { key, repeat: event.kind == KeyEventKind::Repeat })
}

fn code(code: KeyCode) -> Option<Code> {
    Some(match code {
        KeyCode::Char(character) => Code::Char(character),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::F(number) => Code::F(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers, kind: KeyEventKind) -> Option<Input> {
        translate(Event::Key(KeyEvent::new_with_kind(code, modifiers, kind)))
    }

    #[test]
    fn keys_come_in_our_words() {
        let none = KeyModifiers::NONE;
        let struck = |key, repeat| Some(Input::Key(Stroke { key, repeat }));
        assert_eq!(key(KeyCode::Char('S'), KeyModifiers::SHIFT, KeyEventKind::Press), struck(Key::char('S'), false));
        assert_eq!(key(KeyCode::Char('s'), KeyModifiers::CONTROL, KeyEventKind::Press), struck(Key::ctrl('s'), false));
        assert_eq!(key(KeyCode::BackTab, KeyModifiers::SHIFT, KeyEventKind::Press), struck(Key::plain(Code::BackTab), false));
        assert_eq!(key(KeyCode::Enter, none, KeyEventKind::Repeat), struck(Key::plain(Code::Enter), true));
        assert_eq!(key(KeyCode::Enter, none, KeyEventKind::Release), None);
        assert_eq!(key(KeyCode::Char('s'), KeyModifiers::SUPER, KeyEventKind::Press), None);
        assert_eq!(key(KeyCode::CapsLock, none, KeyEventKind::Press), None);
        assert_eq!(translate(Event::FocusLost), None);
    }

    #[test]
    fn a_paste_is_never_keys_and_has_an_end() {
        assert_eq!(translate(Event::Paste("y\r".to_owned())), Some(Input::Paste("y\r".to_owned())));
        let Some(Input::Paste(text)) = translate(Event::Paste("é".repeat(PASTE_LIMIT * 3))) else { panic!("a paste") };
        assert_eq!(text.chars().count(), PASTE_LIMIT);
    }
}
