//! What goes where on the way forward, and what folds first where rows are few: blank lines, passed stages, met requirements,
//! signals within their limits. The reasons, what is not met and the way back never fold.

use super::super::line::{Line, keep};
use super::{On, Room, back, beside, contents, exposed, gate, head, ladder, siblings, signals};

/// Where the right panel begins, narrow and wide.
const NARROW: usize = 38;
const WIDE: usize = 92;

/// The screen of a push that goes forward.
pub(super) fn forward(on: On<'_>, room: Room) -> Vec<Line> {
    let mut lines = vec![head::title(on, room)];
    let rest = room.height.saturating_sub(1);
    lines.extend(head::sentences(on, room, if room.height >= 26 { 3 } else { 2 }));
    lines.extend(head::flags(on, room));
    if room.is_roomy() && room.height >= 36 {
        lines.extend(spacious(on, room, room.height - lines.len()));
    } else {
        let left = rest.saturating_sub(lines.len());
        lines.extend(close(on, room, left));
        lines.push(back::in_a_line(on, room));
    }
    keep(&mut lines, room.height);
    lines
}

/// All there is, each part in full.
fn spacious(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let left = Room { width: WIDE - 3, ..room };
    let right = Room { width: room.width - WIDE, ..room };
    let stages = on.push.plan.stages.len();
    let ladder_rows = (stages + 1).min(10);
    let mut lines = vec![Line::new()];
    lines.extend(beside(ladder::lines(on, room_of(left), ladder_rows), siblings::lines(on, "siblings", right, ladder_rows), WIDE));
    lines.push(Line::new());
    let below = back::lines(on, left, 12);
    let mut facts = contents::lines(on, right, 6);
    facts.push(Line::new());
    facts.extend(contents::so_far(on, right, 12usize.saturating_sub(facts.len()).max(3)));
    let foot = beside(below, facts, WIDE);
    let left_rows = rows.saturating_sub(lines.len() + foot.len() + 2);
    let gate_rows = left_rows.saturating_sub(8).clamp(4, 12);
    lines.extend(beside(gate::lines(on, left, gate_rows), exposed::lines(on, right, 7), WIDE));
    lines.push(Line::new());
    let signal_rows = rows.saturating_sub(lines.len() + foot.len() + 1);
    lines.extend(signals::lines(on, room, signal_rows));
    lines.push(Line::new());
    lines.extend(foot);
    lines
}

/// The wide ladder shows its extra columns although its panel is narrower than the screen.
const fn room_of(panel: Room) -> Room {
    Room { width: 120, height: panel.height }
}

/// How many rows each part gets between the sentences and the way back.
struct Shares {
    blanks: bool,
    ladder: usize,
    gate: usize,
    signals: usize,
}

fn shares(on: On<'_>, room: Room, rows: usize) -> Shares {
    let stages = on.push.plan.stages.len() + 1;
    let blanks = rows >= 15;
    let mut left = rows.saturating_sub(if blanks { 3 } else { 0 });
    let mut take = |wanted: usize| {
        let taken = wanted.min(left);
        left -= taken;
        taken
    };
    let least = usize::from(!room.is_paired());
    let gate = take(4);
    let ladder = take(2);
    take(least);
    let signals = take(1);
    let gate = gate + take(2);
    let ladder = ladder + take(3.min(stages.saturating_sub(2)));
    let signals = signals + take(1);
    let ladder = ladder + take(stages.saturating_sub(ladder));
    let signals = signals + take(6);
    Shares { blanks, ladder, gate: gate + left, signals }
}

fn close(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let share = shares(on, room, rows);
    let blank = || share.blanks.then(Line::new);
    let mut lines: Vec<Line> = blank().into_iter().collect();
    let panel = Room { width: NARROW - 1, ..room };
    let right = Room { width: room.width.saturating_sub(NARROW), ..room };
    if room.is_paired() {
        let siblings = siblings::lines(on, "siblings", right, share.ladder);
        lines.extend(beside(ladder::lines(on, panel, share.ladder), siblings, NARROW));
        lines.extend(blank());
        lines.extend(beside(gate::lines(on, panel, share.gate), exposed::lines(on, right, share.gate), NARROW));
    } else {
        lines.extend(ladder::lines(on, Room { width: room.width, ..panel }, share.ladder));
        lines.extend(blank());
        lines.extend(gate::lines(on, room, share.gate));
        lines.push(exposed::in_a_line(on, room));
    }
    lines.extend(blank());
    lines.extend(signals::lines(on, room, share.signals));
    keep(&mut lines, rows);
    lines.resize(rows, Line::new());
    lines
}
