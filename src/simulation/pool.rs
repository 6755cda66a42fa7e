//! A service's instances in one cell, behind its load balancer.

mod written;

use std::ops::Range;

use crate::domain::id::{ServiceId, Version};
use crate::domain::time::EngineTime;

use super::instance::{Instance, Pace};
use super::latency::{Histogram, Shape, queueing};
use super::random::{Stream, binomial};
use super::traffic::PATIENCE;
use crate::domain::placement::Phase;
use crate::engine::spec::scenario::Fault;

/// The share of requests that fail on a healthy version.
pub const HEALTHY_ERRORS: f64 = 0.001;

/// How many times as long requests take on an instance that is warming up. Little, so that a push does not look like a regression.
const WARMING: f64 = 1.1;

/// Requests on their way into a pool during one sub-step.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// How many.
    pub requests: u64,
    /// How many are expected per second: what utilisation is computed from, since single sub-steps are noisy.
    pub rate: f64,
    /// Where a request keeps to one version: whether to the new one.
    pub new: Option<bool>,
}

impl Flow {
    /// What goes on to the next hop: one flow, or, where requests keep to a version, one for each.
    pub fn onwards(passed: &[Passed], pinned: bool) -> Vec<Self> {
        let sum = |of: fn(&Passed) -> (u64, f64), new| {
            let (requests, rate) = passed.iter().map(of).fold((0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
            Self { requests, rate, new }
        };
        if pinned {
            vec![sum(|passed| passed.old, Some(false)), sum(|passed| passed.new, Some(true))]
        } else {
            vec![sum(|passed| (passed.old.0 + passed.new.0, passed.old.1 + passed.new.1), None)]
        }
    }
}

/// What became of a flow: requests, and expected requests per second, that go on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    /// Bound for the version that everybody had last.
    pub old: (u64, f64),
    /// Bound for any other.
    pub new: (u64, f64),
    /// Of all, how many took longer than users wait.
    pub late: u64,
}

/// One version's part of a pool.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The version.
    pub version: Version,
    /// The balancer's weight of all its instances together: how many serve.
    pub weight: f64,
    /// Instances that carry it, serving or not.
    pub carriers: u32,
    /// Its share of the serving instances in the whole environment, 0 to 1.
    pub exposure: f64,
    /// Offered load ÷ capacity.
    pub utilisation: f64,
    /// Requests answered since the start.
    pub requests: u64,
    /// Of those, answered with a server error.
    pub errors: u64,
    /// How long they took.
    pub histogram: Histogram,
    warming: f64,
    slower: f64,
    /// Which share of its requests takes how many times as long as the others.
    tail: Option<(f64, f64)>,
    step: Step,
}

/// What an arm got in the present sub-step, and what still has to be sorted into latency buckets.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    rate: f64,
    good: u64,
    errors: u64,
    unsorted: u64,
}

impl Arm {
    fn new(version: Version) -> Self {
        Self {
            version,
            weight: 0.0,
            carriers: 0,
            exposure: 0.0,
            utilisation: 0.0,
            requests: 0,
            errors: 0,
            histogram: Histogram::default(),
            warming: 0.0,
            slower: 1.0,
            tail: None,
            step: Step::default(),
        }
    }

    /// Whether what is wrong with its version shows in what it does to requests, or in that it takes none.
    pub fn shows(&self, faults: &[(Version, Fault)]) -> bool {
        faults.iter().filter(|(version, _)| *version == self.version).any(|(_, fault)| match fault {
            Fault::Errors { .. } | Fault::Slow { .. } | Fault::Tail { .. } => {
                self.weight > 0.0 && self.exposure > fault.above_share()
            }
            Fault::Leak { .. } | Fault::Crash { .. } | Fault::MetricsVanish { .. } => self.weight > 0.0,
            Fault::Stuck {} => self.carriers > 0,
        })
    }

    /// Answers requests at the present utilisation; how many failed.
    fn answer(&mut self, requests: u64, faults: &[(Version, Fault)], shared: &[Fault], rng: &mut Stream) -> u64 {
        let (mut errors, mut slower) = (HEALTHY_ERRORS, queueing(self.utilisation));
        let own = faults.iter().filter(|(version, fault)| *version == self.version && self.exposure > fault.above_share());
        self.tail = None;
        for fault in own.map(|(_, fault)| fault).chain(shared) {
            match fault {
                Fault::Errors { times, .. } => errors *= times,
                Fault::Slow { times, .. } => slower *= times,
                Fault::Tail { share, times, .. } => self.tail = Some((*share, *times)),
                Fault::Leak { .. } | Fault::Crash { .. } | Fault::MetricsVanish { .. } | Fault::Stuck {} => {}
            }
        }
        let shed = (1.0 - 1.0 / self.utilisation.max(1.0)).max(0.0);
        self.slower = slower * (1.0 + (WARMING - 1.0) * self.warming / self.weight.max(1e-9)).max(1e-3);
        let failed = binomial(rng, requests, 1.0 - (1.0 - errors.min(1.0)) * (1.0 - shed));
        self.step.good += requests - failed;
        self.step.errors += failed;
        self.step.unsorted += requests;
        self.requests += requests;
        self.errors += failed;
        failed
    }

    /// The share of its requests that take longer than `seconds`.
    fn exceeding(&self, shape: &Shape, seconds: f64) -> f64 {
        let body = shape.exceeding(seconds, self.slower);
        self.tail.map_or(body, |(share, times)| (1.0 - share) * body + share * shape.exceeding(seconds, self.slower * times))
    }

    /// How long one request takes, in seconds, at the present utilisation. `rng` decides.
    fn time(&self, shape: &Shape, rng: &mut Stream) -> f64 {
        let tail = self.tail.filter(|(share, _)| binomial(rng, 1, *share) > 0);
        shape.draw(self.slower * tail.map_or(1.0, |(_, times)| times), rng)
    }

    /// Sorts what was answered into latency buckets.
    fn sort(&mut self, shape: &Shape, rng: &mut Stream) {
        let all = std::mem::take(&mut self.step.unsorted);
        let slow = self.tail.map_or(0, |(share, _)| binomial(rng, all, share));
        self.histogram.draw(all - slow, shape, self.slower, rng);
        if let Some((_, times)) = self.tail {
            self.histogram.draw(slow, shape, self.slower * times, rng);
        }
    }
}

/// A service's instances in one cell.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The service.
    pub service: ServiceId,
    /// By their number.
    pub instances: Vec<Instance>,
    /// One per version ever carried here, in order of appearance.
    pub arms: Vec<Arm>,
    /// What is wrong with its versions here.
    pub faults: Vec<(Version, Fault)>,
    /// What is bad for all of its versions here, and from when until when.
    pub shared: Vec<(Range<EngineTime>, Fault)>,
    /// How long its instances take for things.
    pub pace: Pace,
    settled: Version,
    rps_per_instance: f64,
    shape: Shape,
    wake: Option<EngineTime>,
    /// What of that is felt now.
    felt: Vec<Fault>,
    /// Instances whose process died since anything was last written.
    died: Vec<usize>,
    life: Stream,
    luck: Stream,
    pen: Stream,
    turn: f64,
}

impl Pool {
    /// `instances` copies of the running version, all ready. `life` is for what instances do, `luck` for what requests meet, `pen` for
    /// what is written of it.
    pub fn new(
        service: ServiceId,
        instances: Vec<Instance>,
        rps_per_instance: f64,
        pace: Pace,
        [life, luck, pen]: [Stream; 3],
    ) -> Self {
        let settled = instances.first().map_or_else(|| Version::new(""), |instance| instance.version.clone());
        let shape = Shape::of(&service);
        Self {
            service,
            instances,
            arms: Vec::new(),
            faults: Vec::new(),
            shared: Vec::new(),
            pace,
            settled,
            rps_per_instance,
            shape,
            wake: Some(EngineTime::from_millis(0)),
            felt: Vec::new(),
            died: Vec::new(),
            life,
            luck,
            pen,
            turn: 0.0,
        }
    }

    /// Does something to one instance, and looks after it from then on.
    pub fn tell(&mut self, index: u32, act: impl FnOnce(&mut Instance, &Pace, &mut Stream), now: EngineTime) {
        if let Some(instance) = self.instances.get_mut(index as usize) {
            act(instance, &self.pace, &mut self.life);
            self.wake = Some(now);
        }
    }

    /// The instances live until `now`, and the balancer learns who serves.
    pub fn live(&mut self, now: EngineTime) {
        if self.wake.is_none_or(|wake| now < wake) {
            return;
        }
        for (index, instance) in self.instances.iter_mut().enumerate() {
            let before = instance.restarts;
            instance.live(now, &self.pace, &self.faults, &mut self.life);
            if instance.restarts > before {
                self.died.push(index);
            }
        }
        self.weigh(now);
    }

    fn weigh(&mut self, now: EngineTime) {
        for arm in &mut self.arms {
            (arm.weight, arm.warming, arm.carriers) = (0.0, 0.0, 0);
        }
        self.wake = None;
        for instance in &mut self.instances {
            instance.weight = instance.weight_at(now);
            instance.arm = self.arms.iter().position(|arm| arm.version == instance.version).unwrap_or_else(|| {
                self.arms.push(Arm::new(instance.version.clone()));
                self.arms.len() - 1
            });
            if let Some(arm) = self.arms.get_mut(instance.arm) {
                arm.weight += instance.weight;
                arm.carriers += u32::from(!instance.is_off());
                arm.warming += if instance.phase == Phase::Warming { 1.0 } else { 0.0 };
            }
            self.wake = [self.wake, instance.wakes(now)].into_iter().flatten().min();
        }
    }

    /// The memory an instance has lost to a leak of its version, as a share of what is granted.
    pub fn leaked(&self, instance: &Instance, now: EngineTime) -> f64 {
        let of_version = self.faults.iter().filter(|(version, _)| *version == instance.version);
        let minutes = now.since(instance.started).secs_f64() / 60.0;
        of_version.map(|(_, fault)| if let Fault::Leak { per_minute } = fault { per_minute * minutes } else { 0.0 }).sum()
    }

    /// The one version that all instances carry, if there is one.
    pub fn uniform(&self) -> Option<&Version> {
        let mut carried = self.arms.iter().filter(|arm| arm.carriers > 0);
        carried.next().filter(|_| carried.next().is_none()).map(|arm| &arm.version)
    }

    /// Takes the version that all carry as the old one from now on.
    pub fn settle(&mut self) {
        if let Some(version) = self.uniform().filter(|version| **version != self.settled).cloned() {
            self.settled = version;
        }
    }

    /// Whether a version is another than the one everybody had last.
    pub fn is_new(&self, version: &Version) -> bool {
        *version != self.settled
    }

    /// Before the requests of a sub-step.
    pub fn begin(&mut self, now: EngineTime) {
        self.felt.clear();
        self.felt.extend(self.shared.iter().filter(|(when, _)| when.contains(&now)).map(|(_, fault)| fault.clone()));
        for arm in &mut self.arms {
            arm.utilisation = 0.0;
            arm.step = Step { unsorted: arm.step.unsorted, ..Step::default() };
        }
    }

    /// Balances a flow over the serving instances, each getting the same, and answers it. Where nobody serves, nothing passes.
    pub fn serve(&mut self, flow: &Flow) -> Passed {
        let mut passed = Passed::default();
        let settled = &self.settled;
        let wanted = |arm: &Arm| flow.new.is_none_or(|new| new == (arm.version != *settled));
        let weigh = |arms: &[Arm], all: bool| arms.iter().filter(|arm| all || wanted(arm)).map(|arm| arm.weight).sum::<f64>();
        let strict = weigh(&self.arms, false);
        let all = strict <= 0.0;
        let whole = if all { weigh(&self.arms, true) } else { strict };
        let (mut requests, mut weight) = (flow.requests, whole);
        for arm in self.arms.iter_mut().filter(|arm| arm.weight > 0.0 && (all || wanted(arm))) {
            let here = binomial(&mut self.luck, requests, arm.weight / weight);
            requests -= here;
            weight -= arm.weight;
            arm.step.rate += flow.rate * arm.weight / whole;
            arm.utilisation = arm.step.rate / (arm.weight * self.rps_per_instance).max(1e-9);
            let good = here - arm.answer(here, &self.faults, &self.felt, &mut self.luck);
            let impatient = arm.exceeding(&self.shape, PATIENCE);
            passed.late += if impatient > 1e-9 { binomial(&mut self.luck, good, impatient) } else { 0 };
            // Where a request found none of its own kind and was let in elsewhere, it keeps its kind for the next hop.
            let to = if flow.new.unwrap_or(arm.version != *settled) { &mut passed.new } else { &mut passed.old };
            *to = (to.0 + good, to.1 + flow.rate * arm.weight / whole);
        }
        passed
    }

    /// How long one request takes here, in seconds; nothing where nobody serves. It meets the version that stands at `turn`, from 0 to 1, in
    /// the order of appearance and in proportion to their weights.
    pub fn time(&self, turn: f64, rng: &mut Stream) -> Option<f64> {
        let serving = || self.arms.iter().filter(|arm| arm.weight > 0.0);
        let mut at = turn * serving().map(|arm| arm.weight).sum::<f64>();
        let met = serving().find(|arm| {
            at -= arm.weight;
            at < 0.0
        });
        met.or_else(|| serving().next_back()).map(|arm| arm.time(&self.shape, rng))
    }

    /// After the requests of a sub-step: shares each arm's requests among its instances in turn, and, where `sort` says so, sorts them
    /// into latency buckets.
    pub fn end(&mut self, sort: bool) {
        // Steps of the golden ratio fall evenly between 0 and 1, so what does not divide evenly goes to everybody in turn.
        self.turn = (self.turn + 0.618_033_988_749_895).fract();
        let mut dealt = vec![(0.0, 0, 0); self.arms.len()];
        for instance in self.instances.iter_mut().filter(|instance| instance.weight > 0.0) {
            let (Some(arm), Some((weight, good, errors))) = (self.arms.get(instance.arm), dealt.get_mut(instance.arm)) else {
                continue;
            };
            *weight += instance.weight;
            let part = *weight / arm.weight;
            let upto = |count: u64| (count as f64 * part + self.turn).floor() as u64;
            let (good_yet, errors_yet) = (upto(arm.step.good), upto(arm.step.errors));
            instance.counters.good += good_yet - *good;
            instance.counters.errors += errors_yet - *errors;
            (*good, *errors) = (good_yet, errors_yet);
        }
        if sort {
            for arm in &mut self.arms {
                arm.sort(&self.shape, &mut self.luck);
            }
        }
    }
}
