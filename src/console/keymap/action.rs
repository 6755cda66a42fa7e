//! What a person can do from the keyboard.

/// One thing a person can do. What it means, its keys and its words are a row of the [table](super::table()).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Show the Fleet screen.
    ShowFleet,
    /// Show the Push screen.
    ShowPush,
    /// Show the Waiting screen.
    ShowWaiting,
    /// Show the Signals screen.
    ShowSignals,
    /// Show the Timeline screen.
    ShowTimeline,
    /// Show the wall.
    ShowWall,
    /// Move the selection one up.
    Up,
    /// Move the selection one down.
    Down,
    /// Move the selection one to the left, or back in time.
    Left,
    /// Move the selection one to the right, or forward in time.
    Right,
    /// Move the selection a page up.
    PageUp,
    /// Move the selection a page down.
    PageDown,
    /// Select the first.
    Home,
    /// Select the last.
    End,
    /// Go to the next pane.
    NextPane,
    /// Go to the previous pane.
    PrevPane,
    /// Open the selection, or unfold it.
    Open,
    /// Show the instances of the selection, a mark each.
    Instances,
    /// Show less time in more detail on the Signals screen.
    ZoomIn,
    /// Show more time in less detail on the Signals screen.
    ZoomOut,
    /// Pin the selected chart to the Push screen, or take it off.
    Pin,
    /// Close what is on top, or go back to where one came from.
    Back,
    /// Go to the most urgent thing (row 3).
    Urgent,
    /// Show the moment of the change before, of those that matter.
    Earlier,
    /// Show the moment of the change after, of those that matter.
    Later,
    /// Show the moment of the decision before.
    EarlierDecision,
    /// Show the moment of the decision after.
    LaterDecision,
    /// In a replay, stand still or go on.
    Play,
    /// On the Timeline, show the small steps too, or fold them away.
    Everything,
    /// Say yes to what the dialog asks, once it is armed.
    Confirm,
    /// Meet an approval.
    Approve,
    /// End the way forward.
    Reject,
    /// Take the push through its gate.
    Promote,
    /// Hold the push where it is.
    Stop,
    /// Hold every push of this backend.
    StopAll,
    /// Lift a hold.
    Resume,
    /// Stop, and show the ordered way back.
    RollBack,
    /// Stop, and show the fast way back.
    RollBackFast,
    /// Start a new push.
    StartPush,
    /// Acknowledge an alert.
    Acknowledge,
    /// Let one requirement be passed although it does not hold.
    Waive,
    /// Put a fix in the place of what is in flight.
    FixForward,
    /// Take one sibling back, and leave the others.
    RollBackAlone,
    /// Take the new version's traffic in a cell to nothing.
    Drain,
    /// Stop a way back where it is.
    HaltRollback,
    /// Try again what did not work.
    Retry,
    /// Take one's own approval back.
    Revoke,
    /// Switch a flag off.
    FlagOff,
    /// Switch a flag on again.
    FlagOn,
    /// Answer for the push from now on.
    TakeOver,
    /// Write a line on the push.
    Note,
    /// Strike a line on the push out.
    StrikeNote,
    /// Say in plain words what the selection is.
    Explain,
    /// List only what a filter means.
    Filter,
    /// List what the screen shows in another order.
    Order,
    /// Choose which columns the screen shows.
    Columns,
    /// Show or hide the help.
    Help,
    /// Find an action by its name.
    Palette,
    /// Copy what is selected, in words.
    Copy,
    /// Give the terminal back to the shell for a while.
    Suspend,
    /// Leave the console.
    Quit,
}

impl Action {
    /// Whether its key works from the past as well, since stopping and going back must never be hard: the console returns to now first.
    pub const fn reaches_now(self) -> bool {
        matches!(self, Self::Stop | Self::StopAll | Self::RollBack | Self::RollBackFast)
    }
}

/// What an action does to the world outside this console. The acting attribute: it is data on the action, so that
/// nothing has to be remembered where a key is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// Changes nothing but what this console shows.
    Safe,
    /// Leaves a record with the engine, and moves nothing.
    Record,
    /// Takes motion away. Fails open.
    Stopping,
    /// Exposes more, or may. Fails closed, and asks first.
    Forward,
    /// Takes exposure back. Fails open.
    Back,
}

impl Danger {
    /// Whether the action reaches beyond this console, and so does not exist in watch mode.
    pub const fn acts(self) -> bool {
        !matches!(self, Self::Safe)
    }
}

/// Where the keyboard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a screen.
    Screen,
    /// In something to be read that covers the screen, such as the help.
    Reading,
    /// In a dialog or its text field: plain characters are typed, never dispatched.
    Dialog,
}

/// What an action is about: the headings of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Which screen is shown.
    Screens,
    /// Where one is.
    Moving,
    /// Which moment is shown.
    Time,
    /// What happens to a push.
    Acting,
    /// The console itself.
    Console,
}

impl Topic {
    /// The heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Screens => "Screens",
            Self::Moving => "Moving about",
            Self::Time => "Moving in time",
            Self::Acting => "Acting on the push of the selection",
            Self::Console => "The console",
        }
    }
}
