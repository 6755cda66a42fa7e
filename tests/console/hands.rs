//! What hands do besides keys: pointing, copying; keys of one's own; and a screen on which nothing moves by itself.

use crate::frame::{drawn, remembered, strike, text, told};
use crate::story;
use pushdeck::console::keymap::{Access, Key, Keymap};
use pushdeck::console::model::{Chance, Effect, Event, Model, Pointed, Preferences, RowKey, Screen, Spot, update};
use pushdeck::console::theme::{ColourDepth, Theme};
use pushdeck::console::view::kit::{Region, spot_at};
use pushdeck::domain::time::Period;
use pushdeck::settings::{KeyWish, Motion};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use uuid::Uuid;

fn regions(model: &Model) -> Vec<Region> {
    let theme = Theme::for_depth(ColourDepth::Mono).expect("an embedded theme");
    let (width, height) = model.size();
    pushdeck::console::view::draw(&mut Buffer::empty(Rect::new(0, 0, width, height)), model, &theme).regions
}

fn click(model: &mut Model, spot: Spot, after: i64) -> Vec<Effect> {
    let at = model.console_now() + Period::from_millis(after);
    update(model, Event::Pointed { what: Pointed::At(spot), at })
}

/// Where a row of the screen shows this text.
fn row_of(model: &Model, wanted: &str) -> u16 {
    let shown = text(&drawn(model));
    shown.lines().position(|line| line.contains(wanted)).expect("a row with this text") as u16
}

fn prefer(model: &mut Model, access: Access, motion: Motion, keys: &[(&str, &str)]) {
    let wish = |(action, key): &(&str, &str)| KeyWish {
        action: (*action).to_owned(),
        keys: key.split(' ').filter(|key| !key.is_empty()).map(str::to_owned).collect(),
        file: "settings.toml".to_owned(),
        line: 1,
    };
    let keymap = Keymap::with(access, &keys.iter().map(wish).collect::<Vec<_>>()).expect("keys without fault");
    update(
        model,
        Event::Preferred(Preferences {
            zone: jiff::tz::TimeZone::UTC,
            keymap,
            motion,
            columns: pushdeck::settings::Columns::new(),
        }),
    );
}

#[test]
fn a_click_shows_the_tab_it_hits_and_selects_the_row() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (80, 24));
    let tabs = text(&drawn(&model)).lines().nth(1).expect("tabs").to_owned();
    let column = tabs.split("3 Waiting").next().expect("a tab").chars().count() as u16;
    let spot = spot_at(&regions(&model), column, 1).cloned().expect("a tab is there");
    assert_eq!(spot, Spot::Tab(Screen::Waiting));
    click(&mut model, spot, 0);
    assert_eq!(model.screen(), Screen::Waiting);
    let row = row_of(&model, "cart");
    let Some(Spot::Row(key)) = spot_at(&regions(&model), 40, row).cloned() else { unreachable!("a row is there") };
    click(&mut model, Spot::Row(key.clone()), 1_000);
    assert_eq!(model.cursor(), Some(&key));
    assert_eq!(spot_at(&regions(&model), 40, 0), None, "row 1 is nothing to point at");
}

#[test]
fn a_double_click_opens_and_two_slow_ones_do_not() {
    for (apart, screen) in [(200, Screen::Push), (900, Screen::Fleet)] {
        let mut model = told(&story::at_ten_percent(), Access::Watch, "lena", (80, 24));
        let row = row_of(&model, "storage");
        let spot = spot_at(&regions(&model), 5, row).cloned().expect("a row");
        assert!(matches!(spot, Spot::Row(RowKey::Group(_))));
        assert_eq!(click(&mut model, spot.clone(), 5_000), []);
        assert_eq!(click(&mut model, spot, apart), []);
        assert_eq!(model.screen(), screen, "{apart} ms");
    }
}

#[test]
fn every_list_can_be_pointed_at_and_only_where_it_is() {
    let story = story::at_ten_percent();
    let mut model = remembered(&story, Access::Operate, "lena", (160, 48));
    for (keys, least) in [("1", 5), ("3", 2), ("4", 3), ("5", 1)] {
        strike(&mut model, keys);
        let regions = regions(&model);
        let rows: Vec<_> = regions.iter().filter(|region| matches!(region.spot, Spot::Row(_))).collect();
        assert!(rows.len() >= least, "{keys}: {}", rows.len());
        assert!(rows.iter().all(|region| region.area.y >= 3 && region.area.bottom() < 48));
        assert_eq!(regions.len() - rows.len(), 5, "one region for each tab");
    }
}

#[test]
fn the_mouse_never_acts_and_does_nothing_in_a_question() {
    let mut model = told(&story::waiting_for_approval(), Access::Operate, "lena", (160, 48));
    strike(&mut model, "3");
    let spots: Vec<_> = regions(&model).into_iter().map(|region| region.spot).collect();
    strike(&mut model, "a");
    let before = text(&drawn(&model));
    assert!(before.contains("press Enter"), "{before}");
    for spot in spots {
        assert_eq!(click(&mut model, spot.clone(), 100), []);
        assert_eq!(click(&mut model, spot, 100), []);
    }
    for what in [Pointed::Up, Pointed::Down] {
        let at = model.console_now();
        assert_eq!(update(&mut model, Event::Pointed { what, at }), []);
    }
    let after = text(&drawn(&model));
    assert_eq!(after.replace("Armed.", "").replace("Read on.", ""), before.replace("Armed.", "").replace("Read on.", ""));
}

#[test]
fn the_wheel_moves_the_selection_and_scrolls_the_help() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (80, 24));
    strike(&mut model, "home");
    let first = model.cursor().cloned();
    let at = model.console_now();
    update(&mut model, Event::Pointed { what: Pointed::Down, at });
    assert_ne!(model.cursor().cloned(), first);
    update(&mut model, Event::Pointed { what: Pointed::Up, at });
    assert_eq!(model.cursor().cloned(), first);
    strike(&mut model, "?");
    let top = text(&drawn(&model));
    update(&mut model, Event::Pointed { what: Pointed::Down, at });
    assert_ne!(text(&drawn(&model)), top);
}

fn copied(model: &mut Model) -> String {
    let at = model.console_now();
    let chance = Chance { id: Uuid::from_u128(1), code: "K7QD".to_owned() };
    let key: Key = "y".parse().expect("a key");
    let effects = update(model, Event::Key { key, repeat: false, at, chance });
    let copied = effects.into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    });
    copied.expect("a copy")
}

#[test]
fn what_is_copied_is_the_name_and_the_sentences_in_plain_text() {
    for access in [Access::Operate, Access::Watch] {
        let mut model = told(&story::at_ten_percent(), access, "lena", (80, 24));
        strike(&mut model, "2");
        let text = copied(&mut model);
        let words: Vec<_> = text.lines().map(|line| line.split(':').next().unwrap_or_default()).collect();
        assert!(words[0].starts_with("storage v41→v42, production") && words[1..] == ["Why", "Next", "Else", "Back"], "{text}");
        assert!(text.ends_with('\n') && !text.contains('\u{1b}'));
    }
}

#[test]
fn a_push_that_goes_back_is_copied_as_a_hand_over() {
    let mut model = told(&story::going_back(), Access::Operate, "lena", (80, 24));
    strike(&mut model, "2");
    let text = copied(&mut model);
    for wanted in ["going back", "\nUsers: SAFE since ", "\nHarm: ", "\nDrives: "] {
        assert!(text.contains(wanted), "{wanted:?} in\n{text}");
    }
}

#[test]
fn with_reduced_motion_nothing_turns() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (80, 24));
    prefer(&mut model, Access::Operate, Motion::Reduced, &[]);
    let mut heads = Vec::new();
    for _ in 0..4 {
        let heard = model.console_now();
        let (at, seq) = (model.now(), model.fleet().seq());
        update(&mut model, Event::Heartbeat { at, seq, heard });
        heads.push(text(&drawn(&model)).lines().next().unwrap_or_default().to_owned());
    }
    assert!(heads[0].contains("data < 6 s old"), "{}", heads[0]);
    heads.dedup();
    assert_eq!(heads.len(), 1, "{heads:#?}");
    let mut small = told(&story::at_ten_percent(), Access::Operate, "lena", (60, 15));
    prefer(&mut small, Access::Operate, Motion::Reduced, &[]);
    let head = text(&drawn(&small));
    let head = head.lines().next().unwrap_or_default();
    assert!(head.contains("< 6 s old") && head.ends_with("14:32 UTC"), "{head}");
}

#[test]
fn keys_of_ones_own_are_what_footer_help_and_palette_show() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (160, 48));
    prefer(&mut model, Access::Operate, Motion::Full, &[("stop", "f12 s"), ("reject", "f9"), ("open", "enter b"), ("copy", "")]);
    let foot = |model: &Model| text(&drawn(model)).lines().last().unwrap_or_default().to_owned();
    assert!(foot(&model).contains("F12 stop"), "{}", foot(&model));
    strike(&mut model, "?");
    assert!(text(&drawn(&model)).contains("F12, s"), "{}", text(&drawn(&model)));
    strike(&mut model, "esc :");
    strike(&mut model, "r e j e c t");
    let palette = text(&drawn(&model));
    assert!(palette.contains("F9 ") && palette.contains("End the way forward"), "{palette}");
    strike(&mut model, "esc :");
    strike(&mut model, "c o p y");
    assert!(
        text(&drawn(&model)).lines().any(|line| line.contains(" :   ") && line.contains("copy")),
        "what has no key is behind the palette's"
    );
    strike(&mut model, "esc");
    // A list takes the key that opens, whichever it is.
    strike(&mut model, "1 b");
    assert_eq!(model.screen(), Screen::Push);
}
