//! The time that charts show: how long a column is, how many there are, and the moment whose values are read.

use crate::domain::time::{EngineTime, Period};
use crate::evidence::series::{Columns, Signals};

/// How long a column can be, in seconds. Each from five on is a multiple of five, each from sixty on of sixty: columns then hold whole
/// bins of what is kept.
const LENGTHS: [i64; 11] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200];

/// What charts show before anybody has chosen.
const AT_FIRST: Period = Period::from_mins(4);

/// The longest time that anything is kept for.
const KEPT: Period = Period::from_mins(8 * 60);

/// What a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// How long a column is.
    pub each: Option<Period>,
    /// The moment whose values are read; `None` follows the newest.
    pub read: Option<EngineTime>,
}

impl Chosen {
    /// The columns of a chart that has room for so many at most.
    pub fn columns(&self, signals: &Signals, now: EngineTime, room: usize) -> Columns {
        let tick = signals.tick_length();
        let room = room.max(1);
        // Ticks do not come at even times: a column of one alone would now and then hold none.
        let least = lengths().find(|each| each.millis() >= 2 * tick.millis()).unwrap_or(tick * 2);
        let at_first = lengths().find(|each| *each * room as u32 >= AT_FIRST).unwrap_or(AT_FIRST);
        let wanted = self.each.unwrap_or(at_first).max(least);
        let spread = |each: Period| signals.columns_until(now, each, said(each, room));
        let fits = |columns: &Columns| columns.each >= signals.grain(columns.start());
        lengths().filter(|each| *each >= wanted).map(spread).find(fits).unwrap_or_else(|| spread(wanted))
    }

    /// Shows less time in more detail (−1), or more in less (1), as far as there is any.
    pub fn zoom(&mut self, shown: Columns, by: i8) {
        let wider = || lengths().find(|each| *each > shown.each).filter(|_| shown.span() < KEPT);
        let finer = || lengths().filter(|each| *each < shown.each).last();
        self.each = if by > 0 { wider() } else { finer() }.or(Some(shown.each));
    }

    /// Reads one column further back (−1) or on (1). Past the newest it follows the newest again.
    pub fn step(&mut self, shown: Columns, by: isize) {
        let newest = shown.count.saturating_sub(1);
        let at = match self.read {
            Some(read) => shown.holding(read).unwrap_or(0),
            None if by > 0 => return,
            None => newest,
        };
        let next = if self.read.is_none() { at } else { at.saturating_add_signed(by) };
        self.read = (next <= newest && !(by > 0 && next == newest)).then(|| shown.end_of(next));
    }
}

fn lengths() -> impl Iterator<Item = Period> {
    LENGTHS.into_iter().map(Period::from_secs)
}

/// As many columns as fit and anything is kept for, and no more than make a time that is easily said: whole minutes, tens of them, half hours.
fn said(each: Period, room: usize) -> usize {
    let room = room.min(usize::try_from(KEPT.millis() / each.millis().max(1)).unwrap_or(room)).max(1);
    let whole = each * room as u32;
    let round = [(4 * 3_600, 1_800), (3_600, 600), (60, 60), (10, 10)].into_iter().find(|(from, _)| whole.secs() >= *from);
    let span = round.map_or(whole.secs(), |(_, round)| whole.secs() / round * round);
    usize::try_from(span * 1_000 / each.millis().max(1)).unwrap_or(room).clamp(1, room)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::evidence::reading::Batch;

    fn at(seconds: i64) -> EngineTime {
        EngineTime::from_millis(seconds * 1_000)
    }

    fn ticked(every: i64, until: i64) -> Signals {
        let mut signals = Signals::of_hours();
        for second in (every..=until).step_by(every as usize) {
            let over = Period::from_secs(every);
            signals.ingest(&Batch { at: at(second), over, edges: Arc::from([]), ..Batch::default() });
        }
        signals
    }

    #[test]
    fn a_chart_shows_a_time_that_is_easily_said_in_columns_of_two_ticks_at_least() {
        let span = |columns: Columns| (columns.each.secs(), columns.count);
        let chosen = Chosen::default();
        assert_eq!(span(chosen.columns(&ticked(1, 240), at(240), 44)), (10, 42), "7 minutes");
        assert_eq!(span(chosen.columns(&ticked(15, 3_600), at(3_600), 44)), (30, 44), "22 minutes");
        assert_eq!(span(chosen.columns(&Signals::default(), at(0), 0)), (300, 1));
    }

    #[test]
    fn zooming_stops_where_nothing_more_is_known() {
        let signals = ticked(1, 3_000);
        let mut chosen = Chosen::default();
        let shown = |chosen: &Chosen| chosen.columns(&signals, at(3_000), 44);
        for _ in 0..20 {
            let columns = shown(&chosen);
            chosen.zoom(columns, -1);
        }
        assert_eq!(shown(&chosen).each.secs(), 2);
        let mut spans = Vec::new();
        for _ in 0..20 {
            let columns = shown(&chosen);
            spans.push(columns.span().secs());
            chosen.zoom(columns, 1);
        }
        spans.dedup();
        assert_eq!(spans, [60, 180, 420, 840, 1_320, 2_640, 4_800, 13_200, 25_200, 28_800]);
    }

    #[test]
    fn the_moment_that_is_read_stays_while_time_goes_on() {
        let signals = ticked(1, 240);
        let mut chosen = Chosen::default();
        let shown = |now| Chosen::default().columns(&signals, at(now), 44);
        chosen.step(shown(240), 1);
        assert_eq!(chosen.read, None, "nothing is later than the newest");
        chosen.step(shown(240), -1);
        chosen.step(shown(240), -1);
        assert_eq!(chosen.read, Some(at(230)));
        assert_eq!((shown(240).holding(at(230)), shown(260).holding(at(230))), (Some(40), Some(38)), "it moves with its moment");
        chosen.step(shown(260), 1);
        assert_eq!(chosen.read, Some(at(240)));
        chosen.step(shown(260), 1);
        chosen.step(shown(260), 1);
        assert_eq!(chosen.read, None, "it follows the newest again");
    }
}
