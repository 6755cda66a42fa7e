//! Curves and bars in one row; [`axis`] and [`plot`] draw them in several.

mod axis;
mod plot;

pub use axis::Axis;
pub use plot::Plot;

use super::painter::{Painter, Slot};
use crate::console::theme::{Glyph, Role, sparks};

/// From which value to which a curve is drawn. Two curves to be compared share one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// From `low` to `high`, in the unit of the values. Where they are no numbers or not in order, every value is in the middle.
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// From the least to the greatest finite value of all these curves.
    pub fn over<'v>(curves: impl IntoIterator<Item = &'v [Option<f64>]>) -> Self {
        let finite = curves.into_iter().flatten().flatten().copied().filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        Self { low, high }
    }

    /// The same, with zero and a threshold inside it, so that a quiet curve looks quiet.
    #[must_use]
    pub fn including(self, value: f64) -> Self {
        Self { low: self.low.min(value), high: self.high.max(value) }
    }

    /// Where a value stands, 0 (low) to 1 (high); none where it is not finite.
    pub fn height(self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let span = self.high - self.low;
        // A flat curve has no height of its own; the middle says neither low nor high.
        let flat = !span.is_finite() || span <= 0.0;
        Some(if flat { 0.5 } else { ((value - self.low) / span).clamp(0.0, 1.0) })
    }
}

/// Evidence between two ends, worse to the left and ok to the right. It starts in the middle and is never a progress bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoSided {
    /// −1: all the way to worse; 0: nothing either way; 1: all the way to ok. Not a number counts as 0.
    pub lean: f64,
    /// The look of the bar.
    pub role: Role,
}

impl Painter<'_> {
    /// A curve in one row, oldest to the left, newest at the right end of the slot; the newest are kept where there are more
    /// than cells. No value, or one that is not finite, is drawn as a gap, never as zero.
    pub fn spark(&mut self, slot: Slot, values: &[Option<f64>], scale: Scale, role: Role) {
        let cells = usize::from(slot.width.min(self.width().saturating_sub(slot.x)));
        let shown = values.get(values.len().saturating_sub(cells)..).unwrap_or_default();
        let mut x = slot.x.saturating_add((cells - shown.len()) as u16);
        for value in shown {
            let mut bytes = [0; 4];
            x = match value.and_then(|value| scale.height(value)) {
                Some(height) => self.text(x, slot.y, sparks(height).encode_utf8(&mut bytes), role),
                None => self.glyph(x, slot.y, Glyph::Gap, Role::Gap),
            };
        }
    }

    /// Evidence between two ends: `·····█████│··········`. The mark stands in the middle of the slot; the words at the ends
    /// are the caller's. Nothing is drawn in fewer than three cells.
    pub fn two_sided(&mut self, slot: Slot, evidence: TwoSided) {
        let cells = slot.width.min(self.width().saturating_sub(slot.x));
        if cells < 3 {
            return;
        }
        let half = (cells - 1) / 2;
        let lean = if evidence.lean.is_nan() { 0.0 } else { evidence.lean.clamp(-1.0, 1.0) };
        let filled = (lean.abs() * f64::from(half)).round() as u16;
        let middle = slot.x + half;
        for step in 1..=half {
            let towards =
                |reached: bool| if reached && step <= filled { (Glyph::Bar, evidence.role) } else { (Glyph::Dot, Role::Dim) };
            let (glyph, role) = towards(lean < 0.0);
            self.glyph(middle - step, slot.y, glyph, role);
            let (glyph, role) = towards(lean > 0.0);
            self.glyph(middle + step, slot.y, glyph, role);
        }
        self.glyph(middle, slot.y, Glyph::Mark, Role::Rule);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::{Buffer, Cell};
    use ratatui::layout::Rect;

    use super::*;
    use crate::console::theme::{ColourDepth, Theme};

    fn drawn(width: u16, draw: impl FnOnce(&mut Painter<'_>)) -> String {
        let theme = Theme::for_depth(ColourDepth::Mono).unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        draw(&mut Painter::new(&mut buffer, &theme));
        buffer.content.iter().map(Cell::symbol).collect()
    }

    #[test]
    fn a_curve_shows_its_newest_values_and_its_gaps() {
        let values = [Some(9.0), Some(0.0), None, Some(4.0), Some(f64::NAN), Some(8.0)];
        let scale = Scale::new(0.0, 8.0);
        assert_eq!(drawn(5, |painter| painter.spark(Slot::new(0, 0, 5), &values, scale, Role::SparkNew)), "▁┄▅┄█");
        assert_eq!(drawn(8, |painter| painter.spark(Slot::new(0, 0, 8), &values, scale, Role::SparkNew)), "  █▁┄▅┄█");
    }

    #[test]
    fn a_flat_curve_is_in_the_middle_and_a_threshold_gives_it_a_place() {
        let values = [Some(3.0), Some(3.0)];
        let scale = Scale::over([&values[..]]);
        assert_eq!(scale.height(3.0), Some(0.5));
        assert_eq!(scale.including(0.0).including(12.0).height(3.0), Some(0.25));
        assert_eq!(Scale::over([&[None][..]]).height(3.0), Some(0.5));
        assert_eq!(scale.height(f64::NAN), None);
    }

    #[test]
    fn evidence_grows_from_the_middle() {
        let bar =
            |lean, cells| drawn(cells, |painter| painter.two_sided(Slot::new(0, 0, cells), TwoSided { lean, role: Role::Waiting }));
        assert_eq!(bar(-0.5, 21), "·····█████│··········");
        assert_eq!(bar(0.0, 7), "···│···");
        assert_eq!(bar(1.0, 7), "···│███");
        assert_eq!(bar(f64::NAN, 7), "···│···");
        assert_eq!(bar(1.0, 2), "  ");
    }
}
