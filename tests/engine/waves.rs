//! Stages that go region by region.

use std::collections::BTreeSet;

use pushdeck::domain::change::Fact;
use pushdeck::domain::command::{Command, Order, Outcome, Sight};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::id::{CellId, CommandId, PushId};
use pushdeck::domain::placement::Task;
use pushdeck::domain::push::Course;
use pushdeck::domain::requirement;
use pushdeck::domain::stage::Scope;
use pushdeck::domain::time::Period;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::simulation::world::Profile;
use uuid::Uuid;

use super::small;

fn in_waves() -> Declaration {
    let mut declaration = small::declaration("2s");
    for plan in declaration.plans.values_mut() {
        for stage in plan.legs.iter_mut().filter(|leg| leg.environment.as_str() == "production").flat_map(|leg| &mut leg.stages) {
            if let Scope::Share { share } = stage.scope {
                stage.scope = Scope::Waves { share };
            }
        }
    }
    declaration
}

#[test]
fn a_push_goes_region_by_region_and_never_two_at_once() {
    let mut run = small::run(in_waves(), Profile::default(), SimulatedDriver::default());
    let push = PushId(Uuid::from_u128(9));
    let mut made = 100;
    let mut give = |run: &mut pushdeck::engine::run::stepped::Stepped, order| {
        made += 1;
        run.command(Command { id: CommandId(Uuid::from_u128(made)), actor: "ana".into(), order })
    };
    let releases = vec![("auth".into(), "v2".into())];
    let start = Order::start(run.fleet(), push, releases).unwrap();
    assert!(matches!(
        run.command(Command { id: CommandId(Uuid::from_u128(1)), actor: "bob".into(), order: start }),
        Some(Outcome::Accepted { .. })
    ));
    let names: Vec<_> = run.fleet().push(push).unwrap().plan.stages.iter().map(|stage| stage.name.clone()).collect();
    assert_eq!(
        names,
        [
            "100 %",
            "one box",
            "1 % in us",
            "1 % in eu",
            "10 % in ap",
            "10 % in us",
            "10 % in eu",
            "33 % in ap",
            "33 % in us",
            "33 % in eu",
            "100 % in ap",
            "100 % in us",
            "100 % in eu",
        ],
        "1 % of ap is the one box again"
    );
    for _ in 0..400 {
        run.advance(Period::from_secs(1));
        let now = run.now();
        let fleet = run.fleet().clone();
        let known = fleet.push(push).unwrap();
        if requirement::approval_is_asked(&fleet, known, now) {
            let sight = Box::new(Sight::of(&fleet, push, now).unwrap());
            give(&mut run, Order::Approve { push, sight });
        }
        if matches!(known.course, Course::Converged { .. }) {
            break;
        }
    }
    assert!(matches!(run.fleet().push(push).unwrap().course, Course::Converged { .. }));
    // Between one step and the next, instances are installed in the cells of that step's wave alone.
    let mut wave: Option<BTreeSet<CellId>> = None;
    let stages = run.fleet().push(push).unwrap().plan.stages.clone();
    let mut seen = 0;
    for change in run.drain().changes {
        match change.fact {
            Fact::StageEntered { stage, .. } => {
                wave = stages[stage as usize].wave.clone().map(|cells| cells.into_iter().collect());
            }
            Fact::Issued { operations, .. } => {
                for operation in operations.iter().filter(|operation| matches!(operation.task, Task::Install { .. })) {
                    if let Some(wave) = &wave {
                        assert!(wave.contains(&operation.instance.cell), "{operation:?} outside {wave:?}");
                        seen += 1;
                    }
                }
            }
            _ => {}
        }
    }
    assert_eq!(seen, 99, "100 instances, one of them the one box");
}
