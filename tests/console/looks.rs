//! The looks of a frame in words: what a snapshot keeps of colour and emphasis.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::frame::drawn_in;
use pushdeck::console::model::Model;
use pushdeck::console::theme::{ColourDepth, Role, Theme};
use pushdeck::console::view::kit::scrub;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};

/// How a terminal shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The dark theme, in all colours.
    Dark,
    /// No colour, and nothing beyond ASCII.
    Mono,
}

/// What a cell looks like: foreground, background, emphasis.
type Seen = (Color, Color, Modifier);

impl Look {
    /// What its snapshots are called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Mono => "mono",
        }
    }

    const fn depth(self) -> ColourDepth {
        match self {
            Self::Dark => ColourDepth::True,
            Self::Mono => ColourDepth::Mono,
        }
    }

    /// What such a terminal is sent of it.
    pub fn drawn(self, model: &Model) -> Buffer {
        let mut buffer = drawn_in(model, self.depth());
        scrub(&mut buffer, self == Self::Mono);
        buffer
    }

    /// The looks of each row as runs with their lengths: roles where there are colours, else emphasis. Rows and ends that are nothing
    /// but ground are left out.
    pub fn runs(self, buffer: &Buffer) -> String {
        let theme = Theme::for_depth(self.depth()).expect("an embedded theme");
        let mut known: HashMap<Seen, String> = HashMap::new();
        let mut lines = String::new();
        for (row, cells) in buffer.content.chunks(usize::from(buffer.area.width.max(1))).enumerate() {
            let mut runs: Vec<(Seen, usize)> = Vec::new();
            for cell in cells {
                let seen = (cell.fg, cell.bg, cell.modifier);
                match runs.last_mut() {
                    Some((last, length)) if *last == seen => *length += 1,
                    _ => runs.push((seen, 1)),
                }
            }
            let mut words: Vec<_> = runs
                .into_iter()
                .map(|(seen, length)| (known.entry(seen).or_insert_with(|| self.word(&theme, seen)).clone(), length))
                .collect();
            if words.last().is_some_and(|(word, _)| word == "base") {
                words.pop();
            }
            if !words.is_empty() {
                let words: Vec<_> = words.into_iter().map(|(word, length)| format!("{word} {length}")).collect();
                writeln!(lines, "{:>2}: {}", row + 1, words.join(", ")).expect("a string takes everything");
            }
        }
        lines
    }

    fn word(self, theme: &Theme, seen: Seen) -> String {
        match self {
            Self::Dark => role(theme, seen),
            Self::Mono if (seen.0, seen.1) == (Color::Reset, Color::Reset) => emphasis(seen.2),
            Self::Mono => format!("COLOUR {seen:?}"),
        }
    }
}

fn emphasis(modifier: Modifier) -> String {
    let names: Vec<_> = modifier.iter_names().map(|(name, _)| name.to_lowercase()).collect();
    if names.is_empty() { "base".to_owned() } else { names.join(" ") }
}

/// The role, and what lies over or under it, that looks like this.
fn role(theme: &Theme, seen: Seen) -> String {
    let base = Style::reset().patch(theme.style(Role::Base));
    let is = |style: Style| {
        let mut made = Cell::EMPTY;
        made.set_style(style);
        (made.fg, made.bg, made.modifier) == seen
    };
    if is(base) {
        return "base".to_owned();
    }
    let name = |role: Role| Role::ALL.iter().find(|(known, _)| *known == role).map_or("?", |(_, name)| *name);
    let roles = || Role::ALL.iter().map(|(role, _)| *role);
    if let Some(role) = roles().find(|role| is(base.patch(theme.style(*role)))) {
        return name(role).to_owned();
    }
    let on_dialog = base.patch(theme.style(Role::Dialog));
    if let Some(role) = roles().find(|role| is(on_dialog.patch(theme.style(*role)))) {
        return format!("{} on dialog", name(role));
    }
    let over = [Role::Selected, Role::Stale, Role::Shade];
    let laid = roles().flat_map(|role| over.map(|over| (role, over)));
    let found = laid.into_iter().find(|(role, over)| is(base.patch(theme.style(*role)).patch(theme.style(*over))));
    found.map_or_else(|| format!("{seen:?}"), |(role, over)| format!("{} under {}", name(role), name(over)))
}
