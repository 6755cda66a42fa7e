//! The changes that led to a fleet, and the fleet at any of them.
//!
//! Bounded by whoever makes one: beyond so many changes the oldest are let go, and what they had led to is where it begins. Beside the
//! changes it keeps at most [`MARKS`] whole fleets, so that going to any moment folds a sixteenth of them and not all.

use std::collections::VecDeque;
use std::sync::Arc;

use super::change::Change;
use super::fleet::Fleet;
use super::id::Seq;

/// How many whole fleets are kept on the way, besides the one it begins with.
pub const MARKS: usize = 16;
/// Changes between two of them, at first. Doubles whenever there are too many.
const STRIDE: usize = 64;

/// Changes in order and without a gap, on top of the fleet they begin with.
#[derive(Clone, Debug)]
pub struct History {
    from: Arc<Fleet>,
    changes: VecDeque<Change>,
    /// Fleets on the way, oldest first.
    marks: VecDeque<Arc<Fleet>>,
    stride: usize,
    most: usize,
}

impl History {
    /// Nothing yet, on top of a fleet; of what follows at least half as many changes as `most` are kept, and at most as many.
    pub fn since(from: Arc<Fleet>, most: usize) -> Self {
        Self { from, changes: VecDeque::new(), marks: VecDeque::new(), stride: STRIDE, most }
    }

    /// The same, from here on of so many changes at most.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// The fleet before the first change that is kept.
    pub fn from(&self) -> &Arc<Fleet> {
        &self.from
    }

    /// Whether nothing that ever happened is missing at its beginning.
    pub fn is_whole(&self) -> bool {
        self.from.seq() == Seq(0)
    }

    /// The number of the last change; that of the fleet it begins with where there is none.
    pub fn seq(&self) -> Seq {
        self.changes.back().map_or_else(|| self.from.seq(), |change| change.seq)
    }

    /// Every change kept, oldest first.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = &Change> + ExactSizeIterator {
        self.changes.iter()
    }

    /// A change by its number.
    pub fn change(&self, seq: Seq) -> Option<&Change> {
        self.changes.get(usize::try_from(seq.0.checked_sub(self.from.seq().0 + 1)?).ok()?)
    }

    /// Takes the next change, and the fleet it was folded into: kept on the way where it is of that very moment. A change that is not
    /// the next is left aside.
    pub fn push(&mut self, change: Change, folded: &Arc<Fleet>) {
        if change.seq.0 != self.seq().0 + 1 {
            return;
        }
        self.changes.push_back(change);
        let last = self.marks.back().map_or(self.from.seq(), |mark| mark.seq());
        if self.seq().0 - last.0 >= self.stride as u64 && folded.seq() == self.seq() {
            self.marks.push_back(Arc::clone(folded));
            if self.marks.len() > MARKS {
                let mut is_kept = false;
                self.marks.retain(|_| {
                    is_kept = !is_kept;
                    !is_kept
                });
                self.stride *= 2;
            }
        }
        self.let_go();
    }

    /// The fleet as it was right after a change; `None` for one that is not kept, or has not happened yet.
    pub fn at(&self, seq: Seq) -> Option<Fleet> {
        if seq < self.from.seq() || seq > self.seq() {
            return None;
        }
        let mut fleet = self.marks.iter().rev().find(|mark| mark.seq() <= seq).unwrap_or(&self.from).as_ref().clone();
        self.advance(&mut fleet, seq);
        Some(fleet)
    }

    /// Folds what follows a fleet of this history into it, up to and with a change.
    pub fn advance(&self, fleet: &mut Fleet, to: Seq) {
        while fleet.seq() < to {
            let Some(next) = self.change(Seq(fleet.seq().0 + 1)) else { return };
            fleet.apply(next);
        }
    }

    /// Begins later where there is too much: at the first of the marks.
    fn let_go(&mut self) {
        while self.changes.len() > self.most {
            let Some(mark) = self.marks.pop_front() else { return };
            let gone = mark.seq().0 - self.from.seq().0;
            self.changes.drain(..self.changes.len().min(usize::try_from(gone).unwrap_or(usize::MAX)));
            self.from = mark;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Fact;
    use crate::domain::feed::{Feed, FeedState};
    use crate::domain::time::EngineTime;

    fn lived(count: u64, most: usize) -> (History, Vec<Fleet>) {
        let mut fleet = Arc::<Fleet>::default();
        let (mut history, mut fleets) = (History::since(Arc::clone(&fleet), most), vec![Fleet::default()]);
        for seq in 1..=count {
            let at = EngineTime::from_millis(seq as i64);
            let state = if seq % 2 == 0 { FeedState::Live } else { FeedState::Lost { since: at, why: seq.to_string() } };
            let change = Change { seq: Seq(seq), at, fact: Fact::FeedChanged { feed: Feed::Metrics, state } };
            Arc::make_mut(&mut fleet).apply(&change);
            fleets.push(fleet.as_ref().clone());
            history.push(change, &fleet);
        }
        (history, fleets)
    }

    #[test]
    fn every_moment_is_the_fold_of_what_came_before_it() {
        let (history, fleets) = lived(3_000, usize::MAX);
        assert!(history.is_whole() && history.marks.len() <= MARKS);
        for (seq, fleet) in (0..).zip(&fleets) {
            assert_eq!(history.at(Seq(seq)).as_ref(), Some(fleet), "{seq}");
        }
        assert_eq!(history.at(Seq(3_001)), None);
    }

    #[test]
    fn what_is_too_old_is_let_go_and_what_is_kept_stays_exact() {
        let (history, fleets) = lived(3_000, 500);
        let kept = history.changes().len();
        assert!((250..=500).contains(&kept) && !history.is_whole(), "{kept}");
        assert_eq!(history.from().seq().0 + kept as u64, 3_000);
        assert_eq!(history.at(Seq(history.from().seq().0 - 1)), None);
        for seq in history.from().seq().0..=3_000 {
            assert_eq!(history.at(Seq(seq)).as_ref(), Some(&fleets[seq as usize]), "{seq}");
            assert_eq!(history.change(Seq(seq)).map_or(seq, |change| change.seq.0), seq);
        }
    }

    #[test]
    fn what_does_not_follow_is_left_aside() {
        let (mut history, _) = lived(3, 10);
        let change = history.change(Seq(2)).unwrap().clone();
        history.push(change, &Arc::default());
        assert_eq!((history.seq(), history.changes().len()), (Seq(3), 3));
    }
}
