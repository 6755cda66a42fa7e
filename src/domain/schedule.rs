//! When things may go forward in an environment: its weekly window, and the freezes that name it, together.
//!
//! Only the way forward is bound by it. A rollback, a stop and a flag turned off never ask here.

use serde::{Deserialize, Serialize};

use super::declaration::Declaration;
use super::freeze::Freeze;
use super::id::{EnvironmentId, GroupId};
use super::time::{EngineTime, Period};
use super::window::{Hours, Window};

/// What becomes of a push that is half way through an environment when that closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtWindowEnd {
    /// It stays where it is, and goes on by itself when the environment opens again.
    Hold,
    /// It goes back.
    Return,
}

/// What closes an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Closure {
    /// The end of its weekly window.
    Window,
    /// A freeze.
    Freeze {
        /// What it is called.
        name: String,
    },
}

impl Closure {
    /// `the freeze quarter-end`, `the end of its window`.
    pub fn words(&self) -> String {
        match self {
            Self::Window => "the end of its window".to_owned(),
            Self::Freeze { name } => format!("the freeze {name}"),
        }
    }
}

/// How an environment stands at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Things may go forward.
    Open {
        /// When that ends, and what ends it; `None` where nothing that is declared does.
        closes: Option<(EngineTime, Closure)>,
    },
    /// Nothing goes forward.
    Shut(Shut),
}

/// An environment in which nothing goes forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shut {
    /// What keeps it closed longest.
    pub by: Closure,
    /// Since when.
    pub since: EngineTime,
    /// When it opens; `None` where nothing that is declared opens it.
    pub opens: Option<EngineTime>,
}

/// How often a search through closures is carried on before it counts as without end.
const SEARCHED: usize = 400;

/// What closes one environment for one group.
#[derive(Clone, Debug)]
pub struct Schedule<'a> {
    window: Option<&'a Window>,
    freezes: Vec<&'a Freeze>,
    group: Option<&'a GroupId>,
}

impl Declaration {
    /// What closes an environment: for one group with its exceptions, or, where none is named, without any.
    pub fn schedule<'a>(&'a self, environment: &EnvironmentId, group: Option<&'a GroupId>) -> Schedule<'a> {
        Schedule {
            window: self.environment(environment).and_then(|environment| environment.window.as_ref()),
            freezes: self.freezes.iter().filter(|freeze| freeze.environments.contains(environment)).collect(),
            group,
        }
    }
}

impl Schedule<'_> {
    /// Whether nothing is declared that could ever close it.
    pub fn is_empty(&self) -> bool {
        self.window.is_none() && self.freezes.is_empty()
    }

    /// How it stands at a moment.
    pub fn at(&self, now: EngineTime) -> Opening {
        let closed = self.closed(now);
        // Of several the one that lasts longest; one without end lasts longer than any.
        let longest = closed.iter().max_by_key(|(_, _, ends)| (ends.is_none(), *ends));
        let Some((by, ..)) = longest else { return Opening::Open { closes: self.closes(now) } };
        Opening::Shut(Shut {
            by: by.clone(),
            since: closed.iter().map(|(_, since, _)| *since).min().unwrap_or(now),
            opens: self.opens(now),
        })
    }

    /// How it is shut at a moment, if it is.
    pub fn shut(&self, now: EngineTime) -> Option<Shut> {
        match self.at(now) {
            Opening::Open { .. } => None,
            Opening::Shut(shut) => Some(shut),
        }
    }

    /// The first moment from `at` on at which it is open; `None` where nothing that is declared opens it.
    pub fn opens(&self, mut at: EngineTime) -> Option<EngineTime> {
        for _ in 0..SEARCHED {
            let closed = self.closed(at);
            if closed.is_empty() {
                return Some(at);
            }
            at = closed.into_iter().map(|(.., ends)| ends).collect::<Option<Vec<_>>>()?.into_iter().max()?;
        }
        None
    }

    /// How much of the time from one moment to another it was open.
    pub fn open_between(&self, from: EngineTime, to: EngineTime) -> Period {
        if self.is_empty() {
            return to - from;
        }
        let (mut at, mut all) = (from, Period::ZERO);
        for _ in 0..SEARCHED {
            let Some(opens) = self.opens(at).filter(|opens| *opens < to) else { break };
            let ends = self.closes(opens).map_or(to, |(closes, _)| closes.min(to));
            all += ends - opens;
            at = ends;
            if at >= to {
                break;
            }
        }
        all
    }

    /// When so much open time has passed after a moment; `None` where there never is so much.
    pub fn after(&self, from: EngineTime, needed: Period) -> Option<EngineTime> {
        let (mut at, mut left) = (from, needed);
        for _ in 0..SEARCHED {
            at = self.opens(at)?;
            match self.closes(at) {
                Some((closes, _)) if closes < at + left => {
                    left = left.less(closes - at);
                    at = closes;
                }
                _ => return Some(at + left),
            }
        }
        None
    }

    /// When what is open at a moment closes, and what closes it.
    fn closes(&self, now: EngineTime) -> Option<(EngineTime, Closure)> {
        let window = self.window.and_then(|window| match window.at(now) {
            Hours::Open { closes } => closes.map(|closes| (closes, Closure::Window)),
            Hours::Shut { .. } => None,
        });
        let freezes = self.freezes.iter().map(|freeze| (freeze.binds_from(self.group), freeze));
        let freezes = freezes
            .filter(|(from, freeze)| *from > now && *from < freeze.until)
            .map(|(from, freeze)| (from, Closure::Freeze { name: freeze.name.clone() }));
        // Of a freeze and a window that end it at one moment the freeze is named: it lasts.
        window.into_iter().chain(freezes).min_by_key(|(at, by)| (*at, *by == Closure::Window))
    }

    /// Everything that closes it at a moment: what, since when, and until when if that is known.
    fn closed(&self, now: EngineTime) -> Vec<(Closure, EngineTime, Option<EngineTime>)> {
        let window = self.window.and_then(|window| match window.at(now) {
            Hours::Open { .. } => None,
            Hours::Shut { since, opens } => Some((Closure::Window, since.unwrap_or(now), opens)),
        });
        let freezes = self.freezes.iter().filter_map(|freeze| {
            let from = freeze.binds_from(self.group);
            (from <= now && now < freeze.until).then(|| (Closure::Freeze { name: freeze.name.clone() }, from, Some(freeze.until)))
        });
        window.into_iter().chain(freezes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::Environment;
    use crate::domain::freeze::Exception;
    use crate::domain::window::{Day, Zone};

    fn at(text: &str) -> EngineTime {
        EngineTime::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn declared(windowed: bool, freezes: Vec<Freeze>) -> Declaration {
        let window = Window {
            zone: Zone::named("UTC").unwrap(),
            days: [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri].into(),
            from: "09:00".parse().unwrap(),
            to: "16:00".parse().unwrap(),
        };
        let production = Environment {
            id: "production".into(),
            after: Vec::new(),
            protected: true,
            cells: Vec::new(),
            waive_alone_up_to: crate::domain::environment::alone_up_to(),
            drift: crate::domain::drift::DriftRule::Hold,
            window: windowed.then_some(window),
            at_window_end: Some(AtWindowEnd::Hold),
        };
        Declaration { environments: vec![production], freezes, ..Declaration::default() }
    }

    fn freeze(name: &str, from: &str, until: &str) -> Freeze {
        Freeze {
            name: name.to_owned(),
            from: at(from),
            until: at(until),
            environments: vec!["production".into()],
            exceptions: Vec::new(),
        }
    }

    fn named(name: &str) -> Closure {
        Closure::Freeze { name: name.to_owned() }
    }

    #[test]
    fn without_anything_declared_it_is_open_for_ever() {
        let declared = declared(false, Vec::new());
        let schedule = declared.schedule(&"production".into(), None);
        assert!(schedule.is_empty());
        assert_eq!(schedule.at(at("2026-11-21T03:00:00Z")), Opening::Open { closes: None });
    }

    #[test]
    fn what_comes_first_closes_it_and_what_lasts_longest_keeps_it_closed() {
        let declared = declared(true, vec![freeze("quarter-end", "2026-11-19T15:00:00Z", "2026-11-23T10:00:00Z")]);
        let schedule = declared.schedule(&"production".into(), None);
        let begins = at("2026-11-19T15:00:00Z");
        assert_eq!(schedule.at(at("2026-11-19T12:00:00Z")), Opening::Open { closes: Some((begins, named("quarter-end"))) });
        let shut = Shut { by: named("quarter-end"), since: begins, opens: Some(at("2026-11-23T10:00:00Z")) };
        assert_eq!(schedule.at(at("2026-11-20T12:00:00Z")), Opening::Shut(shut.clone()));
        assert_eq!(schedule.shut(at("2026-11-23T09:59:59Z")).and_then(|shut| shut.opens), shut.opens);
        assert_eq!(schedule.shut(at("2026-11-23T10:00:00Z")), None);
    }

    #[test]
    fn an_exception_lifts_a_freeze_for_its_group_until_it_expires() {
        let mut binding = freeze("quarter-end", "2026-11-19T12:00:00Z", "2026-11-23T10:00:00Z");
        let until = at("2026-11-19T14:00:00Z");
        binding.exceptions = vec![Exception { group: "storage".into(), by: "mia".into(), until, reason: "a fix".to_owned() }];
        let declared = declared(false, vec![binding]);
        let (storage, cart) = ("storage".into(), "cart".into());
        let of = |group| declared.schedule(&"production".into(), Some(group));
        let now = at("2026-11-19T13:00:00Z");
        assert_eq!(of(&storage).at(now), Opening::Open { closes: Some((until, named("quarter-end"))) });
        assert!(of(&cart).shut(now).is_some());
        assert_eq!(of(&storage).shut(until).map(|shut| shut.since), Some(until));
    }

    #[test]
    fn open_time_is_counted_without_what_lies_between() {
        let declared = declared(true, vec![freeze("f", "2026-11-19T10:00:00Z", "2026-11-19T12:00:00Z")]);
        let schedule = declared.schedule(&"production".into(), None);
        let (from, to) = (at("2026-11-19T08:00:00Z"), at("2026-11-20T09:30:00Z"));
        // 09–10, 12–16, and half an hour of the next day.
        assert_eq!(schedule.open_between(from, to), Period::from_mins(5 * 60 + 30));
        assert_eq!(schedule.after(from, Period::from_mins(5 * 60 + 30)), Some(to));
        assert_eq!(schedule.after(from, Period::from_mins(30)), Some(at("2026-11-19T09:30:00Z")));
        assert_eq!(schedule.open_between(to, from), Period::ZERO);
    }

    #[test]
    fn a_long_freeze_over_many_windows_ends_in_one() {
        let declared = declared(true, vec![freeze("winter", "2026-12-01T00:00:00Z", "2027-02-06T12:00:00Z")]);
        let schedule = declared.schedule(&"production".into(), None);
        assert_eq!(schedule.opens(at("2026-12-05T12:00:00Z")), Some(at("2027-02-08T09:00:00Z")));
    }
}
