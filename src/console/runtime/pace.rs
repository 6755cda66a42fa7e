//! When the next frame may be drawn.

use std::time::{Duration, Instant};

use super::wire::Wire;

/// Between frames that data asked for: 30 a second are plenty for eyes, and a slow link has to carry them.
const BETWEEN_FRAMES: Duration = Duration::from_millis(33);
/// Between frames where a key was struck: short enough to feel immediate, long enough for a burst to become one frame.
const AFTER_KEY: Duration = Duration::from_millis(4);

/// The longest that a key's frame waits for the last to go down a slow line: what is thought of the line may be wrong.
const KEY_WAITS: Duration = Duration::from_millis(250);

/// Why a frame is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A person did something and waits to see it.
    Key,
    /// Anything else.
    Data,
}

/// The budget of frames. It reads no clock: the present comes in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    drawn: Option<Instant>,
    wanted: Option<Cause>,
    wire: Wire,
}

impl Pace {
    /// Nothing drawn yet and nothing wanted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a frame. Many askings make one frame; a key's is not put off by data.
    pub fn want(&mut self, cause: Cause) {
        if self.wanted != Some(Cause::Key) {
            self.wanted = Some(cause);
        }
    }

    /// When the wanted frame may be drawn, which may have passed; none where no frame is wanted. The first frame at once; none before the
    /// last has gone down the line.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let wanted = self.wanted?;
        let Some(drawn) = self.drawn else { return Some(now) };
        let clear = self.wire.clear(now);
        Some(match wanted {
            Cause::Key => (drawn + AFTER_KEY).max(clear.min(drawn + KEY_WAITS)),
            Cause::Data => (drawn + BETWEEN_FRAMES).max(clear),
        })
    }

    /// Whether the wanted frame may be drawn now.
    pub fn ready(&self, now: Instant) -> bool {
        self.due(now).is_some_and(|due| due <= now)
    }

    /// Says that a frame was drawn, in so many bytes and from when to when: none where it was found equal to what is shown.
    pub fn drawn(&mut self, bytes: usize, (began, ended): (Instant, Instant)) {
        if bytes > 0 {
            self.wire.written(bytes, (began, ended));
        }
        *self = Self { drawn: Some(ended), wanted: None, wire: self.wire };
    }

    /// When to wake if nothing happens before: the sooner of the wanted frame and the model's own deadline. None means sleep.
    pub fn wake(&self, now: Instant, deadline: Option<Instant>) -> Option<Instant> {
        [self.due(now), deadline].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_their_distance_and_keys_come_sooner() {
        let start = Instant::now();
        let ms = |n| start + Duration::from_millis(n);
        let mut pace = Pace::new();
        assert_eq!(pace.wake(start, None), None);
        pace.want(Cause::Data);
        assert!(pace.ready(start));
        pace.drawn(9, (start, start));
        assert_eq!(pace.due(ms(1)), None);
        pace.want(Cause::Data);
        assert_eq!(pace.due(ms(1)), Some(ms(33)));
        pace.want(Cause::Key);
        pace.want(Cause::Data);
        assert_eq!(pace.due(ms(1)), Some(ms(4)));
        assert!(!pace.ready(ms(3)) && pace.ready(ms(4)));
        assert_eq!(pace.wake(ms(1), Some(ms(2))), Some(ms(2)));
        assert_eq!(pace.wake(ms(1), Some(ms(500))), Some(ms(4)));
    }

    #[test]
    fn a_thousand_askings_a_second_make_thirty_frames() {
        let start = Instant::now();
        let mut pace = Pace::new();
        let mut frames = 0;
        for n in 0..1000 {
            let now = start + Duration::from_millis(n);
            pace.want(Cause::Data);
            if pace.ready(now) {
                pace.drawn(9, (now, now));
                frames += 1;
            }
        }
        assert_eq!(frames, 31);
    }
}
