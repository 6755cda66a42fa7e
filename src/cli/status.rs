//! Where everything stands, once.

use crate::domain::explain::Moment;
use crate::plain;

use super::Global;
use super::console::{settings, zone};
use super::exit::{Exit, say};
use super::gather::gather;

/// Prints it.
pub async fn run(global: &Global, json: bool) -> Exit {
    match answer(global, json).await {
        Ok((text, exit)) => {
            say(text.trim_end());
            exit
        }
        Err(exit) => exit,
    }
}

async fn answer(global: &Global, json: bool) -> Result<(String, Exit), Exit> {
    let zone = zone(&settings(global)?.zone)?;
    let gathered = gather(global).await?;
    let moment = Moment { now: gathered.at.max(gathered.fleet.at()), zone };
    let fleet = &gathered.fleet;
    let text = if json { plain::status_json(fleet, &moment) } else { plain::status_lines(fleet, &moment) };
    Ok((text, gathered.exit))
}
