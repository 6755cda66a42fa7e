//! What an open dialog says, and that it stays true: facts move while somebody reads it.

use crate::domain::command::{Outlook, Retried};
use crate::domain::material::Material;

use super::dialog::{Line, Says};
use super::intent::Intent;
use super::overlay::Overlay;
use super::timeline::Tone;
use super::{Model, flags, material_text, pending, permit, starting, verbs};

/// What a dialog says, as things are now.
pub(super) fn says(model: &Model, intent: &Intent, title: &str) -> Says {
    let (fleet, moment) = (&model.fleet, model.moment());
    let push = intent.push().and_then(|push| fleet.push(push));
    let mut says = match (intent, push) {
        (Intent::FlagOn(flag, seen), _) => Says { full: flags::says(model, flag, seen), brief: Vec::new() },
        (Intent::Start(releases, outlook), _) => starting::says(model, releases, &outlook.in_flight, title),
        (Intent::Approve(..) | Intent::Promote(..) | Intent::Resume(..), Some(push)) => {
            let about = material_text::About { fleet, push, asking: intent.asking(), moment: &moment };
            Says { full: about.forward(), brief: about.brief(title) }
        }
        (Intent::Reject(_), Some(push)) => Says { full: material_text::reject(push), brief: Vec::new() },
        (Intent::RollBack(_, manner), Some(push)) => {
            Says { full: material_text::way_back(&model.fleet, push, *manner, model.now()), brief: Vec::new() }
        }
        (_, Some(push)) => {
            let mut full = verbs::says(model, intent, push);
            let mut brief = Vec::new();
            if intent.sight().is_some() {
                let about = material_text::About { fleet, push, asking: intent.asking(), moment: &moment };
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
                disarmed = intent.push().and_then(|push| permit::verb(model, intent.asking(), push, at).err());
                // What only improved may make a yes set off more than was read: that it is the last approval, that it starts at once.
                if matches!(intent, Intent::Approve(..) | Intent::Promote(..) | Intent::Resume(..)) {
                    let now = says(model, intent, &dialog.title);
                    rewritten = (now.consequence() != dialog.says.consequence()).then_some(now);
                }
            } else {
                let what = pending::listed(&changed);
                disarmed = Some(format!("changed since you looked{what}: Esc, and look again"));
            }
        }
        (Intent::Start(releases, outlook), None) => {
            let changed = Outlook::of(&model.fleet, releases).map(|now| outlook.changed(&now)).unwrap_or_default();
            disarmed = if changed.is_empty() {
                permit::fresh(model, at).err().or_else(|| starting::refused(model, releases))
            } else {
                Some(format!("changed since you looked{}: Esc, and look again", pending::listed(&changed)))
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
