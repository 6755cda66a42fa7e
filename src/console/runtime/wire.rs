//! How much the line to the terminal carries, as far as that can be told from this end of it.
//!
//! Nobody says how much of what was written has arrived. A write that has to wait does, where so much was written of late that the
//! system's own queue can be full: what it took in meanwhile is what the line carried. From then on a frame waits until the one before it
//! has gone down the line, so that what is seen is as old as one frame takes, and not as old as all that are queued.

use std::time::{Duration, Instant};

/// A write that takes so long may have waited for the line: filling the queue alone takes less than a millisecond.
const MAY_HAVE_WAITED: Duration = Duration::from_millis(4);
/// One that takes so long has. Before that it may be the machine that was busy; twice in a row it is not.
const HAS_WAITED: Duration = Duration::from_millis(50);
/// What the system keeps for a terminal, in bytes: what is still on its way when a write that waited is done.
const QUEUE: f64 = 12.0 * 1024.0;
/// Where less than this was written of late, in bytes, no write waits for a queue: then it is the machine, or the link stood still.
const ENOUGH: f64 = 8.0 * 1024.0;
/// How long ago "of late" is, in seconds: what was written counts less and less.
const LATE: f64 = 2.0;
/// A line is taken to have become faster by so much with every write that did not wait.
const FASTER: f64 = 1.1;
/// After so long a full queue says nothing of what the line carries now.
const LONG_AGO: Duration = Duration::from_secs(30);
/// The longest that a frame is put off, however slow the line looks.
const LONGEST: Duration = Duration::from_millis(1_500);

/// What is known of the line. It reads no clock: the present comes in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wire {
    /// Bytes a second; nothing is known of a line that never made anybody wait.
    rate: Option<f64>,
    /// When all that was written will have gone down it.
    clear: Option<Instant>,
    /// When anything was last written.
    last: Option<Instant>,
    /// Bytes written of late.
    late: f64,
    /// When the queue was last full, and how many bytes were written since.
    full: Option<(Instant, f64)>,
    /// Whether the last write may have waited.
    suspect: bool,
}

impl Wire {
    /// Says that so many bytes were written, from when to when.
    pub fn written(&mut self, bytes: usize, (began, ended): (Instant, Instant)) {
        let took = ended.saturating_duration_since(began);
        let bytes = bytes as f64;
        let since = self.last.map_or(0.0, |last| began.saturating_duration_since(last).as_secs_f64());
        self.late = self.late * (-since / LATE).exp() + bytes;
        let may_have_waited = took >= MAY_HAVE_WAITED && self.late >= ENOUGH;
        let suspected = std::mem::replace(&mut self.suspect, may_have_waited);
        if may_have_waited && (took >= HAS_WAITED || suspected) {
            let rate = match self.full.filter(|(at, _)| ended.saturating_duration_since(*at) < LONG_AGO) {
                // From one full queue to the next the line carried just what was written, or more where it stood empty in between.
                Some((at, since)) => (since + bytes) / ended.saturating_duration_since(at).as_secs_f64(),
                // What the queue had room for cost no time, so this is too high; the next wait tells better.
                None => bytes / took.as_secs_f64(),
            };
            self.rate = Some(rate.max(1.0));
            self.clear = Some(ended + seconds(QUEUE / rate.max(1.0)));
            self.full = Some((ended, 0.0));
        } else {
            if let Some(rate) = &mut self.rate {
                let from = self.clear.map_or(began, |clear| clear.max(began));
                self.clear = Some(from + seconds(bytes / *rate));
                *rate *= FASTER;
            }
            self.full = self.full.map(|(at, since)| (at, since + bytes));
        }
        self.last = Some(ended);
    }

    /// When the next frame may be written without queueing behind the last, which may have passed.
    pub fn clear(&self, now: Instant) -> Instant {
        self.clear.unwrap_or(now)
    }
}

/// At most the longest that a frame is put off.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line with the system's queue before it.
    struct Simulated {
        rate: f64,
        queued: f64,
        at: Instant,
    }

    impl Simulated {
        fn go_on(&mut self, to: Instant) {
            let passed = to.saturating_duration_since(self.at).as_secs_f64();
            self.queued = (self.queued - passed * self.rate).max(0.0);
            self.at = self.at.max(to);
        }

        /// Takes a frame in, when it can. Returns when it had it all.
        fn take(&mut self, bytes: usize, at: Instant) -> Instant {
            self.go_on(at);
            let over = (self.queued + bytes as f64 - QUEUE).max(0.0);
            self.queued += bytes as f64;
            self.go_on(at + Duration::from_secs_f64(over / self.rate));
            self.at
        }
    }

    /// Draws for a minute. Returns how old each frame was when all of it was seen, and how many there were in each ten seconds.
    fn live(rate: impl Fn(u64) -> f64, bytes: usize) -> (Vec<Duration>, [usize; 6]) {
        let start = Instant::now();
        let (mut wire, mut simulated) = (Wire::default(), Simulated { rate: rate(0), queued: 0.0, at: start });
        let (mut ages, mut frames, mut now) = (Vec::new(), [0; 6], start);
        while now < start + Duration::from_secs(60) {
            let second = (now - start).as_secs();
            simulated.rate = rate(second);
            let began = now;
            let ended = simulated.take(bytes, began);
            wire.written(bytes, (began, ended));
            ages.push(ended + Duration::from_secs_f64(simulated.queued / simulated.rate) - began);
            frames[(second / 10) as usize] += 1;
            now = wire.clear(ended).max(ended + Duration::from_millis(33));
        }
        (ages, frames)
    }

    #[test]
    fn on_a_fast_line_nothing_waits() {
        let (_, frames) = live(|_| 10e6, 8_000);
        assert!(frames.iter().all(|frames| *frames >= 295), "{frames:?}");
    }

    #[test]
    fn on_a_slow_line_a_frame_seen_is_mostly_as_old_as_it_takes_to_carry_it() {
        for bytes in [500, 2_000, 6_000] {
            let (mut ages, frames) = live(|_| 10_000.0, bytes);
            let settled = ages.split_off(ages.len() / 3);
            let young = settled.iter().filter(|age| **age <= Duration::from_secs(1)).count();
            assert!(young * 10 >= settled.len() * 6, "{bytes} bytes: {young} of {}", settled.len());
            // And the line is in use.
            assert!(frames[5] * bytes >= 70_000, "{bytes} bytes: {frames:?}");
        }
    }

    #[test]
    fn a_machine_that_was_busy_for_a_moment_puts_nothing_off() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut wire = Wire::default();
        // Twenty seconds apart, in a console in which little happens.
        for (bytes, began, took) in [(40, 0, 60), (40, 20_000, 60), (2_000, 20_500, 5), (40, 20_700, 5)] {
            wire.written(bytes, (at(began), at(began + took)));
            assert_eq!(wire.clear(at(began + took)), at(began + took));
        }
    }

    #[test]
    fn a_link_that_stood_still_is_believed_again() {
        let start = Instant::now();
        let mut wire = Wire::default();
        wire.written(8_500, (start, start + Duration::from_secs(8)));
        let mut now = start + Duration::from_secs(8);
        let mut put_off = 0;
        for _ in 0..60 {
            let clear = wire.clear(now);
            assert!(clear <= now + LONGEST);
            put_off += u32::from(clear > now + Duration::from_millis(100));
            now = clear.max(now + Duration::from_millis(33));
            wire.written(4_000, (now, now));
        }
        assert!(put_off <= 40, "{put_off} frames");
    }

    #[test]
    fn a_line_that_becomes_fast_again_is_used_again() {
        let (_, frames) = live(|second| if second < 10 { 10_000.0 } else { 10e6 }, 2_000);
        assert!(frames[0] < 100 && frames[5] >= 250, "{frames:?}");
    }
}
