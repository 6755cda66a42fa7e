//! What happened, and with `--follow` what happens.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::backend::port::Update;
use crate::console::model::is_meant;
use crate::domain::change::Change;
use crate::domain::fleet::Fleet;
use crate::plain;

use super::Global;
use super::exit::{Exit, complain, say};
use super::gather::{Gathered, gather, query};
use super::preferences::zone_of;

/// Prints it, until there is no more, or for good.
pub async fn run(global: &Global, words: &[String], json: bool, follow: bool) -> Exit {
    let (query, zone) = match query(words).and_then(|query| Ok((query, zone_of(global)?))) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let Gathered { mut fleet, past, mut news, exit, .. } = match gather(global).await {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    for change in &past {
        if is_meant(&query, &fleet, change) {
            tell(&fleet, change, &zone, json);
        }
    }
    if !follow || exit != Exit::Done {
        return exit;
    }
    loop {
        match news.recv().await {
            Some(Update::Changes(changes)) => {
                for change in changes {
                    Arc::make_mut(&mut fleet).apply(&change);
                    if is_meant(&query, &fleet, &change) {
                        tell(&fleet, &change, &zone, json);
                    }
                }
            }
            Some(Update::Snapshot(anew)) => fleet = anew,
            Some(Update::Ended { why }) => return complain(why, Exit::Unreachable),
            Some(Update::Past(_) | Update::Recorded { .. } | Update::Readings(_) | Update::Heartbeat { .. }) => {}
            None => return Exit::Done,
        }
    }
}

fn tell(fleet: &Fleet, change: &Change, zone: &TimeZone, json: bool) {
    if json {
        if let Some(line) = plain::event_json(change) {
            say(line);
        }
    } else {
        say(plain::event_line(fleet, change, zone));
    }
}
