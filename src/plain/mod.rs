//! The same facts without a screen: lines for people and screen readers, JSON for scripts. Pure functions of a fleet.
//!
//! May use `domain` and `console::model`; no terminal library.

mod alerts;
mod calibration;
mod detects;
mod errors;
mod events;
mod live;
mod plan;
mod pushes;
mod rules;
mod status;
mod verdict;

pub use alerts::{alerts_json, alerts_lines};
pub use calibration::{calibration_json, calibration_lines};
pub use events::{event_json, event_line};
pub use live::Announcer;
pub use plan::{plan_json, plan_lines};
pub use pushes::{pushes_json, pushes_lines};
pub use rules::prometheus_rules;
pub use status::{Asked, status_json, status_lines};
pub use verdict::{verdict_json, verdict_lines};
