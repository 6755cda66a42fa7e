//! What is shown: the cursor's identity, NOT STOPPED, staleness, resync, pages that turn.

use super::story::{CART, STORAGE, Story, plan, setup};
use crate::console::keymap::{Access, Code, Key};
use crate::console::model::{Event, Model, RowKey, Screen, Tone, WaitingFor, next_deadline, update};
use crate::domain::change::{Change, Fact};
use crate::domain::id::{PushId, Seq};
use crate::domain::person::Actor;
use crate::domain::push::{Apart, PushPlan};
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::settings::Motion;
use uuid::Uuid;

#[test]
fn a_group_and_a_service_of_one_name_are_two_things() {
    let mut story = Story::new(Access::Operate);
    story.cart_is_asked_for();
    story.key(Key::plain(Code::End));
    assert_eq!(story.model.cursor(), Some(&RowKey::Service("cart".into())));
    story.press('k');
    assert_eq!(story.model.cursor(), Some(&RowKey::Group("cart".into())));
    assert_eq!(story.model.selected_push(), Some(CART));
}

#[test]
fn the_cursor_stays_on_its_thing_when_rows_come_and_goes_to_a_neighbour_when_it_is_gone() {
    let mut story = Story::new(Access::Operate);
    story.cart_is_asked_for();
    story.key(Key::plain(Code::End));
    // Another push of the same name does not take the selection over.
    let twin = PushId(Uuid::from_u128(0xC));
    story.happens(Fact::PushConverged { push: STORAGE });
    story.happens(Fact::PushRequested { plan: Box::new(plan(twin, "storage", &["index", "blob"], "v2")) });
    assert_eq!(story.model.cursor(), Some(&RowKey::Service("cart".into())));
    story.happens(Fact::PushConverged { push: CART });
    story.wait(1_000);
    assert!(story.model.fleet_rows().iter().any(|row| Some(&row.key()) == story.model.cursor()), "a row that is there");
}

#[test]
fn a_stop_that_is_not_seen_takes_row_3_and_g_goes_there() {
    let mut story = Story::new(Access::Operate);
    story.held(STORAGE);
    story.happens(Fact::StopTold { push: STORAGE, tries: 1 });
    story.wait(5_000);
    assert!(story.model.urgent().is_none_or(|urgent| !urgent.text.contains("NOT STOPPED")));
    story.happens(Fact::StopTold { push: STORAGE, tries: 3 });
    story.happens(Fact::StopAnswered { push: STORAGE, answer: "busy".into() });
    story.wait(1);
    let urgent = story.model.urgent().unwrap();
    assert_eq!(urgent.tone, Tone::Loudest);
    assert_eq!(urgent.text, "NOT STOPPED: storage for 5 s, told 3 times, last answer: busy; 0 instances still move; pull the plug");
    story.press('g');
    assert_eq!((story.model.screen(), story.model.selected_push()), (Screen::Push, Some(STORAGE)));
    story.happens(Fact::StopObserved { push: STORAGE });
    assert!(!story.model.urgent().unwrap().text.contains("NOT STOPPED"));
}

#[test]
fn siblings_out_of_step_take_row_3() {
    let mut story = Story::new(Access::Operate);
    let by = Actor::Person { name: "ana".into() };
    let apart = Apart { by, since: EngineTime::from_millis(0), reason: "odd logs".to_owned() };
    story.happens(Fact::WentApart { push: STORAGE, service: "blob".into(), apart });
    let urgent = story.model.urgent().unwrap();
    assert_eq!(urgent.tone, Tone::Loudest);
    assert!(
        urgent.text.starts_with("OUT OF STEP: index v2 was tested beside blob v2 only, not v1 in production; "),
        "{}",
        urgent.text
    );
    assert!(urgent.text.contains("ana took blob back alone") && urgent.text.ends_with("u or r brings them in step"));
    story.press('g');
    assert_eq!((story.model.screen(), story.model.selected_push()), (Screen::Push, Some(STORAGE)));
}

#[test]
fn what_waits_for_you_comes_first_and_g_selects_it() {
    let mut story = Story::new(Access::Operate);
    let row = story.model.waiting_rows()[0].clone();
    assert_eq!((row.key.push, row.key.what, row.yours), (Some(STORAGE), WaitingFor::Approval, true));
    assert_eq!(row.who, "0 of 1, oncall");
    assert_eq!(row.until, None);
    story.press('g');
    assert_eq!(story.model.screen(), Screen::Waiting);
    assert_eq!(story.model.cursor(), Some(&RowKey::Waiting(row.key.clone())));
}

#[test]
fn silence_is_told_and_deadlines_lead_there() {
    let mut story = Story::new(Access::Operate);
    assert_eq!(story.model.freshness().stale, None);
    let (mut ticks, end) = (0, ConsoleTime::from_millis(6_001));
    while story.model.freshness().stale.is_none() {
        let at = next_deadline(&story.model).unwrap();
        assert!(at <= end, "{at:?}");
        update(&mut story.model, Event::Tick { at });
        ticks += 1;
    }
    assert!(ticks < 10, "{ticks}");
    assert!(story.model.urgent().unwrap().text.starts_with("STALE"));
}

#[test]
fn a_missing_change_is_a_visible_resync_until_the_next_snapshot() {
    let mut story = Story::new(Access::Operate);
    let seq = Seq(story.fleet.seq().0 + 2);
    let change = Change { seq, at: EngineTime::from_millis(0), fact: Fact::UsersSafe { push: STORAGE } };
    update(&mut story.model, Event::Changes(vec![change]));
    assert!(story.model.freshness().resync);
    assert!(story.model.urgent().unwrap().text.starts_with("RESYNC"));
    assert_eq!(story.press('a'), []);
    assert!(story.model.overlay().is_none());
    update(&mut story.model, Event::Snapshot(std::sync::Arc::new(story.fleet.clone())));
    assert!(!story.model.freshness().resync);
}

#[test]
fn pages_turn_by_themselves_while_watching() {
    let mut story = Story::new(Access::Watch);
    story.model.setup.cycle = Some(Period::from_secs(10));
    story.press('0');
    let mut screens = vec![story.model.screen()];
    for _ in 0..3 {
        story.silence(10_000);
        screens.push(story.model.screen());
    }
    assert_eq!(screens, [Screen::Push, Screen::Fleet, Screen::Push, Screen::Fleet]);
}

#[test]
fn with_little_motion_the_most_urgent_page_stays() {
    let mut story = Story::new(Access::Watch);
    story.model.setup.cycle = Some(Period::from_secs(10));
    story.model.setup.motion = Motion::Reduced;
    story.press('0');
    for _ in 0..3 {
        story.silence(100_000);
        assert_eq!((story.model.screen(), story.model.is_wall()), (Screen::Push, true));
    }
}

#[test]
fn a_kiosk_has_no_keyboard() {
    let mut story = Story::new(Access::Watch);
    story.model.setup.kiosk = true;
    assert_eq!(story.press('q'), []);
    story.press('3');
    assert_eq!(story.model.screen(), Screen::Fleet);
}

#[test]
fn before_the_first_news_nothing_is_claimed() {
    let model = Model::new(setup(Access::Operate, "lena"));
    assert!(!model.has_data());
    assert!(model.freshness().stale.is_some());
    assert_eq!(next_deadline(&model), None);
    assert_eq!(model.cursor(), None);
}

#[test]
fn that_nobody_drives_what_is_due_comes_before_what_waits_for_you() {
    let mut story = Story::new(Access::Operate);
    let row3 = |story: &Story| story.model.urgent().map(|urgent| (urgent.text.clone(), urgent.tone)).unwrap();
    assert!(row3(&story).0.contains("storage v1→v2 waits for you"), "{:?}", row3(&story));
    let by = Actor::Rule { rule: "schedule".to_owned() };
    let undriven = PushPlan { requested_by: by, ..plan(CART, "cart", &["cart"], "v9") };
    story.happens(Fact::PushRequested { plan: Box::new(undriven) });
    let (text, tone) = row3(&story);
    assert!(text.starts_with("nobody drives cart: ") && text.ends_with("; t takes over"), "{text}");
    assert_eq!(tone, Tone::Bad);
    story.happens(Fact::TakenOver { push: CART, by: "omar".into() });
    assert!(row3(&story).0.contains("waits for you"), "{:?}", row3(&story));
}
