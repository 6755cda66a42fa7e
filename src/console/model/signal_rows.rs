//! The rows of the Signals screen: every judged slice of the selection, the worst first.

use crate::domain::fleet::Fleet;
use crate::domain::id::ServiceId;
use crate::domain::metric::{Judgement, SliceId, Standing};
use crate::domain::push::Push;
use crate::domain::time::EngineTime;

/// A judged slice.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalRow {
    /// Which.
    pub slice: SliceId,
    /// How it stands, and since when.
    pub judgement: Judgement,
    /// The limit it is held to, in the metric's unit.
    pub limit: Option<f64>,
    /// Whether its version is the new one of an open push.
    pub is_new: bool,
    /// Whether an alert is up that nobody has acknowledged.
    pub alert: bool,
}

/// The rows: beyond their limit first, then without data, then too few to judge; of equals, what belongs to a new version first.
pub(super) fn rows(fleet: &Fleet, services: &[ServiceId], now: EngineTime) -> Vec<SignalRow> {
    let mut rows: Vec<SignalRow> = fleet
        .judgements()
        .filter(|(slice, _)| services.is_empty() || services.contains(&slice.service))
        .map(|(slice, judgement)| SignalRow {
            slice: slice.clone(),
            judgement: judgement.clone(),
            limit: fleet.threshold(&slice.service, slice.metric).map(|threshold| threshold.limit),
            is_new: fleet.open_pushes_of(&slice.service).any(|push| is_new(push, slice)),
            alert: fleet.alert(slice).is_some_and(|alert| !alert.is_acknowledged(now)),
        })
        .collect();
    // Stable: of equals, the order of identities stays, so that rows do not dance.
    rows.sort_by_key(|row| (!row.alert, rank(&row.judgement.standing), !row.is_new));
    rows
}

fn is_new(push: &Push, slice: &SliceId) -> bool {
    push.brings(&slice.service, &slice.environment, &slice.version)
}

const fn rank(standing: &Standing) -> u8 {
    match standing {
        Standing::Beyond { .. } => 0,
        Standing::NoData { .. } => 1,
        Standing::SharedFault { .. } => 2,
        Standing::TooFew { .. } => 3,
        Standing::Within { .. } => 4,
    }
}
