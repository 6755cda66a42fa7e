//! The palette: every action of this session, those without a key of their own among them, and every thing there is to go to, found by a
//! few letters of its name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::console::keymap::{Action, HelpRow, Key, Place};

use super::Model;
use super::overlay::{Overlay, Palette};
use super::things::{self, Thing};

/// What became of a key in the palette.
pub(super) enum Answer {
    /// Nothing more.
    Open,
    /// This was chosen.
    Chosen(Found),
    /// It is bound to something that works anywhere.
    Other(Action),
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Something to do.
    Action(Action, HelpRow),
    /// Something to go to.
    Thing(Thing),
}

impl Found {
    /// What it is called.
    pub fn name(&self) -> &str {
        match self {
            Self::Action(_, row) => row.name,
            Self::Thing(thing) => &thing.name,
        }
    }

    /// What is said of it.
    pub fn words(&self) -> &str {
        match self {
            Self::Action(_, row) => row.help,
            Self::Thing(thing) => &thing.words,
        }
    }
}

/// How well something fits: the letters of its name, in order but not all of them, or else its sentence word for word. Better is greater.
type Fit = (bool, u32);

/// What is called so, the best fit first, of equals in the order of the help; every action where nothing was typed.
pub fn found(model: &Model, palette: &Palette) -> Vec<Found> {
    let rows = model.keymap().rows().iter().map(|row| row.action).zip(model.keymap().help());
    let actions = rows.filter(|(action, _)| !matches!(action, Action::Confirm | Action::Palette));
    let actions = actions.map(|(action, row)| Found::Action(action, row));
    let typed = palette.line.text.trim();
    if typed.is_empty() {
        return actions.collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Never);
    let words: Vec<String> = typed.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let mut fit = |found: &Found| -> Option<Fit> {
        let by_name = pattern.score(Utf32Str::new(found.name(), &mut letters), &mut matcher).map(|score| (true, score));
        let text = || format!("{} {}", found.name(), found.words()).to_lowercase();
        by_name.or_else(|| words.iter().all(|word| text().contains(word.as_str())).then_some((false, 0)))
    };
    let things = things::all(model).into_iter().map(Found::Thing);
    let mut fitting: Vec<(Fit, Found)> = actions.chain(things).filter_map(|found| Some((fit(&found)?, found))).collect();
    // Stable: of equals, the order stays.
    fitting.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
    fitting.into_iter().map(|(_, found)| found).collect()
}

/// Takes a key while the palette is open.
pub(super) fn key(model: &mut Model, key: Key) -> Answer {
    let Some(Overlay::Palette(palette)) = model.place.overlays.last() else { return Answer::Open };
    let mut palette = palette.clone();
    let found = found(model, &palette);
    let last = found.len().saturating_sub(1);
    match (model.keymap().action(key, Place::Reading), model.keymap().action(key, Place::Dialog)) {
        _ if palette.line.take(key) => palette.selected = 0,
        (Some(Action::Open), _) => {
            return found.into_iter().nth(palette.selected).map_or(Answer::Open, Answer::Chosen);
        }
        (Some(Action::Up), _) => palette.selected = palette.selected.saturating_sub(1),
        (Some(Action::Down), _) => palette.selected = (palette.selected + 1).min(last),
        (_, Some(Action::Back)) => {
            model.place.overlays.pop();
            return Answer::Open;
        }
        (_, Some(action)) => return Answer::Other(action),
        _ => {}
    }
    if let Some(Overlay::Palette(open)) = model.place.overlays.last_mut() {
        *open = palette;
    }
    Answer::Open
}
