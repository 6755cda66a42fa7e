//! How many colours a terminal has.

use ratatui::style::Color;

/// How many colours may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourDepth {
    /// None: the mono theme, whatever theme was asked for.
    Mono,
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
}

/// Terminals that have 24 bits and do not always pass on `COLORTERM` (it is lost over ssh).
const TRUE_COLOUR_TERMS: [&str; 5] = ["direct", "kitty", "alacritty", "ghostty", "wezterm"];

impl ColourDepth {
    /// The depth a terminal promises. `NO_COLOR` and the flag mean no colour command at all: crossterm 0.29 under `NO_COLOR`
    /// turns each one into a reset that wipes bold and reverse (fixed by its unreleased #1069).
    pub fn of(env: TerminalEnv<'_>) -> Self {
        let term = env.term.unwrap_or_default();
        let refused = env.no_color_flag || env.no_color.is_some_and(|value| !value.is_empty());
        if refused
            || matches!(term, "" | "dumb" | "unknown")
            || term.starts_with("vt")
            || term.ends_with("-mono")
            || term.ends_with("-m")
        {
            return Self::Mono;
        }
        let promised = matches!(env.colorterm, Some("truecolor" | "24bit"));
        if promised || TRUE_COLOUR_TERMS.iter().any(|name| term.contains(name)) { Self::True } else { Self::Indexed }
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
