//! The palette: every action of this session by its name, those without a key of their own among them.

use crate::console::keymap::{Action, Code, HelpRow, Key, Place};
use crate::safe;

use super::Model;
use super::overlay::{Overlay, Palette};

/// The most characters of a search.
const LONGEST: usize = 40;

/// What became of a key in the palette.
pub(super) enum Answer {
    /// Nothing more.
    Open,
    /// This was chosen.
    Chosen(Action),
    /// It is bound to something that works anywhere.
    Other(Action),
}

/// The actions whose name or sentence holds every word typed, in the order of the help.
pub fn found(model: &Model, palette: &Palette) -> Vec<(Action, HelpRow)> {
    let words: Vec<String> = palette.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let rows = model.keymap().rows().iter().map(|row| row.action).zip(model.keymap().help());
    rows.filter(|(action, _)| !matches!(action, Action::Confirm | Action::Palette))
        .filter(|(_, row)| {
            let text = format!("{} {}", row.name, row.help).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        })
        .collect()
}

/// Takes a key while the palette is open.
pub(super) fn key(model: &mut Model, key: Key) -> Answer {
    let Some(Overlay::Palette(palette)) = model.place.overlays.last() else { return Answer::Open };
    let mut palette = palette.clone();
    let found = found(model, &palette);
    let last = found.len().saturating_sub(1);
    match (key.typed(), model.keymap().action(key, Place::Reading), model.keymap().action(key, Place::Dialog)) {
        (None, Some(Action::Open), _) => {
            return found.get(palette.selected).map_or(Answer::Open, |(action, _)| Answer::Chosen(*action));
        }
        // A text field's own key, as letters are.
        _ if key == Key::plain(Code::Backspace) => {
            palette.text.pop();
            palette.selected = 0;
        }
        (Some(character), ..) => {
            if palette.text.chars().count() < LONGEST {
                palette.text.push_str(&safe::clean(&character.to_string()));
            }
            palette.selected = 0;
        }
        (None, Some(Action::Up), _) => palette.selected = palette.selected.saturating_sub(1),
        (None, Some(Action::Down), _) => palette.selected = (palette.selected + 1).min(last),
        (None, _, Some(Action::Back)) => {
            model.place.overlays.pop();
            return Answer::Open;
        }
        (None, _, Some(action)) => return Answer::Other(action),
        _ => {}
    }
    if let Some(Overlay::Palette(open)) = model.place.overlays.last_mut() {
        *open = palette;
    }
    Answer::Open
}
