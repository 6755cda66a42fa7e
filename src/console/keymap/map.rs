//! The table as one session uses it.

use super::access::Access;
use super::action::{Action, Danger, Place, Topic};
use super::key::Key;
use super::rebind::rebound;
use super::table::{Row, table};
use crate::settings;

/// Something wrong with a table of keys, found at start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Pressing the key would have to do two things.
    #[error("`{key}` is bound both to \"{first}\" and to \"{second}\"; give one of them another key")]
    Conflict {
        /// The key.
        key: Key,
        /// The action bound first in the table, by name.
        first: &'static str,
        /// The other one.
        second: &'static str,
    },
    /// The key could not be typed into a text field any more.
    #[error("`{key}` is bound to \"{name}\" inside dialogs, where characters are typed; hold Ctrl or Alt with it")]
    Typed {
        /// The key.
        key: Key,
        /// The action, by name.
        name: &'static str,
    },
}

/// One hint of the footer: `s stop`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The action.
    pub action: Action,
    /// Its key, as shown.
    pub key: String,
    /// The word behind it.
    pub word: &'static str,
}

/// One row of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpRow {
    /// The heading it stands under; rows of a topic follow one another.
    pub topic: Topic,
    /// Its keys, as shown: `Up, k`; the palette's where it has none.
    pub keys: String,
    /// Whether it has no key of its own, and is found by its name in the palette.
    pub by_name: bool,
    /// What it does, as a verb phrase.
    pub name: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// What it does to the world.
    pub danger: Danger,
}

/// Keys and actions of one session, in both directions. In [`Access::Watch`] acting rows are not in it at all.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<Row>,
}

impl Keymap {
    /// The default keys, as far as this access goes.
    ///
    /// # Errors
    /// Every fault of the table at once, each naming the actions concerned.
    pub fn new(access: Access) -> Result<Self, Vec<Fault>> {
        Self::from_rows(table(), access)
    }

    /// The default keys with those of the settings laid over them, as far as this access goes.
    ///
    /// # Errors
    /// Every fault of the settings, with its line.
    pub fn with(access: Access, wishes: &[settings::KeyWish]) -> Result<Self, Vec<settings::Fault>> {
        let mut rows = rebound(table(), wishes)?;
        rows.retain(|row| access == Access::Operate || !row.danger.acts());
        Ok(Self { rows })
    }

    /// A table of one's own, as far as this access goes. Faults of acting rows count in watch mode too, so that a table
    /// is right or wrong for everybody.
    ///
    /// # Errors
    /// Every fault of the table at once, each naming the actions concerned.
    pub fn from_rows(mut rows: Vec<Row>, access: Access) -> Result<Self, Vec<Fault>> {
        let faults = faults(&rows);
        if !faults.is_empty() {
            return Err(faults);
        }
        rows.retain(|row| access == Access::Operate || !row.danger.acts());
        Ok(Self { rows })
    }

    /// The same while the past is shown: what acts is not in it, except what [reaches now](Action::reaches_now).
    #[must_use]
    pub fn of_the_past(&self) -> Self {
        let rows = self.rows.iter().filter(|row| !row.danger.acts() || row.action.reaches_now());
        Self { rows: rows.cloned().collect() }
    }

    /// What the key does there; nothing where it is not bound. In a dialog an unbound key may be [typed](Key::typed).
    pub fn action(&self, key: Key, place: Place) -> Option<Action> {
        let bound = |row: &&Row| row.bindings.iter().any(|binding| binding.key == key && binding.places.contains(&place));
        self.rows.iter().find(bound).map(|row| row.action)
    }

    /// The keys that do this there, the shown one first; none where the action does not exist for this session.
    pub fn keys(&self, action: Action, place: Place) -> Vec<Key> {
        let bindings = self.row(action).map(|row| row.bindings.as_slice()).unwrap_or_default();
        bindings.iter().filter(|binding| binding.places.contains(&place)).map(|binding| binding.key).collect()
    }

    /// The row of an action; none where the action does not exist for this session.
    pub fn row(&self, action: Action) -> Option<&Row> {
        self.rows.iter().find(|row| row.action == action)
    }

    /// The rows of this session, in the order in which help lists them.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Footer hints for the actions that can be taken now, in the order given; those without a key there are left out.
    pub fn footer(&self, actions: &[Action], place: Place) -> Vec<Hint> {
        let hint = |action: &Action| {
            let key = self.keys(*action, place).first()?.label();
            Some(Hint { action: *action, key, word: self.row(*action)?.word })
        };
        actions.iter().filter_map(hint).collect()
    }

    /// The help: every action of this session with all its keys.
    pub fn help(&self) -> Vec<HelpRow> {
        let help = |row: &Row| HelpRow {
            topic: row.topic,
            keys: labels(row, &self.rows),
            by_name: row.bindings.is_empty(),
            name: row.name,
            help: row.help,
            danger: row.danger,
        };
        self.rows.iter().map(help).collect()
    }
}

/// The keys of a row, as shown: `Up, k`. A row without keys is found behind the palette's.
pub(super) fn labels(row: &Row, rows: &[Row]) -> String {
    let palette = || rows.iter().find(|row| row.action == Action::Palette).and_then(|row| row.bindings.first());
    if row.bindings.is_empty() {
        return palette().map(|binding| binding.key.label()).unwrap_or_default();
    }
    row.bindings.iter().map(|binding| binding.key.label()).collect::<Vec<_>>().join(", ")
}

pub(super) fn faults(rows: &[Row]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let bindings: Vec<_> = rows.iter().flat_map(|row| row.bindings.iter().map(move |binding| (row, binding))).collect();
    for (at, (row, binding)) in bindings.iter().enumerate() {
        if binding.key.typed().is_some() && binding.places.contains(&Place::Dialog) {
            faults.push(Fault::Typed { key: binding.key, name: row.name });
        }
        for (later, other) in bindings.iter().skip(at + 1) {
            let meet = binding.places.iter().any(|place| other.places.contains(place));
            if binding.key == other.key && meet && row.action != later.action {
                faults.push(Fault::Conflict { key: binding.key, first: row.name, second: later.name });
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::key::Code;
    use super::super::table::Binding;
    use super::*;

    fn operate() -> Keymap {
        Keymap::new(Access::Operate).unwrap()
    }

    #[test]
    fn each_binding_leads_to_its_action_and_back() {
        let keymap = operate();
        for row in table() {
            for Binding { key, places } in row.bindings {
                for place in places {
                    assert_eq!(keymap.action(key, *place), Some(row.action));
                    assert!(keymap.keys(row.action, *place).contains(&key));
                }
            }
        }
    }

    #[test]
    fn enter_opens_on_a_screen_and_confirms_in_a_dialog() {
        let enter = Key::plain(Code::Enter);
        assert_eq!(operate().action(enter, Place::Screen), Some(Action::Open));
        assert_eq!(operate().action(enter, Place::Dialog), Some(Action::Confirm));
        assert_eq!(operate().action(Key::char('s'), Place::Dialog), None);
        assert_eq!(operate().action(Key::ctrl('s'), Place::Dialog), Some(Action::Stop));
    }

    #[test]
    fn watching_has_nothing_that_acts() {
        let watch = Keymap::new(Access::Watch).unwrap();
        for row in table().into_iter().filter(|row| row.danger.acts()) {
            for Binding { key, places } in &row.bindings {
                for place in *places {
                    let found = watch.action(*key, *place);
                    assert_eq!(found, None, "{key} must do nothing while watching");
                }
            }
            assert!(watch.row(row.action).is_none());
            assert!(watch.help().iter().all(|help| help.name != row.name));
            assert_eq!(watch.footer(&[row.action], Place::Screen), []);
        }
        assert_eq!(watch.action(Key::char('q'), Place::Screen), Some(Action::Quit));
    }

    #[test]
    fn a_key_with_two_meanings_is_refused_naming_both() {
        let mut rows = table();
        let steal = Binding { key: Key::char('p'), places: &[Place::Screen] };
        rows.iter_mut().filter(|row| row.action == Action::Approve).for_each(|row| row.bindings.push(steal));
        for access in [Access::Operate, Access::Watch] {
            let faults = Keymap::from_rows(rows.clone(), access).unwrap_err();
            assert_eq!(faults, [Fault::Conflict { key: Key::char('p'), first: "approve", second: "promote" }]);
            assert_eq!(faults[0].to_string(), r#"`p` is bound both to "approve" and to "promote"; give one of them another key"#);
        }
    }

    #[test]
    fn a_dialog_leaves_every_character_to_be_typed() {
        let mut rows = table();
        let steal = Binding { key: Key::char('y'), places: &[Place::Dialog] };
        rows.iter_mut().filter(|row| row.action == Action::Confirm).for_each(|row| row.bindings.push(steal));
        let faults = Keymap::from_rows(rows, Access::Operate).unwrap_err();
        assert_eq!(faults, [Fault::Typed { key: Key::char('y'), name: "confirm" }]);
    }

    #[test]
    fn the_footer_shows_the_key_that_works_there() {
        let hints = |place| operate().footer(&[Action::Stop, Action::Open, Action::Quit], place);
        let words = |place| hints(place).iter().map(|hint| format!("{} {}", hint.key, hint.word)).collect::<Vec<_>>();
        assert_eq!(words(Place::Screen), ["s stop", "Enter open", "q quit"]);
        assert_eq!(words(Place::Dialog), ["Ctrl-S stop", "Ctrl-C quit"]);
    }

    #[test]
    fn help_keeps_its_topics_together() {
        let topics: Vec<_> = operate().help().iter().map(|row| row.topic).collect();
        assert!(topics.is_sorted());
    }
}
