//! Flags: off at once and by anybody, on only by those who answer for the service and who saw how it stands.

use crate::domain::change::Fact;
use crate::domain::command::{FlagSight, Outcome};
use crate::domain::id::FlagId;
use crate::domain::start;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    /// Twice off is off once.
    pub(super) fn flag_off(&self, id: &FlagId) -> Verdict {
        match self.fleet.flag(id) {
            None => refuse(format!("there is no flag {id}; `pushdeck status --json` names those there are")),
            Some((_, state)) if !state.on => Ok(Vec::new()),
            Some(_) => Ok(vec![self.switched(id, false)]),
        }
    }

    pub(super) fn flag_on(&self, id: &FlagId, seen: &FlagSight) -> Verdict {
        let (Some((flag, state)), Some(now)) = (self.fleet.flag(id), FlagSight::of(self.fleet, id)) else {
            return refuse(format!("there is no flag {id}; `pushdeck status --json` names those there are"));
        };
        let owners = self.fleet.declaration().group_of(&flag.service).map(|group| &group.owners);
        if let Some(role) = owners.filter(|role| !self.fleet.declaration().has_role(self.actor, std::slice::from_ref(*role))) {
            return refuse(format!("{} does not answer for {}; anybody of {role} can switch {id} on", self.actor, flag.service));
        }
        if *seen != now {
            return refuse(format!("{id} or a push of {} is no longer as you saw it; look again, then switch it on", flag.service));
        }
        start::seeing(self.fleet).map_err(Outcome::refused)?;
        if state.on {
            return Err(Outcome::Superseded { by: format!("{id} is on already") });
        }
        if let Some(push) = self.fleet.open_pushes_of(&flag.service).find(|push| !push.is_forward()) {
            return refuse(format!("{} is going back and keeps {id} off; switch it on when it is back", push.plan.name));
        }
        // Whoever approved saw numbers of the other path.
        let lost = self.fleet.open_pushes_of(&flag.service).filter(|push| !push.approvals.is_empty());
        let why = format!("{} switched flag {id} on", self.actor);
        let lost = lost.map(|push| Act::Record(Fact::ApprovalsSuperseded { push: push.id(), why: why.clone() }));
        Ok(std::iter::once(self.switched(id, true)).chain(lost).collect())
    }

    fn switched(&self, flag: &FlagId, on: bool) -> Act {
        Act::Record(Fact::FlagSwitched { flag: flag.clone(), on, by: self.by() })
    }
}
