//! The rows of what concerns this console alone.

use crate::console::keymap::action::{Action, Danger, Topic};
use crate::console::keymap::key::Key;

use super::{EVERYWHERE, Row, SCREEN, VIEWS, char_on, on, row};

pub(super) fn console() -> Vec<Row> {
    vec![
        row(
            Action::Explain,
            [char_on(VIEWS, 'e')],
            Danger::Safe,
            Topic::Console,
            (
                "explain this",
                "explain",
                "Say in plain words what is selected, why it is so, what comes next, who can change it, and what is loose.",
            ),
        ),
        row(
            Action::Filter,
            [char_on(SCREEN, '/')],
            Danger::Safe,
            Topic::Console,
            (
                "find on this screen",
                "find",
                "List only what is meant: env:production status:failed p99>300ms, or any words. Esc lists all again.",
            ),
        ),
        row(
            Action::Order,
            [char_on(SCREEN, 'o')],
            Danger::Safe,
            Topic::Console,
            (
                "change the order",
                "order",
                "List in another order, as the screen has them: worst first, the longest waiting or the oldest first, by name, metric or service.",
            ),
        ),
        row(
            Action::Columns,
            [char_on(VIEWS, 'C')],
            Danger::Safe,
            Topic::Console,
            (
                "choose the columns",
                "columns",
                "Show or hide columns of this list, and say which of them give way first where there is little room.",
            ),
        ),
        row(
            Action::Help,
            [char_on(VIEWS, '?')],
            Danger::Safe,
            Topic::Console,
            ("show the help", "help", "Show or hide every key that works here."),
        ),
        row(
            Action::Palette,
            [char_on(VIEWS, ':')],
            Danger::Safe,
            Topic::Console,
            ("find an action", "all", "Every action by its name; those without a key of their own are here alone."),
        ),
        row(
            Action::Copy,
            [char_on(SCREEN, 'y')],
            Danger::Safe,
            Topic::Console,
            ("copy", "copy", "Copy what is selected to the clipboard, with its sentences: for a chat, or to hand over."),
        ),
        row(
            Action::Suspend,
            [on(EVERYWHERE, Key::ctrl('z'))],
            Danger::Safe,
            Topic::Console,
            ("suspend", "suspend", "Give the terminal back to the shell; `fg` returns. Pushes go on."),
        ),
        row(
            Action::Quit,
            [char_on(VIEWS, 'q'), on(EVERYWHERE, Key::ctrl('c'))],
            Danger::Safe,
            Topic::Console,
            ("quit", "quit", "Leave the console. Pushes go on."),
        ),
    ]
}
