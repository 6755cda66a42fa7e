//! What a thing is, in plain words: what it is, why it is so, what happens next and when, who can change it, and what the way back is.
//! A page is worked out anew from the facts whenever it is drawn.

mod chart;
mod errors;
mod instance;
mod parts;
mod place;
mod push;
mod requirement;
mod stage;

use crate::domain::id::{InstanceId, PushId};

use super::overlay::Overlay;
use super::screen::{RowKey, Screen};
use super::{Model, place as selection};

/// What is explained, by identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A row of a screen.
    Row(RowKey),
    /// A push.
    Push(PushId),
    /// One instance.
    Instance(InstanceId),
    /// The whole fleet: nothing is selected.
    Fleet,
}

/// An explanation, open over the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explaining {
    /// What it is about.
    pub subject: Subject,
    /// Lines scrolled down.
    pub scroll: u16,
}

/// A page: a title, and its parts in the order in which they are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// Its parts; none is empty.
    pub parts: Vec<Part>,
}

/// A part of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What it is about.
    pub heading: String,
    /// Its lines: a word (`Why`), which may be empty, and what is said to it. To be broken to the width there is, never cut.
    pub lines: Vec<(String, String)>,
}

impl Page {
    fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), parts: Vec::new() }
    }

    /// With a further part, where that says anything.
    pub(super) fn with(mut self, heading: impl Into<String>, lines: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let lines: Vec<_> =
            lines.into_iter().filter(|(_, text)| !text.is_empty()).map(|(word, text)| (word.to_owned(), text)).collect();
        if !lines.is_empty() {
            self.parts.push(Part { heading: heading.into(), lines });
        }
        self
    }

    /// Whether it has a text, word for word.
    pub fn says(&self, text: &str) -> bool {
        let said = |part: &Part| part.heading.contains(text) || part.lines.iter().any(|(_, line)| line.contains(text));
        self.title.contains(text) || self.parts.iter().any(said)
    }

    /// With the parts of another page behind its own.
    fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }
}

/// Opens the explanation of what is selected.
pub(super) fn begin(model: &mut Model) {
    let subject = subject(model);
    model.place.overlays.push(Overlay::Explain(Explaining { subject, scroll: 0 }));
}

fn subject(model: &Model) -> Subject {
    match (model.cursor(), model.screen()) {
        (Some(row), _) => Subject::Row(row.clone()),
        (None, Screen::Push) => selection::shown_push(model).map_or(Subject::Fleet, |push| Subject::Push(push.id())),
        (None, _) => Subject::Fleet,
    }
}

/// The page on a subject, as things stand.
pub(super) fn page(model: &Model, subject: &Subject) -> Page {
    match subject {
        Subject::Fleet => place::fleet(model),
        Subject::Push(push) => push::page(model, *push),
        Subject::Instance(id) => instance::page(model, id),
        Subject::Row(row) => of_row(model, row),
    }
}

fn of_row(model: &Model, row: &RowKey) -> Page {
    match row {
        RowKey::Group(group) => place::group(model, group),
        RowKey::Service(service) => place::service(model, service),
        RowKey::Stage(push, stage) => stage::page(model, *push, *stage),
        RowKey::Requirement(push, kind) => requirement::page(model, *push, kind),
        RowKey::Waiting(key) => match (key.push, &key.placement) {
            (Some(push), _) => push::waiting(model, key, push),
            (None, Some(placement)) => place::placement(model, placement),
            (None, None) => place::fleet(model),
        },
        RowKey::Chart(chart) => chart::page(model, chart),
        RowKey::Errors(push) => errors::page(model, *push),
        RowKey::Entry(seq) => push::entry(model, *seq),
    }
}

/// What is not there any more.
fn gone(what: &str) -> Page {
    Page::new(format!("{what} is not there any more")).with("", [("", "It was replaced, or it is over. Esc returns.".to_owned())])
}
