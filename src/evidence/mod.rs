//! From samples to what may be said about them: exposition text, histograms, series, judgements. Pure.
//!
//! May use `domain`. No I/O, no clock.

pub mod burn;
pub mod calibration;
pub mod delta;
pub mod exposition;
pub mod gauges;
pub mod harm;
pub mod histogram;
pub mod instances;
pub mod judge;
pub mod logs;
pub mod power;
pub mod random;
pub mod reading;
pub mod round;
pub mod sequential;
pub mod series;
pub mod stage;
pub mod tape;
