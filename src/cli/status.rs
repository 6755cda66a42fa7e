//! Where everything stands, once.

use crate::console::model::Known;
use crate::domain::explain::Moment;
use crate::plain::{self, Asked};

use super::Global;
use super::exit::{Exit, say};
use super::gather::{gather, query};
use super::preferences::zone_of;

/// Prints it.
pub async fn run(global: &Global, words: &[String], json: bool) -> Exit {
    match answer(global, words, json).await {
        Ok((text, exit)) => {
            say(text.trim_end());
            exit
        }
        Err(exit) => exit,
    }
}

async fn answer(global: &Global, words: &[String], json: bool) -> Result<(String, Exit), Exit> {
    let query = query(words)?;
    let zone = zone_of(global)?;
    let gathered = gather(global).await?;
    let moment = Moment { now: gathered.at.max(gathered.fleet.at()), zone };
    let known = Known { fleet: &gathered.fleet, signals: &gathered.signals, now: moment.now };
    let asked = Asked { known, query: &query };
    let text = if json { plain::status_json(asked, &moment) } else { plain::status_lines(asked, &moment) };
    Ok((text, gathered.exit))
}
