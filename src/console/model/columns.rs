//! Which columns a list shows beside what it always shows, and which of them keep their place where there is little room. What was
//! chosen last holds: the settings, or a choice made here, which lasts as long as the session.

use std::collections::BTreeMap;

use crate::console::keymap::{Action, Key, Place};
use crate::domain::declaration::Declaration;
use crate::domain::id::EnvironmentId;
use crate::settings::{self, Column, Columned, nearest};

use super::Model;
use super::event::Effect;
use super::overlay::Overlay;
use super::screen::Screen;
use super::toast::{Toast, ToastKind};

/// What was chosen in this session, and what was said about the settings.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    chosen: BTreeMap<Columned, Vec<Column>>,
    /// The columns last said to be of no environment of this fleet.
    told: Vec<Column>,
}

/// The columns of a list, being chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choosing {
    /// Of which list.
    pub list: Columned,
    /// Every column, and whether it is shown: those first that keep their place where there is little room.
    pub columns: Vec<(Column, bool)>,
    /// The one the arrows are at.
    pub selected: usize,
}

impl Choosing {
    /// Those that are shown.
    pub fn shown(&self) -> Vec<Column> {
        self.columns.iter().filter(|(_, shown)| *shown).map(|(column, _)| column.clone()).collect()
    }

    /// The line that keeps them, under `[columns]` in the settings file: `fleet = ["production", "next"]`.
    pub fn line(&self) -> String {
        settings::columns_line(self.list, &self.shown())
    }

    /// Moves the arrows by so many columns, as far as there are columns.
    pub(super) fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.columns.len().saturating_sub(1));
    }

    /// Shows the selected column, or hides it.
    fn toggle(&mut self) {
        if let Some((_, shown)) = self.columns.get_mut(self.selected) {
            *shown = !*shown;
        }
    }

    /// Lets the selected column keep its place for longer (−1) or give way sooner (1) than its neighbour.
    fn put(&mut self, by: isize) {
        let at = self.selected.saturating_add_signed(by).min(self.columns.len().saturating_sub(1));
        if at != self.selected && at < self.columns.len() {
            self.columns.swap(at, self.selected);
            self.selected = at;
        }
    }
}

/// The list of a screen, where its columns can be chosen.
pub(super) const fn list_of(screen: Screen) -> Option<Columned> {
    match screen {
        Screen::Fleet => Some(Columned::Fleet),
        Screen::Waiting => Some(Columned::Waiting),
        Screen::Timeline => Some(Columned::Timeline),
        Screen::Push | Screen::Signals => None,
    }
}

impl Model {
    /// The columns that a list is to show, those first that keep their place where there is little room: as chosen, else all of them.
    pub fn columns(&self, list: Columned) -> Vec<Column> {
        let declaration = self.fleet.declaration();
        let mut columns = wanted(self, list);
        columns.retain(|column| exists(declaration, column));
        columns
    }

    /// How many columns of a list are not shown by choice.
    pub fn columns_hidden(&self, list: Columned) -> usize {
        let shown = self.columns(list);
        all(self.fleet.declaration(), list).iter().filter(|column| !shown.contains(column)).count()
    }
}

/// What was chosen for a list, whether the fleet has it or not; all columns where nobody chose.
fn wanted(model: &Model, list: Columned) -> Vec<Column> {
    let preferred = || model.setup.columns.get(&list).map(|said| &said.value);
    let chosen = model.place.columns.chosen.get(&list).or_else(preferred);
    chosen.cloned().unwrap_or_else(|| all(model.fleet.declaration(), list))
}

/// All columns that a list has, in the usual precedence: environments nearer to users before those on the way there.
fn all(declaration: &Declaration, list: Columned) -> Vec<Column> {
    let mut columns = list.fixed().to_vec();
    if list == Columned::Fleet {
        let environments = declaration.environments.iter().rev().map(|environment| Column::Environment(environment.id.clone()));
        // What comes next is short, and says who must act.
        columns.splice(1..1, environments);
    }
    columns
}

fn exists(declaration: &Declaration, column: &Column) -> bool {
    match column {
        Column::Environment(id) => declaration.environment(id).is_some(),
        _ => true,
    }
}

/// Opens the choice of the columns of the screen shown, or says why there is none.
pub(super) fn begin(model: &mut Model) -> Result<(), String> {
    let Some(list) = list_of(model.place.screen).filter(|_| !model.is_wall()) else {
        return Err("this screen has no columns to choose from; the Fleet, what waits and the Timeline have".to_owned());
    };
    if !model.has_data() {
        return Err("nothing was heard of a fleet yet, and so of none of its columns".to_owned());
    }
    let shown = wanted(model, list);
    let others: Vec<_> = all(model.fleet.declaration(), list).into_iter().filter(|column| !shown.contains(column)).collect();
    let shown = shown.into_iter().map(|column| (column, true));
    let columns = shown.chain(others.into_iter().map(|column| (column, false))).collect();
    model.place.overlays.push(Overlay::Columns(Choosing { list, columns, selected: 0 }));
    Ok(())
}

/// What became of a key while columns are chosen.
pub(super) enum Answer {
    /// It was for the choice.
    Taken,
    /// This is to be copied.
    Copy(Effect),
    /// It is bound to something else.
    Other(Action),
}

/// Takes a key while columns are chosen.
pub(super) fn key(model: &mut Model, key: Key) -> Answer {
    let here = model.keymap().action(key, Place::Reading);
    let copies = model.keymap().action(key, Place::Screen) == Some(Action::Copy);
    let Some(Overlay::Columns(choosing)) = model.place.overlays.last_mut() else { return Answer::Taken };
    match here {
        _ if key.typed() == Some(' ') => choosing.toggle(),
        Some(Action::Open) => choosing.toggle(),
        Some(Action::Up) => choosing.step(-1),
        Some(Action::Down) => choosing.step(1),
        Some(Action::Home | Action::PageUp) => choosing.step(isize::MIN),
        Some(Action::End | Action::PageDown) => choosing.step(isize::MAX),
        Some(Action::Left) => choosing.put(-1),
        Some(Action::Right) => choosing.put(1),
        Some(Action::Back | Action::Columns) => {
            model.place.overlays.pop();
            return Answer::Taken;
        }
        Some(other) => return Answer::Other(other),
        None if copies => return Answer::Copy(Effect::Copy(choosing.line() + "\n")),
        None => return Answer::Taken,
    }
    let (list, shown) = (choosing.list, choosing.shown());
    if wanted(model, list) != shown {
        model.place.columns.chosen.insert(list, shown);
    }
    Answer::Taken
}

/// Takes new settings up: where they say something new of a list, that is newer than what was chosen here.
pub(super) fn prefer(model: &mut Model, columns: settings::Columns) {
    let old = std::mem::replace(&mut model.setup.columns, columns);
    let new = &model.setup.columns;
    model.place.columns.chosen.retain(|list, _| old.get(list).map(|said| &said.value) == new.get(list).map(|said| &said.value));
}

/// Says which columns of the settings are of no environment of this fleet, once.
pub(super) fn notice(model: &mut Model) {
    let environments = &model.fleet.declaration().environments;
    let Some(said) = model.setup.columns.get(&Columned::Fleet).filter(|_| !environments.is_empty()) else { return };
    let missing: Vec<Column> = said.value.iter().filter(|column| !exists(model.fleet.declaration(), column)).cloned().collect();
    if missing == model.place.columns.told {
        return;
    }
    let names: Vec<&str> = environments.iter().map(|environment| environment.id.as_str()).collect();
    let each = |name: &EnvironmentId| match nearest(name.as_str(), names.iter().copied()) {
        Some(meant) => format!("no environment {:?}; did you mean {meant:?}?", name.as_str()),
        None => format!("no environment {:?}; it has {}", name.as_str(), names.join(", ")),
    };
    let told: Vec<String> =
        missing.iter().filter_map(|column| if let Column::Environment(name) = column { Some(each(name)) } else { None }).collect();
    let text = format!("{}: this fleet has {}", said.origin, told.join(" And "));
    model.place.columns.told = missing;
    if !told.is_empty() {
        model.toast = Some(Toast { text, kind: ToastKind::Note, since: model.console_now });
    }
}
