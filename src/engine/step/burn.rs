//! Error budgets that burn too fast: what is news of them, and what makes a push go back.

use crate::domain::burn::{Budget, Burn};
use crate::domain::change::Fact;
use crate::domain::fleet::Fleet;
use crate::domain::push::Push;
use crate::domain::rollback::Trigger;
use crate::domain::time::EngineTime;

use super::forward::is_waived;
use super::work::Work;

/// Records what began to burn, what ceased to, and where the old version beside it began or ceased to burn alike.
pub(super) fn learn(work: &mut Work<'_>, found: Vec<(Budget, Option<Burn>)>) {
    for (budget, burn) in found {
        let known = work.fleet().burn(&budget).map(Burn::is_shared);
        if known != burn.as_ref().map(Burn::is_shared) {
            work.record(Fact::BurnChanged { budget: Box::new(budget), burn: burn.map(Box::new) });
        }
    }
}

/// A budget that what a push brought burns by itself. One that the old version burns alike is an alert: nothing is won by going back.
pub(super) fn burning(fleet: &Fleet, push: &Push, now: EngineTime) -> Option<Trigger> {
    let own = |burn: &Burn| {
        let Budget { placement, version, objective } = &burn.budget;
        let waived = objective.metric().is_some_and(|metric| is_waived(push, metric, now));
        !burn.is_shared() && !waived && push.brings(&placement.service, &placement.environment, version)
    };
    let (burn, _) = fleet.burns().find(|(burn, _)| own(burn))?;
    Some(Trigger::Burn { burn: Box::new(burn.clone()) })
}
