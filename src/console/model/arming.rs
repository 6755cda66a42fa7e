//! When a dialog may be confirmed: pure timing. What nobody has had the time to read, and what no finger alone struck, acts on nothing.

use crate::domain::time::{ConsoleTime, Period};

/// How long after it was drawn a dialog is armed. Every earlier key starts this again.
pub const ARMING: Period = Period::from_millis(400);
/// How long the keyboard must have been silent before a key that confirms.
pub const SILENCE: Period = Period::from_millis(150);
/// Keys closer together than this were not struck by a finger: a paste without its brackets, or something lying on the keyboard.
pub const BURST: Period = Period::from_millis(8);

/// The timing of one dialog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arming {
    /// When the time began to run: the dialog was drawn, or a key came too early.
    since: Option<ConsoleTime>,
    last_key: Option<ConsoleTime>,
}

impl Arming {
    /// For a dialog opened by a key: that key counts as the last one.
    pub const fn opened(at: ConsoleTime) -> Self {
        Self { since: None, last_key: Some(at) }
    }

    /// The dialog has reached the terminal.
    pub fn drawn(&mut self, at: ConsoleTime) {
        self.since.get_or_insert(at);
    }

    /// What is shown has changed: it counts as not drawn yet.
    pub fn reset(&mut self) {
        self.since = None;
    }

    /// A key came. Says what it may be used for, and takes it into account for the next.
    pub fn key(&mut self, at: ConsoleTime, repeat: bool) -> Stroke {
        let silence = self.last_key.map(|last| at.since(last));
        let armed = self.is_armed(at);
        self.last_key = Some(at);
        let burst = silence.is_some_and(|silence| silence < BURST);
        if !armed || burst {
            self.since = self.since.map(|_| at);
            return if burst && armed { Stroke::Burst } else { Stroke::Early };
        }
        if repeat || silence.is_some_and(|silence| silence < SILENCE) { Stroke::Typed } else { Stroke::Deliberate }
    }

    /// Whether a key at this time would not be too early.
    pub fn is_armed(&self, at: ConsoleTime) -> bool {
        self.since.is_some_and(|since| at.since(since) >= ARMING)
    }

    /// When it will be armed if no key comes; `None` while it is not drawn.
    pub fn armed_at(&self) -> Option<ConsoleTime> {
        self.since.map(|since| since + ARMING)
    }
}

/// What a key may be used for in a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// For nothing: the dialog was not armed, and the time starts again.
    Early,
    /// For nothing, and what was typed so far is void: no finger is that fast.
    Burst,
    /// To be typed, not to confirm.
    Typed,
    /// To be typed, or to confirm.
    Deliberate,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> ConsoleTime {
        ConsoleTime::from_millis(1_000_000 + millis)
    }

    #[test]
    fn is_armed_400_ms_after_it_was_drawn_and_every_earlier_key_starts_that_again() {
        let mut arming = Arming::opened(ms(0));
        assert_eq!(arming.key(ms(5_000), false), Stroke::Early, "never drawn");
        arming.drawn(ms(5_010));
        arming.drawn(ms(5_300));
        assert!(!arming.is_armed(ms(5_409)));
        assert_eq!(arming.key(ms(5_400), false), Stroke::Early);
        assert_eq!(arming.key(ms(5_799), false), Stroke::Early);
        assert_eq!(arming.key(ms(6_199), false), Stroke::Deliberate);
    }

    #[test]
    fn a_confirming_key_needs_silence_before_it_and_a_finger() {
        let mut arming = Arming::opened(ms(0));
        arming.drawn(ms(0));
        assert_eq!(arming.key(ms(500), true), Stroke::Typed, "held");
        assert_eq!(arming.key(ms(600), false), Stroke::Typed, "100 ms");
        assert_eq!(arming.key(ms(749), false), Stroke::Typed);
        assert_eq!(arming.key(ms(899), false), Stroke::Deliberate);
        assert_eq!(arming.key(ms(902), false), Stroke::Burst);
        assert_eq!(arming.key(ms(1_301), false), Stroke::Early);
    }

    #[test]
    fn a_clock_set_back_arms_nothing() {
        let mut arming = Arming::opened(ms(0));
        arming.drawn(ms(0));
        assert_eq!(arming.key(ms(-10_000), false), Stroke::Early);
    }
}
