//! What the fleet can be told to do.

use crate::domain::id::InstanceId;
use crate::domain::placement::OperationId;

/// An order for an instance that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no instance {0} in the simulated fleet; check service, environment, cell and number")]
pub struct UnknownInstance(pub InstanceId);

/// That a stop was heard: nothing of what it named begins any more. What had begun is finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halted {
    /// Operations that had not begun and never will, by id, in the order they were given.
    pub cancelled: Vec<(OperationId, InstanceId)>,
}
