//! Checks by others and lines of a playbook: only a fresh yes for the very gate lets anything pass.

use pushdeck::domain::change::Fact;
use pushdeck::domain::check::{Answer, Check, Look};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CheckId, GateId};
use pushdeck::domain::requirement::{self, RequirementKind, RequirementState};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::engine::effect::{Effect, Input};
use pushdeck::engine::run::script::Reply;
use pushdeck::simulation::world::Profile;

use super::others::{AUTH, Desk, MINUTE, altered, take};

fn board(text: Option<&str>) -> Check {
    Check {
        id: "board".into(),
        url: "http://127.0.0.1:1/".to_owned(),
        every: Period::from_secs(10),
        timeout: Period::from_secs(2),
        who: "oncall".into(),
        text: text.map(str::to_owned),
        expect: None,
    }
}

/// Auth under way, with a check before the production stages of these numbers.
fn checked(check: Check, before: &[usize], replies: &[(i64, Reply)]) -> Desk {
    let mut declaration = altered("3s", |index, stage| {
        if before.contains(&index) {
            stage.checks = vec!["board".into()];
        }
        stage.bake = Period::from_secs(if index == 0 { 60 } else { 3 });
    });
    let answers = (check.id.clone(), replies.iter().map(|(from, reply)| (Period::from_secs(*from), *reply)).collect());
    declaration.checks.insert(check.id.clone(), check);
    let mut desk = Desk::new(declaration, Profile::default(), [answers].into());
    desk.auth();
    desk
}

#[test]
fn a_check_keeps_a_push_until_it_passes_and_is_written_down_once_a_period() {
    let mut desk = checked(board(None), &[0], &[(90, Reply::Passes)]);
    desk.until(MINUTE, "it stands before production", |desk| desk.push(AUTH).cursor.bake.running_since.is_some());
    desk.run.advance(Period::from_secs(5));
    let found = desk.found(AUTH, "board").expect("asked for");
    assert_eq!((found.state, found.who.as_str()), (RequirementState::Unmet, "oncall"), "{found:?}");
    desk.run.drain();
    desk.run.advance(Period::from_secs(40));
    let about = |fact: &Fact| matches!(fact, Fact::Checked { .. } | Fact::CheckedAgain { .. });
    let noted = desk.run.drain().changes.into_iter().filter(|change| about(&change.fact)).count();
    assert!((3..=5).contains(&noted), "{noted} in four periods");
    assert!(!requirement::approval_is_asked(desk.run.fleet(), desk.push(AUTH), desk.run.now()));
    desk.until(MINUTE * 2, "it goes in once the board agrees", |desk| desk.push(AUTH).cursor.stage == Some(1));
    assert!(desk.run.elapsed() >= Period::from_secs(90));
}

#[test]
fn a_step_of_a_playbook_waits_for_whoever_does_it() {
    let mut desk = checked(board(Some("warm the caches")), &[0], &[(60, Reply::Passes)]);
    desk.until(MINUTE, "it stands before production", |desk| desk.push(AUTH).cursor.bake.running_since.is_some());
    desk.run.advance(Period::from_secs(3));
    let found = desk.found(AUTH, "board").expect("asked for");
    assert_eq!(found.state, RequirementState::Pending);
    assert_eq!(found.kind, RequirementKind::Step { name: "board".into() });
    assert!(found.why.starts_with("warm the caches: not done yet"), "{found:?}");
    desk.until(MINUTE * 2, "it goes in once it is done", |desk| desk.push(AUTH).cursor.stage == Some(1));
}

#[test]
fn silence_is_no_answer_and_no_answer_is_broken() {
    let mut desk = checked(board(None), &[0], &[(0, Reply::Silent)]);
    desk.until(MINUTE, "silence is noticed", |desk| desk.state(AUTH, "board") == Some(RequirementState::Broken));
    for _ in 0..240 {
        desk.look();
    }
    assert_eq!(desk.push(AUTH).cursor.stage, Some(0));
    assert_eq!(desk.state(AUTH, "board"), Some(RequirementState::Broken));
}

#[test]
fn a_yes_for_one_gate_is_none_for_the_next() {
    // The board agrees to one box and falls silent while that bakes.
    let mut desk = checked(board(None), &[0, 1], &[(0, Reply::Passes), (35, Reply::Silent)]);
    desk.until(MINUTE, "one box", |desk| desk.push(AUTH).cursor.stage == Some(1));
    let entry = desk.push(AUTH).gate();
    assert!(desk.push(AUTH).checks.values().all(|look| look.gate == entry), "{:?}", desk.push(AUTH).checks);
    for _ in 0..360 {
        desk.look();
    }
    assert_eq!(desk.push(AUTH).cursor.stage, Some(1));
    assert_eq!(desk.state(AUTH, "board"), Some(RequirementState::Broken));
}

fn standing(fleet: &Fleet, now: EngineTime) -> Option<RequirementState> {
    let push = fleet.push(AUTH)?;
    requirement::of_gate(fleet, push, now).into_iter().find(|found| found.kind.word() == "board").map(|found| found.state)
}

/// Every order of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for next in 0..count {
        all = all
            .iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |at| {
                    let mut order: Vec<usize> = order.clone();
                    order.insert(at, next);
                    order
                })
            })
            .collect();
    }
    all
}

#[test]
fn in_whatever_order_answers_come_only_the_newest_for_this_gate_counts() {
    let mut desk = checked(board(None), &[0], &[(0, Reply::Silent)]);
    for _ in 0..240 {
        desk.look();
    }
    let (fleet, now) = (desk.run.fleet().as_ref().clone(), desk.run.now());
    let gate = desk.push(AUTH).gate();
    let before = GateId { entry: gate.entry - 1, ..gate };
    let no = || Answer::Failed { why: "answered 409".to_owned() };
    let ago = |seconds| now - Period::from_secs(seconds);
    let answer =
        |name: &str, gate, asked, answer| Input::Checked { push: AUTH, name: name.into(), look: Look { gate, asked, answer } };
    let answers = || {
        [
            answer("board", gate, ago(9), Answer::Passed),
            answer("board", gate, ago(2), no()),
            answer("board", before, ago(1), Answer::Passed),
            answer("board", gate, now + Period::from_secs(9), Answer::Passed),
            answer("bored", gate, ago(1), Answer::Passed),
        ]
    };
    for order in orders(5) {
        let mut fleet = fleet.clone();
        for at in &order {
            fleet = take(&fleet, answers()[*at].clone(), now).0;
        }
        assert_eq!(standing(&fleet, now), Some(RequirementState::Unmet), "{order:?}");
    }
    // What was asked long ago was answered too late to count; what is fresh counts until it is not.
    let (late, _) = take(&fleet, answer("board", gate, ago(31), Answer::Passed), now);
    assert_eq!(standing(&late, now), Some(RequirementState::Broken));
    let (fresh, wanted) = take(&fleet, answer("board", gate, ago(1), Answer::Passed), now);
    assert!(wanted.is_empty(), "it has been asked just now: {wanted:?}");
    assert_eq!(standing(&fresh, now), Some(RequirementState::Met));
    assert_eq!(standing(&fresh, now + Period::from_secs(29)), Some(RequirementState::Met));
    assert_eq!(standing(&fresh, now + Period::from_secs(30)), Some(RequirementState::Broken));
    let due = now + Period::from_secs(9);
    let (_, wanted) = take(&fresh, Input::Tick, due);
    assert_eq!(wanted, [Effect::Check { push: AUTH, gate, name: CheckId::new("board") }]);
}
