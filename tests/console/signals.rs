//! The Signals screen by what a person does there: read a moment, zoom, take a chart apart, pin it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot find what it looks for has failed")]

use crate::frame::{drawn, resize, strike, text, told};
use crate::story::{self, Story};
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, Model, Screen, Split, update};
use pushdeck::console::view::kit::scrub;
use pushdeck::domain::alert::Alert;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::id::{CellId, Seq, Version};
use pushdeck::domain::metric::Metric;
use pushdeck::domain::time::Period;
use pushdeck::evidence::instances::{InstanceReading, Instances};

fn at_signals(story: &Story, size: (u16, u16), keys: &str) -> Model {
    let mut model = told(story, Access::Operate, "lena", size);
    strike(&mut model, &format!("2 4 {keys}"));
    model
}

fn shown(model: &Model) -> String {
    text(&drawn(model))
}

/// The backend is heard again, at the same moment of its own.
fn beat(model: &mut Model) {
    let (at, seq, heard) = (model.now(), model.fleet().seq(), model.console_now());
    update(model, Event::Heartbeat { at, seq, heard });
}

/// The sentence at the foot, without its line breaks.
fn foot(model: &Model) -> String {
    let shown = shown(model);
    let from = [" p99", " errors of", " CPU of", " memory of", " end to end of", " journey p90 of", " At "];
    let mut lines: Vec<_> = shown.lines().rev().skip(1).collect();
    let length = lines.iter().position(|line| from.iter().any(|word| line.starts_with(word))).expect("a sentence at the foot");
    lines.truncate(length + 1);
    lines.iter().rev().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_worst_comes_first_with_its_cell_and_its_facts() {
    let model = at_signals(&story::exposed(), (160, 48), "");
    let first = &model.charts()[0];
    assert_eq!((first.key.placement.service.as_str(), first.key.metric), ("blob", Metric::P999));
    assert_eq!(first.shown_cells().iter().map(ToString::to_string).collect::<Vec<_>>(), ["eu"]);
    let said = foot(&model);
    assert!(
        said.starts_with("p99.9 of blob eu: v42 1.42 s, v41 904 ms, limit 1.50 s over 2 min, from 205,000 requests."),
        "{said}"
    );
    assert!(said.contains("v42 eu BEYOND since 15:04"), "{said}");
}

#[test]
fn alerts_say_what_they_have_to_do_with_the_push() {
    let shown = shown(&at_signals(&story::at_ten_percent(), (160, 48), ""));
    assert!(shown.contains("playback ap errors 0.31 %, limit 0.10 %"), "{shown}");
    assert!(shown.contains("calls gateway, which this push moves"), "{shown}");
}

#[test]
fn a_moment_is_read_in_words_and_stays_while_time_goes_on() {
    let story = story::at_ten_percent();
    let mut model = at_signals(&story, (160, 48), "");
    let newest = foot(&model);
    strike(&mut model, "left left left");
    let read = model.moment_read().unwrap();
    let columns = model.chart_columns();
    let said = foot(&model);
    assert_eq!(columns.holding(read), Some(columns.count - 3));
    assert!(said.starts_with(&format!("At {}", read.hh_mm_ss(&jiff::tz::TimeZone::UTC))), "{said}");
    assert!(said.contains("v42 ") && said.contains("v41 ") && said.contains("limit ") && said.contains("(n "), "{said}");
    strike(&mut model, "-");
    assert_eq!(model.moment_read(), Some(read), "zooming moves no moment");
    strike(&mut model, "+ esc");
    assert_eq!((model.moment_read(), foot(&model)), (None, newest));
}

#[test]
fn a_gap_is_read_as_no_data() {
    // Nothing came between 14:10 and 14:13.
    let mut model = at_signals(&story::at_ten_percent(), (160, 48), "");
    let columns = model.chart_columns();
    let silent = story::clock(14, 12, 0);
    let steps = columns.count - columns.holding(silent).unwrap();
    strike(&mut model, &"left ".repeat(steps));
    let said = foot(&model);
    assert!(said.starts_with("At 14:12:00") && said.contains("no data (nothing read for "), "{said}");
    assert!(shown(&model).contains('┄'));
}

#[test]
fn less_time_and_more_time_are_said_in_words() {
    let mut model = at_signals(&story::at_ten_percent(), (160, 48), "");
    let span = |model: &Model| model.chart_columns().each * model.chart_columns().count as u32;
    let first = span(&model);
    assert!(shown(&model).contains(&format!("last {first}")));
    strike(&mut model, "-");
    assert!(span(&model) > first && shown(&model).contains(&format!("last {}", span(&model))));
    strike(&mut model, "+ + + + + +");
    assert!(span(&model) <= first && span(&model) >= Period::from_mins(1));
}

#[test]
fn a_chart_opens_comes_apart_by_cell_and_closes_step_by_step() {
    let mut model = at_signals(&story::exposed(), (160, 48), "enter");
    assert_eq!(model.opened_chart(), Some(Split::Whole));
    strike(&mut model, "tab");
    let lines = shown(&model);
    assert_eq!(model.opened_chart(), Some(Split::Cells));
    let places: Vec<_> = ["production eu", "production ap", "production us"].map(|place| lines.find(place)).into_iter().collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "the worst first: {lines}");
    strike(&mut model, "left esc");
    assert_eq!(model.opened_chart(), Some(Split::Cells), "first the moment");
    strike(&mut model, "esc");
    assert_eq!(model.opened_chart(), None);
    strike(&mut model, "esc");
    assert_eq!(model.screen(), Screen::Push, "then the screen");
}

#[test]
fn a_pinned_chart_leads_the_signals_of_the_push_until_it_is_unpinned() {
    let mut model = at_signals(&story::at_ten_percent(), (160, 48), "");
    while model.selected_chart().is_some_and(|chart| chart.key.metric != Metric::Memory) {
        strike(&mut model, "down");
    }
    let before = {
        strike(&mut model, "2");
        shown(&model)
    };
    strike(&mut model, "4 m");
    assert!(shown(&model).contains(" pinned"), "{}", shown(&model));
    strike(&mut model, "2");
    let pushed = shown(&model);
    let signals = pushed.lines().skip_while(|line| !line.contains("Signals, worst first")).nth(1).unwrap();
    assert!(signals.contains("memory") && signals.contains("pinned"), "{pushed}");
    update(&mut model, Event::Resize { width: 80, height: 24 });
    let narrow = shown(&model);
    assert!(narrow.contains("\n»memory"), "{narrow}");
    update(&mut model, Event::Resize { width: 160, height: 48 });
    beat(&mut model);
    strike(&mut model, "4 m 2");
    let panel = |screen: &str| {
        let from = screen.lines().skip_while(|line| !line.contains("Signals, worst first")).take(8);
        from.map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(panel(&shown(&model)), panel(&before));
}

#[test]
fn every_chart_is_told_in_ascii_too() {
    for size in [(60, 15), (80, 24), (160, 48)] {
        for keys in ["", "enter left left", "tab"] {
            let mut buffer = drawn(&at_signals(&story::exposed(), size, keys));
            scrub(&mut buffer, true);
            let lines = text(&buffer);
            assert!(lines.is_ascii(), "{lines}");
            // Nothing is drawn that has no twin: what stands for no data is a question mark itself.
            assert!(!lines.lines().skip(4).any(|line| line.contains("??")), "{lines}");
        }
    }
}

#[test]
fn the_cursor_pages_through_what_does_not_fit() {
    let mut model = at_signals(&story::at_ten_percent(), (80, 24), "");
    assert!(shown(&model).contains("more below"), "{}", shown(&model));
    strike(&mut model, "end");
    let lines = shown(&model);
    assert!(lines.contains("more above"), "{lines}");
    let last = model.charts().last().unwrap();
    assert!(lines.contains(&last.key.metric.to_string()), "{lines}");
}

#[test]
fn instances_are_asked_for_and_shown_the_worst_first_with_how_old_the_answer_is() {
    let mut model = at_signals(&story::at_ten_percent(), (80, 24), "");
    while model.selected_chart().is_some_and(|chart| chart.key.metric != Metric::Cpu) {
        strike(&mut model, "down");
        beat(&mut model);
    }
    strike(&mut model, "tab tab");
    assert!(shown(&model).contains("Asking every instance"), "{}", shown(&model));
    let placement = model.selected_chart().unwrap().key.placement.clone();
    let one = |index: u32, cpu: f64| InstanceReading {
        cell: CellId::new("eu"),
        index,
        version: Version::new("v42"),
        up: true,
        requests: 1_000,
        errors: 5,
        cpu: Some(cpu),
        memory: None,
        saturation: None,
    };
    let readings = (0..40).map(|index| one(index, 0.4 + f64::from(index) / 100.0)).collect();
    let told = Ok(Instances { at: story::clock(14, 31, 58), readings });
    update(&mut model, Event::Instances { placement: placement.clone(), told });
    let lines = shown(&model);
    assert!(lines.contains("40 instances as of 14:31:58, the most CPU first. Enter asks again."), "{lines}");
    assert!(lines.find("eu 39").is_some_and(|first| lines.find("eu 38").is_some_and(|next| first < next)), "{lines}");
    assert!(lines.contains("more below") && lines.contains("79 %") && lines.contains("0.50 %  of 1,000"), "{lines}");
    // Each of them is reached, at every size, and the list stays with it when asked again.
    for size in [(60, 15), (80, 24), (160, 48)] {
        resize(&mut model, size);
        strike(&mut model, "home");
        for nth in (0..40).rev() {
            let row = format!("▌  eu {nth} ");
            assert!(shown(&model).contains(&row), "{row} at {size:?} in {}", shown(&model));
            strike(&mut model, "down");
        }
        assert!(shown(&model).contains("more above") || size.1 == 48, "{}", shown(&model));
        strike(&mut model, "up pageup");
    }
    assert_eq!(model.selected_chart().map(|chart| chart.key.metric), Some(Metric::Cpu));
    strike(&mut model, "enter");
    assert!(shown(&model).contains("Asking every instance"), "asked anew");
    let readings = (0..40).rev().map(|index| one(index, 0.4 + f64::from(index) / 100.0)).collect();
    let told = Ok(Instances { at: story::clock(14, 32, 8), readings });
    update(&mut model, Event::Instances { placement: placement.clone(), told });
    assert!(shown(&model).contains("▌  eu 11 "), "{}", shown(&model));
    strike(&mut model, "enter");
    update(&mut model, Event::Instances { placement, told: Err("a recording keeps numbers by cell, not by instance".to_owned()) });
    assert!(
        shown(&model).contains("Nobody can say it instance by instance: a recording keeps numbers by cell"),
        "{}",
        shown(&model)
    );
}

#[test]
fn alerts_are_ranked_by_how_near_they_are_to_the_push() {
    let mut story = story::at_ten_percent();
    for (service, cell, version) in [("cart", "ap", "v9"), ("index", "us", "v41"), ("blob", "eu", "v42")] {
        let slice = story::slice(service, cell, version, Metric::Errors);
        let alert = Alert { slice, value: 0.002, limit: 0.001, since: story::clock(14, 20, 0), acknowledged: None };
        let seq = Seq(story.fleet.seq().0 + 1);
        story.fleet.apply(&Change { seq, at: story.now, fact: Fact::AlertRaised { alert } });
    }
    let lines = shown(&at_signals(&story, (160, 48), ""));
    let wanted = [
        "blob eu errors 0.20 %, limit 0.10 %, since 14:20: on v42 of this push",
        "index us errors 0.20 %, limit 0.10 %, since 14:20: on v41, which this push replaces",
        "playback ap errors 0.31 %, limit 0.10 %, since 14:24: calls gateway, which this push moves",
        "cart ap errors 0.20 %, limit 0.10 %, since 14:20: no relation known to this push",
    ];
    let places: Vec<_> = wanted.map(|words| lines.find(words)).into_iter().collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {lines}");
    let narrow = shown(&at_signals(&story, (80, 24), ""));
    assert!(narrow.contains("on v42 of this push") && narrow.contains("3 more alerts"), "{narrow}");
}

#[test]
fn how_long_journeys_take_is_a_chart_of_its_own_and_the_last_that_failed_is_named() {
    let mut story = story::at_ten_percent();
    let filtered = |story: &Story| shown(&at_signals(story, (160, 48), "/ p 9 0 enter"));
    assert!(!filtered(&story).contains("journey p90"), "nobody takes their times");
    let newest = story.batches.last().expect("batches").at;
    for batch in &mut story.batches {
        let failed = (batch.at == newest).then(|| "buy failed at step 2 of 2, pay: answered 503, not 2xx".into());
        for journey in &mut batch.journeys {
            journey.latency = vec![0; batch.edges.len() + 1];
            journey.latency[12] = journey.attempts;
            journey.failure.clone_from(&failed);
        }
    }
    let lines = filtered(&story);
    assert!(lines.contains("journey p90") && lines.contains("490 ms"), "{lines}");
    let said = foot(&at_signals(&story, (160, 48), "/ p 9 0 enter"));
    assert!(said.contains("journey p90 of storage") && said.contains("no limit is declared"), "{said}");
    assert!(said.contains("buy failed at step 2 of 2, pay: answered 503, not 2xx"), "{said}");
}

#[test]
fn no_figure_beyond_its_limit_is_said_to_be_within_it() {
    let mut story = story::at_ten_percent();
    let from = story.now - Period::from_secs(120);
    for journey in story.batches.iter_mut().filter(|batch| batch.at > from).flat_map(|batch| &mut batch.journeys) {
        journey.succeeded = journey.attempts - 1;
    }
    // It was judged before these.
    let said = foot(&at_signals(&story, (160, 48), "/ e n d space t o enter"));
    assert!(said.contains("99.75 %, limit 99.90 %") && said.contains("not judged yet"), "{said}");
    let mut model = told(&story, Access::Operate, "lena", (160, 48));
    strike(&mut model, "2");
    let shown = shown(&model);
    let row = shown.lines().find(|row| row.starts_with(" end to end")).expect("a row of the journeys");
    assert!(row.contains("99.75 %") && row.contains("beyond it now, not judged so yet"), "{shown}");
}
