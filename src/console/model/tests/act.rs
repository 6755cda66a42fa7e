//! Stopping at once, going back in two, forward only with deliberation.

use super::story::{CART, CODE, OTHER, STORAGE, Story, only_command, plan};
use crate::console::keymap::{Access, Code, Key};
use crate::console::model::{Effect, Event, Overlay, Readiness, RowKey, ToastKind, update};
use crate::domain::change::Fact;
use crate::domain::command::{Order, Outcome};
use crate::domain::feed::{Feed, FeedState};
use crate::domain::id::Seq;
use crate::domain::push::{Approval, PushPlan};
use crate::domain::rollback::Manner;
use crate::domain::time::EngineTime;

fn toast(story: &Story) -> (ToastKind, String) {
    story.model.toast().map(|toast| (toast.kind, toast.text.clone())).unwrap()
}

fn disarmed(story: &Story) -> Option<String> {
    match story.model.overlay() {
        Some(Overlay::Confirm(dialog)) => match dialog.readiness(story.now()) {
            Readiness::Disarmed(why) => Some(why),
            _ => None,
        },
        other => panic!("a dialog was expected: {other:?}"),
    }
}

fn armed_approval() -> Story {
    let mut story = Story::new(Access::Operate);
    assert_eq!(story.press('a'), []);
    story.drawn();
    story.wait(400);
    story
}

#[test]
fn stop_acts_at_once_and_is_told_only_when_seen() {
    let mut story = Story::new(Access::Operate);
    let effects = story.press('s');
    let command = only_command(&effects).clone();
    assert_eq!(command.order, Order::Hold { push: STORAGE, reason: None });
    assert!(story.model.overlay().is_none());
    assert_eq!(toast(&story).0, ToastKind::Asked);
    let at = story.now();
    update(&mut story.model, Event::Answered { id: command.id, outcome: Outcome::Accepted { seq: Seq(99) }, at });
    assert_eq!(toast(&story).0, ToastKind::Asked, "accepted is not done");
    story.happens(Fact::StopTold { push: STORAGE, tries: 1 });
    story.held(STORAGE);
    assert_eq!(toast(&story).0, ToastKind::Asked, "held, and not yet seen to stand still");
    story.happens(Fact::StopObserved { push: STORAGE });
    assert_eq!(toast(&story), (ToastKind::Done, "storage stopped".to_owned()));
    assert_eq!(only_command(&story.press('s')).order, command.order, "stopping again does the same");
}

#[test]
fn an_approval_takes_the_code_shown_and_carries_what_was_seen() {
    let mut story = armed_approval();
    story.types(CODE);
    let effects = story.enter();
    match &only_command(&effects).order {
        Order::Approve { push, sight } => {
            assert_eq!((*push, sight.from, sight.to), (STORAGE, Some(1), Some(2)));
            assert_eq!(sight.basis, story.fleet.seq());
            assert_eq!(sight.digests.len(), 2);
        }
        other => panic!("{other:?}"),
    }
    assert!(story.model.overlay().is_none());
}

#[test]
fn the_dialog_says_what_would_happen() {
    let story = armed_approval();
    let Some(Overlay::Confirm(dialog)) = story.model.overlay() else { panic!() };
    let body = dialog.body().iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
    for part in [
        "PRODUCTION (protected): 10 % → 100 %",
        "the last approval: 10 % → 100 % in production STARTS AT ONCE",
        "instances 4 → 40 of 40",
        "met: ",
    ] {
        assert!(body.contains(part), "{part:?} is missing in {body:?}");
    }
}

#[test]
fn that_a_yes_has_become_the_last_one_is_read_before_it_counts() {
    let mut story = Story::asking(Access::Operate, 2);
    assert_eq!(story.press('a'), []);
    story.drawn();
    story.wait(400);
    let body = |story: &Story| {
        let Some(Overlay::Confirm(dialog)) = story.model.overlay() else { panic!() };
        dialog.body().iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert!(body(&story).contains("After yours, 1 more of 2 approvals"), "{}", body(&story));
    story.types(CODE);
    let push = story.fleet.push(STORAGE).unwrap();
    let approval = Approval::of(push, "mia".into(), EngineTime::from_millis(story.at), story.now());
    story.happens(Fact::Approved { push: STORAGE, approval });
    assert!(body(&story).contains("the last approval: 10 % → 100 % in production STARTS AT ONCE"), "{}", body(&story));
    assert_eq!(story.enter(), [], "what it sets off is another thing than was read");
    story.drawn();
    story.wait(400);
    assert_eq!(story.enter(), [], "nor was the code typed for it");
    story.types(CODE);
    assert_eq!(only_command(&story.enter()).order.verb(), "approve");
}

#[test]
fn an_ordinary_approval_is_armed_at_the_least_size() {
    let mut story = Story::new(Access::Operate);
    update(&mut story.model, Event::Resize { width: 60, height: 15 });
    assert_eq!(story.press('a'), []);
    story.drawn();
    story.wait(400);
    let Some(Overlay::Confirm(dialog)) = story.model.overlay() else { panic!() };
    assert_eq!(dialog.readiness(story.now()), Readiness::Armed, "{:#?}", dialog.body());
    let body = dialog.body().iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
    for part in [
        "Approve storage v1→v2: 100 % in PRODUCTION.",
        "STARTS AT ONCE",
        "Instances 4 → 40 of 40",
        "5 met: arrived, bake, siblings, same-commit, capacity.",
    ] {
        assert!(body.contains(part), "{part:?} is missing in {body:?}");
    }
    update(&mut story.model, Event::Resize { width: 60, height: 13 });
    assert!(disarmed(&story).is_some_and(|why| why.starts_with("too small")));
}

#[test]
fn a_wrong_code_or_a_hasty_enter_confirms_nothing() {
    let mut story = armed_approval();
    story.types("zzz");
    let mistyped = |story: &Story| matches!(story.model.overlay(), Some(Overlay::Confirm(dialog)) if dialog.is_mistyped());
    assert!(!mistyped(&story), "it may still become the code");
    story.types("z");
    assert!(mistyped(&story));
    assert_eq!(story.enter(), []);
    let mut story = armed_approval();
    story.types(CODE);
    story.at += 100;
    assert_eq!(story.press('z'), []);
    story.at += 149;
    assert_eq!(story.enter(), [], "149 ms after the last key");
    story.wait(150);
    assert_eq!(only_command(&story.enter()).order.verb(), "approve");
}

#[test]
fn keys_before_arming_are_void_and_start_it_again() {
    let mut story = Story::new(Access::Operate);
    story.press('a');
    story.drawn();
    for _ in 0..20 {
        story.wait(399);
        story.press('k');
    }
    let Some(Overlay::Confirm(dialog)) = story.model.overlay() else { panic!() };
    assert_ne!(dialog.readiness(story.now()), Readiness::Armed);
    story.wait(400);
    story.types(CODE);
    assert_eq!(only_command(&story.enter()).order.verb(), "approve");
}

#[test]
fn what_worsens_while_it_is_open_disarms_it_for_good() {
    let mut story = armed_approval();
    story.happens(Fact::FeedChanged {
        feed: Feed::Metrics,
        state: FeedState::Lost { since: EngineTime::from_millis(0), why: "gone".into() },
    });
    assert!(disarmed(&story).is_some_and(|why| why.contains("metrics lost")), "{:?}", disarmed(&story));
    story.happens(Fact::FeedChanged { feed: Feed::Metrics, state: FeedState::Live });
    story.types(CODE);
    assert_eq!(story.enter(), []);
    assert!(disarmed(&story).is_some());
}

#[test]
fn a_dialog_that_cannot_be_shown_whole_does_not_arm() {
    for size in [(59, 40), (80, 14), (0, 0)] {
        let mut story = armed_approval();
        update(&mut story.model, Event::Resize { width: size.0, height: size.1 });
        story.drawn();
        story.wait(500);
        let fits = disarmed(&story).is_none();
        assert!(!fits, "{size:?}");
        story.types(CODE);
        assert_eq!(story.enter(), [], "{size:?}");
    }
}

#[test]
fn stop_works_inside_a_dialog_and_its_hold_disarms_the_way_forward() {
    let mut story = armed_approval();
    assert_eq!(only_command(&story.key(Key::ctrl('s'))).order, Order::Hold { push: STORAGE, reason: None });
    story.held(STORAGE);
    assert!(disarmed(&story).is_some_and(|why| why.contains("held by lena")));
}

#[test]
fn rolling_back_stops_in_the_same_instant_and_enter_runs_the_plan() {
    for (key, manner) in [('r', Manner::Ordered), ('R', Manner::Fast)] {
        let mut story = Story::new(Access::Operate);
        let stop = only_command(&story.press(key)).clone();
        assert_eq!(stop.order, Order::Hold { push: STORAGE, reason: None });
        story.drawn();
        assert_eq!(story.enter(), [], "not armed");
        story.wait(400);
        let back = only_command(&story.enter()).clone();
        assert_eq!(back.order, Order::RollBack { push: STORAGE, manner, reason: None });
        assert_ne!(stop.id, back.id, "one identity, one order");
    }
    let mut story = Story::new(Access::Operate);
    story.press('r');
    assert_eq!(story.key(Key::plain(Code::Esc)), []);
    assert!(story.model.overlay().is_none());
}

#[test]
fn nothing_goes_forward_on_stale_news_but_stop_and_back_do() {
    let mut story = Story::new(Access::Operate);
    story.silence(6_001);
    assert_eq!(story.press('a'), []);
    let (kind, text) = toast(&story);
    assert_eq!(kind, ToastKind::Refused);
    assert!(text.ends_with("to stop, s; to go back, r"), "{text}");
    assert_eq!(only_command(&story.press('s')).order.verb(), "hold");
    assert_eq!(only_command(&story.press('r')).order.verb(), "hold");
    story.drawn();
    story.silence(500);
    assert_eq!(only_command(&story.enter()).order.verb(), "rollback");
}

#[test]
fn refusals_say_who_can() {
    let refusal = |actor: &str| {
        let mut story = Story::new(Access::Operate);
        story.model.setup.actor = actor.into();
        assert_eq!(story.press('a'), []);
        toast(&story).1
    };
    assert_eq!(refusal("omar"), "you asked for storage, so your approval does not count; it can be given by lena");
    assert_eq!(refusal("mia"), "approving storage takes oncall; it can be given by lena");
    let mut story = Story::new(Access::Operate);
    story.held(STORAGE);
    story.press('a');
    assert_eq!(toast(&story).1, "storage is stopped by lena; first resume it with u");
}

#[test]
fn a_rejection_takes_a_reason_then_y_then_enter() {
    let mut story = Story::new(Access::Operate);
    story.press('x');
    story.drawn();
    story.wait(400);
    story.types("bad");
    story.paste(" p99\ny\n");
    assert_eq!(story.enter(), [], "leaves the field");
    story.types("y");
    let reason = Some("bad p99 y".to_owned());
    assert_eq!(only_command(&story.enter()).order, Order::Reject { push: STORAGE, reason });
}

#[test]
fn where_several_are_meant_stop_takes_them_all_and_a_forward_verb_asks_which() {
    let mut story = Story::new(Access::Operate);
    story.happens(Fact::PushConverged { push: STORAGE });
    for (id, service) in [(CART, "index"), (OTHER, "blob")] {
        let plan = PushPlan { group: "storage".into(), ..plan(id, service, &[service], "v2") };
        story.happens(Fact::PushRequested { plan: Box::new(plan) });
    }
    story.key(Key::plain(Code::Home));
    assert_eq!(story.model.cursor(), Some(&RowKey::Group("storage".into())));
    let held: Vec<_> = story.press('s').iter().map(|effect| only_command(std::slice::from_ref(effect)).clone()).collect();
    assert_eq!(held.iter().filter_map(|command| command.order.push()).collect::<Vec<_>>(), [CART, OTHER]);
    assert_ne!(held[0].id, held[1].id);
    story.held(CART);
    story.held(OTHER);
    assert_eq!(story.press('u'), []);
    let Some(Overlay::Which(which)) = story.model.overlay() else { panic!("{:?}", story.model.overlay()) };
    assert_eq!(which.choices.len(), 2);
    story.press('j');
    story.enter();
    let Some(Overlay::Confirm(dialog)) = story.model.overlay() else { panic!("{:?}", story.model.overlay()) };
    assert_eq!(dialog.intent.push(), Some(OTHER));
}

#[test]
fn stopping_everything_is_one_order() {
    let mut story = Story::new(Access::Operate);
    assert_eq!(only_command(&story.press('S')).order, Order::HoldAll { reason: None });
    assert_eq!(story.key(Key::ctrl('z')), [Effect::Suspend]);
}

#[test]
fn an_unknown_outcome_stays_unknown_until_it_is_read_back() {
    let mut story = Story::new(Access::Operate);
    let effects = story.press('s');
    let command = only_command(&effects).clone();
    let at = story.now();
    update(&mut story.model, Event::Answered { id: command.id, outcome: Outcome::Unknown { why: "no answer".into() }, at });
    story.wait(60_000);
    assert_eq!(toast(&story).0, ToastKind::Unknown);
    story.held(STORAGE);
    story.happens(Fact::Commanded { command: Box::new(command), outcome: Outcome::Accepted { seq: Seq(1) } });
    assert_eq!(toast(&story).0, ToastKind::Done);
}
