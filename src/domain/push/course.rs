//! Which way a push is going.

use serde::{Deserialize, Serialize};

use crate::domain::id::{InstanceId, PushId};
use crate::domain::rollback::Rollback;
use crate::domain::time::EngineTime;

/// Which way a push is going.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Course {
    /// Towards 100 %.
    Forward,
    /// Back to where it came from.
    Back {
        /// How.
        rollback: Box<Rollback>,
    },
    /// It is all on the old versions again.
    RolledBack {
        /// How it went.
        rollback: Box<Rollback>,
        /// When it was over.
        at: EngineTime,
    },
    /// It did not get back in time. It keeps trying, loudly.
    RollbackFailed {
        /// How it went.
        rollback: Box<Rollback>,
        /// When it was given up on.
        at: EngineTime,
        /// Instances that are not back.
        stuck: Vec<InstanceId>,
    },
    /// It is all on the new versions.
    Converged {
        /// Since when.
        at: EngineTime,
    },
    /// A newer release is wanted. What it had brought is the newer push's to answer for. Nothing failed.
    Replaced {
        /// The newer push.
        by: PushId,
        /// Since when.
        at: EngineTime,
    },
}

impl Course {
    /// The rollback, whether under way, over or failed.
    pub fn rollback(&self) -> Option<&Rollback> {
        match self {
            Self::Back { rollback } | Self::RolledBack { rollback, .. } | Self::RollbackFailed { rollback, .. } => Some(rollback),
            Self::Forward | Self::Converged { .. } | Self::Replaced { .. } => None,
        }
    }
}
