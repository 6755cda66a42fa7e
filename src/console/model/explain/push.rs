//! A push: what has happened since one last looked, how it stands, what is loose, and how far it has come.

use crate::domain::explain::{self, meaning};
use crate::domain::exposure::{self, Exposure};
use crate::domain::id::{PushId, Seq};
use crate::domain::push::Push;
use crate::domain::status;

use super::super::new_errors::{NewErrors, Said};
use super::super::timeline::{TimelineRow, Weight};
use super::super::waiting::WaitingKey;
use super::super::{Model, words};
use super::parts::{self, answers, listed};
use super::{Page, gone};

/// The most lines of what has happened since.
const SINCE: usize = 12;

/// Everything that one needs to take it over.
pub(super) fn page(model: &Model, id: PushId) -> Page {
    let Some(push) = model.fleet().push(id) else { return gone("this push") };
    let (fleet, moment) = (model.fleet(), model.moment());
    let status = status::of_push(fleet, push, moment.now);
    let (since, happened) = happened(model, push);
    let is = format!("a push: {}. It is {}: {}", brings(push), status.word(), meaning::status(status));
    let due = model.decisions().iter().filter(|decision| decision.push == Some(id));
    let due = due.map(|decision| {
        let when =
            if decision.is_due(moment.now) { "now".to_owned() } else { format!("about {}", moment.day_clock(decision.since)) };
        format!("{when}: {} ({}); else {}", decision.words, decision.who, decision.otherwise)
    });
    let errors = NewErrors::of(fleet, model.signals(), push, moment.now).filter(|errors| errors.said() != Said::Nothing);
    let errors = errors.map(|errors| errors.words(moment.now)).unwrap_or_default();
    Page::new(words::push_name(push))
        .with(since, listed("", happened))
        .with("What it is", [("", is), ("Asked for", asked_for(push)), ("Drives", drives(model, push))])
        .with("How it stands", answers(explain::push(fleet, push, &moment)))
        .with("Decisions", listed("", due))
        .with("New error lines", [("", errors)])
        .with("Loose ends", listed("", loose(model, push)))
        .with("Notes", listed("", notes(model, push)))
        .with("Who meets the new version", exposed(model, push))
}

/// Something that waits, then its push.
pub(super) fn waiting(model: &Model, key: &WaitingKey, push: PushId) -> Page {
    let row = model.rows.waiting.iter().find(|row| row.key == *key);
    let lines = row.map(|row| {
        let moment = model.moment();
        let until = row.until.map(|until| format!("until {}, then a clock decides", moment.day_clock(until))).unwrap_or_default();
        [
            ("", format!("{} waits for a person: {}", row.name, row.words)),
            ("Who", row.who.clone()),
            ("Since", moment.day_clock(row.since)),
            ("Until", until),
        ]
    });
    let of_push = page(model, push);
    Page::new(of_push.title.clone()).with("What waits", lines.into_iter().flatten()).and(of_push)
}

/// Something that happened, then the push it was about.
pub(super) fn entry(model: &Model, seq: Seq) -> Page {
    let Some(row) = model.time.timeline.rows().find(|row| row.seq == seq) else { return gone("this entry") };
    let at = row.at.hh_mm_ss(&model.moment().zone);
    let page = Page::new(format!("{at}  {}", row.text)).with(
        "What happened",
        [("", row.text.clone()), ("When", at), ("Who", row.who.clone()), ("Change", format!("number {}", row.seq))],
    );
    match row.push {
        Some(push) => page.and(self::page(model, push)),
        None => page,
    }
}

fn brings(push: &Push) -> String {
    let moves = push.plan.moves.iter().map(|part| {
        let from = part.from.values().next().map(ToString::to_string).unwrap_or_default();
        format!("{} from {from} to {}", part.service, part.to.version)
    });
    moves.collect::<Vec<_>>().join(", ")
}

fn asked_for(push: &Push) -> String {
    let reason = push.plan.emergency.as_ref().map(|lane| format!(", in the emergency lane: {}", lane.reason)).unwrap_or_default();
    format!("by {}{reason}", push.plan.requested_by)
}

fn drives(model: &Model, push: &Push) -> String {
    let zone = &model.moment().zone;
    push.driver.as_ref().map_or_else(
        || "nobody; calls go to the owners".to_owned(),
        |driver| format!("{}, since {}; calls go there", driver.by, driver.since.hh_mm(zone)),
    )
}

/// What mattered of a push since it was last looked at from here, oldest first, with its heading.
fn happened(model: &Model, push: &Push) -> (String, Vec<String>) {
    let before = model.looked.before(push.id());
    let zone = &model.moment().zone;
    let rows: Vec<&TimelineRow> = model
        .time
        .timeline
        .rows()
        .filter(|row| row.seq <= model.fleet().seq() && row.weight >= Weight::Matters)
        .filter(|row| row.push == Some(push.id()) && before.is_none_or(|before| row.at > before))
        .collect();
    let heading = match before {
        Some(before) => format!("Since you last looked, at {}", before.hh_mm(zone)),
        None => "Since it began: you have not looked at it from here before".to_owned(),
    };
    if rows.is_empty() {
        return (heading, vec!["nothing that mattered has happened".to_owned()]);
    }
    let told = |row: &&TimelineRow| {
        let who = if row.who.is_empty() { String::new() } else { format!("{}: ", row.who) };
        format!("{}  {who}{}", row.at.hh_mm_ss(zone), row.text)
    };
    let more = rows.len().saturating_sub(SINCE);
    let earlier = (more > 0).then(|| format!("{more} earlier: the timeline (5) has them"));
    (heading, earlier.into_iter().chain(rows.iter().take(SINCE).rev().map(told)).collect())
}

fn loose(model: &Model, push: &Push) -> Vec<String> {
    let found = explain::loose_ends(model.fleet(), push, &model.moment());
    if found.is_empty() { vec!["none: no waiver, no flag off, nothing drained, nothing left behind".to_owned()] } else { found }
}

fn notes(model: &Model, push: &Push) -> Vec<String> {
    let zone = &model.moment().zone;
    let standing = push.notes.iter().filter(|note| note.struck.is_none());
    standing.map(|note| format!("{} {}: {}", note.by, note.at.hh_mm(zone), note.text)).collect()
}

fn exposed(model: &Model, push: &Push) -> Vec<(&'static str, String)> {
    let fleet = model.fleet();
    let said = |found: Exposure| parts::exposed(&found);
    let next = push.next_stage().map(|next| explain::entered(Some(next))).filter(|_| push.is_forward());
    let after = next.and_then(|next| Some(format!("{}: {}", next, said(exposure::after_next(fleet, push)?))));
    vec![("Now", exposure::now(fleet, push).map_or_else(|| "nobody".to_owned(), said)), ("Next", after.unwrap_or_default())]
}
