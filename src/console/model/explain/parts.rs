//! Parts that several pages have.

use crate::domain::explain::Explanation;
use crate::domain::exposure::Exposure;

use super::super::words;

/// The answers: why, next, else, back, who.
pub(super) fn answers(said: Explanation) -> [(&'static str, String); 5] {
    [("Why", said.why), ("Next", said.next), ("Else", said.otherwise), ("Back", said.back), ("Who", said.who)]
}

/// A list under one word: the word stands before the first line.
pub(super) fn listed(word: &'static str, lines: impl IntoIterator<Item = String>) -> Vec<(&'static str, String)> {
    lines.into_iter().enumerate().map(|(at, line)| (if at == 0 { word } else { "" }, line)).collect()
}

/// Who meets the new version.
pub(super) fn exposed(found: &Exposure) -> String {
    format!(
        "{} of {} instances, {} requests/s ({}), {} users in 10 min",
        found.instances,
        found.of,
        words::grouped(found.rps.max(0.0).round() as u64),
        found.share,
        words::people(found.users)
    )
}
