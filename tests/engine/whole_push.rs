//! A push of the demo's storage group, agreed to at once, from its first instance to 100 %.

use std::collections::BTreeMap;

use pushdeck::domain::capacity;
use pushdeck::domain::change::Fact;
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{GroupId, PlacementId};
use pushdeck::domain::push::Push;
use pushdeck::domain::stage::PlannedStage;
use pushdeck::domain::status::{self, Status};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::engine::spec::{self, builtin};

use super::watcher::{LOOK, begin, push_of, read, until, when};

fn script(approvals: &[&str]) -> String {
    let approve = |who: &&str| format!("[[act]]\nat = \"1s\"\nby = \"{who}\"\napprove = \"storage\"\n");
    let approvals = approvals.iter().map(approve).collect::<Vec<_>>().concat();
    format!(
        "about = \"x\"\nstart = \"14:20\"\nseed = 3\n\
         [[act]]\nat = \"0s\"\nby = \"mia\"\nstart = {{ group = \"storage\", version = \"v42\" }}\n{approvals}"
    )
}

/// Instances of each sibling per cell that run, or are being given, the new version.
fn heading(fleet: &Fleet, push: &Push, stage: &PlannedStage) -> Vec<BTreeMap<String, u32>> {
    let of = |part: &pushdeck::domain::push::Move| {
        let placement = fleet.placement(&part.service, &stage.environment).expect("a placement");
        let cells = placement.cells.keys();
        cells
            .map(|cell| {
                let new = placement.count_where(cell, |instance| {
                    *instance.heading_for() == part.to.version || instance.version == part.to.version
                });
                (cell.to_string(), new)
            })
            .collect()
    };
    push.plan.moves.iter().map(of).collect()
}

fn granted(stage: Option<&PlannedStage>, push: &Push, sibling: usize, cell: &str) -> u32 {
    stage.map_or(0, |stage| stage.grant(&push.plan.moves[sibling].service, &cell.into()))
}

/// What must hold at every moment of a push on its way.
fn check(fleet: &Fleet, push: &Push) {
    let Some(at) = push.cursor.stage else { return };
    let stage = &push.plan.stages[at as usize];
    let before = (at as usize)
        .checked_sub(1)
        .map(|before| &push.plan.stages[before])
        .filter(|before| before.environment == stage.environment);
    let heading = heading(fleet, push, stage);
    for (sibling, cells) in heading.iter().enumerate() {
        for (cell, new) in cells {
            let grant = granted(Some(stage), push, sibling, cell);
            assert!(*new <= grant, "{cell}: {new} on the new version, {grant} granted");
            assert!(push.cursor.arrived.is_none() || *new == grant, "{cell}: {new} arrived, {grant} granted");
            let settled = |part: &pushdeck::domain::push::Move| {
                fleet.placement(&part.service, &stage.environment).is_some_and(pushdeck::domain::placement::Placement::is_on_target)
            };
            let moves = *new > granted(before, push, sibling, cell);
            assert!(
                !moves || push.plan.moves[..sibling].iter().all(settled),
                "sibling {sibling} moves before the one before has settled"
            );
        }
    }
}

#[test]
fn goes_to_all_of_production_in_under_six_minutes() {
    let mut run = begin(&read("whole", &script(&["ana", "lena"])));
    let group = GroupId::new("storage");
    let mut stages = Vec::new();
    let mut entered = Period::ZERO;
    while push_of(run.fleet(), &group).is_none_or(|push| push.is_forward()) && run.elapsed() < Period::from_mins(12) {
        run.advance(LOOK);
        // Nothing begins before the metrics have been heard.
        let Some(push) = push_of(run.fleet(), &group) else { continue };
        if push.is_forward() {
            check(run.fleet(), &push);
        }
        if stages.last() != Some(&push.cursor.stage) {
            println!(
                "{:?} entered after {}, {} later",
                push.stage().map(|stage| &stage.name),
                run.elapsed(),
                run.elapsed().less(entered)
            );
            entered = run.elapsed();
            stages.push(push.cursor.stage);
        }
    }
    let push = push_of(run.fleet(), &group).expect("the push");
    let changes = run.drain().changes;
    println!("whole push: {}, {:.0} requests failed beyond the old version's", run.elapsed(), push.harm.failed);
    assert_eq!(status::of_push(run.fleet(), &push, run.now()), Status::Converged, "{:?}", push.course.rollback());
    assert!(run.elapsed() < Period::from_mins(6), "it took {}", run.elapsed());
    assert_eq!(stages.into_iter().flatten().collect::<Vec<_>>(), (0..6).collect::<Vec<u32>>());
    let approved: Vec<_> =
        changes.iter().filter(|change| matches!(change.fact, Fact::Approved { .. })).map(|change| change.at).collect();
    let enters =
        |stage| when(&changes, |fact| matches!(fact, Fact::StageEntered { stage: known, .. } if *known == stage)).expect("entered");
    assert!(approved.len() == 2 && approved[0] <= enters(1) && enters(4) < approved[1] && approved[1] <= enters(5), "{approved:?}");
}

#[test]
fn waits_before_production_for_as_long_as_nobody_agrees() {
    let mut run = begin(&read("alone", &script(&[])));
    let group = GroupId::new("storage");
    let waits = |fleet: &Fleet, now| {
        push_of(fleet, &group).is_some_and(|push| status::of_push(fleet, &push, now) == Status::WaitingApproval)
    };
    until(&mut run, Period::from_mins(2), "staging is done", waits);
    run.advance(Period::from_mins(2));
    assert!(waits(run.fleet(), run.now()));
    assert_eq!(push_of(run.fleet(), &group).and_then(|push| push.cursor.stage), Some(0));
}

#[test]
fn every_cell_of_the_demo_can_spare_what_a_push_takes() {
    let declaration: Declaration = spec::read("demo", builtin::spec("demo").expect("the demo")).expect("a sound spec").value;
    let mut fleet = Fleet::default();
    let fact = Fact::Declared { declaration: Box::new(declaration) };
    fleet.apply(&pushdeck::domain::change::Change { seq: pushdeck::domain::id::Seq(1), at: EngineTime::default(), fact });
    for placement in fleet.placements() {
        for cell in placement.cells.keys() {
            let (size, needed) = (placement.size_in(cell), fleet.needed_in(&PlacementId::clone(&placement.id), cell));
            assert!(needed + capacity::reserve(size) < size, "{} in {cell}: {needed} of {size} are needed", placement.id);
        }
    }
}
