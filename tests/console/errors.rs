//! Error lines that only a new version writes, by what a person does with them: select, open, copy, go back in time, listen.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot find what it looks for has failed")]

use crate::frame::{drawn, press, remembered, strike, text, told};
use crate::story::{self, STORAGE, Story};
use pushdeck::console::keymap::{Access, Action};
use pushdeck::console::model::{Effect, Known, Model, RowKey, Said};
use pushdeck::domain::explain::Moment;
use pushdeck::plain::{Announcer, Asked, status_json, status_lines};
use pushdeck::query::Query;

fn at_signals(story: &Story, keys: &str) -> Model {
    let mut model = told(story, Access::Operate, "lena", (120, 40));
    strike(&mut model, format!("2 4 {keys}").trim());
    model
}

fn shown(model: &Model) -> String {
    text(&drawn(model))
}

#[test]
fn the_row_stands_above_the_charts_and_enter_and_esc_go_in_and_out() {
    let mut model = at_signals(&story::new_errors(), "");
    assert!(matches!(model.cursor(), Some(RowKey::Chart(_))), "the charts are what one comes for");
    strike(&mut model, "up");
    assert_eq!(model.cursor(), Some(&RowKey::Errors(STORAGE)));
    assert_eq!(model.footer().name, "storage", "keys hit the push whose lines they are");
    strike(&mut model, "enter");
    assert!(shown(&model).contains("     40 times since 13:53:00, newest just now; blob in production: us 7"), "{}", shown(&model));
    assert!(!model.footer().hints.iter().any(|hint| hint.action == Action::Pin), "there is no chart to pin");
    strike(&mut model, "esc");
    assert!(shown(&model).contains("p99.9  blob production"));
    assert_eq!(model.cursor(), Some(&RowKey::Errors(STORAGE)));
}

#[test]
fn they_are_copied_for_a_ticket() {
    let mut model = at_signals(&story::new_errors(), "up");
    let effects = press(&mut model, "y");
    let Some(Effect::Copy(text)) = effects.first() else { panic!("{effects:?}") };
    assert!(text.starts_with("storage v41→v42: error lines in logs: 3 kinds only on v42, 207 times"), "{text}");
    assert!(text.contains("\nretry budget of pool <text> is used up: 40 times since 13:53:00"), "{text}");
}

#[test]
fn what_is_not_known_is_never_called_none() {
    for (story, said) in
        [(story::new_errors(), Said::New), (story::no_new_errors(), Said::Nothing), (story::logs_not_read(), Said::Unknown)]
    {
        assert_eq!(at_signals(&story, "").new_errors()[0].said(), said);
    }
    assert_eq!(at_signals(&story::at_ten_percent(), "").new_errors(), [], "no logs are declared");
    assert!(!shown(&at_signals(&story::at_ten_percent(), "2")).contains("error lines"), "and Push does not speak of them");
}

#[test]
fn the_past_knows_only_what_had_been_written_by_then() {
    let mut model = remembered(&story::new_errors(), Access::Operate, "lena", (120, 40));
    strike(&mut model, "2 4");
    let count = |model: &Model| model.new_errors()[0].kinds.iter().map(|new| new.kind.count).sum::<u64>();
    let now = count(&model);
    strike(&mut model, "{");
    let then = model.new_errors().first().map_or(0, |errors| errors.kinds.iter().map(|new| new.kind.count).sum());
    assert!(then < now, "{then} of {now}");
    strike(&mut model, "esc");
    assert_eq!(count(&model), now);
}

#[test]
fn lines_and_json_tell_the_same_and_a_new_kind_is_announced_once() {
    let story = story::new_errors();
    let moment = Moment { now: story.now, zone: jiff::tz::TimeZone::UTC };
    let (query, model) = (Query::default(), at_signals(&story, ""));
    let known = Known { fleet: &story.fleet, signals: &story.signals, now: story.now };
    let asked = Asked { known, query: &query };
    let lines = status_lines(asked, &moment);
    assert!(
        lines.contains("\n  error lines in logs: 3 kinds only on v42, 207 times, newest just now\n    row <n> has no"),
        "{lines}"
    );
    let all: serde_json::Value = serde_json::from_str(&status_json(asked, &moment)).unwrap();
    let push = all["pushes"].as_array().unwrap().iter().find(|push| push["name"] == "storage").unwrap();
    let told = &push["new_error_lines"];
    assert_eq!((told["known"].as_bool(), told["kinds"].as_array().unwrap().len()), (Some(true), 3));
    assert_eq!((&told["kinds"][1]["count"], &told["kinds"][1]["cells"]["us"][0]), (&40.into(), &7.into()));
    let mut announcer = Announcer::default();
    let said = |said: Vec<String>| said.into_iter().filter(|line| line.contains("error lines")).collect::<Vec<_>>();
    let first = said(announcer.heard(&model));
    assert!(first.len() == 1 && first[0].contains("The newest kind: thread <text> panicked at"), "{first:?}");
    assert_eq!(said(announcer.heard(&model)), [""; 0]);
}
