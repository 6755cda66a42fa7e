//! Row 1: who and where, and how far what is shown can be believed.

use crate::console::keymap::Access;
use crate::console::model::{FeedHealth, Freshness, Model, When};
use crate::console::theme::Role;
use crate::console::view::line::Line;
use crate::domain::feed::Feed;
use crate::domain::push::Push;
use crate::domain::time::Period;
use crate::settings::Motion;

/// From this width on, feeds are told one by one.
const WIDE: usize = 120;

/// What turns with each heartbeat, so that a still screen is a dead one.
const BEATS: [&str; 4] = ["-", "\\", "|", "/"];

/// Row 1. What says whether the rest can be believed is never cut for what says where one is.
pub(super) fn line(model: &Model, freshness: &Freshness, width: usize) -> Line {
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
}
