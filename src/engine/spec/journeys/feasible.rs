//! Whether journeys are tried often enough for the limits they are held to.

use super::super::groups::WrittenGroup;
use crate::document::{At, Sheet};
use crate::domain::journey::Journey;
use crate::domain::metric::{Metric, Threshold};
use crate::domain::service::Service;
use crate::evidence::histogram::needed;
use crate::evidence::judge::patience;

/// Warns of limits that can never be judged, since too few journeys are tried in the time they are judged over.
pub fn check(sheet: &Sheet, journeys: &[At<Journey>], groups: &[WrittenGroup], services: &[(&Service, usize)]) {
    for (at, journey) in journeys.iter().enumerate() {
        // Journeys of one group are counted together, and warned of once.
        let of_same = |other: &&At<Journey>| other.group == journey.group && other.environment == journey.environment;
        if journeys.iter().take(at).any(|before| of_same(&before)) {
            continue;
        }
        let Some(enters) = groups.iter().find(|group| group.group.id == journey.group).and_then(|group| group.group.enters())
        else {
            continue;
        };
        let Some((service, _)) = services.iter().find(|(service, _)| service.id == *enters) else { continue };
        for limit in service.thresholds.iter().filter(|limit| limit.metric.is_of_journeys()) {
            let over = limit.sustained.max(patience(limit.metric));
            let tried = |cell| -> i64 {
                let here = journeys.iter().filter(of_same).filter(|other| other.cells.contains_key(cell));
                here.map(|other| over.millis() / other.every.millis().max(1)).sum()
            };
            let least = journey.cells.keys().map(tried).min().unwrap_or_default();
            let needed = needed_for(limit);
            if u64::try_from(least).unwrap_or_default() < needed {
                let what = format!(
                    "journey {:?} is held to a limit on {} that can never be judged: it takes {needed} journeys in {over}, and {least} are tried",
                    journey.name, limit.metric
                );
                sheet.warn(journey.line, &what, "try it more often, or judge the limit over a longer time or from fewer");
            }
        }
    }
}

/// How many journeys it takes to judge a limit.
fn needed_for(limit: &Threshold) -> u64 {
    let own = if limit.metric == Metric::JourneyP90 { needed(0.9) } else { 1 };
    own.max(limit.least)
}
