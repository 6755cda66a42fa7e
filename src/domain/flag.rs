//! Feature flags: what a service's instances ask before they take a new path, and how far a switch has come.

use serde::{Deserialize, Serialize};

use super::explain::Moment;
use super::fleet::Fleet;
use super::id::{FlagId, ServiceId};
use super::person::Actor;
use super::push::{Move, Push};
use super::time::{EngineTime, Period};

/// A flag as declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Its name.
    pub id: FlagId,
    /// The service whose instances read it.
    pub service: ServiceId,
    /// What is behind it, in a few words: `the new read path`.
    pub covers: String,
    /// How long until every instance has taken a switch, as declared.
    pub propagates: Period,
    /// When it was last tried, as declared; `None` where nobody says it ever was.
    pub tried: Option<EngineTime>,
}

/// How a flag stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagState {
    /// Whether it is wanted on.
    pub on: bool,
    /// Since when, and by whom, it is wanted so; `None` where it was never switched here.
    pub switched: Option<(EngineTime, Actor)>,
    /// How often, and when last, the flag service was told. Nothing before the first time.
    pub told: Option<(u32, EngineTime)>,
    /// Instances that have been seen to have taken the last switch, and of how many; `None` where none was seen since then.
    pub seen: Option<(u32, u32)>,
    /// When all had.
    pub all: Option<EngineTime>,
}

impl FlagState {
    /// A flag that nobody has switched here: releases stand behind it because it is on.
    pub const DECLARED: Self = Self { on: true, switched: None, told: None, seen: None, all: None };

    /// Whether a switch is still on its way.
    pub const fn is_switching(&self) -> bool {
        self.switched.is_some() && self.all.is_none()
    }

    /// How a flag stands where that is other than on everywhere: `flag blob_v2 goes OFF: 312 of 480 instances have taken it; since 14:22, by
    /// omar`. `None` where it is on, and nothing is on its way.
    pub fn told_of(&self, flag: &Flag, moment: &Moment) -> Option<String> {
        let (at, by) = self.switched.as_ref()?;
        let by = by.person().map_or_else(|| "by itself".to_owned(), |person| format!("by {person}"));
        let since = format!("since {}, {by}", moment.clock(*at));
        let taken = match self.seen {
            Some((taken, of)) => format!("{taken} of {of} instances have taken it"),
            None => "no instance was seen to have taken it yet".to_owned(),
        };
        let all = self.seen.map_or_else(String::new, |(_, of)| format!(" on all {of} instances"));
        match (self.on, self.all) {
            (true, Some(_)) => None,
            (true, None) => Some(format!("flag {} goes ON: {taken}; {since}", flag.id)),
            (false, None) => Some(format!("flag {} goes OFF: {taken}; {since}", flag.id)),
            (false, Some(_)) => Some(format!("flag {} is OFF{all} {since}; it covers {}", flag.id, flag.covers)),
        }
    }

    /// `840 of 840`; a switch that nobody has seen arrive is said to be so.
    pub fn counted(&self) -> String {
        match self.seen {
            Some((taken, of)) => format!("{taken} of {of}"),
            None if self.switched.is_some() => "not seen yet".to_owned(),
            None => String::new(),
        }
    }
}

impl Fleet {
    /// How a flag stands; `None` for one that is not declared.
    pub fn flag(&self, id: &FlagId) -> Option<(&Flag, &FlagState)> {
        let flag = self.declaration.flags.iter().find(|flag| flag.id == *id)?;
        Some((flag, self.flags.get(id).unwrap_or(const { &FlagState::DECLARED })))
    }

    /// Every declared flag with how it stands, in the order declared.
    pub fn flags(&self) -> impl Iterator<Item = (&Flag, &FlagState)> {
        self.declaration.flags.iter().filter_map(|flag| self.flag(&flag.id))
    }

    /// The flags that the releases of a push stand behind, those included that it took the place of.
    pub fn flags_of(&self, push: &Push) -> Vec<(&Flag, &FlagState)> {
        let replaced = |part: &Move, flag: &Flag| {
            let releases = part.replaced.iter().filter_map(|version| self.declaration.release(&part.service, version));
            releases.into_iter().any(|release| release.flags.contains(&flag.id))
        };
        let behind = |flag: &Flag| push.plan.moves.iter().any(|part| part.to.flags.contains(&flag.id) || replaced(part, flag));
        self.flags().filter(|(flag, _)| behind(flag)).collect()
    }

    /// Instances that read a flag, everywhere.
    pub fn readers(&self, flag: &Flag) -> u32 {
        self.placements().filter(|placement| placement.id.service == flag.service).map(super::placement::Placement::size).sum()
    }

    /// When a flag was last tried: when a switch here was last seen to reach all, or else as declared.
    pub fn flag_tried(&self, id: &FlagId) -> Option<EngineTime> {
        let (flag, state) = self.flag(id)?;
        state.all.max(flag.tried)
    }

    /// When a flag was last tried, in words; that it never was is loud: `last tried 12 Nov`, `NEVER TRIED`.
    pub fn flag_tried_words(&self, id: &FlagId, moment: &Moment) -> String {
        let Some(at) = self.flag_tried(id) else { return "NEVER TRIED".to_owned() };
        let shown = |at: EngineTime, pattern| at.format(&moment.zone, pattern);
        let pattern = match (shown(at, "%Y") == shown(moment.now, "%Y"), shown(at, "%F") == shown(moment.now, "%F")) {
            (_, true) => "at %H:%M",
            (true, false) => "%-d %b",
            (false, false) => "%-d %b %Y",
        };
        format!("last tried {}", shown(at, pattern))
    }
}
