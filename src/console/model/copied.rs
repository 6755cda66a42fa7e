//! What is copied: the selection's name and its sentences, as plain text for a chat, a ticket, or whoever takes over.

use crate::domain::explain::{self, Explanation};
use crate::domain::push::{Course, Push};
use crate::domain::status;
use crate::safe;

use super::screen::{RowKey, Screen};
use super::{Model, new_errors, words};

/// The selection in words; `None` where nothing is selected.
pub(super) fn text(model: &Model) -> Option<String> {
    let push = model.selected_push().and_then(|push| model.fleet().push(push));
    let lines = match (model.screen(), model.cursor()) {
        (Screen::Timeline, Some(RowKey::Entry(seq))) => {
            let row = model.timeline_rows().find(|row| row.seq == *seq)?;
            let zone = &model.moment().zone;
            vec![[row.at.hh_mm_ss(zone), row.who.clone(), row.text.clone()].join(" ").replace("  ", " ")]
        }
        (_, Some(RowKey::Errors(id))) => {
            let errors = model.new_errors().iter().find(|errors| errors.push == *id)?;
            let kinds =
                errors.kinds.iter().map(|new| format!("{}: {}", new.kind.signature, new_errors::told(new, &model.moment())));
            let head = format!("{}: {}, {}", words::push_name(push?), errors.sentence(model.now()), said_at(model));
            std::iter::once(head).chain(kinds).collect()
        }
        (Screen::Fleet, Some(RowKey::Service(_))) | (_, Some(RowKey::Chart(_))) => placement(model)?,
        _ => push.map_or_else(|| placement(model), |push| Some(of_push(model, push)))?,
    };
    Some(lines.into_iter().map(|line| safe::clean(&line) + "\n").collect())
}

fn placement(model: &Model) -> Option<Vec<String>> {
    let moment = model.moment();
    let id = model.selected_placement()?;
    let placement = model.fleet().placement_by_id(&id)?;
    let status = status::of_placement(model.fleet(), placement, moment.now);
    let head = format!("{}, {}: {}, {}", id.service, id.environment, status.word(), said_at(model));
    Some(told(head, &explain::placement(model.fleet(), placement, &moment)))
}

/// A push; one that goes back, as whoever takes over needs it: whether users are safe, what it cost, who drives and what was noted.
fn of_push(model: &Model, push: &Push) -> Vec<String> {
    let moment = model.moment();
    let status = status::of_push(model.fleet(), push, moment.now);
    let place = push.environment().map(|environment| format!(", {environment}")).unwrap_or_default();
    let head = format!("{}{place}: {}, {}", words::push_name(push), status.word(), said_at(model));
    let mut lines = told(head, &explain::push(model.fleet(), push, &moment));
    let back = match &push.course {
        Course::Forward | Course::Converged { .. } | Course::Replaced { .. } => None,
        other => other.rollback(),
    };
    let Some(rollback) = back else { return lines };
    let users = match rollback.users_safe {
        Some(since) => format!("Users: SAFE since {}", moment.clock(since)),
        None => "Users: EXPOSED".to_owned(),
    };
    lines.insert(1, users);
    lines.push(format!(
        "Harm: {} failed, {} slow",
        words::grouped(push.harm.failed.round() as u64),
        words::grouped(push.harm.slow.round() as u64)
    ));
    if let Some(driver) = &push.driver {
        lines.push(format!("Drives: {}, since {}", driver.by, moment.clock(driver.since)));
    }
    for note in push.notes.iter().filter(|note| note.struck.is_none()) {
        lines.push(format!("Note: {} {}: {}", moment.clock(note.at), note.by, note.text));
    }
    lines
}

fn said_at(model: &Model) -> String {
    let moment = model.moment();
    format!("as of {}", moment.now.format(&moment.zone, "%H:%M:%S %Z"))
}

fn told(head: String, said: &Explanation) -> Vec<String> {
    let all = [("Why", &said.why), ("Next", &said.next), ("Else", &said.otherwise), ("Back", &said.back)];
    let sentences = all.into_iter().filter(|(_, sentence)| !sentence.is_empty());
    std::iter::once(head).chain(sentences.map(|(word, sentence)| format!("{word}: {sentence}"))).collect()
}
