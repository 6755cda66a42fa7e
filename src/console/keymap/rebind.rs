//! Keys of one's own, laid over the table.
//!
//! A key works wherever its action works; a character is typed in dialogs and so never works there. Some keys are named by sentences of
//! the engine and of questions, which know no settings: they are never given to another action, and those that stop, go back or answer
//! stay with theirs.

use crate::settings::{Fault, KeyWish, nearest};

use super::action::{Action, Danger, Place};
use super::key::{Code, Key};
use super::map;
use super::table::{Binding, DIALOG, EVERYWHERE, Row, SCREEN, VIEWS};

/// A key that sentences name.
struct Spoken {
    key: Key,
    action: Action,
    /// Whether the action must keep it.
    kept: bool,
}

const fn spoken(key: Key, action: Action, kept: bool) -> Spoken {
    Spoken { key, action, kept }
}

const SPOKEN: [Spoken; 8] = [
    spoken(Key::char('s'), Action::Stop, true),
    spoken(Key::char('r'), Action::RollBack, true),
    spoken(Key::char('R'), Action::RollBackFast, true),
    spoken(Key::char('u'), Action::Resume, false),
    spoken(Key::char('p'), Action::Promote, false),
    spoken(Key::plain(Code::Enter), Action::Open, true),
    spoken(Key::plain(Code::Enter), Action::Confirm, true),
    spoken(Key::plain(Code::Esc), Action::Back, true),
];

/// The table with each wish in the place of its action's usual keys.
///
/// # Errors
/// Every fault, in the order of the lines: unknown names and keys, conflicts, and actions that would be left without a key they need.
pub fn rebound(mut rows: Vec<Row>, wishes: &[KeyWish]) -> Result<Vec<Row>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut bound: Vec<(Action, &KeyWish)> = Vec::new();
    for wish in wishes {
        match bind(&mut rows, wish) {
            Ok(action) if bound.iter().any(|(known, _)| *known == action) => {
                faults.push(fault(wish, &format!("{:?} has a second line", wish.action), "put all its keys into one list"));
            }
            Ok(action) => bound.push((action, wish)),
            Err(mut found) => faults.append(&mut found),
        }
    }
    // What follows from a line that could not be read would be noise.
    if faults.is_empty() {
        for (action, wish) in &bound {
            faults.extend(rows.iter().find(|row| row.action == *action).into_iter().flat_map(|row| lacks(row, wish)));
        }
        let taken = taken(&rows, wishes);
        if taken.is_empty() {
            faults.extend(map::faults(&rows).into_iter().filter_map(|found| conflict(&found, &rows, &bound)));
        }
        faults.extend(taken);
    }
    faults.sort_by_key(|fault| fault.line);
    faults.dedup();
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

fn fault(wish: &KeyWish, what: &str, instead: &str) -> Fault {
    Fault::new(&wish.file, wish.line, what, instead)
}

/// `roll_back` and `Roll-Back` name the action `roll back`.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', '-'], " ")
}

fn bind(rows: &mut [Row], wish: &KeyWish) -> Result<Action, Vec<Fault>> {
    let wanted = plain(&wish.action);
    let names: Vec<&'static str> = rows.iter().map(|row| row.name).collect();
    let Some(row) = rows.iter_mut().find(|row| row.name == wanted) else {
        let instead = nearest(&wanted, names)
            .map_or_else(|| "`pushdeck keys` prints the names of all actions".to_owned(), |near| format!("did you mean {near:?}?"));
        return Err(vec![fault(wish, &format!("no action is called {:?}", wish.action), &instead)]);
    };
    let usual = row.bindings.iter().map(|binding| binding.places).max_by_key(|places| places.len()).unwrap_or(SCREEN);
    let (mut bindings, mut faults) = (Vec::new(), Vec::new());
    for text in &wish.keys {
        match text.parse::<Key>() {
            Ok(key) => match places(usual, key) {
                Some(places) => bindings.push(Binding { key, places }),
                None => faults.push(fault(
                    wish,
                    &format!("{:?} works in dialogs, where {text:?} is typed", row.name),
                    "choose a key that is no character, or hold ctrl or alt with it",
                )),
            },
            Err(why) => {
                let why = why.to_string();
                let (what, instead) = why.split_once("; ").unwrap_or((&why, "write another"));
                faults.push(fault(wish, what, instead));
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    row.bindings = bindings;
    Ok(row.action)
}

/// Where a key works for an action that usually works in these places.
fn places(usual: &'static [Place], key: Key) -> Option<&'static [Place]> {
    if key.typed().is_none() {
        return Some(usual);
    }
    if usual == EVERYWHERE {
        return Some(VIEWS);
    }
    (usual != DIALOG).then_some(usual)
}

/// What an action would be left without.
fn lacks(row: &Row, wish: &KeyWish) -> Vec<Fault> {
    let mut faults = Vec::new();
    let has = |key: Key| row.bindings.iter().any(|binding| binding.key == key);
    for kept in SPOKEN.iter().filter(|spoken| spoken.kept && spoken.action == row.action && !has(spoken.key)) {
        let what = format!("{:?} would lose `{}`, by which sentences and questions name it", row.name, kept.key);
        faults.push(fault(wish, &what, &format!("keep \"{}\" among its keys", kept.key)));
    }
    let needed = matches!(row.danger, Danger::Stopping | Danger::Back) || matches!(row.action, Action::Quit | Action::Palette);
    let is_usual = super::table::table().iter().any(|usual| usual.action == row.action && !usual.bindings.is_empty());
    if needed && is_usual && row.bindings.is_empty() {
        faults.push(fault(wish, &format!("{:?} would have no key", row.name), "what stops, goes back or leads on must keep one"));
    }
    let in_dialogs = row.bindings.iter().any(|binding| binding.places.contains(&Place::Dialog));
    if row.action == Action::Stop && !row.bindings.is_empty() && !in_dialogs {
        let instead = "add one that is no character, such as \"ctrl-s\"";
        faults.push(fault(wish, "\"stop\" would not work while a question is open", instead));
    }
    faults
}

/// A fault of the table, at the line that brought it about.
fn conflict(found: &map::Fault, rows: &[Row], bound: &[(Action, &KeyWish)]) -> Option<Fault> {
    let map::Fault::Conflict { key, first, second } = found else { return None };
    let line_of = |name: &str| bound.iter().find(|(action, _)| rows.iter().any(|row| row.action == *action && row.name == name));
    let (_, wish) = line_of(second).or_else(|| line_of(first))?;
    Some(fault(wish, &format!("`{key}` is bound both to {first:?} and to {second:?}"), "give one of them another key"))
}

/// Keys that sentences name and that another action was given.
fn taken(rows: &[Row], wishes: &[KeyWish]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for spoken in &SPOKEN {
        let owns = |row: &&Row| SPOKEN.iter().any(|other| other.key == spoken.key && other.action == row.action);
        for row in rows.iter().filter(|row| !owns(row)) {
            let named = wishes.iter().find(|wish| plain(&wish.action) == row.name);
            let has = row.bindings.iter().any(|binding| binding.key == spoken.key);
            if let Some(wish) = named.filter(|_| has) {
                let owner = rows.iter().find(|row| row.action == spoken.action).map_or("", |row| row.name);
                let what = format!("`{}` is the key by which sentences name {owner:?}", spoken.key);
                faults.push(fault(wish, &what, &format!("give {:?} another key", row.name)));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::access::Access;
    use super::super::map::Keymap;
    use super::*;

    fn wishes(lines: &[(&str, &[&str])]) -> Vec<KeyWish> {
        let wish = |(at, (action, keys)): (usize, &(&str, &[&str]))| KeyWish {
            action: (*action).to_owned(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            file: "settings.toml".to_owned(),
            line: at + 1,
        };
        lines.iter().enumerate().map(wish).collect()
    }

    fn refused(lines: &[(&str, &[&str])]) -> Vec<String> {
        let faults = Keymap::with(Access::Operate, &wishes(lines)).err().unwrap_or_default();
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ones_own_keys_take_the_place_of_the_usual_ones_in_both_directions() {
        let wishes = wishes(&[("approve", &["F5"]), ("stop", &["F12", "s"]), ("drain_a_cell", &["D"]), ("take over", &[])]);
        let keymap = Keymap::with(Access::Operate, &wishes).unwrap();
        let key = |text: &str| text.parse::<Key>().unwrap();
        assert_eq!(keymap.action(key("f5"), Place::Screen), Some(Action::Approve));
        assert_eq!(keymap.action(key("a"), Place::Screen), None);
        assert_eq!(keymap.action(key("f12"), Place::Dialog), Some(Action::Stop), "a key works wherever its action does");
        assert_eq!(keymap.action(key("s"), Place::Dialog), None, "and a character is typed there");
        assert_eq!(keymap.action(key("D"), Place::Screen), Some(Action::Drain));
        assert_eq!(keymap.action(key("t"), Place::Screen), None);
        let shown = |action| {
            keymap.help().into_iter().find(|row| keymap.row(action).is_some_and(|known| known.name == row.name)).unwrap().keys
        };
        assert_eq!((shown(Action::Stop).as_str(), shown(Action::TakeOver).as_str()), ("F12, s", ":"));
        assert_eq!(keymap.footer(&[Action::Stop], Place::Screen)[0].key, "F12");
    }

    #[test]
    fn what_is_not_known_is_named_with_its_line() {
        assert_eq!(
            refused(&[("aprove", &["F5"]), ("reject", &["hyper-x"]), ("dance", &["d"])]),
            [
                "settings.toml:1: no action is called \"aprove\"; did you mean \"approve\"?",
                "settings.toml:2: `hyper-x` names no key; write a character, or one of enter, esc, tab, backtab, space, up, down, \
                 left, right, pageup, pagedown, home, end, backspace, delete, f1 to f24, each with ctrl-, alt- or shift- before it",
                "settings.toml:3: no action is called \"dance\"; `pushdeck keys` prints the names of all actions",
            ]
        );
        assert_eq!(
            refused(&[("approve", &["F5"]), ("Approve", &["F6"])]),
            ["settings.toml:2: \"Approve\" has a second line; put all its keys into one list"]
        );
    }

    #[test]
    fn a_conflict_is_named_at_the_line_that_made_it() {
        let said = "settings.toml:1: `x` is bound both to \"approve\" and to \"reject\"; give one of them another key";
        assert_eq!(refused(&[("approve", &["x"])]), [said]);
        assert_eq!(refused(&[("approve", &["x"]), ("reject", &["F9"])]), [""; 0]);
    }

    #[test]
    fn what_stops_keeps_a_key_and_what_sentences_name_keeps_its_own() {
        let stop = refused(&[("stop", &[])]);
        assert!(stop.iter().any(|fault| fault.contains("\"stop\" would have no key; what stops")), "{stop:?}");
        assert_eq!(refused(&[("stop everything", &[])]).len(), 1);
        assert_eq!(
            refused(&[("stop", &["s"])]),
            ["settings.toml:1: \"stop\" would not work while a question is open; add one that is no character, such as \"ctrl-s\""]
        );
        assert_eq!(
            refused(&[("confirm", &["f10"])]),
            [
                "settings.toml:1: \"confirm\" would lose `enter`, by which sentences and questions name it; keep \"enter\" among its keys"
            ]
        );
        let taken = refused(&[("promote", &[]), ("approve", &["p"])]);
        assert_eq!(taken, ["settings.toml:2: `p` is the key by which sentences name \"promote\"; give \"approve\" another key"]);
        assert!(refused(&[("confirm", &["enter", "y"])])[0].contains("is typed; choose a key that is no character"));
    }
}
