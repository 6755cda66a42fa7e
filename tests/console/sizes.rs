//! Every screen of every story draws at any size, and what must never move does not.

use std::sync::LazyLock;

use crate::frame::{console, drawn, remembered, strike, text, told};
use crate::story::{self, Story};
use proptest::prelude::*;
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, update};
use pushdeck::domain::time::{ConsoleTime, Period};

static STORIES: LazyLock<Vec<Story>> = LazyLock::new(|| {
    vec![
        story::before_the_first_step(),
        story::moving(),
        story::at_ten_percent(),
        story::waiting_for_approval(),
        story::held(),
        story::not_stopped(),
        story::no_data(),
        story::going_back(),
        story::rollback_failed(),
        story::rolled_back(),
        story::converged(),
    ]
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_panics_at_any_size(
        size in (0u16..=300, 0u16..=100),
        which in 0usize..11,
        watch in any::<bool>(),
        keys in prop::collection::vec(
            prop::sample::select(vec!["0", "1", "2", "3", "4", "5", "down", "up", "end", "right", "left", "tab", "enter", "esc", "?", "a", "s", "r", "x", "u", "p", "n", "g", "[", "]", "{", "}", "v", "space", "+", "-", "m", "e", "/", ":", "i", "o", "C"]),
            0..7,
        ),
        silent in 0i64..20,
    ) {
        let access = if watch { Access::Watch } else { Access::Operate };
        let mut model = remembered(&STORIES[which], access, "lena", size);
        strike(&mut model, &keys.join(" "));
        let at = model.console_now() + Period::from_secs(silent);
        update(&mut model, Event::Tick { at });
        drawn(&model);
    }
}

#[test]
fn a_console_that_has_heard_nothing_says_so() {
    let model = console(Access::Operate, "lena", (80, 24), ConsoleTime::from_millis(0));
    let shown = text(&drawn(&model));
    assert!(shown.contains("no data yet") && shown.contains("Waiting for engine:fleet.toml"), "{shown}");
}

#[test]
fn mode_and_help_keep_their_places_on_every_screen() {
    for story in STORIES.iter() {
        for size in [(60, 15), (80, 24), (160, 48)] {
            for screen in ["1", "2", "3", "4", "5"] {
                let mut model = told(story, Access::Operate, "lena", size);
                strike(&mut model, screen);
                let shown = text(&drawn(&model));
                let lines: Vec<_> = shown.lines().collect();
                assert!(lines[0].starts_with(" OPERATE "), "{shown}");
                assert!(lines[1].contains("3 Waiting"), "{shown}");
                assert!(lines[usize::from(size.1) - 1].ends_with("? help"), "{shown}");
            }
        }
    }
}

#[test]
fn old_news_is_said_to_be_old_on_every_screen() {
    let mut model = told(&STORIES[2], Access::Operate, "lena", (80, 24));
    let at = model.console_now() + Period::from_secs(30);
    update(&mut model, Event::Tick { at });
    for screen in ["1", "2", "3", "4", "5"] {
        strike(&mut model, screen);
        let shown = text(&drawn(&model));
        assert!(shown.lines().nth(1).is_some_and(|tabs| tabs.contains("STALE")), "{shown}");
    }
}

#[test]
fn the_way_back_is_never_cut_on_the_fleet_screen() {
    for size in [(60, 15), (80, 24), (160, 48)] {
        let shown = text(&drawn(&told(&STORIES[2], Access::Operate, "lena", size)));
        let back: String = shown.split(" Back  ").nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(back.starts_with("r: flag blob_v2 off first, users safe after 45 s, all back in 6 min"), "{shown}");
    }
}
