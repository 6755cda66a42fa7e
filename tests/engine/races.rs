//! Two people who give an order in the same instant, having seen the same: what comes of each pair, as a table for each situation.
//!
//! A row is who comes first, a column who comes second.
//!
//! - `both`: both orders are carried out.
//! - `1st`: the first is carried out; the second is told who was first, and how long ago.
//! - `2nd`: both are carried out, and the second undoes what the first did: a stop, a way back, or taking back.
//! - `·`: one of the two is not possible there at all, whoever else does what.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use pushdeck::domain::command::{Acknowledged, Command, Order, Outcome, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, PersonId, PushId};
use pushdeck::domain::metric::{Metric, SliceId, Standing};
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::requirement::RequirementKind;
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::share::Share;
use pushdeck::domain::stage::Advance;
use pushdeck::domain::status::Status;
use pushdeck::domain::time::{ConsoleTime, EngineTime, Period};
use pushdeck::engine::effect::Input;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::step::step;
use uuid::Uuid;

use super::people::{BEFORE, FIRST, PUSH, SECOND, approve, command, declaration, exposed, started, wait};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Start,
    Approve,
    Revoke,
    Promote,
    Waive,
    Resume,
    Hold,
    Reject,
    Back,
    Fast,
    Seen,
}

impl Verb {
    const ALL: [Self; 11] = [
        Self::Start,
        Self::Approve,
        Self::Revoke,
        Self::Promote,
        Self::Waive,
        Self::Resume,
        Self::Hold,
        Self::Reject,
        Self::Back,
        Self::Fast,
        Self::Seen,
    ];

    fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// The order, on what was seen in `base`. A start is of another group than the push.
    fn order(self, base: &Fleet, now: EngineTime, id: u128) -> Order {
        let (push, sight) = (PUSH, Box::new(Sight::of(base, PUSH, now).expect("a push")));
        match self {
            Self::Start => Order::start(base, PushId(Uuid::from_u128(id)), vec![("auth".into(), "v2".into())])
                .expect("a release that is known"),
            Self::Approve => Order::Approve { push, sight },
            Self::Revoke => Order::Revoke { push },
            Self::Promote => Order::Promote { push, sight },
            Self::Waive => {
                let requirement = RequirementKind::Threshold { metric: Metric::Errors };
                Order::Waive { push, sight, requirement, reason: "a known client".to_owned(), lasts: Period::from_mins(10) }
            }
            Self::Resume => Order::Resume { push, sight },
            Self::Hold => Order::Hold { push, reason: None },
            Self::Reject => Order::Reject { push, reason: None },
            Self::Back => Order::RollBack { push, manner: Manner::Ordered, reason: None },
            Self::Fast => Order::RollBack { push, manner: Manner::Fast, reason: None },
            Self::Seen => Order::Acknowledge { what: Acknowledged::Push { push } },
        }
    }

    /// Whether what it asks for is so.
    fn is_done(self, base: &Push, fleet: &Fleet, by: &str, id: u128) -> bool {
        let push = fleet.push(PUSH).expect("the push");
        let by: PersonId = by.into();
        let went_on = push.is_forward() && push.gate() != base.gate();
        match self {
            Self::Start => fleet.push(PushId(Uuid::from_u128(id))).is_some(),
            Self::Approve => went_on || push.approvals.iter().any(|approval| approval.by == by),
            Self::Revoke => push.approvals.iter().all(|approval| base.approvals.iter().all(|before| before.by != approval.by)),
            Self::Promote => went_on,
            Self::Waive => went_on || !push.waivers.is_empty(),
            Self::Resume => push.is_forward() && push.holds.is_empty(),
            Self::Hold => push.holds.iter().any(|hold| hold.by.person() == Some(&by)),
            Self::Reject => push.rejection.as_ref().is_some_and(|rejection| rejection.by == by),
            Self::Back => push.course.rollback().is_some(),
            Self::Fast => push.course.rollback().is_some_and(|rollback| rollback.manner == Manner::Fast),
            Self::Seen => push.acknowledged.is_some(),
        }
    }
}

/// A moment, to be tried again and again.
struct Base {
    fleet: Arc<Fleet>,
    now: EngineTime,
}

impl Base {
    fn of(run: &Stepped) -> Self {
        Self { fleet: Arc::clone(run.fleet()), now: run.now() }
    }

    fn give(&self, fleet: &mut Fleet, verb: Verb, by: &str, id: u128) -> Outcome {
        give(fleet, self.now, by, verb.order(&self.fleet, self.now, id), id)
    }

    fn is_possible(&self, verb: Verb) -> bool {
        matches!(self.give(&mut (*self.fleet).clone(), verb, SECOND, 9), Outcome::Accepted { .. })
    }

    /// What comes of two orders, and the sentence for who lost.
    fn race(&self, first: Verb, second: Verb) -> (&'static str, String) {
        let mut fleet = (*self.fleet).clone();
        let before = fleet.push(PUSH).expect("the push").clone();
        if !matches!(self.give(&mut fleet, first, FIRST, 1), Outcome::Accepted { .. }) {
            return ("·", String::new());
        }
        assert!(first.is_done(&before, &fleet, FIRST, 1), "{first:?} was accepted and not done");
        let answer = self.give(&mut fleet, second, SECOND, 2);
        match answer {
            Outcome::Accepted { .. } if first.is_done(&before, &fleet, FIRST, 1) => ("both", String::new()),
            Outcome::Accepted { .. } => ("2nd", String::new()),
            _ if !self.is_possible(second) => ("·", String::new()),
            Outcome::Superseded { by } => ("1st", by),
            Outcome::Refused { why, .. } => ("1st", why),
            Outcome::Unknown { why } => panic!("{why}"),
        }
    }

    /// The table of what comes of each pair, of the orders that mean something there.
    fn table(&self) -> String {
        let mut rows = BTreeMap::new();
        for first in Verb::ALL {
            for second in Verb::ALL {
                let (found, sentence) = self.race(first, second);
                let named = found != "1st" || (sentence.contains(FIRST) && sentence.contains(" ago"));
                assert!(named, "{first:?} then {second:?}: {sentence:?} does not say who was first, and when");
                rows.entry(first).or_insert_with(Vec::new).push((second, found));
            }
        }
        let means = |verb: Verb| rows[&verb].iter().any(|(_, found)| *found != "·");
        let shown: Vec<Verb> = Verb::ALL.into_iter().filter(|verb| means(*verb)).collect();
        let mut text = format!("{:<8}", "");
        for verb in &shown {
            let _ = write!(text, " {:<7}", verb.word());
        }
        for first in &shown {
            let _ = write!(text, "\n{:<8}", first.word());
            for (second, found) in &rows[first] {
                if shown.contains(second) {
                    let _ = write!(text, " {found:<7}");
                }
            }
        }
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    #[track_caller]
    fn comes_to(&self, expected: &str) {
        let expected = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        let found = self.table().lines().map(str::trim).collect::<Vec<_>>().join("\n");
        assert!(found == expected, "found\n{}\n\nexpected\n{expected}", self.table());
    }
}

fn give(fleet: &mut Fleet, now: EngineTime, by: &str, order: Order, id: u128) -> Outcome {
    let command = Command { id: CommandId(Uuid::from_u128(1_000 + id)), actor: by.into(), order };
    let step = step(fleet, Input::Command(Box::new(command)), now, ConsoleTime::from_millis(now.millis()));
    step.changes.iter().for_each(|change| fleet.apply(change));
    step.outcome.expect("an answer")
}

/// At 1 % of production, with errors beyond their limit since this moment.
fn crossed(declaration: Declaration) -> Base {
    let base = Base::of(&exposed(declaration));
    let mut fleet = (*base.fleet).clone();
    let push = fleet.push(PUSH).expect("the push").clone();
    let stage = push.stage().expect("a stage").clone();
    let slice: SliceId = push.slices(&stage, Metric::Errors).next().expect("a slice");
    let judged = Input::Judged(vec![(slice, Standing::Beyond { value: 0.03, limit: 0.01 })]);
    let step = step(&fleet, judged, base.now, ConsoleTime::from_millis(base.now.millis()));
    step.changes.iter().for_each(|change| fleet.apply(change));
    Base { fleet: Arc::new(fleet), now: base.now }
}

#[test]
fn before_the_only_approval() {
    let mut run = started(declaration(1));
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    Base::of(&run).comes_to(
        "
        start   approve hold    reject  back    fast
start    1st     both    both    both    both    both
approve  both    1st     both    both    2nd     2nd
hold     both    1st     both    both    2nd     2nd
reject   both    1st     both    1st     both    both
back     both    1st     1st     1st     1st     both
fast     both    1st     1st     1st     1st     1st
        ",
    );
}

#[test]
fn when_one_of_two_has_approved() {
    let mut run = started(declaration(2));
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    approve(&mut run, BEFORE, 101);
    Base::of(&run).comes_to(
        "
        start   approve revoke  hold    reject  back    fast
start    1st     both    both    both    both    both    both
approve  both    1st     1st     both    both    2nd     2nd
revoke   both    both    1st     both    both    both    both
hold     both    1st     1st     both    both    2nd     2nd
reject   both    1st     both    both    1st     both    both
back     both    1st     1st     1st     1st     1st     both
fast     both    1st     1st     1st     1st     1st     1st
        ",
    );
}

/// Whoever resumes has to have seen what was waived; whoever waives need not have seen that it moves again.
#[test]
fn when_somebody_has_stopped_it() {
    let mut run = exposed(declaration(1));
    command(&mut run, BEFORE, Order::Hold { push: PUSH, reason: None }, 102);
    Base::of(&run).comes_to(
        "
        start   waive   resume  hold    reject  back    fast
start    1st     both    both    both    both    both    both
waive    both    1st     1st     both    both    2nd     2nd
resume   both    both    1st     2nd     both    2nd     2nd
hold     both    1st     1st     both    both    2nd     2nd
reject   both    1st     1st     both    1st     both    both
back     both    1st     1st     1st     1st     1st     both
fast     both    1st     1st     1st     1st     1st     1st
        ",
    );
}

#[test]
fn when_a_limit_is_crossed_that_one_person_may_waive() {
    crossed(declaration(1)).comes_to(
        "
        start   waive   hold    reject  back    fast
start    1st     both    both    both    both    both
waive    both    1st     both    both    2nd     2nd
hold     both    1st     both    both    2nd     2nd
reject   both    1st     both    1st     both    both
back     both    1st     1st     1st     1st     both
fast     both    1st     1st     1st     1st     1st
        ",
    );
}

/// Two who waive the same, unknown to each other, are the two people that are needed.
#[test]
fn when_a_limit_is_crossed_that_takes_two_people() {
    let mut declaration = declaration(1);
    for environment in &mut declaration.environments {
        environment.waive_alone_up_to = Share::percent(1.0);
    }
    let base = crossed(declaration);
    assert_eq!(base.race(Verb::Waive, Verb::Waive), ("both", String::new()));
    assert_eq!(base.race(Verb::Waive, Verb::Hold).0, "both");
    assert_eq!(base.race(Verb::Waive, Verb::Back).0, "2nd");
}

#[test]
fn when_it_waits_for_a_go() {
    let mut declaration = declaration(1);
    let stages = declaration.plans.values_mut().flat_map(|plan| &mut plan.legs).flat_map(|leg| &mut leg.stages);
    stages.filter(|stage| stage.name == "1 %").for_each(|stage| stage.advance = Advance::Hand);
    let mut run = exposed(declaration);
    wait(&mut run, |_, status| status == Status::Ready);
    Base::of(&run).comes_to(
        "
        start   promote hold    reject  back    fast
start    1st     both    both    both    both    both
promote  both    1st     both    both    2nd     2nd
hold     both    1st     both    both    2nd     2nd
reject   both    1st     both    1st     both    both
back     both    1st     1st     1st     1st     both
fast     both    1st     1st     1st     1st     1st
        ",
    );
}

#[test]
fn when_it_goes_back_and_when_it_is_back() {
    let mut run = exposed(declaration(1));
    command(&mut run, BEFORE, Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None }, 102);
    Base::of(&run).comes_to(
        "
        start   fast
start    1st     both
fast     both    1st
        ",
    );
    wait(&mut run, |push, _| matches!(push.course, Course::RolledBack { .. }));
    Base::of(&run).comes_to(
        "
        start   seen
start    1st     both
seen     both    both
        ",
    );
}

#[test]
fn when_it_was_rejected() {
    let mut run = exposed(declaration(1));
    command(&mut run, BEFORE, Order::Reject { push: PUSH, reason: None }, 102);
    // That the rejection was seen does not say that the way back was.
    Base::of(&run).comes_to(
        "
        start   hold    back    fast    seen
start    1st     both    both    both    both
hold     both    both    2nd     2nd     both
back     both    1st     1st     both    both
fast     both    1st     1st     1st     both
seen     both    both    2nd     2nd     both
        ",
    );
}
