//! Going into the past and back, and replaying what was written down: exact to the change, and nothing can be done there.

use std::sync::Arc;

use crate::frame::{console, drawn, drawn_in, press, remembered, replaying, text};
use crate::story::{self, STORAGE, Story, clock};
use pushdeck::console::keymap::{Access, Action};
use pushdeck::console::model::{Event, Kind, Model, Weight, When, next_deadline, update};
use pushdeck::console::theme::ColourDepth;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::command::{Command, Order, Outcome, Sight};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::harm::Harm;
use pushdeck::domain::id::{CommandId, PersonId, Seq};
use pushdeck::domain::material::MaterialChange;
use pushdeck::domain::time::Period;

const SIZE: (u16, u16) = (80, 24);

fn fold(story: &Story, to: Seq) -> Fleet {
    let mut fleet = Fleet::default();
    story.changes.iter().take_while(|change| change.seq <= to).for_each(|change| fleet.apply(change));
    fleet
}

fn seq(model: &Model) -> Option<Seq> {
    match model.when() {
        When::Now => None,
        When::Past { seq, .. } | When::Replay { seq, .. } => Some(seq),
    }
}

/// Every moment that `[` leads to, from now to the beginning.
fn stops(story: &Story) -> Vec<Seq> {
    let mut model = remembered(story, Access::Operate, "lena", SIZE);
    let mut stops = Vec::new();
    press(&mut model, "[");
    while let Some(here) = seq(&model).filter(|here| stops.last() != Some(here)) {
        stops.push(here);
        press(&mut model, "[");
    }
    stops
}

#[test]
fn every_moment_is_exact_and_the_way_back_to_now_shows_the_same_frame() {
    let story = story::rolled_back();
    let stops = stops(&story);
    assert!(stops.len() > 40, "{stops:?}");
    for screen in ["1", "2", "3", "4", "5"] {
        let mut model = remembered(&story, Access::Operate, "lena", SIZE);
        press(&mut model, screen);
        let before = drawn_in(&model, ColourDepth::True);
        for stop in &stops {
            press(&mut model, "[");
            assert_eq!(seq(&model), Some(*stop));
            assert!(*model.fleet() == fold(&story, *stop), "{stop}");
            assert_eq!(model.now(), model.fleet().at(), "{stop}");
            assert!(model.signals().last_tick().is_none_or(|tick| tick <= model.now()), "{stop}");
            let shown = text(&drawn(&model));
            assert!(shown.starts_with(" PAST "), "{shown}");
            let mut back = model.clone();
            press(&mut back, "esc");
            assert_eq!(back.when(), When::Now);
            assert!(drawn_in(&back, ColourDepth::True) == before, "back from {stop} on {screen}\n{}", text(&drawn(&back)));
        }
    }
}

#[test]
fn forward_leads_through_the_same_moments() {
    let story = story::rolled_back();
    let mut stops = stops(&story);
    let mut model = remembered(&story, Access::Operate, "lena", SIZE);
    for _ in &stops {
        press(&mut model, "[");
    }
    stops.reverse();
    for pair in stops.windows(2) {
        assert_eq!(seq(&model), Some(pair[0]));
        press(&mut model, "]");
        assert_eq!(seq(&model), Some(pair[1]));
        assert!(*model.fleet() == fold(&story, pair[1]));
    }
    press(&mut model, "]");
    assert_eq!(seq(&model), stops.last().copied(), "there is one way back to now");
    assert!(model.toast().unwrap().text.ends_with("Esc returns to now"), "{:?}", model.toast());
}

/// What is shown of a moment is what was shown when it was lived through, but for rows 1 to 3, the scrub bar and the keys.
#[test]
fn the_past_looks_as_it_looked_when_it_was_now() {
    let story = story::rolled_back();
    let began =
        story.changes.iter().find(|change| matches!(change.fact, Fact::StageEntered { push, .. } if push == STORAGE)).unwrap();
    let mut past = remembered(&story, Access::Operate, "lena", SIZE);
    press(&mut past, "2");
    let mut live = console(Access::Operate, "lena", (80, 23), past.console_now());
    press(&mut live, "2");
    update(&mut live, Event::Snapshot(Arc::default()));
    let (mut frames, mut batches) = (Vec::new(), story.batches.iter().peekable());
    for change in &story.changes {
        while let Some(batch) = batches.next_if(|batch| batch.at <= change.at) {
            update(&mut live, Event::Readings(Arc::new(batch.clone())));
        }
        update(&mut live, Event::Changes(vec![change.clone()]));
        let heard = live.console_now();
        update(&mut live, Event::Heartbeat { at: change.at, seq: change.seq, heard });
        if change.seq >= began.seq {
            frames.push((change.seq, drawn_in(&live, ColourDepth::True)));
        }
    }
    let mut compared = 0;
    for (at, frame) in frames.iter().rev() {
        while seq(&past).is_none_or(|here| here > *at) {
            press(&mut past, "[");
        }
        if seq(&past) == Some(*at) {
            let shown = drawn_in(&past, ColourDepth::True);
            let rows = 80 * 3..80 * 22;
            assert!(shown.content[rows.clone()] == frame.content[rows], "{at}\n{}\n\n{}", text(&shown), text(frame));
            compared += 1;
        }
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn braces_lead_from_decision_to_decision() {
    let story = story::held();
    let mut model = remembered(&story, Access::Operate, "lena", SIZE);
    press(&mut model, "{");
    let fact = |model: &Model| story.changes.iter().find(|change| Some(change.seq) == seq(model)).unwrap().fact.clone();
    assert!(matches!(fact(&model), Fact::Held { .. } | Fact::Commanded { .. }), "{:?}", fact(&model));
    let story = story::rolled_back();
    let mut model = remembered(&story, Access::Operate, "lena", SIZE);
    let fact = |model: &Model| &story.changes[seq(model).unwrap().0 as usize - 1].fact;
    while !matches!(fact(press_and(&mut model, "{")), Fact::RollbackDecided { .. }) {}
    let here = seq(&model);
    press(&mut model, "{");
    press(&mut model, "}");
    assert_eq!(seq(&model), here);
    while !matches!(fact(press_and(&mut model, "{")), Fact::StageEntered { .. }) {}
}

fn press_and<'m>(model: &'m mut Model, key: &str) -> &'m Model {
    press(model, key);
    model
}

#[test]
fn nothing_that_acts_is_there_in_the_past_but_stopping_and_going_back_return_first() {
    let story = story::waiting_for_approval();
    let past = || {
        let mut model = remembered(&story, Access::Operate, "lena", (160, 48));
        press(&mut model, "2");
        press(&mut model, "[");
        press(&mut model, "[");
        model
    };
    let mut model = past();
    let reaches = [Action::Stop, Action::StopAll, Action::RollBack, Action::RollBackFast];
    assert!(model.keymap().rows().iter().all(|row| !row.danger.acts() || reaches.contains(&row.action)));
    assert!(
        model
            .footer()
            .hints
            .iter()
            .all(|hint| hint.action == Action::Stop || !model.keymap().row(hint.action).unwrap().danger.acts())
    );
    for key in ["a", "p", "u", "n", "x", "A", "w", "f", "t", "c"] {
        assert_eq!(press(&mut model, key), [], "{key}");
        assert_eq!(model.toast().unwrap().text, "this is the past, Esc returns to now", "{key}");
        assert!(model.overlay().is_none() && matches!(model.when(), When::Past { .. }));
    }
    let effects = press(&mut model, "s");
    assert_eq!(model.when(), When::Now);
    let asked = |effects: &[pushdeck::console::model::Effect]| {
        effects.iter().any(|effect| {
            matches!(effect, pushdeck::console::model::Effect::Submit(command)
                if matches!(command.order, Order::Hold { push, .. } if push == STORAGE))
        })
    };
    assert!(asked(&effects), "{effects:?}");
    let mut model = past();
    let effects = press(&mut model, "r");
    assert!(asked(&effects) && model.overlay().is_some() && model.when() == When::Now, "{effects:?}");
    let mut model = past();
    assert_eq!(press(&mut model, "S").len(), 1);
}

#[test]
fn a_stop_in_the_past_never_hits_what_it_did_not_name() {
    let story = story::rolled_back();
    let mut model = remembered(&story, Access::Operate, "lena", SIZE);
    press(&mut model, "2");
    press(&mut model, "{");
    press(&mut model, "{");
    assert!(model.fleet().push(STORAGE).unwrap().is_open());
    let effects = press(&mut model, "s");
    assert_eq!((effects.len(), model.when()), (0, When::Now), "storage is over: nothing else is to be stopped in its place");
    assert!(model.toast().unwrap().text.starts_with("back to now"), "{:?}", model.toast());
}

#[test]
fn news_goes_on_being_taken_in_and_row_3_tells_of_what_got_worse() {
    let whole = story::exposed();
    let decided = whole.changes.iter().position(|change| matches!(change.fact, Fact::RollbackDecided { .. })).unwrap();
    let mut before = story::exposed();
    before.changes.truncate(decided);
    before.fleet = fold(&before, Seq(decided as u64));
    before.now = before.fleet.at();
    let mut model = remembered(&before, Access::Operate, "lena", SIZE);
    press(&mut model, "{");
    assert!(!text(&drawn(&model)).contains("NOW:"), "{}", text(&drawn(&model)));
    let (past, here) = (model.fleet().clone(), seq(&model));
    update(&mut model, Event::Changes(whole.changes[decided..].to_vec()));
    assert!(*model.fleet() == past && seq(&model) == here, "the moment stands still");
    let shown = text(&drawn(&model));
    assert!(shown.lines().nth(2).is_some_and(|row| row.contains("NOW: storage goes back, users EXPOSED")), "{shown}");
    press(&mut model, "g");
    assert_eq!(model.when(), When::Now);
    assert_eq!(model.fleet().seq(), whole.fleet.seq());
}

#[test]
fn enter_on_the_timeline_goes_to_that_moment_and_tells_all_of_it() {
    let story = story::rolled_back();
    let mut model = remembered(&story, Access::Operate, "lena", (160, 48));
    press(&mut model, "5");
    for _ in 0..5 {
        press(&mut model, "down");
    }
    let Some(pushdeck::console::model::RowKey::Entry(wanted)) = model.cursor().cloned() else { panic!("an entry") };
    press(&mut model, "enter");
    assert_eq!(seq(&model), Some(wanted));
    press(&mut model, "left");
    assert!(seq(&model).unwrap() < wanted);
    press(&mut model, "right");
    assert_eq!(seq(&model), Some(wanted));
    assert!(model.entry(wanted).iter().any(|told| told.label == "Record" && told.text.contains(&format!("change {wanted}"))));
    let few = model.timeline_count();
    press(&mut model, "v");
    assert_eq!(model.timeline_count(), story.changes.len());
    press(&mut model, "v");
    assert_eq!(model.timeline_count(), few);
}

#[test]
fn a_replay_passes_through_every_state_that_was_lived() {
    let story = story::rolled_back();
    let mut model = replaying(&story, 60.0, SIZE);
    let mut at = model.console_now();
    let mut seen = 0;
    while let Some(due) = next_deadline(&model) {
        assert!(*model.fleet() == fold(&story, model.fleet().seq()));
        let next = story.changes.get(model.fleet().seq().0 as usize);
        assert!(next.is_none_or(|next| next.at > model.now()), "nothing is late");
        assert!(model.fleet().at() <= model.now(), "nothing is early");
        at = due.max(at + Period::from_millis(1));
        update(&mut model, Event::Tick { at });
        seen += 1;
    }
    assert!(*model.fleet() == story.fleet);
    assert!(seen > 20, "{seen}");
    assert!(matches!(model.when(), When::Replay { ended: true, .. }));
    let before = drawn_in(&model, ColourDepth::True);
    update(&mut model, Event::Tick { at: at + Period::from_mins(60) });
    assert!(drawn_in(&model, ColourDepth::True) == before, "at its end it stands still");
    assert_eq!(next_deadline(&model), None);
}

#[test]
fn a_replay_stands_still_goes_on_and_moves_by_the_same_keys() {
    let story = story::rolled_back();
    let mut model = replaying(&story, 10.0, SIZE);
    press(&mut model, "space");
    assert!(matches!(model.when(), When::Replay { playing: false, .. }));
    let held = model.now();
    let at = model.console_now() + Period::from_secs(5);
    update(&mut model, Event::Tick { at });
    assert_eq!((model.now(), next_deadline(&model)), (held, None));
    press(&mut model, "}");
    press(&mut model, "]");
    let here = seq(&model).unwrap();
    assert!(*model.fleet() == fold(&story, here));
    press(&mut model, "space");
    let at = model.console_now() + Period::from_secs(6);
    update(&mut model, Event::Tick { at });
    assert!(model.now() >= model.fleet().at() && model.now() > held + Period::from_secs(59), "{:?}", model.now());
    assert_eq!(press(&mut model, "s"), [], "nothing can be asked of a recording");
}

#[test]
fn a_damaged_recording_says_so_and_stays_to_be_looked_at() {
    let story = story::rolled_back();
    let mut model = replaying(&story, 600.0, SIZE);
    let why = "friday.jsonl line 412: the line was altered after it was written; what stands before it is shown".to_owned();
    update(&mut model, Event::Ended { why });
    let shown = text(&drawn(&model));
    assert!(shown.contains("DAMAGED: friday.jsonl line 412: the line was altered") && !shown.contains("STALE"), "{shown}");
    press(&mut model, "}");
    assert!(model.fleet().seq() > Seq(1));
}

#[test]
fn what_is_longer_than_what_is_kept_says_from_when_on_it_is_there() {
    let story = story::at_ten_percent();
    let mut model = remembered(&story, Access::Operate, "lena", SIZE);
    let first = story.fleet.seq().0 + 1;
    let harmed = |nth: u32| {
        let harm = Harm { failed: f64::from(nth), ..Harm::default() };
        let at = clock(14, 32, 0) + Period::from_millis(i64::from(nth));
        Change { seq: Seq(first + u64::from(nth)), at, fact: Fact::Harmed { push: STORAGE, harm } }
    };
    for many in 0..30_u32 {
        update(&mut model, Event::Changes((many * 1_000..(many + 1) * 1_000).map(harmed).collect()));
    }
    press(&mut model, "5");
    press(&mut model, "[");
    assert!(model.toast().unwrap().text.contains("history is here from 14:32"), "{:?}", model.toast());
    press(&mut model, "v");
    press(&mut model, "[");
    assert!(model.timeline_count() <= 10_000, "{}", model.timeline_count());
}

#[test]
fn a_command_is_told_with_its_reason_what_was_seen_and_what_came_of_it() {
    let story = story::at_ten_percent();
    let mut model = remembered(&story, Access::Operate, "lena", (80, 24));
    let sight = Box::new(Sight::of(&story.fleet, STORAGE, story.now).unwrap());
    let changed = vec![MaterialChange { field: "p99.9".to_owned(), saw: "met".to_owned(), now: "not met".to_owned() }];
    let hold = || Order::Hold { push: STORAGE, reason: Some("errors climb".to_owned()) };
    let asked = [
        (hold(), Outcome::Superseded { by: "raj".to_owned() }, "superseded: raj came first"),
        (hold(), Outcome::Unknown { why: "no answer".to_owned() }, "unknown: no answer"),
        (hold(), Outcome::Accepted { seq: Seq(1) }, "accepted, as change 1"),
        (
            Order::Approve { push: STORAGE, sight },
            Outcome::Refused { why: "it has changed".to_owned(), changed },
            "refused: it has changed (p99.9: met → not met)",
        ),
    ];
    for (nth, (order, outcome, came)) in (1..).zip(asked) {
        let command = Command { id: CommandId(uuid::Uuid::from_u128(nth)), actor: PersonId::new("mia"), order };
        let seq = Seq(model.fleet().seq().0 + 1);
        let fact = Fact::Commanded { command: Box::new(command), outcome };
        update(&mut model, Event::Changes(vec![Change { seq, at: story.now, fact }]));
        let row = model.timeline_rows().next().unwrap();
        assert_eq!((row.seq, row.who.as_str(), row.kind, row.weight), (seq, "mia", Kind::Command, Weight::Decision));
        assert_eq!(row.services.len(), 3);
        let told = model.entry(seq);
        let said = |label: &str| told.iter().find(|told| told.label == label).map(|told| told.text.as_str());
        assert_eq!(said("Came"), Some(came));
        if nth == 4 {
            let all: Vec<_> = told.iter().map(|told| told.text.as_str()).collect();
            assert!(
                said("Saw").is_some_and(|saw| saw.starts_with("baking at step 4, on the way to step 5; everything up to change "))
            );
            for part in ["not met: ", "met: ", "releases: index v42 sha256:", "alerts", "approved by"] {
                let wanted = part != "alerts" && part != "approved by";
                assert_eq!(all.iter().any(|line| line.starts_with(part)), wanted, "{part} in {all:?}");
            }
        } else {
            assert_eq!(said("Reason"), Some("errors climb"));
        }
    }
    press(&mut model, "5");
    let shown = text(&drawn(&model));
    assert!(shown.contains("more lines, Tab reads them"), "{shown}");
    let mut read = String::new();
    press(&mut model, "tab");
    for _ in 0..12 {
        read.push_str(&text(&drawn(&model)));
        press(&mut model, "down");
    }
    assert!(read.contains("releases: ") && read.contains("Record"), "all of it can be read: {read}");
    press(&mut model, "esc");
    assert_eq!((model.timeline_reading(), model.when()), (None, When::Now));
}
