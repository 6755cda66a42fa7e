//! Which columns a list shows: chosen in the settings or in the console, kept by the line that is told, never such that a row hides that
//! something of it fails.

use crate::frame::{console, drawn, look, press, strike, text, told};
use crate::story::{self, Story};
use pushdeck::console::keymap::{Access, Keymap};
use pushdeck::console::model::{Choosing, Effect, Event, Model, Overlay, Preferences, RowKey, update};
use pushdeck::console::view::mark;
use pushdeck::domain::id::{EnvironmentId, ServiceId};
use pushdeck::domain::status::{self, Status};
use pushdeck::settings::{self, Column, Columned, Columns, Motion, Said};

fn environment(name: &str) -> Column {
    Column::Environment(EnvironmentId::new(name))
}

/// Takes settings up whose second line chooses these columns of the Fleet.
fn prefer(model: &mut Model, access: Access, fleet: Option<Vec<Column>>) {
    let origin = settings::Origin::File { file: "settings.toml".to_owned(), line: 2 };
    let columns: Columns = fleet.map(|value| (Columned::Fleet, Said { value, origin })).into_iter().collect();
    let keymap = Keymap::new(access).expect("keys without fault");
    update(model, Event::Preferred(Preferences { zone: jiff::tz::TimeZone::UTC, keymap, motion: Motion::Full, columns }));
}

fn choosing(model: &Model) -> Option<&Choosing> {
    match model.overlay() {
        Some(Overlay::Columns(choosing)) => Some(choosing),
        _ => None,
    }
}

/// The row of the screen that names the columns of the Fleet.
fn heading(model: &Model) -> String {
    let shown = text(&drawn(model));
    shown.lines().find(|line| line.contains("next") || line.contains("production")).expect("a heading").to_owned()
}

#[test]
fn every_list_is_chosen_from_with_a_key_and_what_was_chosen_lasts() {
    for (access, name) in [(Access::Operate, "lena"), (Access::Watch, "lena")] {
        let mut model = told(&story::at_ten_percent(), access, name, (80, 24));
        assert!(!text(&drawn(&model)).contains("hidden"));
        strike(&mut model, "C down down space");
        assert_eq!(model.columns(Columned::Fleet), [Column::Next, environment("production"), Column::Cells]);
        strike(&mut model, "space enter C");
        assert!(choosing(&model).is_none());
        assert!(heading(&model).starts_with(" 1 hidden · C      elsewhere    production"), "{}", heading(&model));
        strike(&mut model, "3 1");
        assert_eq!((model.columns_hidden(Columned::Fleet), model.columns_hidden(Columned::Waiting)), (1, 0));
        strike(&mut model, "3 C space esc");
        assert!(text(&drawn(&model)).contains("1 column hidden · C"));
        strike(&mut model, "5 C space end space esc");
        assert_eq!(model.columns(Columned::Timeline), []);
    }
}

#[test]
fn what_was_chosen_is_kept_by_the_line_that_is_told_and_copied() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (80, 24));
    strike(&mut model, "C down space end left");
    let line = r#"fleet = ["next", "cells", "staging"]"#;
    assert!(text(&drawn(&model)).contains(line), "{}", text(&drawn(&model)));
    assert_eq!(press(&mut model, "y"), [Effect::Copy(format!("{line}\n"))]);
    let read = settings::read("settings.toml", &format!("[columns]\n{line}\n")).expect("sound").value.columns;
    assert_eq!(read[&Columned::Fleet].value, model.columns(Columned::Fleet));
}

#[test]
fn screens_without_columns_say_so_and_no_other_key_chooses() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (80, 24));
    for screen in ["2", "4", "0"] {
        strike(&mut model, screen);
        strike(&mut model, "C");
        assert!(choosing(&model).is_none() && text(&drawn(&model)).contains("no columns to choose from"), "{screen}");
    }
    let mut deaf = console(Access::Operate, "lena", (80, 24), model.console_now());
    strike(&mut deaf, "C");
    assert!(choosing(&deaf).is_none() && text(&drawn(&deaf)).contains("nothing was heard of a fleet yet"));
    strike(&mut model, "1 C");
    let open = choosing(&model).cloned().expect("it is open");
    for key in ["a", "r", "e", "?", ":", "x", "backspace"] {
        assert_eq!(press(&mut model, key), [], "{key}");
        assert_eq!(choosing(&model), Some(&open), "{key}");
    }
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn settings_are_taken_up_as_they_change_and_the_newest_word_holds() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (160, 48));
    prefer(&mut model, Access::Operate, Some(vec![environment("production")]));
    assert_eq!(model.columns(Columned::Fleet), [environment("production")]);
    assert!(heading(&model).starts_with(" 3 columns hidden · C"), "{}", heading(&model));
    strike(&mut model, "C down space esc");
    let chosen = model.columns(Columned::Fleet);
    assert_eq!(chosen.len(), 2);
    // Something else was changed in the file.
    prefer(&mut model, Access::Operate, Some(vec![environment("production")]));
    assert_eq!(model.columns(Columned::Fleet), chosen);
    prefer(&mut model, Access::Operate, Some(vec![Column::Next]));
    assert_eq!(model.columns(Columned::Fleet), [Column::Next]);
    prefer(&mut model, Access::Operate, None);
    assert_eq!(model.columns_hidden(Columned::Fleet), 0);
}

#[test]
fn an_environment_that_the_fleet_does_not_have_is_said_once_and_is_no_fault() {
    let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (120, 40));
    let asked = vec![environment("prodction"), environment("moon"), Column::Next];
    prefer(&mut model, Access::Operate, Some(asked.clone()));
    let toast = model.toast().expect("it is said").text.clone();
    assert_eq!(
        toast,
        "settings.toml:2: this fleet has no environment \"prodction\"; did you mean \"production\"? And no environment \"moon\"; it has \
         staging, production"
    );
    assert_eq!(model.columns(Columned::Fleet), [Column::Next]);
    strike(&mut model, "g 1 2 3 C esc a a a a a a a a a a a");
    prefer(&mut model, Access::Operate, Some(asked));
    assert!(model.toast().is_none_or(|toast| !toast.text.contains("prodction")));
    strike(&mut model, "1 C");
    assert!(text(&drawn(&model)).contains("[x] prodction      this fleet has no such environment"), "{}", text(&drawn(&model)));
}

/// Every choice of the Fleet's columns, each in one order.
fn choices() -> Vec<Vec<Column>> {
    let all = [environment("production"), Column::Next, environment("staging"), Column::Cells];
    let chosen = |set: usize| all.iter().enumerate().filter(move |(at, _)| set >> at & 1 == 1).map(|(_, column)| column.clone());
    (0..1 << all.len()).map(|set| chosen(set).collect()).collect()
}

/// The marks that a row of its own must show: of each environment in which its service is in trouble, and of an alert.
fn due(story: &Story, service: &ServiceId) -> Vec<&'static str> {
    let fleet = &story.fleet;
    let environments = &fleet.declaration().environments;
    let placements = environments.iter().filter_map(|environment| fleet.placement(service, &environment.id));
    let broken = |status: &Status| matches!(status, Status::OutOfStep | Status::Failed | Status::Unknown);
    let statuses = placements.map(|placement| status::of_placement(fleet, placement, story.now)).filter(broken);
    let mut marks: Vec<_> = statuses.map(|status| mark::of_status(status).0.symbol()).collect();
    marks.extend(fleet.alerts().filter(|alert| alert.slice.service == *service).map(|_| "▲"));
    marks
}

#[test]
fn no_choice_of_columns_lets_a_row_hide_that_it_fails() {
    let (mut seen, mut marks) = (0, 0);
    for story in [story::at_ten_percent(), story::no_data(), story::exposed(), story::going_back(), story::rolled_back()] {
        for size in [(60, 15), (80, 24), (120, 40), (200, 60)] {
            for chosen in choices() {
                let mut model = told(&story, Access::Operate, "lena", size);
                prefer(&mut model, Access::Operate, Some(chosen.clone()));
                let (shown, regions) = (text(&drawn(&model)), look(&mut model).regions);
                for region in regions {
                    let pushdeck::console::model::Spot::Row(RowKey::Service(service)) = region.spot else { continue };
                    let row = shown.lines().nth(region.area.y.into()).expect("a row");
                    seen += 1;
                    for mark in due(&story, &service) {
                        marks += 1;
                        assert!(row.contains(mark), "{service} hides {mark} at {size:?} with {chosen:?}:\n{shown}");
                    }
                }
            }
        }
    }
    assert!(seen > 1_000 && marks > 300, "{seen} rows, {marks} marks");
}

#[test]
fn what_comes_first_keeps_its_place_where_there_is_little_room() {
    let shown = |chosen: &[Column], width| {
        let mut model = told(&story::at_ten_percent(), Access::Operate, "lena", (width, 24));
        prefer(&mut model, Access::Operate, Some(chosen.to_vec()));
        heading(&model).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (production, staging) = (environment("production"), environment("staging"));
    let first = [Column::Cells, production.clone(), Column::Next, staging.clone()];
    assert_eq!(shown(&first, 80), "staging production ap us eu next");
    assert_eq!(shown(&first, 60), "2 hidden · C elsewhere production ap us eu");
    let last = [staging, Column::Next, production, Column::Cells];
    assert_eq!(shown(&last, 60), "1 hidden · C staging production next");
}
