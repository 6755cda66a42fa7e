//! The wall: what its pages say at each size, with and without colours, and how they turn.

use crate::frame::{drawn, drawn_in, on_a_wall, press, strike, text, told};
use crate::looks::Look;
use crate::story::{self, Story};
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, Model, Screen, update};
use pushdeck::console::theme::ColourDepth;
use pushdeck::console::view::kit::scrub;
use pushdeck::domain::time::Period;

const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (160, 48), (200, 60)];

fn wait(model: &mut Model, seconds: i64) {
    let at = model.console_now() + Period::from_secs(seconds);
    update(model, Event::Tick { at });
}

/// Turns the pages until one speaks of this.
fn turn_to(model: &mut Model, name: &str) {
    let pages = model.wall().place.1;
    let found = (0..pages).any(|_| {
        let is_it = model.wall().head.label.starts_with(name);
        if !is_it {
            press(model, "right");
        }
        is_it
    });
    assert!(found, "no page of {name}");
}

/// A page at each size: as drawn, with its looks, and with nothing but ASCII.
fn shown(name: &str, story: &Story, page: &str, silent: i64) {
    for (columns, rows) in SIZES {
        let mut model = on_a_wall(story, (columns, rows));
        turn_to(&mut model, page);
        wait(&mut model, silent);
        let coloured = drawn_in(&model, ColourDepth::True);
        let mut plain = drawn(&model);
        scrub(&mut plain, true);
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            insta::assert_snapshot!(
                format!("wall_{name}_{columns}x{rows}"),
                format!("{}\n\n{}", text(&coloured), Look::Dark.runs(&coloured))
            );
            insta::assert_snapshot!(format!("wall_{name}_{columns}x{rows}_ascii"), text(&plain));
        });
    }
}

#[test]
fn a_canary_that_bakes() {
    shown("baking", &story::at_ten_percent(), "storage", 0);
}

#[test]
fn a_push_that_waits_for_approval() {
    shown("approval", &story::waiting_for_approval(), "storage", 0);
}

#[test]
fn a_push_that_goes_back_while_users_are_exposed() {
    shown("exposed", &story::exposed(), "storage", 0);
}

#[test]
fn a_push_that_goes_back_and_users_are_safe() {
    shown("safe", &story::going_back(), "storage", 0);
}

#[test]
fn a_rollback_that_failed() {
    shown("rollback_failed", &story::rollback_failed(), "storage", 0);
}

#[test]
fn data_that_is_old() {
    shown("stale", &story::at_ten_percent(), "storage", 12);
}

#[test]
fn a_fleet_in_which_something_goes_on() {
    shown("fleet", &story::at_ten_percent(), "Fleet", 0);
}

#[test]
fn nothing_goes_on() {
    shown("nothing", &story::before_it_is_asked_for_and_a_freeze(), "Fleet", 0);
}

#[test]
fn what_is_most_urgent_is_shown_first_and_pages_turn_by_themselves() {
    let mut model = on_a_wall(&story::exposed(), (80, 24));
    assert!(model.wall().head.label.starts_with("storage"), "{:?}", model.wall().head);
    let (_, pages) = model.wall().place;
    let mut seen = vec![model.wall().head.label];
    for _ in 1..pages {
        wait(&mut model, 15);
        seen.push(model.wall().head.label);
    }
    assert!(seen.last().is_some_and(|last| last.starts_with("Fleet")), "{seen:?}");
    wait(&mut model, 15);
    assert_eq!(model.wall().head.label, seen[0]);
}

#[test]
fn what_becomes_worse_takes_the_wall_at_once() {
    let mut model = on_a_wall(&story::at_ten_percent(), (80, 24));
    turn_to(&mut model, "Fleet");
    update(&mut model, Event::Snapshot(std::sync::Arc::new(story::rollback_failed().fleet)));
    assert!(model.wall().head.label.starts_with("storage"));
    assert!(text(&drawn(&model)).contains("2 instances not back"));
    // And then turns on.
    wait(&mut model, 15);
    assert!(!model.wall().head.label.starts_with("storage"));
}

#[test]
fn a_person_gets_the_screens_and_the_wall_comes_back() {
    for (keys, back) in [("3", ""), ("3", "0"), ("down ?", "")] {
        let mut model = on_a_wall(&story::at_ten_percent(), (80, 24));
        strike(&mut model, keys);
        assert!(!model.is_wall() || model.overlay().is_some());
        wait(&mut model, 30);
        assert!(!model.is_wall() || model.overlay().is_some(), "somebody reads");
        if back.is_empty() {
            wait(&mut model, 31);
        } else {
            press(&mut model, back);
        }
        assert!(model.is_wall() && model.overlay().is_none());
    }
}

#[test]
fn the_wall_is_there_for_somebody_who_operates_and_acting_leaves_it() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (80, 24));
    strike(&mut model, "2 0");
    assert!(model.is_wall());
    wait(&mut model, 600);
    assert!(model.is_wall(), "it turns only where nobody sits");
    strike(&mut model, "r");
    assert!(!model.is_wall() && model.screen() == Screen::Push);
}

#[test]
fn big_letters_are_whole_at_every_size() {
    for story in [story::rollback_failed(), story::exposed()] {
        for size in [(1, 1), (30, 9), (47, 20), (64, 24), (79, 30), (101, 24), (133, 40), (219, 70)] {
            let mut model = on_a_wall(&story, size);
            for page in ["storage", "Fleet"] {
                turn_to(&mut model, page);
                let frame = text(&drawn(&model));
                let cut = frame.lines().skip(4).find(|line| line.contains("█") && line.contains('…'));
                assert!(cut.is_none(), "{size:?}\n{frame}");
            }
        }
    }
}
