//! The fleet as a whole, stepped without a network.

use std::collections::BTreeMap;

use super::census::{Count, Question};
use super::sample::{auth, evening, faulty, instance, large, storage};
use super::world::{Profile, Simulation, Tally};
use crate::domain::declaration::Declaration;
use crate::domain::id::InstanceId;
use crate::domain::placement::{Operation, OperationId, Phase, Task};
use crate::domain::time::{EngineTime, Period};
use crate::engine::spec::scenario::{Fault, Faults, HandChange, SharedFault};

fn after(seconds: i64) -> EngineTime {
    evening() + Period::from_secs(seconds)
}

fn fleet(declaration: &Declaration, faults: Faults) -> Simulation {
    Simulation::new(declaration, Profile { faults, ..Profile::default() }, evening(), 7)
}

fn install(simulation: &mut Simulation, service: &str, cell: &str, numbers: std::ops::Range<u32>) {
    for index in numbers {
        let id = simulation.pending().count() as u64 + simulation.now().millis() as u64 * 10_000;
        let task = Task::Install { version: "v42".into() };
        simulation.order(Operation { id: OperationId(id), instance: instance(service, cell, index), task }).expect("an instance");
    }
}

fn scrape(simulation: &Simulation, cell: &str) -> Option<String> {
    simulation.scrape(&"production".into(), &cell.into())
}

fn tally(simulation: &Simulation, service: &str, version: &str) -> Tally {
    simulation.truth().get(&("production".into(), service.into(), version.into())).copied().unwrap_or_default()
}

/// The share of a service's requests in eu that took longer than 250 ms between two moments.
fn slow_share(simulation: &mut Simulation, service: &str, until: EngineTime) -> f64 {
    let counts = |simulation: &Simulation| {
        let text = scrape(simulation, "eu").expect("metrics");
        let value = |rest: &str| -> f64 {
            let line = format!("pushdeck_request_seconds_{rest} ");
            text.lines().find_map(|known| known.strip_prefix(&line)).expect("a line").parse().expect("a number")
        };
        let all = value(&format!("count{{service=\"{service}\",version=\"v41\"}}"));
        (all, all - value(&format!("bucket{{service=\"{service}\",version=\"v41\",le=\"0.25\"}}")))
    };
    let before = counts(simulation);
    simulation.advance(until);
    let now = counts(simulation);
    (now.1 - before.1) / (now.0 - before.0)
}

#[test]
fn the_same_seed_gives_the_same_fleet_however_time_is_cut() {
    let run = |cuts: &[i64], seed| {
        let faults = faulty("blob", "v42", Fault::Crash { after: Period::from_secs(5) });
        let mut simulation = Simulation::new(&storage(), Profile { faults, ..Profile::default() }, evening(), seed);
        simulation.advance(after(3));
        install(&mut simulation, "blob", "eu", 0..5);
        for millis in cuts {
            simulation.advance(evening() + Period::from_millis(*millis));
        }
        simulation.advance(after(60));
        let texts = simulation.cells().map(|(place, cell)| simulation.scrape(place, cell)).collect::<Vec<_>>();
        (texts, simulation.truth(), simulation.observe())
    };
    let whole = run(&[], 7);
    assert_eq!(whole, run(&[3_100, 3_250, 4_999, 17_001, 59_999], 7));
    assert_ne!(whole.1, run(&[], 8).1);
}

#[test]
fn an_order_is_carried_out_once_and_seen() {
    let mut simulation = fleet(&storage(), Faults::default());
    assert_eq!(simulation.observe().len(), 12 + 190, "at first everything is seen");
    assert_eq!(simulation.observe(), []);
    install(&mut simulation, "index", "ap", 2..3);
    let order = simulation.pending().next().expect("an order").clone();
    let mut phases = Vec::new();
    for second in 1..40 {
        simulation.advance(after(second));
        simulation.order(order.clone()).expect("a known order");
        for seen in simulation.observe() {
            assert_eq!(seen.instance, instance("index", "ap", 2));
            phases.push((seen.phase, seen.version.to_string(), seen.serving));
        }
    }
    let seen = |phase, version: &str, serving| (phase, version.to_owned(), serving);
    assert_eq!(
        phases,
        [
            seen(Phase::Draining, "v41", true),
            seen(Phase::Stopped, "v41", false),
            seen(Phase::Starting, "v42", false),
            seen(Phase::Warming, "v42", true),
            seen(Phase::Ready, "v42", true),
        ]
    );
}

#[test]
fn an_order_for_nobody_is_refused_and_changes_nothing() {
    let mut simulation = fleet(&storage(), Faults::default());
    for unknown in [instance("index", "ap", 9), instance("index", "mars", 0), instance("nobody", "ap", 0)] {
        let refused = simulation.order(Operation { id: OperationId(1), instance: unknown.clone(), task: Task::Drain });
        assert!(refused.expect_err("refused").to_string().contains(&unknown.to_string()));
    }
    assert_eq!(simulation.pending().count(), 0);
}

#[test]
fn a_stop_takes_back_what_has_not_begun_unless_the_driver_is_deaf() {
    for deaf_driver in [false, true] {
        let profile = Profile { dispatch: Period::from_secs(2), deaf_driver, ..Profile::default() };
        let mut simulation = Simulation::new(&storage(), profile, evening(), 7);
        let order = |id, index| Operation {
            id: OperationId(id),
            instance: instance("blob", "eu", index),
            task: Task::Install { version: "v42".into() },
        };
        simulation.order(order(1, 0)).expect("an instance");
        simulation.advance(after(3));
        simulation.order(order(2, 1)).expect("an instance");
        simulation.order(order(3, 2)).expect("an instance");
        let halted = simulation.halt(|operation| operation.id != OperationId(3));
        assert_eq!(
            halted.map(|halted| halted.cancelled.into_iter().map(|(id, _)| id.0).collect::<Vec<_>>()),
            (!deaf_driver).then(|| vec![2])
        );
        simulation.order(order(2, 1)).expect("an instance");
        simulation.advance(after(40));
        let on_new: Vec<u32> =
            simulation.observe().iter().filter(|seen| seen.version.as_str() == "v42").map(|seen| seen.instance.index).collect();
        assert_eq!(on_new, if deaf_driver { vec![0, 1, 2] } else { vec![0, 2] });
    }
}

#[test]
fn draining_half_of_the_instances_makes_the_rest_slow() {
    let mut simulation = fleet(&storage(), Faults::default());
    simulation.advance(after(10));
    let before = slow_share(&mut simulation, "blob", after(40));
    assert!(before < 0.01, "{before}");
    for index in 0..20 {
        let order = Operation { id: OperationId(u64::from(index)), instance: instance("blob", "eu", index), task: Task::Drain };
        simulation.order(order).expect("an instance");
    }
    simulation.advance(after(50));
    let during = slow_share(&mut simulation, "blob", after(80));
    assert!(during > 0.3, "{during}");
    assert!(tally(&simulation, "blob", "v41").errors > 2_000, "requests beyond capacity are turned away");
    for index in 0..20 {
        let order = Operation {
            id: OperationId(100 + u64::from(index)),
            instance: instance("blob", "eu", index),
            task: Task::Install { version: "v41".into() },
        };
        simulation.order(order).expect("an instance");
    }
    simulation.advance(after(90));
    let restored = slow_share(&mut simulation, "blob", after(120));
    assert!(restored < 0.01, "{restored}");
}

#[test]
fn a_fault_multiplies_errors_on_its_version_once_it_has_gone_far_enough() {
    let mut simulation = fleet(&storage(), faulty("gateway", "v42", Fault::Errors { times: 50.0, above_share: 0.05 }));
    let rate = |simulation: &mut Simulation, until| {
        let before = tally(simulation, "gateway", "v42");
        simulation.advance(until);
        let now = tally(simulation, "gateway", "v42");
        (now.errors - before.errors) as f64 / (now.requests - before.requests) as f64
    };
    install(&mut simulation, "gateway", "eu", 0..3);
    simulation.advance(after(40));
    let small = rate(&mut simulation, after(240));
    assert!(small < 0.003, "3 of 60 are not above 5 %: {small}");
    install(&mut simulation, "gateway", "ap", 0..4);
    simulation.advance(after(280));
    let large = rate(&mut simulation, after(480));
    assert!((large / 0.05 - 1.0).abs() < 0.15, "{large}");
    let old = tally(&simulation, "gateway", "v41");
    assert!((old.errors as f64 / old.requests as f64) < 0.001_4, "{old:?}");
}

#[test]
fn a_slow_version_is_slow_and_users_notice_when_it_is_very_slow() {
    let mut simulation = fleet(&storage(), faulty("gateway", "v42", Fault::Slow { times: 40.0, above_share: 0.0 }));
    let journeys = |simulation: &Simulation| {
        let text = scrape(simulation, "eu").expect("metrics");
        let value = |name: &str| -> f64 {
            let line = format!("pushdeck_journey_{name}_total{{journey=\"storage\"}} ");
            text.lines().find_map(|known| known.strip_prefix(&line)).expect("a line").parse().expect("a number")
        };
        value("successes") / value("attempts")
    };
    simulation.advance(after(60));
    let healthy = journeys(&simulation);
    let slow = |simulation: &Simulation| -> f64 {
        let text = scrape(simulation, "eu").expect("metrics");
        let count = |end: &str| -> f64 {
            let line = format!("pushdeck_journey_seconds_{end} ");
            text.lines().find_map(|known| known.strip_prefix(&line)).expect("a line").parse().expect("a number")
        };
        let all = count("count{journey=\"storage\"}");
        assert!(all > 1_000.0, "{all}");
        all - count("bucket{journey=\"storage\",le=\"1.5\"}")
    };
    let before = slow(&simulation);
    assert!(before < 5.0, "three hops, each below half a second: {before}");
    assert!((0.995..0.999).contains(&healthy), "three hops, each 0.1 % errors: {healthy}");
    install(&mut simulation, "gateway", "eu", 0..12);
    simulation.advance(after(300));
    assert!(journeys(&simulation) < 0.95, "{}", journeys(&simulation));
    assert!(slow(&simulation) > before + 50.0, "{}", slow(&simulation));
}

#[test]
fn a_crash_loop_counts_its_restarts_and_is_not_up_in_between() {
    let mut simulation = fleet(&storage(), faulty("index", "v42", Fault::Crash { after: Period::from_secs(3) }));
    install(&mut simulation, "index", "us", 0..1);
    let (mut restarts, mut down) = (0, 0);
    for second in 1..120 {
        simulation.advance(after(second));
        restarts = simulation.observe().iter().map(|seen| seen.restarts).max().unwrap_or(0).max(restarts);
        let line = "pushdeck_up{service=\"index\",version=\"v42\",instance=\"0\"} 0";
        down += u32::from(scrape(&simulation, "us").is_some_and(|text| text.contains(line)));
    }
    assert!(restarts >= 3 && down > 20, "{restarts} restarts, {down} seconds down");
}

/// The share of a version's requests of gateway in a cell that took longer than `seconds`, since the start.
fn beyond(simulation: &Simulation, cell: &str, version: &str, seconds: f64) -> f64 {
    let text = scrape(simulation, cell).expect("metrics");
    let value = |rest: String| -> f64 {
        let line = format!("pushdeck_request_seconds_{rest} ");
        text.lines().find_map(|known| known.strip_prefix(&line)).expect("a line").parse().expect("a number")
    };
    let labels = format!("service=\"gateway\",version=\"{version}\"");
    let all = value(format!("count{{{labels}}}"));
    (all - value(format!("bucket{{{labels},le=\"{seconds}\"}}"))) / all
}

#[test]
fn a_tail_is_seen_in_p99_9_and_in_nothing_else() {
    let fault = Fault::Tail { share: 0.003, times: 40.0, above_share: 0.0 };
    let mut simulation = fleet(&storage(), faulty("gateway", "v42", fault));
    install(&mut simulation, "gateway", "eu", 0..3);
    simulation.advance(after(400));
    let (new, old) = (|seconds| beyond(&simulation, "eu", "v42", seconds), |seconds| beyond(&simulation, "eu", "v41", seconds));
    assert!((0.002..0.004).contains(&new(1.0)), "one request in a thousand takes longer than {}", new(1.0));
    assert!(old(1.0) < 0.000_1, "{}", old(1.0));
    assert!(new(0.3) < 0.01 && new(0.1) < old(0.1) * 1.1, "p99 stays as it was: {} and {}", new(0.3), new(0.1));
    let tally = tally(&simulation, "gateway", "v42");
    assert!((tally.errors as f64 / tally.requests as f64) < 0.001_5, "{tally:?}");
}

#[test]
fn a_slow_version_is_slow_only_beyond_its_share_of_the_fleet() {
    let mut simulation = fleet(&storage(), faulty("gateway", "v42", Fault::Slow { times: 4.0, above_share: 0.08 }));
    install(&mut simulation, "gateway", "eu", 0..4);
    simulation.advance(after(120));
    let small = beyond(&simulation, "eu", "v42", 0.3);
    assert!(small < 0.01 && simulation.misbehaves_since().is_none(), "4 of 60 are not above 8 %: {small}");
    install(&mut simulation, "gateway", "us", 0..4);
    simulation.advance(after(300));
    let large = beyond(&simulation, "us", "v42", 0.3);
    assert!(large > 0.05 && simulation.misbehaves_since().is_some_and(|since| since > after(120)), "{large}");
}

#[test]
fn a_bad_region_is_bad_there_alone() {
    let Faults(mut faults) = faulty("gateway", "v42", Fault::Errors { times: 50.0, above_share: 0.0 });
    faults[0].cells = vec!["us".into()];
    let mut simulation = fleet(&storage(), Faults(faults));
    install(&mut simulation, "gateway", "eu", 0..6);
    simulation.advance(after(120));
    let before = tally(&simulation, "gateway", "v42");
    assert!(before.errors * 400 < before.requests, "eu is well: {before:?}");
    assert_eq!(simulation.misbehaves_since(), None);
    install(&mut simulation, "gateway", "us", 0..6);
    simulation.advance(after(240));
    let now = tally(&simulation, "gateway", "v42");
    assert!((now.errors - before.errors) * 60 > now.requests - before.requests, "{before:?} {now:?}");
}

/// The memory that one instance of gateway in eu says it uses, as a share of what is granted.
fn memory(simulation: &Simulation, version: &str, index: u32) -> Option<f64> {
    let line = format!("pushdeck_memory_ratio{{service=\"gateway\",version=\"{version}\",instance=\"{index}\"}} ");
    scrape(simulation, "eu")?.lines().find_map(|known| known.strip_prefix(&line)?.parse().ok())
}

#[test]
fn a_leak_grows_from_when_the_process_starts_and_a_new_one_begins_anew() {
    let mut simulation = fleet(&storage(), faulty("gateway", "v42", Fault::Leak { per_minute: 0.25 }));
    simulation.advance(after(5));
    let healthy = memory(&simulation, "v41", 0).expect("its memory");
    install(&mut simulation, "gateway", "eu", 0..1);
    simulation.advance(after(30));
    let young = memory(&simulation, "v42", 0).expect("its memory");
    simulation.advance(after(90));
    let older = memory(&simulation, "v42", 0).expect("its memory");
    assert!(young < healthy + 0.15 && (older - young - 0.25).abs() < 0.03, "{healthy} {young} {older}");
    assert!((memory(&simulation, "v41", 1).expect("its memory") - healthy).abs() < 0.1, "the old version does not leak");
    simulation.advance(after(300));
    assert_eq!(memory(&simulation, "v42", 0), Some(1.0), "there is no more than all of it");
    let back =
        Operation { id: OperationId(1), instance: instance("gateway", "eu", 0), task: Task::Install { version: "v41".into() } };
    simulation.order(back).expect("an instance");
    simulation.advance(after(330));
    assert!(memory(&simulation, "v41", 0).is_some_and(|fresh| fresh < older), "a new process begins anew");
}

#[test]
fn what_everybody_stands_on_is_felt_by_old_and_new_alike_while_it_lasts() {
    let shared = SharedFault {
        services: vec!["gateway".into()],
        environments: vec!["production".into()],
        cells: vec!["eu".into()],
        from: Period::from_secs(60),
        lasts: Period::from_secs(60),
        fault: Fault::Errors { times: 50.0, above_share: 0.0 },
    };
    let profile = Profile { shared: vec![shared], ..Profile::default() };
    let mut simulation = Simulation::new(&storage(), profile, evening(), 7);
    install(&mut simulation, "gateway", "eu", 0..3);
    let mut rates = Vec::new();
    let mut before = ["v41", "v42"].map(|version| tally(&simulation, "gateway", version));
    for until in [60, 120, 180] {
        simulation.advance(after(until));
        let now = ["v41", "v42"].map(|version| tally(&simulation, "gateway", version));
        rates.push(
            [0, 1].map(|arm| (now[arm].errors - before[arm].errors) as f64 / (now[arm].requests - before[arm].requests) as f64),
        );
        before = now;
    }
    let [[old_before, new_before], [old, new], [old_after, new_after]] = rates[..] else { panic!("{rates:?}") };
    assert!([old_before, new_before, old_after, new_after].iter().all(|rate| *rate < 0.002), "{rates:?}");
    // Of v41 more than half serves in ap and us, where nothing is wrong.
    assert!((new / 0.05 - 1.0).abs() < 0.1 && (0.01..0.04).contains(&old), "{rates:?}");
    assert_eq!(simulation.misbehaves_since(), None, "no version is to blame");
}

#[test]
fn somebody_changes_the_last_instances_of_a_cell_and_nobody_else_is_touched() {
    let change = |version: Option<&str>, instances| HandChange {
        placement: "index@production".parse().expect("a placement"),
        cell: "ap".into(),
        instances,
        version: version.map(Into::into),
    };
    let by_hand = vec![(Period::from_secs(60), change(None, 1)), (Period::from_secs(20), change(Some("v9"), 2))];
    let mut simulation = Simulation::new(&storage(), Profile { by_hand, ..Profile::default() }, evening(), 7);
    simulation.observe();
    simulation.advance(after(19));
    assert_eq!(simulation.observe(), []);
    simulation.advance(after(55));
    let seen: Vec<_> = simulation.observe().into_iter().map(|seen| (seen.instance, seen.version.to_string(), seen.phase)).collect();
    let on_v9 = |index| (instance("index", "ap", index), "v9".to_owned(), Phase::Ready);
    assert_eq!(seen, [on_v9(7), on_v9(8)]);
    simulation.advance(after(90));
    let seen: Vec<_> = simulation.observe().into_iter().map(|seen| (seen.instance.index, seen.phase)).collect();
    assert_eq!(seen, [(8, Phase::Drained)]);
}

#[test]
fn vanishing_metrics_come_back_once_the_version_is_gone() {
    let mut simulation = fleet(&storage(), faulty("blob", "v42", Fault::MetricsVanish { after: Period::from_secs(20) }));
    install(&mut simulation, "blob", "ap", 0..1);
    simulation.advance(after(20));
    assert!(scrape(&simulation, "eu").is_some());
    simulation.advance(after(60));
    assert!(simulation.cells().all(|(place, cell)| simulation.scrape(place, cell).is_some() == (place.as_str() == "staging")));
    let back = Operation { id: OperationId(1), instance: instance("blob", "ap", 0), task: Task::Install { version: "v41".into() } };
    simulation.order(back).expect("an instance");
    simulation.advance(after(90));
    assert!(scrape(&simulation, "eu").is_some());
    assert_eq!(simulation.scrape(&"production".into(), &"mars".into()), None);
}

/// Brings a tenth of every service in every cell of production to v42, and counts for ten minutes. With it, how many requests the
/// entry's instances on v42 answered meanwhile.
fn counted(declaration: &Declaration) -> (Count, u64) {
    let mut simulation = fleet(declaration, Faults::default());
    let mut versions = BTreeMap::new();
    for service in &declaration.services {
        for (cell, count) in declaration.environments[1].cells.iter().zip(&service.deployments[1].instances) {
            install(&mut simulation, service.id.as_str(), cell.id.as_str(), 0..(count / 10).max(1));
        }
        versions.insert(service.id.clone(), "v42".into());
    }
    simulation.advance(after(60));
    let group = &declaration.groups[0];
    let entry = group.hops.first().unwrap_or(&group.services[0]).as_str();
    let before = tally(&simulation, entry, "v42").requests;
    simulation.begin_census(Question { environment: "production".into(), group: group.id.clone(), versions });
    simulation.advance(after(660));
    (simulation.census().expect("a census"), tally(&simulation, entry, "v42").requests - before)
}

/// The expected share of requests that meet v42, and of users, from the closed formulas.
fn expected(declaration: &Declaration) -> (f64, f64) {
    let (group, production) = (&declaration.groups[0], &declaration.environments[1]);
    let hops = if group.hops.is_empty() { &group.services } else { &group.hops };
    let (mut requests, mut users, mut people) = (0.0, 0.0, 0.0);
    for (number, cell) in production.cells.iter().enumerate() {
        let part = |hop| {
            let count = f64::from(declaration.service(hop).expect("a service").deployments[1].instances[number]);
            (count / 10.0).floor().max(1.0) / count
        };
        let missed: f64 = if group.pinned { 1.0 - part(&hops[0]) } else { hops.iter().map(|hop| 1.0 - part(hop)).product() };
        let (traffic, here) = (production.traffic_share(&cell.id), cell.users as f64);
        let each = declaration.service(&hops[0]).expect("a service").deployments[1].peak_rps * traffic * 600.0 / here;
        requests += traffic * (1.0 - missed);
        users += here * if group.sticky { 1.0 - missed } else { 1.0 - missed.powf(each) };
        people += here;
    }
    (requests, users / people)
}

#[test]
fn the_census_agrees_with_the_formulas_it_does_not_use() {
    let mut sticky = storage();
    sticky.groups[0].sticky = true;
    let mut pinned = storage();
    pinned.groups[0].pinned = true;
    for (what, declaration) in [("alone", auth()), ("three hops", storage()), ("sticky", sticky), ("pinned", pinned)] {
        let ((count, answered), expected) = (counted(&declaration), expected(&declaration));
        let requests = count.requests_met as f64 / count.requests as f64;
        let users = count.users_met as f64 / count.users as f64;
        assert!((requests / expected.0 - 1.0).abs() < 0.02, "{what}: {requests} of requests, expected {}", expected.0);
        assert!((users / expected.1 - 1.0).abs() < 0.02, "{what}: {users} of users, expected {}", expected.1);
        if declaration.groups[0].hops.is_empty() {
            let ratio = count.requests_met as f64 / answered as f64;
            assert!((ratio - 1.0).abs() < 0.02, "{what}: counted {}, answered {answered}", count.requests_met);
        }
    }
}

#[test]
fn balanced_requests_reach_all_instances_alike() {
    let mut simulation = fleet(&storage(), Faults::default());
    simulation.advance(after(100));
    let text = scrape(&simulation, "eu").expect("metrics");
    let prefix = "pushdeck_requests_total{service=\"blob\"";
    let counts: Vec<f64> = text
        .lines()
        .filter(|line| line.starts_with(prefix) && line.contains("code=\"200\""))
        .filter_map(|line| line.rsplit(' ').next()?.parse().ok())
        .collect();
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    assert_eq!(counts.len(), 40);
    assert!(counts.iter().all(|count| (count / mean - 1.0).abs() < 0.02), "{counts:?}");
}

#[test]
fn a_pinned_group_sends_nothing_to_a_new_version_before_its_entry_has_it() {
    let mut declaration = storage();
    declaration.groups[0].pinned = true;
    let mut simulation = fleet(&declaration, Faults::default());
    install(&mut simulation, "index", "eu", 0..4);
    simulation.advance(after(60));
    assert_eq!(tally(&simulation, "index", "v42"), Tally::default());
    install(&mut simulation, "gateway", "eu", 0..6);
    simulation.advance(after(120));
    assert!(tally(&simulation, "index", "v42").requests > 1_000);
}

#[test]
fn two_thousand_instances_run_much_faster_than_the_clock() {
    let mut simulation = fleet(&large(), Faults::default());
    let instances: Vec<InstanceId> = simulation.observe().into_iter().map(|seen| seen.instance).collect();
    let began = std::time::Instant::now();
    for (id, one) in instances.iter().enumerate().filter(|(id, _)| id % 2 == 0) {
        let task = Task::Install { version: "v42".into() };
        simulation.order(Operation { id: OperationId(id as u64), instance: one.clone(), task }).expect("an instance");
    }
    simulation.advance(after(600));
    let stepped = began.elapsed().as_secs_f64();
    assert!(stepped < 20.0, "{} instances: {:.0} times real time", instances.len(), 600.0 / stepped);
}
