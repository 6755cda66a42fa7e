//! What there was no room for can be read in whole: on the page that explains what it belongs to, or, where a list or a palette cuts it,
//! beside its row once that is chosen. Nothing is cut without being remembered.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests: what is not as it should be fails the test"
)]

use crate::frame::{drawn, look, press, resize, text};
use crate::moments::MOMENTS;
use pushdeck::console::model::{Cut, Event, Model, Overlay, Owner, Page, Screen, Subject, update};

/// All that is held to of a moment at a size.
pub fn are_told_whole(name: &str, mut model: Model) {
    let (columns, rows) = model.size();
    let at = format!("{name} at {columns}×{rows}");
    let cuts = look(&mut model).cuts;
    every_ellipsis_is_remembered(&at, &model, &cuts);
    pages_tell_them(&at, &model, &cuts);
    overlays_tell_them(&at, &model, &cuts);
}

/// What `e` opens where the screen lies open.
fn explained(model: &Model) -> Page {
    let mut model = model.clone();
    for _ in 0..3 {
        match model.overlay() {
            Some(Overlay::Explain(explaining)) => return model.explained(&explaining.subject),
            Some(_) => press(&mut model, "esc"),
            None => press(&mut model, "e"),
        };
    }
    panic!("nothing is explained on {:?}", model.screen());
}

/// What is cut is told whole by the page of its owner, once.
fn pages_tell_them(at: &str, model: &Model, cuts: &[Cut]) {
    let page_of_screen = explained(model);
    for cut in cuts {
        let page = match &cut.owner {
            Owner::Row(row) => &model.explained(&Subject::Row(row.clone())),
            Owner::Screen => &page_of_screen,
            Owner::Overlay => continue,
        };
        assert!(page.says(&cut.text), "{at}: {cut:?} is not in {page:#?}");
    }
    let (full, others): (Vec<_>, Vec<_>) = page_of_screen.parts.iter().partition(|part| part.heading.starts_with("In full"));
    assert!(full.len() <= 1, "{at}");
    for (_, line) in full.iter().flat_map(|part| &part.lines) {
        assert!(!others.iter().flat_map(|part| &part.lines).any(|(_, text)| text.contains(line)), "{at}: {line}");
    }
}

/// The words inside a frame, or of a whole screen without one, without blanks, so that what is broken into lines reads on.
fn words(model: &Model) -> String {
    let inside = |row: &str| {
        let row = row.split_once('│').map_or(row, |(_, row)| row);
        row.rsplit_once('│').map_or(row, |(row, _)| row).replace('▌', " ")
    };
    let shown: String = text(&drawn(model)).lines().map(|row| inside(row) + " ").collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a palette or a list cuts is told whole below it once it is chosen; a dialog that is not whole says how much is missing.
fn overlays_tell_them(at: &str, model: &Model, cuts: &[Cut]) {
    let mut cuts: Vec<_> = cuts.iter().filter(|cut| cut.owner == Owner::Overlay).collect();
    match model.overlay() {
        _ if cuts.is_empty() => {}
        Some(Overlay::Palette(_) | Overlay::Which(_) | Overlay::Columns(_)) => {
            let mut model = model.clone();
            for _ in 0..90 {
                if cuts.is_empty() {
                    break;
                }
                let words = words(&model);
                cuts.retain(|cut| !words.contains(&cut.text));
                press(&mut model, "down");
            }
            assert!(cuts.is_empty(), "{at}: {cuts:#?}");
        }
        Some(Overlay::Confirm(_)) => {
            let words = words(model);
            assert!(words.contains("in a larger terminal") || words.contains("rows are needed"), "{at}: {cuts:#?}");
        }
        other => panic!("{at}: {cuts:#?} in {other:?}"),
    }
}

/// Every `…` on a screen stands for something that is remembered: what stands before it is how some cut text goes.
fn every_ellipsis_is_remembered(at: &str, model: &Model, cuts: &[Cut]) {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>().replace(';', "");
    let whole: Vec<_> = cuts.iter().map(|cut| squeezed(&cut.text)).collect();
    for row in text(&drawn(model)).lines() {
        for (place, _) in row.match_indices('…') {
            // The last word before it, or what is left of one.
            let before = row[..place].rsplit(['│', '▌', '…']).next().unwrap_or_default();
            let word = before.rsplit(' ').next().unwrap_or_default();
            assert!(whole.iter().any(|whole| whole.contains(&squeezed(word))), "{at}: {row:?}\n{cuts:#?}");
        }
    }
}

#[test]
fn an_explanation_that_is_open_while_the_size_changes_is_drawn_once_more() {
    let moment = MOMENTS.iter().find(|moment| moment.name == "explain_stage").expect("a moment of the list");
    let mut model = moment.at_sizes(&[(200, 60)]).remove(0);
    assert_eq!(model.screen(), Screen::Push);
    resize(&mut model, (60, 15));
    let drawn = {
        let mut seen = model.clone();
        look(&mut seen)
    };
    assert!(model.must_tell(&drawn.cuts));
    let at = model.console_now();
    update(&mut model, Event::Drawn { at, cuts: drawn.cuts.clone() });
    assert!(!model.must_tell(&drawn.cuts));
    let says = |page: &Page| page.parts.last().is_some_and(|part| part.heading.starts_with("In full"));
    assert!(says(&explained(&model)));
}
