//! Several people and one push of storage on a small fleet.

use pushdeck::domain::command::{Command, Order, Outcome, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CommandId, PushId, Role};
use pushdeck::domain::push::Push;
use pushdeck::domain::share::Share;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;
use super::watcher::until;

/// The push they are about.
pub const PUSH: PushId = PushId(Uuid::from_u128(77));
/// Who asked for it.
pub const REQUESTER: &str = "ana";
/// Who comes first.
pub const FIRST: &str = "bob";
/// Who comes second.
pub const SECOND: &str = "dan";
/// Who was there before.
pub const BEFORE: &str = "eve";

/// Four people on call, and so many approvals for production.
pub fn declaration(approvals: u32) -> Declaration {
    let mut declaration = small::declaration("10s");
    for person in ["dan", "eve"] {
        declaration.people.insert(person.into(), [Role::new("oncall")].into());
    }
    for environment in &mut declaration.environments {
        environment.waive_alone_up_to = Share::percent(10.0);
    }
    let stages = declaration.plans.values_mut().flat_map(|plan| &mut plan.legs).flat_map(|leg| &mut leg.stages);
    stages.filter_map(|stage| stage.approval.as_mut()).for_each(|rule| rule.needed = approvals);
    declaration
}

/// The push, asked for.
pub fn started(declaration: Declaration) -> Stepped {
    let mut run = small::run(declaration, Profile::default(), SimulatedDriver::default());
    let releases = ["index", "blob", "gateway"].map(|service| (service.into(), "v2".into())).to_vec();
    let order = Order::start(run.fleet(), PUSH, releases).expect("releases that are known");
    command(&mut run, REQUESTER, order, 100);
    run
}

/// Gives an order.
pub fn ask(run: &mut Stepped, by: &str, order: Order, id: u128) -> Outcome {
    run.command(Command { id: CommandId(Uuid::from_u128(id)), actor: by.into(), order }).expect("an answer")
}

/// The same, which is accepted.
pub fn command(run: &mut Stepped, by: &str, order: Order, id: u128) {
    let outcome = ask(run, by, order, id);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

/// Lets time pass until the push is so.
pub fn wait(run: &mut Stepped, so: impl Fn(&Push, Status) -> bool) {
    let is = |fleet: &Fleet, now: EngineTime| fleet.push(PUSH).is_some_and(|push| so(push, status::of_push(fleet, push, now)));
    until(run, Period::from_mins(5), "what the test waits for", is);
}

/// Approves what is seen.
pub fn approve(run: &mut Stepped, by: &str, id: u128) {
    let sight = Box::new(Sight::of(run.fleet(), PUSH, run.now()).expect("a push"));
    command(run, by, Order::Approve { push: PUSH, sight }, id);
}

/// At 1 % of production, arrived.
pub fn exposed(declaration: Declaration) -> Stepped {
    let mut run = started(declaration);
    wait(&mut run, |_, status| status == Status::WaitingApproval);
    approve(&mut run, BEFORE, 101);
    wait(&mut run, |push, _| push.cursor.stage == Some(2) && push.cursor.bake.running_since.is_some());
    run
}
