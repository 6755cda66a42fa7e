//! Screens as a person sees them, words and looks, at the three sizes they are made for. `cargo insta review`, or
//! `INSTA_UPDATE=always`, takes a change up; every one of them is to be read first.

use std::fmt::Write as _;

use crate::frame::{drawn_in, press, remembered, replaying, strike, text, told};
use crate::story::{self, Story};
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, Model, update};
use pushdeck::console::theme::{ColourDepth, Role, Theme};
use pushdeck::domain::time::Period;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Style;

const SIZES: [(u16, u16); 3] = [(60, 15), (80, 24), (160, 48)];

/// A moment of the story, seen after some keys at each size.
pub fn shown(name: &str, tell: fn() -> Story, access: Access, keys: &str) {
    let story = tell();
    for size in SIZES {
        let mut model = told(&story, access, "lena", size);
        strike(&mut model, keys);
        settle(&mut model);
        let buffer = drawn_in(&model, ColourDepth::True);
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let (columns, rows) = size;
        settings.bind(|| {
            insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), format!("{}\n\n{}", text(&buffer), looks(&buffer)));
        });
    }
}

/// Whatever was opened has been seen for a second.
fn settle(model: &mut Model) {
    update(model, Event::Drawn { at: model.console_now() });
    let at = model.console_now() + Period::from_secs(1);
    update(model, Event::Tick { at });
}

/// The looks of each row as runs of roles with their lengths, without rows and ends that are nothing but ground.
pub fn looks(buffer: &Buffer) -> String {
    let theme = Theme::for_depth(ColourDepth::True).expect("an embedded theme");
    let mut lines = String::new();
    for (row, cells) in buffer.content.chunks(usize::from(buffer.area.width.max(1))).enumerate() {
        let mut runs: Vec<(String, usize)> = Vec::new();
        for cell in cells {
            let look = look(&theme, cell);
            match runs.last_mut() {
                Some((last, length)) if *last == look => *length += 1,
                _ => runs.push((look, 1)),
            }
        }
        if runs.last().is_some_and(|(look, _)| look == "base") {
            runs.pop();
        }
        if !runs.is_empty() {
            let runs: Vec<_> = runs.into_iter().map(|(look, length)| format!("{look} {length}")).collect();
            writeln!(lines, "{:>2}: {}", row + 1, runs.join(", ")).expect("a string takes everything");
        }
    }
    lines
}

/// The role, and what lies over or under it, that looks like this cell.
fn look(theme: &Theme, cell: &Cell) -> String {
    let wanted = (cell.fg, cell.bg, cell.modifier);
    let base = Style::reset().patch(theme.style(Role::Base));
    let is = |style: Style| {
        let mut made = Cell::EMPTY;
        made.set_style(style);
        (made.fg, made.bg, made.modifier) == wanted
    };
    if is(base) {
        return "base".to_owned();
    }
    let name = |role: Role| Role::ALL.iter().find(|(known, _)| *known == role).map_or("?", |(_, name)| *name);
    let over = [Role::Selected, Role::Stale, Role::Shade];
    let roles = || Role::ALL.iter().map(|(role, _)| *role);
    if let Some(role) = roles().find(|role| is(base.patch(theme.style(*role)))) {
        return name(role).to_owned();
    }
    let on_dialog = base.patch(theme.style(Role::Dialog));
    if let Some(role) = roles().find(|role| is(on_dialog.patch(theme.style(*role)))) {
        return format!("{} on dialog", name(role));
    }
    let laid = roles().flat_map(|role| over.map(|over| (role, over)));
    let found = laid.into_iter().find(|(role, over)| is(base.patch(theme.style(*role)).patch(theme.style(*over))));
    found.map_or_else(|| format!("{wanted:?}"), |(role, over)| format!("{} under {}", name(role), name(over)))
}

#[test]
fn signals_of_a_push_that_does_well() {
    shown("signals", story::at_ten_percent, Access::Operate, "2 4");
}

#[test]
fn signals_of_a_regression() {
    shown("signals_regression", story::exposed, Access::Operate, "2 4");
}

#[test]
fn signals_without_data() {
    shown("signals_without_data", story::no_data, Access::Operate, "2 4");
}

#[test]
fn a_signal_alone_at_a_moment() {
    shown("signal_alone", story::exposed, Access::Operate, "2 4 enter left left left left");
}

#[test]
fn a_signal_by_cell() {
    shown("signal_by_cell", story::exposed, Access::Operate, "2 4 tab");
}

#[test]
fn before_a_start() {
    shown("before_a_start", story::before_it_is_asked_for_and_a_freeze, Access::Operate, "n enter");
}

#[test]
fn fleet() {
    shown("fleet", story::at_ten_percent, Access::Operate, "");
}

#[test]
fn push_baking() {
    shown("push_baking", story::at_ten_percent, Access::Operate, "2");
}

#[test]
fn push_waiting_for_approval() {
    shown("push_waiting_for_approval", story::waiting_for_approval, Access::Operate, "2");
}

#[test]
fn push_held() {
    shown("push_held", story::held, Access::Operate, "2");
}

#[test]
fn push_not_stopped() {
    shown("push_not_stopped", story::not_stopped, Access::Operate, "2");
}

#[test]
fn push_without_data() {
    shown("push_without_data", story::no_data, Access::Operate, "2");
}

#[test]
fn push_with_a_flag_going_off() {
    shown("push_flag_off", story::flag_going_off, Access::Operate, "2");
}

#[test]
fn push_going_back() {
    shown("push_going_back", story::going_back, Access::Operate, "2");
}

#[test]
fn push_rollback_failed() {
    shown("push_rollback_failed", story::rollback_failed, Access::Operate, "2");
}

#[test]
fn push_before_a_freeze() {
    shown("push_before_a_freeze", story::before_a_freeze, Access::Operate, "2");
}

#[test]
fn push_in_a_freeze() {
    shown("push_in_a_freeze", story::in_a_freeze, Access::Operate, "2");
}

#[test]
fn waiting_before_a_freeze() {
    shown("waiting_before_a_freeze", story::before_a_freeze, Access::Operate, "3");
}

#[test]
fn waiting() {
    shown("waiting", story::waiting_for_approval, Access::Operate, "3");
}

#[test]
fn dialog_approve() {
    shown("dialog_approve", story::waiting_for_approval, Access::Operate, "2 a");
}

#[test]
fn dialog_roll_back() {
    shown("dialog_roll_back", story::at_ten_percent, Access::Operate, "2 r");
}

#[test]
fn help() {
    shown("help", story::at_ten_percent, Access::Operate, "?");
}

#[test]
fn watch_fleet() {
    shown("watch_fleet", story::at_ten_percent, Access::Watch, "");
}

#[test]
fn watch_push() {
    shown("watch_push", story::going_back, Access::Watch, "2");
}

#[test]
fn metric_lines_that_could_not_be_read_are_counted_in_the_first_row() {
    let mut story = story::at_ten_percent();
    if let Some(last) = story.batches.last_mut() {
        last.unreadable = 3;
    }
    let shown = text(&drawn_in(&told(&story, Access::Operate, "lena", (160, 48)), ColourDepth::Mono));
    assert!(shown.lines().next().is_some_and(|row| row.contains("3 metric lines unread")), "{shown}");
}

/// Another moment than now, on the three screens that show it differently: the past of a push, and a replay of it.
fn moments(name: &str, make: impl Fn(&Story, (u16, u16)) -> Model, keys: &str) {
    let story = story::rolled_back();
    for (screen, called) in [("1", "fleet"), ("2", "push"), ("5", "timeline")] {
        for size in SIZES {
            let mut model = make(&story, size);
            for key in keys.split(' ').chain([screen]) {
                press(&mut model, key);
            }
            let buffer = drawn_in(&model, ColourDepth::True);
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            let (columns, rows) = size;
            settings.bind(|| {
                let called = format!("{name}_{called}_{columns}x{rows}");
                insta::assert_snapshot!(called, format!("{}\n\n{}", text(&buffer), looks(&buffer)));
            });
        }
    }
}

#[test]
fn past() {
    moments("past", |story, size| remembered(story, Access::Operate, "lena", size), "{ { { {");
}

#[test]
fn replay() {
    moments("replay", |story, size| replaying(story, 10.0, size), "} } } } } } } } } } } } } } space");
}
