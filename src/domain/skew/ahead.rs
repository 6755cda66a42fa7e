//! Whether what a push would bring belongs together, and beside what stays as it is: asked before it begins.
//!
//! Only what releases say of one another counts here. That siblings were moved together once does not keep one of them from going on.

use std::collections::BTreeSet;

use super::super::fleet::Fleet;
use super::super::id::{EnvironmentId, ServiceId, Version};
use super::super::push::{Move, PushPlan};
use super::declared;

/// Two siblings that a push would set beside each other although a release of them says that they do not belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuledOut {
    /// `gateway v43 was tested beside index v42, not v41, which index runs in production`.
    pub why: String,
    /// What would work: `name index@v42 as well`.
    pub instead: String,
}

impl RuledOut {
    /// Both, as one sentence.
    pub fn words(&self) -> String {
        format!("{}; {}", self.why, self.instead)
    }
}

/// The first pair that a push so planned would set together although it does not belong together.
pub fn ruled_out(fleet: &Fleet, plan: &PushPlan) -> Option<RuledOut> {
    among(fleet, plan).or_else(|| beside(fleet, plan))
}

/// Of two that the push brings.
fn among(fleet: &Fleet, plan: &PushPlan) -> Option<RuledOut> {
    let pairs = plan.moves.iter().enumerate().flat_map(|(at, one)| plan.moves.iter().skip(at + 1).map(move |other| (one, other)));
    pairs.into_iter().find_map(|(one, other)| {
        let why = said(fleet, (&one.service, &one.to.version), (&other.service, &other.to.version))?;
        let instead = swap(fleet, one, other).or_else(|| swap(fleet, other, one));
        let instead = instead.unwrap_or_else(|| untested(&one.service, &other.service));
        Some(RuledOut { why: format!("{why}, and this push brings both"), instead })
    })
}

/// Of one that it brings, and one that stays.
fn beside(fleet: &Fleet, plan: &PushPlan) -> Option<RuledOut> {
    let environments: BTreeSet<&EnvironmentId> = plan.stages.iter().map(|stage| &stage.environment).collect();
    beside_in(fleet, plan, &environments)
}

/// The same of a push on its way, where it would go next: what stays may have become another version since it began.
pub fn ruled_out_next(fleet: &Fleet, plan: &PushPlan, environment: &EnvironmentId) -> Option<RuledOut> {
    beside_in(fleet, plan, &BTreeSet::from([environment]))
}

fn beside_in(fleet: &Fleet, plan: &PushPlan, environments: &BTreeSet<&EnvironmentId>) -> Option<RuledOut> {
    let siblings = &fleet.declaration().group(&plan.group)?.services;
    let staying = || siblings.iter().filter(|sibling| plan.moves.iter().all(|part| part.service != **sibling));
    plan.moves.iter().find_map(|part| {
        let new = (&part.service, &part.to.version);
        staying().flat_map(|sibling| environments.iter().map(move |environment| (sibling, *environment))).find_map(
            |(sibling, environment)| {
                let mut met = met(fleet, plan, sibling, environment).into_iter();
                let (version, why) = met.find_map(|version| said(fleet, new, (sibling, &version)).map(|why| (version, why)))?;
                let instead = fitting(fleet, sibling, new).map(|fits| format!("name {sibling}@{fits} as well"));
                let other = || fitting(fleet, &part.service, (sibling, &version)).filter(|fits| *fits != part.to.version);
                let instead = instead.or_else(|| other().map(|fits| format!("name {}@{fits} instead", part.service)));
                let instead = instead.unwrap_or_else(|| untested(&part.service, sibling));
                Some(RuledOut { why: format!("{why}, and {sibling} runs {version} in {environment}"), instead })
            },
        )
    })
}

/// The versions of a sibling that the push would meet: those that may run now. What follows another in a train comes after it, and
/// meets what that one brings.
fn met(fleet: &Fleet, plan: &PushPlan, sibling: &ServiceId, environment: &EnvironmentId) -> Vec<Version> {
    let Some(placement) = fleet.placement(sibling, environment) else { return Vec::new() };
    if plan.before.ahead.is_some() {
        return vec![placement.desired.clone()];
    }
    placement.target().into_keys().cloned().collect()
}

/// What either release says against the other.
fn said(fleet: &Fleet, one: (&ServiceId, &Version), other: (&ServiceId, &Version)) -> Option<String> {
    [declared(fleet, one, other), declared(fleet, other, one)].into_iter().flatten().find_map(Result::err)
}

/// Another release of `other` that belongs beside what is brought of `one`.
fn swap(fleet: &Fleet, one: &Move, other: &Move) -> Option<String> {
    let fits = fitting(fleet, &other.service, (&one.service, &one.to.version))?;
    let runs_already = other.from.values().all(|from| *from == fits);
    let service = &other.service;
    Some(if runs_already { format!("leave {service} on {fits}, where it is") } else { format!("name {service}@{fits} instead") })
}

/// The newest release of a service that nothing is said against beside a version of a sibling.
fn fitting(fleet: &Fleet, service: &ServiceId, beside: (&ServiceId, &Version)) -> Option<Version> {
    let own = fleet.declaration().releases.iter().filter(|release| release.service == *service);
    own.map(|release| &release.version).rfind(|version| said(fleet, (service, *version), beside).is_none()).cloned()
}

fn untested(one: &ServiceId, other: &ServiceId) -> String {
    format!("no release of {one} and {other} is said to work so; test them together and declare it in works_with")
}
