//! What a dialog says: worked out from the facts at the moment it is opened, with everything that is not good in full.

mod blast_radius;

use crate::domain::explain::{self, Moment};
use crate::domain::feed::Feed;
use crate::domain::fleet::Fleet;
use crate::domain::id::{Digest, PersonId};
use crate::domain::push::Push;
use crate::domain::requirement::{self, Requirement, RequirementKind, RequirementState};
use crate::domain::rollback::{Manner, RollbackStep, StepKind};
use crate::domain::service::Release;
use crate::domain::stage::{Advance, PlannedStage};
use crate::domain::time::{EngineTime, Period};

use super::dialog::Line;
use super::overlay::Asking;
use super::timeline::Tone;
use super::{waiting, words};

pub(super) fn line(tone: Tone, text: impl Into<String>) -> Line {
    Line { text: text.into(), tone }
}

/// A forward verb on a push, and what is known of it.
pub(super) struct About<'a> {
    pub fleet: &'a Fleet,
    pub push: &'a Push,
    pub asking: Asking,
    pub moment: &'a Moment,
}

impl About<'_> {
    /// What the verb would do, in sentences.
    pub(super) fn forward(&self) -> Vec<Line> {
        let Self { fleet, push, moment, .. } = *self;
        let requirements = requirement::of_gate(fleet, push, moment.now);
        let mut lines = vec![line(Tone::Plain, self.way()), line(Tone::Waiting, self.consequence(&requirements))];
        lines.extend(blast_radius::in_full(fleet, push));
        lines.extend(self.not_good(&requirements));
        let met: Vec<_> = met(&requirements).map(|requirement| requirement.kind.to_string()).collect();
        if !met.is_empty() {
            lines.push(line(Tone::Good, format!("{} met: {}.", met.len(), met.join(", "))));
        }
        lines.push(line(Tone::Plain, releases(push.plan.moves.iter().map(|part| &part.to))));
        lines.push(line(Tone::Plain, format!("Back: {}.", explain::push(fleet, push, moment).back)));
        lines
    }

    /// What is not good, and what is, whatever is asked: the ground that the decision is compared with.
    pub(super) fn standing(&self) -> Vec<Line> {
        let requirements = requirement::of_gate(self.fleet, self.push, self.moment.now);
        let mut lines = blast_radius::in_full(self.fleet, self.push);
        lines.extend(self.not_good(&requirements));
        let met: Vec<_> = met(&requirements).map(|requirement| requirement.kind.to_string()).collect();
        lines.extend((!met.is_empty()).then(|| line(Tone::Good, format!("{} met: {}.", met.len(), met.join(", ")))));
        lines.push(line(Tone::Plain, releases(self.push.plan.moves.iter().map(|part| &part.to))));
        lines.push(line(Tone::Plain, format!("Back: {}.", explain::push(self.fleet, self.push, self.moment).back)));
        lines
    }

    /// The same in the fewest rows: what is not good in full all the same, what is good counted by kind.
    pub(super) fn brief(&self, title: &str) -> Vec<Line> {
        let Self { fleet, push, moment, .. } = *self;
        let requirements = requirement::of_gate(fleet, push, moment.now);
        let mut lines =
            vec![line(Tone::Plain, format!("{title}: {}.", self.step())), line(Tone::Waiting, self.outset(&requirements))];
        lines.extend(blast_radius::in_brief(fleet, push));
        // An approval that is asked for is what is being given: it is no fault of the push.
        let asked = |found: &Requirement| found.kind == RequirementKind::Approval && self.asking == Asking::Approve;
        let others: Vec<_> = requirements.iter().filter(|found| !asked(found)).cloned().collect();
        lines.extend(self.not_good(&others));
        lines.extend(self.good_in_brief(&requirements));
        lines
    }

    /// What [`Self::standing`] says in the fewest rows: what is only not there yet is named in one of them. What is asked for is told
    /// already.
    pub(super) fn standing_in_brief(&self, asked: Option<&RequirementKind>) -> Vec<Line> {
        let requirements = requirement::of_gate(self.fleet, self.push, self.moment.now);
        let others = requirements.iter().filter(|found| asked != Some(&found.kind)).cloned();
        let (pending, others): (Vec<_>, Vec<_>) = others.partition(|found| found.state == RequirementState::Pending);
        let mut lines = blast_radius::in_brief(self.fleet, self.push);
        lines.extend(self.not_good(&others));
        let names: Vec<_> = pending.iter().map(|found| found.kind.to_string()).collect();
        lines.extend((!names.is_empty()).then(|| line(Tone::Waiting, format!("{} not yet: {}.", names.len(), names.join(", ")))));
        lines.extend(self.good_in_brief(&requirements));
        lines
    }

    /// What is met, counted by kind, what is in it, and the way back.
    fn good_in_brief(&self, requirements: &[Requirement]) -> Vec<Line> {
        let Self { fleet, push, moment, .. } = *self;
        let mut lines = Vec::new();
        let metrics = met(requirements).filter(|found| matches!(found.kind, RequirementKind::Threshold { .. })).count();
        let mut kinds: Vec<_> = met(requirements)
            .filter(|found| !matches!(found.kind, RequirementKind::Threshold { .. }))
            .map(|found| found.kind.to_string())
            .collect();
        kinds.extend((metrics > 0).then(|| words::counted(metrics as u32, "metric")));
        if !kinds.is_empty() {
            lines.push(line(Tone::Good, format!("{} met: {}.", met(requirements).count(), kinds.join(", "))));
        }
        lines.push(line(Tone::Plain, releases_in_brief(push.plan.moves.iter().map(|part| &part.to))));
        let back = push.way_back.as_ref().map_or_else(
            || explain::push(fleet, push, moment).back,
            |plan| match plan.users_safe {
                _ if plan.kept.is_some() => explain::push(fleet, push, moment).back,
                Period::ZERO => format!("all back in {}; no user meets it now", plan.all_old),
                safe => format!("users safe after {safe}, all back in {}", plan.all_old),
            },
        );
        lines.push(line(Tone::Plain, format!("Back: {back}.")));
        lines
    }

    /// `PRODUCTION (protected): 10 % → 33 %, index, blob and gateway`.
    fn way(&self) -> String {
        let services: Vec<_> = self.push.plan.moves.iter().map(|part| part.service.as_str()).collect();
        let Some(next) = self.push.next_stage().or_else(|| self.push.stage()) else { return format!("{}.", services.join(", ")) };
        let protected = if self.is_protected(next) { " (protected)" } else { "" };
        format!("{}{protected}: {} → {}, {}.", self.place(next), self.from(next), next.name, services.join(", "))
    }

    /// `33 % in PRODUCTION`.
    fn step(&self) -> String {
        let next = self.push.next_stage().or_else(|| self.push.stage());
        next.map_or_else(String::new, |next| format!("{} in {}", next.name, self.place(next)))
    }

    fn is_protected(&self, stage: &PlannedStage) -> bool {
        self.fleet.declaration().environment(&stage.environment).is_some_and(|environment| environment.protected)
    }

    fn place(&self, stage: &PlannedStage) -> String {
        let name = stage.environment.as_str();
        if self.is_protected(stage) { name.to_uppercase() } else { name.to_owned() }
    }

    /// Where it comes from, as seen from the stage it goes to.
    fn from(&self, next: &PlannedStage) -> String {
        match self.push.stage() {
            Some(stage) if stage.environment != next.environment => explain::entered(Some(stage)),
            Some(stage) => stage.name.clone(),
            None => "nothing".to_owned(),
        }
    }

    /// What a yes sets off.
    fn consequence(&self, requirements: &[Requirement]) -> String {
        let from = self.push.stage().map_or_else(|| "nothing".to_owned(), |stage| stage.name.clone());
        let to = explain::entered(self.push.next_stage());
        match self.sets_off(requirements) {
            SetsOff::Step => format!("{from} → {to} STARTS AT ONCE."),
            SetsOff::Movement => format!("It moves again from {from}; everything that is met then takes it to {to} by itself."),
            SetsOff::Go => format!("This is the last approval; {from} → {to} then waits for somebody's go (p)."),
            SetsOff::StepByApproval => format!("This is the last approval: {from} → {to} STARTS AT ONCE."),
            SetsOff::StepLater => {
                format!("This is the last approval: {from} → {to} then starts by itself as soon as the rest is met.")
            }
            SetsOff::Nothing { missing, needed } => {
                format!("After yours, {missing} more of {needed} approvals are missing before {to}.")
            }
        }
    }

    /// The same in a few words.
    fn outset(&self, requirements: &[Requirement]) -> String {
        let given: Vec<_> = waiting::given(self.push).map(PersonId::as_str).collect();
        let given = if given.is_empty() { String::new() } else { format!(" ({} gave one)", given.join(", ")) };
        match self.sets_off(requirements) {
            SetsOff::Step => "It STARTS AT ONCE.".to_owned(),
            SetsOff::Movement => "It moves again, and goes on by itself when all is met.".to_owned(),
            SetsOff::Go => format!("The last approval{given}; then it waits for a go (p)."),
            SetsOff::StepByApproval => format!("The last approval{given}: it STARTS AT ONCE."),
            SetsOff::StepLater => format!("The last approval{given}: starts when the rest is met."),
            SetsOff::Nothing { missing, needed } => format!("After yours {missing} of {needed} approvals are missing."),
        }
    }

    fn sets_off(&self, requirements: &[Requirement]) -> SetsOff {
        let rest_met =
            requirements.iter().all(|requirement| requirement.state.lets_pass() || requirement.kind == RequirementKind::Approval);
        let by_hand = self.push.stage().is_some_and(|stage| stage.advance == Advance::Hand);
        match self.asking {
            Asking::Promote => SetsOff::Step,
            Asking::Resume => SetsOff::Movement,
            _ => {
                let needed = self.push.approval_rule().map_or(0, |rule| rule.needed);
                let missing = needed.saturating_sub(waiting::given(self.push).count() as u32 + 1);
                match (missing, rest_met, by_hand) {
                    (0, _, true) => SetsOff::Go,
                    (0, true, false) => SetsOff::StepByApproval,
                    (0, false, false) => SetsOff::StepLater,
                    (missing, ..) => SetsOff::Nothing { missing, needed },
                }
            }
        }
    }

    /// What is not good, each in full.
    fn not_good(&self, requirements: &[Requirement]) -> Vec<Line> {
        let mut lines = Vec::new();
        for requirement in requirements.iter().filter(|requirement| requirement.state != RequirementState::Met) {
            if requirement.kind == RequirementKind::Approval && self.asking == Asking::Approve {
                lines.push(line(Tone::Plain, format!("Approvals: {}.", requirement.why)));
                continue;
            }
            let tone = if requirement.state == RequirementState::Pending { Tone::Waiting } else { Tone::Bad };
            let state = crate::domain::material::state_word(requirement.state);
            lines.push(line(tone, format!("{} {state}: {}.", requirement.kind, requirement.why)));
        }
        for alert in self.fleet.alerts().filter(|alert| self.push.move_of(&alert.slice.service).is_some()) {
            let metric = alert.slice.metric;
            let text = format!(
                "Alert: {}, {}, limit {}.",
                words::slice_name(&alert.slice),
                metric.show(alert.value),
                metric.show(alert.limit)
            );
            lines.push(line(Tone::Bad, text));
        }
        let flags = self.fleet.flags_of(self.push).into_iter();
        lines.extend(flags.filter_map(|(flag, state)| {
            let told = state.told_of(flag, self.moment)?;
            Some(line(Tone::Bad, format!("What is measured says little of what stands behind it: {told}.")))
        }));
        for hold in &self.push.holds {
            let reason = hold.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            lines.push(line(Tone::Bad, format!("Stopped by {}{reason}.", hold.holder())));
        }
        let lost: Vec<_> = self.fleet.lost_feeds().map(Feed::word).collect();
        if !lost.is_empty() {
            lines.push(line(Tone::Bad, format!("Not live: {}.", lost.join(", "))));
        }
        lines
    }
}

/// What a yes sets off.
enum SetsOff {
    /// The next step, at once.
    Step,
    /// The same, because it is the last approval.
    StepByApproval,
    /// The next step, once the rest is met.
    StepLater,
    /// Somebody is asked to let it go on.
    Go,
    /// It moves again from where it stands.
    Movement,
    /// Nothing yet: so many approvals of so many are still missing afterwards.
    Nothing { missing: u32, needed: u32 },
}

fn met(requirements: &[Requirement]) -> impl Iterator<Item = &Requirement> {
    requirements.iter().filter(|requirement| requirement.state == RequirementState::Met)
}

/// What moves, by tag and by the beginning of its digest.
fn releases<'a>(releases: impl Iterator<Item = &'a Release>) -> String {
    let each: Vec<_> = releases
        .map(|release| {
            let door = if release.one_way.is_some() { ", ONE-WAY DOOR" } else { "" };
            format!("{} {} {} ({} commits{door})", release.service, release.version, short(&release.digest), release.commits)
        })
        .collect();
    format!("In it: {}.", each.join("; "))
}

/// The same in the fewest cells: a tag that all share once, six characters of each digest.
pub(super) fn releases_in_brief<'a>(releases: impl Iterator<Item = &'a Release>) -> String {
    let releases: Vec<_> = releases.collect();
    let shared = releases.first().map(|first| &first.version).filter(|tag| releases.iter().all(|other| other.version == **tag));
    let each: Vec<_> = releases
        .iter()
        .map(|release| {
            let tag = if shared.is_some() { String::new() } else { format!(" {}", release.version) };
            let door = if release.one_way.is_some() { " ONE-WAY DOOR" } else { "" };
            format!("{}{tag} {:.6}{door}", release.service, short(&release.digest))
        })
        .collect();
    let commits: u32 = releases.iter().map(|release| release.commits).sum();
    let tag = shared.map(|tag| format!(" {tag}")).unwrap_or_default();
    format!("In{tag}, {commits} commits: {}.", each.join(", "))
}

/// Enough of a digest to tell two apart by eye: twelve characters after its algorithm.
pub(super) fn short(digest: &Digest) -> String {
    let text = digest.as_str();
    text.rsplit_once(':').map_or(text, |(_, hex)| hex).chars().take(12).collect()
}

/// What rejecting a push would do.
pub(super) fn reject(push: &Push) -> Vec<Line> {
    let here = explain::entered(push.stage());
    let here = if push.stage().is_some() {
        format!("It stays exposed at {here}; r takes it back.")
    } else {
        "Nothing has moved yet.".to_owned()
    };
    vec![line(Tone::Waiting, "Nothing of this push goes forward any more; a fix is a new push."), line(Tone::Plain, here)]
}

/// The way back, step by step, as far as it is known.
pub(super) fn way_back(fleet: &Fleet, push: &Push, manner: Manner, now: EngineTime) -> Vec<Line> {
    let mut lines = vec![line(Tone::Plain, "Its stop was asked for with this key. Enter takes it back, Esc leaves it stopped.")];
    if manner == Manner::Fast {
        lines.push(line(Tone::Bad, format!("Fast: skips {}.", manner.skips())));
    }
    let Some(plan) = &push.way_back else {
        let text = if push.cursor.stage.is_none() {
            "Nothing has moved yet."
        } else {
            "The steps are being worked out; it can go back all the same."
        };
        lines.push(line(Tone::Waiting, text));
        return lines;
    };
    let is_flag = |step: &&RollbackStep| matches!(step.kind, StepKind::FlagOff { .. });
    let flags = words::steps(plan).filter(is_flag).map(|step| format!("; {}, {}", words::way_step(&step.kind), step.takes));
    let flags = flags.collect::<Vec<_>>().concat();
    for step in words::steps(plan).filter(|step| !is_flag(step)) {
        let size = words::batches(step).map(|size| format!(", {size}")).unwrap_or_default();
        let safe = if matches!(step.kind, StepKind::Drain | StepKind::SwitchBack { .. }) { ": then USERS SAFE" } else { "" };
        // One row with the stop: neither waits for anything.
        let flags = if step.kind == StepKind::Stop { flags.as_str() } else { "" };
        let takes = if step.takes.is_zero() { "at once".to_owned() } else { format!("takes {}", step.takes) };
        lines.push(line(Tone::Plain, format!("{}{size}, {takes}{safe}{flags}", words::way_step(&step.kind))));
    }
    let about = if manner == Manner::Fast { "at most " } else { "" };
    lines.push(line(
        Tone::Waiting,
        format!("USERS SAFE after {about}{}, ALL ON the old version after {about}{}.", plan.users_safe, plan.all_old),
    ));
    if plan.kept.is_some() && plan.barred.is_empty() {
        lines.push(line(Tone::Good, "Blue is warm: traffic returns to it at once, and nothing is installed where it is kept."));
    }
    if plan.shortfall > 0 {
        lines.push(line(Tone::Bad, format!("Up to {} instances fewer than needed serve meanwhile.", plan.shortfall)));
    }
    lines.extend(explain::remains(fleet, push, now).into_iter().map(|text| line(Tone::Bad, format!("Not as before: {text}."))));
    for barred in &plan.barred {
        lines.push(line(Tone::Bad, format!("ONE-WAY DOOR: {}; instead: {}.", barred.why, barred.instead)));
    }
    if let Some(door) = &plan.next_door {
        lines.push(line(Tone::Plain, format!("The next one-way door is {} {}, at {}.", door.service, door.version, door.stage)));
    }
    lines
}
