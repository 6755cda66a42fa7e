//! One running copy of a service, and the life it leads.

use crate::domain::id::Version;
use crate::domain::placement::Phase;
use crate::domain::time::{EngineTime, Period};

use super::random::{Stream, jitter};
use crate::engine::spec::scenario::Fault;

/// How long an instance of a service takes for things.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Until its requests have run out.
    pub drain: Period,
    /// From being stopped to being ready.
    pub install: Period,
}

/// Requests since the process started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Answered well.
    pub good: u64,
    /// Answered with a server error.
    pub errors: u64,
}

/// One running copy of a service.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The version it carries.
    pub version: Version,
    /// Where it is in its life.
    pub phase: Phase,
    /// How often its process died since the version was installed.
    pub restarts: u32,
    /// Requests since the process started.
    pub counters: Counters,
    /// Whether its state changed since it was last observed.
    pub changed: bool,
    /// Its part of the balancer's traffic relative to a ready instance, 0 to 1.
    pub weight: f64,
    /// Which of its pool's arms it belongs to.
    pub arm: usize,
    /// When its process was started last.
    pub started: EngineTime,
    since: EngineTime,
    until: Option<EngineTime>,
    crash_at: Option<EngineTime>,
    next: Option<Version>,
    held_out: bool,
    /// Whether it is stopped, or to be, and not started again.
    off: bool,
}

impl Instance {
    /// An instance that has been ready for long.
    pub fn ready(version: Version, now: EngineTime) -> Self {
        Self {
            version,
            phase: Phase::Ready,
            restarts: 0,
            counters: Counters::default(),
            changed: true,
            weight: 1.0,
            arm: 0,
            started: now,
            since: now,
            until: None,
            crash_at: None,
            next: None,
            held_out: false,
            off: false,
        }
    }

    /// One of an idle side, which has not run yet.
    pub fn idle(version: Version, now: EngineTime) -> Self {
        Self { phase: Phase::Stopped, weight: 0.0, off: true, ..Self::ready(version, now) }
    }

    /// Whether it is stopped and is not started again by itself.
    pub fn is_off(&self) -> bool {
        self.off && self.phase == Phase::Stopped
    }

    /// Begins to replace what it carries by `version`, and keeps it out of the balancer.
    pub fn warm(&mut self, version: &Version, now: EngineTime, pace: &Pace, rng: &mut Stream) {
        if self.version == *version && self.phase.is_up() {
            self.next = None;
            self.off = false;
            self.drain(now, pace, rng);
            return;
        }
        self.install(version, now, pace, rng);
        self.held_out = true;
    }

    /// Begins to take it out of the balancer and to stop it.
    pub fn shut_down(&mut self, now: EngineTime, pace: &Pace, rng: &mut Stream) {
        self.drain(now, pace, rng);
        self.next = None;
        self.crash_at = None;
        self.off = true;
        if self.phase != Phase::Draining {
            self.enter(Phase::Stopped, now, None);
        }
    }

    /// Begins to replace what it carries by `version`; undoes a replacement that has not got beyond draining.
    pub fn install(&mut self, version: &Version, now: EngineTime, pace: &Pace, rng: &mut Stream) {
        self.held_out = false;
        let was_off = std::mem::take(&mut self.off);
        // Even where nothing is left to do, whoever asked must learn that it is done.
        self.changed = true;
        if self.version == *version && self.phase.is_up() {
            self.restore(now);
            return;
        }
        if self.version == *version && self.phase == Phase::Starting {
            return;
        }
        self.next = Some(version.clone());
        match self.phase {
            Phase::Warming | Phase::Ready => self.enter(Phase::Draining, now, Some(lasting(pace.drain, 1.0, rng))),
            Phase::Stopped if was_off => self.stop(now, pace, rng),
            Phase::Draining | Phase::Stopped => {}
            Phase::Starting | Phase::Drained | Phase::Crashed => self.stop(now, pace, rng),
        }
    }

    /// Begins to take it out of the balancer.
    pub fn drain(&mut self, now: EngineTime, pace: &Pace, rng: &mut Stream) {
        self.held_out = true;
        self.changed = true;
        if matches!(self.phase, Phase::Warming | Phase::Ready) {
            self.enter(Phase::Draining, now, Some(lasting(pace.drain, 1.0, rng)));
        }
    }

    /// Puts it back into the balancer; an installation that is only draining so far is undone.
    pub fn restore(&mut self, now: EngineTime) {
        self.held_out = false;
        if matches!(self.phase, Phase::Draining | Phase::Drained) {
            self.next = None;
            self.enter(Phase::Ready, now, None);
        }
    }

    /// Its host is gone until then; afterwards it starts again with what it was to carry.
    pub fn lose(&mut self, now: EngineTime, until: EngineTime) {
        if self.is_off() {
            return;
        }
        self.next.get_or_insert_with(|| self.version.clone());
        self.crash_at = None;
        self.enter(Phase::Stopped, now, Some(until - now));
    }

    /// Lives until `now`. `faults` are those of its service here, of any version.
    pub fn live(&mut self, now: EngineTime, pace: &Pace, faults: &[(Version, Fault)], rng: &mut Stream) {
        if let Some(at) = self.crash_at.filter(|at| *at <= now && self.phase.takes_requests()) {
            self.crash(at, rng);
        }
        while let Some(end) = self.until.filter(|end| *end <= now) {
            match self.phase {
                Phase::Draining if self.off => self.enter(Phase::Stopped, end, None),
                Phase::Draining if self.next.is_some() => self.stop(end, pace, rng),
                Phase::Draining => self.enter(Phase::Drained, end, None),
                Phase::Stopped => {
                    self.version = self.next.take().unwrap_or_else(|| self.version.clone());
                    self.restarts = 0;
                    self.start(end, pace, faults, rng);
                }
                Phase::Crashed => self.start(end, pace, faults, rng),
                Phase::Starting => {
                    let crash =
                        self.faults(faults).find_map(|fault| if let Fault::Crash { after } = fault { Some(*after) } else { None });
                    self.crash_at = crash.map(|after| end + lasting(after, 1.0, rng));
                    if self.held_out {
                        self.enter(Phase::Drained, end, None);
                    } else {
                        self.enter(Phase::Warming, end, Some(lasting(pace.install, 0.2, rng)));
                    }
                }
                Phase::Warming | Phase::Ready | Phase::Drained => self.enter(Phase::Ready, end, None),
            }
        }
    }

    /// When it next has to be looked at: while draining always, since its weight falls all the time.
    pub fn wakes(&self, now: EngineTime) -> Option<EngineTime> {
        let crash = self.crash_at.filter(|_| self.phase.takes_requests());
        let draining = (self.phase == Phase::Draining).then_some(now);
        [self.until, crash, draining].into_iter().flatten().min()
    }

    /// Its part of the balancer's traffic at `now`, 0 to 1: a draining instance's falls evenly to nothing.
    pub fn weight_at(&self, now: EngineTime) -> f64 {
        match (self.phase, self.until) {
            (Phase::Warming | Phase::Ready, _) => 1.0,
            (Phase::Draining, Some(end)) => (end - now).secs_f64() / (end - self.since).secs_f64().max(0.001),
            _ => 0.0,
        }
    }

    fn stop(&mut self, now: EngineTime, pace: &Pace, rng: &mut Stream) {
        self.enter(Phase::Stopped, now, Some(lasting(pace.install, 0.2, rng)));
    }

    fn start(&mut self, now: EngineTime, pace: &Pace, faults: &[(Version, Fault)], rng: &mut Stream) {
        self.counters = Counters::default();
        self.started = now;
        let stuck = self.faults(faults).any(|fault| matches!(fault, Fault::Stuck {}));
        self.enter(Phase::Starting, now, (!stuck).then(|| lasting(pace.install, 0.6, rng)));
    }

    /// The pause before the next start doubles from 2 s to at most 32 s.
    fn crash(&mut self, now: EngineTime, rng: &mut Stream) {
        let pause = Period::from_secs(2 << self.restarts.min(4));
        self.crash_at = None;
        self.restarts += 1;
        self.enter(Phase::Crashed, now, Some(lasting(pause, 1.0, rng)));
        if self.next.is_some() {
            self.phase = Phase::Stopped;
        }
    }

    fn faults<'a>(&self, faults: &'a [(Version, Fault)]) -> impl Iterator<Item = &'a Fault> {
        faults.iter().filter(|(version, _)| *version == self.version).map(|(_, fault)| fault)
    }

    fn enter(&mut self, phase: Phase, now: EngineTime, lasting: Option<Period>) {
        self.phase = phase;
        self.since = now;
        self.until = lasting.map(|lasting| now + lasting);
        self.changed = true;
    }
}

/// A part of a declared length, as it happens to come out.
fn lasting(length: Period, part: f64, rng: &mut Stream) -> Period {
    Period::from_secs_f64(length.secs_f64() * part * jitter(rng))
}

#[cfg(test)]
mod tests {
    use super::super::random::stream;
    use super::*;

    const PACE: Pace = Pace { drain: Period::from_secs(4), install: Period::from_secs(10) };

    fn at(seconds: i64) -> EngineTime {
        EngineTime::from_millis(seconds * 1_000)
    }

    fn phases(instance: &mut Instance, faults: &[(Version, Fault)], seconds: std::ops::Range<i64>) -> Vec<Phase> {
        let mut rng = stream(1, &["test"]);
        let mut seen = vec![instance.phase];
        for second in seconds {
            instance.live(at(second), &PACE, faults, &mut rng);
            if seen.last() != Some(&instance.phase) {
                seen.push(instance.phase);
            }
        }
        seen
    }

    #[test]
    fn an_installation_drains_stops_starts_warms_up_and_is_ready() {
        let mut instance = Instance::ready("v1".into(), at(0));
        instance.counters.good = 7;
        instance.install(&"v2".into(), at(0), &PACE, &mut stream(1, &["test"]));
        let expected = [Phase::Draining, Phase::Stopped, Phase::Starting, Phase::Warming, Phase::Ready];
        assert_eq!(phases(&mut instance, &[], 0..20), expected);
        assert_eq!((instance.version.as_str(), instance.counters.good), ("v2", 0));
    }

    #[test]
    fn a_draining_instance_gets_less_and_less_and_can_come_back() {
        let mut rng = stream(1, &["test"]);
        let mut instance = Instance::ready("v1".into(), at(0));
        instance.drain(at(0), &PACE, &mut rng);
        assert!(instance.weight_at(at(1)) > instance.weight_at(at(2)));
        assert_eq!(phases(&mut instance, &[], 1..10), [Phase::Draining, Phase::Drained]);
        assert!(instance.phase.is_up() && !instance.phase.takes_requests());
        instance.restore(at(10));
        assert_eq!(instance.phase, Phase::Ready);
    }

    #[test]
    fn one_of_an_idle_side_is_warmed_serves_nobody_is_put_in_at_once_and_stopped_again() {
        let mut rng = stream(1, &["test"]);
        let mut instance = Instance::idle("v1".into(), at(0));
        assert_eq!(phases(&mut instance, &[], 0..30), [Phase::Stopped], "it does not come up by itself");
        instance.lose(at(30), at(31));
        assert_eq!(phases(&mut instance, &[], 30..40), [Phase::Stopped], "nor after its host was lost");
        instance.warm(&"v2".into(), at(40), &PACE, &mut rng);
        assert_eq!(phases(&mut instance, &[], 40..80), [Phase::Stopped, Phase::Starting, Phase::Drained]);
        assert_eq!((instance.version.as_str(), instance.weight_at(at(80))), ("v2", 0.0));
        instance.install(&"v2".into(), at(80), &PACE, &mut rng);
        assert_eq!(instance.phase, Phase::Ready);
        instance.shut_down(at(81), &PACE, &mut rng);
        assert_eq!(phases(&mut instance, &[], 81..120), [Phase::Draining, Phase::Stopped]);
        assert!(instance.is_off());
        instance.install(&"v1".into(), at(120), &PACE, &mut rng);
        assert_eq!(phases(&mut instance, &[], 120..160).last(), Some(&Phase::Ready));
    }

    #[test]
    fn what_has_only_begun_to_drain_is_undone_by_asking_for_the_old_version() {
        let mut rng = stream(1, &["test"]);
        let mut instance = Instance::ready("v1".into(), at(0));
        instance.install(&"v2".into(), at(0), &PACE, &mut rng);
        instance.install(&"v1".into(), at(1), &PACE, &mut rng);
        assert_eq!(phases(&mut instance, &[], 1..30), [Phase::Ready]);
        assert_eq!(instance.version.as_str(), "v1");
    }

    #[test]
    fn a_crashing_version_loops_and_can_be_replaced() {
        let faults = [("v2".into(), Fault::Crash { after: Period::from_secs(3) })];
        let mut instance = Instance::ready("v1".into(), at(0));
        instance.install(&"v2".into(), at(0), &PACE, &mut stream(1, &["test"]));
        let seen = phases(&mut instance, &faults, 0..120);
        assert!(instance.restarts >= 3, "{} restarts: {seen:?}", instance.restarts);
        instance.install(&"v1".into(), at(120), &PACE, &mut stream(1, &["test"]));
        phases(&mut instance, &faults, 120..160);
        assert_eq!((instance.version.as_str(), instance.phase, instance.restarts), ("v1", Phase::Ready, 0));
    }

    #[test]
    fn a_stuck_version_never_gets_beyond_starting_and_can_be_replaced() {
        let faults = [("v2".into(), Fault::Stuck {})];
        let mut instance = Instance::ready("v1".into(), at(0));
        instance.install(&"v2".into(), at(0), &PACE, &mut stream(1, &["test"]));
        assert_eq!(phases(&mut instance, &faults, 0..600).last(), Some(&Phase::Starting));
        instance.install(&"v1".into(), at(600), &PACE, &mut stream(1, &["test"]));
        assert_eq!(phases(&mut instance, &faults, 600..640).last(), Some(&Phase::Ready));
    }

    #[test]
    fn a_healthy_version_does_not_inherit_the_crash_of_the_one_before() {
        let faults = [("v2".into(), Fault::Crash { after: Period::from_secs(60) })];
        let mut rng = stream(1, &["test"]);
        let mut instance = Instance::ready("v1".into(), at(0));
        instance.install(&"v2".into(), at(0), &PACE, &mut rng);
        assert_eq!(phases(&mut instance, &faults, 0..25).last(), Some(&Phase::Ready));
        instance.install(&"v1".into(), at(25), &PACE, &mut rng);
        phases(&mut instance, &faults, 25..32);
        instance.drain(at(32), &PACE, &mut rng);
        assert_eq!(phases(&mut instance, &faults, 32..120).last(), Some(&Phase::Drained));
        instance.restore(at(120));
        assert_eq!(phases(&mut instance, &faults, 120..200), [Phase::Ready]);
    }
}
