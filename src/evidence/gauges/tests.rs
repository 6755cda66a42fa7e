use super::super::sequential::Levels;
use super::*;
use crate::domain::id::{EnvironmentId, ServiceId};
use crate::domain::metric::Threshold;
use crate::domain::time::Period;

const CELLS: [&str; 2] = ["ap", "eu"];

fn subject() -> Subject {
    let limit = Threshold { metric: Metric::Memory, limit: 0.9, sustained: Period::ZERO, least: 0 };
    Subject {
        service: ServiceId::new("blob"),
        environment: EnvironmentId::new("production"),
        new: Version::new("v42"),
        old: Some(Version::new("v41")),
        objectives: Vec::new(),
        limits: vec![limit],
    }
}

fn reading(cell: &str, version: &str, [cpu, memory]: [Option<f64>; 2]) -> Reading {
    Reading {
        service: ServiceId::new("blob"),
        environment: EnvironmentId::new("production"),
        cell: CellId::new(cell),
        version: Version::new(version),
        requests: 100,
        errors: 0,
        latency: vec![],
        cpu,
        memory,
        saturation: None,
        up: if version == "v42" { 3 } else { 27 },
    }
}

type Says<'a> = &'a dyn Fn(&str, f64) -> [Option<f64>; 2];

/// Minutes of ticks of ten seconds; what each version says may depend on the cell and the minute.
fn after(minutes: i64, new: Says<'_>, old: Says<'_>) -> Gauges {
    let terms = GaugeTerms::before_calibration(Levels::default(), Period::ZERO);
    let mut gauges = Gauges::new(terms, EngineTime::from_millis(0));
    for tick in 1..=minutes * 6 {
        let minute = (tick as f64 / 6.0).ceil();
        let readings =
            CELLS.iter().flat_map(|cell| [reading(cell, "v42", new(cell, minute)), reading(cell, "v41", old(cell, minute))]);
        let at = EngineTime::from_millis(tick * 10_000);
        gauges.add(&[subject()], &Batch { at, over: Period::from_secs(10), readings: readings.collect(), ..Batch::default() });
    }
    gauges
}

const OLD: Says<'_> = &|_, _| [Some(0.3), Some(0.5)];

#[test]
fn half_as_much_again_is_worse_and_says_where_and_how_much() {
    let GaugeVerdict::Worse { gauge, seen, late } = after(20, &|_, _| [Some(0.45), Some(0.5)], OLD).verdict() else {
        panic!("it uses half as much again")
    };
    assert_eq!((gauge.metric, &seen.cell, late), (Metric::Cpu, &None, false));
    assert!((seen.new - 0.45).abs() < 1e-9 && (0.35..0.4).contains(&seen.allowed) && seen.blocks >= 12, "{seen:?}");
}

#[test]
fn one_bad_cell_of_two_is_named() {
    let new: Says<'_> = &|cell, _| [Some(0.3), Some(if cell == "eu" { 0.8 } else { 0.4 })];
    let GaugeVerdict::Worse { gauge, seen, .. } = after(20, new, OLD).verdict() else { panic!("one cell uses 60 % more") };
    assert_eq!((gauge.metric, seen.cell.map(String::from)), (Metric::Memory, Some("eu".to_owned())));
}

#[test]
fn what_uses_as_much_is_cleared_in_minutes_and_undecided_before() {
    let same: Says<'_> = &|_, _| [Some(0.31), Some(0.52)];
    let GaugeVerdict::Undecided { lean, seen, .. } = after(3, same, OLD).verdict() else { panic!("two minutes are no evidence") };
    assert!(lean > 0.0 && seen.is_some(), "{lean}");
    assert!(matches!(after(0, same, OLD).verdict(), GaugeVerdict::NoData { .. }));
    assert_eq!(after(8, same, OLD).verdict(), GaugeVerdict::Cleared { ruled_out: 1.5 });
}

#[test]
fn what_grows_late_is_a_leak_with_its_pace_and_its_end() {
    let new: Says<'_> = &|_, minute| [Some(0.3), Some(0.5 + 0.2 * (minute - 60.0).max(0.0) / 60.0)];
    let gauges = after(90, new, OLD);
    let GaugeVerdict::Leaking { gauge, growth: Some(growth), .. } = gauges.verdict() else { panic!("{:?}", gauges.verdict()) };
    assert_eq!((gauge.metric, growth.limit), (Metric::Memory, 0.9));
    assert!(growth.per_hour > 0.03 && growth.reached_in.is_some(), "{growth:?}");
    let first = gauges.standings().into_iter().next().unwrap();
    assert!(first.leaking >= 1.0 && first.gauge.metric == Metric::Memory && first.growth.is_some(), "{first:?}");
}

#[test]
fn what_jumps_late_is_worse_of_late_and_stays_so() {
    let new: Says<'_> = &|_, minute| [Some(if minute > 200.0 && minute < 240.0 { 0.6 } else { 0.3 }), Some(0.5)];
    let GaugeVerdict::Worse { gauge, late, .. } = after(300, new, OLD).verdict() else { panic!("for forty minutes it doubled") };
    assert_eq!((gauge.metric, late), (Metric::Cpu, true));
}

#[test]
fn what_is_not_said_is_never_cleared() {
    let why = |new: Says<'_>, old: Says<'_>| match after(30, new, old).verdict() {
        GaugeVerdict::NoData { why } => why,
        other => panic!("{other:?}"),
    };
    let silent: Says<'_> = &|_, _| [Some(0.3), None];
    assert_eq!(why(silent, silent), "no instance of blob v42 in production says its memory");
    assert_eq!(why(OLD, silent), "no instance of blob v41 in production says its memory, to compare with");
    let apart = |which: &'static str| move |cell: &str, _: f64| [Some(0.3), (cell == which).then_some(0.5)];
    assert_eq!(why(&apart("eu"), &apart("ap")), "blob v42 and v41 say their memory in no cell of production together");
    let stops: Says<'_> = &|_, minute| [(minute < 20.0).then_some(0.3), Some(0.5)];
    assert!(why(stops, OLD).ends_with("says its CPU"), "what was said before is missed");
    let nonsense: Says<'_> = &|_, _| [Some(0.3), Some(f64::NAN)];
    assert!(why(nonsense, OLD).contains("v42"));
}

#[test]
fn the_first_minutes_warm_up() {
    let terms = GaugeTerms::before_calibration(Levels::default(), Period::from_mins(5));
    let mut gauges = Gauges::new(terms, EngineTime::from_millis(0));
    for tick in 1..=30 {
        let readings = vec![reading("eu", "v42", [Some(0.9), Some(0.9)]), reading("eu", "v41", [Some(0.3), Some(0.3)])];
        gauges.add(&[subject()], &Batch { at: EngineTime::from_millis(tick * 10_000), readings, ..Batch::default() });
    }
    assert!(matches!(gauges.verdict(), GaugeVerdict::Undecided { seen: None, .. }), "{:?}", gauges.verdict());
}
