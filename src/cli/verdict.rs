//! What the numbers say, and what verdicts are worth.

use tokio::task::spawn_blocking;

use crate::console::model::Known;
use crate::domain::explain::Moment;
use crate::domain::verdict::Verdict;
use crate::evidence::calibration::Calibration;
use crate::plain::{self, Asked};

use super::Global;
use super::exit::{Exit, complain, say};
use super::gather::{gather, query};
use super::preferences::zone_of;

/// Prints what is said of the pushes meant. The answer is no where one of them has regressed.
pub async fn run(global: &Global, words: &[String], json: bool) -> Exit {
    match answer(global, words, json).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn answer(global: &Global, words: &[String], json: bool) -> Result<Exit, Exit> {
    let query = query(words)?;
    let zone = zone_of(global)?;
    let gathered = gather(global).await?;
    let fleet = &gathered.fleet;
    let moment = Moment { now: gathered.at.max(fleet.at()), zone };
    let known = Known { fleet, signals: &gathered.signals, now: moment.now };
    let asked = Asked { known, query: &query };
    let text = if json { plain::verdict_json(asked) } else { plain::verdict_lines(asked, &moment) };
    say(text.trim_end());
    let meant = fleet.pushes().filter(|push| push.is_open() && known.means_push(&query, push));
    let is_worse = meant
        .filter_map(|push| push.evidence.as_ref())
        .any(|gathered| matches!(gathered.evidence.verdict, Verdict::Regressed { .. }));
    Ok(if is_worse { Exit::No } else { gathered.exit })
}

/// Prints the calibration. The answer is no where something is wrong more often than it may be.
pub async fn calibration(runs: u32, seed: u64, json: bool) -> Exit {
    let Ok(found) = spawn_blocking(move || Calibration::of(runs, seed)).await else {
        return complain("the calibration broke off", Exit::No);
    };
    let text = if json { plain::calibration_json(&found) } else { plain::calibration_lines(&found) };
    say(text.trim_end());
    if found.keeps() { Exit::Done } else { Exit::No }
}
