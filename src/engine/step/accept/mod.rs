//! Commands: what is allowed, what is refused and with which sentence. Going forward fails closed, stopping and going back fail open.

use crate::domain::change::Fact;
use crate::domain::command::{Acknowledged, Command, Direction, Order, Outcome, Retried};
use crate::domain::fleet::Fleet;
use crate::domain::id::{PersonId, PushId};
use crate::domain::person::Actor;
use crate::domain::push::Push;
use crate::domain::rollback::{Manner, Trigger};

use super::back;
use super::move_instances;
use super::stop;
use super::work::Work;
use waive::Waiving;

mod alone;
mod bring_back;
mod drain;
mod duty;
mod fix;
mod flag;
mod forward;
mod halt;
mod over;
mod retry;
mod seen;
mod start;
mod stopping;
mod waive;
mod way_back;

/// What a command does once it is accepted, or why it is not.
type Verdict = Result<Vec<Act>, Outcome>;

/// One thing an accepted command does.
enum Act {
    Record(Fact),
    TellStop(PushId),
    GoBack(PushId, Manner, Trigger),
    TryAgain(PushId),
}

/// Judges a command, records it with its outcome, and carries it out if it was accepted.
pub(super) fn accept(work: &mut Work<'_>, command: Command) {
    if let Some((before, outcome)) = work.fleet().command(command.id) {
        let outcome = if *before == command {
            outcome.clone()
        } else {
            Outcome::refused("this command's id was used for another one; ask again, as a new command")
        };
        work.answer(outcome);
        return;
    }
    match judge(work, &command) {
        Ok(acts) => {
            let outcome = Outcome::Accepted { seq: work.next_seq() };
            work.record(Fact::Commanded { command: Box::new(command), outcome: outcome.clone() });
            work.answer(outcome);
            for act in acts {
                match act {
                    Act::Record(fact) => work.record(fact),
                    Act::TellStop(push) => stop::tell(work, push),
                    Act::GoBack(push, manner, trigger) => back::decide(work, push, manner, trigger),
                    Act::TryAgain(push) => move_instances::again(work, push),
                }
            }
        }
        Err(outcome) => {
            work.record(Fact::Commanded { command: Box::new(command), outcome: outcome.clone() });
            work.answer(outcome);
        }
    }
}

fn judge(work: &Work<'_>, command: &Command) -> Verdict {
    let asked = Asked { work, fleet: work.fleet(), actor: &command.actor };
    if command.order.direction() == Direction::Forward && !asked.fleet.declaration().people.contains_key(&command.actor) {
        return refuse(format!("{} has no role here; somebody named in [people] can do this", command.actor));
    }
    match &command.order {
        Order::Start { push, releases, outlook, lane } => asked.start(*push, releases, outlook, lane),
        Order::Approve { push, sight } => asked.approve(*push, sight),
        Order::Promote { push, sight } => asked.promote(*push, sight),
        Order::Resume { push, sight } => asked.resume(*push, sight),
        Order::FixForward { push, sight, releases, digests } => asked.fix_forward(*push, sight, releases, digests),
        Order::Reject { push, reason } => asked.reject(*push, reason.as_ref()),
        Order::Hold { push, reason } => asked.hold(*push, reason.as_ref()),
        Order::HoldAll { reason } => Ok(asked.hold_all(reason.as_ref())),
        Order::RollBack { push, manner, reason } => asked.roll_back(*push, *manner, reason.as_ref()),
        Order::Acknowledge { what: Acknowledged::Alert { slice } } => asked.acknowledge_alert(slice),
        Order::Acknowledge { what: Acknowledged::Push { push } } => asked.acknowledge_push(*push),
        Order::TakeOver { push } => asked.take_over(*push),
        Order::Note { push, text } => asked.note(*push, text),
        Order::StrikeNote { push, note } => asked.strike(*push, *note),
        Order::RollBackAlone { push, service, reason } => asked.roll_back_alone(*push, service, reason),
        Order::Drain { push, cell, reason } => asked.drain(*push, cell, reason.as_ref()),
        Order::HaltRollback { push, reason } => asked.halt(*push, reason),
        Order::FlagOff { flag, .. } => asked.flag_off(flag),
        Order::FlagOn { flag, seen } => asked.flag_on(flag, seen),
        Order::Retry { what: Retried::Push { push } } => asked.retry(*push),
        Order::Retry { what: Retried::Placement { placement } } => asked.bring_back(placement),
        Order::Waive { push, sight, requirement, reason, lasts } => {
            asked.waive(*push, sight, &Waiving { requirement, reason, lasts: *lasts })
        }
        Order::Revoke { push } => asked.revoke(*push),
    }
}

fn refuse<T>(why: impl Into<String>) -> Result<T, Outcome> {
    Err(Outcome::refused(why))
}

/// A command being judged.
struct Asked<'a> {
    work: &'a Work<'a>,
    fleet: &'a Fleet,
    actor: &'a PersonId,
}

impl Asked<'_> {
    fn by(&self) -> Actor {
        Actor::Person { name: self.actor.clone() }
    }

    fn known(&self, id: PushId) -> Result<&Push, Outcome> {
        self.fleet.push(id).map_or_else(|| refuse("there is no such push; see `pushdeck status` for those there are"), Ok)
    }
}
