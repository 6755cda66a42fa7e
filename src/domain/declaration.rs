//! What a spec declares, once it has been found to be without fault.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::call::Notify;
use super::check::Check;
use super::environment::Environment;
use super::flag::Flag;
use super::freeze::Freeze;
use super::id::{CheckId, EnvironmentId, GroupId, PersonId, Role, ServiceId, Version};
use super::journey::Journey;
use super::lookup::{self, Lookup};
use super::service::{Group, Release, Service};
use super::stage::StagePlan;

/// Environments, services, releases, stage plans and people: everything that is wanted and allowed, and nothing that was observed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Declaration {
    /// In promotion order.
    pub environments: Vec<Environment>,
    /// In the order declared, which is the order shown.
    pub groups: Vec<Group>,
    /// In the order declared.
    pub services: Vec<Service>,
    /// Every release known.
    pub releases: Vec<Release>,
    /// By name; always holds `standard`.
    pub plans: BTreeMap<String, StagePlan>,
    /// Checks by others that stages may ask for.
    #[serde(default)]
    pub checks: BTreeMap<CheckId, Check>,
    /// Flags that releases stand behind, in the order declared.
    #[serde(default)]
    pub flags: Vec<Flag>,
    /// Who has which roles. A person not named here has none.
    pub people: BTreeMap<PersonId, BTreeSet<Role>>,
    /// In the order declared.
    pub freezes: Vec<Freeze>,
    /// Journeys that are tried over HTTP, in the order declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journeys: Vec<Journey>,
    /// How people are called; where this is not said, what would be called for is only written down.
    #[serde(default)]
    pub notify: Option<Notify>,
    /// What to do when a stop is not observed: shown with NOT STOPPED.
    pub break_glass: Option<String>,
    /// Where all this stands in its lists.
    #[serde(skip)]
    pub lookup: Lookup,
}

impl Declaration {
    /// An environment by name.
    pub fn environment(&self, id: &EnvironmentId) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.id == *id)
    }

    /// A service by name.
    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        lookup::at(&self.services, self.lookup.places(self).services.get(id), |service| service.id == *id)
    }

    /// A group by name.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        lookup::at(&self.groups, self.lookup.places(self).groups.get(id), |group| group.id == *id)
    }

    /// The group a service moves in.
    pub fn group_of(&self, service: &ServiceId) -> Option<&Group> {
        self.service(service).and_then(|service| self.group(&service.group))
    }

    /// Whether a service has a second side of instances in an environment: its group goes through it blue/green.
    pub fn has_two_sides(&self, service: &Service, environment: &EnvironmentId) -> bool {
        let plan = self.group(&service.group).and_then(|group| self.plans.get(&group.plan));
        plan.is_some_and(|plan| plan.legs.iter().any(|leg| leg.environment == *environment && leg.keep.is_some()))
    }

    /// A release by service and tag.
    pub fn release(&self, service: &ServiceId, version: &Version) -> Option<&Release> {
        let place = self.lookup.places(self).releases.get(&(service.clone(), version.clone()));
        lookup::at(&self.releases, place, |release| release.service == *service && release.version == *version)
    }

    /// The environment variables that hold secrets: no program that is run on its behalf gets them.
    pub fn secret_variables(&self) -> BTreeSet<String> {
        let webhook = self.notify.iter().filter_map(|notify| notify.webhook.as_ref()).map(|webhook| &webhook.secret_env);
        webhook.chain(self.journeys.iter().flat_map(|journey| journey.secrets.values())).cloned().collect()
    }

    /// Whether a person has any of the roles.
    pub fn has_role(&self, person: &PersonId, roles: &[Role]) -> bool {
        self.people.get(person).is_some_and(|has| roles.iter().any(|role| has.contains(role)))
    }
}
