//! What verdicts are worth.

use tokio::task::spawn_blocking;

use crate::evidence::calibration::Calibration;
use crate::plain;

use super::exit::{Exit, complain, say};

/// Prints the calibration. The answer is no where something is wrong more often than it may be.
pub async fn calibration(runs: u32, seed: u64, json: bool) -> Exit {
    let Ok(found) = spawn_blocking(move || Calibration::of(runs, seed)).await else {
        return complain("the calibration broke off", Exit::No);
    };
    let text = if json { plain::calibration_json(&found) } else { plain::calibration_lines(&found) };
    say(text.trim_end());
    if found.keeps() { Exit::Done } else { Exit::No }
}
