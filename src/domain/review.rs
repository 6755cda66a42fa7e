//! The finished pushes of a while, summed; and which alerts were raised without anybody acting on them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::card::{Card, Ending};
use super::change::{Change, Fact};
use super::command::{Direction, Order, Outcome};
use super::fleet::Fleet;
use super::id::{PushId, ServiceId};
use super::metric::Metric;
use super::time::{EngineTime, Period};

/// For how long after an alert an action counts as following it.
pub const FOLLOWED_WITHIN: Period = Period::from_mins(30);

/// An alert, over all cells and versions, and how often it led to something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertCount {
    /// On which service.
    pub service: ServiceId,
    /// Of which metric.
    pub metric: Metric,
    /// How often it was raised.
    pub raised: u32,
    /// How often nothing followed within [`FOLLOWED_WITHIN`]: nobody stopped, moved or took back a push of the service, and none went
    /// back by itself. That somebody has seen it is no action.
    pub without_action: u32,
}

/// What a while of pushes comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Review {
    /// From when on pushes that were over are counted.
    pub since: EngineTime,
    /// Their accounts, the last to end first.
    pub pushes: Vec<Card>,
    /// How many converged.
    pub converged: u32,
    /// How many went back.
    pub rolled_back: u32,
    /// How many were replaced.
    pub replaced: u32,
    /// Requests that failed beyond the usual, in all.
    pub failed: f64,
    /// Slow ones likewise.
    pub slow: f64,
    /// How often people were called about them, in all.
    pub called: u32,
    /// How many of those calls nobody did anything about.
    pub calls_without_action: u32,
    /// The median time from asking to converged; `None` where none converged.
    pub median_to_converge: Option<Period>,
    /// The median time from the first sign to when somebody or something was told.
    pub median_detect: Option<Period>,
    /// From then to the decision to go back.
    pub median_decide: Option<Period>,
    /// From the decision until no user met the new version.
    pub median_users_safe: Option<Period>,
    /// From the decision until everything was back.
    pub median_all_back: Option<Period>,
    /// Alerts, those that were raised most often without action first.
    pub alerts: Vec<AlertCount>,
}

impl Review {
    /// What the pushes of a fleet that were over at `since` or later come to, and the alerts among the changes that led there.
    pub fn of(fleet: &Fleet, changes: &[Change], since: EngineTime) -> Self {
        let mut pushes: Vec<Card> =
            fleet.pushes().filter_map(|push| Card::of(fleet, push)).filter(|card| card.ended >= since).collect();
        pushes.sort_by_key(|card| (std::cmp::Reverse(card.ended), card.push));
        let ended = |ending: Ending| pushes.iter().filter(|card| card.ending == ending).count() as u32;
        let backs = || pushes.iter().filter_map(|card| card.back.as_ref());
        let converged = pushes.iter().filter(|card| card.ending == Ending::Converged);
        Self {
            since,
            converged: ended(Ending::Converged),
            rolled_back: ended(Ending::RolledBack),
            replaced: ended(Ending::Replaced),
            failed: pushes.iter().map(|card| card.failed).sum(),
            slow: pushes.iter().map(|card| card.slow).sum(),
            called: pushes.iter().map(|card| card.calls.called).sum(),
            calls_without_action: pushes.iter().map(|card| card.calls.without_action).sum(),
            median_to_converge: median(converged.map(|card| card.ended.since(card.asked))),
            median_detect: median(backs().filter_map(|back| back.detect)),
            median_decide: median(backs().filter_map(|back| back.decide)),
            median_users_safe: median(backs().filter_map(|back| back.users_safe)),
            median_all_back: median(backs().map(|back| back.all_back)),
            alerts: alerts(fleet, changes, since),
            pushes,
        }
    }
}

/// The lower median.
fn median(periods: impl Iterator<Item = Period>) -> Option<Period> {
    let mut all: Vec<Period> = periods.collect();
    all.sort();
    all.get(all.len().checked_sub(1)? / 2).copied()
}

fn alerts(fleet: &Fleet, changes: &[Change], since: EngineTime) -> Vec<AlertCount> {
    let actions: Vec<(EngineTime, Option<PushId>)> = changes.iter().filter_map(action).collect();
    let is_followed = |service: &ServiceId, at: EngineTime| {
        actions.iter().any(|(acted, push)| {
            let concerns = push.is_none_or(|push| fleet.push(push).is_some_and(|push| push.move_of(service).is_some()));
            concerns && *acted >= at && *acted <= at + FOLLOWED_WITHIN
        })
    };
    let mut counts: BTreeMap<(ServiceId, Metric), (u32, u32)> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.at >= since) {
        let Fact::AlertRaised { alert } = &change.fact else { continue };
        let (raised, without) = counts.entry((alert.slice.service.clone(), alert.slice.metric)).or_default();
        *raised += 1;
        *without += u32::from(!is_followed(&alert.slice.service, change.at));
    }
    let count = |((service, metric), (raised, without_action))| AlertCount { service, metric, raised, without_action };
    let mut found: Vec<AlertCount> = counts.into_iter().map(count).collect();
    found.sort_by_key(|alert| std::cmp::Reverse((alert.without_action, alert.raised)));
    found
}

/// What somebody did about pushes, or one did by itself: when, and about which; all of them where none is named.
fn action(change: &Change) -> Option<(EngineTime, Option<PushId>)> {
    match &change.fact {
        Fact::RollbackDecided { push, .. } => Some((change.at, Some(*push))),
        Fact::Commanded { command, outcome: Outcome::Accepted { .. } } => {
            let acts = command.order.direction() != Direction::Neither || matches!(command.order, Order::Retry { .. });
            acts.then(|| (change.at, command.order.push()))
        }
        _ => None,
    }
}
