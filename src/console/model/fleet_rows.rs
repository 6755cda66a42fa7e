//! The rows of the Fleet screen: only what moves, waits or failed has one; the quiet rest stands behind its group's name.

use crate::domain::id::{GroupId, PushId, ServiceId};
use crate::domain::status::Status;

/// A row of the Fleet screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FleetRow {
    /// A group's name, and what stands behind it.
    Group {
        /// Which group.
        id: GroupId,
        /// Its services without a row of their own: all converged and without an alert.
        quiet: u32,
        /// The worst status of all its services.
        status: Status,
        /// The push that moves the whole group, if one does or last did and is not acknowledged.
        push: Option<PushId>,
    },
    /// A service that moves, waits, failed or has an alert.
    Service {
        /// Which service.
        id: ServiceId,
        /// Its group.
        group: GroupId,
        /// Its worst status over all environments.
        status: Status,
        /// The push that moves it, or moved it last and is not acknowledged.
        push: Option<PushId>,
    },
}
