//! What the fleet can be told to do.

use crate::domain::id::{InstanceId, Version};

/// One thing to do to one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Whoever orders makes it. The same id again is the same order, and is not carried out twice.
    pub id: u64,
    /// To which instance.
    pub instance: InstanceId,
    /// What.
    pub kind: OperationKind,
}

/// What is to be done to an instance. A later one takes over from an earlier one that is half way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// Drain, stop, install the version, start, warm up and take requests again. Where the version already runs, only the last.
    Install(Version),
    /// Take no new requests, let those in hand run out, and keep running.
    Drain,
    /// Take requests again.
    Restore,
}

/// An order for an instance that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no instance {0} in the simulated fleet; check service, environment, cell and number")]
pub struct UnknownInstance(pub InstanceId);

/// That a stop was heard: nothing of what it named begins any more. What had begun is finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halted {
    /// Operations that had not begun and never will, by id, in the order they were given.
    pub cancelled: Vec<u64>,
}
