//! How everything stands, once.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::errors;
use crate::console::model::{Known, words};
use crate::domain::call::Called;
use crate::domain::card::Card;
use crate::domain::decision::{self, Decision};
use crate::domain::explain::{self, Explanation, Moment};
use crate::domain::exposure;
use crate::domain::flag::{Flag, FlagState};
use crate::domain::fleet::Fleet;
use crate::domain::id::Version;
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::requirement;
use crate::domain::status;
use crate::domain::time::EngineTime;
use crate::domain::waiver::Waiver;
use crate::evidence::series::Signals;
use crate::query::Query;

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What is known.
    pub known: Known<'a>,
    /// What of it is meant.
    pub query: &'a Query,
}

impl Asked<'_> {
    fn at(mut self, now: EngineTime) -> Self {
        self.known.now = now;
        self
    }
}

/// All of a fleet, of which nothing was measured.
impl<'a> From<&'a Fleet> for Asked<'a> {
    fn from(fleet: &'a Fleet) -> Self {
        static NOTHING: LazyLock<Signals> = LazyLock::new(Signals::default);
        static EVERYTHING: LazyLock<Query> = LazyLock::new(Query::default);
        Self { known: Known { fleet, signals: &NOTHING, now: fleet.at() }, query: &EVERYTHING }
    }
}

impl<'a> From<&'a Arc<Fleet>> for Asked<'a> {
    fn from(fleet: &'a Arc<Fleet>) -> Self {
        Self::from(&**fleet)
    }
}

/// What a query means, of each push that is not over and each placement, a line and, where it is not good, its why and what comes next.
pub fn status_lines<'a>(asked: impl Into<Asked<'a>>, moment: &Moment) -> String {
    let Asked { known, query } = asked.into().at(moment.now);
    let fleet = known.fleet;
    let mut lines = Vec::new();
    for push in fleet.pushes().filter(|push| known.means_push(query, push)) {
        let word = status::of_push(fleet, push, moment.now).word();
        lines.push(format!("push {}: {word}", words::push_name(push)));
        lines.extend(sentences(&explain::push(fleet, push, moment)));
        let waived = push.waivers.iter().filter(|waiver| waiver.gate == push.gate()).map(|waiver| waived(waiver, moment));
        lines.extend(waived.chain(explain::exceptions(push, moment)).map(|line| format!("  {line}")));
        if push.course.rollback().is_some() {
            lines.extend(explain::remains(fleet, push, moment.now).into_iter().map(|line| format!("  not as before: {line}")));
        }
        if let Some(now) = exposure::now(fleet, push).filter(|now| now.instances > 0) {
            lines.push(format!(
                "  exposed: {} of {} instances, {} requests/s ({}, {}), {} users in 10 min",
                now.instances,
                now.of,
                words::grouped(now.rps.round() as u64),
                now.share,
                now.rps_basis.word(),
                words::people(now.users)
            ));
        }
        let (failed, slow) = (push.harm.failed.max(0.0).round() as u64, push.harm.slow.max(0.0).round() as u64);
        let chance = if push.harm.is_within_chance() { ", no more than chance explains" } else { "" };
        lines.extend(errors::lines(known, push, moment));
        lines.push(format!("  harm so far: {} failed, {} slow{chance}", words::grouped(failed), words::grouped(slow)));
    }
    lines.extend(decisions(known, query, moment).iter().map(|decision| decision_line(decision, moment)));
    if let Some(words) = nobody_to_call(fleet, moment) {
        lines.push(words);
    }
    lines.extend(fleet.flags().filter_map(|(flag, state)| state.told_of(flag, moment)));
    for placement in in_order(fleet).filter(|placement| known.means_placement(query, placement)) {
        let status = status::of_placement(fleet, placement, moment.now);
        let id = &placement.id;
        lines.push(format!("{} in {}: {}, {}", id.service, id.environment, status.word(), counts(&placement.current())));
        if !status.is_good() {
            lines.extend(sentences(&explain::placement(fleet, placement, moment)));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The decisions about what a query means.
fn decisions(known: Known<'_>, query: &Query, moment: &Moment) -> Vec<Decision> {
    let mut all = decision::all(known.fleet, moment);
    all.retain(|decision| {
        let push = decision.push.and_then(|push| known.fleet.push(push));
        let placement = decision.placement.as_ref().and_then(|placement| known.fleet.placement_by_id(placement));
        push.is_some_and(|push| known.means_push(query, push))
            || placement.is_some_and(|placement| known.means_placement(query, placement))
    });
    all
}

/// That nobody is configured to be called, where something waits for somebody now.
fn nobody_to_call(fleet: &Fleet, moment: &Moment) -> Option<String> {
    let waits = || decision::all(fleet, moment).iter().any(|decision| decision.is_due(moment.now));
    (fleet.declaration().notify.is_none() && waits()).then(|| "nobody is configured to be called for what is due".to_owned())
}

/// `errors waived by mia until 14:30: a known client`.
fn waived(waiver: &Waiver, moment: &Moment) -> String {
    let (what, who, until, reason) = (&waiver.requirement, waiver.people(), moment.clock(waiver.until), &waiver.reason);
    let waits = if waiver.is_agreed() { "" } else { ", once a second person agrees," };
    format!("{what} waived by {who}{waits} until {until}: {reason}")
}

/// `decision storage: stay at 10 % or go back (oncall-storage), since 14:30, until 16:00; else it stays …`
fn decision_line(decision: &Decision, moment: &Moment) -> String {
    let since = moment.day_clock(decision.since);
    let when = if decision.is_due(moment.now) { format!("since {since}") } else { format!("about {since}") };
    let until = decision.until.map(|until| format!(", until {}", moment.day_clock(until))).unwrap_or_default();
    let Decision { name, words, who, otherwise, .. } = decision;
    format!("decision {name}: {words} ({who}), {when}{until}; else {otherwise}")
}

fn sentences(explained: &Explanation) -> Vec<String> {
    [("why", &explained.why), ("next", &explained.next), ("who", &explained.who)]
        .into_iter()
        .filter(|(_, sentence)| !sentence.is_empty())
        .map(|(word, sentence)| format!("  {word}: {sentence}"))
        .collect()
}

/// Placements in the order declared: environments in promotion order within each service.
fn in_order(fleet: &Fleet) -> impl Iterator<Item = &Placement> {
    let declaration = fleet.declaration();
    declaration.services.iter().flat_map(move |service| {
        declaration.environments.iter().filter_map(move |environment| fleet.placement(&service.id, &environment.id))
    })
}

fn counts(versions: &BTreeMap<&Version, u32>) -> String {
    versions.iter().map(|(version, count)| format!("{count} on {version}")).collect::<Vec<_>>().join(", ")
}

/// How everything stands, as one JSON object: `placements`, `approvals`, `pushes`, `flags` and `decisions`, in the order of the lines; and
/// `next_decision`, the first of them by the clock, or null.
pub fn status_json<'a>(asked: impl Into<Asked<'a>>, moment: &Moment) -> String {
    let Asked { known, query } = asked.into().at(moment.now);
    let fleet = known.fleet;
    let pushes = || fleet.pushes().filter(|push| known.means_push(query, push));
    let placements = in_order(fleet).filter(|placement| known.means_placement(query, placement));
    json!({
        "seq": fleet.seq(),
        "at": moment.now,
        "placements": placements.map(|placement| placement_json(fleet, placement, moment)).collect::<Vec<_>>(),
        "approvals": pushes().filter_map(|push| approval_json(fleet, push, moment)).collect::<Vec<_>>(),
        "pushes": pushes().map(|push| push_json(known, push, moment)).collect::<Vec<_>>(),
        "flags": fleet.flags().map(|(flag, state)| flag_json(fleet, flag, state)).collect::<Vec<_>>(),
        "decisions": decisions(known, query, moment).iter().map(|decision| decision_json(decision, moment)).collect::<Vec<_>>(),
        "calls_somebody": fleet.declaration().notify.is_some(),
        "next_decision": decisions(known, query, moment).first().map(|decision| decision_json(decision, moment)),
    })
    .to_string()
}

/// A flag as JSON: how it is wanted, how far that has come, when it was last tried.
pub(super) fn flag_json(fleet: &Fleet, flag: &Flag, state: &FlagState) -> Value {
    json!({
        "name": flag.id,
        "service": flag.service,
        "covers": flag.covers,
        "wanted_on": state.on,
        "switched": state.switched.as_ref().map(|(at, by)| json!({ "at": at, "by": by })),
        "taken": state.seen.map(|(taken, _)| taken),
        "of": fleet.readers(flag),
        "all_at": state.all,
        "last_tried": fleet.flag_tried(&flag.id),
    })
}

fn placement_json(fleet: &Fleet, placement: &Placement, moment: &Moment) -> Value {
    let explained = explain::placement(fleet, placement, moment);
    let mut found = json!({
        "service": placement.id.service,
        "environment": placement.id.environment,
        "status": status::of_placement(fleet, placement, moment.now),
        "why": explained.why,
        "next": explained.next,
        "who": explained.who,
        "current": placement.current(),
        "target": placement.target(),
        "desired": placement.desired,
    });
    if let Some(fields) = found.as_object_mut().filter(|_| placement.sides.is_some()) {
        fields.insert("standing_by".to_owned(), json!(placement.stand_by()));
    }
    found
}

fn decision_json(decision: &Decision, moment: &Moment) -> Value {
    json!({
        "push": decision.push,
        "placement": decision.placement,
        "name": decision.name,
        "kind": decision.kind,
        "gate": decision.gate,
        "what": decision.words,
        "who": decision.who,
        "since": decision.since,
        "until": decision.until,
        "due": decision.is_due(moment.now),
        "otherwise": decision.otherwise,
    })
}

/// An approval that is asked for now.
fn approval_json(fleet: &Fleet, push: &Push, moment: &Moment) -> Option<Value> {
    let rule = push.approval_rule()?;
    let gate = push.gate();
    let given: Vec<_> = push.approvals.iter().filter(|approval| approval.is_for(push)).map(|approval| &approval.by).collect();
    if !requirement::approval_is_asked(fleet, push, moment.now) || given.len() as u32 >= rule.needed {
        return None;
    }
    // What was given expires; that something is asked for does not.
    let until = push.approvals.iter().filter(|approval| approval.is_for(push)).map(|approval| approval.wall).min();
    let until = until.map(|wall| wall + crate::domain::push::APPROVAL_LIFE);
    Some(json!({ "id": gate.to_string(), "push": push.id(), "gate": gate, "needed": rule.needed, "given": given, "until": until }))
}

/// What the push's gate asks for, each as it stands.
fn requirements_json(fleet: &Fleet, push: &Push, moment: &Moment) -> Vec<Value> {
    let of = |found: requirement::Requirement| {
        let mut all = json!(found.kind);
        if let Value::Object(fields) = &mut all {
            let more = [
                ("word", json!(found.kind.word())),
                ("state", json!(found.state)),
                ("why", json!(found.why)),
                ("who", json!(found.who)),
                ("due", json!(found.due)),
                ("usually", json!(found.usually)),
            ];
            fields.extend(more.map(|(key, value)| (key.to_owned(), value)));
        }
        all
    };
    requirement::of_gate(fleet, push, moment.now).into_iter().map(of).collect()
}

fn push_json(known: Known<'_>, push: &Push, moment: &Moment) -> Value {
    let fleet = known.fleet;
    let explained = explain::push(fleet, push, moment);
    let exposed = exposure::now(fleet, push).map(|now| {
        json!({
            "environment": now.environment,
            "instances": now.instances,
            "of": now.of,
            "rps": now.rps,
            "share": now.share.as_f64(),
            "basis": now.rps_basis.word(),
            "users": now.users,
        })
    });
    json!({
        "id": push.id(),
        "name": push.plan.name,
        "group": push.plan.group,
        "status": status::of_push(fleet, push, moment.now),
        "stage": push.cursor.stage,
        "why": explained.why,
        "next": explained.next,
        "who": explained.who,
        "requirements": requirements_json(fleet, push, moment),
        "exposure": exposed,
        "harm": push.harm,
        "new_error_lines": errors::json(known, push, moment),
        "card": Card::of(fleet, push),
        "emergency": push.plan.emergency,
        "waivers": push.waivers,
        "skipped": push.skipped,
        "remains": push.course.rollback().map(|_| explain::remains(fleet, push, moment.now)),
        "calls": calls_json(fleet, push),
        "flags": fleet.flags_of(push).into_iter().map(|(flag, _)| &flag.id).collect::<Vec<_>>(),
    })
}

/// Whom it called for what, in the order of the clock.
fn calls_json(fleet: &Fleet, push: &Push) -> Vec<Value> {
    let mut calls: Vec<_> = fleet.calls().filter(|called| called.call.about.push() == Some(push.id())).collect();
    calls.sort_by_key(|called| called.at);
    let one = |called: &Called| {
        let acted = called.acted.as_ref().map(|(by, at)| json!({ "by": by, "at": at }));
        json!({
            "level": called.call.level,
            "kind": called.call.about.word(),
            "when": called.at,
            "to": called.call.to.to_string(),
            "text": called.call.text,
            "escalation": called.call.escalation,
            "failed": called.failed,
            "acted": acted,
        })
    };
    calls.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{Change, Fact};
    use crate::domain::id::Seq;
    use crate::domain::tiny;
    use jiff::tz::TimeZone;

    fn fleet() -> Fleet {
        let declaration = tiny::declaration("staging", 2);
        let mut fleet = Fleet::default();
        fleet.apply(&Change {
            seq: Seq(1),
            at: EngineTime::default(),
            fact: Fact::Declared { declaration: Box::new(declaration) },
        });
        fleet
    }

    fn moment() -> Moment {
        Moment { now: EngineTime::default(), zone: TimeZone::UTC }
    }

    #[test]
    fn only_what_is_meant_is_listed() {
        let fleet = fleet();
        let lines = |query: &str| status_lines(Asked { query: &Query::read(query).unwrap(), ..Asked::from(&fleet) }, &moment());
        assert!(lines("env:staging status:unknown").starts_with("cart in staging: unknown"));
        assert_eq!(lines("env:production"), "");
        assert_eq!(lines("errors>0%"), "", "nothing is known of it");
    }

    #[test]
    fn a_placement_that_was_never_seen_says_so_and_who_can_help() {
        assert_eq!(
            status_lines(&fleet(), &moment()),
            "cart in staging: unknown, 2 on v1\n  why: nothing has been heard from its instances\n  next: it is shown as soon as they report\n  who: whoever brings the targets feed back\n"
        );
    }

    #[test]
    fn json_has_the_keys_that_are_promised() {
        let all: Value = serde_json::from_str(&status_json(&fleet(), &moment())).unwrap();
        let keys: Vec<_> = all["placements"][0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["current", "desired", "environment", "next", "service", "status", "target", "who", "why"]);
        assert_eq!(all["placements"][0]["target"]["v1"], 2);
    }
}
