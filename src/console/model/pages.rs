//! Text to be read over a screen, laid out in lines: the help, and explanations. Lines are broken to the width there is and never cut;
//! what does not fit is scrolled to.

use crate::console::keymap::{Danger, HelpRow};

use super::Model;
use super::explain::{Page, Part};
use super::overlay::Overlay;
use super::wrap::wrap;

/// A line of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageLine {
    /// Nothing.
    Blank,
    /// What the page is called.
    Title(String),
    /// What a part is about.
    Heading(String),
    /// Something said: a word or keys before it, empty where it goes on from the line above.
    Said {
        /// The word, or the keys.
        head: String,
        /// In which column the text begins.
        indent: usize,
        /// The text.
        text: String,
        /// Whether the head is keys.
        keys: bool,
    },
}

/// Where the words of the help begin, after the keys.
const WORDS: usize = 17;
/// Where what is said begins, after the word it is said to.
const SAID: usize = 12;
/// Where it begins in a part without such words.
const PLAIN: usize = 3;
/// Rows of the terminal that a page does not have: the three at the top, the last, and the one that says how much there is beyond.
const TAKEN: u16 = 5;

/// The lines of what lies over the screen, where that is a page.
pub(super) fn lines(model: &Model, overlay: &Overlay) -> Vec<PageLine> {
    let width = usize::from(model.size().0);
    match overlay {
        Overlay::Help { .. } => help(&model.keymap().help(), width),
        Overlay::Explain(explaining) => explained(&model.explained(&explaining.subject), width),
        _ => Vec::new(),
    }
}

/// Brings a page that was scrolled beyond its end back to it.
pub(super) fn settle(model: &mut Model) {
    let Some(overlay) = model.place.overlays.last().filter(|overlay| matches!(overlay, Overlay::Help { .. } | Overlay::Explain(_)))
    else {
        return;
    };
    let room = model.size().1.saturating_sub(TAKEN);
    let last = u16::try_from(lines(model, overlay).len()).unwrap_or(u16::MAX).saturating_sub(room);
    match model.place.overlays.last_mut() {
        Some(Overlay::Help { scroll }) => *scroll = last.min(*scroll),
        Some(Overlay::Explain(explaining)) => explaining.scroll = last.min(explaining.scroll),
        _ => {}
    }
}

fn help(rows: &[HelpRow], width: usize) -> Vec<PageLine> {
    let mut lines = Vec::new();
    let mut topic = None;
    for row in rows {
        if topic != Some(row.topic) {
            topic = Some(row.topic);
            lines.push(PageLine::Blank);
            lines.push(PageLine::Heading(row.topic.heading().to_owned()));
        }
        let effect = match row.danger {
            Danger::Safe => "",
            Danger::Record => " (acts: recorded)",
            Danger::Stopping => " (acts: stops)",
            Danger::Forward => " (acts: forward)",
            Danger::Back => " (acts: back)",
        };
        // Whoever is to type its name has to know it.
        let name = if row.by_name { format!("\"{}\": ", row.name) } else { String::new() };
        lines.extend(said((&row.keys, true), &format!("{name}{}{effect}", row.help), WORDS, width));
    }
    lines
}

fn explained(page: &Page, width: usize) -> Vec<PageLine> {
    let title = wrap(&page.title, width.saturating_sub(2)).into_iter().map(PageLine::Title);
    title.chain(page.parts.iter().flat_map(|part| of_part(part, width))).collect()
}

fn of_part(part: &Part, width: usize) -> Vec<PageLine> {
    let heading = wrap(&part.heading, width.saturating_sub(2)).into_iter().map(PageLine::Heading);
    let longest = part.lines.iter().map(|(word, _)| word.chars().count()).max().unwrap_or(0);
    let indent = if longest == 0 { PLAIN } else { SAID.max(PLAIN + longest + 1) };
    let texts = part.lines.iter().flat_map(|(word, text)| said((word, false), text, indent, width));
    std::iter::once(PageLine::Blank).chain(heading).chain(texts).collect()
}

/// A text behind its head, in as many lines as it takes.
fn said((head, keys): (&str, bool), text: &str, indent: usize, width: usize) -> Vec<PageLine> {
    let texts = wrap(text, width.saturating_sub(indent + 1).max(1));
    let line = |(at, text)| {
        let head = if at == 0 { head.to_owned() } else { String::new() };
        PageLine::Said { head, indent, text, keys }
    };
    texts.into_iter().enumerate().map(line).collect()
}
