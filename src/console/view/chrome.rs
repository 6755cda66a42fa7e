//! What never moves: mode, identity and freshness in row 1, tabs in row 2, the most urgent line in row 3, keys in the last row.

use crate::console::keymap::{Access, Action, Hint, Place};
use crate::console::model::{FeedHealth, Freshness, Model, Screen, Spot, Tone, When};
use crate::console::theme::{Glyph, Role};
use crate::domain::feed::Feed;
use crate::domain::push::Push;
use crate::domain::time::Period;
use crate::settings::Motion;

use super::kit::{Painter, Slot};
use super::line::{Line, wrap};

/// From this width on, feeds are told one by one.
const WIDE: usize = 120;

/// What turns with each heartbeat, so that a still screen is a dead one.
const BEATS: [&str; 4] = ["-", "\\", "|", "/"];

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
    identity(model, &freshness, width).draw(painter, 0);
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

/// Row 1. What says whether the rest can be believed is never cut for what says where one is.
fn identity(model: &Model, freshness: &Freshness, width: usize) -> Line {
    let mode = mode(model);
    let right = [Form::of(width), Form::Short, Form::Least]
        .into_iter()
        .map(|form| right_end(model, freshness, form))
        .find(|right| mode.width() + right.width() + 2 <= width)
        .unwrap_or_default();
    let room = width.saturating_sub(mode.width() + right.width() + 3);
    let uri = &model.source().uri;
    let [all, first] = roles(model).map(|roles| format!(" {uri}  {} ({roles})", model.actor()));
    let who = [all, first, format!(" {uri}  {}", model.actor()), format!(" {}", model.actor())]
        .into_iter()
        .map(|text| Line::of(Role::Text, text))
        .find(|line| line.width() <= room)
        .unwrap_or_default();
    let left = mode.append(who);
    let start = width.saturating_sub(right.width() + 1);
    left.at(start).append(right)
}

/// Every role of whoever sits here, and the same in short: `oncall +1`.
fn roles(model: &Model) -> [String; 2] {
    let people = &model.fleet().declaration().people;
    let roles: Vec<_> = people.get(model.actor()).into_iter().flatten().map(ToString::to_string).collect();
    match roles.as_slice() {
        [] => ["no role".to_owned(), "no role".to_owned()],
        [only] => [only.clone(), only.clone()],
        [first, rest @ ..] => [roles.join(", "), format!("{first} +{}", rest.len())],
    }
}

/// How much of row 1's right end there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Feeds one by one.
    Wide,
    /// Feeds in a word.
    Usual,
    /// The same in fewer words.
    Short,
    /// What is wrong, and nothing else.
    Least,
}

impl Form {
    const fn of(width: usize) -> Self {
        if width >= WIDE { Self::Wide } else { Self::Usual }
    }
}

fn mode(model: &Model) -> Line {
    let source = model.source();
    let mut words = Vec::new();
    if source.simulated {
        words.push("SIMULATED");
    }
    let moment = model.moment();
    let then = match model.when() {
        When::Past { ago: since, .. } => Some(format!("PAST {}, {}", moment.now.hh_mm_ss(&moment.zone), ago(since))),
        When::Now | When::Replay { .. } => None,
    };
    let is_past = then.is_some();
    let word = match (source.recorded, model.turns_pages()) {
        (true, true) => "REPLAY · WATCH",
        (true, false) => "REPLAY",
        (false, _) => model.access().word(),
    };
    words.push(then.as_deref().unwrap_or(word));
    let speed = if !is_past && (source.speed - 1.0).abs() > 1e-9 { format!(" ×{}", source.speed) } else { String::new() };
    Line::of(Role::Mode, format!(" {}{speed} ", words.join(" · ")))
}

/// How long ago, in steps, so that it does not count under a reader's eyes.
fn ago(since: Period) -> String {
    match since.secs() {
        0..10 => "just now".to_owned(),
        seconds @ 10..60 => format!("{} ago", Period::from_secs(seconds / 10 * 10)),
        seconds => format!("{} ago", Period::from_mins(seconds / 60)),
    }
}

/// Feeds, automatic rollback, heartbeat, clock.
fn right_end(model: &Model, freshness: &Freshness, form: Form) -> Line {
    let wide = form == Form::Wide;
    let mut line = if model.has_data() { feeds(freshness, wide) } else { Line::of(Role::Waiting, "no data yet") };
    let unread = model.signals().unreadable();
    if unread > 0 && form != Form::Least {
        line = line.then(Role::Waiting, format!("  {unread} metric {} unread", if unread == 1 { "line" } else { "lines" }));
    }
    if freshness.blind {
        let words = match form {
            Form::Wide => "  automatic rollback BLIND: crash loops and readiness only",
            Form::Usual => "  automatic rollback BLIND",
            Form::Short => "  rollback BLIND",
            Form::Least => "  BLIND",
        };
        line = line.then(Role::Bad, words);
    } else if wide && model.has_data() {
        let barred = |push: &&Push| push.is_forward() && push.way_back.as_ref().is_some_and(|plan| !plan.barred.is_empty());
        let names: Vec<_> = model.fleet().pushes().filter(barred).map(|push| push.plan.name.as_str()).collect();
        line = line.then(Role::Dim, "  automatic rollback ").then(Role::Text, "ARMED");
        if !names.is_empty() {
            line = line.then(Role::Bad, format!(", not for {}", names.join(", ")));
        }
    }
    if form == Form::Least {
        return line;
    }
    let still = model.motion() == Motion::Reduced;
    let is_live = !model.source().recorded;
    if is_live && (model.access() == Access::Watch || still) {
        let age = freshness.age.map(|age| if still { coarse(age) } else { exact(age) });
        let word = if form == Form::Short { "" } else { "data " };
        line = line.maybe(Role::Text, age.map(|age| format!("  {word}{age} old")));
    }
    let beat =
        BEATS.get(usize::from(freshness.beat % 4)).copied().filter(|_| !still).map_or_else(String::new, |beat| format!("{beat} "));
    let zone = model.moment().zone;
    let pattern = if wide { "%a %H:%M %Z" } else { "%H:%M %Z" };
    let (before, clock) = match model.when() {
        When::Now => (format!("  {beat}"), model.now()),
        When::Past { .. } => (format!("  {beat}now "), model.heard_now()),
        When::Replay { playing: true, .. } => ("  playing ".to_owned(), model.now()),
        When::Replay { ended: true, .. } => ("  at its end ".to_owned(), model.now()),
        When::Replay { .. } => ("  paused ".to_owned(), model.now()),
    };
    // Whoever stands still in a recording looks closely.
    let stands = matches!(model.when(), When::Replay { playing: false, .. });
    let pattern = if stands { "%H:%M:%S %Z" } else { pattern };
    line.then(Role::Dim, before).then(Role::Text, clock.format(&zone, pattern))
}

fn exact(age: Period) -> String {
    if age.secs() < 6 { "< 6 s".to_owned() } else { age.to_string() }
}

/// An age that changes seldom: nothing on the screen moves by it while all is well.
fn coarse(age: Period) -> String {
    let step = [6, 15, 30, 60].into_iter().map(Period::from_secs).find(|step| age < *step);
    match step {
        Some(step) => format!("< {step}"),
        None => format!("{} min", age.secs() / 60),
    }
}

/// One word while all is live; else each that is not, by name.
fn feeds(freshness: &Freshness, wide: bool) -> Line {
    let lost = freshness.lost().count();
    if lost == 0 && !wide {
        return Line::of(Role::Text, format!("{} feeds live", freshness.feeds.len()));
    }
    let mut line = Line::new();
    for (feed, health) in freshness.feeds.iter().filter(|(_, health)| wide || *health != FeedHealth::Live) {
        if !line.is_empty() {
            line = line.then(Role::Text, "  ");
        }
        line = line.append(feed_word(*feed, health));
    }
    line
}

fn feed_word(feed: Feed, health: &FeedHealth) -> Line {
    match health {
        FeedHealth::Live => Line::of(Role::Dim, format!("{} ok", feed.word())),
        FeedHealth::Lost { age, .. } => Line::of(Role::Bad, format!("{} LOST {age}", feed.word())),
        FeedHealth::Never => Line::of(Role::Bad, format!("{} NEVER HEARD", feed.word())),
    }
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

    fn fresh() -> Freshness {
        let feeds = Feed::ALL.into_iter().map(|feed| (feed, FeedHealth::Live)).collect();
        Freshness { feeds, stale: None, resync: false, blind: false, beat: 0, age: Some(Period::ZERO) }
    }

    #[test]
    fn how_long_ago_goes_in_steps() {
        let said = [3, 19, 61, 119, 4_000].map(|seconds| ago(Period::from_secs(seconds)));
        assert_eq!(said, ["just now", "10 s ago", "1 min ago", "1 min ago", "1 h 6 min ago"]);
    }

    #[test]
    fn feeds_are_one_word_while_all_are_live_and_the_late_one_stands_alone() {
        let mut freshness = fresh();
        assert_eq!(feeds(&freshness, false).text(), "4 feeds live");
        assert_eq!(feeds(&freshness, true).text(), "engine ok  targets ok  metrics ok  probes ok");
        freshness.feeds[2].1 = FeedHealth::Lost { age: Period::from_mins(3), why: String::new() };
        assert_eq!(feeds(&freshness, false).text(), "metrics LOST 3 min");
    }

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
