//! The one table of keys: dispatch, footer, help and the README are all read from it.

use super::action::{Action, Danger, Place, Topic};
use super::key::{Code, Key};

/// A key, and where it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The key.
    pub key: Key,
    /// Where it works; never empty.
    pub places: &'static [Place],
}

/// One action with everything that is said about it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The action; each has one row.
    pub action: Action,
    /// Its keys; the first is the one shown in the footer. None where it is only found by its name in the palette.
    pub bindings: Vec<Binding>,
    /// What it does, as a verb phrase: `roll back`.
    pub name: &'static str,
    /// One sentence for the help and the README.
    pub help: &'static str,
    /// What it does to the world.
    pub danger: Danger,
    /// The heading it stands under.
    pub topic: Topic,
    /// The word behind the key in the footer.
    pub word: &'static str,
}

pub(super) const SCREEN: &[Place] = &[Place::Screen];
pub(super) const VIEWS: &[Place] = &[Place::Screen, Place::Reading];
pub(super) const DIALOG: &[Place] = &[Place::Dialog];
pub(super) const EVERYWHERE: &[Place] = &[Place::Screen, Place::Reading, Place::Dialog];

const fn on(places: &'static [Place], key: Key) -> Binding {
    Binding { key, places }
}

const fn char_on(places: &'static [Place], character: char) -> Binding {
    on(places, Key::char(character))
}

const fn code_on(places: &'static [Place], code: Code) -> Binding {
    on(places, Key::plain(code))
}

/// The words of a row: name, footer word, help sentence.
type Words = (&'static str, &'static str, &'static str);

fn row<const N: usize>(action: Action, bindings: [Binding; N], danger: Danger, topic: Topic, words: Words) -> Row {
    let (name, word, help) = words;
    Row { action, bindings: bindings.to_vec(), name, help, danger, topic, word }
}

/// Every action of the console with its default keys, in the order in which help lists them.
pub fn table() -> Vec<Row> {
    [screens(), moving(), in_time(), acting(), by_name(), console()].concat()
}

fn screens() -> Vec<Row> {
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

fn moving() -> Vec<Row> {
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

fn in_time() -> Vec<Row> {
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

fn acting() -> Vec<Row> {
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
fn by_name() -> Vec<Row> {
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

fn console() -> Vec<Row> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_has_one_row_and_words() {
        let table = table();
        let mut actions: Vec<_> = table.iter().map(|row| row.action).collect();
        actions.sort_unstable();
        actions.dedup();
        assert_eq!(actions.len(), table.len());
        // The last variant stands last: no action is without a row.
        assert_eq!(actions.len(), Action::Quit as usize + 1);
        for row in &table {
            assert!(row.bindings.iter().all(|binding| !binding.places.is_empty()), "{row:?}");
            assert!(row.help.ends_with('.') && !row.name.is_empty() && !row.word.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn what_takes_motion_away_works_while_a_dialog_is_open() {
        let stop = table().into_iter().find(|row| row.action == Action::Stop).unwrap();
        assert!(stop.bindings.iter().any(|b| b.key == Key::ctrl('s') && b.places.contains(&Place::Dialog)));
    }

    #[test]
    fn only_acting_rows_stand_under_acting() {
        for row in table() {
            assert_eq!(row.danger.acts(), row.topic == Topic::Acting, "{:?}", row.action);
        }
    }
}
