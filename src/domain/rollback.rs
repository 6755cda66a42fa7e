//! The way back: its steps from exactly here, and how far it has gone.

use serde::{Deserialize, Serialize};

use super::burn::Burn;
use super::id::{EnvironmentId, FlagId, InstanceId, PushId, ServiceId, Version};
use super::metric::SliceId;
use super::person::Actor;
use super::push::Hold;
use super::schedule::Closure;
use super::sides::Kept;
use super::time::{EngineTime, Period};
use super::verdict::{Compared, Seen};

/// In which way a push goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// Drain, then sibling after sibling in reverse order, a third of a cell at a time, with a reserve.
    Ordered,
    /// All siblings at once, as many instances at a time as needed capacity allows, without the reserve.
    Fast,
}

impl Manner {
    /// What this manner leaves out, for whoever is about to choose it.
    pub const fn skips(self) -> &'static str {
        match self {
            Self::Ordered => "nothing",
            Self::Fast => "the order among siblings, the limit of a third of a cell at a time, and the reserve",
        }
    }
}

/// What made a push go back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Trigger {
    /// Somebody asked.
    Person {
        /// Who.
        by: Actor,
        /// Why, if they said.
        reason: Option<String>,
    },
    /// A limit was crossed for its duration on the new version.
    Threshold {
        /// Which.
        slice: SliceId,
        /// The value, in the metric's unit.
        value: f64,
        /// The limit.
        limit: f64,
        /// Since when.
        since: EngineTime,
    },
    /// The numbers show that the new version is worse than the old one beside it.
    Regressed {
        /// Where.
        environment: EnvironmentId,
        /// Where it shows most.
        slice: Compared,
        /// What it showed there.
        seen: Seen,
    },
    /// The new version burns an error budget too fast, and the old one beside it does not.
    Burn {
        /// Which, and how fast.
        burn: Box<Burn>,
    },
    /// An instance on the new version keeps dying.
    CrashLoop {
        /// Which.
        instance: InstanceId,
        /// How often its process has died.
        restarts: u32,
    },
    /// A push ahead of it in a train goes back, and this one contains what that one brought.
    Ahead {
        /// The push ahead.
        push: PushId,
        /// A service of it.
        service: ServiceId,
        /// The version of that service that this push contains.
        version: Version,
    },
    /// Instances did not arrive in time.
    Deadline {
        /// In which stage.
        stage: String,
        /// How long it was given.
        after: Period,
        /// How many have not arrived.
        missing: u32,
    },
    /// The environment closed before the push was through it, and is declared to return what is half way then.
    WindowEnd {
        /// Which.
        environment: EnvironmentId,
        /// What closed it.
        by: Closure,
    },
}

/// One step of the way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum StepKind {
    /// No new exposure.
    Stop,
    /// What is new is switched off for everybody that reads the flag. Nothing waits for it.
    FlagOff {
        /// Which flag.
        flag: FlagId,
    },
    /// No request to the new version. Once done, users are safe.
    Drain,
    /// One sibling's blue side, which is warm, takes the traffic again, and its green side none. Nothing is installed. Once done for
    /// all, users are safe.
    SwitchBack {
        /// Which sibling.
        service: ServiceId,
        /// The version it returns to.
        to: Version,
    },
    /// One sibling's instances are put back on the old version.
    Reinstall {
        /// Which sibling.
        service: ServiceId,
        /// The version it returns to.
        to: Version,
    },
}

/// A step with its size and its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackStep {
    /// What is done.
    pub kind: StepKind,
    /// On how many instances.
    pub instances: u32,
    /// In how many batches.
    pub batches: u32,
    /// About how long it takes.
    pub takes: Period,
}

/// A one-way door on the way of a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// Whose release has it.
    pub service: ServiceId,
    /// That release.
    pub version: Version,
    /// The stage with which it is passed: `100 % in production`.
    pub stage: String,
}

/// A service that does not return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barred {
    /// Which.
    pub service: ServiceId,
    /// Why: a door of its own is behind it, or behind a sibling that its old version does not belong beside.
    pub why: String,
    /// What to do instead, as the release with the door declares.
    pub instead: String,
}

/// The ordered steps back from exactly here. Published by the engine whenever they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackPlan {
    /// In which manner.
    pub manner: Manner,
    /// Where it takes place. A push returns everywhere it has been; this is where users are.
    pub environment: Option<EnvironmentId>,
    /// In order.
    pub steps: Vec<RollbackStep>,
    /// About how long until no request meets the new version.
    pub users_safe: Period,
    /// About how long until every instance is back.
    pub all_old: Period,
    /// Instances by which a batch goes below what is needed, where going back cannot avoid it. Shown, never refused.
    pub shortfall: u32,
    /// Who does not return. Where anybody is named the steps end before the door, and the push as a whole does not go back.
    #[serde(default)]
    pub barred: Vec<Barred>,
    /// The next one-way door on the way forward.
    #[serde(default)]
    pub next_door: Option<Door>,
    /// That blue is kept warm, so that nothing is installed on the way back.
    #[serde(default)]
    pub kept: Option<Kept>,
}

impl RollbackPlan {
    /// The flags that are switched off before anything is moved, in order.
    pub fn flags(&self) -> impl Iterator<Item = &FlagId> {
        self.steps.iter().filter_map(|step| if let StepKind::FlagOff { flag } = &step.kind { Some(flag) } else { None })
    }

    /// `flag blob_v2 off first, `, or nothing: what the way back begins with, before its times are told.
    pub fn flags_first(&self) -> String {
        flags_first(self.flags())
    }

    /// The same where there is little room: `flag blob_v2 off, `.
    pub fn flags_briefly(&self) -> String {
        self.flags().map(|flag| format!("flag {flag} off, ")).collect::<Vec<_>>().concat()
    }
}

/// `flag blob_v2 off first, `; nothing where there is none.
pub fn flags_first<'f>(flags: impl Iterator<Item = &'f FlagId>) -> String {
    let names: Vec<&str> = flags.map(FlagId::as_str).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("flag {one} off first, "),
        more => format!("flags {} off first, ", more.join(", ")),
    }
}

/// A push on its way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollback {
    /// In which manner it goes.
    pub manner: Manner,
    /// When it was decided.
    pub decided: EngineTime,
    /// Since when it goes in this manner and with this plan: estimates count from here. Later than the decision where it was made
    /// faster, or went on after a halt.
    pub since: EngineTime,
    /// What made it.
    pub trigger: Trigger,
    /// The steps as decided: their sizes are what progress is counted against.
    pub plan: RollbackPlan,
    /// When each step was first seen to be done, in the plan's order.
    pub finished: Vec<Option<EngineTime>>,
    /// When the last request on the new version was over.
    pub users_safe: Option<EngineTime>,
    /// When it counts as failed if it is not over.
    pub deadline: EngineTime,
    /// Who stopped it half way, if somebody did: nothing more is moved, and its deadline does not run.
    #[serde(default)]
    pub halted: Option<Hold>,
}
