//! Whatever a session can do is found by its name in the palette, listed by the help, and done by each of its keys; where it may not
//! act, by none of them. Keys of one's own change all three.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests: what is not as it should be fails the test"
)]

use crate::frame::{press, remembered, replaying, told};
use crate::story;
use pushdeck::console::keymap::{Access, Action, Key, Keymap, Place, Row, table};
use pushdeck::console::model::{Effect, Event, Found, Model, Overlay, PageLine, Preferences, palette_found, update};
use pushdeck::settings::{KeyWish, Motion};

use crate::frame::{drawn, text};

const SIZE: (u16, u16) = (80, 24);

/// A session of each kind: what it is called, and who may act in it.
fn sessions() -> Vec<(&'static str, Access, Model)> {
    let story = story::waiting_for_approval();
    let mut past = remembered(&story, Access::Operate, "lena", SIZE);
    let mut replay = replaying(&story, 1.0, SIZE);
    for (model, key) in [(&mut past, "{"), (&mut replay, "}")] {
        (0..3).for_each(|_| drop(press(model, key)));
    }
    vec![
        ("operate", Access::Operate, told(&story, Access::Operate, "lena", SIZE)),
        ("watch", Access::Watch, told(&story, Access::Watch, "lena", SIZE)),
        ("past", Access::Operate, past),
        ("replay", Access::Watch, replay),
    ]
}

/// Opens the palette and types a name; where the action is found, how many rows down.
fn typed(model: &mut Model, row: &Row) -> Option<usize> {
    press(model, ":");
    for character in row.name.chars() {
        press(model, &if character == ' ' { "space".to_owned() } else { character.to_string() });
    }
    let Some(Overlay::Palette(palette)) = model.overlay() else { panic!("no palette for {}", row.name) };
    palette_found(model, palette).iter().position(|found| matches!(found, Found::Action(action, _) if *action == row.action))
}

/// What came of something: what is asked of the runtime, and what is seen.
fn outcome(model: &Model, effects: &[Effect]) -> String {
    format!("{effects:?}\n{}", text(&drawn(model)))
}

/// The lines of the help, each with its keys.
fn help(model: &Model) -> Vec<(String, String)> {
    let mut model = model.clone();
    press(&mut model, "?");
    let mut rows: Vec<(String, String)> = Vec::new();
    for line in model.page_lines() {
        match line {
            PageLine::Said { head, text, keys: true, .. } if !head.is_empty() => rows.push((head, text)),
            PageLine::Said { text, .. } => {
                if let Some((_, said)) = rows.last_mut() {
                    said.push(' ');
                    said.push_str(&text);
                }
            }
            _ => {}
        }
    }
    rows
}

/// Whether help tells of an action, with these keys before it.
fn tells(rows: &[(String, String)], row: &Row, keys: &str) -> bool {
    rows.iter().any(|(head, said)| head == keys && said.contains(row.help) && (!row.bindings.is_empty() || said.contains(row.name)))
}

fn labels(row: &Row) -> String {
    let labels: Vec<_> = row.bindings.iter().map(|binding| binding.key.label()).collect();
    if labels.is_empty() { ":".to_owned() } else { labels.join(", ") }
}

#[test]
fn every_action_is_found_in_the_palette_listed_by_help_and_done_by_each_of_its_keys() {
    for (name, _, session) in sessions() {
        let help = help(&session);
        assert_eq!(help.len(), session.keymap().rows().len(), "{name}");
        for screen in ["1", "2", "5"] {
            let mut on_screen = session.clone();
            press(&mut on_screen, screen);
            for row in on_screen.keymap().rows() {
                assert!(tells(&help, row, &labels(row)), "{name}: help does not tell of {:?}: {help:#?}", row.name);
                // Inside a dialog Enter is all there is to confirm with, and the palette is where one is already.
                if matches!(row.action, Action::Confirm | Action::Palette) {
                    continue;
                }
                let mut chosen = on_screen.clone();
                let down = typed(&mut chosen, row).unwrap_or_else(|| panic!("{name}: {:?} is not in the palette", row.name));
                (0..down).for_each(|_| drop(press(&mut chosen, "down")));
                let effects = press(&mut chosen, "enter");
                let expected = outcome(&chosen, &effects);
                for binding in row.bindings.iter().filter(|binding| binding.places.contains(&Place::Screen)) {
                    let mut struck = on_screen.clone();
                    let effects = press(&mut struck, &binding.key.to_string());
                    assert_eq!(outcome(&struck, &effects), expected, "{name}, screen {screen}: {} and {:?}", binding.key, row.name);
                }
            }
        }
    }
}

#[test]
fn what_a_session_may_not_do_is_in_none_of_them() {
    for (name, _, session) in sessions().into_iter().filter(|(name, ..)| *name != "operate") {
        let help = help(&session);
        let barred: Vec<_> = table().into_iter().filter(|row| session.keymap().row(row.action).is_none()).collect();
        assert!(barred.len() > 10 && barred.iter().all(|row| row.danger.acts()), "{name}");
        for row in barred {
            assert!(!help.iter().any(|(_, said)| said.contains(row.help)), "{name}: {:?}", row.name);
            assert_eq!(typed(&mut session.clone(), &row), None, "{name}: {:?}", row.name);
            for binding in row.bindings.iter().filter(|binding| binding.places.contains(&Place::Screen)) {
                let mut struck = session.clone();
                assert_eq!(press(&mut struck, &binding.key.to_string()), [], "{name}: {} and {:?}", binding.key, row.name);
                assert!(struck.overlay().is_none(), "{name}: {} opens {:?}", binding.key, struck.overlay());
            }
        }
    }
}

/// Settings that give an action `f12`, besides the keys that it has to keep.
fn bound(access: Access, row: &Row) -> Keymap {
    let wish = |keys: Vec<String>| {
        let line = KeyWish { action: row.name.to_owned(), keys, file: "settings.toml".to_owned(), line: 1 };
        Keymap::with(access, &[line])
    };
    let kept = row.bindings.iter().map(|binding| binding.key.to_string());
    wish(vec!["f12".to_owned()]).or_else(|_| wish(std::iter::once("f12".to_owned()).chain(kept).collect())).expect("a free key")
}

#[test]
fn a_key_of_ones_own_is_in_the_palette_in_help_and_does_it() {
    let f12: Key = "f12".parse().expect("a key");
    for (name, access, session) in sessions() {
        for row in session.keymap().rows() {
            let mut model = session.clone();
            let keymap = bound(access, row);
            update(
                &mut model,
                Event::Preferred(Preferences {
                    zone: jiff::tz::TimeZone::UTC,
                    keymap,
                    motion: Motion::Full,
                    columns: pushdeck::settings::Columns::new(),
                }),
            );
            let own = model.keymap().row(row.action).expect("it is still there").clone();
            assert_eq!(own.bindings.first().map(|binding| binding.key), Some(f12), "{name}: {:?}", row.name);
            if row.action != Action::Palette && row.action != Action::Help {
                assert!(tells(&help(&model), &own, &labels(&own)), "{name}: {:?}", row.name);
            }
            if !matches!(row.action, Action::Confirm | Action::Palette) {
                let mut asked = model.clone();
                let at = typed(&mut asked, &own).expect("it is found");
                let Some(Overlay::Palette(palette)) = asked.overlay() else { unreachable!("it was opened") };
                let found = &palette_found(&asked, palette)[at];
                assert!(matches!(found, Found::Action(_, help) if help.keys == labels(&own)), "{name}: {found:?}");
            }
            for place in [Place::Screen, Place::Reading, Place::Dialog] {
                let before = row.bindings.iter().filter(|binding| binding.places.contains(&place)).count();
                let does = model.keymap().action(f12, place);
                assert!(before == 0 || does == Some(row.action), "{name}: {:?} in {place:?}", row.name);
                for gone in row.bindings.iter().filter(|old| !own.bindings.iter().any(|new| new.key == old.key)) {
                    assert_eq!(model.keymap().action(gone.key, place), None, "{name}: {} still does {:?}", gone.key, row.name);
                }
            }
        }
    }
}
