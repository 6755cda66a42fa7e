//! What a push would do, before it starts.

use crate::document::nearest;
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{ServiceId, Version};
use crate::domain::person::Actor;
use crate::domain::prospect::Prospect;
use crate::domain::start;
use crate::plain;

use super::Global;
use super::exit::{Exit, complain, say};
use super::gather::gather;
use super::preferences::zone_of;

/// Prints it. The answer is no where the push could not start now.
pub async fn run(global: &Global, releases: &[String], json: bool) -> Exit {
    match answer(global, releases, json).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn answer(global: &Global, releases: &[String], json: bool) -> Result<Exit, Exit> {
    let zone = zone_of(global)?;
    let named = releases.iter().map(|text| split(text)).collect::<Result<Vec<_>, _>>().map_err(misuse)?;
    let gathered = gather(global).await?;
    let fleet = &gathered.fleet;
    let named: Vec<_> =
        named.into_iter().map(|(service, version)| known(fleet, service, version)).collect::<Result<_, _>>().map_err(misuse)?;
    let moment = Moment { now: gathered.at.max(fleet.at()), zone };
    let by = Actor::Person { name: global.actor() };
    let prospect = Prospect::of(fleet, &named, by, moment.now)
        .map_err(|why| complain(&why, if start::is_misnamed(&why) { Exit::Misuse } else { Exit::No }))?;
    let signals = &gathered.signals;
    let text = if json {
        plain::plan_json(fleet, signals, &prospect, &moment)
    } else {
        plain::plan_lines(fleet, signals, &prospect, &moment)
    };
    say(text.trim_end());
    Ok(if prospect.refused.is_none() { Exit::Done } else { Exit::No })
}

fn misuse(why: String) -> Exit {
    complain(why, Exit::Misuse)
}

fn split(text: &str) -> Result<(&str, &str), String> {
    text.split_once('@')
        .filter(|(service, version)| !service.is_empty() && !version.is_empty())
        .ok_or_else(|| format!("{text:?} names no release; write SERVICE@VERSION, as in index@v42"))
}

/// A release that is declared, or which was probably meant.
fn known(fleet: &Fleet, service: &str, version: &str) -> Result<(ServiceId, Version), String> {
    let declaration = fleet.declaration();
    let (id, tag) = (ServiceId::new(service), Version::new(version));
    if declaration.service(&id).is_none() {
        let near = nearest(service, declaration.services.iter().map(|known| known.id.as_str()));
        let meant = near.map_or_else(|| "`pushdeck status` names them".to_owned(), |near| format!("did you mean {near}?"));
        return Err(format!("there is no service {service:?}; {meant}"));
    }
    if declaration.release(&id, &tag).is_none() {
        let of_it = || declaration.releases.iter().filter(|release| release.service == id).map(|release| release.version.as_str());
        let meant = nearest(version, of_it()).map_or_else(
            || format!("there are {}", of_it().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        );
        return Err(format!("{service} has no release {version:?}; {meant}"));
    }
    Ok((id, tag))
}
