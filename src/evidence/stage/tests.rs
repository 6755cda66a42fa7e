use std::sync::Arc;

use super::super::reading::MissingCell;
use super::*;
use crate::domain::id::{EnvironmentId, Version};
use crate::domain::slo::Objective;
use crate::domain::verdict::Bad;

const CELLS: [&str; 2] = ["ap", "eu"];

fn subject() -> Subject {
    Subject {
        service: ServiceId::new("blob"),
        environment: EnvironmentId::new("production"),
        new: Version::new("v42"),
        old: Some(Version::new("v41")),
        objectives: vec![Objective { bad: Bad::Errors, allowed: 0.003 }, Objective { bad: Bad::slower_than(0.3), allowed: 0.01 }],
        limits: Vec::new(),
    }
}

fn stage() -> StageEvidence {
    let terms = Terms { levels: Levels::default(), margins: Margins { r0: 1.25, ruled_out: 2.0 }, warm_up: Period::ZERO };
    StageEvidence::new(vec![subject()], terms, EngineTime::from_millis(0))
}

/// What an arm does in ten seconds: requests, of which so many fail and so many are slow.
type Did = (u64, u64, u64);

fn reading(cell: &str, version: &str, (requests, errors, slow): Did) -> Reading {
    Reading {
        service: ServiceId::new("blob"),
        environment: EnvironmentId::new("production"),
        cell: CellId::new(cell),
        version: Version::new(version),
        requests,
        errors,
        latency: vec![requests - slow, slow, 0],
        cpu: None,
        memory: None,
        saturation: None,
        up: 1,
    }
}

fn batch(tick: i64, new: Option<Did>, old: Option<Did>) -> Batch {
    let arms = [("v41", old), ("v42", new)];
    let readings = CELLS.iter().flat_map(|cell| arms.iter().filter_map(|(version, did)| Some(reading(cell, version, (*did)?))));
    Batch {
        at: EngineTime::from_millis(tick * 10_000),
        over: Period::from_secs(10),
        edges: Arc::from([0.25, 1.0]),
        readings: readings.collect(),
        ..Batch::default()
    }
}

/// The verdict after so many ticks in which each arm did the same again and again.
fn after(ticks: i64, new: Option<Did>, old: Option<Did>) -> Verdict {
    let mut stage = stage();
    (1..=ticks).for_each(|tick| stage.add(&batch(tick, new, old)));
    stage.verdict()
}

const OLD: Option<Did> = Some((10_000, 10, 50));

#[test]
fn a_release_that_is_as_good_is_cleared_in_time_and_undecided_before() {
    let good = Some((1_000, 1, 5));
    let Verdict::Undecided { lean, when, .. } = after(2, good, OLD) else { panic!("not yet") };
    assert!(lean > 0.0 && when.p50.is_some() && when.p50 <= when.p90, "{lean} {when:?}");
    assert_eq!(after(20, good, OLD), Verdict::Cleared { ruled_out: Some(2.0) });
}

#[test]
fn one_that_is_worse_is_named_with_what_it_showed_and_stays_so() {
    let mut stage = stage();
    (1..=12).for_each(|tick| stage.add(&batch(tick, Some((1_000, 5, 5)), OLD)));
    let Verdict::Regressed { slice, seen, late } = stage.verdict() else { panic!("{:?}", stage.verdict()) };
    assert_eq!((slice.bad, late), (Bad::Errors, false));
    assert!(seen.ratio().is_some_and(|ratio| (4.9..5.1).contains(&ratio)), "{seen:?}");
    (13..=60).for_each(|tick| stage.add(&batch(tick, Some((1_000, 0, 0)), OLD)));
    assert!(matches!(stage.verdict(), Verdict::Regressed { .. }), "what was shown is not unshown");
}

#[test]
fn a_slow_tail_is_found_at_its_edge() {
    let Verdict::Regressed { slice, .. } = after(12, Some((1_000, 1, 20)), OLD) else { panic!("four times as many are slow") };
    assert_eq!(slice.bad, Bad::slower_than(0.25));
}

#[test]
fn what_both_suffer_is_not_this_releases_doing_and_not_good() {
    let Verdict::SharedFault { slice, new, old, allowed } = after(6, Some((1_000, 40, 5)), Some((10_000, 400, 50))) else {
        panic!("both are beyond")
    };
    assert_eq!(slice.bad, Bad::Errors);
    assert!((new - 0.04).abs() < 1e-9 && (old - 0.04).abs() < 1e-9 && (allowed - 0.003).abs() < 1e-9);
}

#[test]
fn without_anything_to_compare_nothing_is_ever_cleared() {
    let why = |verdict: Verdict| match verdict {
        Verdict::NoData { why } => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(after(200, None, OLD)), "no request reached blob v42 in production");
    assert_eq!(why(after(200, Some((0, 0, 0)), OLD)), "no request reached blob v42 in production");
    assert_eq!(why(after(200, Some((1_000, 0, 0)), None)), "no v41 of blob is left in production to compare with");
    let mut silent = stage();
    (1..=200).for_each(|tick| {
        let why = "no answer within 2 s".to_owned();
        let missing = MissingCell { environment: EnvironmentId::new("production"), cell: CellId::new("eu"), why };
        silent.add(&Batch { readings: vec![], missing: vec![missing], ..batch(tick, None, None) });
    });
    assert_eq!(why(silent.verdict()), "eu of production: no answer within 2 s");
    let mut unlimited =
        StageEvidence::new(vec![Subject { objectives: vec![], ..subject() }], stage().terms, EngineTime::from_millis(0));
    (1..=200).for_each(|tick| unlimited.add(&batch(tick, Some((1_000, 1, 5)), OLD)));
    assert!(why(unlimited.verdict()).starts_with("no limit"));
}

#[test]
fn the_last_ticks_missing_takes_the_all_clear_back() {
    let mut stage = stage();
    (1..=20).for_each(|tick| stage.add(&batch(tick, Some((1_000, 1, 5)), OLD)));
    assert!(matches!(stage.verdict(), Verdict::Cleared { .. }));
    (21..=23).for_each(|tick| stage.add(&batch(tick, None, OLD)));
    assert!(matches!(stage.verdict(), Verdict::NoData { .. }));
    stage.add(&batch(24, Some((1_000, 1, 5)), OLD));
    assert!(matches!(stage.verdict(), Verdict::Cleared { .. }), "and gives it again");
}

#[test]
fn what_begins_after_a_long_good_time_is_late() {
    let mut stage = stage();
    (1..=2_000).for_each(|tick| stage.add(&batch(tick, Some((1_000, 1, 5)), OLD)));
    (2_001..=2_030).for_each(|tick| stage.add(&batch(tick, Some((1_000, 6, 5)), OLD)));
    let Verdict::Regressed { slice, seen, late } = stage.verdict() else { panic!("{:?}", stage.verdict()) };
    assert_eq!((slice.bad, late), (Bad::Errors, true));
    assert!(seen.requests <= 12_000, "told by its last minute: {seen:?}");
}

#[test]
fn the_first_minutes_warm_up_and_teach_only_how_the_old_version_varies() {
    let terms = Terms { warm_up: crate::domain::stage::WARM_UP, ..stage().terms };
    let mut stage = StageEvidence::new(vec![subject()], terms, EngineTime::from_millis(0));
    (1..=12).for_each(|tick| stage.add(&batch(tick, Some((1_000, 100, 500)), OLD)));
    assert!(matches!(stage.verdict(), Verdict::Undecided { seen, .. } if seen.requests == 0), "{:?}", stage.verdict());
    (13..=40).for_each(|tick| stage.add(&batch(tick, Some((1_000, 1, 5)), OLD)));
    assert!(matches!(stage.verdict(), Verdict::Cleared { .. }));
    let known = stage.slices().first().map(|(_, slice)| slice.evidence.dispersion().events()).unwrap();
    let next = stage.next(vec![subject()], terms, EngineTime::from_millis(400_000));
    assert!(next.before.values().any(|before| before.events() >= known), "carried over");
    assert!(matches!(next.verdict(), Verdict::NoData { .. }));
}

#[test]
fn the_same_ticks_give_the_same_verdict() {
    let run = || after(7, Some((1_000, 2, 7)), OLD);
    assert_eq!(run(), run());
}
