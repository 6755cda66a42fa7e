//! A push before it starts: what could be pushed, and the plan its dialog shows.

use crate::domain::command::{Met, Outlook};
use crate::domain::explain::Moment;
use crate::domain::flag::{Flag, FlagState};
use crate::domain::fleet::Fleet;
use crate::domain::id::{FlagId, ServiceId, Version};
use crate::domain::person::Actor;
use crate::domain::plan::Unplannable;
use crate::domain::prospect::{self, Check, Mark, Prospect, Step, Subject};

use super::act::{self, Struck};
use super::dialog::{Dialog, Line, Room, Says};
use super::event::Effect;
use super::intent::Intent;
use super::material_text::{line, releases_in_brief, short};
use super::overlay::{Asking, Choice, Overlay, Which};
use super::timeline::Tone;
use super::wrap::wrap;
use super::{Model, ask, permit, standing, words};

type Releases = [(ServiceId, Version)];

/// Offers what could be pushed on what is selected, or opens the plan of it where there is only one thing.
pub(super) fn start(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    if let Err(why) = permit::fresh(model, struck.0) {
        return act::refuse(model, why);
    }
    let mut found = prospect::candidates(&model.fleet, &model.place.services);
    match (found.len(), found.pop()) {
        (_, None) => {
            let why = "no release is declared that could be pushed here; whoever owns the spec can declare one";
            act::refuse(model, why.to_owned())
        }
        (1, Some(only)) => open(model, only.releases, struck),
        (_, Some(last)) => {
            found.push(last);
            let told = |candidate: &prospect::Candidate| offered(model, candidate);
            let choices = found.iter().map(|candidate| (Choice::Releases(candidate.releases.clone()), told(candidate))).collect();
            model.place.overlays.push(Overlay::Which(Which { asking: Asking::Start, choices, selected: 0 }));
            Vec::new()
        }
    }
}

/// `storage: index v42, blob v42, gateway v42; 37 commits; not met: capacity`.
fn offered(model: &Model, candidate: &prospect::Candidate) -> String {
    let (group, what) = (&candidate.group, listed(&candidate.releases));
    match of(model, &candidate.releases) {
        Err(_) => format!("{group}: {what}; cannot be planned"),
        Ok(found) => {
            let commits = found.contents.iter().map(|part| part.commits).sum::<Option<u32>>();
            let commits = commits.map_or_else(String::new, |commits| format!("; {}", words::counted(commits, "commit")));
            let door = if found.contents.iter().any(|part| part.release.one_way.is_some()) { "; ONE-WAY DOOR" } else { "" };
            let clear = if found.refused.is_some() { "; cannot start now" } else { "" };
            format!("{group}: {what}{commits}{door}{clear}{}", not_good_in_brief(&found.preflight))
        }
    }
}

fn of(model: &Model, releases: &Releases) -> Result<Prospect, Unplannable> {
    let by = Actor::Person { name: model.actor().clone() };
    Prospect::of(&model.fleet, releases, by, model.now())
}

/// Why a push of these releases could not start now, if so.
pub(super) fn refused(model: &Model, releases: &Releases) -> Option<String> {
    let by = Actor::Person { name: model.actor().clone() };
    prospect::refused(&model.fleet, releases, by, model.now())
}

/// `index v42, blob v42`, the tag once where all share it.
fn listed(releases: &Releases) -> String {
    let names = || releases.iter().map(|(service, _)| service.as_str()).collect::<Vec<_>>().join(", ");
    match releases.first() {
        Some((_, tag)) if releases.len() > 1 && releases.iter().all(|(_, other)| other == tag) => format!("{tag} of {}", names()),
        _ => releases.iter().map(|(service, version)| format!("{service} {version}")).collect::<Vec<_>>().join(", "),
    }
}

/// Opens the plan of a push of these releases.
pub(super) fn open(model: &mut Model, releases: Vec<(ServiceId, Version)>, struck: Struck<'_>) -> Vec<Effect> {
    let found = match of(model, &releases) {
        Ok(found) => found,
        Err(why) => return act::refuse(model, why.to_string()),
    };
    let declaration = model.fleet.declaration();
    let is_protected =
        |step: &Step| declaration.environment(&step.stage.environment).is_some_and(|environment| environment.protected);
    let demand = ask::forward_demand(found.steps.first().is_some_and(is_protected), struck.1);
    let title = format!("Start {}", listed(&releases));
    let Some(outlook) = Outlook::of(&model.fleet, &releases) else { return Vec::new() };
    let intent = Intent::Start(releases, Box::new(outlook));
    let says = standing::says(model, &intent, &title);
    ask::show(model, Dialog::open(intent, title, demand, says, struck));
    Vec::new()
}

/// What starting a push of these releases would do: in whole sentences where there is room for them.
pub(super) fn says(model: &Model, releases: &Releases, in_flight: &[Met], title: &str) -> Says {
    match of(model, releases) {
        Err(why) => Says { full: vec![line(Tone::Bad, format!("{why}."))], brief: Vec::new() },
        Ok(found) => {
            let text = Text { fleet: &model.fleet, found: &found, in_flight, moment: &model.moment() };
            let room = Room::of(model.size());
            // One more, for the row that says it is simulated.
            let fits = |lines: &Vec<Line>| {
                let rows: usize = lines.iter().map(|line| wrap(&line.text, room.width.into()).len()).sum();
                rows < usize::from(room.height.saturating_sub(Room::QUESTION))
            };
            let full = Some(text.long()).filter(fits).or_else(|| Some(text.middling(true)).filter(fits));
            Says { full: full.unwrap_or_else(|| text.middling(false)), brief: text.brief(title) }
        }
    }
}

/// What is known of a push before it starts.
struct Text<'a> {
    fleet: &'a Fleet,
    found: &'a Prospect,
    in_flight: &'a [Met],
    moment: &'a Moment,
}

impl Text<'_> {
    fn long(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for part in &self.found.contents {
            let release = &part.release;
            let told = [part.words(), release.told(), release.people_of()].into_iter().filter(|text| !text.is_empty());
            let told = told.collect::<Vec<_>>().join("; ");
            let (service, digest) = (&release.service, short(&release.digest));
            lines.push(line(Tone::Plain, format!("{service} {}→{} {digest}: {told}.", part.running, release.version)));
        }
        lines.extend(self.doors());
        lines.extend(self.flags());
        for step in &self.found.steps {
            let (stage, met) = (&step.stage, &step.exposure);
            let users = if met.of_users == 0 { "no users".to_owned() } else { format!("{} users", words::people(met.users)) };
            let budget = met.budget_lasts.filter(|_| met.of_users > 0).map(|lasts| format!(", budget if broken {lasts}"));
            let text = format!(
                "{}: {}, {}; {} of requests, {users}{}; back: {}.",
                crate::domain::explain::entered(Some(stage)),
                words::counted(stage.granted(), "instance"),
                step.when(self.moment),
                met.share,
                budget.unwrap_or_default(),
                step.back.words()
            );
            lines.push(line(if step.back.barred.is_empty() { Tone::Plain } else { Tone::Bad }, text));
        }
        lines.extend(self.found.needs().map(|(step, need)| {
            let stage = crate::domain::explain::entered(Some(&step.stage));
            line(Tone::Waiting, format!("People, before {stage}: {}.", need.words(self.moment)))
        }));
        lines.extend(self.rest());
        lines
    }

    /// A row for each stage, and what is good about flags where there is room for it.
    fn middling(&self, flags: bool) -> Vec<Line> {
        let mut lines = vec![self.releases()];
        lines.extend(self.doors());
        lines.extend(self.changes());
        lines.extend(self.flags().filter(|_| flags));
        for step in &self.found.steps {
            let (stage, moment) = (&step.stage, self.moment);
            let when = step.earliest.map_or_else(
                || "never".to_owned(),
                |at| format!("{} to {}", moment.day_clock(at.enters), moment.day_clock(at.leaves)),
            );
            let back =
                if step.back.barred.is_empty() { format!("back in {}", step.back.all_old) } else { "NO WAY BACK".to_owned() };
            let share = step.exposure.share;
            let name = if stage.name == stage.environment.as_str() { "" } else { stage.name.as_str() };
            let place = format!("{} {name}", stage.environment);
            let text = format!("{}: {}, {share} of requests, {when}; {back}.", place.trim_end(), stage.granted());
            lines.push(line(if step.back.barred.is_empty() { Tone::Plain } else { Tone::Bad }, text));
        }
        lines.extend(self.people());
        lines.extend(self.rest());
        lines
    }

    /// A row or two for each environment.
    fn brief(&self, title: &str) -> Vec<Line> {
        let mut lines = vec![line(Tone::Plain, format!("{title}.")), self.releases()];
        lines.extend(self.changes());
        for environment in &self.fleet.declaration().environments {
            let steps: Vec<&Step> = self.found.steps.iter().filter(|step| step.stage.environment == environment.id).collect();
            let Some(last) = steps.last() else { continue };
            let each: Vec<_> = steps.iter().map(|step| granted(step)).collect();
            let till = last.earliest.map_or_else(|| "never".to_owned(), |at| format!("to {}", self.moment.day_clock(at.leaves)));
            let back =
                if last.back.barred.is_empty() { format!("back in {}", last.back.all_old) } else { "NO WAY BACK".to_owned() };
            lines.push(line(Tone::Plain, format!("{}: {}; {till}; {back}.", environment.id, each.join(", "))));
        }
        lines.extend(self.people());
        lines.extend(self.found.clashes.iter().map(|clash| line(Tone::Bad, format!("{}.", clash.words(self.fleet, self.moment)))));
        let not_good = not_good_in_brief(&self.found.preflight);
        lines.extend((!not_good.is_empty()).then(|| line(Tone::Bad, format!("Preflight{}.", not_good.trim_start_matches(';')))));
        lines.extend(self.in_flight.iter().map(|met| line(Tone::Waiting, format!("It {}.", met.told()))));
        lines.push(self.outset());
        lines
    }

    /// What is in it and whose it is, in a line: `In v42, 37 commits: … By ana, omar; approved by raj.`
    fn releases(&self) -> Line {
        let releases = || self.found.contents.iter().map(|part| &part.release);
        let mut authors: Vec<&str> = releases().map(|release| release.author.as_str()).filter(|name| !name.is_empty()).collect();
        let mut approvers: Vec<&str> = releases().flat_map(|release| &release.approvers).map(String::as_str).collect();
        for names in [&mut authors, &mut approvers] {
            names.sort_unstable();
            names.dedup();
        }
        let by = if authors.is_empty() { String::new() } else { format!(" By {}", authors.join(", ")) };
        let lacking: Vec<_> =
            releases().filter(|release| release.approvers.is_empty()).map(|release| release.service.as_str()).collect();
        let lacking = if lacking.is_empty() { String::new() } else { format!("; {}: nobody named", lacking.join(", ")) };
        let approved =
            if approvers.is_empty() { String::new() } else { format!("; approved by {}{lacking}", approvers.join(", ")) };
        let end = if authors.is_empty() && approvers.is_empty() { "" } else { "." };
        line(Tone::Plain, format!("{}{by}{approved}{end}", releases_in_brief(releases())))
    }

    /// What else changes than the programs: where there is no room for all that is said of each.
    fn changes(&self) -> impl Iterator<Item = Line> {
        let releases = self.found.contents.iter().map(|part| &part.release);
        releases.flat_map(|release| {
            let of = |what: &str, text: &str| {
                let said = format!("{what} of {} {}: {text}.", release.service, release.version);
                (!text.is_empty()).then(|| line(Tone::Waiting, said))
            };
            [of("Config", &release.config), of("Migration", &release.migration)].into_iter().flatten()
        })
    }

    fn doors(&self) -> impl Iterator<Item = Line> {
        let releases = self.found.contents.iter().map(|part| &part.release);
        releases.filter_map(|release| {
            let door = release.one_way.as_ref()?;
            let from = door.from.as_ref().map(|from| format!(" from {from} on")).unwrap_or_default();
            let (service, version) = (&release.service, &release.version);
            Some(line(Tone::Bad, format!("ONE-WAY DOOR: {service} {version}{from}; instead of back: {}.", door.instead)))
        })
    }

    /// When each flag was last tried. What is not good about one stands beside the rest that is not.
    fn flags(&self) -> impl Iterator<Item = Line> {
        let behind = |flag: &FlagId| self.found.contents.iter().any(|part| part.release.flags.contains(flag));
        let is_well =
            |(flag, state): &(&Flag, &FlagState)| behind(&flag.id) && state.on && self.fleet.flag_tried(&flag.id).is_some();
        self.fleet
            .flags()
            .filter(is_well)
            .map(|(flag, _)| {
                let tried = self.fleet.flag_tried_words(&flag.id, self.moment);
                line(Tone::Plain, format!("Behind flag {} ({}): off first on the way back; {tried}.", flag.id, flag.covers))
            })
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// `People: 1 approval 13:35 (one box), 2 approvals 16:51 (33 %)`.
    fn people(&self) -> Option<Line> {
        let each: Vec<_> = self
            .found
            .needs()
            .map(|(step, need)| {
                let at = need.at.map_or_else(String::new, |at| format!(" {}", self.moment.day_clock(at)));
                format!("{}{at} ({})", need.what, step.stage.name)
            })
            .collect();
        (!each.is_empty()).then(|| line(Tone::Waiting, format!("People: {}.", each.join(", "))))
    }

    /// What is in the way, how all stands before it, and what a yes sets off.
    fn rest(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self
            .found
            .clashes
            .iter()
            .map(|clash| line(Tone::Bad, format!("In the way: {}.", clash.words(self.fleet, self.moment))))
            .collect();
        for check in self.found.preflight.iter().filter(|check| check.mark != Mark::Met) {
            let tone = if check.mark == Mark::Unmet { Tone::Bad } else { Tone::Waiting };
            lines.push(line(tone, format!("{} {}: {}.", check.subject.word(), check.mark.word(), check.why)));
        }
        // Flags have a line of their own.
        let rest: Vec<Check> = self.found.preflight.iter().filter(|check| check.subject != Subject::FlagTried).cloned().collect();
        let met = subjects(&rest, |all| all.iter().all(|check| check.mark == Mark::Met));
        lines.extend((!met.is_empty()).then(|| line(Tone::Good, format!("Met beforehand: {}.", met.join(", ")))));
        lines.extend(self.in_flight.iter().map(|met| line(Tone::Waiting, format!("It {}.", met.told()))));
        lines.push(self.outset());
        lines
    }

    fn outset(&self) -> Line {
        let Some(first) = self.found.steps.first() else { return line(Tone::Waiting, "It has no step.") };
        let stage = crate::domain::explain::entered(Some(&first.stage));
        match (&self.found.refused, first.needs.first()) {
            (Some(why), _) => line(Tone::Bad, format!("It cannot start now: {why}.")),
            (None, Some(need)) => line(Tone::Waiting, format!("{stage} then waits for {} of {}.", need.what, need.who)),
            (None, None) => line(Tone::Waiting, format!("{stage} STARTS AT ONCE.")),
        }
    }
}

/// `10 % 84`, or the number alone where the stage is the environment.
fn granted(step: &Step) -> String {
    let stage = &step.stage;
    if stage.name == stage.environment.as_str() {
        stage.granted().to_string()
    } else {
        format!("{} {}", stage.name, stage.granted())
    }
}

/// The subjects of which all that was looked at is so, each once.
fn subjects(checks: &[Check], is_so: impl Fn(&[&Check]) -> bool) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    for check in checks {
        let all: Vec<&Check> = checks.iter().filter(|other| other.subject == check.subject).collect();
        if is_so(&all) && !found.contains(&check.subject.word()) {
            found.push(check.subject.word());
        }
    }
    found
}

/// `; not met: capacity; unknown: rollback`, or nothing.
fn not_good_in_brief(checks: &[Check]) -> String {
    let of = |mark: Mark| {
        let named = subjects(checks, |all| all.iter().map(|check| check.mark).max() == Some(mark));
        if named.is_empty() { String::new() } else { format!("; {}: {}", mark.word(), named.join(", ")) }
    };
    format!("{}{}", of(Mark::Unmet), of(Mark::Unknown))
}
