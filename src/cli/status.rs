//! Where everything stands, once.

use crate::domain::explain::Moment;
use crate::plain;

use super::Global;
use super::exit::{Exit, say};
use super::gather::gather;
use super::preferences::zone_of;

/// Prints it.
pub async fn run(global: &Global, json: bool) -> Exit {
    match answer(global, json).await {
        Ok(text) => {
            say(text.trim_end());
            Exit::Done
        }
        Err(exit) => exit,
    }
}

async fn answer(global: &Global, json: bool) -> Result<String, Exit> {
    let zone = zone_of(global)?;
    let gathered = gather(global).await?;
    let moment = Moment { now: gathered.at.max(gathered.fleet.at()), zone };
    Ok(if json { plain::status_json(&gathered.fleet, &moment) } else { plain::status_lines(&gathered.fleet, &moment) })
}
