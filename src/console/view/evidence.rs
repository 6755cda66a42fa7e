//! Evidence, drawn with its two ends: `worse ···███│······ ok`. Never as a progress bar: it may turn.

use crate::console::model::words::grouped;
use crate::console::theme::{Glyph, Role};
use crate::domain::number::times;
use crate::domain::verdict::{Gathered, LEANS, SliceEvidence, Verdict};

use super::line::Line;

/// Cells of each half of a bar, where there is room and where there is not.
pub(super) const HALVES: (usize, usize) = (10, 6);

/// A lean from −1, all the way to worse, to 1, all the way to cleared.
pub(super) fn bar(lean: f64, half: usize) -> Line {
    // What leans at all shows, and only what is decided is full.
    let cells = |part: f64| {
        let cells = (part.clamp(0.0, 1.0) * half as f64).round() as usize;
        if part >= 1.0 { half } else { cells.clamp(usize::from(part >= LEANS / 2.0), half.saturating_sub(1)) }
    };
    let (worse, fine) = (cells(-lean), cells(lean));
    let dots = |count: usize| Glyph::Dot.symbol().repeat(count);
    let bars = |count: usize| Glyph::Bar.symbol().repeat(count);
    Line::of(Role::Dim, "worse ")
        .then(Role::Dim, dots(half - worse))
        .then(Role::Bad, bars(worse))
        .then(Role::Text, Glyph::Mark.symbol())
        .then(Role::Good, bars(fine))
        .then(Role::Dim, dots(half - fine))
        .then(Role::Dim, " ok")
}

/// How far all slices together lean, where that is still open or has turned bad.
pub(super) fn lean(gathered: &Gathered) -> Option<f64> {
    match &gathered.evidence.verdict {
        // A mean would hide the slice that leads.
        Verdict::Undecided { lean, .. } => Some(gathered.evidence.worst().map_or(*lean, |worst| worst.lean().min(*lean))),
        Verdict::Regressed { .. } => Some(-1.0),
        Verdict::Cleared { .. } => Some(1.0),
        Verdict::NoData { .. } | Verdict::SharedFault { .. } => None,
    }
}

/// One slice in a few words: `leans worse, 1.7×, n 20,170`.
pub(super) fn words(slice: &SliceEvidence, verdict: &Verdict) -> (Role, String) {
    let n = format!("n {}", grouped(slice.seen.requests));
    let ratio = slice.seen.ratio().map(|ratio| format!(", {}", times(ratio))).unwrap_or_default();
    let is_blamed = matches!(verdict, Verdict::Regressed { slice: blamed, .. } if *blamed == slice.slice);
    match slice.lean() {
        _ if is_blamed || slice.worse >= 1.0 => (Role::Bad, format!("WORSE{ratio}, {n}")),
        _ if slice.fine >= 1.0 => (Role::Dim, format!("cleared, {n}")),
        lean if lean <= -LEANS => (Role::Waiting, format!("leans worse{ratio}, {n}")),
        lean if lean >= LEANS => (Role::Text, format!("leans ok, {n}")),
        _ => (Role::Text, format!("undecided, {n}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_two_ends_and_is_full_only_where_it_is_decided() {
        let drawn = |lean| bar(lean, 4).text();
        assert_eq!(drawn(0.0), "worse ····│···· ok");
        assert_eq!(drawn(-0.06), "worse ···█│···· ok");
        assert_eq!(drawn(-0.97), "worse ·███│···· ok");
        assert_eq!(drawn(-1.0), "worse ████│···· ok");
        assert_eq!(drawn(0.5), "worse ····│██·· ok");
        assert_eq!(drawn(1.0), "worse ····│████ ok");
    }
}
