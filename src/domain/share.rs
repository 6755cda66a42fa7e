//! A part of a whole.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A share between 0 and 1, kept in millionths so that it compares and replays exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(u32);

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self(1_000_000);

    /// A share of 1; what lies outside 0 to 1, or is not a number, is brought to the nearer end (NaN to 0).
    pub fn new(part: f64) -> Self {
        Self((part.clamp(0.0, 1.0) * 1_000_000.0).round() as u32)
    }

    /// So many percent.
    pub fn percent(percent: f64) -> Self {
        Self::new(percent / 100.0)
    }

    /// `part` of `whole`; nothing where the whole is nothing.
    pub fn of(part: u64, whole: u64) -> Self {
        if whole == 0 { Self::NONE } else { Self::new(part as f64 / whole as f64) }
    }

    /// Between 0 and 1.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1_000_000.0
    }

    /// `floor(share · n)`, exact.
    pub fn floor_of(self, n: u32) -> u32 {
        (u64::from(self.0) * u64::from(n) / 1_000_000) as u32
    }

    /// `ceil(share · n)`, exact.
    pub fn ceil_of(self, n: u32) -> u32 {
        (u64::from(self.0) * u64::from(n)).div_ceil(1_000_000) as u32
    }
}

/// In percent with as many digits as it needs: `27 %`, `1 %`, `0.31 %`, `99.98 %`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.as_f64() * 100.0;
        let text = if percent >= 99.995 || percent == 0.0 {
            format!("{percent:.0} %")
        } else if !(1.0..=99.0).contains(&percent) {
            format!("{percent:.2} %")
        } else if percent < 10.0 && (percent - percent.round()).abs() >= 0.05 {
            format!("{percent:.1} %")
        } else {
            format!("{percent:.0} %")
        };
        f.pad(&text)
    }
}
