//! A model of a story, and the screen it draws, as text.
#![allow(dead_code, reason = "benches use a part of it")]
#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use jiff::tz::TimeZone;
use pushdeck::console::keymap::{Access, Key, Keymap};
use pushdeck::console::model::{Chance, Effect, Event, Model, Setup, Source, update};
use pushdeck::console::theme::{ColourDepth, Theme};
use pushdeck::console::view::{self, Drawn};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::history::History;
use pushdeck::domain::id::PersonId;
use pushdeck::domain::time::{ConsoleTime, Period};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use uuid::Uuid;

use super::story::Story;

/// A console of this size, before it has heard anything.
pub fn console(access: Access, actor: &str, size: (u16, u16), at: ConsoleTime) -> Model {
    Model::new(setup(access, actor, size, at))
}

fn setup(access: Access, actor: &str, size: (u16, u16), at: ConsoleTime) -> Setup {
    Setup {
        access,
        actor: PersonId::new(actor),
        source: Source { uri: "engine:fleet.toml".to_owned(), simulated: false, speed: 1.0, recorded: false },
        zone: TimeZone::UTC,
        keymap: Keymap::new(access).expect("the default keys are without fault"),
        size,
        kiosk: false,
        cycle: None,
        motion: pushdeck::settings::Motion::Full,
        columns: pushdeck::settings::Columns::new(),
        at,
    }
}

/// A console that has just heard a story, up to its moment.
pub fn told(story: &Story, access: Access, actor: &str, size: (u16, u16)) -> Model {
    let at = ConsoleTime::from_millis(story.now.millis());
    hear(console(access, actor, size, at), story, at)
}

fn hear(mut model: Model, story: &Story, at: ConsoleTime) -> Model {
    update(&mut model, Event::Snapshot(Arc::new(story.fleet.clone())));
    for batch in &story.batches {
        update(&mut model, Event::Readings(Arc::new(batch.clone())));
    }
    update(&mut model, Event::Heartbeat { at: story.now, seq: story.fleet.seq(), heard: at });
    update(&mut model, Event::Tick { at });
    model
}

/// A wall of this size that has just heard a story; each page stays for 15 seconds.
pub fn on_a_wall(story: &Story, size: (u16, u16)) -> Model {
    let at = ConsoleTime::from_millis(story.now.millis());
    let setup = Setup { cycle: Some(Period::from_secs(15)), ..setup(Access::Watch, "lena", size, at) };
    hear(Model::new(setup), story, at)
}

/// A console that has just heard a story, and everything that led to it.
pub fn remembered(story: &Story, access: Access, actor: &str, size: (u16, u16)) -> Model {
    let mut model = told(story, access, actor, size);
    let (mut fleet, mut history) = (Arc::default(), History::since(Arc::default(), usize::MAX));
    for change in &story.changes {
        Fleet::apply(Arc::make_mut(&mut fleet), change);
        history.push(change.clone(), &fleet);
    }
    update(&mut model, Event::Past(history));
    model
}

/// A console that replays a story so many times as fast as it was lived, from its beginning.
pub fn replaying(story: &Story, speed: f64, size: (u16, u16)) -> Model {
    let source = Source { uri: "friday.jsonl".to_owned(), simulated: false, speed, recorded: true };
    let at = ConsoleTime::from_millis(story.now.millis());
    let mut model = Model::new(Setup { source, ..setup(Access::Watch, "lena", size, at) });
    let batches = story.batches.iter().cloned().map(Arc::new).collect();
    update(&mut model, Event::Recorded { changes: story.changes.clone(), batches });
    model
}

/// Strikes a key in the very moment, so that nothing but the key changes what is shown.
pub fn press(model: &mut Model, key: &str) -> Vec<Effect> {
    let key: Key = key.parse().expect("a key");
    let chance = Chance { id: Uuid::from_u128(2 << 64), code: "K7QD".to_owned() };
    update(model, Event::Key { key, repeat: false, at: model.console_now(), chance })
}

/// Strikes keys, one a second, written as in settings: `3 down enter`.
pub fn strike(model: &mut Model, keys: &str) {
    for (nth, key) in keys.split(' ').filter(|key| !key.is_empty()).enumerate() {
        let key: Key = key.parse().expect("a key");
        let at = model.console_now() + Period::from_secs(1);
        let chance = Chance { id: Uuid::from_u128(1 << 64 | nth as u128), code: "K7QD".to_owned() };
        update(model, Event::Drawn { at: model.console_now(), cuts: Vec::new() });
        update(model, Event::Key { key, repeat: false, at, chance });
    }
}

/// The terminal has another size from now on.
pub fn resize(model: &mut Model, (width, height): (u16, u16)) {
    update(model, Event::Resize { width, height });
}

/// A frame reaches the terminal. What it shows besides its cells.
pub fn look(model: &mut Model) -> Drawn {
    let theme = Theme::for_depth(ColourDepth::Mono).expect("an embedded theme");
    let (width, height) = model.size();
    let drawn = view::draw(&mut Buffer::empty(Rect::new(0, 0, width, height)), model, &theme);
    update(model, Event::Drawn { at: model.console_now(), cuts: drawn.cuts.clone() });
    drawn
}

/// Whatever was opened has been seen for a second.
pub fn settle(model: &mut Model) {
    look(model);
    let at = model.console_now() + Period::from_secs(1);
    update(model, Event::Tick { at });
}

/// What is drawn without colours.
pub fn drawn(model: &Model) -> Buffer {
    drawn_in(model, ColourDepth::Mono)
}

/// What is drawn with so many colours.
pub fn drawn_in(model: &Model, depth: ColourDepth) -> Buffer {
    let theme = Theme::for_depth(depth).expect("an embedded theme");
    let (width, height) = model.size();
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    view::draw(&mut buffer, model, &theme);
    buffer
}

/// What is drawn, line by line, without blanks at the ends.
pub fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width.max(1));
    let line = |cells: &[ratatui::buffer::Cell]| {
        let text: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
        text.trim_end().to_owned()
    };
    buffer.content.chunks(width).map(line).collect::<Vec<_>>().join("\n")
}
