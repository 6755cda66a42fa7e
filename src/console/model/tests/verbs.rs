//! Verbs without a key of their own, and those that must know more than the push.

use super::story::{CODE, STORAGE, Story, declaration, only_command};
use crate::console::keymap::Access;
use crate::console::model::{Event, Found, Overlay, Readiness, ToastKind, palette_found, update};
use crate::domain::change::Fact;
use crate::domain::command::{FlagSight, Order, Outcome};
use crate::domain::declaration::Declaration;
use crate::domain::flag::Flag;
use crate::domain::person::Actor;
use crate::domain::time::Period;

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
    let found = palette_found(&story.model, palette);
    let names: Vec<_> = found.iter().map(Found::name).collect();
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
    let acts = |found: &Found| matches!(found, Found::Action(_, row) if row.danger.acts());
    assert!(!found.is_empty() && !found.iter().any(acts), "{found:?}");
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

/// Blob reads a flag, and so does cart.
fn flagged() -> Story {
    let mut story = Story::new(Access::Operate);
    let flag = |name: &str, service: &str| Flag {
        id: name.into(),
        service: service.into(),
        covers: "the new read path".to_owned(),
        propagates: Period::from_secs(5),
        tried: None,
    };
    let flags = vec![flag("blob_v2", "blob"), flag("cart_v9", "cart")];
    story.happens(Fact::Declared { declaration: Box::new(Declaration { flags, ..declaration() }) });
    story
}

fn switched(story: &mut Story, on: bool) {
    story.happens(Fact::FlagSwitched { flag: "blob_v2".into(), on, by: Actor::Person { name: "lena".into() } });
}

#[test]
fn a_flag_of_the_selection_goes_off_in_one_step_and_is_told_with_how_far_it_has_come() {
    let mut story = flagged();
    assert_eq!(story.press(':'), []);
    story.types("flag-off");
    let effects = story.enter();
    let command = only_command(&effects).clone();
    assert_eq!(command.order, Order::FlagOff { flag: "blob_v2".into(), reason: None });
    let at = story.now();
    let outcome = Outcome::Accepted { seq: story.fleet.seq() };
    update(&mut story.model, Event::Answered { id: command.id, outcome, at });
    switched(&mut story, false);
    assert!(story.model.toast().unwrap().text.starts_with("flag blob_v2 is off; "), "{:?}", story.model.toast());
}

#[test]
fn old_news_keep_no_flag_on() {
    let mut story = flagged();
    story.silence(600_000);
    assert_eq!(story.press(':'), []);
    for character in "flag-off".chars() {
        story.press(character);
    }
    assert_eq!(only_command(&story.enter()).order, Order::FlagOff { flag: "blob_v2".into(), reason: None });
    switched(&mut story, false);
    story.silence(600_000);
    story.press(':');
    for character in "flag-on".chars() {
        story.press(character);
    }
    assert_eq!(story.enter(), []);
    assert_eq!(story.model.toast().unwrap().kind, ToastKind::Refused, "{:?}", story.model.toast());
}

#[test]
fn a_flag_goes_on_only_after_a_look_at_all_that_is_known_of_it() {
    let mut story = flagged();
    switched(&mut story, false);
    picks(&mut story, "flag-on");
    let says = body(&story);
    for part in [
        "blob_v2 covers the new read path. 22 instances of blob read it",
        "Now: flag blob_v2 goes OFF: no instance was seen to have taken it yet; since",
        ", by lena.",
        "NEVER TRIED",
        "In flight: storage v1→v2",
        "It goes ON AT ONCE for all 22 instances",
    ] {
        assert!(says.contains(part), "{part:?} is missing in {says:?}");
    }
    armed(&mut story);
    story.types(CODE);
    match &only_command(&story.enter()).order {
        Order::FlagOn { flag, seen } => {
            assert_eq!(flag.as_str(), "blob_v2");
            assert_eq!(Some(&**seen), FlagSight::of(&story.fleet, flag).as_ref());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_moves_under_an_open_question_disarms_it() {
    let mut story = flagged();
    switched(&mut story, false);
    picks(&mut story, "flag-on");
    armed(&mut story);
    story.happens(Fact::FlagSeen { flag: "blob_v2".into(), taken: 3, of: 22 });
    let Some(Overlay::Confirm(dialog)) = story.model.overlay() else { panic!() };
    match dialog.readiness(story.now()) {
        Readiness::Disarmed(why) => assert!(why.contains("changed since you looked"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn where_no_flag_could_be_meant_that_is_said_with_what_would_work() {
    let mut story = Story::new(Access::Operate);
    picks(&mut story, "flag-off");
    assert_eq!(story.model.toast().unwrap().text, "no flag is declared; to stop the push, s");
    let mut story = flagged();
    picks(&mut story, "flag-on");
    assert!(
        story.model.toast().unwrap().text.starts_with("every flag is on already (blob_v2, cart_v9)"),
        "{:?}",
        story.model.toast()
    );
}
