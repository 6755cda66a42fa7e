//! Verbs without a key of their own, and those that must know more than the push.

use super::story::{CODE, STORAGE, Story, only_command};
use crate::console::keymap::Access;
use crate::console::model::{Overlay, Readiness, ToastKind, palette_found};
use crate::domain::change::Fact;
use crate::domain::command::Order;

/// Opens the palette and picks what is found first by these words.
fn picks(story: &mut Story, words: &str) {
    assert_eq!(story.press(':'), []);
    story.types(words);
    story.enter();
}

fn body(story: &Story) -> String {
    match story.model.overlay() {
        Some(Overlay::Confirm(dialog)) => dialog.body().iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" "),
        other => panic!("a dialog was expected: {other:?}"),
    }
}

fn armed(story: &mut Story) {
    story.drawn();
    story.wait(400);
}

#[test]
fn the_palette_finds_by_name_and_runs_what_the_key_would() {
    let mut story = Story::new(Access::Operate);
    assert_eq!(story.press(':'), []);
    story.types("stop every");
    let Some(Overlay::Palette(palette)) = story.model.overlay() else { panic!() };
    let names: Vec<_> = palette_found(&story.model, palette).iter().map(|(_, row)| row.name).collect();
    assert_eq!(names, ["stop everything"]);
    assert_eq!(only_command(&story.enter()).order, Order::HoldAll { reason: None });
    assert!(story.model.overlay().is_none());
}

#[test]
fn what_cannot_be_done_is_refused_with_the_key_that_would_work() {
    let mut story = Story::new(Access::Operate);
    picks(&mut story, "halt");
    let toast = story.model.toast().unwrap();
    assert_eq!((toast.kind, toast.text.as_str()), (ToastKind::Refused, "storage is not on its way back; to stop it, s"));
}

#[test]
fn draining_asks_which_cell_and_takes_enter_alone() {
    let mut story = Story::new(Access::Operate);
    picks(&mut story, "drain a cell");
    let Some(Overlay::Which(which)) = story.model.overlay() else { panic!("{:?}", story.model.overlay()) };
    assert_eq!(
        which.choices.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(),
        ["ap in production: 2 of 20 on the new version", "eu in production: 2 of 20 on the new version",]
    );
    assert_eq!(story.enter(), []);
    assert!(body(&story).contains("No request in ap meets the new version"));
    armed(&mut story);
    assert_eq!(story.enter(), [], "from the reason to the question");
    story.wait(200);
    let effects = story.enter();
    assert_eq!(only_command(&effects).order, Order::Drain { push: STORAGE, cell: "ap".into(), reason: None });
}

#[test]
fn one_sibling_alone_takes_a_reason_and_the_code_and_says_who_is_left_out_of_step() {
    let mut story = Story::new(Access::Operate);
    picks(&mut story, "one sibling");
    let Some(Overlay::Which(which)) = story.model.overlay() else { panic!() };
    assert_eq!(which.choices.len(), 2);
    assert_eq!(story.enter(), []);
    let says = body(&story);
    assert!(says.contains("index goes back alone. OUT OF STEP with it: blob v2."), "{says}");
    armed(&mut story);
    assert_eq!(story.enter(), [], "no reason, no question");
    story.types("it leaks");
    assert_eq!(story.enter(), []);
    story.types(CODE);
    let effects = story.enter();
    let expected = Order::RollBackAlone { push: STORAGE, service: "index".into(), reason: "it leaks".to_owned() };
    assert_eq!(only_command(&effects).order, expected);
}

#[test]
fn a_dialog_that_needs_a_reason_never_sends_without_one() {
    let mut story = Story::new(Access::Operate);
    picks(&mut story, "one sibling");
    story.enter();
    armed(&mut story);
    for _ in 0..5 {
        story.wait(500);
        assert_eq!(story.enter(), []);
    }
    let Some(Overlay::Confirm(dialog)) = story.model.overlay() else { panic!() };
    assert_eq!(dialog.readiness(story.now()), Readiness::Armed);
}

#[test]
fn with_nothing_open_there_is_nothing_to_waive() {
    let mut story = Story::new(Access::Operate);
    assert_eq!(story.press('w'), []);
    assert!(story.model.toast().unwrap().text.starts_with("storage has nothing to waive"), "{:?}", story.model.toast());
}

#[test]
fn watching_has_a_palette_without_acting_verbs() {
    let mut story = Story::new(Access::Watch);
    story.press(':');
    let Some(Overlay::Palette(palette)) = story.model.overlay() else { panic!() };
    let found = palette_found(&story.model, palette);
    assert!(!found.is_empty() && found.iter().all(|(_, row)| !row.danger.acts()), "{found:?}");
}

#[test]
fn taking_over_is_one_key_and_a_note_is_a_line_and_enter() {
    let mut story = Story::new(Access::Operate);
    assert_eq!(only_command(&story.press('t')).order, Order::TakeOver { push: STORAGE });
    story.happens(Fact::TakenOver { push: STORAGE, by: "lena".into() });
    assert_eq!(story.press('t'), []);
    assert!(story.model.toast().unwrap().text.contains("you drive storage already"));
    assert_eq!(story.press('c'), []);
    armed(&mut story);
    story.types("eu compaction runs until 15:00");
    assert_eq!(story.enter(), []);
    story.wait(200);
    let effects = story.enter();
    let text = "eu compaction runs until 15:00".to_owned();
    assert_eq!(only_command(&effects).order, Order::Note { push: STORAGE, text });
}
