//! Checks by others, and lines of a playbook whose result is checked. They fail closed: only a fresh yes for this very gate lets pass.

use super::super::check::{Answer, Check, Look};
use super::super::fleet::Fleet;
use super::super::id::CheckId;
use super::super::push::Push;
use super::super::stage::PlannedStage;
use super::super::time::EngineTime;
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(fleet: &Fleet, push: &Push, next: &PlannedStage, now: EngineTime) -> Vec<Requirement> {
    next.checks.iter().map(|name| one(fleet, push, name, now)).collect()
}

fn one(fleet: &Fleet, push: &Push, name: &CheckId, now: EngineTime) -> Requirement {
    let Some(check) = fleet.declaration.checks.get(name) else {
        let why = "the spec no longer declares this check".to_owned();
        let kind = RequirementKind::External { name: name.clone() };
        return Requirement::new(kind, RequirementState::Broken, why, "whoever keeps the spec".to_owned());
    };
    let look = push.checks.get(name).filter(|look| look.gate == push.gate());
    let (state, why) = standing(check, look, push.cursor.entered, now);
    Requirement::new(check.kind(), state, why, check.who.to_string())
}

fn standing(check: &Check, look: Option<&Look>, entered: EngineTime, now: EngineTime) -> (RequirementState, String) {
    let task = |text: &str| check.text.as_ref().map_or_else(|| text.to_owned(), |task| format!("{task}: {text}"));
    let Some(look) = look else {
        return if now <= entered + check.timeout + check.every {
            (RequirementState::Pending, task("asked, no answer yet"))
        } else {
            (RequirementState::Broken, task(&format!("no answer to any question so far, one every {}", check.every)))
        };
    };
    if now.since(look.asked) > check.counts_for() {
        let old = format!("the last answer is older than {}, it is asked every {}", check.counts_for(), check.every);
        return (RequirementState::Broken, task(&old));
    }
    match (&look.answer, &check.text) {
        (Answer::Passed, None) => (RequirementState::Met, format!("passed, asked every {}", check.every)),
        (Answer::Passed, Some(_)) => (RequirementState::Met, task("done")),
        (Answer::Failed { why }, None) => (RequirementState::Unmet, format!("did not pass: {why}")),
        (Answer::Failed { why }, Some(_)) => (RequirementState::Pending, task(&format!("not done yet, {why}"))),
        (Answer::Broken { why }, _) => (RequirementState::Broken, task(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::id::{GateId, PushId};
    use super::super::super::time::Period;
    use super::*;

    fn check(text: Option<&str>) -> Check {
        Check {
            id: "board".into(),
            url: "http://localhost".to_owned(),
            every: Period::from_secs(10),
            timeout: Period::from_secs(2),
            who: "change-managers".into(),
            text: text.map(str::to_owned),
            expect: None,
        }
    }

    fn look(answer: Answer) -> Look {
        let gate = GateId { push: PushId(uuid::Uuid::nil()), stage: None, entry: 0 };
        Look { gate, asked: EngineTime::from_millis(100_000), answer }
    }

    #[test]
    fn only_a_fresh_yes_lets_pass() {
        let (failed, broken) = (|| Answer::Failed { why: "409".into() }, || Answer::Broken { why: "no answer within 2 s".into() });
        let rows = [
            (None, None, 112, RequirementState::Pending),
            (None, None, 113, RequirementState::Broken),
            (None, Some(Answer::Passed), 130, RequirementState::Met),
            (None, Some(Answer::Passed), 131, RequirementState::Broken),
            (None, Some(failed()), 101, RequirementState::Unmet),
            (None, Some(broken()), 101, RequirementState::Broken),
            (Some("warm the caches"), None, 101, RequirementState::Pending),
            (Some("warm the caches"), Some(failed()), 101, RequirementState::Pending),
            (Some("warm the caches"), Some(failed()), 131, RequirementState::Broken),
            (Some("warm the caches"), Some(broken()), 101, RequirementState::Broken),
            (Some("warm the caches"), Some(Answer::Passed), 101, RequirementState::Met),
        ];
        for (text, answer, at, expected) in rows {
            let look = answer.map(look);
            let entered = EngineTime::from_millis(100_000);
            let found = standing(&check(text), look.as_ref(), entered, EngineTime::from_millis(at * 1_000));
            assert_eq!(found.0, expected, "{text:?} {look:?} at {at}: {}", found.1);
        }
    }
}
