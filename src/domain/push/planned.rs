//! What a push is asked to do: its releases, their way, and what it started beside.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::id::{EnvironmentId, GroupId, PushId, ServiceId, Version};
use crate::domain::lane::Emergency;
use crate::domain::person::Actor;
use crate::domain::service::Release;
use crate::domain::stage::PlannedStage;
use crate::domain::time::EngineTime;

/// One service's part in a push: from which version to which release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Which service.
    pub service: ServiceId,
    /// What ran before in each environment, and is gone back to. One entry for every environment on the way.
    pub from: BTreeMap<EnvironmentId, Version>,
    /// What it goes to.
    pub to: Release,
    /// Versions that were in flight before `to` took their place, oldest first: those that were fixed, and those of a push that this
    /// one replaced. As long as instances run them they are this push's to answer for.
    pub replaced: Vec<Version>,
}

impl Move {
    /// Whether a version runs in an environment because of this push: what it goes to, or what that took the place of.
    pub fn brings(&self, environment: &EnvironmentId, version: &Version) -> bool {
        (self.to.version == *version || self.replaced.contains(version)) && self.from.get(environment) != Some(version)
    }

    /// Whether it changes what the service runs in an environment.
    pub fn changes(&self, environment: &EnvironmentId) -> bool {
        self.from.get(environment).is_some_and(|from| *from != self.to.version || !self.replaced.is_empty())
    }
}

/// The pushes of the same group that were in flight when a push was asked for, and what it is to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlightBefore {
    /// Pushes whose place it takes.
    pub replaces: Vec<PushId>,
    /// Environments in which those had been: what they brought there is this push's to answer for.
    pub taken_over: BTreeSet<EnvironmentId>,
    /// The push right ahead of it in a train.
    pub ahead: Option<PushId>,
}

/// What is known of a push before its first step; it does not change afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushPlan {
    /// Its identity.
    pub id: PushId,
    /// The group whose services move.
    pub group: GroupId,
    /// What it is called on screens: the group, or the one service where only one moves.
    pub name: String,
    /// In the group's order.
    pub moves: Vec<Move>,
    /// Over all environments, in order.
    pub stages: Vec<PlannedStage>,
    /// Who asked for it.
    pub requested_by: Actor,
    /// When.
    pub requested: EngineTime,
    /// What was in flight then.
    pub before: InFlightBefore,
    /// What the emergency lane changes, if it goes by that.
    #[serde(default)]
    pub emergency: Option<Emergency>,
}
