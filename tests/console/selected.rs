//! What is selected on the Push screen can be seen, is what is explained, and can be pointed at.

#![allow(clippy::panic, clippy::string_slice, reason = "helpers of tests: what is not as it should be fails the test")]

use crate::frame::{drawn, look, strike, text, told};
use crate::moments::SIZES;
use crate::story;
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, Overlay, Pointed, RowKey, Spot, Subject, update};
use pushdeck::console::view::kit::spot_at;
use pushdeck::domain::requirement::RequirementKind;

/// The cells of the row that begins with the bar of the selection, up to a column.
fn beside_the_bar(shown: &str, width: usize) -> Vec<String> {
    let rows = shown.lines().filter_map(|row| row.strip_prefix('▌'));
    rows.map(|row| row.chars().take(width).collect::<String>().trim().to_owned()).collect()
}

#[test]
fn the_bar_stands_beside_what_is_explained_at_every_size() {
    for size in SIZES {
        for (keys, wanted) in [
            ("2", "◐ 10 %"),
            ("2 home", "✓ staging"),
            ("2 end", "○ 100 %"),
            ("2 up up", "✓ one box"),
            ("2 tab", "◐ bake"),
            ("2 tab down down", "✓ arrived"),
            ("2 tab end", "✓ capacity"),
            ("2 tab tab", "◐ 10 %"),
        ] {
            let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", size);
            strike(&mut model, keys);
            let shown = text(&drawn(&model));
            let marked = beside_the_bar(&shown, 12);
            assert!(matches!(&marked[..], [row] if row.starts_with(wanted)), "{keys} at {size:?}: {marked:?}\n{shown}");
            let selected = model.cursor().expect("something is selected").clone();
            strike(&mut model, "e");
            let Some(Overlay::Explain(explaining)) = model.overlay() else { panic!("nothing is explained") };
            assert_eq!(explaining.subject, Subject::Row(selected));
        }
    }
}

#[test]
fn where_a_push_stands_stays_in_sight_while_another_step_is_selected() {
    for size in SIZES {
        for keys in ["2 home", "2 end"] {
            let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", size);
            strike(&mut model, keys);
            let shown = text(&drawn(&model));
            assert!(shown.lines().any(|row| row.starts_with(" ◐ 10 %")), "{keys} at {size:?}\n{shown}");
        }
    }
}

#[test]
fn what_goes_back_or_is_over_has_nothing_to_select_and_explains_itself() {
    for tell in [story::exposed, story::going_back, story::rollback_failed, story::rolled_back] {
        let mut model = told(&tell(), Access::Operate, "lena", (80, 24));
        strike(&mut model, "2 down");
        assert!(model.cursor().is_none() && beside_the_bar(&text(&drawn(&model)), 12).is_empty());
        strike(&mut model, "e");
        let Some(Overlay::Explain(explaining)) = model.overlay() else { panic!("nothing is explained") };
        assert_eq!(explaining.subject, Subject::Push(story::STORAGE));
    }
}

#[test]
fn steps_and_requirements_are_selected_with_a_click() {
    for size in SIZES {
        let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", size);
        strike(&mut model, "2");
        for wanted in [RowKey::Requirement(story::STORAGE, RequirementKind::Bake), RowKey::Stage(story::STORAGE, 3)] {
            let spot = Spot::Row(wanted.clone());
            let regions = look(&mut model).regions;
            let region = regions.iter().find(|region| region.spot == spot).unwrap_or_else(|| panic!("{wanted:?} at {size:?}"));
            let found = spot_at(&regions, region.area.x, region.area.y).expect("it is there").clone();
            let at = model.console_now();
            update(&mut model, Event::Pointed { what: Pointed::At(found), at });
            assert_eq!(model.cursor(), Some(&wanted));
        }
    }
}
