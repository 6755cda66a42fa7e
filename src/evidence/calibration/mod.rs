//! What the tests are worth: stages of which the truth is known, lived through thousands of times with fixed seeds.

pub mod gauges;
mod table;
mod trial;

pub use gauges::GaugeDelay;
pub use table::{FalseAlarms, Foretold, Power, Row, WrongClear, false_alarms, foretold, power, wrong_clears};
pub use trial::{Nuisance, Ran, Trial};

use super::sequential::Margins;

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Releases that are no worse.
    pub false_alarms: Vec<FalseAlarms>,
    /// Releases that are worse: where hosts are known to be alike (`r0` 1, φ 1), and with what is used before anything is known.
    pub power: Vec<(f64, Vec<Power>)>,
    /// Releases that must not be cleared.
    pub wrong_clears: Vec<WrongClear>,
    /// Whether verdicts come when they were said to.
    pub foretold: Vec<Foretold>,
    /// Releases whose gauges are no worse.
    pub gauges: Vec<FalseAlarms>,
    /// Releases whose gauges are worse.
    pub gauge_delays: Vec<GaugeDelay>,
}

impl Calibration {
    /// Each stage lived through so often. The same answer for the same seed. A thousand take about half a minute of one core.
    pub fn of(runs: u32, seed: u64) -> Self {
        Self {
            false_alarms: false_alarms(runs, seed),
            power: [(1.0, Some(1.0)), (Margins::before_calibration(1.0).r0, None)]
                .map(|(r0, dispersion)| (r0, power(r0, dispersion, runs, seed)))
                .into(),
            wrong_clears: wrong_clears(runs, seed),
            foretold: foretold(runs, seed),
            gauges: gauges::false_alarms(runs, seed),
            gauge_delays: gauges::delays(runs, seed),
        }
    }

    /// Whether nothing is wrong more often than it may be.
    pub fn keeps(&self) -> bool {
        self.false_alarms.iter().chain(&self.gauges).all(Row::keeps) && self.wrong_clears.iter().all(Row::keeps)
    }
}
