//! Windows and freezes: they bind the way forward, and nothing else.

use jiff::tz::TimeZone;
use pushdeck::domain::change::Fact;
use pushdeck::domain::command::{Command, Order, Outcome, Sight};
use pushdeck::domain::decision::{self, DecisionKind};
use pushdeck::domain::explain::{self, Moment};
use pushdeck::domain::forecast;
use pushdeck::domain::freeze::{Exception, Freeze};
use pushdeck::domain::id::{CommandId, PushId};
use pushdeck::domain::person::Actor;
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::requirement::{self, RequirementKind, RequirementState};
use pushdeck::domain::rollback::{Manner, Trigger};
use pushdeck::domain::schedule::AtWindowEnd;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::domain::window::{Day, Window, Zone};
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::plan;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;
use super::watcher::{LOOK, when};

const PUSH: PushId = PushId(Uuid::from_u128(77));

/// So long after the first moment of a run.
fn after(seconds: i64) -> EngineTime {
    small::evening() + Period::from_secs(seconds)
}

fn freeze(from: i64, until: i64) -> Freeze {
    Freeze {
        name: "peak".to_owned(),
        from: after(from),
        until: after(until),
        environments: vec!["production".into()],
        exceptions: Vec::new(),
    }
}

fn exception(until: i64) -> Exception {
    Exception { group: "storage".into(), by: "bob".into(), until: after(until), reason: "a fix".to_owned() }
}

/// A run with freezes in it, and people who approve whatever is asked of them.
struct Evening {
    run: Stepped,
    given: u128,
}

impl Evening {
    fn new(freezes: Vec<Freeze>, at_end: AtWindowEnd) -> Self {
        Self::within(freezes, at_end, None)
    }

    fn within(freezes: Vec<Freeze>, at_end: AtWindowEnd, window: Option<Window>) -> Self {
        let mut declaration = small::declaration("10s");
        declaration.freezes = freezes;
        declaration.environments[1].at_window_end = Some(at_end);
        declaration.environments[1].window = window;
        Self { run: small::run(declaration, Profile::default(), SimulatedDriver::default()), given: 0 }
    }

    /// With the group's push asked for.
    fn pushing(freezes: Vec<Freeze>, at_end: AtWindowEnd) -> Self {
        let mut evening = Self::new(freezes, at_end);
        let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
        let order = Order::start(evening.run.fleet(), PUSH, releases).expect("releases that are known");
        evening.give("ana", order);
        evening
    }

    fn give(&mut self, by: &str, order: Order) {
        self.given += 1;
        let command = Command { id: CommandId(Uuid::from_u128(self.given)), actor: by.into(), order };
        self.run.command(command).expect("an answer");
    }

    fn push(&self) -> Push {
        self.run.fleet().push(PUSH).expect("the push").clone()
    }

    fn status(&self) -> Status {
        status::of_push(self.run.fleet(), &self.push(), self.run.now())
    }

    fn moment(&self) -> Moment {
        Moment { now: self.run.now(), zone: TimeZone::UTC }
    }

    fn on_new(&self) -> u32 {
        self.run.fleet().on_new(&self.push(), &"production".into())
    }

    fn window(&self) -> Option<RequirementState> {
        let all = requirement::of_gate(self.run.fleet(), &self.push(), self.run.now());
        all.into_iter().find(|found| found.kind == RequirementKind::Window).map(|found| found.state)
    }

    fn step(&mut self) {
        self.run.advance(LOOK);
        if requirement::approval_is_asked(self.run.fleet(), &self.push(), self.run.now()) {
            let sight = Box::new(Sight::of(self.run.fleet(), PUSH, self.run.now()).expect("a push"));
            self.give("bob", Order::Approve { push: PUSH, sight });
        }
    }

    /// Lets time pass until a moment, and gives what is asked.
    fn reach(&mut self, seconds: i64) {
        while self.run.now() < after(seconds) {
            self.step();
        }
    }

    fn until(&mut self, so: impl Fn(&Self) -> bool) {
        let end = self.run.now() + Period::from_mins(20);
        while !so(self) {
            assert!(self.run.now() < end, "not within 20 minutes: {:?}", self.push().cursor);
            self.step();
        }
    }
}

/// When the push, left alone, enters each stage, and when it is done.
fn undisturbed() -> (Vec<i64>, i64) {
    let mut evening = Evening::pushing(Vec::new(), AtWindowEnd::Hold);
    evening.until(|evening| !evening.push().is_open());
    let changes = evening.run.drain().changes;
    let seconds = |at: EngineTime| (at - small::evening()).secs();
    let entered = changes.iter().filter(|change| matches!(change.fact, Fact::StageEntered { .. })).map(|change| seconds(change.at));
    (entered.collect(), when(&changes, |fact| matches!(fact, Fact::PushConverged { .. })).map(seconds).expect("converged"))
}

#[test]
fn a_freeze_holds_a_push_where_it_is_and_it_goes_on_afterwards() {
    let (entered, done) = undisturbed();
    println!("undisturbed: {entered:?}, {done}");
    // In the middle of the last stage's way.
    let (from, until) = (entered[5] + 6, entered[5] + 306);
    let mut evening = Evening::pushing(vec![freeze(from, until)], AtWindowEnd::Hold);
    evening.reach(from + 20);
    let caught = evening.on_new();
    assert_eq!((evening.push().cursor.stage, evening.window(), evening.status()), {
        (Some(5), Some(RequirementState::Unmet), Status::WaitingRequirements)
    });
    // Longer than its deadline of two minutes, which does not run meanwhile.
    evening.reach(until - 5);
    assert_eq!((evening.on_new(), evening.push().is_forward()), (caught, true));
    evening.until(|evening| !evening.push().is_open());
    assert!(matches!(evening.push().course, Course::Converged { .. }), "{:?}", evening.push().course);
    assert!(evening.on_new() > caught);
}

#[test]
fn a_stage_is_not_entered_while_its_environment_is_closed_and_people_are_asked_as_it_opens() {
    let (entered, _) = undisturbed();
    let (from, until) = (entered[1] - 5, entered[1] + 900);
    let mut evening = Evening::pushing(vec![freeze(from, until)], AtWindowEnd::Return);
    // Staging is not closed, so the push begins all the same, and nothing of it is in production to go back.
    evening.reach(from + 60);
    assert_eq!((evening.push().cursor.stage, evening.window()), (Some(0), Some(RequirementState::Unmet)));
    assert_eq!(evening.push().approvals.len(), 0, "not asked fifteen minutes ahead");
    let next = decision::next(evening.run.fleet(), &evening.moment()).expect("an approval ahead");
    assert_eq!((next.kind, next.since), (DecisionKind::Approval, after(until) - Period::from_mins(10)));
    evening.reach(until - 60);
    assert_eq!((evening.push().cursor.stage, evening.push().approvals.len()), (Some(0), 1), "asked within an approval's life");
    evening.reach(until + 2);
    assert_eq!(evening.push().cursor.stage, Some(1));
}

#[test]
fn a_push_does_not_begin_where_its_first_environment_is_closed() {
    let mut frozen = freeze(0, 900);
    frozen.environments = vec!["staging".into()];
    let mut evening = Evening::new(vec![frozen], AtWindowEnd::Hold);
    let order = Order::start(evening.run.fleet(), PUSH, vec![("auth".into(), "v2".into())]).expect("a release that is known");
    let command = Command { id: CommandId(Uuid::from_u128(1)), actor: "ana".into(), order };
    match evening.run.command(command).expect("an answer") {
        Outcome::Refused { why, .. } => {
            assert_eq!(why, "staging is closed, freeze peak until 20:15 UTC; start it when it opens");
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn with_return_it_goes_back_when_the_freeze_begins() {
    let (entered, _) = undisturbed();
    let from = entered[3] + 3;
    let mut evening = Evening::pushing(vec![freeze(from, from + 600)], AtWindowEnd::Return);
    evening.reach(from - 2);
    let said = explain::push(evening.run.fleet(), &evening.push(), &evening.moment()).otherwise;
    assert!(said.contains("goes back by itself at") && said.contains("the freeze peak"), "{said}");
    evening.reach(from + 1);
    let rollback = evening.push().course.rollback().expect("on its way back").clone();
    assert!(matches!(&rollback.trigger, Trigger::WindowEnd { environment, .. } if environment.as_str() == "production"));
    assert_eq!(rollback.decided, after(from));
    evening.until(|evening| !evening.push().is_open());
    assert!(matches!(evening.push().course, Course::RolledBack { .. }), "a freeze holds no way back up");
    assert_eq!(evening.on_new(), 0);
}

#[test]
fn with_return_what_is_through_the_environment_stays() {
    let (entered, done) = undisturbed();
    let from = done - 5;
    assert!(from > entered[5]);
    let mut evening = Evening::pushing(vec![freeze(from, from + 600)], AtWindowEnd::Return);
    evening.until(|evening| !evening.push().is_open());
    assert!(matches!(evening.push().course, Course::Converged { .. }), "{:?}", evening.push().course);
}

#[test]
fn an_exception_lets_its_group_through_until_it_expires() {
    let (entered, done) = undisturbed();
    let mut bound = freeze(entered[1] - 5, done + 600);
    bound.exceptions = vec![exception(done + 60)];
    let mut evening = Evening::pushing(vec![bound.clone()], AtWindowEnd::Return);
    evening.until(|evening| !evening.push().is_open());
    assert!(matches!(evening.push().course, Course::Converged { .. }) && evening.run.now() < after(done + 30));
    // One that expires on the way is the end of its time there.
    bound.exceptions = vec![exception(entered[4])];
    let mut evening = Evening::pushing(vec![bound], AtWindowEnd::Return);
    evening.reach(entered[4] + 2);
    assert!(matches!(evening.push().course, Course::Back { .. }), "{:?}", evening.push().course);
}

#[test]
fn that_it_cannot_be_through_in_time_is_a_decision_from_the_moment_it_is_so() {
    let (entered, done) = undisturbed();
    let from = done - 20;
    let mut evening = Evening::pushing(vec![freeze(from, from + 3_600)], AtWindowEnd::Hold);
    evening.until(|evening| evening.push().foreseen.is_some());
    let foreseen = evening.push().foreseen.expect("foreseen");
    assert!(foreseen.since < after(from) && foreseen.since >= after(entered[1]), "{foreseen:?}");
    assert_eq!((foreseen.cut.stage.as_str(), foreseen.cut.closes), ("100 %", after(from)));
    let due = decision::all(evening.run.fleet(), &evening.moment());
    let found = due.iter().find(|decision| decision.kind == DecisionKind::Window).expect("a decision");
    assert_eq!((found.since, found.until), (foreseen.since, Some(after(from))));
    assert!(found.is_due(evening.run.now()) && found.otherwise.contains("the freeze peak"), "{found:?}");
    let said = requirement::of_gate(evening.run.fleet(), &evening.push(), evening.run.now());
    let window = said.iter().find(|found| found.kind == RequirementKind::Window).expect("a requirement");
    assert!(window.state == RequirementState::Met && window.why.contains("100 % cannot be reached before "), "{window:?}");
}

/// A window that closes every day is no less of a decision than a freeze.
#[test]
fn that_the_daily_window_closes_first_is_a_decision_from_the_moment_it_is_so() {
    let (entered, done) = undisturbed();
    let minutes = (done - 10) / 60;
    assert!(minutes * 60 > entered[1], "it has to begin before: {entered:?}, {done}");
    let zone = Zone::named("UTC").expect("a zone");
    let to = format!("20:{minutes:02}").parse().expect("a time of day");
    let daily = Window { zone, days: Day::ALL.into(), from: "08:00".parse().expect("a time of day"), to };
    let mut evening = Evening::within(Vec::new(), AtWindowEnd::Hold, Some(daily));
    let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let order = Order::start(evening.run.fleet(), PUSH, releases).expect("releases that are known");
    evening.give("ana", order);
    let closes = after(minutes * 60);
    evening.until(|evening| evening.push().stage().is_some_and(|stage| stage.environment.as_str() == "production"));
    let foreseen = evening.push().foreseen.expect("told at once");
    assert_eq!((foreseen.cut.closes, foreseen.since), (closes, evening.push().cursor.entered));
    let due = decision::all(evening.run.fleet(), &evening.moment());
    let found = due.iter().find(|decision| decision.kind == DecisionKind::Window).expect("a decision");
    assert!(found.is_due(evening.run.now()) && found.since == foreseen.since && found.until == Some(closes), "{found:?}");
    // Once it is shut the decision is still due, until it opens again.
    evening.reach(minutes * 60 + 30);
    let due = decision::all(evening.run.fleet(), &evening.moment());
    let found = due.iter().find(|decision| decision.kind == DecisionKind::Window).expect("a decision");
    assert!(found.since == foreseen.since && found.until > Some(closes), "{found:?}");
}

#[test]
fn a_push_that_is_through_in_time_asks_for_no_decision() {
    let (_, done) = undisturbed();
    let mut evening = Evening::pushing(vec![freeze(done + 300, done + 900)], AtWindowEnd::Hold);
    evening.until(|evening| !evening.push().is_open());
    let foreseen = |fact: &Fact| matches!(fact, Fact::CutForeseen { cut: Some(_), .. });
    assert_eq!(when(&evening.run.drain().changes, foreseen), None);
}

#[test]
fn the_forecast_of_a_push_not_begun_says_when_people_are_needed_and_what_is_cut() {
    let (entered, done) = undisturbed();
    let evening = Evening::new(vec![freeze(entered[4] - 5, done + 600)], AtWindowEnd::Hold);
    let releases: Vec<_> = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let by = Actor::Person { name: "ana".into() };
    let plan = plan::plan(evening.run.fleet(), PUSH, &releases, by, evening.run.now()).expect("a plan");
    let ahead = forecast::of_plan(evening.run.fleet(), &plan, evening.run.now());
    let asked: Vec<u32> = ahead.stages.iter().filter(|stage| stage.asked.is_some()).map(|stage| stage.stage).collect();
    assert_eq!((ahead.stages.len(), asked), (6, vec![1, 5]));
    let conflict = ahead.conflict_in(&"production".into()).expect("a conflict");
    assert!(conflict.opens == Some(after(done + 600)) && conflict.through > conflict.cut.closes, "{conflict:?}");
    assert_eq!(conflict.last, "100 %");
    assert!(ahead.done() > Some(after(done + 600)), "it goes on when the freeze is over");
}

#[test]
fn a_forecast_is_about_right() {
    let (entered, done) = undisturbed();
    let evening = Evening::pushing(Vec::new(), AtWindowEnd::Hold);
    let ahead = forecast::of_push(evening.run.fleet(), &evening.push(), evening.run.now());
    println!("{:?}", ahead.stages.iter().map(|stage| (stage.enters - small::evening()).secs()).collect::<Vec<_>>());
    let said = ahead.done().map(|done| (done - small::evening()).secs()).expect("an end");
    // Numbers come a few seconds after the instances at each of six steps, which is not forecast.
    assert!((said - done).abs() < done / 3, "said {said}, was {done} by {entered:?}");
}

#[test]
fn a_way_back_takes_as_long_in_a_freeze_as_without_one() {
    let (entered, _) = undisturbed();
    let at = entered[4] + 4;
    let back = |freezes: Vec<Freeze>, manner| {
        let mut evening = Evening::pushing(freezes, AtWindowEnd::Hold);
        evening.reach(at);
        evening.give("bob", Order::RollBack { push: PUSH, manner, reason: None });
        evening.until(|evening| !evening.push().is_open());
        let rollback = evening.push().course.rollback().expect("a way back").clone();
        (rollback.decided, rollback.users_safe, evening.run.now())
    };
    for manner in [Manner::Ordered, Manner::Fast] {
        // It begins in the same half second, so that the same instances are half way.
        let (free, frozen) = (back(Vec::new(), manner), back(vec![freeze(at, at + 3_600)], manner));
        assert_eq!(free, frozen);
    }
}
