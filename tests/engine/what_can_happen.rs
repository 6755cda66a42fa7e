//! For every status and every command: whether it is allowed, refused and with which sentence, and what follows. The answers are written
//! down in `docs/what-can-happen.md`, which is compared with them.
//!
//! `UPDATE_DOCS=1 cargo test --test engine what_can_happen` writes the document anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use pushdeck::domain::command::{Acknowledged, Direction, Order, Outcome, Retried, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::explain::{self, Explanation, Moment};
use pushdeck::domain::id::{Digest, PlacementId, PushId};
use pushdeck::domain::metric::{Metric, SliceId};
use pushdeck::domain::push::{Course, Push};
use pushdeck::domain::requirement::{self, RequirementKind};
use pushdeck::domain::rollback::Manner;
use pushdeck::domain::service::Release;
use pushdeck::domain::stage::Advance;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::scenario::{Fault, Faults, VersionFault};
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::people::{self, BEFORE, PUSH, REQUESTER, ask, command};
use super::{small, watcher};

/// Who gives the commands: on call, and not the one who asked for the push.
const ENTITLED: &str = "bob";
/// Who gives them as well, and is of another team.
const OTHER: &str = "cid";
/// The push that a start would begin.
const NEXT: PushId = PushId(Uuid::from_u128(78));
const GROUP: [&str; 3] = ["index", "blob", "gateway"];

/// Somewhere a push, or a service, can be.
struct Situation {
    status: Status,
    /// How it came about, as the end of the heading.
    how: &'static str,
    run: Stepped,
    /// The service whose status it is, where it is not the push's.
    place: Option<PlacementId>,
}

impl Situation {
    fn of(status: Status, how: &'static str, run: &Stepped) -> Self {
        Self { status, how, run: run.clone(), place: None }
    }

    fn found(&self, run: &Stepped) -> Option<Status> {
        match &self.place {
            Some(place) => {
                run.fleet().placement_by_id(place).map(|placement| status::of_placement(run.fleet(), placement, run.now()))
            }
            None => run.fleet().push(PUSH).map(|push| status::of_push(run.fleet(), push, run.now())),
        }
    }

    fn explained(&self) -> Explanation {
        let (fleet, moment) = (self.run.fleet(), Moment { now: self.run.now(), zone: TimeZone::UTC });
        match &self.place {
            Some(place) => explain::placement(fleet, fleet.placement_by_id(place).expect("a placement"), &moment),
            None => explain::push(fleet, fleet.push(PUSH).expect("the push"), &moment),
        }
    }
}

/// A fleet in which 10 % is left by hand, with a fix of what is pushed and a release that follows it.
fn declaration() -> Declaration {
    let mut declaration = people::declaration(1);
    let stages = declaration.plans.values_mut().flat_map(|plan| &mut plan.legs).flat_map(|leg| &mut leg.stages);
    stages.filter(|stage| stage.name == "10 %").for_each(|stage| stage.advance = Advance::Hand);
    let second: Vec<Release> = declaration.releases.iter().filter(|release| release.version.as_str() == "v2").cloned().collect();
    for like in second {
        for version in ["v2.1", "v3"] {
            let digest = Digest::new(&format!("sha256:{version}"));
            declaration.releases.push(Release { version: version.into(), digest, based_on: Some("v2".into()), ..like.clone() });
        }
    }
    declaration
}

fn push(run: &Stepped) -> &Push {
    run.fleet().push(PUSH).expect("the push")
}

/// The push, asked for, with a note on it.
fn started(declaration: Declaration, faults: Vec<VersionFault>) -> Stepped {
    let profile = Profile { faults: Faults(faults), ..Profile::default() };
    let mut run = small::run(declaration, profile, SimulatedDriver::default());
    let order = Order::start(run.fleet(), PUSH, GROUP.map(|service| (service.into(), "v2".into())).to_vec());
    command(&mut run, REQUESTER, order.expect("releases that are known"), 100);
    command(&mut run, REQUESTER, Order::Note { push: PUSH, text: "compaction runs until noon".to_owned() }, 101);
    run
}

/// Lets time pass until the push is so, with somebody who approves and promotes whatever is asked.
fn reach(run: &mut Stepped, what: &str, so: impl Fn(&Push, Status) -> bool) {
    let end = run.now() + Period::from_mins(60);
    loop {
        let (push, now) = (push(run).clone(), run.now());
        let status = status::of_push(run.fleet(), &push, now);
        if so(&push, status) {
            return;
        }
        assert!(now < end, "not within an hour: {what}, {status:?} at {:?}", push.cursor);
        let sight = || Box::new(Sight::of(run.fleet(), PUSH, now).expect("a push"));
        let id = u128::from(run.fleet().seq().0) + 1_000;
        let order = match status {
            Status::WaitingApproval => Order::Approve { push: PUSH, sight: sight() },
            Status::Ready => Order::Promote { push: PUSH, sight: sight() },
            _ => {
                run.advance(watcher::LOOK);
                continue;
            }
        };
        command(run, BEFORE, order, id);
    }
}

fn exposed(run: &mut Stepped) {
    reach(run, "1 %", |push, status| push.cursor.stage == Some(2) && status == Status::Baking);
}

fn faulty(service: &str, version: &str, fault: Fault) -> VersionFault {
    VersionFault {
        service: service.into(),
        version: version.into(),
        environments: vec!["production".into()],
        cells: Vec::new(),
        flag: None,
        fault,
    }
}

/// The run as it is after one more command of somebody else.
fn after(run: &Stepped, by: &str, order: Order) -> Stepped {
    let mut run = run.clone();
    command(&mut run, by, order, 200);
    run
}

/// What can be reached without anything going wrong with the versions, in the order in which it is.
fn plain_situations() -> Vec<Situation> {
    let production = |service: &str| PlacementId::new(service.into(), "production".into());
    let mut run = started(declaration(), Vec::new());
    let mut found = Vec::new();
    reach(&mut run, "moving", |push, status| push.cursor.stage == Some(0) && status == Status::Converging);
    found.push(Situation::of(Status::Converging, "its instances in staging move to the new version", &run));
    let place = Some(production("blob"));
    found.push(Situation { place, ..Situation::of(Status::Pending, "blob in production, while the push is in staging", &run) });
    let asks = |_: &Push, status| status == Status::WaitingApproval;
    while !asks(push(&run), status::of_push(run.fleet(), push(&run), run.now())) {
        run.advance(watcher::LOOK);
    }
    found.push(Situation::of(Status::WaitingApproval, "before production", &run));
    exposed(&mut run);
    found.push(Situation::of(Status::Baking, "at 1 % of production", &run));
    let hold = Order::Hold { push: PUSH, reason: Some("odd logs".to_owned()) };
    found.push(Situation::of(Status::Held, "by a person, at 1 % of production", &after(&run, REQUESTER, hold)));
    let reject = Order::Reject { push: PUSH, reason: Some("wrong build".to_owned()) };
    found.push(Situation::of(Status::Held, "rejected, at 1 % of production", &after(&run, BEFORE, reject)));
    let alone = Order::RollBackAlone { push: PUSH, service: "gateway".into(), reason: "it logs secrets".to_owned() };
    let mut apart = after(&run, BEFORE, alone);
    apart.advance(Period::from_secs(20));
    found.push(Situation::of(Status::OutOfStep, "gateway went back alone", &apart));
    let order = Order::start(run.fleet(), NEXT, GROUP.map(|service| (service.into(), "v3".into())).to_vec());
    found.push(Situation::of(Status::Replaced, "a newer release was started", &after(&run, BEFORE, order.expect("known"))));
    reach(&mut run, "your go", |_, status| status == Status::Ready);
    found.push(Situation::of(Status::Ready, "at 10 % of production, which is left by hand", &run));
    let mut back = after(&run, BEFORE, Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None });
    back.advance(Period::from_secs(2));
    found.push(Situation::of(Status::RollingBack, "a person took it back from 10 % of production", &back));
    let mut halted = back.clone();
    let halt = Order::HaltRollback { push: PUSH, reason: "the old version fails as well".to_owned() };
    command(&mut halted, BEFORE, halt, 201);
    found.push(Situation::of(Status::Held, "on its way back, by a person", &halted));
    reach(&mut back, "back", |_, status| status == Status::RolledBack);
    found.push(Situation::of(Status::RolledBack, "a person took it back", &back));
    reach(&mut run, "converged", |_, status| status == Status::Converged);
    found.push(Situation::of(Status::Converged, "everything arrived", &run));
    found
}

/// What takes a version that is bad, an engine that has seen nothing yet, or a rollback that does not come up.
fn bad_situations() -> Vec<Situation> {
    let mut found = Vec::new();
    let mut patient = declaration();
    for threshold in patient.services.iter_mut().flat_map(|service| &mut service.thresholds) {
        threshold.sustained = Period::from_secs(40);
    }
    let mut run = started(patient, vec![faulty("blob", "v2", Fault::Errors { times: 40.0, above_share: 0.02 })]);
    reach(&mut run, "errors beyond their limit", |push, status| {
        push.cursor.stage.is_some_and(|stage| stage > 1) && push.cursor.arrived.is_some() && status == Status::WaitingRequirements
    });
    found.push(Situation::of(Status::WaitingRequirements, "errors of blob crossed their limit a moment ago", &run));

    let mut run = started(declaration(), vec![faulty("blob", "v1", Fault::Stuck {})]);
    exposed(&mut run);
    command(&mut run, BEFORE, Order::RollBack { push: PUSH, manner: Manner::Ordered, reason: None }, 200);
    reach(&mut run, "not back in time", |_, status| status == Status::RollbackFailed);
    found.push(Situation::of(Status::RollbackFailed, "the old version of blob does not come up", &run));

    let mut run = started(declaration(), vec![faulty("blob", "v2", Fault::Crash { after: Period::from_mins(8) })]);
    reach(&mut run, "dying", |push, status| matches!(push.course, Course::Converged { .. }) && status == Status::Failed);
    found.push(Situation::of(Status::Failed, "everything arrived, and the new version began to die later", &run));

    let declaration = declaration();
    let simulation = pushdeck::simulation::world::Simulation::new(&declaration, Profile::default(), small::evening(), 7);
    let run = Stepped::new(pushdeck::engine::run::setup::Setup {
        engine: pushdeck::domain::id::EngineId(Uuid::from_u128(1)),
        declaration,
        simulation,
        driver: SimulatedDriver::default(),
        script: pushdeck::engine::run::script::Script::default(),
    });
    let place = Some(PlacementId::new("blob".into(), "production".into()));
    found.push(Situation { place, ..Situation::of(Status::Unknown, "blob in production, and the engine has just begun", &run) });
    found
}

/// Every command as it would be given here, with what it is called.
fn orders(run: &Stepped) -> Vec<(String, Order)> {
    let (fleet, now, push) = (run.fleet(), run.now(), PUSH);
    let mut all = Vec::new();
    let mut add = |called: &str, order: Order| all.push((called.to_owned(), order));
    let next = if fleet.push(NEXT).is_some() { PushId(Uuid::from_u128(79)) } else { NEXT };
    let begin = |version: &str| Order::start(fleet, next, GROUP.map(|service| (service.into(), version.into())).to_vec());
    add("start v3 of the same services", begin("v3").expect("known"));
    let reason = Some("odd logs".to_owned());
    if let Some(sight) = Sight::of(fleet, PUSH, now).map(Box::new) {
        let open = requirement::of_gate(fleet, fleet.push(PUSH).expect("the push"), now);
        let never = [RequirementKind::Approval, RequirementKind::Arrived, RequirementKind::Ahead];
        let open = open.into_iter().filter(|found| !found.state.lets_pass() && !never.contains(&found.kind));
        let waived = open.max_by_key(|found| found.state);
        let requirement = waived.map_or(RequirementKind::Bake, |found| found.kind);
        let digests = vec![Digest::new("sha256:v2.1")];
        let releases = vec![("blob".into(), "v2.1".into())];
        add("approve", Order::Approve { push, sight: sight.clone() });
        add("promote", Order::Promote { push, sight: sight.clone() });
        add("resume", Order::Resume { push, sight: sight.clone() });
        let (called, lasts) = (format!("waive {requirement}"), Period::from_mins(2));
        add(&called, Order::Waive { push, sight: sight.clone(), requirement, reason: "a known client".to_owned(), lasts });
        add("fix-forward blob v2.1", Order::FixForward { push, sight, releases, digests });
    }
    add("hold", Order::Hold { push, reason: reason.clone() });
    add("hold all", Order::HoldAll { reason: reason.clone() });
    add("reject", Order::Reject { push, reason: reason.clone() });
    add("revoke", Order::Revoke { push });
    add("drain eu", Order::Drain { push, cell: "eu".into(), reason: reason.clone() });
    add("rollback", Order::RollBack { push, manner: Manner::Ordered, reason: reason.clone() });
    add("rollback, fast", Order::RollBack { push, manner: Manner::Fast, reason });
    add("rollback of blob alone", Order::RollBackAlone { push, service: "blob".into(), reason: "odd logs".to_owned() });
    add("halt-rollback", Order::HaltRollback { push, reason: "the old version fails as well".to_owned() });
    add("retry of the push", Order::Retry { what: Retried::Push { push } });
    let placement = PlacementId::new("blob".into(), "production".into());
    add("retry of blob in production", Order::Retry { what: Retried::Placement { placement } });
    add("acknowledge the push", Order::Acknowledge { what: Acknowledged::Push { push } });
    let of_errors = SliceId {
        service: "blob".into(),
        environment: "production".into(),
        cell: "eu".into(),
        version: "v2".into(),
        metric: Metric::Errors,
    };
    let slice = fleet.alerts().next().map_or(of_errors, |alert| alert.slice.clone());
    add("acknowledge an alert", Order::Acknowledge { what: Acknowledged::Alert { slice } });
    add("take over", Order::TakeOver { push });
    add("write a note", Order::Note { push, text: "watching it".to_owned() });
    add("strike a note out", Order::StrikeNote { push, note: 0 });
    all
}

/// Whether a sentence of a refusal says what would work: a key, a command, or who can.
fn says_what_would_work(why: &str) -> bool {
    let keys = ["s", "r", "R", "a", "A", "e", "p", "u", "w"];
    let words = [
        "somebody",
        "start",
        "retry",
        "look again",
        "ask again",
        "waive one",
        "`pushdeck status`",
        "by itself",
        "again when",
        "to drain",
        "give this to",
    ];
    why.split(|letter: char| !letter.is_alphanumeric()).any(|word| keys.contains(&word))
        || words.iter().any(|word| why.contains(word))
}

/// The sentence of an answer that is no.
fn refusal(outcome: &Outcome) -> Option<(&'static str, &str)> {
    match outcome {
        Outcome::Accepted { .. } => None,
        Outcome::Refused { why, .. } => Some(("no", why)),
        Outcome::Superseded { by } => Some(("no need", by)),
        Outcome::Unknown { why } => panic!("{why}"),
    }
}

/// A sentence without its clock times, which say nothing here.
fn timeless(text: &str) -> String {
    let is_clock = |word: &str| {
        let parts: Vec<&str> = word.split(':').collect();
        (2..=3).contains(&parts.len())
            && parts.iter().all(|part| part.len() == 2 && part.chars().all(|digit| digit.is_ascii_digit()))
    };
    let words = text.split(' ').map(|word| {
        let bare = word.trim_matches([',', ';', '.', ')', '(']);
        let whole = bare.trim_end_matches(':');
        if is_clock(whole) { word.replace(whole, "hh:mm") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// Where a push is when nobody does anything more and its status has not changed for long enough, or after ten minutes.
fn rest(run: &mut Stepped, situation: &Situation) -> Option<Status> {
    let (mut last, mut since, end) = (situation.found(run), run.now(), run.now() + Period::from_mins(10));
    // A way back that is stuck takes minutes to be given up on.
    let quiet = |status| if status == Some(Status::RollingBack) { Period::from_mins(5) } else { Period::from_secs(40) };
    while run.now() < end && run.now() - since < quiet(last) {
        run.advance(watcher::LOOK);
        let now = situation.found(run);
        if now != last {
            (last, since) = (now, run.now());
        }
    }
    last
}

fn row((text, faults): (&mut String, &mut Vec<String>), situation: &Situation, called: &str, order: &Order) {
    let mut run = situation.run.clone();
    let outcome = ask(&mut run, ENTITLED, order.clone(), 300);
    let by_other = ask(&mut situation.run.clone(), OTHER, order.clone(), 300);
    let word = |status: Option<Status>| status.map_or("no push", Status::word);
    let what = format!("{:?}, {}: {called}", situation.status, situation.how);
    if order.direction() == Direction::Forward && !matches!(order, Order::Start { .. }) && refusal(&outcome).is_none() {
        let before = situation.run.fleet().push(PUSH).expect("the push");
        assert!(before.is_forward() && before.rejection.is_none(), "{what} was accepted");
    }
    let answer = match refusal(&outcome) {
        Some((no, why)) => {
            if why.is_empty() || (no == "no" && !says_what_would_work(why)) {
                faults.push(format!("{what}: {why:?} does not say what would work"));
            }
            let _ = writeln!(text, "| {called} | {no}: {} | | |", timeless(why));
            return;
        }
        None => match refusal(&by_other) {
            Some((_, why)) => {
                if !says_what_would_work(why) {
                    faults.push(format!("{what}: {why:?} does not say what would work"));
                }
                format!("yes; another team: {}", timeless(why))
            }
            None => "yes, anybody".to_owned(),
        },
    };
    let now = situation.found(&run);
    if order.direction() == Direction::Neither && !matches!(order, Order::Retry { .. }) {
        assert_eq!(now, Some(situation.status), "{what} moves nothing");
        let _ = writeln!(text, "| {called} | {answer} | {} | |", word(now));
        return;
    }
    let end = rest(&mut run, situation);
    let _ = writeln!(text, "| {called} | {answer} | {} | {} |", word(now), if now == end { "the same" } else { word(end) });
}

const HEAD: &str = "# What can happen

For every status a push or a service can have: why it has it, what comes next, and what each command does to it then. It is worked out
by giving each command to an engine in that situation, on a small fleet where hours are seconds: production has three cells, 10 % of it
is left by hand, and entering production and the last step ask for an approval. `ana` asked for the push; the commands are given by `bob`, who is on call and had no part in it,
and again by `cid`, who is of another team.

*Answer* is `yes`, `no` with the sentence it is refused with, or `no need` with what came first. *At once* is the status right after,
and *in the end* what it is when nobody does anything more. Clock times are written `hh:mm`.

Written by `UPDATE_DOCS=1 cargo test --test engine what_can_happen`, and tested to be current.
";

fn document() -> (String, Vec<String>) {
    let mut situations: Vec<Situation> = plain_situations().into_iter().chain(bad_situations()).collect();
    situations.sort_by_key(|situation| situation.status);
    let (mut text, mut faults) = (HEAD.to_owned(), Vec::new());
    for status in Status::ALL {
        assert!(situations.iter().any(|situation| situation.status == status), "no situation is {status:?}");
    }
    for situation in &situations {
        let (status, how) = (situation.status, situation.how);
        assert_eq!(situation.found(&situation.run), Some(status), "{how}");
        let said = situation.explained();
        if status != Status::Converged && (said.why.is_empty() || said.next.is_empty() || said.who.is_empty()) {
            faults.push(format!("{status:?}, {how}: no why, next or who in {said:#?}"));
        }
        let _ = writeln!(text, "\n## {}: {how}\n", status.word());
        let sentences = [
            ("Why", &said.why),
            ("Next", &said.next),
            ("If nobody acts", &said.otherwise),
            ("Back", &said.back),
            ("Who", &said.who),
        ];
        for (name, sentence) in sentences.into_iter().filter(|(_, sentence)| !sentence.is_empty()) {
            let _ = writeln!(text, "- **{name}:** {}", timeless(sentence));
        }
        let _ = writeln!(text, "\n| command | answer | at once | in the end |\n| --- | --- | --- | --- |");
        for (called, order) in orders(&situation.run) {
            row((&mut text, &mut faults), situation, &called, &order);
        }
    }
    (text, faults)
}

#[test]
fn every_command_in_every_status_is_written_down() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/what-can-happen.md");
    let (wanted, faults) = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to write to");
        std::fs::write(&path, &wanted).expect("a document to write");
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = wanted.lines().zip(found.lines()).find(|(wanted, found)| wanted != found);
    assert!(found == wanted, "{differs:#?} is no longer so: UPDATE_DOCS=1 cargo test --test engine what_can_happen");
}
