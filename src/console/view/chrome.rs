//! What never moves: mode, identity and freshness in row 1, tabs in row 2, the most urgent line in row 3, keys in the last row.

use crate::console::keymap::{Access, Action, Hint, Place};
use crate::console::model::{Freshness, Model, Screen, Spot, Tone, wrap};
use crate::console::theme::{Glyph, Role};

mod identity;

use super::kit::{Painter, Slot};
use super::line::Line;

/// How much something should catch the eye, as a look.
pub const fn role_of(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Good => Role::Good,
        Tone::Waiting => Role::Waiting,
        Tone::Bad => Role::Bad,
        Tone::Loudest => Role::Loud,
    }
}

/// Rows 1 to 3, at the top of the painter's area.
pub fn head(painter: &mut Painter<'_>, model: &Model) {
    let width = usize::from(painter.width());
    let freshness = model.freshness();
    identity::line(model, &freshness, width).draw(painter, 0);
    tabs(model, &freshness, width).draw(painter, 1);
    for (screen, slot) in tab_slots(model) {
        painter.spot(slot, Spot::Tab(screen));
    }
    if let Some(urgent) = model.urgent() {
        let role = role_of(urgent.tone);
        let text = whole_sentences(&urgent.text, width.saturating_sub(3));
        let mut line = Line::of(role, format!(" {} {text}", Glyph::Alert.symbol()));
        if text.len() < urgent.text.len() {
            line = line.standing_for("", &urgent.text);
        }
        if urgent.tone == Tone::Loudest {
            let rest = width.saturating_sub(line.width());
            line = line.then(role, " ".repeat(rest));
        }
        line.draw(painter, 2);
    }
}

/// The first sentence, and as many more as fit whole into so many cells.
fn whole_sentences(text: &str, width: usize) -> &str {
    let ends = text.match_indices(". ").map(|(at, _)| at).chain([text.len()]);
    let fitting = ends.filter(|end| text.get(..*end).is_some_and(|text| Line::of(Role::Text, text).width() <= width)).last();
    fitting.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The last row of the painter's area.
pub fn foot(painter: &mut Painter<'_>, model: &Model) {
    let footer = model.footer();
    let width = usize::from(painter.width());
    let line = if model.access() == Access::Watch && footer.hints.is_empty() {
        Line::of(Role::Text, format!(" {}", footer.words))
    } else {
        keys(&footer.name, &footer.hints, width)
    };
    line.draw(painter, painter.height().saturating_sub(1));
}

/// Rows of the outcome of a command, at most.
const MOST: usize = 3;

/// The outcome of the last command: as many rows as its words need, as far as there are some.
pub fn toast(model: &Model, width: usize) -> Vec<Line> {
    use crate::console::model::ToastKind;
    let Some(toast) = model.toast() else { return Vec::new() };
    let (word, role) = match toast.kind {
        ToastKind::Asked => ("sent", Role::Waiting),
        ToastKind::Done => ("done", Role::Good),
        ToastKind::Refused => ("REFUSED", Role::Bad),
        ToastKind::Unknown => ("UNKNOWN", Role::Bad),
        ToastKind::Note => ("note", Role::Text),
    };
    let indent = word.len() + 3;
    let mut lines: Vec<Line> = wrap(&toast.text, width.saturating_sub(indent + 1))
        .into_iter()
        .enumerate()
        .map(|(at, text)| {
            let head = if at == 0 { word } else { "" };
            Line::of(role, format!(" {head}")).at(indent).then(Role::Text, text)
        })
        .collect();
    if lines.len() > MOST {
        lines.truncate(MOST);
        let last = lines.pop().unwrap_or_default();
        lines.push(last.cut(width.saturating_sub(2)).then(Role::Text, Glyph::Ellipsis.symbol()).standing_for(word, &toast.text));
    }
    lines
}

/// Row 2: tabs with counts; at its end, and only then, that what is shown is old.
fn tabs(model: &Model, freshness: &Freshness, width: usize) -> Line {
    let line = Screen::ALL.into_iter().fold(Line::new(), |line, screen| line.append(tab(model, screen)));
    let line = with_wall(model, line, width);
    match &freshness.stale {
        Some(why) if model.has_data() => {
            let room = width.saturating_sub(line.width() + 1);
            let said = Line::of(Role::Loud, format!(" STALE: {why} "));
            let said = if said.width() <= room { said } else { Line::of(Role::Loud, " STALE ") };
            let start = width.saturating_sub(said.width());
            line.at(start).append(said)
        }
        _ => {
            let room = width.saturating_sub(line.width() + 2);
            let said = model.closing().into_iter().map(|said| Line::of(Role::Waiting, said)).find(|said| said.width() <= room);
            match said {
                Some(said) => {
                    let start = width.saturating_sub(said.width() + 1);
                    line.at(start).append(said)
                }
                None => line,
            }
        }
    }
}

fn tab(model: &Model, screen: Screen) -> Line {
    let here = model.screen() == screen && !model.is_wall();
    let line = Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " });
    let role = if here { Role::Strong } else { Role::Dim };
    let key = model.keymap().keys(shows(screen), Place::Screen).first().map(|key| format!("{} ", key.label()));
    line.maybe(role, key).then(role, screen.word()).append(count(model, screen)).then(Role::Text, " ")
}

/// The way to the wall, behind the tabs of a session that has one; where there is no room for it the help names it.
fn with_wall(model: &Model, line: Line, width: usize) -> Line {
    let key = model.keymap().keys(Action::ShowWall, Place::Screen).first().map(|key| format!("{} ", key.label()));
    let here = model.is_wall();
    let role = if here { Role::Strong } else { Role::Dim };
    let wall = Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " }).maybe(role, key).then(role, "Wall ");
    let fits = line.width() + wall.width() <= width && (model.turns_pages() || here);
    if fits { line.append(wall) } else { line }
}

/// Where the tabs stand in row 2.
fn tab_slots(model: &Model) -> Vec<(Screen, Slot)> {
    let place = |at: &mut u16, screen| {
        let width = tab(model, screen).width() as u16;
        let slot = Slot::new(*at, 1, width);
        *at = at.saturating_add(width);
        Some((screen, slot))
    };
    Screen::ALL.into_iter().scan(0, place).collect()
}

const fn shows(screen: Screen) -> Action {
    match screen {
        Screen::Fleet => Action::ShowFleet,
        Screen::Push => Action::ShowPush,
        Screen::Waiting => Action::ShowWaiting,
        Screen::Signals => Action::ShowSignals,
        Screen::Timeline => Action::ShowTimeline,
    }
}

fn count(model: &Model, screen: Screen) -> Line {
    let now = model.now();
    match screen {
        Screen::Waiting if !model.waiting_rows().is_empty() => Line::of(Role::Waiting, format!(" {}", model.waiting_rows().len())),
        Screen::Signals => match model.fleet().alerts().filter(|alert| !alert.is_acknowledged(now)).count() {
            0 => Line::new(),
            some => Line::of(Role::Bad, format!(" {}{some}", Glyph::Alert.symbol())),
        },
        _ => Line::new(),
    }
}

/// The name that keys will hit, then as many keys as fit; the way to the rest of them (help) always stands at the end.
fn keys(name: &str, hints: &[Hint], width: usize) -> Line {
    let mut line = Line::of(Role::Text, " ").then(Role::Strong, name);
    let help = hints.iter().find(|hint| hint.action == Action::Help).map(shown).unwrap_or_default();
    let end = width.saturating_sub(help.width() + 1);
    for hint in hints.iter().filter(|hint| hint.action != Action::Help) {
        let next = shown(hint);
        let gap = if line.width() > 1 { 2 } else { 0 };
        if line.width() + gap + next.width() + 2 > end {
            break;
        }
        line = line.then(Role::Text, " ".repeat(gap)).append(next);
    }
    if help.is_empty() { line } else { line.at(end).append(help) }
}

fn shown(hint: &Hint) -> Line {
    Line::of(Role::Key, hint.key.as_str()).then(Role::Word, format!(" {}", hint.word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_first_sentence_is_whole_or_not_there() {
        let text = "playback in ap: errors 0.31 %. It calls gateway v42. playback itself has no push";
        assert_eq!(whole_sentences(text, 80), text);
        assert_eq!(whole_sentences(text, 60), "playback in ap: errors 0.31 %. It calls gateway v42");
        assert_eq!(whole_sentences(text, 20), text, "cut, and shown to be cut");
    }

    #[test]
    fn keys_that_do_not_fit_are_left_out_and_help_never_is() {
        let hint = |action, key: &str, word| Hint { action, key: key.to_owned(), word };
        let hints = [
            hint(Action::Stop, "s", "stop"),
            hint(Action::RollBack, "r", "roll back"),
            hint(Action::Open, "Enter", "open"),
            hint(Action::Help, "?", "help"),
        ];
        assert_eq!(keys("storage", &hints, 60).text(), " storage  s stop  r roll back  Enter open            ? help");
        assert_eq!(keys("storage", &hints, 34).text(), " storage  s stop           ? help");
    }
}
