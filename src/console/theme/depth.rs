//! How many colours a terminal has.

use ratatui::style::Color;

/// How many colours may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourDepth {
    /// None: the mono theme, whatever theme was asked for.
    Mono,
    /// The sixteen that have names, and are the user's own.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

/// What of the environment tells the colour depth; values as the process got them.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalEnv<'a> {
    /// `--no-color` was given.
    pub no_color_flag: bool,
    /// `NO_COLOR`; empty counts as absent (no-color.org).
    pub no_color: Option<&'a str>,
    /// `COLORTERM`.
    pub colorterm: Option<&'a str>,
    /// `TERM`.
    pub term: Option<&'a str>,
    /// Whether it is inside GNU screen (`STY`), which passes no 24 bits on, whatever the terminal around it promised.
    pub in_screen: bool,
}

/// Terminals that have no more than sixteen colours.
const SIXTEEN_TERMS: [&str; 6] = ["linux", "ansi", "cygwin", "screen", "rxvt", "eterm"];

/// Terminals that have 24 bits and do not always pass on `COLORTERM` (it is lost over ssh).
const TRUE_COLOUR_TERMS: [&str; 5] = ["direct", "kitty", "alacritty", "ghostty", "wezterm"];

impl ColourDepth {
    /// The depth a terminal promises. `NO_COLOR` and the flag mean no colour command at all: crossterm 0.29 under `NO_COLOR`
    /// turns each one into a reset that wipes bold and reverse (fixed by its unreleased #1069).
    pub fn of(env: TerminalEnv<'_>) -> Self {
        Self::told(env).0
    }

    /// The depth a terminal promises, and by what, in a few words.
    pub fn told(env: TerminalEnv<'_>) -> (Self, String) {
        let term = env.term.unwrap_or_default();
        if env.no_color_flag {
            return (Self::Mono, "colours are switched off".to_owned());
        }
        if env.no_color.is_some_and(|value| !value.is_empty()) {
            return (Self::Mono, "NO_COLOR is set".to_owned());
        }
        let by_term = format!("TERM is {term:?}");
        if matches!(term, "" | "dumb" | "unknown") || term.starts_with("vt") || term.ends_with("-mono") || term.ends_with("-m") {
            return (Self::Mono, by_term);
        }
        if let Some(promise @ ("truecolor" | "24bit")) = env.colorterm {
            return if env.in_screen {
                (Self::Indexed, format!("COLORTERM is {promise:?}, but GNU screen does not pass it on"))
            } else {
                (Self::True, format!("COLORTERM is {promise:?}"))
            };
        }
        if TRUE_COLOUR_TERMS.iter().any(|name| term.contains(name)) {
            return (Self::True, by_term);
        }
        let few = SIXTEEN_TERMS.contains(&term) || term.ends_with("-16color") || term.ends_with("-color");
        (if few { Self::Sixteen } else { Self::Indexed }, by_term)
    }

    /// How many, in words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mono => "none",
            Self::Sixteen => "16",
            Self::Indexed => "256",
            Self::True => "24 bits",
        }
    }

    /// The colour as this depth can show it.
    pub(super) fn show(self, colour: Color) -> Color {
        match (self, colour) {
            (Self::Mono, _) => Color::Reset,
            (Self::Indexed, Color::Rgb(r, g, b)) => Color::Indexed(nearest([r, g, b])),
            (_, colour) => colour,
        }
    }
}

/// The 240 fixed colours of xterm, 16 to 255: a cube of six levels, then a grey ramp. The first 16 are the user's own and
/// may be anything.
pub(super) fn xterm(index: u8) -> Option<[u8; 3]> {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level = |at: u8| LEVELS.get(usize::from(at)).copied();
    match index {
        0..=15 => None,
        16..=231 => {
            let cube = index - 16;
            Some([level(cube / 36)?, level(cube / 6 % 6)?, level(cube % 6)?])
        }
        232..=255 => Some([8 + (index - 232) * 10; 3]),
    }
}

fn nearest(wanted: [u8; 3]) -> u8 {
    let distance = |index: &u8| {
        let square = |(a, b): (u8, u8)| u32::from(a.abs_diff(b)).pow(2);
        xterm(*index).map_or(u32::MAX, |have| have.into_iter().zip(wanted).map(square).sum())
    };
    (16..=255).min_by_key(distance).unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides() {
        let xterm = TerminalEnv { term: Some("xterm-256color"), ..TerminalEnv::default() };
        assert_eq!(ColourDepth::of(xterm), ColourDepth::Indexed);
        assert_eq!(ColourDepth::of(TerminalEnv { colorterm: Some("truecolor"), ..xterm }), ColourDepth::True);
        assert_eq!(ColourDepth::of(TerminalEnv { term: Some("xterm-kitty"), ..xterm }), ColourDepth::True);
        assert_eq!(ColourDepth::of(TerminalEnv { no_color: Some(""), ..xterm }), ColourDepth::Indexed);
        for sixteen in ["linux", "screen", "xterm-16color", "xterm-color"] {
            assert_eq!(ColourDepth::of(TerminalEnv { term: Some(sixteen), ..xterm }), ColourDepth::Sixteen, "{sixteen}");
        }
        let screen = TerminalEnv { term: Some("screen-256color"), colorterm: Some("truecolor"), in_screen: true, ..xterm };
        assert_eq!(ColourDepth::of(screen), ColourDepth::Indexed);
        for mono in [
            TerminalEnv { no_color: Some("1"), colorterm: Some("truecolor"), ..xterm },
            TerminalEnv { no_color_flag: true, colorterm: Some("truecolor"), ..xterm },
            TerminalEnv { term: Some("dumb"), colorterm: Some("truecolor"), ..xterm },
            TerminalEnv { term: Some("vt220"), ..xterm },
            TerminalEnv { term: None, ..xterm },
        ] {
            assert_eq!(ColourDepth::of(mono), ColourDepth::Mono, "{mono:?}");
        }
    }

    #[test]
    fn poorer_terminals_get_the_nearest_colour() {
        assert_eq!(ColourDepth::Indexed.show(Color::Rgb(255, 255, 255)), Color::Indexed(231));
        assert_eq!(ColourDepth::Indexed.show(Color::Rgb(8, 8, 8)), Color::Indexed(232));
        assert_eq!(ColourDepth::Indexed.show(Color::Rgb(96, 134, 174)), Color::Indexed(67));
        assert_eq!(ColourDepth::Mono.show(Color::Rgb(1, 2, 3)), Color::Reset);
        assert_eq!(ColourDepth::True.show(Color::Rgb(1, 2, 3)), Color::Rgb(1, 2, 3));
    }
}
