//! A question that must be answered deliberately: what would happen, to what, and what is not good about it. Frozen on what it was
//! opened for.

use crate::console::keymap::{Code, Key};
use crate::domain::id::CommandId;
use crate::domain::time::ConsoleTime;

use super::arming::{Arming, Stroke};
use super::event::Chance;
use super::intent::Intent;
use super::timeline::Tone;
use super::typing;
use super::wrap::wrap;

/// What must be typed to say yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// These characters, then Enter.
    Code {
        /// What is asked for.
        code: String,
        /// What was typed so far.
        typed: String,
    },
    /// `y`, then Enter.
    Yes {
        /// Whether `y` was typed.
        said: bool,
    },
    /// Enter alone: going back asks for no more.
    Enter,
}

/// How much a reason is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// It may stay empty.
    #[default]
    Welcome,
    /// Without one nothing is done.
    Needed,
}

/// A text field for a reason. The only place a paste goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// Whether it may stay empty.
    pub asked: Asked,
    /// What was typed or pasted, cleaned.
    pub text: String,
    /// Whether keys go into it; Enter takes them on to the question.
    pub focused: bool,
}

/// One line of a dialog, already broken to its width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// How much it should catch the eye.
    pub tone: Tone,
}

/// What a dialog says, in unbroken paragraphs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Says {
    /// In whole sentences.
    pub full: Vec<Line>,
    /// The same in the fewest rows, for terminals without room for sentences; it begins with the verb and its target. Empty where
    /// there is no shorter form.
    pub brief: Vec<Line>,
}

impl Says {
    /// What a yes sets off, where that is said: the first line that waits for one.
    pub(super) fn consequence(&self) -> Option<&str> {
        self.full.iter().find(|line| line.tone == Tone::Waiting).map(|line| line.text.as_str())
    }
}

/// What the last line of a dialog says about whether it can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can be answered.
    Armed,
    /// Too early: at this time if no key comes; `None` while it is not drawn.
    Arming(Option<ConsoleTime>),
    /// It can never be answered, and why: a sentence.
    Disarmed(String),
}

/// An open dialog.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialog {
    /// What it would do.
    pub intent: Intent,
    /// The verb and its target: `Approve storage v41→v42`.
    pub title: String,
    /// What must be typed.
    pub demand: Demand,
    /// The reason asked for, where one is.
    pub reason: Option<Reason>,
    pub(super) id: CommandId,
    pub(super) says: Says,
    pub(super) body: Vec<Line>,
    pub(super) terse: bool,
    pub(super) arming: Arming,
    pub(super) disarmed: Option<String>,
    pub(super) unfit: Option<String>,
}

impl Dialog {
    /// Its lines, broken to the width of [`Room::of`] the terminal.
    pub fn body(&self) -> &[Line] {
        &self.body
    }

    /// Whether it is told in the fewest rows: what is to be typed and whether it is armed then stand in one row below the
    /// body, under the reason where one is asked for.
    pub const fn is_terse(&self) -> bool {
        self.terse
    }

    /// Rows below its body.
    pub const fn question_rows(&self) -> u16 {
        match (self.terse, &self.reason) {
            (true, None) => 1,
            (true, Some(_)) => 2,
            (false, _) => Room::QUESTION,
        }
    }

    /// Whether a code was typed as far as there is room for it, and is not the one that was asked for.
    pub fn is_mistyped(&self) -> bool {
        matches!(&self.demand, Demand::Code { code, typed } if typed.chars().count() >= code.chars().count() && !typed.eq_ignore_ascii_case(code))
    }

    /// Whether it can be answered at a time.
    pub fn readiness(&self, at: ConsoleTime) -> Readiness {
        match self.disarmed.as_ref().or(self.unfit.as_ref()) {
            Some(why) => Readiness::Disarmed(why.clone()),
            None if self.arming.is_armed(at) => Readiness::Armed,
            None => Readiness::Arming(self.arming.armed_at()),
        }
    }
}

/// The room of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Columns inside.
    pub width: u16,
    /// Rows inside: its body, then [`Dialog::question_rows`] for reason, question and readiness.
    pub height: u16,
    /// Whether there is a border around it (one cell on each side), which small terminals do without.
    pub framed: bool,
}

impl Room {
    /// Rows below the body: one for the reason or empty, one for the question, one for whether it is armed.
    pub const QUESTION: u16 = 3;
    /// Below this size, in columns and rows, nothing goes forward.
    pub const LEAST: (u16, u16) = (60, 15);

    /// The room there is in a terminal: between row 3 and the last, so that both stay readable.
    pub fn of(size: (u16, u16)) -> Self {
        let framed = size.1 >= 20 && size.0 >= 64;
        let border = if framed { 2 } else { 0 };
        Self { width: size.0.saturating_sub(2 + border).min(96), height: size.1.saturating_sub(4 + border), framed }
    }
}

/// What became of a key in a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing more.
    Open,
    /// It was said yes to.
    Yes,
}

impl Dialog {
    /// A dialog opened by a key at a time, with the chance that key brought.
    pub(super) fn open(intent: Intent, title: String, demand: Demand, says: Says, opened: (ConsoleTime, &Chance)) -> Self {
        let reason = intent.reason().map(|asked| Reason { asked, text: String::new(), focused: true });
        let (at, chance) = opened;
        Self {
            intent,
            title,
            demand,
            reason,
            id: chance.asked(),
            says,
            body: Vec::new(),
            terse: false,
            arming: Arming::opened(at),
            disarmed: None,
            unfit: None,
        }
    }

    /// Breaks the text to the terminal's size, in its brief form where the full one does not fit. What could not be shown whole is
    /// said, and only a way back may then be taken.
    pub(super) fn fit(&mut self, size: (u16, u16)) {
        let room = Room::of(size);
        let broken = |lines: &[Line]| -> Vec<Line> {
            let pieces =
                lines.iter().flat_map(|line| wrap(&line.text, room.width.into()).into_iter().map(|text| (text, line.tone)));
            pieces.map(|(text, tone)| Line { text, tone }).collect()
        };
        self.terse = false;
        self.body = broken(&self.says.full);
        if self.rows() > usize::from(room.height) && !self.says.brief.is_empty() {
            self.terse = true;
            self.body = broken(&self.says.brief);
        }
        let rows = self.rows();
        let small = size.0 < Room::LEAST.0 || size.1 < Room::LEAST.1;
        self.unfit = match self.intent {
            _ if self.intent.is_a_way_out() => None,
            _ if small => Some(format!("too small: nothing goes forward below {}×{}", Room::LEAST.0, Room::LEAST.1)),
            _ if rows > usize::from(room.height) => {
                Some(format!("too small to show it all: {rows} rows are needed, {} are here", room.height))
            }
            _ => None,
        };
    }

    fn rows(&self) -> usize {
        self.body.len() + usize::from(self.question_rows())
    }

    /// Replaces what it says.
    pub(super) fn rewrite(&mut self, says: Says, size: (u16, u16)) {
        if self.says != says {
            self.says = says;
            self.fit(size);
        }
    }

    /// The terminal has another size: it is drawn anew, and counts as not drawn until then.
    pub(super) fn resized(&mut self, size: (u16, u16)) {
        self.fit(size);
        self.arming.reset();
    }

    /// Takes a key that is not bound to anything else in a dialog.
    pub(super) fn typed(&mut self, key: Key, stroke: Stroke) {
        if stroke == Stroke::Burst {
            self.forget();
        }
        if matches!(stroke, Stroke::Early | Stroke::Burst) {
            return;
        }
        let erases = key == Key::plain(Code::Backspace);
        if let Some(reason) = self.reason.as_mut().filter(|reason| reason.focused) {
            if erases {
                typing::erase(&mut reason.text);
            } else if let Some(character) = key.typed() {
                reason.add(&character.to_string());
            }
            return;
        }
        match &mut self.demand {
            Demand::Code { typed, .. } if erases => {
                typed.pop();
            }
            Demand::Code { code, typed } => {
                if let Some(character) = key.typed().filter(|_| typed.chars().count() < code.chars().count()) {
                    typed.push(character);
                }
            }
            Demand::Yes { said } => *said = key.typed().is_some_and(|character| character.eq_ignore_ascii_case(&'y')),
            Demand::Enter => {}
        }
    }

    /// Takes the key that confirms.
    pub(super) fn confirm(&mut self, stroke: Stroke, at: ConsoleTime) -> Answer {
        if stroke == Stroke::Burst {
            self.forget();
        }
        if stroke != Stroke::Deliberate || self.readiness(at) != Readiness::Armed {
            return Answer::Open;
        }
        if let Some(reason) = self.reason.as_mut().filter(|reason| reason.focused) {
            reason.focused = reason.is_missing();
            return Answer::Open;
        }
        if self.reason.as_ref().is_some_and(Reason::is_missing) {
            return Answer::Open;
        }
        let given = match &self.demand {
            Demand::Code { code, typed } => !code.is_empty() && typed.eq_ignore_ascii_case(code),
            Demand::Yes { said } => *said,
            Demand::Enter => true,
        };
        if given { Answer::Yes } else { Answer::Open }
    }

    /// What a yes sets off is another thing than was read: it is said anew, and to be read first.
    pub(super) fn ask_again(&mut self) {
        self.forget();
        self.arming.reset();
    }

    /// Voids what was typed to say yes: no finger did it.
    fn forget(&mut self) {
        match &mut self.demand {
            Demand::Code { typed, .. } => typed.clear(),
            Demand::Yes { said } => *said = false,
            Demand::Enter => {}
        }
    }
}

/// The most characters of a reason.
const REASON: usize = 200;

impl Reason {
    /// Whether it is needed and nothing stands in it.
    pub fn is_missing(&self) -> bool {
        self.asked == Asked::Needed && self.text.trim().is_empty()
    }

    /// Adds text, cleaned, as far as there is room.
    pub(super) fn add(&mut self, text: &str) {
        typing::add(&mut self.text, text, REASON);
    }
}
