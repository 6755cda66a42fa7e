//! Where what is declared stands in its list, so that a large spec is not searched from the beginning each time.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::declaration::Declaration;
use super::id::{GroupId, ServiceId, Version};

/// Places in the lists of a declaration, worked out when first asked for. A copy of a declaration works out its own. Every place is
/// looked at before it is believed, so one that has become wrong costs time and nothing else.
#[derive(Debug, Default)]
pub struct Lookup(OnceLock<Places>);

#[derive(Debug, Default)]
pub(super) struct Places {
    pub services: BTreeMap<ServiceId, usize>,
    pub groups: BTreeMap<GroupId, usize>,
    pub releases: BTreeMap<(ServiceId, Version), usize>,
}

impl Clone for Lookup {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// It says nothing that the lists do not say.
impl PartialEq for Lookup {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Lookup {
    /// The places in the lists of the declaration that this is part of.
    pub(super) fn places(&self, of: &Declaration) -> &Places {
        self.0.get_or_init(|| Places {
            services: of.services.iter().enumerate().rev().map(|(at, service)| (service.id.clone(), at)).collect(),
            groups: of.groups.iter().enumerate().rev().map(|(at, group)| (group.id.clone(), at)).collect(),
            releases: (of.releases.iter().enumerate().rev())
                .map(|(at, release)| ((release.service.clone(), release.version.clone()), at))
                .collect(),
        })
    }
}

/// The entry at a place, if it is the one that was looked for; else the first such in the list.
pub(super) fn at<'a, T>(list: &'a [T], place: Option<&usize>, is_it: impl Fn(&T) -> bool) -> Option<&'a T> {
    let believed = place.and_then(|at| list.get(*at)).filter(|found| is_it(found));
    believed.or_else(|| list.iter().find(|found| is_it(found)))
}
