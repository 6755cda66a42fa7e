//! What an approval is for, so that it counts for nothing else.

use serde::{Deserialize, Serialize};

use super::id::{Digest, ServiceId};
use super::push::Push;
use super::stage::PlannedStage;

/// One step of a push as it is when somebody agrees to it. Together with the gate it is all that an approval is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The stage that is left; `None` before the first.
    pub from: Option<u32>,
    /// The stage that is entered.
    pub to: Option<u32>,
    /// What is exposed there, service by service in the push's order.
    pub digests: Vec<(ServiceId, Digest)>,
    /// The whole way, as it was planned.
    pub stages: Vec<PlannedStage>,
}

impl Binding {
    /// The step that a push stands before.
    pub fn of(push: &Push) -> Self {
        Self {
            from: push.cursor.stage,
            to: push.next_index(),
            digests: digests(push).map(|(service, digest)| (service.clone(), digest.clone())).collect(),
            stages: push.plan.stages.clone(),
        }
    }

    /// Whether it is the step that a push stands before.
    pub fn is_of(&self, push: &Push) -> bool {
        self.from == push.cursor.stage
            && self.to == push.next_index()
            && self.digests.iter().map(|(service, digest)| (service, digest)).eq(digests(push))
            && self.stages == push.plan.stages
    }
}

fn digests(push: &Push) -> impl Iterator<Item = (&ServiceId, &Digest)> {
    push.plan.moves.iter().map(|part| (&part.service, &part.to.digest))
}
