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
use pushdeck::domain::decision;
use pushdeck::domain::drift;
use pushdeck::domain::explain::{self, Moment};
use pushdeck::domain::feed::{Feed, FeedState};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::CellId;
use pushdeck::domain::metric::{Metric, Standing};
use pushdeck::domain::placement::Placement;
use pushdeck::domain::push::Push;
use pushdeck::domain::requirement::{self, RequirementKind, RequirementState};
use pushdeck::domain::rollback::Trigger;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::domain::verdict::Verdict;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::builtin;
use pushdeck::engine::spec::scenario::{Expectation, Expected, Scenario};

use super::watcher::{LOOK, begin, push_of, push_to, read};

/// An expectation, and whether it has come true or stayed true so far.
struct Watched<'a> {
    of: &'a Expectation,
    met: bool,
    broken: bool,
    /// What was seen instead, and since when: a line for each time it changed.
    seen: Vec<(Period, String)>,
}

impl Watched<'_> {
    /// Takes a moment in. What should never be, or stay below, has to hold at each; the rest at some.
    fn look(&mut self, fleet: &Fleet, now: EngineTime, elapsed: Period, shows_since: Option<EngineTime>) {
        let push = self.of.push.as_ref().and_then(|group| match &self.of.version {
            Some(version) => push_to(fleet, group, version),
            None => push_of(fleet, group),
        });
        let so = holds(&self.of.what, fleet, push.as_ref(), now, shows_since);
        self.met |= so;
        self.broken |= !so;
        let seen = seen(&self.of.what, fleet, push.as_ref(), now, shows_since);
        if self.seen.last().is_none_or(|(_, last)| *last != seen) {
            self.seen.push((elapsed, seen));
        }
    }

    /// The claim, where it stands, and what was seen: for whoever has to find out why it did not come true.
    fn tell(&self) -> String {
        let whose = self.of.push.as_ref().map_or_else(|| "the fleet".to_owned(), ToString::to_string);
        let mut told = format!("line {}: of {whose}, by {}: {:?}; seen:\n", self.of.line, self.of.by, self.of.what);
        for (since, seen) in &self.seen {
            let _ = writeln!(told, "    from {since}: {seen}");
        }
        told
    }

    fn came_true(&self) -> bool {
        match self.of.what {
            Expected::NeverStage(_) | Expected::NeverStatus(_) | Expected::HarmFailedAtMost(_) => !self.broken,
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
        Expected::NeverStatus(status) => push.is_none_or(|push| status::of_push(fleet, push, now) != *status),
        Expected::TriggerMetric(metric) => triggered(fleet, push).is_some_and(|(found, _)| found == *metric),
        Expected::TriggerCell(cell) => triggered(fleet, push).is_some_and(|(_, found)| found.as_ref() == Some(cell)),
        Expected::Drifted(drifted) => strayed(fleet, push, now).is_empty() != *drifted,
        Expected::FlagOff(flag) => fleet.flag(flag).is_some_and(|(_, state)| !state.on && state.all.is_some()),
        Expected::Held(held) => push.is_some_and(|push| push.holds.is_empty() != *held),
        Expected::SharedFault(shared) => is_shared(fleet, push) == *shared,
        Expected::UsersSafe(safe) => rollback.is_some_and(|rollback| rollback.users_safe.is_some() == *safe),
        Expected::Blind(blind) => is_blind(fleet, push) == *blind,
        Expected::Requirement { word, state } => push.is_some_and(|push| {
            requirement::of_gate(fleet, push, now).iter().any(|found| found.kind.word() == word && found.state == *state)
        }),
        Expected::DetectedWithin(within) => rollback
            .zip(shows_since)
            .is_some_and(|(rollback, since)| rollback.decided >= since && rollback.decided - since <= *within),
        Expected::Decision(kind) => {
            let moment = Moment { now, zone: TimeZone::UTC };
            let due = decision::all(fleet, &moment).into_iter().filter(|found| found.is_due(now));
            push.is_some_and(|push| due.into_iter().any(|found| found.push == Some(push.id()) && found.kind == *kind))
        }
    }
}

/// What a claim is about, as it is now.
fn seen(what: &Expected, fleet: &Fleet, push: Option<&Push>, now: EngineTime, shows_since: Option<EngineTime>) -> String {
    let Some(push) = push else {
        return match what {
            Expected::Blind(_) => format!("blind: {}", is_blind(fleet, None)),
            Expected::Drifted(_) => strayed(fleet, None, now),
            _ => "no push yet".to_owned(),
        };
    };
    let rollback = push.course.rollback();
    match what {
        Expected::Status(_) | Expected::NeverStatus(_) => status::of_push(fleet, push, now).word().to_owned(),
        Expected::NeverStage(_) => push.stage().map_or_else(|| "before its first step".to_owned(), |stage| stage.name.clone()),
        Expected::HarmFailedAtLeast(_) | Expected::HarmFailedAtMost(_) => format!("{:.0} failed", push.harm.failed),
        Expected::UsersSafe(_) => format!("users safe: {}", rollback.is_some_and(|rollback| rollback.users_safe.is_some())),
        Expected::Blind(_) => format!("blind: {}", is_blind(fleet, Some(push))),
        Expected::DetectedWithin(_) => match (rollback, shows_since) {
            (Some(rollback), Some(since)) => format!("detected after {}", rollback.decided - since),
            (None, Some(_)) => "it shows, and is not detected".to_owned(),
            (_, None) => "nothing shows".to_owned(),
        },
        Expected::TriggerMetric(_) | Expected::TriggerCell(_) => {
            rollback.map_or_else(|| "it does not go back".to_owned(), |rollback| explain::trigger(&rollback.trigger))
        }
        Expected::Drifted(_) => strayed(fleet, Some(push), now),
        Expected::FlagOff(flag) => fleet.flag(flag).map_or_else(String::new, |(_, state)| format!("{state:?}")),
        Expected::Held(_) => push.holds.last().map_or_else(|| "not held".to_owned(), |hold| format!("held by {}", hold.holder())),
        Expected::Requirement { word, .. } => requirement::of_gate(fleet, push, now)
            .iter()
            .find(|found| found.kind.word() == word)
            .map_or_else(|| format!("{word} is not required here"), |found| format!("{word}: {:?}, {}", found.state, found.why)),
        Expected::Decision(_) => {
            let moment = Moment { now, zone: TimeZone::UTC };
            let due: Vec<_> = decision::all(fleet, &moment).into_iter().filter(|found| found.is_due(now)).collect();
            format!("due: {due:?}")
        }
        Expected::SharedFault(_) => format!("shared: {}", is_shared(fleet, Some(push))),
    }
}

/// The metric and the cell that made a push go back, where a limit or the comparison with the old version did.
fn triggered(fleet: &Fleet, push: Option<&Push>) -> Option<(Metric, Option<CellId>)> {
    match &push?.course.rollback()?.trigger {
        Trigger::Threshold { slice, .. } => Some((slice.metric, Some(slice.cell.clone()))),
        Trigger::Regressed { slice, seen, .. } => {
            let service = fleet.declaration().service(&slice.service)?;
            Some((slice.bad.metric(service.objectives()), seen.mostly_in.clone()))
        }
        _ => None,
    }
}

/// What was changed by hand, in words; empty where nothing was.
fn strayed(fleet: &Fleet, push: Option<&Push>, now: EngineTime) -> String {
    let places = fleet.placements().filter(|place| push.is_none_or(|push| push.move_of(&place.id.service).is_some()));
    let found = places.map(|place| drift::told(place, &drift::of(place, now))).filter(|told| !told.is_empty());
    found.collect::<Vec<_>>().join("; ")
}

/// Whether something of the new version is found to be beyond its limit together with the old one.
fn is_shared(fleet: &Fleet, push: Option<&Push>) -> bool {
    push.is_some_and(|push| {
        matches!(push.evidence.as_ref().map(|gathered| &gathered.evidence.verdict), Some(Verdict::SharedFault { .. }))
            || fleet.judgements().any(|(slice, judged)| {
                push.move_of(&slice.service).is_some_and(|part| part.to.version == slice.version)
                    && matches!(judged.standing, Standing::SharedFault { .. })
            })
    })
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
    let mut watched: Vec<Watched<'_>> =
        scenario.expect.iter().map(|of| Watched { of, met: false, broken: false, seen: Vec::new() }).collect();
    let end = scenario.expect.iter().map(|expected| expected.by).max().unwrap_or_default();
    let mut said = Vec::new();
    while run.elapsed() < end {
        run.advance(LOOK);
        let shows = run.simulation().misbehaves_since();
        for watched in watched.iter_mut().filter(|watched| run.elapsed() <= watched.of.by) {
            watched.look(run.fleet(), run.now(), run.elapsed(), shows);
        }
        narrate(&run, &mut said);
        look(&run);
    }
    println!("{}", tell(scenario, &mut run));
    let missed: Vec<_> = watched.iter().filter(|watched| !watched.came_true()).map(Watched::tell).collect();
    assert!(missed.is_empty(), "{}:\n{}", scenario.name, missed.concat());
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
    let tried = [
        "bad-region",
        "blue-green",
        "blue-green-back",
        "canary-regression",
        "capacity-squeeze",
        "crash-loop",
        "fix-forward",
        "flag-off",
        "freeze",
        "held-and-fixed",
        "no-data",
        "one-way-door",
        "only-at-scale",
        "out-of-band",
        "same-commit",
        "shared-fault",
        "sibling-skew",
        "slow-leak",
        "steady",
        "stuck-way-back",
        "tail-latency",
        "train",
        "two-operators",
    ];
    assert_eq!(names, tried, "write a test for each of them");
    let mut shipped: Vec<&str> = builtin::scenario_names().collect();
    shipped.sort_unstable();
    assert_eq!(shipped, tried, "each can be watched");
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
fn held_and_fixed() {
    run(&from_file("held-and-fixed"));
}

/// Behind its door nothing goes back by itself; a person is told what to do instead.
#[test]
fn one_way_door() {
    let run = run(&from_file("one-way-door"));
    let push = run.fleet().pushes().next().expect("its push");
    let said = explain::push(run.fleet(), push, &Moment { now: run.now(), zone: TimeZone::UTC });
    assert!(said.why.ends_with("see runbook profile/one-name"), "{said:#?}");
    assert!(said.back.starts_with("no way back: profile v13"), "{said:#?}");
}

/// A region loses hosts: the step forward is refused with the sentence, the way back goes in batches that the rest can bear.
#[test]
fn capacity_squeeze() {
    let scenario = from_file("capacity-squeeze");
    let (lost, back) = (scenario.outages[0].from, Period::from_secs(250));
    let mut said = BTreeSet::new();
    let run = run_watching(&scenario, |run| {
        if run.elapsed() > lost + Period::from_secs(2) && run.elapsed() < back {
            let push = run.fleet().pushes().next().expect("its push");
            assert_eq!(push.stage().map(|stage| stage.name.as_str()), Some("10 %"));
            said.extend(requirement::of_gate(run.fleet(), push, run.now()).into_iter().filter_map(|found| {
                (found.kind == RequirementKind::Capacity && found.state == RequirementState::Unmet).then_some(found.why)
            }));
        }
    });
    assert!(said.iter().any(|why| why.contains("not one can be taken")), "{said:?}");
    let push = run.fleet().pushes().next().expect("its push");
    let plan = &push.course.rollback().expect("a way back").plan;
    let most = plan.steps.iter().map(|step| step.batches).max();
    println!("{plan:#?}");
    assert!(most > Some(1), "shaped: {plan:#?}");
}

/// Who was overruled learns by whom.
#[test]
fn two_operators() {
    let mut run = run(&from_file("two-operators"));
    let changes = run.drain().changes;
    let said: Vec<String> = changes
        .iter()
        .filter_map(|change| match &change.fact {
            Fact::ApprovalsSuperseded { why, .. } => Some(why.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(said, ["stopped by mia"]);
    let entered = changes.iter().filter(|change| matches!(change.fact, Fact::StageEntered { .. })).count();
    assert_eq!(entered, 2, "staging, and one box after what raj saw the second time");
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

/// A freeze catches a push between two steps of production: nothing more is exposed, somebody is asked, and it goes on afterwards.
#[test]
fn freeze() {
    let scenario = from_file("freeze");
    let freeze = scenario.freezes.first().expect("its freeze").clone();
    let (mut during, mut said) = (BTreeSet::new(), BTreeSet::new());
    run_watching(&scenario, |run| {
        let Some(push) = run.fleet().pushes().next() else { return };
        // What was half way when it began is finished first.
        if run.elapsed() > freeze.from + Period::from_secs(20) && run.elapsed() < freeze.until {
            during.insert((push.cursor.stage, run.fleet().on_new(push, &"production".into())));
            let moment = Moment { now: run.now(), zone: TimeZone::UTC };
            said.insert(explain::push(run.fleet(), push, &moment).otherwise);
        }
    });
    assert_eq!(during.len(), 1, "nothing is exposed while it lasts: {during:?}");
    assert!(said.iter().all(|otherwise| otherwise.contains("the freeze quarter-end keeps it there until")), "{said:#?}");
}

/// What stands behind a flag can be taken away without moving an instance: harm ends, and the push stays where it is.
#[test]
fn flag_off() {
    let scenario = from_file("flag-off");
    let mut harm: Vec<(Period, f64)> = Vec::new();
    let mut on_new = BTreeSet::new();
    let run = run_watching(&scenario, |run| {
        if let Some(push) = run.fleet().pushes().next().filter(|push| !push.holds.is_empty()) {
            harm.push((run.elapsed(), push.harm.failed));
            on_new.insert(run.fleet().on_new(push, &"production".into()));
            assert!(push.is_forward(), "no limit is crossed, nothing goes back by itself");
        }
    });
    // Failed requests a second between two moments of the scenario.
    let rate = |from: i64, to: i64| {
        let at = |seconds| harm.iter().find(|(at, _)| *at >= Period::from_secs(seconds)).expect("a moment").1;
        (at(to) - at(from)) / (to - from) as f64
    };
    let (before, after) = (rate(138, 142), rate(150, 299));
    assert!(before > 2.0 && after < before / 10.0, "{before:.1} failed a second before, {after:.1} after");
    assert_eq!(on_new, BTreeSet::from([84]), "no instance is drained or reinstalled for it");
    let (flag, state) = run.fleet().flag(&"blob_v2".into()).expect("its flag");
    let readers = run.fleet().readers(flag);
    assert_eq!(
        (state.seen, state.switched.as_ref().map(|(_, by)| by.to_string())),
        (Some((readers, readers)), Some("omar".into()))
    );
    // One that is off already is no step of the way back.
    let back = run.fleet().pushes().next().and_then(|push| push.way_back.clone()).expect("a way back");
    assert_eq!(back.flags().count(), 0);
}

#[test]
fn sibling_skew() {
    let mut said = None;
    let run = run_watching(&from_file("sibling-skew"), |run| {
        let push = run.fleet().pushes().next();
        if let Some(push) = push.filter(|push| status::of_push(run.fleet(), push, run.now()) == Status::OutOfStep) {
            said = Some(explain::push(run.fleet(), push, &Moment { now: run.now(), zone: TimeZone::UTC }));
            assert!(push.holds.iter().any(|hold| hold.by.to_string() == "lena"), "it is held by whoever took it apart");
        }
    });
    let said = said.expect("it was out of step");
    assert!(said.why.contains("gateway went back alone at 14:2") && said.why.ends_with("index and blob still on v42"), "{said:#?}");
    assert!(said.next.contains("u brings gateway forward again") && said.next.contains("r takes index and blob back too"));
    let push = run.fleet().pushes().next().expect("its push");
    assert!(push.apart.is_empty() && matches!(push.course, pushdeck::domain::push::Course::RolledBack { .. }));
    // Nobody is left behind.
    for placement in run.fleet().placements().filter(|placement| push.move_of(&placement.id.service).is_some()) {
        assert_eq!(placement.count(&"v42".into()), 0, "{}", placement.id);
    }
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
fn blue_green() {
    let mut kept = false;
    let run = run_watching(&from_file("blue-green"), |run| {
        let push = run.fleet().pushes().next();
        let moment = Moment { now: run.now(), zone: TimeZone::UTC };
        let said = push.map(|push| explain::push(run.fleet(), push, &moment)).unwrap_or_default();
        kept |= said.back.contains("blue is kept until 10:4") && said.next.starts_with("blue is let go 10:4");
    });
    assert!(kept, "until when blue is kept is said by the clock");
    for placement in run.fleet().placements() {
        assert!(placement.is_converged(), "{}", placement.id);
    }
}

#[test]
fn blue_green_back() {
    let run = run(&from_file("blue-green-back"));
    let push = run.fleet().pushes().next().expect("its push");
    let plan = &push.course.rollback().expect("it went back").plan;
    assert!(plan.kept.is_some(), "{plan:?}");
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

#[test]
fn tail_latency() {
    run(&from_file("tail-latency"));
}

#[test]
fn slow_leak() {
    run(&from_file("slow-leak"));
}

#[test]
fn only_at_scale() {
    let run = run(&from_file("only-at-scale"));
    let push = run.fleet().pushes().next().expect("its push");
    assert_eq!(push.stage().map(|stage| stage.name.as_str()), Some("10 %"), "one box and 1 % are behind it");
}

#[test]
fn bad_region() {
    run(&from_file("bad-region"));
}

#[test]
fn shared_fault() {
    let mut alerts = 0;
    let run = run_watching(&from_file("shared-fault"), |run| alerts = alerts.max(run.fleet().alerts().count()));
    assert!(alerts > 0, "that the house burns is said aloud");
    assert_eq!(run.fleet().alerts().count(), 0, "and that it is over");
}

/// What a hand did stays as it is until somebody says otherwise, and is named all the while.
#[test]
fn out_of_band() {
    let scenario = from_file("out-of-band");
    let told_by = |run: &Stepped| strayed(run.fleet(), None, run.now());
    let mut told = Vec::new();
    let mut run = run_watching(&scenario, |run| {
        if told.last() != Some(&told_by(run)) {
            told.push(told_by(run));
        }
    });
    assert_eq!(told, ["", "blob 78 and 79 in ap, v41 → v40", ""], "{told:?}");
    let facts = run.drain().changes;
    let found = facts.iter().filter(|change| matches!(change.fact, Fact::Drifted { .. })).count();
    assert!((1..=2).contains(&found), "named {found} times");
}

/// What one group's users met of a commit, another's are spared, and told why.
#[test]
fn same_commit() {
    let mut run = run(&from_file("same-commit"));
    run.drain();
    run.advance(Period::from_mins(5));
    let (fleet, moment) = (run.fleet(), Moment { now: run.now(), zone: TimeZone::UTC });
    let checkout = push_of(fleet, &"checkout".into()).expect("its push");
    let told = explain::push(fleet, &checkout, &moment);
    assert!(told.why.starts_with("same-commit: storage, built from 7e29210 too, went back by itself: errors of "), "{told:#?}");
    assert!(told.otherwise.ends_with("until a newer push of those services has converged"), "{told:#?}");
    assert_eq!(told.who, "oncall-storage");
    let went = run.drain().changes.into_iter().find(|change| matches!(change.fact, Fact::StageEntered { .. }));
    assert_eq!(went, None, "nothing moves while it is held");
}

/// Every order that the script gives is carried out, and each moves what it says.
#[test]
fn stuck_way_back() {
    let run = run(&from_file("stuck-way-back"));
    let push = run.fleet().pushes().next().expect("its push");
    let given: Vec<_> = run.fleet().granted_since(push.id(), pushdeck::domain::id::Seq(0));
    let given: Vec<_> = given.into_iter().map(|(who, verb, _)| format!("{who} {verb}")).collect();
    let expected = ["omar start", "ana approve", "lena drain", "ana rollback", "lena halt-rollback", "lena rollback", "ana retry"];
    assert_eq!(given, expected);
    let rollback = push.course.rollback().expect("it goes back");
    assert!(rollback.halted.is_none(), "it went on after the halt");
}
