//! What can never happen, over random sequences of events.

use proptest::prelude::*;

use super::story::{STORAGE, Story, moves_forward};
use crate::console::keymap::{Access, Code, Key};
use crate::console::model::{Chance, Effect, Event, next_deadline, update};
use crate::domain::change::Fact;
use crate::domain::time::ConsoleTime;
use uuid::Uuid;

fn key() -> impl Strategy<Value = Key> {
    let codes = prop_oneof![
        prop::sample::select("12345hjklagxpsSurRwnAt/?q:yk7q".chars().collect::<Vec<_>>()).prop_map(Code::Char),
        any::<char>().prop_map(Code::Char),
        prop::sample::select(vec![
            Code::Enter,
            Code::Esc,
            Code::Tab,
            Code::Up,
            Code::Down,
            Code::Left,
            Code::Right,
            Code::End,
            Code::Backspace
        ]),
    ];
    (codes, any::<bool>()).prop_map(|(code, ctrl)| Key::new(code, ctrl && code != Code::Enter, false, false))
}

/// One thing done to a console: how long after the last, and what.
#[derive(Clone, Debug)]
enum Deed {
    Key(Key, bool),
    Paste(String),
    Resize(u16, u16),
    Drawn,
    Beat,
    Held,
}

fn deed() -> impl Strategy<Value = (i64, Deed)> {
    let deeds = prop_oneof![
        6 => (key(), any::<bool>()).prop_map(|(key, repeat)| Deed::Key(key, repeat)),
        1 => ".{0,40}".prop_map(Deed::Paste),
        1 => (0u16..300, 0u16..100).prop_map(|(width, height)| Deed::Resize(width, height)),
        2 => Just(Deed::Drawn),
        2 => Just(Deed::Beat),
        1 => Just(Deed::Held),
    ];
    (0i64..3_000, deeds)
}

fn done(story: &mut Story, after: i64, deed: Deed) -> Vec<Effect> {
    story.at += after;
    let at = story.now();
    match deed {
        Deed::Key(key, repeat) => {
            let chance = Chance { id: Uuid::from_u128(story.at as u128), code: super::story::CODE.into() };
            update(&mut story.model, Event::Key { key, repeat, at, chance })
        }
        Deed::Paste(text) => story.paste(&text),
        Deed::Resize(width, height) => update(&mut story.model, Event::Resize { width, height }),
        Deed::Drawn => update(&mut story.model, Event::Drawn { at, cuts: Vec::new() }),
        Deed::Beat => {
            story.beat();
            Vec::new()
        }
        Deed::Held => {
            if story.fleet.push(STORAGE).is_some_and(|push| push.holds.is_empty()) {
                story.held(STORAGE);
            } else {
                story.happens(Fact::Resumed { push: STORAGE, by: "ana".into() });
            }
            Vec::new()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn watching_never_asks_for_anything(deeds in prop::collection::vec(deed(), 1..80)) {
        let mut story = Story::new(Access::Watch);
        for (after, deed) in deeds {
            let effects = done(&mut story, after, deed);
            prop_assert!(effects.iter().all(|effect| !matches!(effect, Effect::Submit(_))), "{effects:?}");
        }
    }

    #[test]
    fn the_cursor_is_on_a_row_and_time_leads_forward(deeds in prop::collection::vec(deed(), 1..80)) {
        let mut story = Story::new(Access::Operate);
        for (after, deed) in deeds {
            done(&mut story, after, deed);
            let keys = super::super::place::keys(&story.model);
            prop_assert_eq!(story.model.cursor().is_some(), !keys.is_empty());
            prop_assert!(story.model.cursor().is_none_or(|cursor| keys.contains(cursor)));
            let _ = (story.model.footer(), story.model.selected_placement(), story.model.freshness());
            prop_assert!(next_deadline(&story.model).is_none_or(|at| at > story.model.console_now()));
        }
        for _ in 0..10 {
            story.wait(1_000);
            story.key(Key::plain(Code::Esc));
        }
        prop_assert!(story.model.overlay().is_none(), "Esc closes everything");
    }

    /// A paste that lost its brackets arrives as keys within milliseconds; even one that knows the code moves nothing forward.
    #[test]
    fn a_paste_never_promotes(text in "[apuxny k7q\r]{0,30}(a|p|u)?k7qx\r[apuny\r]{0,10}", gap in 0i64..100, pause in 0i64..2_000) {
        let mut story = Story::new(Access::Operate);
        story.wait(10_000);
        let mut effects = story.paste(&text);
        story.press('a');
        story.drawn();
        story.wait(pause);
        effects.extend(story.paste(&text));
        for character in text.chars() {
            let key = if character == '\r' { Key::plain(Code::Enter) } else { Key::char(character) };
            story.at += gap;
            effects.extend(story.key(key));
            story.drawn();
        }
        prop_assert!(!effects.iter().any(moves_forward), "{effects:?}");
    }

    /// A held key, reported as repeats or as so many strokes, moves nothing forward.
    #[test]
    fn a_held_key_never_promotes(key in key(), gap in 15i64..120, reported in any::<bool>()) {
        let mut story = Story::new(Access::Operate);
        for opening in ['a', 'p', 'u', 'n'] {
            story.press(opening);
            story.drawn();
            story.wait(1_000);
            for nth in 0..200 {
                story.at += gap;
                let at: ConsoleTime = story.now();
                let chance = Chance { id: Uuid::from_u128(story.at as u128), code: super::story::CODE.into() };
                let effects = update(&mut story.model, Event::Key { key, repeat: reported && nth > 0, at, chance });
                prop_assert!(!effects.iter().any(moves_forward), "{effects:?}");
                story.drawn();
            }
            story.wait(1_000);
        }
    }
}
