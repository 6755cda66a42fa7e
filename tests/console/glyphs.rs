//! Whatever is drawn has an ASCII twin, and names from outside keep the columns where they are.

use std::sync::Arc;

use crate::frame::{console, drawn, strike, text, told};
use crate::story::{self, Story};
use proptest::prelude::*;
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, Model, update};
use pushdeck::console::theme::ascii_cell;
use pushdeck::console::view::kit::scrub;
use pushdeck::domain::change::Change;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::time::ConsoleTime;
use ratatui::buffer::Buffer;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

const PLACES: [&str; 10] = ["1", "2", "3", "4", "5", "1 ?", "1 :", "2 r", "3 a", "2 i"];

fn stories() -> [fn() -> Story; 9] {
    [
        story::moving,
        story::at_ten_percent,
        story::waiting_for_approval,
        story::held,
        story::not_stopped,
        story::no_data,
        story::going_back,
        story::rollback_failed,
        story::converged,
    ]
}

#[test]
fn every_character_of_every_screen_has_an_ascii_twin_of_its_own() {
    for story in stories() {
        let story = story();
        for size in [(80, 24), (160, 48)] {
            for keys in PLACES {
                let mut model = told(&story, Access::Operate, "lena", size);
                strike(&mut model, keys);
                let mut buffer = drawn(&model);
                let lost: Vec<_> = buffer.content.iter().map(|cell| cell.symbol().to_owned()).collect::<Vec<_>>();
                let lost: Vec<_> = lost.iter().filter(|symbol| !symbol.is_ascii() && ascii_cell(symbol) == '?').collect();
                assert!(lost.is_empty(), "{lost:?} at {keys}");
                assert_eq!(scrub(&mut buffer, true), 0);
                assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii() && cell.symbol().len() == 1));
            }
        }
    }
}

/// The story with another name for one of its services: every change is said again with it. `None` where it cannot be said so.
fn renamed(story: &Story, name: &str) -> Option<Fleet> {
    let quoted = serde_json::to_string(name).expect("text");
    let name = quoted.trim_matches('"');
    let mut fleet = Fleet::default();
    for change in &story.changes {
        let text = serde_json::to_string(change).expect("a change").replace("gateway", name);
        let change: Change = serde_json::from_str(&text).ok()?;
        fleet.apply(&change);
    }
    Some(fleet)
}

fn shown(story: &Story, name: &str, size: (u16, u16), keys: &str) -> Option<Buffer> {
    let at = ConsoleTime::from_millis(story.now.millis());
    let mut model: Model = console(Access::Operate, "lena", size, at);
    let fleet = renamed(story, name)?;
    let seq = fleet.seq();
    update(&mut model, Event::Snapshot(Arc::new(fleet)));
    update(&mut model, Event::Heartbeat { at: story.now, seq, heard: at });
    strike(&mut model, keys);
    Some(drawn(&model))
}

/// A text as cells hold it: what a wide character covers is blank.
fn in_cells(text: &str) -> String {
    text.graphemes(true).map(|grapheme| grapheme.to_owned() + &" ".repeat(grapheme.width().saturating_sub(1))).collect()
}

/// Names as wide as `gateway`, of characters that are narrow, wide, and combined.
fn as_wide() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "é", "e\u{301}", "日", "한", "ｱ", "ñ", "ß", "Ж"]);
    prop::collection::vec(part, 1..7).prop_filter_map("seven cells", |parts| {
        let mut name = "g".to_owned();
        for part in parts {
            if name.width() + part.width() <= 7 {
                name.push_str(part);
            }
        }
        while name.width() < 7 {
            name.push('x');
        }
        (name.width() == 7).then_some(name)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_name_of_wide_and_combined_characters_moves_no_column(name in as_wide(), which in 0usize..9, keys in prop::sample::select(vec!["1", "2", "3"])) {
        let story = stories()[which]();
        let plain = text(&shown(&story, "gateway", (160, 48), keys).expect("the story"));
        let other = text(&shown(&story, &name, (160, 48), keys).expect("the story")).replace(&in_cells(&name), "gateway");
        for (plain, other) in plain.lines().zip(other.lines()) {
            // What is cut in the middle of the name is cut there in both.
            if !plain.contains('…') {
                prop_assert_eq!(plain, other);
            }
        }
    }

    #[test]
    fn hostile_names_panic_nowhere_and_steer_nothing(
        name in "\\PC{1,40}|[\u{1b}\u{7}\u{9b}\u{202e}\u{200b}\u{301}日a]{1,30}",
        which in 0usize..9,
        size in prop::sample::select(vec![(60u16, 15u16), (80, 24), (160, 48), (7, 5)]),
        keys in prop::sample::select(vec!["1", "2", "3", "4", "5", "2 s", "2 r"]),
    ) {
        let story = stories()[which]();
        let Some(mut buffer) = shown(&story, &name, size, keys) else { return Ok(()) };
        prop_assert_eq!(scrub(&mut buffer, true), 0, "nothing unfit is left for the last door");
    }
}
