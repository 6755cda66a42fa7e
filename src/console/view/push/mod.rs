//! The Push screen: one push from its ladder to its way back, in the same order at every size. Each part is lines of a given width,
//! so that what folds is decided in one place, [`layout`], and the figures are the domain's. Other screens show parts
//! of it.
//!
//! ```text
//!  who it is, where, how it stands
//!  Why, Next, Else
//!  the ladder of stages            siblings, cell by cell
//!  the gate's requirements         who is exposed, now and next
//!  signals, new beside old, worst first
//!  the way back
//! ```

pub(super) mod back;
mod closing;
pub(super) mod contents;
mod curve;
pub(super) mod everybody;
pub(super) mod exposed;
pub(super) mod gate;
mod head;
mod ladder;
mod layout;
mod returning;
mod siblings;
pub(super) mod signals;
pub(super) mod steps;
mod words;

use crate::console::model::{ChartKey, RowKey};
use crate::console::theme::{Glyph, Role};
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::PushId;
use crate::domain::push::{Course, Push};
use crate::evidence::series::Signals;

use ratatui::layout::Rect;

use super::kit::Painter;
use super::line::Line;

/// What the screen is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What is known.
    pub fleet: &'a Fleet,
    /// The readings of late.
    pub signals: &'a Signals,
    /// The push selected, if the selection has one.
    pub push: Option<PushId>,
    /// The moment it is seen at.
    pub moment: &'a Moment,
    /// Charts that lead the signals, in the order pinned.
    pub pinned: &'a [ChartKey],
    /// The stage or the requirement selected. Without one none can be pointed at either.
    pub selected: Option<&'a RowKey>,
}

/// Draws the screen into a painter's area: what lies between the urgent line and the keys.
pub fn draw(painter: &mut Painter<'_>, seen: &Seen<'_>) {
    let room = Room { width: usize::from(painter.width()), height: usize::from(painter.height()) };
    for (row, line) in (0..painter.height()).zip(lines(seen, room)) {
        let place = line.place_of(seen.selected);
        line.draw(painter, row);
        if let Some((x, width)) = place {
            painter.part(Rect::new(x, row, width, 1)).overlay_row(0, Role::Selected);
        }
    }
}

/// Cells across and rows down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Room {
    /// Whether there is room for bases, reasons and times beside the figures.
    const fn is_wide(self) -> bool {
        self.width >= 120
    }

    /// Whether a wide panel has a second one beside it that is more than its labels.
    const fn is_roomy(self) -> bool {
        self.width >= 146
    }

    /// Whether two panels fit beside each other.
    const fn is_paired(self) -> bool {
        self.width >= 76
    }
}

fn lines(seen: &Seen<'_>, room: Room) -> Vec<Line> {
    let Some(push) = seen.push.and_then(|id| seen.fleet.push(id)) else { return head::nothing(room) };
    let on =
        On { fleet: seen.fleet, signals: seen.signals, push, moment: seen.moment, pinned: seen.pinned, selected: seen.selected };
    match push.course {
        Course::Forward => layout::forward(on, room),
        Course::Back { .. } | Course::RollbackFailed { .. } => returning::lines(on, room),
        Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. } => closing::lines(on, room),
    }
}

/// One push with what is known around it.
#[derive(Clone, Copy)]
pub(super) struct On<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) signals: &'a Signals,
    pub(super) push: &'a Push,
    pub(super) moment: &'a Moment,
    pub(super) pinned: &'a [ChartKey],
    pub(super) selected: Option<&'a RowKey>,
}

impl On<'_> {
    /// The beginning of a row that can be selected: the bar where it is.
    fn bar(self, key: &RowKey) -> Line {
        if self.selected == Some(key) { Line::of(Role::Cursor, Glyph::Cursor.symbol()) } else { Line::of(Role::Text, " ") }
    }

    /// A line that can be selected, where anything can.
    fn listing(self, line: Line, key: RowKey) -> Line {
        if self.selected.is_some() { line.listing(key) } else { line }
    }
}

/// A panel one cell from the edge.
pub(super) fn indented(lines: Vec<Line>) -> Vec<Line> {
    lines.into_iter().map(|line| Line::of(Role::Text, " ").append(line)).collect()
}

/// Two panels beside each other, the second from a column on.
pub(super) fn beside(left: Vec<Line>, right: Vec<Line>, column: usize) -> Vec<Line> {
    let rows = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    (0..rows)
        .map(|_| {
            let line = left.next().unwrap_or_default();
            match right.next() {
                Some(second) => line.at(column).append(second),
                None => line,
            }
        })
        .collect()
}
