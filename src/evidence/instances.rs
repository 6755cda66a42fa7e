//! What each instance of a service says in one scrape, for a person who wants to see them one by one. No decision rests on it.

use std::collections::BTreeMap;

use super::exposition::{Reader, Sample};
use crate::domain::id::{CellId, ServiceId, Version};
use crate::domain::metric::Metric;
use crate::domain::time::EngineTime;

/// What an instance said.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceReading {
    /// In which cell.
    pub cell: CellId,
    /// Its number there, from 0.
    pub index: u32,
    /// Which version it runs.
    pub version: Version,
    /// Whether its process answers.
    pub up: bool,
    /// Requests answered since its process started.
    pub requests: u64,
    /// Of those, with a server error.
    pub errors: u64,
    /// Processor use as a share of what is granted.
    pub cpu: Option<f64>,
    /// Memory use likewise.
    pub memory: Option<f64>,
    /// Work in hand as a share of capacity.
    pub saturation: Option<f64>,
}

impl InstanceReading {
    /// A metric of this instance, in the metric's unit; errors since its process started. Latency and journeys are not told apart by
    /// instance.
    pub fn value(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Errors => (self.requests > 0).then(|| self.errors as f64 / self.requests as f64),
            Metric::Cpu => self.cpu,
            Metric::Memory => self.memory,
            Metric::Saturation => self.saturation,
            Metric::P99 | Metric::P999 | Metric::EndToEnd | Metric::JourneyP90 => None,
        }
    }
}

/// Every instance of a placement, and when they said so.
#[derive(Clone, Debug, PartialEq)]
pub struct Instances {
    /// When.
    pub at: EngineTime,
    /// In order of cell and number.
    pub readings: Vec<InstanceReading>,
}

const REQUESTS: &str = "pushdeck_requests_total";
const UP: &str = "pushdeck_up";
const CPU: &str = "pushdeck_cpu_ratio";
const MEMORY: &str = "pushdeck_memory_ratio";
const SATURATION: &str = "pushdeck_saturation_ratio";

/// What the instances of a service say in a cell's scrape, in order of their numbers. One whose number cannot be read is left out.
pub fn read(text: &str, cell: &CellId, service: &ServiceId) -> Vec<InstanceReading> {
    let mut found = BTreeMap::new();
    let exposition = Reader::default().read(text, &[REQUESTS, UP, CPU, MEMORY, SATURATION]);
    for sample in exposition.samples.iter().filter(|sample| sample.series.label("service") == Some(service.as_str())) {
        take(&mut found, cell, sample);
    }
    found.into_values().collect()
}

fn take(found: &mut BTreeMap<(u32, Version), InstanceReading>, cell: &CellId, sample: &Sample) {
    let label = |name| sample.series.label(name);
    let (Some(index), Some(version)) = (label("instance").and_then(|index| index.parse().ok()), label("version")) else { return };
    let version = Version::new(version);
    let blank = || InstanceReading {
        cell: cell.clone(),
        index,
        version: version.clone(),
        up: false,
        requests: 0,
        errors: 0,
        cpu: None,
        memory: None,
        saturation: None,
    };
    let reading = found.entry((index, version.clone())).or_insert_with(blank);
    let share = Some(sample.value).filter(|value| value.is_finite());
    match &*sample.series.name {
        REQUESTS => {
            let count = sample.value.max(0.0) as u64;
            reading.requests += count;
            reading.errors += if label("code").is_some_and(|code| code.starts_with('5')) { count } else { 0 };
        }
        UP => reading.up = sample.value > 0.0,
        CPU => reading.cpu = share,
        MEMORY => reading.memory = share,
        SATURATION => reading.saturation = share,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_instance_is_read_by_itself() {
        let text = "pushdeck_requests_total{service=\"blob\",version=\"v42\",instance=\"3\",code=\"200\"} 90\n\
                    pushdeck_requests_total{service=\"blob\",version=\"v42\",instance=\"3\",code=\"503\"} 10\n\
                    pushdeck_up{service=\"blob\",version=\"v42\",instance=\"3\"} 1\n\
                    pushdeck_cpu_ratio{service=\"blob\",version=\"v42\",instance=\"3\"} 0.5\n\
                    pushdeck_cpu_ratio{service=\"index\",version=\"v42\",instance=\"4\"} 0.9\n\
                    pushdeck_up{service=\"blob\",version=\"v41\",instance=\"1\"} 0\n";
        let found = read(text, &CellId::new("eu"), &ServiceId::new("blob"));
        let told: Vec<_> = found.iter().map(|one| (one.index, one.version.as_str(), one.up, one.value(Metric::Errors))).collect();
        assert_eq!(told, [(1, "v41", false, None), (3, "v42", true, Some(0.1))]);
        assert_eq!((found[1].value(Metric::Cpu), found[1].value(Metric::P99)), (Some(0.5), None));
    }
}
