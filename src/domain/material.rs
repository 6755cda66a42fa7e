//! What an operator saw when they decided: carried in the command by value, compared by value.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::door;
use super::fleet::Fleet;
use super::id::{Digest, FlagId, PersonId, PushId, ServiceId, Version};
use super::metric::SliceId;
use super::push::{Hold, Push};
use super::requirement::{self, RequirementKind, RequirementState};
use super::status::{self, Status};
use super::time::EngineTime;

/// Everything about a push that bears on a decision, independent of any screen. The dialog shows all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Material {
    /// The push's status. Shown; not compared, since it follows from the rest.
    pub status: Status,
    /// The stage it is in.
    pub stage: Option<u32>,
    /// The stage that a fix comes back to, while it is on its way through the earlier environments.
    pub resumes_at: Option<u32>,
    /// Whether it goes forward at all.
    pub forward: bool,
    /// What moves, by tag and digest.
    pub releases: Vec<(ServiceId, Version, Digest)>,
    /// How each requirement of the gate stands.
    #[serde(with = "pairs")]
    pub requirements: BTreeMap<RequirementKind, RequirementState>,
    /// What holds it: by whom, in words.
    pub holds: BTreeSet<String>,
    /// What was taken out of its stage: `gateway went back alone`, `eu is drained`.
    #[serde(default)]
    pub taken_out: BTreeSet<String>,
    /// One-way doors that the next step passes: `index v42`.
    #[serde(default)]
    pub doors: BTreeSet<String>,
    /// Alerts on the services that move.
    pub alerts: BTreeSet<SliceId>,
    /// Who has approved the gate.
    pub approvals: BTreeSet<PersonId>,
    /// Feeds that are not live.
    pub lost_feeds: BTreeSet<String>,
    /// Flags that what moves stands behind and that are off, or not on everywhere: what is measured says little of it.
    #[serde(default)]
    pub flags_off: BTreeSet<FlagId>,
}

/// One thing that is no longer as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialChange {
    /// What.
    pub field: String,
    /// As it was seen.
    pub saw: String,
    /// As it is.
    pub now: String,
}

impl Material {
    /// What bears on a decision about a push now; `None` for a push that is not known.
    pub fn of(fleet: &Fleet, push: PushId, now: EngineTime) -> Option<Self> {
        let push = fleet.push(push)?;
        Some(Self {
            status: status::of_push(fleet, push, now),
            stage: push.cursor.stage,
            resumes_at: push.detour().map(|fix| fix.resume_at),
            forward: push.is_forward() && push.rejection.is_none(),
            releases: push
                .plan
                .moves
                .iter()
                .map(|part| (part.service.clone(), part.to.version.clone(), part.to.digest.clone()))
                .collect(),
            requirements: requirement::of_gate(fleet, push, now).into_iter().map(|found| (found.kind, found.state)).collect(),
            holds: push.holds.iter().map(Hold::holder).collect(),
            taken_out: taken_out(push),
            doors: door::at_next(push).iter().map(|door| format!("{} {}", door.service, door.version)).collect(),
            alerts: fleet.alerts.keys().filter(|slice| push.move_of(&slice.service).is_some()).cloned().collect(),
            approvals: push.approvals.iter().map(|approval| approval.by.clone()).collect(),
            lost_feeds: fleet.lost_feeds().map(|feed| feed.word().to_owned()).collect(),
            flags_off: fleet
                .flags_of(push)
                .into_iter()
                .filter(|(_, state)| !state.on || state.all.is_none() && state.switched.is_some())
                .map(|(flag, _)| flag.id.clone())
                .collect(),
        })
    }

    /// What has become worse, or different in kind, since `self` was seen. What only improved is no reason to refuse.
    pub fn worsened(&self, now: &Self) -> Vec<MaterialChange> {
        let mut changes = Vec::new();
        let mut differs =
            |field: &str, saw: String, is: String| changes.push(MaterialChange { field: field.to_owned(), saw, now: is });
        if self.forward && !now.forward {
            differs("way", "forward".into(), now.status.word().into());
        }
        if self.stage != now.stage {
            differs("stage", stage_word(self.stage), stage_word(now.stage));
        }
        if self.resumes_at != now.resumes_at {
            differs("fix", resumes_word(self.resumes_at), resumes_word(now.resumes_at));
        }
        if self.releases != now.releases {
            differs(
                "releases",
                list(self.releases.iter().map(|(_, version, _)| version)),
                list(now.releases.iter().map(|(_, version, _)| version)),
            );
        }
        for (kind, state) in &now.requirements {
            let saw = self.requirements.get(kind);
            // A waiver is for whoever decides to see: it lets pass what did not hold when they looked.
            let waived = *state == RequirementState::Waived && saw != Some(&RequirementState::Waived);
            if waived || saw.is_none_or(|saw| state > saw) && !state.lets_pass() {
                differs(
                    &kind.to_string(),
                    saw.map_or_else(|| "absent".into(), |saw| state_word(*saw).into()),
                    state_word(*state).into(),
                );
            }
        }
        for hold in now.holds.difference(&self.holds) {
            differs("hold", "none".into(), format!("held by {hold}"));
        }
        for what in now.taken_out.difference(&self.taken_out) {
            differs("in step", "yes".into(), what.clone());
        }
        for door in now.doors.difference(&self.doors) {
            differs("one-way door", "none".into(), door.clone());
        }
        for alert in now.alerts.difference(&self.alerts) {
            differs("alert", "none".into(), format!("{} of {} in {}", alert.metric, alert.service, alert.cell));
        }
        for feed in now.lost_feeds.difference(&self.lost_feeds) {
            differs("feed", format!("{feed} live"), format!("{feed} lost"));
        }
        for flag in now.flags_off.difference(&self.flags_off) {
            differs("flag", format!("{flag} on"), format!("{flag} not on everywhere"));
        }
        changes
    }
}

/// A requirement's state in the words of the screens.
pub const fn state_word(state: RequirementState) -> &'static str {
    match state {
        RequirementState::Met => "met",
        RequirementState::Waived => "waived",
        RequirementState::Pending => "not yet",
        RequirementState::Unmet => "not met",
        RequirementState::Broken => "check broken",
    }
}

fn taken_out(push: &Push) -> BTreeSet<String> {
    let apart = push.apart.keys().map(|service| format!("{service} went back alone"));
    apart.chain(push.drained.iter().map(|drained| format!("{} is drained", drained.cell))).collect()
}

fn stage_word(stage: Option<u32>) -> String {
    stage.map_or_else(|| "before the first".to_owned(), |stage| format!("step {}", stage + 1))
}

fn resumes_word(stage: Option<u32>) -> String {
    stage.map_or_else(|| "none on its way".to_owned(), |stage| format!("one comes back to step {}", stage + 1))
}

fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// JSON has no maps keyed by anything but text, so these are written as pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{RequirementKind, RequirementState};

    type Requirements = BTreeMap<RequirementKind, RequirementState>;

    pub fn serialize<S: Serializer>(map: &Requirements, to: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Requirements, D::Error> {
        Ok(Vec::<(RequirementKind, RequirementState)>::deserialize(from)?.into_iter().collect())
    }
}
