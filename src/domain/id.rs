//! Names of things. Every name that came from outside is cleaned when it is made, so that no later step has to remember to.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::safe;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            /// The name, with control, bidi and zero-width characters made visible.
            pub fn new(text: &str) -> Self {
                Self(Arc::from(safe::clean(text).as_str()))
            }

            /// The cleaned name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $type {
            fn from(text: String) -> Self {
                Self::new(&text)
            }
        }

        impl From<&str> for $type {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

name!(
    /// A deployable program.
    ServiceId
);
name!(
    /// Services that move and return in step.
    GroupId
);
name!(
    /// Where services run, such as `staging` or `production`.
    EnvironmentId
);
name!(
    /// A region, zone or cluster of an environment. Unique within its environment, not beyond.
    CellId
);
name!(
    /// Cells that share a fate: zones of one region. A cell for which none is declared is a region of its own.
    RegionId
);
name!(
    /// A release's version tag. Two releases with one tag differ in their digest.
    Version
);
name!(
    /// The content address of an artifact. What is pushed is the digest; the tag is only its name.
    Digest
);
name!(
    /// An authenticated person, or the word `scenario` for a scripted one.
    PersonId
);
name!(
    /// A check by others that a stage may ask for, such as `change-board`.
    CheckId
);
name!(
    /// A feature flag, such as `blob_v2`.
    FlagId
);
name!(
    /// What a person may be asked to decide, such as `oncall` or `release-manager`.
    Role
);

/// A service in an environment: the unit that converges. Written `service@environment`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlacementId {
    /// The program.
    pub service: ServiceId,
    /// Where it runs.
    pub environment: EnvironmentId,
}

impl PlacementId {
    /// A placement's identity.
    pub fn new(service: ServiceId, environment: EnvironmentId) -> Self {
        Self { service, environment }
    }
}

impl fmt::Display for PlacementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.service, self.environment)
    }
}

/// A text that does not name what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct NotAName {
    text: String,
    expected: &'static str,
}

impl FromStr for PlacementId {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let (service, environment) = text
            .split_once('@')
            .ok_or_else(|| NotAName { text: text.to_owned(), expected: "a placement, written service@environment" })?;
        Ok(Self::new(ServiceId::new(service), EnvironmentId::new(environment)))
    }
}

impl TryFrom<String> for PlacementId {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        text.parse()
    }
}

impl From<PlacementId> for String {
    fn from(id: PlacementId) -> Self {
        id.to_string()
    }
}

/// One running copy of a service: its place in the cell, counted from 0. Written `service@environment/cell#3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstanceId {
    /// Service and environment.
    pub placement: PlacementId,
    /// The cell it runs in.
    pub cell: CellId,
    /// Its number in the cell, from 0.
    pub index: u32,
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}#{}", self.placement, self.cell, self.index)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(pub Uuid);

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// One push. Made by whoever asks for it, so that a repeated request is recognised.
    PushId
);
uuid_id!(
    /// One command. Made by the console and kept over every retry: same id and content, same outcome and one effect.
    CommandId
);
uuid_id!(
    /// One engine's store. A console that reconnects to another store notices by this.
    EngineId
);

/// A place in the journal's numbered lane. Rises by one with each change; 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One *occurrence* of leaving a stage: the unit of every decision. Coming back to a stage makes a new gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GateId {
    /// The push that waits before it.
    pub push: PushId,
    /// The stage being left; `None` before the first.
    pub stage: Option<u32>,
    /// Which entry of that stage, from 1.
    pub entry: u32,
}

impl fmt::Display for GateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stage {
            Some(stage) => write!(f, "{}/{stage}/{}", self.push, self.entry),
            None => write!(f, "{}/start/{}", self.push, self.entry),
        }
    }
}
