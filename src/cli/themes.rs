//! Every theme there is, with a sample.

use std::io::{self, IsTerminal as _, Write as _};

use crossterm::queue;
use crossterm::style::{PrintStyledContent, StyledContent};
use ratatui::backend::IntoCrossterm as _;
use ratatui::style::Style;

use crate::console::theme::{Choice, ColourDepth, Role, SHIPPED, Theme, own};

use super::Global;
use super::exit::{Exit, complain, say};
use super::preferences::{depth, let_colours_through, settings, themes};

/// Lists them: names alone where this is no terminal.
pub fn run(global: &Global) -> Exit {
    let settings = match settings(global) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let_colours_through(&settings);
    let own = own(themes().as_deref());
    let shipped = SHIPPED.iter().filter(|theme| !own.iter().any(|(name, _)| name == theme.name));
    let all = shipped.map(|theme| (theme.name.to_owned(), theme.about.to_owned(), Choice::Shipped(theme)));
    let yours = own.iter().map(|(name, file)| (name.clone(), format!("yours, {}", file.display()), Choice::Own(file.clone())));
    let (depth, in_colour) = (depth(&settings).0, io::stdout().is_terminal());
    let mut exit = Exit::Done;
    for (name, about, choice) in all.chain(yours) {
        let chosen = if name == settings.theme.value { ", chosen" } else { "" };
        say(crate::safe::clean(&format!("{name}  {about}{chosen}")));
        match choice.load(depth) {
            Ok(theme) if in_colour => show(&theme),
            Ok(_) => {}
            Err(why) => exit = complain(why, Exit::No),
        }
    }
    if in_colour && depth != ColourDepth::True {
        say(format!("As this terminal shows them: colours are {}.", depth.word()));
    }
    exit
}

/// What a row of the sample holds: words in their roles.
const SAMPLE: [&[(Role, &str)]; 5] = [
    &[
        (Role::Mode, " OPERATE "),
        (Role::Text, " text "),
        (Role::Dim, "dim "),
        (Role::Strong, "strong "),
        (Role::Stale, "stale "),
        (Role::Heading, "heading"),
    ],
    &[
        (Role::Good, "● good  "),
        (Role::Moving, "◐ moving  "),
        (Role::Waiting, "◆ waiting  "),
        (Role::Bad, "✗ bad  "),
        (Role::Loud, " ! loud "),
    ],
    &[
        (Role::Cursor, "▌"),
        (Role::Selected, "selected "),
        (Role::SparkNew, "▁▂▃▅▆ new "),
        (Role::SparkOld, "▁▂▂▃▂ old "),
        (Role::Threshold, "─── limit "),
        (Role::Gap, "┄┄┄ gap "),
        (Role::Rule, "──── rule"),
    ],
    &[
        (Role::Dialog, " dialog "),
        (Role::Frame, "│ frame "),
        (Role::Field, " field "),
        (Role::Code, "K7QD"),
        (Role::Shade, " covered"),
    ],
    &[(Role::Key, "s"), (Role::Word, " stop   "), (Role::Key, "?"), (Role::Word, " help")],
];

fn show(theme: &Theme) {
    let ground = theme.style(Role::Base);
    for row in SAMPLE {
        let mut out = io::stdout().lock();
        let _ = write!(out, "  ");
        let mut width = 0;
        for (role, text) in row {
            width += text.chars().count();
            paint(&mut out, ground.patch(theme.style(*role)), text);
        }
        paint(&mut out, ground, &" ".repeat(64_usize.saturating_sub(width)));
        let _ = writeln!(out);
    }
    say("");
}

/// A reader that has gone away is no fault.
fn paint(out: &mut impl io::Write, style: Style, text: &str) {
    let styled = StyledContent::new(style.into_crossterm(), text);
    let _ = queue!(out, PrintStyledContent(styled));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_shows_every_role() {
        let shown: Vec<Role> = SAMPLE.iter().flat_map(|row| row.iter().map(|(role, _)| *role)).collect();
        for (role, name) in Role::ALL.into_iter().filter(|(role, _)| *role != Role::Base) {
            assert!(shown.contains(&role), "{name}");
        }
    }
}
