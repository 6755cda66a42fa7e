//! A live view as announced lines, for screen readers and logs: one line a change, in words, and nothing said twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::console::model::words::push_name;
use crate::console::model::{Model, NewErrors, Target, Tone, WaitingKey};
use crate::domain::burn::Burn;
use crate::domain::explain;
use crate::domain::id::PushId;
use crate::domain::metric::SliceId;
use crate::domain::status::{self, Status};
use crate::safe;

/// What has been said, so that only what is new is said again.
#[derive(Clone, Debug, Default)]
pub struct Announcer {
    begun: bool,
    stale: bool,
    pushes: BTreeMap<PushId, Status>,
    waiting: BTreeMap<WaitingKey, String>,
    alerts: BTreeMap<SliceId, String>,
    burns: BTreeSet<String>,
    urgent: Option<(Tone, Option<Target>)>,
    /// How many kinds of error line only the new version of each push wrote.
    errors: BTreeMap<PushId, usize>,
}

impl Announcer {
    /// What has changed since the last call, a line each, with the clock time it is said at. Before the first news there is none.
    pub fn heard(&mut self, model: &Model) -> Vec<String> {
        if !model.has_data() {
            return Vec::new();
        }
        let mut said = Vec::new();
        if !self.begun {
            self.begun = true;
            said.push(begin(model));
        }
        self.freshness(model, &mut said);
        self.pushes(model, &mut said);
        self.waiting(model, &mut said);
        self.alerts(model, &mut said);
        self.errors(model, &mut said);
        self.urgent(model, &mut said);
        let clock = model.now().hh_mm_ss(&model.moment().zone);
        said.into_iter().map(|text| format!("{clock} {}", spoken(&text))).collect()
    }

    fn freshness(&mut self, model: &Model, said: &mut Vec<String>) {
        let stale = model.freshness().stale;
        match &stale {
            Some(why) if !self.stale => said.push(format!("STALE: {why}. What follows is not known until news arrives")),
            None if self.stale => said.push("news arrives again".to_owned()),
            _ => {}
        }
        self.stale = stale.is_some();
    }

    fn pushes(&mut self, model: &Model, said: &mut Vec<String>) {
        let (fleet, moment) = (model.fleet(), model.moment());
        for push in fleet.pushes() {
            let status = status::of_push(fleet, push, moment.now);
            if self.pushes.insert(push.id(), status) == Some(status) {
                continue;
            }
            let place = push.environment().map(|environment| format!(", {environment}")).unwrap_or_default();
            let told = explain::push(fleet, push, &moment);
            let sentences = [("Why", told.why), ("Next", told.next)].into_iter().filter(|(_, sentence)| !sentence.is_empty());
            let sentences = sentences.map(|(word, sentence)| format!("{word}: {sentence}"));
            let head = format!("push {}{place}: {}", push_name(push), status.word());
            said.push(std::iter::once(head).chain(sentences).collect::<Vec<_>>().join(". "));
        }
    }

    fn waiting(&mut self, model: &Model, said: &mut Vec<String>) {
        let now: BTreeMap<_, _> = model
            .waiting_rows()
            .iter()
            .map(|row| {
                let whose = if row.yours { "you".to_owned() } else { row.who.clone() };
                (row.key.clone(), (format!("{}: {}", row.name, row.words), whose))
            })
            .collect();
        for (key, (text, whose)) in &now {
            if !self.waiting.contains_key(key) {
                said.push(format!("waits for {whose}: {text}"));
            }
        }
        said.extend(
            self.waiting.iter().filter(|(key, _)| !now.contains_key(*key)).map(|(_, text)| format!("waits no longer: {text}")),
        );
        self.waiting = now.into_iter().map(|(key, (text, _))| (key, text)).collect();
    }

    fn alerts(&mut self, model: &Model, said: &mut Vec<String>) {
        let mut seen = BTreeSet::new();
        for alert in model.fleet().alerts() {
            let SliceId { service, version, cell, environment, metric, .. } = &alert.slice;
            seen.insert(alert.slice.clone());
            if !self.alerts.contains_key(&alert.slice) {
                let name = format!("{metric} of {service} {version} in {cell}, {environment}");
                said.push(format!("alert: {name}: {}", metric.against(alert.value, alert.limit)));
                self.alerts.insert(alert.slice.clone(), name);
            }
        }
        self.alerts.retain(|slice, name| {
            let stays = seen.contains(slice);
            if !stays {
                said.push(format!("alert over: {name}"));
            }
            stays
        });
        let told = |burn: &Burn| burn.to_string().replace('×', " times");
        let burns: BTreeSet<String> = model.fleet().burns().map(|(burn, _)| told(burn)).collect();
        said.extend(burns.difference(&self.burns).map(|burn| format!("alert: {burn}")));
        said.extend(self.burns.difference(&burns).map(|burn| format!("alert over: {burn}")));
        self.burns = burns;
    }

    /// Said again only when there is a further kind.
    fn errors(&mut self, model: &Model, said: &mut Vec<String>) {
        for push in model.fleet().pushes().filter(|push| push.is_open()) {
            let Some(errors) = NewErrors::of(model.fleet(), model.signals(), push, model.now()) else { continue };
            let before = self.errors.insert(push.id(), errors.kinds.len()).unwrap_or(0);
            if let Some(newest) = errors.kinds.iter().max_by_key(|new| new.kind.first).filter(|_| errors.kinds.len() > before) {
                let words = errors.sentence(model.now());
                said.push(format!("push {}: {words}. The newest kind: {}", push_name(push), newest.kind.signature));
            }
        }
    }

    /// Its figures change every second; it is said again only when it is about something else. What waits has been said already, and
    /// so has that the news is old.
    fn urgent(&mut self, model: &Model, said: &mut Vec<String>) {
        let known = |target: &Option<Target>| match target {
            Some(Target::Waiting(_)) => true,
            Some(Target::Push(_) | Target::Slice(_)) => false,
            None => self.stale,
        };
        let urgent = model.urgent().filter(|urgent| !known(&urgent.target));
        let about = urgent.as_ref().map(|urgent| (urgent.tone, urgent.target.clone()));
        if let Some(urgent) = urgent.filter(|_| about != self.urgent) {
            said.push(format!("most urgent: {}", urgent.text));
        }
        self.urgent = about;
    }
}

fn begin(model: &Model) -> String {
    let source = model.source();
    let simulated = if source.simulated { ", simulated: nothing real will change" } else { "" };
    let zone = model.now().format(&model.moment().zone, "%A %Y-%m-%d, %Z");
    format!("{}{simulated}. {zone}", source.uri)
}

/// Marks that a reader would spell out become words, and nothing in it can steer a terminal.
fn spoken(text: &str) -> String {
    safe::clean(&text.replace('→', " to ").replace(['×', '·'], " ").replace('≤', "at most ").replace('≥', "at least "))
}
