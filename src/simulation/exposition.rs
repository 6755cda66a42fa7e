//! A cell's metrics as Prometheus text, as its instances would tell them.

use std::fmt::Write as _;

use crate::domain::id::Version;
use crate::domain::time::EngineTime;

use super::instance::Instance;
use super::latency::Histogram;
use super::pool::{Arm, Pool};
use super::site::Site;

/// About how many characters an instance's lines take.
const PER_INSTANCE: usize = 640;

/// A label value as it stands between quotes.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.0;
        while let Some((before, after)) = rest.find(['\\', '"', '\n']).and_then(|at| rest.split_at_checked(at)) {
            let mut characters = after.chars();
            f.write_str(before)?;
            f.write_str(match characters.next() {
                Some('"') => "\\\"",
                Some('\n') => "\\n",
                _ => "\\\\",
            })?;
            rest = characters.as_str();
        }
        f.write_str(rest)
    }
}

/// Everything a cell has to say at a moment. What is not up tells nothing but that.
pub fn text(site: &Site, now: EngineTime) -> String {
    let instances: usize = site.pools.iter().map(|pool| pool.instances.len()).sum();
    let mut out = String::with_capacity(4_096 + instances * PER_INSTANCE);
    // Writing to a String cannot fail.
    let _ = write(&mut out, site, now);
    out
}

fn write(out: &mut String, site: &Site, now: EngineTime) -> std::fmt::Result {
    head(out, "pushdeck_time_seconds", "gauge", "The moment these numbers are of, in seconds since 1970 on the engine's clock.")?;
    writeln!(out, "pushdeck_time_seconds {}.{:03}", now.millis().div_euclid(1_000), now.millis().rem_euclid(1_000))?;
    head(out, "pushdeck_requests_total", "counter", "Requests answered since the process started, by status code.")?;
    each(site, |labels, _, _, instance| {
        if instance.phase.is_up() {
            writeln!(out, "pushdeck_requests_total{{{labels},code=\"200\"}} {}", instance.counters.good)?;
            writeln!(out, "pushdeck_requests_total{{{labels},code=\"500\"}} {}", instance.counters.errors)?;
        }
        Ok(())
    })?;
    head(out, "pushdeck_up", "gauge", "Whether the process answers.")?;
    each(site, |labels, _, _, instance| writeln!(out, "pushdeck_up{{{labels}}} {}", u8::from(instance.phase.is_up())))?;
    for (name, help, value) in GAUGES {
        head(out, name, "gauge", help)?;
        each(site, |labels, index, load, instance| {
            let leaked = labels.pool.leaked(instance, now);
            if instance.phase.is_up() { writeln!(out, "{name}{{{labels}}} {:.4}", value(index, load, leaked)) } else { Ok(()) }
        })?;
    }
    histograms(out, site)?;
    journeys(out, site)
}

/// A gauge's name, help, and value from the instance's number, its utilisation, and the share of memory it has lost to a leak.
type Gauge = (&'static str, &'static str, fn(usize, f64, f64) -> f64);

const GAUGES: [Gauge; 3] = [
    ("pushdeck_cpu_ratio", "Processor use as a share of what is granted.", |index, load, _| {
        (0.05 + 0.03 * character(index) + 0.8 * load).min(1.0)
    }),
    ("pushdeck_memory_ratio", "Memory use as a share of what is granted.", |index, load, leaked| {
        (0.4 + 0.08 * character(index + 1_000) + 0.1 * load + leaked).min(1.0)
    }),
    ("pushdeck_saturation_ratio", "Work in hand as a share of capacity.", |index, load, _| {
        load * (0.98 + 0.04 * character(index + 2_000))
    }),
];

/// A number between 0 and 1 that belongs to a number, so that instances differ a little and always alike.
fn character(index: usize) -> f64 {
    (index as f64 * 0.618_033_988_749_895).fract()
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

/// The labels that name an instance.
struct Labels<'a> {
    pool: &'a Pool,
    version: &'a Version,
    index: usize,
}

impl std::fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (service, version) = (Escaped(self.pool.service.as_str()), Escaped(self.version.as_str()));
        write!(f, "service=\"{service}\",version=\"{version}\",instance=\"{}\"", self.index)
    }
}

/// Calls `tell` for every instance with its labels, number and utilisation.
fn each(site: &Site, mut tell: impl FnMut(Labels<'_>, usize, f64, &Instance) -> std::fmt::Result) -> std::fmt::Result {
    for pool in &site.pools {
        for (index, instance) in pool.instances.iter().enumerate().filter(|(_, instance)| !instance.is_off()) {
            let load = pool.arms.get(instance.arm).map_or(0.0, |arm| arm.utilisation) * instance.weight;
            tell(Labels { pool, version: &instance.version, index }, index, load, instance)?;
        }
    }
    Ok(())
}

fn histograms(out: &mut String, site: &Site) -> std::fmt::Result {
    head(out, "pushdeck_request_seconds", "histogram", "How long requests took, in seconds.")?;
    for pool in &site.pools {
        for Arm { version, histogram, .. } in pool.arms.iter().filter(|arm| arm.carriers > 0) {
            let (service, version) = (Escaped(pool.service.as_str()), Escaped(version.as_str()));
            buckets(out, "pushdeck_request_seconds", format_args!("service=\"{service}\",version=\"{version}\""), histogram)?;
        }
    }
    Ok(())
}

fn buckets(out: &mut String, name: &str, labels: std::fmt::Arguments<'_>, histogram: &Histogram) -> std::fmt::Result {
    for (edge, count) in histogram.cumulative() {
        writeln!(out, "{name}_bucket{{{labels},le=\"{edge}\"}} {count}")?;
    }
    let count = histogram.count();
    writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}")?;
    writeln!(out, "{name}_sum{{{labels}}} {:.3}", histogram.sum())?;
    writeln!(out, "{name}_count{{{labels}}} {count}")
}

fn journeys(out: &mut String, site: &Site) -> std::fmt::Result {
    head(out, "pushdeck_journey_attempts_total", "counter", "Users' journeys begun, by group.")?;
    for journey in &site.journeys {
        writeln!(out, "pushdeck_journey_attempts_total{{journey=\"{}\"}} {}", Escaped(journey.group.as_str()), journey.attempts)?;
    }
    head(out, "pushdeck_journey_successes_total", "counter", "Users' journeys that succeeded, by group.")?;
    for journey in &site.journeys {
        writeln!(out, "pushdeck_journey_successes_total{{journey=\"{}\"}} {}", Escaped(journey.group.as_str()), journey.successes)?;
    }
    head(
        out,
        "pushdeck_journey_seconds",
        "histogram",
        "How long users' journeys took to their end, in seconds, by group; a sample of them.",
    )?;
    for journey in &site.journeys {
        let group = Escaped(journey.group.as_str());
        buckets(out, "pushdeck_journey_seconds", format_args!("journey=\"{group}\""), &journey.times)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::super::world::{Profile, Simulation};
    use super::*;
    use crate::domain::time::Period;

    #[test]
    fn names_that_hold_quotes_are_escaped() {
        assert_eq!(Escaped("a\"b\\c\nd").to_string(), "a\\\"b\\\\c\\nd");
        assert_eq!(Escaped("v42").to_string(), "v42");
    }

    #[test]
    fn a_scrape_can_be_read_and_adds_up() {
        let mut simulation = Simulation::new(&sample::storage(), Profile::default(), sample::evening(), 7);
        simulation.advance(sample::evening() + Period::from_secs(10));
        let text = simulation.scrape(&"production".into(), &"eu".into()).expect("metrics");
        let scrape = prometheus_parse::Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).expect("readable");
        let counted = |service: &str| -> f64 {
            scrape
                .samples
                .iter()
                .filter(|sample| sample.metric == "pushdeck_requests_total" && sample.labels.get("service") == Some(service))
                .map(|sample| if let prometheus_parse::Value::Counter(value) = sample.value { value } else { panic!("a counter") })
                .sum()
        };
        let in_buckets = |service: &str| {
            let line = format!("pushdeck_request_seconds_count{{service=\"{service}\",version=\"v41\"}} ");
            text.lines().find_map(|known| known.strip_prefix(&line)).expect("a count").parse::<f64>().expect("a number")
        };
        for service in ["index", "blob", "gateway"] {
            assert!(counted(service) > 1_000.0);
            assert!((counted(service) - in_buckets(service)).abs() < 0.5, "{service}");
        }
        let families: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE pushdeck_")).collect();
        let known = [
            "time_seconds gauge",
            "requests_total counter",
            "up gauge",
            "cpu_ratio gauge",
            "memory_ratio gauge",
            "saturation_ratio gauge",
            "request_seconds histogram",
            "journey_attempts_total counter",
            "journey_successes_total counter",
            "journey_seconds histogram",
        ];
        assert_eq!(families, known);
        assert!(text.contains("pushdeck_time_seconds 1800"));
    }
}
