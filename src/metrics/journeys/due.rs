//! What is to be tried when. Pure: both clocks come in as arguments.

use std::time::Duration;

use crate::domain::time::{EngineTime, Period};

/// The least time between two tries of one journey by the wall, however fast the engine's clock runs.
const LEAST: Duration = Duration::from_secs(1);

/// Steps of the golden ratio fall evenly between 0 and 1, however many there are.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// The share of a period by which single tries come late, so that none keeps step with what happens every full minute.
const JITTER: f64 = 0.1;

/// When each of several things was and will be tried.
#[derive(Clone, Debug)]
pub(super) struct Due {
    turns: Vec<Turn>,
}

#[derive(Clone, Debug)]
struct Turn {
    every: Period,
    /// Where it lies among the others, from 0 to 1.
    phase: f64,
    /// When it is tried next; `None` until the clock was looked at once.
    next: Option<EngineTime>,
    tries: u32,
    begun: Option<Duration>,
    under_way: bool,
}

impl Due {
    /// Things that are tried once in each of these periods.
    pub(super) fn new(periods: Vec<Period>) -> Self {
        let turn = |(index, every): (u32, Period)| Turn {
            every,
            phase: (f64::from(index) * GOLDEN).fract(),
            next: None,
            tries: 0,
            begun: None,
            under_way: false,
        };
        Self { turns: (0..).zip(periods).map(turn).collect() }
    }

    /// What is to be tried now, of those that can be tried: the longest overdue first, `most` at most. It is under way from now on.
    pub(super) fn take(&mut self, now: EngineTime, wall: Duration, most: usize, can: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut due: Vec<(EngineTime, usize)> = Vec::new();
        for (index, turn) in self.turns.iter_mut().enumerate().filter(|(index, _)| can(*index)) {
            // The first tries spread over a period, or over ten seconds where that is shorter: who opens a console waits for them.
            let first = turn.every.min(Period::from_secs(10));
            let next = *turn.next.get_or_insert_with(|| now + Period::from_secs_f64(first.secs_f64() * turn.phase));
            let rested = turn.begun.is_none_or(|begun| wall.saturating_sub(begun) >= LEAST);
            if !turn.under_way && rested && next <= now {
                due.push((next, index));
            }
        }
        due.sort_unstable();
        due.truncate(most);
        for (_, index) in &due {
            if let Some(turn) = self.turns.get_mut(*index) {
                turn.begin(now, wall);
            }
        }
        due.into_iter().map(|(_, index)| index).collect()
    }

    /// One has come to its end and may be tried again.
    pub(super) fn ended(&mut self, index: usize) {
        if let Some(turn) = self.turns.get_mut(index) {
            turn.under_way = false;
        }
    }
}

impl Turn {
    /// Tries that were missed are not made up for.
    fn begin(&mut self, now: EngineTime, wall: Duration) {
        let every = self.every.millis().max(1);
        let due = self.next.unwrap_or(now);
        let missed = now.since(due).millis() / every;
        // Late by a part that changes from try to try, and that the next one does not inherit.
        let late =
            |tries: u32| Period::from_secs_f64(self.every.secs_f64() * JITTER * (self.phase + f64::from(tries) * GOLDEN).fract());
        let grid = EngineTime::from_millis(due.millis() - if self.tries == 0 { 0 } else { late(self.tries).millis() });
        let next = grid + Period::from_millis(every * (missed + 1)) + late(self.tries + 1);
        (self.next, self.tries, self.begun, self.under_way) = (Some(next), self.tries + 1, Some(wall), true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> EngineTime {
        EngineTime::from_millis(1_000_000 + millis)
    }

    /// When each was begun in so many seconds, looked at four times a second and ended at once.
    fn begun(due: &mut Due, seconds: i64) -> Vec<Vec<i64>> {
        let mut found = vec![Vec::new(); due.turns.len()];
        for look in 0..seconds * 4 {
            let wall = Duration::from_millis(look.unsigned_abs() * 250);
            for index in due.take(at(look * 250), wall, 32, |_| true) {
                found[index].push(look * 250);
                due.ended(index);
            }
        }
        found
    }

    #[test]
    fn each_is_tried_once_a_period_and_none_in_step_with_another() {
        let mut due = Due::new(vec![Period::from_secs(10); 8]);
        let tries = begun(&mut due, 600);
        for own in &tries {
            assert!((59..=60).contains(&own.len()), "{own:?}");
            assert!(own.windows(2).all(|pair| (8_750..=11_250).contains(&(pair[1] - pair[0]))), "{own:?}");
        }
        let mut firsts: Vec<i64> = tries.iter().map(|own| own[0]).collect();
        firsts.sort_unstable();
        assert!(firsts.windows(2).all(|pair| pair[1] - pair[0] >= 500), "{firsts:?}");
        let steps: std::collections::BTreeSet<i64> = tries[0].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.len() > 3, "every try comes late by a part of its own: {steps:?}");
    }

    #[test]
    fn one_under_way_is_not_begun_again_and_what_was_missed_is_not_made_up_for() {
        let mut due = Due::new(vec![Period::from_secs(10)]);
        assert_eq!(due.take(at(0), Duration::ZERO, 32, |_| true), [0]);
        assert_eq!(due.take(at(60_000), Duration::from_secs(60), 32, |_| true), [0; 0]);
        due.ended(0);
        assert_eq!(due.take(at(61_000), Duration::from_secs(61), 32, |_| true), [0]);
        due.ended(0);
        assert_eq!(due.take(at(63_000), Duration::from_secs(63), 32, |_| true), [0; 0]);
    }

    #[test]
    fn the_longest_overdue_come_first_and_the_others_keep_their_turn() {
        let mut due = Due::new(vec![Period::from_secs(10); 3]);
        assert_eq!(due.take(at(0), Duration::ZERO, 2, |_| true), [0]);
        assert_eq!(due.take(at(9_900), Duration::from_secs(10), 1, |_| true), [2], "its phase is a fifth, the other's two thirds");
        assert_eq!(due.take(at(9_900), Duration::from_secs(10), 1, |_| true), [1]);
        assert_eq!(due.take(at(9_900), Duration::from_secs(10), 1, |index| index != 0), [0; 0]);
    }

    #[test]
    fn however_fast_the_engine_runs_nobody_is_asked_more_than_once_a_second() {
        let mut due = Due::new(vec![Period::from_secs(10)]);
        let mut tries = 0;
        for look in 0..40_u32 {
            // A hundred times as fast as the wall.
            for index in due.take(at(i64::from(look) * 25_000), Duration::from_millis(250) * look, 32, |_| true) {
                due.ended(index);
                tries += 1;
            }
        }
        assert_eq!(tries, 10);
    }
}
