use super::*;

const ARM: &str = "service=\"auth\",version=\"v42\"";

fn cell() -> CellCounters {
    CellCounters::new(EnvironmentId::new("production"), CellId::new("eu"))
}

fn requests(instance: u32, code: u32, count: f64) -> String {
    format!("pushdeck_requests_total{{{ARM},instance=\"{instance}\",code=\"{code}\"}} {count}\n")
}

fn buckets(counts: [u64; 3]) -> String {
    let [fast, slow, all] = counts;
    let bucket = |le: &str, count: u64| format!("pushdeck_request_seconds_bucket{{{ARM},le=\"{le}\"}} {count}\n");
    bucket("0.1", fast) + &bucket("0.5", slow) + &bucket("+Inf", all)
}

fn at(seconds: f64, body: &str) -> String {
    format!("pushdeck_time_seconds {seconds}\n{body}")
}

#[test]
fn the_first_scrape_says_nothing_and_the_second_says_what_rose() {
    let mut cell = cell();
    assert_eq!(cell.advance(&at(100.0, &requests(0, 200, 5_000.0))), Err(NoTick::First));
    let body = requests(0, 200, 5_090.0) + &requests(0, 503, 10.0) + &requests(0, 404, 1.0);
    let tick = cell.advance(&at(101.25, &body)).unwrap();
    assert_eq!((tick.at, tick.over), (EngineTime::from_millis(101_250), Period::from_millis(1_250)));
    let [reading] = tick.readings.as_slice() else { panic!("one version") };
    assert_eq!((reading.requests, reading.errors), (101, 10));
    assert_eq!((reading.cpu, reading.up, reading.latency.len()), (None, 0, 0));
}

#[test]
fn a_counter_that_fell_and_one_that_is_new_count_from_zero() {
    let mut cell = cell();
    cell.advance(&at(1.0, &requests(0, 200, 500.0))).unwrap_err();
    let tick = cell.advance(&at(2.0, &(requests(0, 200, 30.0) + &requests(1, 200, 7.0)))).unwrap();
    assert_eq!(tick.readings[0].requests, 37);
}

#[test]
fn a_counter_that_was_away_for_a_scrape_is_no_new_one() {
    let mut cell = cell();
    cell.advance(&at(1.0, &requests(0, 200, 500.0))).unwrap_err();
    assert_eq!(cell.advance(&at(2.0, "")).unwrap().readings, []);
    assert_eq!(cell.advance(&at(3.0, &requests(0, 200, 520.0))).unwrap().readings[0].requests, 20);
}

#[test]
fn cumulative_buckets_become_requests_per_bucket() {
    let mut cell = cell();
    let up = format!("pushdeck_up{{{ARM},instance=\"0\"}} 1\n");
    cell.advance(&at(1.0, &(buckets([10, 10, 10]) + &up))).unwrap_err();
    let tick = cell.advance(&at(2.0, &(buckets([15, 17, 18]) + &up))).unwrap();
    assert_eq!(&*tick.edges, [0.1, 0.5]);
    assert_eq!(tick.readings[0].latency, [5, 2, 1]);
    let restarted = cell.advance(&at(3.0, &(buckets([3, 4, 4]) + &up))).unwrap();
    assert_eq!(restarted.readings[0].latency, [3, 1, 0]);
}

#[test]
fn journeys_have_their_times_in_the_buckets_of_requests_or_in_none() {
    let times = |edge: &str, counts: [u64; 3]| {
        let bucket = |le: &str, count: u64| format!("pushdeck_journey_seconds_bucket{{journey=\"login\",le=\"{le}\"}} {count}\n");
        let [fast, slow, all] = counts;
        let tried = format!(
            "pushdeck_journey_attempts_total{{journey=\"login\"}} {all}\npushdeck_journey_seconds_count{{journey=\"login\"}} {all}\n"
        );
        tried + &bucket("0.1", fast) + &bucket(edge, slow) + &bucket("+Inf", all)
    };
    let read = |edge: &str| {
        let mut cell = cell();
        cell.advance(&at(1.0, &(buckets([10, 10, 10]) + &times(edge, [1, 1, 1])))).unwrap_err();
        let tick = cell.advance(&at(2.0, &(buckets([15, 17, 18]) + &times(edge, [3, 5, 6])))).unwrap();
        (tick.journeys[0].attempts, tick.journeys[0].latency.clone(), tick.unreadable)
    };
    assert_eq!(read("0.5"), (5, vec![2, 2, 1], 0));
    assert_eq!(read("0.7"), (5, vec![], 1));
    let mut alone = cell();
    alone.advance(&at(1.0, &times("0.7", [1, 1, 1]))).unwrap_err();
    let tick = alone.advance(&at(2.0, &times("0.7", [3, 5, 6]))).unwrap();
    assert_eq!((&*tick.edges, tick.journeys[0].latency.as_slice()), ([0.1, 0.7].as_slice(), [2, 2, 1].as_slice()));
}

#[test]
fn a_histogram_that_lost_a_bucket_gives_no_counts_and_is_counted() {
    let mut cell = cell();
    let up = format!("pushdeck_up{{{ARM},instance=\"0\"}} 1\n");
    cell.advance(&at(1.0, &(buckets([10, 10, 10]) + &up))).unwrap_err();
    let whole = buckets([900, 900, 900]);
    let cut: String = whole.split_inclusive('\n').take(2).collect();
    let tick = cell.advance(&at(2.0, &(cut + &up))).unwrap();
    assert_eq!((tick.readings[0].latency.len(), tick.unreadable), (0, 1));
}

#[test]
fn gauges_are_means_of_what_is_finite_and_absent_otherwise() {
    let mut cell = cell();
    let gauge = |name: &str, instance: u32, value: &str| format!("pushdeck_{name}{{{ARM},instance=\"{instance}\"}} {value}\n");
    cell.advance(&at(1.0, "")).unwrap_err();
    let body = gauge("cpu_ratio", 0, "0.4")
        + &gauge("cpu_ratio", 1, "0.6")
        + &gauge("cpu_ratio", 2, "NaN")
        + &gauge("memory_ratio", 0, "+Inf")
        + &gauge("up", 0, "1")
        + &gauge("up", 1, "0");
    let tick = cell.advance(&at(2.0, &body)).unwrap();
    let reading = &tick.readings[0];
    assert_eq!((reading.cpu, reading.memory, reading.saturation, reading.up), (Some(0.5), None, None, 1));
}

#[test]
fn journeys_are_counted_by_name() {
    let mut cell = cell();
    let body = |tried: u32, done: u32| {
        format!(
            "pushdeck_journey_attempts_total{{journey=\"buy\"}} {tried}\npushdeck_journey_successes_total{{journey=\"buy\"}} {done}\n"
        )
    };
    cell.advance(&at(1.0, &body(100, 99))).unwrap_err();
    let tick = cell.advance(&at(2.0, &body(120, 118))).unwrap();
    assert_eq!((tick.journeys[0].journey.as_str(), tick.journeys[0].attempts, tick.journeys[0].succeeded), ("buy", 20, 19));
}

#[test]
fn a_clock_that_is_missing_stands_still_or_goes_back_gives_no_tick() {
    let mut cell = cell();
    assert_eq!(cell.advance(&requests(0, 200, 1.0)), Err(NoTick::NoTime));
    assert_eq!(cell.advance("pushdeck_time_seconds NaN\n"), Err(NoTick::NoTime));
    assert_eq!(cell.advance(&at(9.0, &requests(0, 200, 50.0))), Err(NoTick::First));
    assert_eq!(cell.advance(&at(9.0, &requests(0, 200, 90.0))), Err(NoTick::NotMoved));
    assert_eq!(cell.advance(&at(8.0, &requests(0, 200, 10.0))), Err(NoTick::WentBack));
    assert_eq!(cell.advance(&at(9.0, &requests(0, 200, 15.0))).unwrap().readings[0].requests, 5);
}

#[test]
fn samples_without_the_labels_they_need_are_counted() {
    let mut cell = cell();
    cell.advance(&at(1.0, "")).unwrap_err();
    let tick = cell.advance(&at(2.0, "pushdeck_up{service=\"auth\"} 1\npushdeck_journey_attempts_total 4\npushdeck_requests_total{service=\"auth\",version=\"1\"} -4\n"));
    assert_eq!(tick.unwrap().unreadable, 3);
}

#[test]
fn ticks_that_follow_one_another_are_added() {
    let mut cell = cell();
    let journey = |tried: u32| format!("pushdeck_journey_attempts_total{{journey=\"buy\"}} {tried}\n");
    let old = |count: u32| format!("pushdeck_requests_total{{service=\"auth\",version=\"v41\",code=\"200\"}} {count}\n");
    cell.advance(&at(1.0, &(requests(0, 200, 10.0) + &buckets([1, 1, 1]) + &journey(5) + &old(3)))).unwrap_err();
    let one = cell.advance(&at(2.0, &(requests(0, 200, 14.0) + &buckets([2, 3, 3]) + &journey(7) + &old(9)))).unwrap();
    // The counter falls: what it counted before is in the first tick, what it counted since in the second.
    let other = cell.advance(&at(4.5, &(requests(0, 200, 2.0) + &buckets([4, 6, 7]) + &journey(8)))).unwrap();
    let both = one.then(other);
    assert_eq!((both.at, both.over), (EngineTime::from_millis(4_500), Period::from_millis(3_500)));
    let counts: Vec<_> = both.readings.iter().map(|reading| (reading.version.as_str(), reading.requests)).collect();
    assert_eq!(counts, [("v41", 6), ("v42", 6)]);
    assert_eq!((&both.readings[1].latency[..], both.journeys[0].attempts), (&[3, 2, 1][..], 3));
}

#[test]
fn latency_of_other_edges_is_not_added() {
    let mut cell = cell();
    let coarse = |all: u64| format!("pushdeck_request_seconds_bucket{{{ARM},le=\"+Inf\"}} {all}\n");
    let up = format!("pushdeck_up{{{ARM},instance=\"0\"}} 1\n");
    cell.advance(&at(1.0, &(buckets([1, 1, 1]) + &up))).unwrap_err();
    let one = cell.advance(&at(2.0, &(buckets([2, 3, 3]) + &up))).unwrap();
    cell.advance(&at(3.0, &(coarse(3) + &up))).unwrap();
    let other = cell.advance(&at(4.0, &(coarse(9) + &up))).unwrap();
    assert_eq!(one.then(other).readings[0].latency, [6]);
}
