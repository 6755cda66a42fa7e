//! What the verdicts are worth, on drawn traffic of which the truth is known. `pushdeck verdict --calibration` runs the same at full size.
#![expect(clippy::unwrap_used, reason = "tests")]

mod calibration;
mod gauges;
mod latency;
mod power;
mod scrapes;
#[path = "../support/story.rs"]
mod story;
mod yardstick;
