//! The rows of what changes the world, or leaves a record in it.

use crate::console::keymap::action::{Action, Danger, Topic};
use crate::console::keymap::key::{Code, Key};

use super::{DIALOG, EVERYWHERE, Row, SCREEN, VIEWS, char_on, code_on, on, row};

pub(super) fn acting() -> Vec<Row> {
    let verb = |action, letter, danger, words| row(action, [char_on(SCREEN, letter)], danger, Topic::Acting, words);
    vec![
        row(
            Action::Stop,
            [char_on(VIEWS, 's'), on(EVERYWHERE, Key::ctrl('s'))],
            Danger::Stopping,
            Topic::Acting,
            ("stop", "stop", "Hold the push where it is: nobody new is exposed. At once, without a question, in dialogs too."),
        ),
        row(
            Action::StopAll,
            [char_on(VIEWS, 'S')],
            Danger::Stopping,
            Topic::Acting,
            ("stop everything", "stop all", "Hold every push of this backend. At once, without a question."),
        ),
        verb(
            Action::RollBack,
            'r',
            Danger::Back,
            ("roll back", "roll back", "Stop, and show the way back in order, all siblings; Enter runs it, Esc leaves it stopped."),
        ),
        verb(
            Action::RollBackFast,
            'R',
            Danger::Back,
            ("roll back fast", "fast", "The same, all at once; the plan names what that skips."),
        ),
        verb(
            Action::Approve,
            'a',
            Danger::Forward,
            ("approve", "approve", "Meet the approval that is asked of you. Shows what you would approve, and asks."),
        ),
        verb(
            Action::Reject,
            'x',
            Danger::Stopping,
            ("reject", "reject", "End the way forward of this push, and be offered the way back."),
        ),
        verb(
            Action::Promote,
            'p',
            Danger::Forward,
            ("promote", "promote", "Take the push through its gate to the stage it names. Shows the exposure, and asks."),
        ),
        verb(Action::Resume, 'u', Danger::Forward, ("resume", "resume", "Lift the hold. Shows what would move, and asks.")),
        verb(
            Action::StartPush,
            'n',
            Danger::Forward,
            ("start a push", "new push", "Start a new push. Shows its stages, and asks."),
        ),
        verb(
            Action::Acknowledge,
            'A',
            Danger::Record,
            ("acknowledge", "acknowledge", "Say that you have seen the alert. It counts for 30 minutes."),
        ),
        verb(
            Action::Waive,
            'w',
            Danger::Forward,
            (
                "waive a requirement",
                "waive",
                "Let one requirement be passed this once, with a reason and for a time. It never looks like met.",
            ),
        ),
        verb(
            Action::FixForward,
            'f',
            Danger::Forward,
            (
                "fix forward",
                "fix",
                "Put a fix in the place of what is in flight, at the stage it is in; earlier stages are not repeated.",
            ),
        ),
        row(
            Action::Confirm,
            [code_on(DIALOG, Code::Enter)],
            // The strictest of what a dialog may ask.
            Danger::Forward,
            Topic::Acting,
            ("confirm", "confirm", "Say yes to what the dialog asks, once it is armed and its code is typed."),
        ),
    ]
}

/// Verbs without a key of their own: they are not to be done by a slip of a finger, and are found by name. Then those that leave a
/// record and move nothing.
pub(super) fn by_name() -> Vec<Row> {
    let verb = |action, letter, danger, words| row(action, [char_on(SCREEN, letter)], danger, Topic::Acting, words);
    let found = |action, danger, words| row(action, [], danger, Topic::Acting, words);
    vec![
        found(
            Action::RollBackAlone,
            Danger::Back,
            (
                "roll one sibling back alone",
                "alone",
                "Take one service back and leave its siblings: they are then out of step. Asks for code and reason.",
            ),
        ),
        found(
            Action::Drain,
            Danger::Stopping,
            (
                "drain a cell",
                "drain",
                "No traffic to the new version in one cell; the push is stopped, the instances are kept for inspection.",
            ),
        ),
        found(
            Action::HaltRollback,
            Danger::Stopping,
            ("halt the way back", "halt", "Stop a push that goes back where it is. Asks for code and reason."),
        ),
        found(
            Action::Retry,
            Danger::Back,
            (
                "try again",
                "retry",
                "Try again at once what did not work: failed tasks, a rollback that failed, instances changed by hand.",
            ),
        ),
        found(
            Action::Revoke,
            Danger::Stopping,
            (
                "take an approval back",
                "revoke",
                "Take your own approval back, as long as the step has not begun. At once, without a question.",
            ),
        ),
        found(
            Action::FlagOff,
            Danger::Stopping,
            (
                "switch a flag off",
                "flag off",
                "Take away what stands behind a flag, everywhere. At once, without a question; no push moves by it (flag-off).",
            ),
        ),
        found(
            Action::FlagOn,
            Danger::Forward,
            (
                "switch a flag on",
                "flag on",
                "Give what stands behind a flag back to everybody. Shows how it stands, and asks (flag-on).",
            ),
        ),
        verb(
            Action::TakeOver,
            't',
            Danger::Record,
            ("take over", "take over", "Answer for this push from now on: calls go to you. At once; nothing moves by it."),
        ),
        verb(
            Action::Note,
            'c',
            Danger::Record,
            ("write a note", "note", "Write a line on this push. It is shown until somebody strikes it out."),
        ),
        found(
            Action::StrikeNote,
            Danger::Record,
            ("strike a note out", "strike", "Take a line that somebody wrote on this push off the screen."),
        ),
    ]
}
