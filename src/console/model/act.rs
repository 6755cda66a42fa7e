//! The verbs. Stopping acts at once; going back stops first and then shows its way; going forward asks.

use crate::console::keymap::Action;
use crate::domain::command::{Command, Order, Outlook, Retried, Sight};
use crate::domain::id::{CommandId, PushId};
use crate::domain::lane::Lane;
use crate::domain::material::Material;
use crate::domain::push::Push;
use crate::domain::rollback::Manner;
use crate::domain::time::ConsoleTime;

use super::dialog::{Demand, Dialog, Intent, Line, Says};
use super::event::{Chance, Effect};
use super::fixing::Fixing;
use super::meant::{meant, names, to_acknowledge};
use super::overlay::{Asking, Choice, Overlay, Which};
use super::pending::Pending;
use super::timeline::Tone;
use super::toast::{Toast, ToastKind};
use super::{Model, flags, material_text, permit, starting, verbs, words};

/// The key that asked for something: when, and the chance it brought.
pub(super) type Struck<'a> = (ConsoleTime, &'a Chance);

/// Does what an acting key asks for.
pub(super) fn act(model: &mut Model, action: Action, struck: Struck<'_>) -> Vec<Effect> {
    if let Err(why) = permit::acting(model) {
        return refuse(model, why);
    }
    match action {
        Action::Stop => stop(model, struck),
        Action::StopAll => vec![submit(model, struck.1.command(0), Order::HoldAll { reason: None })],
        Action::RollBack => roll_back(model, Manner::Ordered, struck),
        Action::RollBackFast => roll_back(model, Manner::Fast, struck),
        Action::Approve => ask(model, Asking::Approve, struck),
        Action::Reject => ask(model, Asking::Reject, struck),
        Action::Promote => ask(model, Asking::Promote, struck),
        Action::Resume => ask(model, Asking::Resume, struck),
        Action::StartPush => starting::start(model, struck),
        Action::Acknowledge => acknowledge(model, struck),
        Action::Waive => ask(model, Asking::Waive, struck),
        Action::FixForward => ask(model, Asking::FixForward, struck),
        Action::RollBackAlone => ask(model, Asking::Alone, struck),
        Action::Drain => ask(model, Asking::Drain, struck),
        Action::HaltRollback => ask(model, Asking::Halt, struck),
        Action::Retry => retry(model, struck),
        Action::FlagOff => flags::off(model, struck),
        Action::FlagOn => flags::on(model, struck),
        Action::Revoke => ask(model, Asking::Revoke, struck),
        Action::TakeOver => ask(model, Asking::TakeOver, struck),
        Action::Note => ask(model, Asking::Note, struck),
        Action::StrikeNote => ask(model, Asking::StrikeNote, struck),
        _ => Vec::new(),
    }
}

/// Says why something is not done.
pub(super) fn refuse(model: &mut Model, why: String) -> Vec<Effect> {
    model.toast = Some(Toast { text: why, kind: ToastKind::Refused, since: model.console_now });
    Vec::new()
}

/// Sends an order, and keeps it in mind until it was seen to have worked.
pub(super) fn submit(model: &mut Model, id: CommandId, order: Order) -> Effect {
    let text = format!("asked to {}, not seen yet", words::order(&model.fleet, &order));
    model.toast = Some(Toast { text, kind: ToastKind::Asked, since: model.console_now });
    let command = Command { id, actor: model.actor().clone(), order };
    model.pending.push(Pending { command: command.clone(), accepted: false });
    Effect::Submit(command)
}

fn none_meant(model: &mut Model) -> Vec<Effect> {
    let (all, new) = (permit::key(model, Action::StopAll), permit::key(model, Action::StartPush));
    refuse(model, format!("no push is under way on what is selected; {new} starts one, and to stop every push, {all}"))
}

/// Holds everything that is meant; what is going back already is left to go.
fn hold(model: &mut Model, pushes: &[PushId], chance: &Chance) -> Vec<Effect> {
    let mut effects = Vec::new();
    for push in pushes {
        if model.fleet.push(*push).is_some_and(Push::is_forward) {
            let id = chance.command(effects.len() as u32);
            effects.push(submit(model, id, Order::Hold { push: *push, reason: None }));
        }
    }
    effects
}

fn stop(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    let pushes = match model.place.overlays.last() {
        Some(Overlay::Confirm(dialog)) => dialog.intent.push().map_or_else(|| meant(model), |push| vec![push]),
        _ => meant(model),
    };
    if pushes.is_empty() {
        return none_meant(model);
    }
    let effects = hold(model, &pushes, struck.1);
    if effects.is_empty() {
        let names = names(model, &pushes);
        return refuse(
            model,
            format!(
                "{names} does not go forward, and stopping does not stop a way back; faster: {}",
                permit::key(model, Action::RollBackFast)
            ),
        );
    }
    effects
}

/// Stops what is meant in the same instant, then shows the way back.
fn roll_back(model: &mut Model, manner: Manner, struck: Struck<'_>) -> Vec<Effect> {
    let asking = Asking::RollBack(manner);
    let pushes = meant(model);
    if pushes.is_empty() {
        return none_meant(model);
    }
    let effects = hold(model, &pushes, struck.1);
    let able: Vec<_> = pushes.iter().copied().filter(|push| permit::verb(model, asking, *push, struck.0).is_ok()).collect();
    match (able.as_slice(), pushes.first()) {
        ([], Some(push)) => {
            if let Err(why) = permit::verb(model, asking, *push, struck.0) {
                refuse(model, why);
            }
        }
        ([push], _) => open(model, asking, *push, struck),
        (able, _) => which(model, asking, able),
    }
    effects
}

/// Opens the dialog of a verb, or asks which push is meant, or says why not.
fn ask(model: &mut Model, asking: Asking, struck: Struck<'_>) -> Vec<Effect> {
    let mut pushes = meant(model);
    if pushes.is_empty() {
        // A push that is over is named in the refusal.
        pushes.extend(model.selected_push());
    }
    let able: Vec<_> = pushes.iter().copied().filter(|push| permit::verb(model, asking, *push, struck.0).is_ok()).collect();
    match (able.as_slice(), pushes.first()) {
        (_, None) => none_meant(model),
        ([], Some(push)) => match permit::verb(model, asking, *push, struck.0) {
            Err(why) => refuse(model, why),
            Ok(()) => Vec::new(),
        },
        ([push], _) => on_push(model, asking, *push, struck),
        (able, _) => {
            which(model, asking, able);
            Vec::new()
        }
    }
}

/// Goes on with a verb whose push is known and which is permitted on it.
fn on_push(model: &mut Model, asking: Asking, id: PushId, struck: Struck<'_>) -> Vec<Effect> {
    match asking {
        Asking::Revoke => return vec![submit(model, struck.1.command(0), Order::Revoke { push: id })],
        Asking::TakeOver => return vec![submit(model, struck.1.command(0), Order::TakeOver { push: id })],
        Asking::Note
        | Asking::StrikeNote
        | Asking::Waive
        | Asking::FixForward
        | Asking::Alone
        | Asking::Drain
        | Asking::Halt
        | Asking::Retry => {
            let mut choices = model.fleet.push(id).map(|push| verbs::choices(model, asking, push)).unwrap_or_default();
            if choices.len() > 1 {
                model.place.overlays.push(Overlay::Which(Which { asking, choices, selected: 0 }));
            } else if let Some((choice, _)) = choices.pop() {
                return open_choice(model, asking, choice, struck);
            }
        }
        _ => open(model, asking, id, struck),
    }
    Vec::new()
}

/// What was changed by hand on the selection comes first: it is what waits for a person.
fn retry(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    let mut strays = verbs::strays(model);
    if strays.len() > 1 {
        model.place.overlays.push(Overlay::Which(Which { asking: Asking::Retry, choices: strays, selected: 0 }));
        return Vec::new();
    }
    match strays.pop() {
        Some((choice, _)) => open_choice(model, Asking::Retry, choice, struck),
        None => ask(model, Asking::Retry, struck),
    }
}

/// Opens the dialog of what was chosen on a push.
fn open_choice(model: &mut Model, asking: Asking, choice: Choice, struck: Struck<'_>) -> Vec<Effect> {
    if let Choice::Note(push, note) = choice {
        return vec![submit(model, struck.1.command(0), Order::StrikeNote { push, note })];
    }
    let seen = |id| model.fleet.push(id).and_then(|push| sight(model, push));
    let Some(intent) = verbs::intent(asking, choice, seen) else {
        unknown_engine(model);
        return Vec::new();
    };
    let demand = match asking {
        Asking::Drain | Asking::Retry | Asking::Note => Demand::Enter,
        _ => {
            let push = intent.push().and_then(|id| model.fleet.push(id));
            forward_demand(push.is_some_and(|push| is_protected(model, push)), struck.1)
        }
    };
    let title = verbs::title(model, asking, &intent);
    let says = says(model, &intent, &title);
    show(model, Dialog::open(intent, title, demand, says, struck));
    Vec::new()
}

pub(super) fn unknown_engine(model: &mut Model) {
    refuse(
        model,
        "the engine has not said who it is; nothing goes forward until it has, the engine does that by itself".to_owned(),
    );
}

/// Whether a push is in, or about to enter, an environment where mistakes hurt people.
fn is_protected(model: &Model, push: &Push) -> bool {
    [push.stage(), push.next_stage()]
        .into_iter()
        .flatten()
        .filter_map(|stage| model.fleet.declaration().environment(&stage.environment))
        .any(|environment| environment.protected)
}

fn which(model: &mut Model, asking: Asking, pushes: &[PushId]) {
    let moment = model.moment();
    let choices = pushes
        .iter()
        .filter_map(|id| model.fleet.push(*id))
        .map(|push| {
            let status = crate::domain::status::of_push(&model.fleet, push, moment.now).word();
            (Choice::Push(push.id()), format!("{}, {status}", words::push_name(push)))
        })
        .collect();
    model.place.overlays.push(Overlay::Which(Which { asking, choices, selected: 0 }));
}

/// Goes on with what was chosen from a list.
pub(super) fn chosen(model: &mut Model, asking: Asking, choice: Choice, struck: Struck<'_>) -> Vec<Effect> {
    match choice {
        Choice::Push(push) => match permit::verb(model, asking, push, struck.0) {
            Ok(()) => return on_push(model, asking, push, struck),
            Err(why) => drop(refuse(model, why)),
        },
        Choice::Releases(releases) => return starting::open(model, releases, struck),
        Choice::Flag(flag) => return flags::chosen(model, asking, flag, struck),
        detail => return open_choice(model, asking, detail, struck),
    }
    Vec::new()
}

/// What was seen of a push, to be sent along by value.
fn sight(model: &Model, push: &Push) -> Option<Box<Sight>> {
    let (engine, epoch) = model.fleet.engine()?;
    Some(Box::new(Sight {
        engine,
        epoch,
        basis: model.fleet.seq(),
        gate: push.gate(),
        from: push.cursor.stage,
        to: push.next_index(),
        digests: push.plan.moves.iter().map(|part| part.to.digest.clone()).collect(),
        material: Material::of(&model.fleet, push.id(), model.now())?,
    }))
}

/// Opens the dialog of a verb that is permitted on a push.
fn open(model: &mut Model, asking: Asking, id: PushId, struck: Struck<'_>) {
    let Some(push) = model.fleet.push(id) else { return };
    let intent = match asking {
        Asking::Approve => sight(model, push).map(|sight| Intent::Approve(id, sight)),
        Asking::Promote => sight(model, push).map(|sight| Intent::Promote(id, sight)),
        Asking::Resume => sight(model, push).map(|sight| Intent::Resume(id, sight)),
        Asking::Reject => Some(Intent::Reject(id)),
        Asking::RollBack(manner) => Some(Intent::RollBack(id, manner)),
        _ => None,
    };
    let Some(intent) = intent else { return unknown_engine(model) };
    let protected = is_protected(model, push);
    let demand = match asking {
        Asking::RollBack(_) => Demand::Enter,
        Asking::Reject => Demand::Yes { said: false },
        _ => forward_demand(protected, struck.1),
    };
    let title = format!("{} {}", asking.word(), words::push_name(push));
    let says = says(model, &intent, &title);
    show(model, Dialog::open(intent, title, demand, says, struck));
}

pub(super) fn forward_demand(protected: bool, chance: &Chance) -> Demand {
    if protected { Demand::Code { code: chance.code.clone(), typed: String::new() } } else { Demand::Yes { said: false } }
}

pub(super) fn show(model: &mut Model, mut dialog: Dialog) {
    dialog.fit(model.size());
    model.place.overlays.push(Overlay::Confirm(Box::new(dialog)));
}

/// What a dialog says, as things are now.
pub(super) fn says(model: &Model, intent: &Intent, title: &str) -> Says {
    let (fleet, moment) = (&model.fleet, model.moment());
    let push = intent.push().and_then(|push| fleet.push(push));
    let mut says = match (intent, push) {
        (Intent::FlagOn(flag, seen), _) => Says { full: flags::says(model, flag, seen), brief: Vec::new() },
        (Intent::Start(releases, outlook), _) => starting::says(model, releases, &outlook.in_flight, title),
        (Intent::Approve(..) | Intent::Promote(..) | Intent::Resume(..), Some(push)) => {
            let about = material_text::About { fleet, push, asking: asking_of(intent), moment: &moment };
            Says { full: about.forward(), brief: about.brief(title) }
        }
        (Intent::Reject(_), Some(push)) => Says { full: material_text::reject(push), brief: Vec::new() },
        (Intent::RollBack(_, manner), Some(push)) => {
            let brief = material_text::way_back_in_brief(fleet, push, *manner, (moment.now, title));
            Says { full: material_text::way_back(fleet, push, *manner, moment.now), brief }
        }
        (Intent::FixForward(_, _, releases), Some(push)) => {
            let about = material_text::About { fleet, push, asking: Asking::FixForward, moment: &moment };
            let fixing = Fixing { about, releases };
            Says { full: fixing.full(), brief: fixing.brief(&push.plan.name) }
        }
        (_, Some(push)) => {
            let mut full = verbs::says(model, intent, push);
            let mut brief = Vec::new();
            if intent.sight().is_some() {
                let about = material_text::About { fleet, push, asking: asking_of(intent), moment: &moment };
                brief.push(Line { text: format!("{title}."), tone: Tone::Plain });
                brief.extend(full.iter().cloned());
                brief.extend(about.standing_in_brief(if let Intent::Waive(_, _, kind) = intent { Some(kind) } else { None }));
                full.extend(about.standing());
            }
            Says { full, brief }
        }
        (Intent::Retry(Retried::Placement { placement }), None) => {
            Says { full: verbs::says_of_strays(model, placement), brief: Vec::new() }
        }
        (_, None) => Says::default(),
    };
    if model.source().simulated {
        let simulated = Line { text: "Simulated: nothing real will change.".to_owned(), tone: Tone::Good };
        says.full.insert(0, simulated.clone());
        if !says.brief.is_empty() {
            says.brief.insert(0, simulated);
        }
    }
    says
}

/// Carries out a dialog that was said yes to, if nothing has come in between.
pub(super) fn carry_out(model: &mut Model, dialog: &Dialog, struck: Struck<'_>) -> Vec<Effect> {
    let asking = asking_of(&dialog.intent);
    let permitted = match dialog.intent.push() {
        Some(push) => permit::verb(model, asking, push, struck.0),
        None => permit::acting(model).and_then(|()| permit::fresh(model, struck.0)),
    };
    if let Err(why) = permitted {
        return refuse(model, why);
    }
    let reason = dialog.reason.as_ref().map(|reason| reason.text.trim().to_owned()).filter(|reason| !reason.is_empty());
    let order = match dialog.intent.clone() {
        Intent::Approve(push, sight) => Order::Approve { push, sight },
        Intent::Promote(push, sight) => Order::Promote { push, sight },
        Intent::Resume(push, sight) => Order::Resume { push, sight },
        Intent::Reject(push) => Order::Reject { push, reason },
        Intent::RollBack(push, manner) => Order::RollBack { push, manner, reason },
        Intent::FlagOn(flag, seen) => Order::FlagOn { flag, seen },
        Intent::Start(releases, outlook) => Order::Start { push: PushId(struck.1.id), releases, outlook, lane: Lane::Standard },
        other => match verbs::order(model, other, reason) {
            Some(order) => order,
            None => return refuse(model, "what was chosen is not declared any more; look again".to_owned()),
        },
    };
    vec![submit(model, dialog.id, order)]
}

/// Keeps an open dialog honest: a way back is told anew, and a way forward whose ground has moved is disarmed.
pub(super) fn recheck(model: &mut Model) {
    let Some(Overlay::Confirm(dialog)) = model.place.overlays.last() else { return };
    let at = model.console_now;
    let (mut rewritten, mut disarmed) = (None, None);
    match (&dialog.intent, dialog.intent.sight()) {
        (intent @ Intent::RollBack(..), _) => rewritten = Some(says(model, intent, &dialog.title)),
        (intent, Some(sight)) => {
            let now = intent.push().and_then(|push| Material::of(&model.fleet, push, model.now()));
            let changed = now.map(|now| sight.material.worsened(&now)).unwrap_or_default();
            if changed.is_empty() {
                disarmed = intent.push().and_then(|push| permit::verb(model, asking_of(intent), push, at).err());
                // What only improved may make a yes set off more than was read: that it is the last approval, that it starts at once.
                if matches!(intent, Intent::Approve(..) | Intent::Promote(..) | Intent::Resume(..)) {
                    let now = says(model, intent, &dialog.title);
                    rewritten = (now.consequence() != dialog.says.consequence()).then_some(now);
                }
            } else {
                let what = super::pending::listed(&changed);
                disarmed = Some(format!("changed since you looked{what}: Esc, and look again"));
            }
        }
        (Intent::Start(releases, outlook), None) => {
            let changed = Outlook::of(&model.fleet, releases).map(|now| outlook.changed(&now)).unwrap_or_default();
            disarmed = if changed.is_empty() {
                permit::fresh(model, at).err().or_else(|| starting::refused(model, releases))
            } else {
                Some(format!("changed since you looked{}: Esc, and look again", super::pending::listed(&changed)))
            };
        }
        (Intent::FlagOn(flag, seen), None) => disarmed = permit::fresh(model, at).err().or_else(|| flags::moved(model, flag, seen)),
        (_, None) => {}
    }
    let size = model.size();
    if let Some(Overlay::Confirm(dialog)) = model.place.overlays.last_mut() {
        if let Some(says) = rewritten {
            if dialog.intent.sight().is_some() {
                dialog.ask_again();
            }
            dialog.rewrite(says, size);
        }
        // What has once moved under the reader's eyes stays disarmed, even if it moves back.
        if dialog.disarmed.is_none() {
            dialog.disarmed = disarmed;
        }
    }
}

const fn asking_of(intent: &Intent) -> Asking {
    match intent {
        Intent::Approve(..) => Asking::Approve,
        Intent::Promote(..) => Asking::Promote,
        Intent::Resume(..) => Asking::Resume,
        Intent::Reject(_) => Asking::Reject,
        Intent::RollBack(_, manner) => Asking::RollBack(*manner),
        Intent::Start(..) => Asking::Start,
        Intent::Waive(..) => Asking::Waive,
        Intent::FixForward(..) => Asking::FixForward,
        Intent::Alone(..) => Asking::Alone,
        Intent::Drain(..) => Asking::Drain,
        Intent::Halt(_) => Asking::Halt,
        Intent::Retry(_) => Asking::Retry,
        Intent::Note(_) => Asking::Note,
        Intent::FlagOn(..) => Asking::FlagOn,
    }
}

fn acknowledge(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    let Some(what) = to_acknowledge(model) else {
        let key = permit::key(model, Action::Urgent);
        return refuse(model, format!("nothing on what is selected asks to be acknowledged; to the most urgent, {key}"));
    };
    vec![submit(model, struck.1.command(0), Order::Acknowledge { what })]
}
