//! What is in a release, counted from the version that runs.

use super::super::fleet::Fleet;
use super::super::id::Version;
use super::super::push::Move;
use super::super::service::Release;

/// What a service's release brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// The release.
    pub release: Release,
    /// The version that runs furthest on the way, which it takes the place of.
    pub running: Version,
    /// Commits since that version; `None` where the releases between are not all known.
    pub commits: Option<u32>,
    /// People who wrote them: exact where it was made from the running version, else at most so many.
    pub people: Option<u32>,
    /// How many releases lie between, this one included.
    pub releases: u32,
}

/// Of one part of a push.
pub(super) fn of_move(fleet: &Fleet, part: &Move) -> Contents {
    let last = fleet.declaration.environments.iter().rev().find_map(|environment| part.from.get(&environment.id));
    of_release(fleet, &part.to, last.unwrap_or(&part.to.version))
}

/// Of a release, counted from a version.
pub fn of_release(fleet: &Fleet, release: &Release, running: &Version) -> Contents {
    let (mut commits, mut people, mut count) = (0, 0, 0);
    let mut at = (release.version != *running).then_some(release);
    let mut is_known = true;
    while let Some(here) = at {
        (commits, people, count) = (commits + here.commits, people + here.people, count + 1);
        // A chain longer than there are releases goes round in a circle.
        is_known = here.based_on.is_some() && count as usize <= fleet.declaration.releases.len();
        let before = here.based_on.as_ref().filter(|before| *before != running && is_known);
        at = before.and_then(|before| fleet.declaration.release(&release.service, before));
        is_known &= before.is_none() || at.is_some();
    }
    let known = |number: u32| is_known.then_some(number);
    Contents { release: release.clone(), running: running.clone(), commits: known(commits), people: known(people), releases: count }
}
