//! The rows of getting about: which screen, which thing on it, which moment.

use crate::console::keymap::action::{Action, Danger, Topic};
use crate::console::keymap::key::Code;

use super::{EVERYWHERE, Row, SCREEN, VIEWS, char_on, code_on, row};

pub(super) fn screens() -> Vec<Row> {
    let screen = |action, digit, words| row(action, [char_on(SCREEN, digit)], Danger::Safe, Topic::Screens, words);
    vec![
        screen(
            Action::ShowFleet,
            '1',
            ("show the fleet", "fleet", "Groups and services down, environments across: where everything is on its way."),
        ),
        screen(
            Action::ShowPush,
            '2',
            ("show the push", "push", "The selected push: stages, requirements, exposure, evidence and the way back."),
        ),
        screen(
            Action::ShowWaiting,
            '3',
            ("show what waits", "waiting", "Whatever waits for a person, yours first, then by the time left."),
        ),
        screen(
            Action::ShowSignals,
            '4',
            ("show the signals", "signals", "The metrics of the selection: new version against old, thresholds, verdicts."),
        ),
        screen(Action::ShowTimeline, '5', ("show the timeline", "timeline", "What happened, who did it and why.")),
        screen(
            Action::ShowWall,
            '0',
            (
                "show the wall",
                "wall",
                "Big words and figures, to be read from afar; the arrows turn its pages. 1 to 5 show the screens again.",
            ),
        ),
    ]
}

pub(super) fn moving() -> Vec<Row> {
    let letter = |action, code, character, words| {
        row(action, [code_on(VIEWS, code), char_on(VIEWS, character)], Danger::Safe, Topic::Moving, words)
    };
    let named = |action, code, words| row(action, [code_on(VIEWS, code)], Danger::Safe, Topic::Moving, words);
    let pane = |action, code, words| row(action, [code_on(VIEWS, code)], Danger::Safe, Topic::Moving, words);
    let open = ("open", "open", "Open the selection, or unfold what is folded behind it. In a list: choose.");
    vec![
        letter(Action::Up, Code::Up, 'k', ("move up", "up", "Select the one above.")),
        letter(Action::Down, Code::Down, 'j', ("move down", "down", "Select the one below.")),
        letter(
            Action::Left,
            Code::Left,
            'h',
            ("move left", "left", "Select the one to the left; on the Timeline, go to the change before."),
        ),
        letter(
            Action::Right,
            Code::Right,
            'l',
            ("move right", "right", "Select the one to the right; on the Timeline, go to the change after."),
        ),
        named(Action::PageUp, Code::PageUp, ("move a page up", "page up", "Select the one a page above.")),
        named(Action::PageDown, Code::PageDown, ("move a page down", "page down", "Select the one a page below.")),
        named(Action::Home, Code::Home, ("go to the first", "first", "Select the first of the list.")),
        named(Action::End, Code::End, ("go to the last", "last", "Select the last of the list.")),
        pane(
            Action::NextPane,
            Code::Tab,
            (
                "go to the next pane",
                "pane",
                "Give the arrows to the next pane of the screen; among instances, go to the next in trouble.",
            ),
        ),
        pane(Action::PrevPane, Code::BackTab, ("go to the previous pane", "pane back", "Give the arrows to the previous pane.")),
        named(Action::Open, Code::Enter, open),
        row(
            Action::Instances,
            [char_on(VIEWS, 'i')],
            Danger::Safe,
            Topic::Moving,
            (
                "show the instances",
                "instances",
                "Every instance of the selection where it is, a mark each, by version and health; Enter goes into a mark, Tab to the next in trouble.",
            ),
        ),
        row(
            Action::ZoomIn,
            [char_on(SCREEN, '+'), char_on(SCREEN, '=')],
            Danger::Safe,
            Topic::Moving,
            ("show less time", "less time", "On Signals: less time in more detail."),
        ),
        row(
            Action::ZoomOut,
            [char_on(SCREEN, '-')],
            Danger::Safe,
            Topic::Moving,
            ("show more time", "more time", "On Signals: more time in less detail, as far as numbers are kept: eight hours."),
        ),
        row(
            Action::Pin,
            [char_on(SCREEN, 'm')],
            Danger::Safe,
            Topic::Moving,
            (
                "pin a chart",
                "pin",
                "On Signals: let the selected chart lead the signals of the Push screen, until it is pressed again.",
            ),
        ),
        row(
            Action::Back,
            [code_on(EVERYWHERE, Code::Esc)],
            Danger::Safe,
            Topic::Moving,
            ("go back", "back", "Close what is on top, or return to where you came from. In a dialog: no."),
        ),
        row(
            Action::Urgent,
            [char_on(SCREEN, 'g')],
            Danger::Safe,
            Topic::Moving,
            ("go to the most urgent", "urgent", "Go to what row 3 speaks of."),
        ),
    ]
}

pub(super) fn in_time() -> Vec<Row> {
    let time = |action, key, words| row(action, [char_on(SCREEN, key)], Danger::Safe, Topic::Time, words);
    vec![
        time(
            Action::Earlier,
            '[',
            (
                "go to the change before",
                "earlier",
                "Show every screen as it was right after the change before that mattered; with every step shown, after any. Esc returns to now.",
            ),
        ),
        time(
            Action::Later,
            ']',
            ("go to the change after", "later", "Show every screen as it was right after the change that followed."),
        ),
        time(
            Action::EarlierDecision,
            '{',
            (
                "go to the decision before",
                "decision before",
                "The same, to the last command, approval, stop, way back or stage entered before.",
            ),
        ),
        time(Action::LaterDecision, '}', ("go to the decision after", "after", "The same, to the next of them.")),
        time(Action::Play, ' ', ("play or pause", "play", "In a replay: stand still, or go on from here.")),
        time(
            Action::Everything,
            'v',
            ("show every step", "every step", "On the Timeline: the small steps too, or only what matters."),
        ),
    ]
}
