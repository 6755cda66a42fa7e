//! The numbers beside a chart: few, round, with their unit.

use super::Scale;
use crate::domain::metric::Unit;

/// A vertical axis from one round number to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    step: f64,
    unit: Unit,
}

impl Axis {
    /// An axis from a round number at or below `low` to one at or above `high`, with numbers on at most every other one of so many
    /// rows. Where the two are no numbers or not in order, from 0 to 1.
    pub fn over(low: f64, high: f64, unit: Unit, rows: usize) -> Self {
        let (low, high) = if (high - low).is_finite() && high > low { (low, high) } else { (0.0, 1.0) };
        let most = (rows / 2).max(1) as f64;
        let mut step = nice((high - low) / most);
        // Rounding both ends outwards may have made one step more of it than there is room for.
        while ((high / step).ceil() - (low / step + 1e-9).floor()) > most + 1e-9 {
            step = nice(step * 1.01);
        }
        let (low, high) = ((low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step);
        Self { low, high, step, unit }
    }

    /// What curves beside it are drawn to.
    pub const fn scale(&self) -> Scale {
        Scale::new(self.low, self.high)
    }

    /// Its round numbers, the lowest first.
    pub fn ticks(&self) -> Vec<f64> {
        let steps = ((self.high - self.low) / self.step).round() as u32;
        (0..=steps).map(|step| self.low + self.step * f64::from(step)).collect()
    }

    /// A number of the axis with its unit, and no more digits than its steps need: `0.05 %`, `250 ms`, `1.5 s`.
    pub fn label(&self, value: f64) -> String {
        self.said(value, self.step, 6)
    }

    /// A number that need not be one of its round ones, with its unit and the digits it has, three at most: `1.25 s`.
    pub fn exact(&self, value: f64) -> String {
        self.said(value, value, 3)
    }

    /// A value with the digits that another number needs.
    fn said(&self, value: f64, like: f64, most: usize) -> String {
        let (times, unit) = match self.unit {
            Unit::Share => (100.0, "%"),
            Unit::Seconds if self.high < 1.0 => (1_000.0, "ms"),
            Unit::Seconds => (1.0, "s"),
        };
        format!("{:.*} {unit}", digits(like * times).min(most), value * times)
    }

    /// The row, from 0 at the top, of so many that a value lies in; what is outside lies in the nearer end's.
    pub fn row(&self, value: f64, rows: usize) -> Option<usize> {
        let height = self.scale().height(value)?;
        let up = ((height * rows as f64).floor() as usize).min(rows.checked_sub(1)?);
        Some(rows - 1 - up)
    }

    /// How many eighths of a cell a bar of this value is high in so many rows: one at least, because nothing is not zero.
    pub fn eighths(&self, value: f64, rows: usize) -> Option<usize> {
        let height = self.scale().height(value)?;
        Some(((height * rows as f64 * 8.0).round() as usize).max(1))
    }
}

/// The least of 1, 2, 2.5, 5 and their tenfolds that is not below a number.
fn nice(number: f64) -> f64 {
    let power = 10f64.powf(number.log10().floor());
    let times = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|times| times * power >= number * (1.0 - 1e-9));
    times.unwrap_or(10.0) * power
}

/// How many digits behind the point tell multiples of a step apart.
fn digits(step: f64) -> usize {
    let is_enough = |digits: &i32| {
        let whole = step * 10f64.powi(*digits);
        (whole - whole.round()).abs() <= 1e-6 * whole.abs()
    };
    (0..6).find(is_enough).unwrap_or(6) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, unit: Unit, rows: usize) -> Vec<String> {
        let axis = Axis::over(low, high, unit, rows);
        axis.ticks().into_iter().map(|tick| axis.label(tick)).collect()
    }

    #[test]
    fn numbers_are_round_and_carry_their_unit() {
        assert_eq!(labels(0.0, 1.62, Unit::Seconds, 5), ["0 s", "1 s", "2 s"]);
        assert_eq!(labels(0.0, 1.62, Unit::Seconds, 10), ["0.0 s", "0.5 s", "1.0 s", "1.5 s", "2.0 s"]);
        assert_eq!(labels(0.0, 0.3, Unit::Seconds, 5), ["0 ms", "200 ms", "400 ms"]);
        assert_eq!(labels(0.0, 0.001, Unit::Share, 5), ["0.00 %", "0.05 %", "0.10 %"]);
        assert_eq!(labels(0.0, 0.8, Unit::Share, 5), ["0 %", "50 %", "100 %"]);
        assert_eq!(labels(0.998, 1.0, Unit::Share, 5), ["99.8 %", "99.9 %", "100.0 %"]);
    }

    #[test]
    fn numbers_stand_on_every_other_row_at_most_and_hold_the_values() {
        for rows in 1..20 {
            for (low, high) in [(0.0, 0.000_37), (0.0, 0.099), (0.0, 7.3), (0.9991, 1.0), (0.0, 1.0), (0.0, 123.0)] {
                let axis = Axis::over(low, high, Unit::Share, rows);
                let ticks = axis.ticks();
                assert!(ticks.len() <= rows / 2 + 1 || rows == 1, "{ticks:?} in {rows}");
                assert!(axis.low <= low + 1e-12 && axis.high >= high - 1e-12, "{axis:?} for {low}..{high}");
            }
        }
    }

    #[test]
    fn what_is_no_range_is_drawn_from_nothing_to_one() {
        assert_eq!(Axis::over(f64::INFINITY, f64::NEG_INFINITY, Unit::Share, 4).ticks(), [0.0, 0.5, 1.0]);
        assert_eq!(Axis::over(0.0, f64::NAN, Unit::Share, 4).row(f64::NAN, 4), None);
        assert_eq!(Axis::over(0.0, 0.0, Unit::Share, 4).row(0.0, 0), None);
    }

    #[test]
    fn a_value_lies_in_its_row_and_zero_is_drawn() {
        let axis = Axis::over(0.0, 2.0, Unit::Seconds, 4);
        let rows: Vec<_> = [0.0, 0.49, 0.5, 1.5, 2.0, 9.0].map(|value| axis.row(value, 4)).into_iter().flatten().collect();
        assert_eq!(rows, [3, 3, 2, 0, 0, 0]);
        assert_eq!([0.0, 0.5, 2.0].map(|value| axis.eighths(value, 4)), [Some(1), Some(8), Some(32)]);
    }
}
