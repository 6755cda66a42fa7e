//! When somebody at this console last looked at each push, so that it can be told what has happened since.

use std::collections::BTreeMap;

use crate::domain::id::PushId;
use crate::domain::time::{ConsoleTime, EngineTime, Period};

use super::screen::Screen;
use super::{Model, Overlay};

/// For how long one goes on looking after a key, by the wall.
const GLANCE: Period = Period::from_mins(2);

/// One push, looked at.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// When it was last looked at, by the wall and by the engine's clock.
    last: (ConsoleTime, EngineTime),
    /// When it was looked at the time before, by the engine's clock: what happened since is new to the person who looks now.
    before: Option<EngineTime>,
}

/// When each push was last looked at from here.
#[derive(Clone, Debug, Default)]
pub(super) struct Looked(BTreeMap<PushId, Look>);

impl Looked {
    /// When it was looked at before the present look; `None` where it never was.
    pub fn before(&self, push: PushId) -> Option<EngineTime> {
        self.0.get(&push).and_then(|look| look.before)
    }
}

/// A key was pressed: somebody looks at whatever push is shown in full.
pub(super) fn note(model: &mut Model) {
    let explains = matches!(model.place.overlays.last(), Some(Overlay::Explain(_)));
    if model.place.screen != Screen::Push && !explains {
        return;
    }
    let Some(push) = model.selected_push() else { return };
    let now = (model.console_now, model.now());
    let look = model.looked.0.entry(push).or_insert(Look { last: now, before: None });
    if look.last.0 + GLANCE < now.0 {
        look.before = Some(look.last.1);
    }
    look.last = now;
}
