//! Classic cumulative histograms: from the buckets of two scrapes to requests per bucket between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::exposition::Sample;
use super::Arm;

/// For how many scrapes a histogram that is no longer exposed is remembered, as for counters.
const REMEMBERED_SCRAPES: u32 = 10;

/// Whose times a histogram holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timed {
    /// Requests to a version of a service.
    Arm(Arm),
    /// A group's journeys.
    Journey(String),
}

/// Histograms by whose they are, with their last cumulative counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Latency {
    /// This scrape's buckets so far: upper edge and cumulative count.
    building: BTreeMap<Timed, Vec<(f64, f64)>>,
    last: BTreeMap<Timed, Last>,
    /// Requests per bucket since the scrape before, for histograms that have one and keep to the cell's edges.
    risen: BTreeMap<Timed, Vec<u64>>,
    /// Histograms of this scrape that could not be used.
    unfit: Vec<Timed>,
}

#[derive(Clone, Debug)]
struct Last {
    edges: Arc<[f64]>,
    cumulative: Vec<f64>,
    unseen: u32,
}

impl Latency {
    /// Takes one bucket; `None` where its edge or count make no sense.
    pub(super) fn bucket(&mut self, of: Timed, sample: &Sample) -> Option<()> {
        let edge: f64 = sample.series.label("le")?.parse().ok()?;
        let sound = !edge.is_nan() && sample.value.is_finite() && sample.value >= 0.0;
        sound.then(|| self.building.entry(of).or_default().push((edge, sample.value)))
    }

    /// Ends a scrape: compares each histogram with the last and returns the edges that the cell's histograms share (those of most
    /// that are of requests, or of most journeys where none is).
    pub(super) fn end_scrape(&mut self) -> Arc<[f64]> {
        self.risen.clear();
        self.unfit.clear();
        let mut complete = BTreeMap::new();
        for (of, mut buckets) in std::mem::take(&mut self.building) {
            buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
            let all: Vec<f64> = buckets.iter().map(|bucket| bucket.0).collect();
            match all.split_last() {
                Some((last, edges)) if *last == f64::INFINITY && edges.iter().all(|edge| edge.is_finite()) => {
                    let cumulative: Vec<f64> = buckets.iter().map(|bucket| bucket.1).collect();
                    complete.insert(of, (Arc::<[f64]>::from(edges), cumulative));
                }
                _ => self.unfit.push(of),
            }
        }
        let is_of_requests = |of: &Timed| matches!(of, Timed::Arm(_));
        let any_requests = complete.keys().any(is_of_requests);
        let counting = complete.iter().filter(|(of, _)| !any_requests || is_of_requests(of));
        let shared = most_common(counting.map(|(_, (edges, _))| edges));
        for (of, (edges, cumulative)) in complete {
            if edges == shared {
                if let Some(counts) = rise(self.last.get(&of), &edges, &cumulative) {
                    self.risen.insert(of.clone(), counts);
                }
            } else {
                self.unfit.push(of.clone());
            }
            self.last.insert(of, Last { edges, cumulative, unseen: 0 });
        }
        self.last.retain(|_, last| {
            last.unseen += 1;
            last.unseen <= REMEMBERED_SCRAPES
        });
        shared
    }

    /// Counts per bucket since the last scrape, empty where not known, and whether the histogram could be used.
    pub(super) fn counts(&self, of: &Timed) -> (Vec<u64>, bool) {
        (self.risen.get(of).cloned().unwrap_or_default(), !self.unfit.contains(of))
    }
}

/// Requests per bucket between two scrapes. A histogram of which any bucket fell was started anew, and all of it counts. One whose
/// edges changed cannot be compared: its whole past would count as one tick.
fn rise(last: Option<&Last>, edges: &Arc<[f64]>, cumulative: &[f64]) -> Option<Vec<u64>> {
    if last.is_some_and(|last| last.edges != *edges) {
        return None;
    }
    let last =
        last.map(|last| last.cumulative.as_slice()).filter(|last| last.iter().zip(cumulative).all(|(before, now)| now >= before));
    let risen = |index: usize, now: &f64| now - last.and_then(|last| last.get(index)).copied().unwrap_or(0.0);
    let mut below = 0.0;
    let mut counts = Vec::with_capacity(cumulative.len());
    for (index, now) in cumulative.iter().enumerate() {
        let until_here = risen(index, now);
        counts.push((until_here - below).max(0.0).round() as u64);
        below = until_here.max(below);
    }
    Some(counts)
}

fn most_common<'a>(all: impl Iterator<Item = &'a Arc<[f64]>>) -> Arc<[f64]> {
    let mut seen: Vec<(&Arc<[f64]>, usize)> = Vec::new();
    for edges in all {
        match seen.iter_mut().find(|(known, _)| *known == edges) {
            Some((_, times)) => *times += 1,
            None => seen.push((edges, 1)),
        }
    }
    // The first of equals, so that the answer depends on nothing but the scrape.
    seen.iter().rev().max_by_key(|(_, times)| *times).map_or_else(|| Arc::from([]), |(edges, _)| Arc::clone(edges))
}
