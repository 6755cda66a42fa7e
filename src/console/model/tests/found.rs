//! The filter: what it lists, what it hides and says so, and that keys which act know nothing of it.

use super::story::{STORAGE, Story};
use crate::console::keymap::{Access, Code, Key};
use crate::console::model::{FleetRow, Hidden, Overlay, RowKey, Screen, palette_found};
use crate::domain::id::ServiceId;
use crate::domain::status::Status;

fn types(story: &mut Story, text: &str) {
    story.press('/');
    text.chars().for_each(|c| drop(story.press(c)));
}

fn services(story: &Story) -> Vec<ServiceId> {
    let service = |row: &FleetRow| match row {
        FleetRow::Service { id, .. } => Some(id.clone()),
        FleetRow::Group { .. } => None,
    };
    story.model.fleet_rows().iter().filter_map(service).collect()
}

#[test]
fn the_list_follows_what_is_typed_and_unfolds_what_is_quiet() {
    let mut story = Story::new(Access::Operate);
    story.cart_is_asked_for();
    types(&mut story, "service:blob");
    assert_eq!(services(&story), ["blob".into()]);
    assert_eq!(story.model.hidden().map(|hidden| (hidden.listed, hidden.of)), Some((1, 3)));
    story.key(Key::plain(Code::Enter));
    assert!(story.model.overlay().is_none() && story.model.filter().is_some());
    story.key(Key::plain(Code::Esc));
    assert!(story.model.filter().is_none() && story.model.hidden().is_none());
}

#[test]
fn what_is_hidden_is_counted_and_the_worst_of_it_named() {
    let mut story = Story::new(Access::Operate);
    story.cart_is_asked_for();
    story.held(STORAGE);
    types(&mut story, "group:cart");
    assert_eq!(services(&story), ["cart".into()]);
    assert_eq!(story.model.hidden(), Some(Hidden { listed: 1, of: 3, worst: Some(Status::Held) }));
    // Stopping everything stops what is hidden too.
    story.key(Key::plain(Code::Enter));
    assert_eq!(story.press('S').len(), 1);
}

#[test]
fn what_cannot_be_understood_keeps_the_last_list_and_says_why() {
    let mut story = Story::new(Access::Operate);
    types(&mut story, "group:storage");
    let before = services(&story);
    types_on(&mut story, " p99");
    types_on(&mut story, ">");
    let filter = story.model.filter().unwrap();
    assert_eq!(filter.fault.as_ref().map(|fault| fault.at), Some(15));
    assert_eq!(before.len(), 2);
}

fn types_on(story: &mut Story, text: &str) {
    text.chars().for_each(|c| drop(story.press(c)));
}

#[test]
fn esc_while_typing_brings_back_what_was_before() {
    let mut story = Story::new(Access::Operate);
    types(&mut story, "group:cart");
    story.key(Key::plain(Code::Enter));
    types(&mut story, "x");
    assert!(services(&story).is_empty());
    story.key(Key::plain(Code::Esc));
    assert_eq!(services(&story), ["cart".into()]);
}

#[test]
fn each_screen_has_its_own_and_g_shows_what_it_goes_to() {
    let mut story = Story::new(Access::Operate);
    story.press('3');
    types(&mut story, "group:cart");
    story.key(Key::plain(Code::Enter));
    assert!(story.model.waiting_shown().is_empty() && !story.model.waiting_rows().is_empty());
    story.press('1');
    assert_eq!((story.model.screen(), story.model.filter()), (Screen::Fleet, None));
    story.press('g');
    assert_eq!(story.model.screen(), Screen::Waiting);
    assert!(matches!(story.model.cursor(), Some(RowKey::Waiting(_))), "it is listed again");
}

#[test]
fn stopping_works_while_a_filter_is_typed() {
    let mut story = Story::new(Access::Operate);
    types(&mut story, "blob");
    assert!(matches!(story.model.overlay(), Some(Overlay::Filter(_))));
    assert_eq!(story.key(Key::ctrl('s')).len(), 1);
}

fn palette(story: &mut Story, text: &str) -> Vec<String> {
    story.press(':');
    story.types(text);
    let Some(Overlay::Palette(palette)) = story.model.overlay() else { panic!("no palette is open") };
    palette_found(&story.model, palette).iter().map(|found| found.name().to_owned()).collect()
}

#[test]
fn a_few_letters_find_an_action_and_a_thing() {
    let mut story = Story::new(Access::Operate);
    assert_eq!(palette(&mut story, "rbf").first().map(String::as_str), Some("roll back fast"));
    story.key(Key::plain(Code::Esc));
    assert!(palette(&mut story, "blob").contains(&"blob".to_owned()));
    story.enter();
    assert_eq!(story.model.cursor(), Some(&RowKey::Service("blob".into())));
    assert_eq!(story.model.screen(), Screen::Fleet);
}

#[test]
fn a_service_that_is_folded_away_is_listed_when_one_goes_to_it() {
    let mut story = Story::new(Access::Watch);
    assert!(!services(&story).contains(&"cart".into()));
    let found = palette(&mut story, "cart");
    let at = found.iter().rposition(|name| name == "cart").unwrap();
    (0..at).for_each(|_| drop(story.key(Key::plain(Code::Down))));
    story.enter();
    assert_eq!(story.model.cursor(), Some(&RowKey::Service("cart".into())));
}
