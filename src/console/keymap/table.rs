//! The one table of keys: dispatch, footer, help and the README are all read from it.

mod acting;
mod console;
mod going;

use super::action::{Action, Danger, Place, Topic};
use super::key::{Code, Key};

/// A key, and where it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The key.
    pub key: Key,
    /// Where it works; never empty.
    pub places: &'static [Place],
}

/// One action with everything that is said about it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The action; each has one row.
    pub action: Action,
    /// Its keys; the first is the one shown in the footer. None where it is only found by its name in the palette.
    pub bindings: Vec<Binding>,
    /// What it does, as a verb phrase: `roll back`.
    pub name: &'static str,
    /// One sentence for the help and the README.
    pub help: &'static str,
    /// What it does to the world.
    pub danger: Danger,
    /// The heading it stands under.
    pub topic: Topic,
    /// The word behind the key in the footer.
    pub word: &'static str,
}

pub(super) const SCREEN: &[Place] = &[Place::Screen];
pub(super) const VIEWS: &[Place] = &[Place::Screen, Place::Reading];
pub(super) const DIALOG: &[Place] = &[Place::Dialog];
pub(super) const EVERYWHERE: &[Place] = &[Place::Screen, Place::Reading, Place::Dialog];

const fn on(places: &'static [Place], key: Key) -> Binding {
    Binding { key, places }
}

const fn char_on(places: &'static [Place], character: char) -> Binding {
    on(places, Key::char(character))
}

const fn code_on(places: &'static [Place], code: Code) -> Binding {
    on(places, Key::plain(code))
}

/// The words of a row: name, footer word, help sentence.
type Words = (&'static str, &'static str, &'static str);

fn row<const N: usize>(action: Action, bindings: [Binding; N], danger: Danger, topic: Topic, words: Words) -> Row {
    let (name, word, help) = words;
    Row { action, bindings: bindings.to_vec(), name, help, danger, topic, word }
}

/// Every action of the console with its default keys, in the order in which help lists them.
pub fn table() -> Vec<Row> {
    [going::screens(), going::moving(), going::in_time(), acting::acting(), acting::by_name(), console::console()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_has_one_row_and_words() {
        let table = table();
        let mut actions: Vec<_> = table.iter().map(|row| row.action).collect();
        actions.sort_unstable();
        actions.dedup();
        assert_eq!(actions.len(), table.len());
        // The last variant stands last: no action is without a row.
        assert_eq!(actions.len(), Action::Quit as usize + 1);
        for row in &table {
            assert!(row.bindings.iter().all(|binding| !binding.places.is_empty()), "{row:?}");
            assert!(row.help.ends_with('.') && !row.name.is_empty() && !row.word.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn what_takes_motion_away_works_while_a_dialog_is_open() {
        let stop = table().into_iter().find(|row| row.action == Action::Stop).unwrap();
        assert!(stop.bindings.iter().any(|b| b.key == Key::ctrl('s') && b.places.contains(&Place::Dialog)));
    }

    #[test]
    fn only_acting_rows_stand_under_acting() {
        for row in table() {
            assert_eq!(row.danger.acts(), row.topic == Topic::Acting, "{:?}", row.action);
        }
    }
}
