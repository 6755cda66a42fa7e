//! How old the news is, feed by feed. One feed never speaks for another, and what is old is never passed off as new.

use crate::domain::feed::{Feed, FeedState};
use crate::domain::time::{ConsoleTime, Period};

use super::{Model, travel};

/// The backend's heartbeat comes as often as this.
pub const HEARTBEAT: Period = Period::from_secs(2);
/// News older than this is stale: three heartbeats.
pub const STALE: Period = Period::from_secs(6);

/// Whether a feed's news arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedHealth {
    /// As often as it should.
    Live,
    /// It has stopped, in part or whole.
    Lost {
        /// For how long.
        age: Period,
        /// What is missing, in a sentence.
        why: String,
    },
    /// It was never heard.
    Never,
}

/// How old the news is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Each of the four feeds, in the order shown.
    pub feeds: Vec<(Feed, FeedHealth)>,
    /// Why nothing may go forward on what is shown: a sentence; `None` while all of it is fresh.
    pub stale: Option<String>,
    /// Whether a change is missing and everything is being read anew.
    pub resync: bool,
    /// Whether the feed that automatic rollback needs is gone: crash loops and readiness only.
    pub blind: bool,
    /// Heartbeats heard, modulo 4: the cell of the header that turns. It stands still where nothing is heard.
    pub beat: u8,
    /// Since when nothing was heard from the backend, on the wall; `None` before the first news.
    pub age: Option<Period>,
}

impl Freshness {
    /// Feeds that are not live.
    pub fn lost(&self) -> impl Iterator<Item = &(Feed, FeedHealth)> {
        self.feeds.iter().filter(|(_, health)| *health != FeedHealth::Live)
    }
}

/// Why the news is stale at a time, in a sentence; `None` while it is fresh.
pub(super) fn stale(model: &Model, at: ConsoleTime) -> Option<String> {
    // What was written down does not grow old; it is marked REPLAY, and nothing can be asked of it.
    if model.setup.source.recorded && model.hearing.last.is_some() {
        return None;
    }
    if let Some(why) = &model.hearing.ended {
        return Some(format!("the backend has ended: {why}"));
    }
    let Some(heard) = model.hearing.last else { return Some("no data yet".to_owned()) };
    if model.hearing.gap {
        return Some("news is missing; everything is being read anew".to_owned());
    }
    let age = at.since(heard);
    (age > STALE).then(|| format!("nothing heard for {age}"))
}

/// How old the news is now.
pub(super) fn freshness(model: &Model) -> Freshness {
    let (at, now) = (model.console_now, model.now());
    // What was does not grow old either; that the news of now does is said in row 3.
    let stale = if travel::is_past(model) { None } else { stale(model, at) };
    let age = model.hearing.last.map(|heard| at.since(heard));
    let feeds = Feed::ALL
        .into_iter()
        .map(|feed| {
            let health = match (feed, model.fleet.feeds().get(&feed)) {
                (Feed::Engine, _) => match (&stale, age) {
                    (None, _) => FeedHealth::Live,
                    (Some(why), Some(age)) => FeedHealth::Lost { age, why: why.clone() },
                    (Some(_), None) => FeedHealth::Never,
                },
                (_, Some(FeedState::Live)) => FeedHealth::Live,
                (_, Some(FeedState::Lost { since, why })) => FeedHealth::Lost { age: now.since(*since), why: why.clone() },
                (_, None) => FeedHealth::Never,
            };
            (feed, health)
        })
        .collect();
    Freshness {
        feeds,
        stale,
        resync: model.hearing.gap,
        blind: model.hearing.last.is_some() && model.fleet.lost_feeds().any(|feed| feed == Feed::Metrics),
        beat: model.hearing.beat,
        age,
    }
}
