//! Numbers in words, and one that compares exactly.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many times as much: a ratio kept in thousandths, so that it compares and replays exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Times(u32);

impl Times {
    /// So many times; what lies outside 0 to 1,000,000, or is not a number, is brought to the nearer end (NaN to 0).
    pub fn new(ratio: f64) -> Self {
        Self((ratio.clamp(0.0, 1e6) * 1_000.0).round() as u32)
    }

    /// The ratio.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&times(self.as_f64()))
    }
}

/// A whole number with its thousands set apart: `11,100`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many times as much: `1.7×`, `3×`, `12×`.
pub fn times(ratio: f64) -> String {
    if ratio >= 9.95 || (ratio - ratio.round()).abs() < 0.05 { format!("{ratio:.0}×") } else { format!("{ratio:.1}×") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 11_100, 1_234_567].map(grouped), ["0", "999", "11,100", "1,234,567"]);
    }

    #[test]
    fn a_ratio_has_no_more_digits_than_it_needs() {
        assert_eq!([1.5, 1.73, 2.0, 2.96, 9.96, 12.4].map(times), ["1.5×", "1.7×", "2×", "3×", "10×", "12×"]);
    }
}
