//! The strip of instances: what each mark says, going in and out, and that it counts everything there is.

use std::sync::{Arc, LazyLock};

use crate::frame::{drawn, press, settle, strike, text, told};
use crate::moments::SIZES;
use crate::screens;
use crate::story::{self, Story, clock, instance, place};
use proptest::prelude::*;
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, Health, InstanceKind, Model, On, Overlay, Strip, update};
use pushdeck::console::view::kit::scrub;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{InstanceId, PlacementId, Seq};
use pushdeck::domain::person::Actor;
use pushdeck::domain::placement::{Observation, Operation, OperationId, Phase, Task};
use pushdeck::domain::service::Release;
use pushdeck::domain::time::EngineTime;

fn tell(fleet: &mut Fleet, at: EngineTime, fact: Fact) {
    let seq = Seq(fleet.seq().0 + 1);
    fleet.apply(&Change { seq, at, fact });
}

fn seen(id: InstanceId, version: &str, phase: Phase, restarts: u32) -> Observation {
    Observation { instance: id, version: version.into(), phase, serving: phase == Phase::Ready, restarts }
}

/// 10 %, with some of everything that can be wrong with an instance. 14:32.
fn in_trouble() -> Story {
    let mut story = story::at_ten_percent();
    let (fleet, at) = (&mut story.fleet, clock(14, 31, 0));
    let failing = Operation { id: OperationId(9_000), instance: instance("gateway", "us", 70), task: Task::Drain };
    let moving = Operation {
        id: OperationId(9_001),
        instance: instance("gateway", "us", 71),
        task: Task::Install { version: "v41".into() },
    };
    let why = "the driver did not answer within 30 s".to_owned();
    for fact in [
        Fact::Observed {
            observations: vec![
                seen(instance("blob", "eu", 3), "v42", Phase::Crashed, 1),
                seen(instance("blob", "eu", 150), "v41", Phase::Crashed, 2),
                // Nobody was asked to.
                seen(instance("blob", "us", 100), "v40", Phase::Ready, 0),
                seen(instance("index", "ap", 11), "v41", Phase::Drained, 0),
            ],
        },
        Fact::Issued { push: None, operations: vec![failing.clone(), moving] },
        Fact::OperationFailed { id: failing.id, instance: failing.instance, why },
    ] {
        tell(fleet, at, fact);
    }
    story
}

static TROUBLE: LazyLock<Story> = LazyLock::new(in_trouble);

fn opened(story: &Story, size: (u16, u16), keys: &str) -> Model {
    let mut model = told(story, Access::Operate, "lena", size);
    strike(&mut model, keys);
    model
}

fn strip(model: &Model) -> &Strip {
    model.strip().expect("a strip is open")
}

fn cursor(model: &Model) -> String {
    strip(model).cursor().map(ToString::to_string).unwrap_or_default()
}

/// How many instances of each kind there are, but for those that serve.
fn unusual(model: &Model) -> Vec<(Health, On, usize)> {
    let counts = strip(model).picture().counts();
    let kinds = counts.into_iter().map(|(InstanceKind { health, on }, count)| (health, on, count));
    kinds.filter(|(health, ..)| *health != Health::Serving).collect()
}

/// A moment of the story, seen after some keys at each size.
fn shown(name: &str, story: &Story, keys: &str) {
    let at = |size: &(u16, u16)| {
        let mut model = told(story, Access::Operate, "lena", *size);
        strike(&mut model, keys);
        settle(&mut model);
        model
    };
    screens::are_as_they_were_read(name, &SIZES.iter().map(at).collect::<Vec<_>>());
}

#[test]
fn instances_of_a_push() {
    shown("instances", &story::at_ten_percent(), "2 i");
}

#[test]
fn instances_in_trouble() {
    shown("instances_in_trouble", &in_trouble(), "2 i tab");
}

#[test]
fn one_instance() {
    shown("instance", &in_trouble(), "2 i tab enter enter");
}

#[test]
fn every_mark_says_what_is_wrong_and_the_counts_are_the_whole() {
    let model = opened(&TROUBLE, (160, 48), "2 i");
    assert_eq!(strip(&model).layout().each, 1);
    assert_eq!(
        unusual(&model),
        [
            (Health::Crashed, On::New, 1),
            (Health::Crashed, On::Old, 1),
            (Health::Failing, On::Old, 1),
            (Health::ByHand, On::Other, 1),
            (Health::ByHand, On::Old, 1),
            (Health::Moving, On::Old, 1),
        ]
    );
    let counts = strip(&model).picture().counts();
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), 840);
    assert_eq!(strip(&model).legend().unwell, 5);
    let shown = text(&drawn(&model));
    for said in ["Instances of storage v41→v42 in production: 840", "1 crashed on v42", "5 in trouble (Tab)"] {
        assert!(shown.contains(said), "{said}\n{shown}");
    }
}

#[test]
fn a_mark_of_several_shows_the_worst_of_them_and_says_so() {
    let mut model = opened(&TROUBLE, (80, 24), "2 i");
    let each = strip(&model).layout().each;
    assert!(each > 1);
    let shown = text(&drawn(&model));
    assert!(shown.contains(&format!("each mark: the worst of {each} instances")), "{shown}");
    assert!(["■X■", "□x□", "□f□"].iter().all(|marks| shown.contains(marks)), "{shown}");
    // The way to one of them, and out again.
    strike(&mut model, "tab tab");
    assert_eq!(cursor(&model), "blob@production/us#100");
    strike(&mut model, "tab");
    assert_eq!(cursor(&model), "blob@production/eu#3");
    assert!(text(&drawn(&model)).contains("the worst is 3, crashed on v42 since 14:31"), "{}", text(&drawn(&model)));
    strike(&mut model, "enter");
    assert!(strip(&model).is_inside() && strip(&model).layout().each == 1);
    assert_eq!(strip(&model).picture().count(), each);
    assert_eq!(cursor(&model), "blob@production/eu#3");
    strike(&mut model, "enter");
    let shown = text(&drawn(&model));
    assert!(shown.contains("blob 3 in eu, production") && shown.contains("its process died"), "{shown}");
    strike(&mut model, "esc");
    assert!(strip(&model).is_inside());
    strike(&mut model, "esc");
    assert!(!strip(&model).is_inside() && cursor(&model) == "blob@production/eu#3");
    strike(&mut model, "esc");
    assert!(model.overlay().is_none());
}

#[test]
fn trouble_is_gone_through_in_a_ring_in_both_directions() {
    let mut model = opened(&TROUBLE, (160, 48), "2 i");
    let mut forward = Vec::new();
    for _ in 0..6 {
        press(&mut model, "tab");
        forward.push(cursor(&model));
    }
    let wanted = [
        "index@production/ap#11",
        "blob@production/us#100",
        "blob@production/eu#3",
        "blob@production/eu#150",
        "gateway@production/us#70",
        "index@production/ap#11",
    ];
    assert_eq!(forward, wanted);
    press(&mut model, "backtab");
    assert_eq!(cursor(&model), wanted[4]);
}

#[test]
fn the_cursor_stays_on_its_instance_whatever_happens_and_whatever_the_size() {
    let mut story = in_trouble();
    let mut model = opened(&story, (160, 48), "2 i tab tab tab tab");
    assert_eq!(cursor(&model), "blob@production/eu#150");
    for size in [(60, 15), (7, 5), (0, 0), (300, 80)] {
        update(&mut model, Event::Resize { width: size.0, height: size.1 });
        drawn(&model);
        assert_eq!(cursor(&model), "blob@production/eu#150");
    }
    let observations = vec![seen(instance("blob", "eu", 150), "v41", Phase::Ready, 2)];
    tell(&mut story.fleet, story.now, Fact::Observed { observations });
    update(&mut model, Event::Snapshot(Arc::new(story.fleet.clone())));
    assert_eq!((cursor(&model).as_str(), strip(&model).legend().unwell), ("blob@production/eu#150", 4));
}

#[test]
fn the_arrows_keep_to_rows_and_columns() {
    let mut model = opened(&story::at_ten_percent(), (160, 48), "2 i right right right");
    assert_eq!(cursor(&model), "index@production/ap#3");
    strike(&mut model, "down");
    assert_eq!(cursor(&model), "blob@production/ap#3");
    strike(&mut model, "up left end");
    assert!(cursor(&model).starts_with("gateway@production/eu#"), "{}", cursor(&model));
    strike(&mut model, "home");
    assert_eq!(cursor(&model), "index@production/ap#0");
}

#[test]
fn it_is_of_the_service_and_the_environment_chosen() {
    let mut model = opened(&story::at_ten_percent(), (160, 48), "1 down left left i");
    let scope = strip(&model).scope().clone();
    assert_eq!((scope.services.len(), scope.environment.as_str()), (1, "staging"), "{scope:?}");
    strike(&mut model, "i");
    assert!(model.overlay().is_none());
}

#[test]
fn it_is_open_to_whoever_watches_and_stopping_works_in_it() {
    let mut model = told(&TROUBLE, Access::Watch, "lena", (80, 24));
    strike(&mut model, "2 i tab");
    assert!(matches!(model.overlay(), Some(Overlay::Instances(_))));
    let mut model = opened(&TROUBLE, (80, 24), "2 i");
    assert_eq!(press(&mut model, "s").len(), 1);
    let toast = model.toast().map(|toast| toast.text.clone());
    assert!(toast.is_none_or(|toast| text(&drawn(&model)).contains(&toast)), "{}", text(&drawn(&model)));
    assert!(text(&drawn(&model)).lines().last().is_some_and(|keys| keys.starts_with(" storage")));
}

#[test]
fn what_became_of_a_command_covers_nothing_of_what_marks_mean() {
    for size in SIZES {
        let mut model = opened(&story::at_ten_percent(), size, "2 i");
        press(&mut model, "s");
        assert!(model.toast().is_some(), "{size:?}");
        let shown = text(&drawn(&model));
        for words in ["serving on v42", "serving on v41", "none in trouble", "sent"] {
            assert!(shown.contains(words), "{words} at {size:?}\n{shown}");
        }
    }
}

#[test]
fn what_was_never_seen_is_unknown() {
    let story = story::at_ten_percent();
    let mut fleet = Fleet::default();
    let declared = Box::new(story.fleet.declaration().clone());
    tell(&mut fleet, clock(8, 0, 0), Fact::Declared { declaration: declared });
    let model = opened(&Story { fleet, ..story }, (80, 24), "1 i");
    assert!(unusual(&model).iter().all(|(health, ..)| *health == Health::Unknown));
    assert_eq!(strip(&model).legend().unwell, strip(&model).picture().count());
    assert!(text(&drawn(&model)).contains("never seen"));
}

/// Ten thousand instances of one service, none of which was ever seen.
fn ten_thousand() -> Story {
    let mut story = story::at_ten_percent();
    let mut declared = story.fleet.declaration().clone();
    let blob = declared.services.iter_mut().find(|service| service.id.as_str() == "blob").expect("blob");
    let production = blob.deployments.iter_mut().find(|place| place.environment.as_str() == "production").expect("production");
    production.instances = vec![2_000, 4_000, 4_000];
    story.fleet = Fleet::default();
    tell(&mut story.fleet, clock(8, 0, 0), Fact::Declared { declaration: Box::new(declared) });
    let states = [(Phase::Ready, "v41"), (Phase::Ready, "v41"), (Phase::Ready, "v42"), (Phase::Crashed, "v41")];
    let observations = (0..4_000)
        .zip(states.iter().cycle())
        .map(|(index, (phase, version))| seen(instance("blob", "eu", index), version, *phase, 0));
    tell(&mut story.fleet, clock(8, 0, 1), Fact::Observed { observations: observations.collect() });
    story
}

#[test]
fn ten_thousand_are_shown_one_by_one_where_there_is_room_and_together_where_not() {
    let story = ten_thousand();
    for (size, each) in [((400, 120), 1), ((160, 48), 2), ((80, 24), 16), ((60, 15), 128)] {
        let mut model = opened(&story, size, "1 / s e r v i c e = b l o b enter end right i");
        assert_eq!((strip(&model).picture().count(), strip(&model).layout().each), (10_000, each), "{}", text(&drawn(&model)));
        // However many a mark stands for, one gets to the one that is meant.
        strike(&mut model, "end");
        let mut steps = 0;
        while !matches!(model.overlay(), Some(Overlay::Explain(_))) {
            strike(&mut model, "enter");
            steps += 1;
        }
        assert!(steps <= 3, "{steps} at {size:?}");
        assert!(text(&drawn(&model)).contains(" in eu, production"), "{}", text(&drawn(&model)));
    }
}

fn observation() -> impl Strategy<Value = (u32, Phase, bool, &'static str, u32)> {
    let phase = prop::sample::select(vec![
        Phase::Stopped,
        Phase::Starting,
        Phase::Warming,
        Phase::Ready,
        Phase::Draining,
        Phase::Drained,
        Phase::Crashed,
    ]);
    (0u32..200, phase, any::<bool>(), prop::sample::select(vec!["v40", "v41", "v42"]), 0u32..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_fleet_at_any_size_is_counted_whole(
        changed in prop::collection::vec(observation(), 0..80),
        asked in prop::collection::vec((0u32..200, any::<bool>()), 0..20),
        size in prop_oneof![(0u16..=40, 0u16..=12), (0u16..=300, 0u16..=100)],
        keys in prop::collection::vec(
            prop::sample::select(vec!["up", "down", "left", "right", "tab", "backtab", "enter", "esc", "home", "end", "pageup", "pagedown", "i", "e", "?"]),
            0..8,
        ),
    ) {
        let mut story = story::at_ten_percent();
        let observations = changed.iter().map(|(index, phase, serving, version, restarts)| Observation {
            instance: instance("blob", "eu", *index),
            version: (*version).into(),
            phase: *phase,
            serving: *serving,
            restarts: *restarts,
        });
        let observations = observations.collect();
        let operations = asked.iter().zip(9_000..).map(|((index, install), id)| Operation {
            id: OperationId(id),
            instance: instance("blob", "eu", *index),
            task: if *install { Task::Install { version: "v42".into() } } else { Task::Drain },
        });
        let operations = operations.collect();
        tell(&mut story.fleet, story.now, Fact::Issued { push: None, operations });
        tell(&mut story.fleet, story.now, Fact::Observed { observations });
        let mut model = opened(&story, size, "2 i");
        let services = strip(&model).scope().services.clone();
        let places: Vec<PlacementId> = services.iter().map(|service| place(service.as_str(), "production")).collect();
        let there: usize = places.iter().filter_map(|place| story.fleet.placement_by_id(place)).map(|place| place.instances().count()).sum();
        let counts = strip(&model).picture().counts();
        prop_assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), there);
        prop_assert_eq!(strip(&model).picture().count(), there);
        let mut buffer = drawn(&model);
        prop_assert_eq!(scrub(&mut buffer, true), 0);
        strike(&mut model, &keys.join(" "));
        drawn(&model);
    }
}

#[test]
fn what_a_fix_took_the_place_of_is_the_pushs_own_and_no_trouble() {
    let mut story = story::at_ten_percent();
    let push = story.fleet.pushes().find(|push| push.plan.name == "storage").expect("it is under way");
    let fixed = push.plan.moves.iter().map(|part| Release { version: "v43".into(), ..part.to.clone() }).collect();
    let (id, at) = (push.id(), clock(14, 31, 0));
    let by = Actor::Person { name: "lena".into() };
    tell(&mut story.fleet, at, Fact::FixedForward { push: id, releases: fixed, by });
    let mut model = told(&story, Access::Operate, "lena", (160, 48));
    strike(&mut model, "2 i");
    let shown = text(&drawn(&model));
    assert!(!shown.contains('≠') && shown.contains("■ 28 serving on v42"), "{shown}");
}
