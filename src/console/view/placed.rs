//! Where things stand in one environment, in the few words of a table cell: mark, word, progress.

use crate::console::theme::{Glyph, Role};
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use crate::domain::placement::Placement;
use crate::domain::push::{Course, Push};
use crate::domain::requirement::{self, RequirementKind};
use crate::domain::stage::Green;
use crate::domain::status::{self, Status};
use crate::domain::time::Period;

use super::line::Line;
use super::mark;

/// Where something does not run.
pub const NOT_THERE: &str = "–";

/// Some services in one environment, told as one: a group, or a single service.
pub struct Placed<'a> {
    fleet: &'a Fleet,
    /// The push that moves all of them, if one does.
    push: Option<&'a Push>,
    environment: &'a EnvironmentId,
    placements: Vec<&'a Placement>,
}

impl<'a> Placed<'a> {
    /// These services in that environment, and the push they are shown with.
    pub fn new(
        fleet: &'a Fleet,
        push: Option<&'a Push>,
        services: impl Iterator<Item = &'a ServiceId>,
        environment: &'a EnvironmentId,
    ) -> Self {
        let placements = services.filter_map(|service| fleet.placement(service, environment)).collect();
        Self { fleet, push, environment, placements }
    }

    /// Where that is.
    pub fn environment(&self) -> &'a EnvironmentId {
        self.environment
    }

    /// Whether none of them runs there at all.
    pub fn is_absent(&self) -> bool {
        self.placements.is_empty()
    }

    /// The worst status among them.
    pub fn status(&self, moment: &Moment) -> Status {
        status::worst(self.fleet, self.placements.iter().copied(), moment.now).map_or(Status::Unknown, |(status, _)| status)
    }

    /// Mark, word and progress of their worst status: `◐ baking 41/60 min`, `✗ failed 3/8 up`.
    pub fn said(&self, status: Status, moment: &Moment) -> Line {
        if self.is_absent() {
            return Line::of(Role::Dim, NOT_THERE);
        }
        let (glyph, role) = mark::of_status(status);
        let words = match self.push {
            Some(push) => self.progress(push, status, moment),
            None => None,
        };
        let words = words.unwrap_or_else(|| match status {
            Status::Failed => format!("failed {}/{} up", self.serving(), self.size()),
            Status::Converging => format!("moving {}/{}", self.settled(), self.size()),
            other => other.word().to_owned(),
        });
        Line::of(role, format!("{} {words}", glyph.symbol()))
    }

    fn progress(&self, push: &Push, status: Status, moment: &Moment) -> Option<String> {
        match status {
            Status::Baking => Some(baking(self.fleet, push, moment)),
            Status::Converging if push.is_forward() => {
                let stage = push.stage().filter(|stage| stage.environment == *self.environment)?;
                let (there, of) = self.fleet.arrived(push, stage);
                let word = if stage.green == Some(Green::Warm) { "warming" } else { "moving" };
                Some(format!("{word} {there}/{of}"))
            }
            Status::RollingBack => Some(self.on_new(push)).filter(|left| *left > 0).map(|left| format!("back, {left} left")),
            Status::RolledBack => self.old(push).map(|version| format!("back on {version}")),
            Status::WaitingApproval => Some(approvals(push)),
            Status::WaitingRequirements => Some(waits_for(self.fleet, push, moment)),
            Status::Held => {
                let word = if push.rejection.is_some() { "rejected" } else { "stopped" };
                let here = push.stage().filter(|stage| stage.environment == *self.environment);
                Some(here.map_or_else(|| word.to_owned(), |stage| format!("{word} at {}", stage.name)))
            }
            Status::Pending => Some(match push.stage() {
                Some(stage) if stage.environment != *self.environment => format!("after {}", stage.environment),
                Some(_) => "waits for siblings".to_owned(),
                None => "waits".to_owned(),
            }),
            _ => None,
        }
    }

    /// What a sibling in a group's push shows instead of the status that it shares with the group: how many are on the new version.
    pub fn counted(&self) -> Option<Line> {
        let push = self.push?;
        let (on_new, size) = (self.on_new(push), self.size());
        if self.is_absent() || self.placements.iter().any(|placement| !placement.observed) {
            return None;
        }
        let part = self.placements.first().and_then(|placement| push.move_of(&placement.id.service))?;
        let version = part.to.version.as_str();
        let reached = push.plan.stages.iter().any(|stage| stage.environment == *self.environment);
        let text = match (on_new, &push.course) {
            _ if !reached => return None,
            (0, Course::Forward | Course::Converged { .. }) => format!("  {size} to come"),
            (0, _) => format!("  {size} on {}", part.from.get(self.environment)?),
            (some, _) if some == size => format!("  {size} of {size}"),
            (some, _) => format!("  {some} of {size} on {version}"),
        };
        Some(Line::of(if on_new == size || on_new == 0 { Role::Dim } else { Role::Text }, text))
    }

    /// The share of a cell's instances that are on the push's new version, in percent: `10`, `<1`; blank where no push goes there.
    pub fn percent_new(&self, cell: &CellId) -> String {
        let Some(push) = self.push.filter(|push| push.plan.stages.iter().any(|stage| stage.environment == *self.environment))
        else {
            return String::new();
        };
        let count = |placement: &&Placement| {
            let brought = |version: &Version| push.brings(&placement.id.service, self.environment, version);
            placement.live_where(cell, |instance| brought(&instance.version))
        };
        let new: u32 = self.placements.iter().map(count).sum();
        let all: u32 = self.placements.iter().map(|placement| placement.size_in(cell)).sum();
        match (new, all) {
            (_, 0) => String::new(),
            (0, _) => "0".to_owned(),
            (new, all) if new == all => "100".to_owned(),
            (new, all) if new * 100 < all => "<1".to_owned(),
            // Never 100 before the last has arrived.
            (new, all) => (new * 100 / all).to_string(),
        }
    }

    /// Whether an alert is up on one of them in a cell.
    pub fn has_alert(&self, cell: &CellId) -> bool {
        let here = |placement: &&Placement, service: &ServiceId| placement.id.service == *service;
        self.fleet.alerts().any(|alert| {
            alert.slice.environment == *self.environment
                && alert.slice.cell == *cell
                && self.placements.iter().any(|placement| here(placement, &alert.slice.service))
        })
    }

    /// Current, target and desired in one line: `now 84 of 840 on v42     target 84     desired 840`.
    pub fn three_states(&self) -> String {
        let size = self.size();
        let Some(push) = self.push.filter(|_| !self.is_absent()) else {
            return match self.placements.as_slice() {
                [] => "does not run there".to_owned(),
                [one] => format!("now {}     target {}     desired {}", tally(&one.current()), tally(&one.target()), one.desired),
                many => {
                    let settled = many.iter().filter(|placement| placement.is_converged()).count();
                    format!("now {settled} of {} services where they should be, {size} instances", many.len())
                }
            };
        };
        let of_version = |count: &dyn Fn(&Placement, &Version) -> u32| -> u32 {
            let parts = self.placements.iter().filter_map(|placement| Some((placement, push.move_of(&placement.id.service)?)));
            parts.map(|(placement, part)| count(placement, &part.to.version)).sum()
        };
        let target = of_version(&|placement, version| placement.target().get(version).copied().unwrap_or(0));
        let desired = of_version(&|placement, version| if placement.desired == *version { placement.size() } else { 0 });
        let version = match push.plan.moves.first() {
            Some(first) if push.plan.moves.iter().all(|part| part.to.version == first.to.version) => first.to.version.as_str(),
            _ => "the new versions",
        };
        format!("now {} of {size} on {version}     target {target}     desired {desired}", self.on_new(push))
    }

    /// The version all of them had here before, if it is one.
    fn old(&self, push: &'a Push) -> Option<&'a Version> {
        let mut versions = self
            .placements
            .iter()
            .filter_map(|placement| push.move_of(&placement.id.service).and_then(|part| part.from.get(self.environment)));
        versions.next().filter(|first| versions.all(|other| other == *first))
    }

    fn size(&self) -> u32 {
        self.placements.iter().map(|placement| placement.size()).sum()
    }

    fn serving(&self) -> u32 {
        self.placements.iter().map(|placement| placement.serving()).sum()
    }

    fn settled(&self) -> usize {
        let settled = |placement: &&&Placement| {
            placement.instances().filter(|(_, _, instance)| instance.is_settled_on(&placement.desired)).count()
        };
        self.placements.iter().map(|placement| settled(&placement)).sum()
    }

    fn on_new(&self, push: &Push) -> u32 {
        let brought = |service: &ServiceId, version: &Version| push.brings(service, self.environment, version);
        let of = |placement: &Placement| -> u32 {
            placement.current().iter().filter(|(version, _)| brought(&placement.id.service, version)).map(|(_, count)| count).sum()
        };
        self.placements.iter().map(|placement| of(placement)).sum()
    }
}

fn tally(counts: &std::collections::BTreeMap<&Version, u32>) -> String {
    if counts.is_empty() {
        return "nothing seen".to_owned();
    }
    counts.iter().map(|(version, count)| format!("{count} on {version}")).collect::<Vec<_>>().join(", ")
}

fn baking(fleet: &Fleet, push: &Push, moment: &Moment) -> String {
    let requirements = requirement::of_gate(fleet, push, moment.now);
    let open = |kind| requirements.iter().any(|found| found.kind == kind && !found.state.lets_pass());
    match push.stage() {
        Some(stage) if open(RequirementKind::Bake) => {
            let (ran, of) = (push.cursor.bake.elapsed(moment.now).min(stage.bake), stage.bake);
            format!("baking {}", out_of(ran, of))
        }
        _ => format!("baking, {}", waited_for(&requirements)),
    }
}

/// `41/60 min`, `20/45 s`.
fn out_of(ran: Period, of: Period) -> String {
    if of < Period::from_mins(2) {
        format!("{}/{} s", ran.secs(), of.secs())
    } else {
        format!("{}/{} min", ran.secs() / 60, of.secs() / 60)
    }
}

fn waits_for(fleet: &Fleet, push: &Push, moment: &Moment) -> String {
    format!("waits: {}", waited_for(&requirement::of_gate(fleet, push, moment.now)))
}

/// The requirement that is worst, in a word.
fn waited_for(requirements: &[requirement::Requirement]) -> String {
    let open = requirements.iter().filter(|found| !found.state.lets_pass());
    // The first among equals: the order is that in which they are shown.
    let worst = open.min_by_key(|found| std::cmp::Reverse(found.state));
    worst.map_or_else(|| "nothing".to_owned(), |found| found.kind.to_string())
}

fn approvals(push: &Push) -> String {
    let given = push.approvals.iter().filter(|approval| approval.is_for(push)).count();
    let needed = push.approval_rule().map_or(1, |rule| rule.needed);
    format!("approval {given} of {needed}")
}

/// The mark of an alert, before a number or, where the column has no room for both, alone.
pub fn alerted(number: &str) -> String {
    let number = if number.len() > 2 { "" } else { number };
    format!("{}{number}", Glyph::Alert.symbol())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bake_is_told_in_the_unit_of_its_length() {
        assert_eq!(out_of(Period::from_mins(41), Period::from_mins(60)), "41/60 min");
        assert_eq!(out_of(Period::from_secs(20), Period::from_secs(45)), "20/45 s");
    }
}
