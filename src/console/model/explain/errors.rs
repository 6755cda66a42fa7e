//! The error lines that only the new version of a push writes.

use crate::domain::id::PushId;

use super::super::new_errors::{self, NewErrors};
use super::super::{Model, words};
use super::parts::listed;
use super::{Page, gone, push};

/// What they are, which there are, and what could not be read; then the push.
pub(super) fn page(model: &Model, id: PushId) -> Page {
    let Some(found) = model.fleet().push(id) else { return gone("this push") };
    let moment = model.moment();
    let errors = NewErrors::of(model.fleet(), model.signals(), found, moment.now);
    let page = Page::new(format!("New error lines of {}", words::push_name(found))).with(
        "What it is",
        [
            (
                "",
                "kinds of error line that the new version wrote during this push, and that the old version has not written since its \
                 logs are read. Lines are of one kind where they differ only in numbers, ids, addresses, times and quoted texts"
                    .to_owned(),
            ),
            (
                "",
                "It is an early sign, counted beside the metrics. It decides nothing: no gate waits for it, and nothing goes back by \
                 itself because of it. A new wording of an old error counts as new"
                    .to_owned(),
            ),
        ],
    );
    let Some(errors) = errors else {
        let why = "no logs are declared for its services, or its new version runs nowhere yet".to_owned();
        return page.with("How it stands", [("", why)]).and(push::page(model, id));
    };
    let lines = errors.kinds.iter().flat_map(|new| [("", new.kind.signature.to_string()), ("", new_errors::told(new, &moment))]);
    let gaps = errors.gaps().into_iter().chain(new_errors::nobodys(model.signals().logs()));
    page.with("How it stands", [("", errors.sentence(moment.now))])
        .with("The kinds, the most frequent first", lines)
        .with("What was read", listed("", errors.windows(&moment)))
        .with("What was not", listed("", gaps))
        .and(push::page(model, id))
}
