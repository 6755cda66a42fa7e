//! The wall's pages turn by themselves: the pushes that matter most, worst first, then the fleet.

use crate::console::keymap::Action;
use crate::domain::id::PushId;
use crate::domain::push::{Course, Push};
use crate::domain::status::{self, Status};
use crate::domain::time::{ConsoleTime, Period};
use crate::settings::Motion;

use super::screen::{Look, Screen};
use super::{Model, fleet_rows, travel};

/// How many pushes have a page: with more, nobody who walks past sees the one they came for.
const PUSHES: usize = 6;

/// For how long the keyboard rests before a person counts as gone, and what they looked at gives way to the wall. Somebody reads for
/// longer than a page is shown.
const QUIET: Period = Period::from_mins(1);

/// Which page of the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageId {
    /// A push.
    Push(PushId),
    /// The fleet as a whole.
    Fleet,
}

/// How much a push wants to be seen from afar. What orders first is the more urgent.
type Urgency = (bool, bool, bool, Status);

/// When pages turn.
#[derive(Clone, Debug)]
pub(super) struct Turning {
    /// When a page was last turned, or a key last pressed.
    last: ConsoleTime,
    /// How urgent the most urgent push was when last looked at: what is worse takes the wall at once.
    worst: Option<Urgency>,
}

impl Turning {
    pub const fn starting(at: ConsoleTime) -> Self {
        Self { last: at, worst: None }
    }

    /// Somebody is there: what they look at stays for a while.
    pub const fn touch(&mut self, at: ConsoleTime) {
        self.last = at;
    }

    /// The wall's clock was set back.
    pub fn set_back(&mut self, at: ConsoleTime) {
        self.last = self.last.min(at);
    }
}

/// Turns the page if it is time.
pub(super) fn turn(model: &mut Model) {
    if due(model).is_none_or(|at| model.console_now < at) {
        return;
    }
    model.turning.last = model.console_now;
    // Nobody looks at the past any more: a wall shows what is.
    if travel::is_past(model) {
        travel::to_now(model);
    }
    if is_at_rest(model) { page(model, 1) } else { show(model) }
}

/// When the page turns next, or gives way to the wall; `None` where nothing does.
pub(super) fn due(model: &Model) -> Option<ConsoleTime> {
    let cycle = model.setup.cycle.filter(|_| model.turns_pages())?;
    if is_at_rest(model) {
        (model.motion() == Motion::Full).then(|| model.turning.last + cycle)
    } else {
        Some(model.turning.last + cycle.max(QUIET))
    }
}

/// Shows the wall, beginning with what is most urgent.
pub(super) fn show(model: &mut Model) {
    model.place.look = Look::Wall;
    model.place.overlays.clear();
    model.turning.worst = Some(worst(model));
    open(model, pages(model).first().copied());
}

/// On the wall the arrows turn its pages; what is read over it leaves it there, and anything else is for the screens behind it. Says
/// whether that is all.
pub(super) fn pressed(model: &mut Model, action: Action) -> bool {
    match action {
        Action::Left | Action::Up | Action::PageUp => page(model, -1),
        Action::Right | Action::Down | Action::PageDown => page(model, 1),
        Action::Back => {}
        Action::Help | Action::Explain | Action::Palette | Action::Copy | Action::Play => return false,
        _ => {
            model.place.look = Look::Desk;
            return false;
        }
    }
    true
}

/// Goes so many pages on.
fn page(model: &mut Model, by: isize) {
    let pages = pages(model);
    let here = pages.iter().position(|page| *page == shown(model)).unwrap_or(0);
    let next = (here as isize + by).rem_euclid(pages.len() as isize);
    open(model, pages.get(next as usize).copied());
}

/// The page shown.
pub(super) fn shown(model: &Model) -> PageId {
    match (model.place.screen, model.place.push) {
        (Screen::Push, Some(push)) if model.fleet.push(push).is_some() => PageId::Push(push),
        _ => PageId::Fleet,
    }
}

/// The pages there are, most urgent first.
pub(super) fn pages(model: &Model) -> Vec<PageId> {
    let pushes = by_urgency(model).into_iter().take(PUSHES).map(|(_, push)| PageId::Push(push.id()));
    pushes.chain([PageId::Fleet]).collect()
}

/// The pushes that are under way, or ended badly and were not seen by anybody, and have no page.
pub(super) fn without_page(model: &Model) -> Vec<&Push> {
    by_urgency(model).into_iter().skip(PUSHES).map(|(_, push)| push).collect()
}

fn open(model: &mut Model, page: Option<PageId>) {
    match page {
        Some(PageId::Push(push)) => {
            model.place.push = Some(push);
            model.place.screen = Screen::Push;
        }
        Some(PageId::Fleet) | None => model.place.screen = Screen::Fleet,
    }
}

/// What has become worse than anything was when last looked is shown at once, and so is the first news.
pub(super) fn interrupt(model: &mut Model) {
    if !(model.turns_pages() && is_at_rest(model) && model.has_data()) {
        return;
    }
    let worst = worst(model);
    let is_worse = model.turning.worst.replace(worst).is_none_or(|before| worst < before);
    if is_worse {
        model.turning.last = model.console_now;
        open(model, pages(model).first().copied());
    }
}

/// Whether the wall is shown, and nobody reads anything over it.
fn is_at_rest(model: &Model) -> bool {
    model.is_wall() && model.overlay().is_none()
}

fn worst(model: &Model) -> Urgency {
    by_urgency(model).first().map_or((true, true, true, Status::Converged), |(urgency, _)| *urgency)
}

fn by_urgency(model: &Model) -> Vec<(Urgency, &Push)> {
    let shown = model.fleet.pushes().filter(|push| fleet_rows::is_shown(push));
    let mut found: Vec<_> = shown.map(|push| (urgency(model, push), push)).collect();
    found.sort_by_key(|(urgency, push)| (*urgency, push.id()));
    found
}

fn urgency(model: &Model, push: &Push) -> Urgency {
    let now = model.now();
    let exposed = matches!(&push.course, Course::Back { rollback } if rollback.users_safe.is_none());
    let failed = matches!(push.course, Course::RollbackFailed { .. });
    (push.not_stopped(now).is_none(), !failed, !exposed, status::of_push(&model.fleet, push, now))
}
