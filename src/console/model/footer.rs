//! The last row: what keys will hit, and what can be pressed now.

use crate::console::keymap::{Access, Action, Hint, Place};
use crate::domain::decision::Decision;
use crate::domain::explain;
use crate::domain::push::Push;
use crate::domain::rollback::Manner;

use super::overlay::{Asking, Overlay};
use super::screen::{RowKey, Screen};
use super::waiting::WaitingFor;
use super::{Model, When, meant, permit, words};

/// The last row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footer {
    /// What the keys will hit: a push, several of them, or empty where nothing is selected.
    pub name: String,
    /// What can be pressed now, most useful first; the view shows as many as fit. Empty while watching.
    pub hints: Vec<Hint>,
    /// While watching, instead of keys: who answers for it, and what happens next.
    pub words: String,
}

/// What keys will hit, and what can be pressed now.
pub(super) fn footer(model: &Model) -> Footer {
    if model.overlay().is_none()
        && let Some(footer) = in_time(model)
    {
        return footer;
    }
    if model.access() == Access::Watch {
        let words = if model.is_wall() { on_wall(model) } else { watching(model) };
        return Footer { words, ..Footer::default() };
    }
    let (place, actions): (Place, Vec<Action>) = match model.overlay() {
        Some(Overlay::Confirm(_)) => (Place::Dialog, vec![Action::Confirm, Action::Back, Action::Stop]),
        Some(Overlay::Which(_) | Overlay::Columns(_)) => {
            (Place::Reading, vec![Action::Up, Action::Down, Action::Back, Action::Stop])
        }
        Some(Overlay::Palette(_) | Overlay::Filter(_)) => (Place::Dialog, vec![Action::Back, Action::Stop]),
        Some(Overlay::Instances(_)) => {
            (Place::Reading, vec![Action::NextPane, Action::Open, Action::Back, Action::Stop, Action::Help, Action::Quit])
        }
        Some(Overlay::Help { .. } | Overlay::Explain(_)) => {
            (Place::Reading, vec![Action::Up, Action::Down, Action::Back, Action::Quit])
        }
        None => (Place::Screen, on_screen(model)),
    };
    let mut hints = model.keymap().footer(&actions, place);
    if model.strip().is_some() {
        let into = hints.iter_mut().filter(|hint| hint.action == Action::NextPane);
        into.for_each(|hint| hint.word = "next in trouble");
    }
    Footer { name: meant::target_name(model), hints, words: String::new() }
}

/// What can be pressed while another moment than now is shown.
fn in_time(model: &Model) -> Option<Footer> {
    let moves = [Action::Earlier, Action::Later, Action::EarlierDecision, Action::LaterDecision];
    let is_on = |screen| model.screen() == screen;
    let (first, play) = match model.when() {
        When::Now => return None,
        When::Past { .. } => (Action::Back, ""),
        When::Replay { playing, .. } => (Action::Play, if playing { "pause" } else { "play" }),
    };
    let can_stop = model.access() == Access::Operate
        && meant::meant(model).iter().filter_map(|push| model.fleet().push(*push)).any(can_be_stopped);
    let others = [
        (Action::Stop, can_stop),
        (Action::Open, !is_on(Screen::Signals) && can_be_opened(model)),
        (Action::NextPane, has_panes(model) && !is_on(Screen::Signals)),
        (Action::Everything, is_on(Screen::Timeline)),
        (Action::Help, true),
        (Action::Quit, true),
    ];
    let others = others.into_iter().filter(|(_, can)| *can).map(|(action, _)| action);
    let actions: Vec<_> = [first].into_iter().chain(moves).chain(others).collect();
    let mut hints = model.keymap().footer(&actions, Place::Screen);
    for hint in &mut hints {
        match hint.action {
            Action::Back => hint.word = "now",
            Action::Play => hint.word = play,
            Action::Stop => hint.word = "now, and stop",
            Action::Open if is_on(Screen::Timeline) => hint.word = "go there",
            Action::NextPane if is_on(Screen::Timeline) => hint.word = "read",
            _ => {}
        }
    }
    Some(Footer { name: meant::target_name(model), hints, words: String::new() })
}

fn on_screen(model: &Model) -> Vec<Action> {
    let at = model.console_now();
    let pushes = meant::meant(model);
    let can = |asking| pushes.iter().any(|push| permit::verb(model, asking, *push, at).is_ok());
    let moves = pushes.iter().filter_map(|push| model.fleet().push(*push)).any(can_be_stopped);
    let is_barred = |push: &Push| push.way_back.as_ref().is_some_and(|plan| !plan.barred.is_empty());
    let has_no_way_back = pushes.iter().filter_map(|push| model.fleet().push(*push)).any(is_barred);
    let acting = permit::acting(model).is_ok();
    let on_signals = model.screen() == Screen::Signals && model.selected_chart().is_some();
    let verbs = [
        (Action::Stop, acting && moves),
        (Action::RollBack, can(Asking::RollBack(Manner::Ordered))),
        // Behind a one-way door that is the way out.
        (Action::FixForward, has_no_way_back && can(Asking::FixForward)),
        (Action::Approve, can(Asking::Approve)),
        (Action::Promote, can(Asking::Promote)),
        (Action::Resume, can(Asking::Resume)),
        (Action::Reject, can(Asking::Reject)),
        (Action::RollBackFast, can(Asking::RollBack(Manner::Fast))),
        (Action::Acknowledge, acting && meant::to_acknowledge(model).is_some()),
        (Action::StartPush, pushes.is_empty() && permit::acting(model).and_then(|()| permit::fresh(model, at)).is_ok()),
        (Action::Open, model.opened_chart().is_none_or(|_| model.screen() != Screen::Signals) && can_be_opened(model)),
        (Action::Back, on_signals && (model.opened_chart().is_some() || model.moment_read().is_some())),
        (Action::NextPane, has_panes(model)),
        (Action::ZoomOut, on_signals),
        (Action::ZoomIn, on_signals),
        (Action::Pin, on_signals),
        (Action::Everything, model.screen() == Screen::Timeline),
        (Action::Earlier, model.screen() == Screen::Timeline),
        (Action::Urgent, model.urgent().is_some_and(|urgent| urgent.target.is_some())),
        (Action::Explain, true),
        (Action::Filter, true),
        (Action::Instances, !model.place.services.is_empty()),
        (Action::Order, model.screen() != Screen::Push),
        (Action::Help, true),
        (Action::Quit, true),
    ];
    let mut actions: Vec<_> = verbs.into_iter().filter(|(_, can)| *can).map(|(action, _)| action).collect();
    let asked = asked_for(model);
    actions.sort_by_key(|action| asked.iter().position(|asked| asked == action).unwrap_or(asked.len()));
    actions
}

/// Whether something is selected that leads further: a row, or the push shown.
fn can_be_opened(model: &Model) -> bool {
    model.cursor().is_some() || (model.screen() == Screen::Push && model.selected_push().is_some())
}

/// Whether the screen has more than one list.
fn has_panes(model: &Model) -> bool {
    match model.screen() {
        Screen::Push => model.cursor().is_some(),
        Screen::Timeline | Screen::Signals => true,
        Screen::Fleet | Screen::Waiting => false,
    }
}

/// Whether stopping a push would change anything: it goes forward, and is not seen to stand still already.
fn can_be_stopped(push: &Push) -> bool {
    let stands = !push.holds.is_empty() || push.rejection.is_some();
    push.is_forward() && !(stands && push.stop.as_ref().is_some_and(|stop| stop.observed.is_some()))
}

/// What the row selected on Waiting asks for: that stands first.
fn asked_for(model: &Model) -> &'static [Action] {
    match model.cursor() {
        Some(RowKey::Waiting(key)) => match key.what {
            WaitingFor::Approval => &[Action::Approve, Action::Reject],
            WaitingFor::Go => &[Action::Promote, Action::Reject],
            WaitingFor::Undecided => &[Action::Waive, Action::RollBack],
            WaitingFor::Resume => &[Action::Resume, Action::RollBack],
            WaitingFor::WayBack => &[Action::RollBack, Action::Acknowledge],
            WaitingFor::Drift => &[],
            WaitingFor::Seen => &[Action::Acknowledge],
            WaitingFor::NotStopped => &[Action::Stop, Action::RollBack],
            WaitingFor::Window => &[Action::RollBack, Action::Stop],
            WaitingFor::RollbackFailed => &[Action::RollBackFast, Action::Acknowledge],
        },
        _ => &[],
    }
}

/// Who answers for what the wall shows, and when the next decision is due; what it is about stands on its page.
fn on_wall(model: &Model) -> String {
    let (fleet, moment) = (model.fleet(), model.moment());
    let push = (model.screen() == Screen::Push).then(|| model.selected_push().and_then(|push| fleet.push(push))).flatten();
    let of_it = |decision: &Decision| push.is_none_or(|push| decision.push == Some(push.id()));
    let decision = model.decisions().iter().find(|decision| of_it(decision));
    let push = push.or_else(|| decision.and_then(|decision| fleet.push(decision.push?)));
    let name = push.map(|push| format!("{}: ", push.plan.name)).unwrap_or_default();
    let drives = match push.map(|push| push.driver.as_ref()) {
        Some(Some(driver)) => format!("{} drives. ", driver.by),
        Some(None) => "nobody drives. ".to_owned(),
        None => String::new(),
    };
    let due = match decision {
        Some(decision) if decision.is_due(moment.now) => format!("A decision is due now: {}", decision.who),
        Some(decision) => format!("The next decision is due about {}: {}", moment.day_clock(decision.since), decision.who),
        None => "No decision is due".to_owned(),
    };
    format!("{name}{drives}{due}")
}

/// Who answers for the push that is shown, and what happens next.
fn watching(model: &Model) -> String {
    let push = match model.screen() {
        Screen::Push => model.selected_push().and_then(|push| model.fleet().push(push)),
        _ => model.fleet().pushes().find(|push| push.is_open()),
    };
    push.map_or_else(
        || "nothing is being pushed".to_owned(),
        |push| {
            let next = explain::push(model.fleet(), push, &model.moment()).next;
            let drives = push.driver.as_ref().map_or_else(|| "nobody drives".to_owned(), |driver| format!("{} drives", driver.by));
            let moment = model.moment();
            let decision = model.decisions().iter().find(|decision| decision.push == Some(push.id()));
            let decision = decision.map_or_else(String::new, |decision| {
                let due = decision.is_due(moment.now);
                let when = if due { "due now".to_owned() } else { format!("about {}", moment.day_clock(decision.since)) };
                format!(". Decision {when}: {}", decision.words)
            });
            format!("{}, {drives}{decision}. Next: {next}", words::push_name(push))
        },
    )
}
