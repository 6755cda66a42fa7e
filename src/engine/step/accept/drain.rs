//! No request to the new version in one cell, the push stopped, the instances kept.

use crate::domain::change::Fact;
use crate::domain::command::Outcome;
use crate::domain::explain;
use crate::domain::id::{CellId, PushId};
use crate::domain::push::{Course, Drained};

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn drain(&self, id: PushId, cell: &CellId, reason: Option<&String>) -> Verdict {
        let push = self.known(id)?;
        let name = &push.plan.name;
        match &push.course {
            Course::Forward => {}
            Course::Back { .. } | Course::RollbackFailed { .. } => {
                return refuse(format!("{name} is going back and takes its new version out of every cell; R makes it faster"));
            }
            Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. } => {
                return self.too_late(push);
            }
        }
        let Some(environment) = push.environment().and_then(|environment| self.fleet.declaration().environment(environment)) else {
            return refuse(format!("{name} has not begun; s stops it before it does"));
        };
        if !environment.cells.iter().any(|known| known.id == *cell) {
            let known: Vec<_> = environment.cells.iter().map(|cell| cell.id.as_str()).collect();
            let verb = if known.len() == 1 { "there is" } else { "there are" };
            return refuse(format!("there is no {cell} in {}; {verb} {} to drain", environment.id, explain::listed(&known)));
        }
        if let Some(before) = push.drained.iter().find(|drained| drained.environment == environment.id && drained.cell == *cell) {
            return Err(Outcome::Superseded { by: format!("{} drained it already, {}", before.by, self.ago(before.since)) });
        }
        let exposed = push.plan.moves.iter().any(|part| {
            let here = self.fleet.placement(&part.service, &environment.id);
            here.is_some_and(|placement| {
                let new = &part.to.version;
                placement.count_where(cell, |instance| instance.version == *new || instance.heading_for() == new) > 0
            })
        });
        if !exposed {
            return refuse(format!("nothing of {name} is on the new version in {cell}; s stops it where it is"));
        }
        let drained = Drained {
            environment: environment.id.clone(),
            cell: cell.clone(),
            by: self.by(),
            since: self.work.now,
            reason: reason.cloned(),
        };
        let mut acts = self.hold_acts(push, reason);
        acts.push(Act::Record(Fact::CellDrained { push: id, drained }));
        Ok(acts)
    }
}
