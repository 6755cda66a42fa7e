//! What the instances of a pool write to their logs.

use rand::RngExt as _;

use super::super::instance::Instance;
use super::super::logs::{self, Lines};
use super::super::random::poisson;
use super::{Arm, Pool};
use crate::domain::time::EngineTime;
use crate::engine::spec::scenario::Fault;

impl Pool {
    /// What its instances write to their logs of the sub-step that is over.
    pub fn write(&mut self, now: EngineTime, lines: &mut Lines) {
        for index in std::mem::take(&mut self.died) {
            let Some(instance) = self.instances.get(index) else { continue };
            let mut own = self.faults.iter().filter(|(version, _)| *version == instance.version);
            let crash = own.find(|(_, fault)| matches!(fault, Fault::Crash { .. }));
            if let Some(line) = crash.and_then(|(_, fault)| logs::of_fault(fault, now, &mut self.pen)) {
                lines.write(&self.service, &instance.version, index as u32, line);
            }
        }
        for (number, arm) in self.arms.iter().enumerate().filter(|(_, arm)| arm.carriers > 0) {
            let own = self.faults.iter().filter(|(version, fault)| *version == arm.version && arm.exposure >= fault.above_share());
            let mut written = Vec::new();
            let mut usual = arm.step.errors as f64;
            for fault in own.map(|(_, fault)| fault).chain(&self.felt) {
                if let Fault::Errors { times, .. } = fault {
                    usual /= times.max(1.0);
                }
                let count = poisson(&mut self.pen, arm.tells(fault)).min(logs::MOST);
                written.extend((0..count).filter_map(|_| logs::of_fault(fault, now, &mut self.pen)));
            }
            let noise = logs::told(usual.round() as u64, &mut self.pen);
            written.extend((0..noise).map(|_| logs::usual(now, &mut self.pen)));
            if written.is_empty() {
                continue;
            }
            let writes =
                |(_, instance): &(usize, &Instance)| instance.arm == number && (instance.weight > 0.0 || arm.weight <= 0.0);
            let serving: Vec<usize> = self.instances.iter().enumerate().filter(writes).map(|(index, _)| index).collect();
            for line in written {
                if let Some(writer) = serving.get(self.pen.random_range(0..serving.len().max(1))) {
                    lines.write(&self.service, &arm.version, *writer as u32, line);
                }
            }
        }
    }
}

impl Arm {
    /// How many lines a fault is expected to leave in its logs of the sub-step.
    fn tells(&self, fault: &Fault) -> f64 {
        match fault {
            Fault::Errors { times, .. } => self.step.errors as f64 * (1.0 - 1.0 / times.max(1.0)) * 0.2,
            Fault::Slow { .. } | Fault::Tail { .. } => self.step.good as f64 * 0.0005,
            Fault::Leak { .. } => {
                if self.weight > 0.0 {
                    0.02
                } else {
                    0.0
                }
            }
            Fault::Stuck {} => f64::from(self.carriers) * 0.02,
            // What a process writes when it dies is written then.
            Fault::Crash { .. } | Fault::MetricsVanish { .. } => 0.0,
        }
    }
}
