//! One entry of the Timeline told in full: who asked for what and why, what they saw, what came of it, and what was then observed.

use crate::domain::change::{Change, Fact};
use crate::domain::command::{Command, Order, Outcome, Outlook, Sight};
use crate::domain::fleet::Fleet;
use crate::domain::id::Seq;
use crate::domain::material::{Material, state_word};
use crate::domain::requirement::RequirementState;

use super::timeline::{Kind, Tone, Weight};
use super::{Model, pending, words};

/// How many of the things that followed are told.
const FOLLOWING: usize = 4;

/// A paragraph of what is told, behind a word of at most [`LABEL`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it says: `Saw`. Empty where it goes on with the one before.
    pub label: &'static str,
    /// Unbroken.
    pub text: String,
    /// How much it should catch the eye.
    pub tone: Tone,
}

/// The longest label.
pub const LABEL: usize = 7;

fn told(label: &'static str, tone: Tone, text: impl Into<String>) -> Told {
    Told { label, text: text.into(), tone }
}

/// All there is to tell of an entry; nothing where its change is not kept.
pub(super) fn tell(model: &Model, seq: Seq) -> Vec<Told> {
    let time = &model.time;
    let (Some(row), Some(change)) = (time.timeline.row(seq), time.history.change(seq)) else { return Vec::new() };
    let who = if row.who.is_empty() { String::new() } else { format!(" ({})", row.who) };
    let mut lines = vec![told("What", row.tone, format!("{}{who}", row.text))];
    if let Fact::Commanded { command, outcome } = &change.fact {
        lines.extend(of_command(super::travel::newest(model), command, outcome));
    }
    lines.extend(followed(model, change));
    let (at, kind) = (row.at.hh_mm_ss(&model.moment().zone), row.kind.word());
    lines.push(told("Record", Tone::Plain, format!("change {seq} at {at}, {kind}")));
    lines
}

fn of_command(fleet: &Fleet, command: &Command, outcome: &Outcome) -> Vec<Told> {
    let order = &command.order;
    let mut lines = vec![told("Asked", Tone::Plain, format!("{}, by {}", words::order(fleet, order), command.actor))];
    lines.push(match reason(order) {
        Some(reason) => told("Reason", Tone::Plain, reason),
        None => told("Reason", Tone::Plain, "none given"),
    });
    lines.extend(saw(order));
    lines.push(match outcome {
        Outcome::Accepted { seq } => told("Came", Tone::Good, format!("accepted, as change {seq}")),
        Outcome::Refused { why, changed } => told("Came", Tone::Waiting, format!("refused: {why}{}", pending::listed(changed))),
        Outcome::Superseded { by } => told("Came", Tone::Waiting, format!("superseded: {by} came first")),
        Outcome::Unknown { why } => told("Came", Tone::Bad, format!("unknown: {why}")),
    });
    lines
}

/// The reason that was given, where the order takes one and one was given.
fn reason(order: &Order) -> Option<String> {
    match order {
        Order::Reject { reason, .. }
        | Order::Hold { reason, .. }
        | Order::HoldAll { reason }
        | Order::RollBack { reason, .. }
        | Order::Drain { reason, .. }
        | Order::FlagOff { reason, .. } => reason.clone(),
        Order::Waive { reason, .. } | Order::RollBackAlone { reason, .. } | Order::HaltRollback { reason, .. } => {
            Some(reason.clone())
        }
        Order::Note { text, .. } => Some(text.clone()),
        _ => None,
    }
}

/// What whoever gave the order saw when they did.
fn saw(order: &Order) -> Vec<Told> {
    match order {
        Order::Approve { sight, .. }
        | Order::Promote { sight, .. }
        | Order::Resume { sight, .. }
        | Order::Waive { sight, .. }
        | Order::FixForward { sight, .. } => of_sight(sight),
        Order::Start { outlook, .. } => of_outlook(outlook),
        Order::FlagOn { seen, .. } => {
            let on = if seen.state.on { "on" } else { "off" };
            vec![told(
                "Saw",
                Tone::Plain,
                format!(
                    "the flag {on}, {}; {} in flight",
                    seen.state.counted(),
                    words::counted(seen.in_flight.len() as u32, "push")
                ),
            )]
        }
        _ => vec![told("Saw", Tone::Plain, "not asked: stopping, going back and records need no look at how things stand")],
    }
}

fn of_sight(sight: &Sight) -> Vec<Told> {
    let step = |stage: Option<u32>| stage.map_or_else(|| "before the first step".to_owned(), |stage| format!("step {}", stage + 1));
    let to = sight.to.map_or_else(|| "the end".to_owned(), |stage| step(Some(stage)));
    let head = format!(
        "{} at {}, on the way to {to}; everything up to change {}",
        sight.material.status.word(),
        step(sight.from),
        sight.basis
    );
    let mut lines = vec![told("Saw", Tone::Plain, head)];
    lines.extend(of_material(&sight.material).into_iter().map(|(tone, text)| told("", tone, text)));
    lines
}

fn of_material(seen: &Material) -> Vec<(Tone, String)> {
    let joined = |items: Vec<String>| items.join(", ");
    let names = |items: Vec<String>| if items.is_empty() { None } else { Some(joined(items)) };
    let (good, open): (Vec<_>, Vec<_>) = seen.requirements.iter().partition(|(_, state)| **state == RequirementState::Met);
    let mut lines = Vec::new();
    let mut say = |tone, head: &str, items: Vec<String>| {
        lines.extend(names(items).map(|items| (tone, format!("{head}: {items}"))));
    };
    say(Tone::Waiting, "not met", open.iter().map(|(kind, state)| format!("{kind} {}", state_word(**state))).collect());
    say(Tone::Plain, "met", good.iter().map(|(kind, _)| kind.to_string()).collect());
    say(Tone::Bad, "alerts", seen.alerts.iter().map(words::slice_name).collect());
    say(Tone::Bad, "feeds lost", seen.lost_feeds.iter().cloned().collect());
    say(Tone::Waiting, "held by", seen.holds.iter().cloned().collect());
    say(Tone::Bad, "out of its step", seen.taken_out.iter().cloned().collect());
    say(Tone::Bad, "one-way doors ahead", seen.doors.iter().cloned().collect());
    say(Tone::Waiting, "flags not on", seen.flags_off.iter().map(ToString::to_string).collect());
    say(Tone::Plain, "approved by", seen.approvals.iter().map(ToString::to_string).collect());
    let releases = seen.releases.iter().map(|(service, version, digest)| format!("{service} {version} {digest}"));
    say(Tone::Plain, "releases", releases.collect());
    lines
}

fn of_outlook(outlook: &Outlook) -> Vec<Told> {
    let running: Vec<_> = outlook.running.iter().map(|(placement, version)| format!("{placement} {version}")).collect();
    let mut lines =
        vec![told("Saw", Tone::Plain, format!("running: {}; everything up to change {}", running.join(", "), outlook.basis))];
    lines.extend(outlook.in_flight.iter().map(|met| told("", Tone::Waiting, format!("in flight: {}", met.told()))));
    let digests: Vec<_> = outlook.digests.iter().map(ToString::to_string).collect();
    lines.push(told("", Tone::Plain, format!("releases: {}", digests.join(", "))));
    lines
}

/// What was observed of the same push after it, of what matters, until the next thing somebody asked for.
fn followed(model: &Model, change: &Change) -> Vec<Told> {
    let Some(push) = change.fact.push() else { return Vec::new() };
    let zone = model.moment().zone;
    let after = model.time.timeline.rows().rev().skip_while(|row| row.seq <= change.seq);
    let of_push = after.filter(|row| row.push == Some(push) && row.weight > Weight::Small);
    let following = of_push.take_while(|row| row.kind != Kind::Command).take(FOLLOWING);
    let mut label = "Then";
    following.map(|row| told(std::mem::take(&mut label), row.tone, format!("{} {}", row.at.hh_mm_ss(&zone), row.text))).collect()
}
