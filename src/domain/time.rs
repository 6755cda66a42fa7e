//! The two clocks, as two types. What the engine decides runs on [`EngineTime`], which a demo may speed up; what a person's
//! hands and eyes need (arming, staleness, paging) runs on [`ConsoleTime`], which is always wall time.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A length of time in whole milliseconds. Never negative: a difference that would be is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Period(i64);

impl Period {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many milliseconds; negative counts as none.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < 0 { Self(0) } else { Self(millis) }
    }

    /// So many seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1_000))
    }

    /// So many minutes.
    pub const fn from_mins(minutes: i64) -> Self {
        Self::from_secs(minutes.saturating_mul(60))
    }

    /// So many seconds, fractions kept to the millisecond; what is not a finite positive number counts as none.
    pub fn from_secs_f64(seconds: f64) -> Self {
        if seconds.is_finite() { Self::from_millis((seconds * 1_000.0).round() as i64) } else { Self::ZERO }
    }

    /// In milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// In whole seconds, rounded down.
    pub const fn secs(self) -> i64 {
        self.0 / 1_000
    }

    /// In seconds with fractions.
    pub fn secs_f64(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// What is left of this after `other`, or none.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self::from_millis(self.0 - other.0)
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Period {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Period {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<u32> for Period {
    type Output = Self;

    fn mul(self, times: u32) -> Self {
        Self(self.0.saturating_mul(i64::from(times)))
    }
}

/// In words of at most two units: `40 s`, `1 min 30 s`, `6 min`, `1 h 37 min`, `5 days`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.saturating_add(500) / 1_000;
        let (minutes, hours) = (seconds / 60, (seconds + 30) / 3_600);
        let text = match seconds {
            ..60 => format!("{seconds} s"),
            60..600 if seconds % 60 != 0 => format!("{minutes} min {} s", seconds % 60),
            60..3_600 => format!("{} min", (seconds + if seconds < 600 { 0 } else { 30 }) / 60),
            3_600..172_800 => {
                let minutes = (seconds + 30) / 60;
                if minutes % 60 == 0 { format!("{} h", minutes / 60) } else { format!("{} h {} min", minutes / 60, minutes % 60) }
            }
            _ => format!("{} days", hours / 24),
        };
        f.pad(&text)
    }
}

macro_rules! clock {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(i64);

        impl $type {
            /// From milliseconds since 1970-01-01 00:00 UTC.
            pub const fn from_millis(millis: i64) -> Self {
                Self(millis)
            }

            /// Milliseconds since 1970-01-01 00:00 UTC.
            pub const fn millis(self) -> i64 {
                self.0
            }

            /// How long since `earlier`; none where that lies ahead.
            pub const fn since(self, earlier: Self) -> Period {
                Period::from_millis(self.0 - earlier.0)
            }

            /// How long until `later`; none where that has passed.
            pub const fn until(self, later: Self) -> Period {
                later.since(self)
            }

            /// The clock time to the minute in a zone: `14:32`.
            pub fn hh_mm(self, zone: &TimeZone) -> String {
                self.format(zone, "%H:%M")
            }

            /// The clock time to the second in a zone: `14:32:07`.
            pub fn hh_mm_ss(self, zone: &TimeZone) -> String {
                self.format(zone, "%H:%M:%S")
            }

            /// As `strftime` would write it in a zone.
            pub fn format(self, zone: &TimeZone, pattern: &str) -> String {
                Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone()).strftime(pattern).to_string()
            }
        }

        impl Add<Period> for $type {
            type Output = Self;

            fn add(self, period: Period) -> Self {
                Self(self.0.saturating_add(period.millis()))
            }
        }

        impl Sub<Period> for $type {
            type Output = Self;

            fn sub(self, period: Period) -> Self {
                Self(self.0.saturating_sub(period.millis()))
            }
        }

        impl Sub for $type {
            type Output = Period;

            fn sub(self, earlier: Self) -> Period {
                self.since(earlier)
            }
        }
    };
}

clock!(
    /// The engine's clock, in milliseconds since 1970: bakes, deadlines, samples, alerts. May run faster than the wall in a demo.
    EngineTime
);
clock!(
    /// The clock of the person at the console, in milliseconds since 1970. Always wall time.
    ConsoleTime
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_said_in_at_most_two_units() {
        let said = |seconds| Period::from_secs(seconds).to_string();
        assert_eq!(said(0), "0 s");
        assert_eq!(said(45), "45 s");
        assert_eq!(said(90), "1 min 30 s");
        assert_eq!(said(360), "6 min");
        assert_eq!(said(3_599), "60 min");
        assert_eq!(said(5_844), "1 h 37 min");
        assert_eq!(said(7_200), "2 h");
        assert_eq!(said(432_000), "5 days");
    }

    #[test]
    fn a_difference_is_never_negative() {
        let (early, late) = (EngineTime::from_millis(1_000), EngineTime::from_millis(4_000));
        assert_eq!(late - early, Period::from_secs(3));
        assert_eq!(early - late, Period::ZERO);
        assert_eq!(early.until(late), Period::from_secs(3));
    }
}
