//! What the dialog of a fix says: what is in it, what it takes the place of, and how that stands.

use crate::domain::explain::entered;
use crate::domain::exposure;
use crate::domain::id::{EnvironmentId, ServiceId, Version};
use crate::domain::push::Move;
use crate::domain::requirement::{self, RequirementState};
use crate::domain::service::Release;

use super::dialog::Line;
use super::material_text::blast_radius::{count, lasts, rps, users};
use super::material_text::{About, line, releases, releases_in_brief};
use super::timeline::Tone;

/// A push that is to be fixed, and with what.
pub(super) struct Fixing<'a> {
    /// The push, as it stands without the fix.
    pub about: About<'a>,
    /// The releases of the fix.
    pub releases: &'a [(ServiceId, Version)],
}

impl<'a> Fixing<'a> {
    /// What it would do, in sentences.
    pub(super) fn full(&self) -> Vec<Line> {
        let (about, old) = (&self.about, self.replaced());
        let here = entered(about.push.stage());
        let mut lines = vec![
            line(
                Tone::Waiting,
                format!("{}, at {here}. Earlier steps here are not repeated; nobody new is exposed.", self.replaces()),
            ),
            line(Tone::Plain, releases(self.parts().map(|(_, to)| to))),
        ];
        let mut told: Vec<_> = self.parts().map(|(_, to)| to.told()).filter(|told| !told.is_empty()).collect();
        told.dedup();
        lines.extend((!told.is_empty()).then(|| line(Tone::Plain, format!("It changes: {}.", told.join("; ")))));
        let tested = match self.tested_in().join(", ") {
            none if none.is_empty() => String::new(),
            places => format!("It is tested in {places} first; "),
        };
        let anew = if tested.is_empty() { "Bake" } else { "bake" };
        let follows =
            format!("{tested}{anew} and evidence of this step start anew. What follows is said of {old}, which is there now.");
        lines.push(line(Tone::Plain, follows));
        let now = exposure::now(about.fleet, about.push);
        lines.extend(now.as_ref().map(|now| {
            let text = format!(
                "Exposed: {} of {} instances; requests/s {}, {}; users in 10 min {}. Error budget, if it is broken, lasts {}.",
                now.instances,
                now.of,
                rps(Some(now)),
                now.rps_basis.word(),
                users(Some(now)),
                lasts(Some(now))
            );
            line(Tone::Plain, text)
        }));
        lines.extend(about.standing_without_exposure());
        lines
    }

    /// The same in the fewest rows.
    pub(super) fn brief(&self, name: &str) -> Vec<Line> {
        let (about, old) = (&self.about, self.replaced());
        let tested = match self.tested_in().join(", ") {
            none if none.is_empty() => String::new(),
            places => format!("Tested in {places} first; "),
        };
        let mut lines = vec![
            line(Tone::Waiting, format!("Fix {name} forward at {}: {}.", entered(about.push.stage()), self.replaces())),
            line(Tone::Plain, format!("{tested}nobody new is exposed.")),
            line(Tone::Plain, releases_in_brief(self.parts().map(|(_, to)| to))),
        ];
        let now = exposure::now(about.fleet, about.push);
        lines.extend(now.iter().flat_map(|now| {
            let exposed = format!("Exposed: {} of {}; users in 10 min {}.", count(Some(now)), now.of, users(Some(now)));
            let budget = format!("Requests/s {}; budget if broken {}.", rps(Some(now)), lasts(Some(now)));
            [line(Tone::Plain, exposed), line(Tone::Plain, budget)]
        }));
        let all = requirement::of_gate(about.fleet, about.push, about.moment.now);
        let (pending, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|found| found.state == RequirementState::Pending);
        lines.extend(about.not_good(&others));
        let met = others.iter().filter(|found| found.state == RequirementState::Met).count();
        let names: Vec<_> = pending.iter().map(|found| found.kind.to_string()).collect();
        let not_yet = if names.is_empty() { String::new() } else { format!(", not yet {}", names.join(", ")) };
        lines.push(line(Tone::Waiting, format!("Of {old}: {met} met{not_yet}.")));
        lines.push(about.way_back_in_brief());
        lines
    }

    /// What the fix consists of, in the push's order, beside what is in flight.
    fn parts(&self) -> impl Iterator<Item = (&'a Move, &'a Release)> + '_ {
        let About { fleet, push, .. } = self.about;
        push.plan.moves.iter().filter_map(move |part| {
            let (_, version) = self.releases.iter().find(|(service, _)| *service == part.service)?;
            Some((part, fleet.declaration().release(&part.service, version)?))
        })
    }

    /// `v43 takes the place of v42 in index, blob and gateway`.
    fn replaces(&self) -> String {
        let mut groups: Vec<(&Version, &Version, Vec<&str>)> = Vec::new();
        for (part, to) in self.parts() {
            match groups.last_mut().filter(|(new, old, _)| **new == to.version && **old == part.to.version) {
                Some((.., services)) => services.push(part.service.as_str()),
                None => groups.push((&to.version, &part.to.version, vec![part.service.as_str()])),
            }
        }
        let each =
            groups.into_iter().map(|(new, old, services)| format!("{new} takes the place of {old} in {}", services.join(", ")));
        each.collect::<Vec<_>>().join("; ")
    }

    /// The versions it takes the place of.
    fn replaced(&self) -> String {
        let mut versions: Vec<_> = self.parts().map(|(part, _)| part.to.version.as_str()).collect();
        versions.sort_unstable();
        versions.dedup();
        versions.join(", ")
    }

    /// The environments it passes before it is where the push stands.
    fn tested_in(&self) -> Vec<&'a str> {
        let push = self.about.push;
        let before = push.plan.stages.iter().map(|stage| &stage.environment);
        let mut names: Vec<_> = before.take_while(|at| push.environment() != Some(*at)).map(EnvironmentId::as_str).collect();
        names.dedup();
        names
    }
}
