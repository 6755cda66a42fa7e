//! From counts of bad requests to which error budgets pushes burn.

use crate::domain::burn::{Budget, Burn};
use crate::domain::environment::Environment;
use crate::domain::fleet::Fleet;
use crate::domain::id::PlacementId;
use crate::domain::slo::Objective;
use crate::domain::time::EngineTime;
use crate::evidence::burn::{Arms, BurnLedger};

/// How what open pushes brought to users burns budgets, and that those do not burn any more of which no open push runs anything.
pub(super) fn burned(ledger: &BurnLedger, fleet: &Fleet, now: EngineTime) -> Vec<(Budget, Option<Burn>)> {
    let mut found = Vec::new();
    for push in fleet.pushes().filter(|push| push.is_open()) {
        for part in &push.plan.moves {
            let Some(service) = fleet.declaration().service(&part.service) else { continue };
            let objectives: Vec<Objective> = service.objectives().collect();
            let places = part.from.iter().filter(|(place, _)| {
                fleet.declaration().environment(place).is_some_and(Environment::has_users) && push.has_been_in(place)
            });
            for (environment, old) in places {
                let placement = PlacementId::new(part.service.clone(), environment.clone());
                for new in part.replaced.iter().chain([&part.to.version]).filter(|new| *new != old) {
                    found.extend(ledger.burns(Arms { placement: &placement, new, old }, &objectives, now));
                }
            }
        }
    }
    let runs = |budget: &Budget| {
        fleet.placement_by_id(&budget.placement).is_some_and(|placement| placement.current().contains_key(&budget.version))
            && fleet.open_pushes_of(&budget.placement.service).next().is_some()
    };
    let gone = fleet.burns().map(|(burn, _)| &burn.budget).filter(|budget| !runs(budget));
    found.extend(gone.map(|budget| (budget.clone(), None)).collect::<Vec<_>>());
    found
}
