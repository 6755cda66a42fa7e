//! Every scenario in `fixtures/scenarios`, run to its last expectation.
//!
//! *Time to detect* counts from the moment at which a faulty version first served while its fault showed (the simulation knows) to the
//! record that decides to go back. *Time to users safe* counts from the same moment to the last request on the new version.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use pushdeck::domain::change::Fact;
use pushdeck::domain::explain::{self, Moment};
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::placement::Placement;
use pushdeck::domain::push::Push;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::scenario::{Expectation, Expected, Scenario};

use super::watcher::{LOOK, begin, push_of, push_to, read};

/// An expectation, and whether it has come true or stayed true so far.
struct Watched<'a> {
    of: &'a Expectation,
    met: bool,
    broken: bool,
}

impl Watched<'_> {
    /// Takes a moment in. What should never be, or stay below, has to hold at each; the rest at some.
    fn look(&mut self, fleet: &Fleet, now: EngineTime, shows_since: Option<EngineTime>) {
        let push = self.of.push.as_ref().and_then(|group| match &self.of.version {
            Some(version) => push_to(fleet, group, version),
            None => push_of(fleet, group),
        });
        let so = holds(&self.of.what, fleet, push.as_ref(), now, shows_since);
        self.met |= so;
        self.broken |= !so;
    }

    fn came_true(&self) -> bool {
        match self.of.what {
            Expected::NeverStage(_) | Expected::HarmFailedAtMost(_) => !self.broken,
            _ => self.met,
        }
    }
}

fn holds(what: &Expected, fleet: &Fleet, push: Option<&Push>, now: EngineTime, shows_since: Option<EngineTime>) -> bool {
    let rollback = push.and_then(|push| push.course.rollback());
    match what {
        Expected::Status(wanted) => push.is_some_and(|push| status::of_push(fleet, push, now) == *wanted),
        Expected::NeverStage(name) => !push.is_some_and(|push| {
            let protected = |stage: &pushdeck::domain::stage::PlannedStage| {
                fleet.declaration().environment(&stage.environment).is_some_and(|environment| environment.protected)
            };
            let entered = push.cursor.stage.map_or(0, |at| at as usize + 1);
            push.plan.stages.iter().take(entered).any(|stage| stage.name == *name && protected(stage))
        }),
        Expected::HarmFailedAtLeast(least) => push.is_some_and(|push| push.harm.failed >= *least as f64),
        Expected::HarmFailedAtMost(most) => push.is_none_or(|push| push.harm.failed <= *most as f64),
        Expected::UsersSafe(safe) => rollback.is_some_and(|rollback| rollback.users_safe.is_some() == *safe),
        Expected::Blind(blind) => is_blind(fleet, push) == *blind,
        Expected::DetectedWithin(within) => rollback
            .zip(shows_since)
            .is_some_and(|(rollback, since)| rollback.decided >= since && rollback.decided - since <= *within),
    }
}

/// Whether automatic rollback would not notice: no metrics arrive, or a bake stands still for want of them.
fn is_blind(fleet: &Fleet, push: Option<&Push>) -> bool {
    let stands = |push: &Push| push.cursor.bake.stopped.is_some();
    matches!(fleet.feeds().get(&Feed::Metrics), Some(FeedState::Lost { .. }))
        || push.map_or_else(|| fleet.pushes().any(stands), stands)
}

/// What became of a scenario, in lines for whoever looks.
fn tell(scenario: &Scenario, run: &mut Stepped) -> String {
    let shows = run.simulation().misbehaves_since();
    let mut told = format!("{}: {} simulated\n", scenario.name, run.elapsed());
    for push in run.fleet().pushes() {
        let harm = push.harm;
        let _ = writeln!(
            told,
            "  {:<10} {:<16} failed {:.0} beyond the old version's, of {} requests on the new one",
            push.plan.name,
            status::of_push(run.fleet(), push, run.now()).word(),
            harm.failed,
            harm.requests
        );
        if let (Some(rollback), Some(shows)) = (push.course.rollback(), shows) {
            let safe = rollback.users_safe.map_or_else(|| "never".to_owned(), |safe| (safe - shows).to_string());
            let _ = writeln!(told, "             detected after {}, users safe after {safe}", rollback.decided - shows);
        }
    }
    told
}

/// Says every push's status and sentences whenever the status changes: to be read as somebody tired would.
fn narrate(run: &Stepped, said: &mut Vec<(String, Status)>) {
    let moment = Moment { now: run.now(), zone: TimeZone::UTC };
    for push in run.fleet().pushes() {
        let status = status::of_push(run.fleet(), push, run.now());
        let name = push.plan.name.clone();
        if said.iter().rev().find(|(known, _)| *known == name).is_none_or(|(_, known)| *known != status) {
            let told = explain::push(run.fleet(), push, &moment);
            println!("{} {:>5} {name} {}\n{told:#?}", moment.now.hh_mm_ss(&moment.zone), run.elapsed().secs(), status.word());
            said.push((name, status));
        }
    }
}

fn run(scenario: &Scenario) -> Stepped {
    run_watching(scenario, |_| {})
}

/// Runs a scenario to its last expectation; `look` sees each moment of it.
fn run_watching(scenario: &Scenario, mut look: impl FnMut(&Stepped)) -> Stepped {
    let mut run = begin(scenario);
    let mut watched: Vec<Watched<'_>> = scenario.expect.iter().map(|of| Watched { of, met: false, broken: false }).collect();
    let end = scenario.expect.iter().map(|expected| expected.by).max().unwrap_or_default();
    let mut said = Vec::new();
    while run.elapsed() < end {
        run.advance(LOOK);
        let shows = run.simulation().misbehaves_since();
        for watched in watched.iter_mut().filter(|watched| run.elapsed() <= watched.of.by) {
            watched.look(run.fleet(), run.now(), shows);
        }
        narrate(&run, &mut said);
        look(&run);
    }
    println!("{}", tell(scenario, &mut run));
    let missed: Vec<_> = watched.iter().filter(|watched| !watched.came_true()).map(|watched| watched.of).collect();
    assert!(missed.is_empty(), "{}: {missed:#?}", scenario.name);
    run
}

fn from_file(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios").join(format!("{name}.toml"));
    read(name, &fs::read_to_string(path).expect("the scenario's file"))
}

#[test]
fn every_file_is_tried_by_a_test_here() {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios")).expect("the folder");
    let mut names: Vec<String> = files.flatten().filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    assert_eq!(
        names,
        ["canary-regression", "crash-loop", "fix-forward", "no-data", "steady", "train"],
        "write a test for each of them"
    );
}

#[test]
fn canary_regression() {
    let run = run(&from_file("canary-regression"));
    let push = run.fleet().pushes().next().expect("its push");
    assert!(push.harm.failed > 0.0 && push.harm.requests > 0);
}

#[test]
fn crash_loop() {
    let run = run(&from_file("crash-loop"));
    let push = run.fleet().pushes().next().expect("its push");
    assert!(push.harm.requests > 0, "harm is counted, were it nothing");
}

#[test]
fn no_data() {
    let scenario = from_file("no-data");
    let mut run = run(&scenario);
    // It stays as it is for as long as nobody brings the numbers back: the clock stands still, and nothing goes forward.
    let before = run.fleet().pushes().next().expect("its push").clone();
    assert!(before.cursor.bake.stopped.is_some() && before.cursor.bake.running_since.is_none());
    run.drain();
    run.advance(Period::from_mins(5));
    let after = run.fleet().pushes().next().expect("its push").clone();
    assert_eq!((&after.cursor, &after.course), (&before.cursor, &before.course));
    let went =
        run.drain().changes.into_iter().find(|change| matches!(change.fact, Fact::StageEntered { .. } | Fact::Approved { .. }));
    assert_eq!(went, None);
}

/// The stages a push was seen in, one after the other.
fn walked(scenario: &Scenario) -> (Stepped, Vec<Option<String>>) {
    let mut walked: Vec<Option<String>> = Vec::new();
    let run = run_watching(scenario, |run| {
        let at = run.fleet().pushes().next().map(|push| push.stage().map(|stage| explain::entered(Some(stage))));
        if let Some(at) = at.filter(|at| walked.last() != Some(at)) {
            walked.push(at);
        }
    });
    (run, walked)
}

#[test]
fn fix_forward() {
    let (run, walked) = walked(&from_file("fix-forward"));
    let push = run.fleet().pushes().next().expect("its push");
    let fix = push.fix.as_ref().expect("a fix");
    assert!(fix.resumed && push.is_forward(), "{walked:?}");
    let resumed = push.plan.stages.get(fix.resume_at as usize).map(|stage| explain::entered(Some(stage)));
    let (staging, nowhere) = (Some("100 % in staging".to_owned()), None);
    let after = walked.iter().skip_while(|at| **at != resumed).collect::<Vec<_>>();
    assert_eq!(after[..4], [&resumed, &nowhere, &staging, &resumed], "{walked:?}");
}

#[test]
fn train() {
    let run = run(&from_file("train"));
    let fleet = run.fleet();
    let contains = |push: &&Push| {
        matches!(push.course.rollback().map(|rollback| &rollback.trigger), Some(pushdeck::domain::rollback::Trigger::Ahead { .. }))
    };
    assert_eq!(fleet.pushes().filter(contains).count(), 2);
    let profile = fleet.placements().filter(|placement| placement.id.service.as_str() == "profile");
    for placement in profile {
        assert!(placement.is_converged() && placement.count(&"v11".into()) == placement.size(), "{placement:?}");
    }
}

/// What somebody sees who opens the demo: pushes at different points, and, before half a minute is over, one that waits for a person.
#[test]
fn steady() {
    let scenario = from_file("steady");
    let (opens, soon) = (scenario.fast_forward, scenario.fast_forward + Period::from_secs(30));
    let (mut on_opening, mut asked) = (BTreeSet::new(), false);
    let run = run_watching(&scenario, |run| {
        let statuses = run.fleet().pushes().map(|push| status::of_push(run.fleet(), push, run.now()));
        if run.elapsed() == opens {
            on_opening = statuses.collect();
        } else if run.elapsed() > opens && run.elapsed() <= soon {
            asked |= statuses.into_iter().any(|status| status == Status::WaitingApproval);
        }
    });
    assert!(on_opening.len() >= 3 && asked, "opened on {on_opening:?}; somebody is asked: {asked}");
    let services = scenario.declaration.services.len();
    let instances: u32 = run.fleet().placements().map(Placement::size).sum();
    assert!(services == 17 && scenario.declaration.groups.len() == 4 && instances > 2_000, "{services}, {instances}");
}
