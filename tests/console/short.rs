//! What has to be said although rows and cells are few.

use crate::frame::{drawn, strike, text, told};
use crate::story::{self, STORAGE, Story, clock};
use pushdeck::console::keymap::Access;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::drift;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::metric::Metric;
use pushdeck::domain::person::Actor;
use pushdeck::domain::push::Hold;
use pushdeck::domain::requirement::RequirementKind;
use pushdeck::domain::service::Release;
use pushdeck::domain::waiver::{Lack, Skipped};

fn tell(story: &mut Story, fact: Fact) {
    story.fleet.apply(&Change { seq: story.fleet.seq(), at: story.now, fact });
}

/// What is drawn after some keys, on one line without the gaps of columns and rows.
fn seen(story: &Story, keys: &str, size: (u16, u16)) -> (String, String) {
    let mut model = told(story, Access::Operate, "lena", size);
    strike(&mut model, keys);
    let shown = text(&drawn(&model));
    let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    (shown, flat)
}

#[test]
fn what_is_waited_for_can_be_read_in_full_at_eighty_columns() {
    let mut story = story::at_ten_percent();
    let why = "changed by hand: blob 78 and 79 in ap, v41 → v40; gateway 3 in eu, out of the balancer";
    let hold = Hold { by: Actor::Rule { rule: drift::RULE.to_owned() }, since: clock(14, 30, 0), reason: Some(why.to_owned()) };
    tell(&mut story, Fact::Held { push: STORAGE, hold });
    let model = {
        let mut model = told(&story, Access::Operate, "lena", (80, 24));
        strike(&mut model, "3");
        model
    };
    let row = model.waiting_rows().iter().find(|row| row.words.contains("changed by hand")).expect("it waits").clone();
    let downs = model.waiting_rows().iter().position(|found| found.key == row.key).expect("it is there");
    let (shown, flat) = seen(&story, &format!("3 {}", "down ".repeat(downs)), (80, 24));
    let asked = format!("Asked: {} ({}).", row.words, row.who);
    assert!(flat.contains(&asked), "{asked}\n{shown}");
}

#[test]
fn the_ladder_of_a_fix_says_what_waits_and_what_is_not_done_again() {
    let mut story = story::at_ten_percent();
    let moves = &story.fleet.push(STORAGE).expect("the push").plan.moves;
    let part = moves.first().expect("a service");
    let fix = Release { version: "v42.1".into(), digest: "sha256:fix".into(), based_on: Some("v42".into()), ..part.to.clone() };
    tell(&mut story, Fact::FixedForward { push: STORAGE, releases: vec![fix], by: Actor::Person { name: "ana".into() } });
    let (shown, _) = seen(&story, "2", (160, 48));
    let row = |name: &str| {
        let found = shown.lines().find(|line| line.get(..14).is_some_and(|head| head.contains(name)));
        found.unwrap_or_else(|| panic!("no row of {name}\n{shown}")).to_owned()
    };
    for waits in ["○ staging", "○ 10 %"] {
        assert!(row(waits).contains("waits"), "{waits}\n{shown}");
    }
    for done in ["✓ one box", "✓ 1 %"] {
        assert!(!row(done).contains("waits"), "{done}\n{shown}");
    }
    assert!(!row("○ 33 %").contains("waits"), "{shown}");
}

#[test]
fn what_was_skipped_is_told_while_it_goes_back() {
    let mut story = story::going_back();
    let skipped = Skipped {
        what: Lack::Requirement { kind: RequirementKind::Threshold { metric: Metric::Errors } },
        step: "1 % in production".to_owned(),
        by: "mia".into(),
        seconded: None,
        reason: "a known client".to_owned(),
        at: clock(13, 20, 0),
    };
    tell(&mut story, Fact::Skipped { push: STORAGE, skipped: Box::new(skipped) });
    for size in [(80, 24), (160, 48)] {
        let (shown, _) = seen(&story, "2", size);
        assert!(shown.contains("skipped: errors at 1 % in production, by mia"), "{shown}");
    }
}

#[test]
fn what_a_release_changes_and_whose_it_is_is_read_before_a_start() {
    let mut story = story::before_it_is_asked_for();
    let mut declared = story.fleet.declaration().clone();
    let is_new = |release: &&mut Release| release.service.as_str() == "gateway" && release.version.as_str() == "v42";
    let gateway = declared.releases.iter_mut().find(is_new).expect("gateway v42");
    gateway.config = "time-out 1.5 s".to_owned();
    gateway.migration = "none but its table of routes".to_owned();
    gateway.approvers = vec!["raj".to_owned()];
    tell(&mut story, Fact::Declared { declaration: Box::new(declared) });
    for size in [(80, 24), (160, 48)] {
        let (shown, flat) = seen(&story, "n enter", size);
        let says = |words: &str| flat.contains(words) || flat.to_lowercase().contains(words);
        assert!(says("time-out 1.5 s") && says("table of routes") && says("approved by raj"), "{shown}");
    }
}

#[test]
fn when_users_are_safe_is_read_before_a_way_back_at_any_size_that_has_a_row_for_it() {
    for keys in ["2 r", "2 R"] {
        for rows in 9..24 {
            let (shown, flat) = seen(&story::at_ten_percent(), keys, (60, rows));
            assert!(flat.contains("USERS SAFE after"), "{keys} at 60×{rows}\n{shown}");
        }
    }
}

#[test]
fn the_place_of_what_is_asked_about_is_read_whole_however_long_its_name() {
    let name = "media-thumbnail-renderer";
    let mut story = story::going_back();
    let mut fleet = Fleet::default();
    for change in &story.changes {
        let text = serde_json::to_string(change).expect("a change").replace("blob", name);
        fleet.apply(&serde_json::from_str(&text).expect("the same change"));
    }
    story.fleet = fleet;
    for size in [(80, 24), (120, 40), (160, 48)] {
        let (shown, flat) = seen(&story, "2", size);
        let place = shown.lines().any(|row| row.ends_with(&format!("{name} in eu")));
        assert!(place && flat.contains("Is it better?"), "{shown}");
    }
}

#[test]
fn siblings_on_different_versions_are_named_by_them_on_the_way_back() {
    let mut story = story::at_ten_percent();
    let part = story.fleet.push(STORAGE).expect("the push").plan.moves.first().expect("a service").clone();
    let fix = Release { version: "v43".into(), digest: "sha256:fix".into(), based_on: Some("v42".into()), ..part.to };
    tell(&mut story, Fact::FixedForward { push: STORAGE, releases: vec![fix], by: Actor::Person { name: "ana".into() } });
    let (_, flat) = seen(&story, "2", (80, 24));
    assert!(flat.contains("storage v41→v42, v43 "), "{flat}");
    let rollback = story::going_back().fleet.push(STORAGE).and_then(|push| push.course.rollback().cloned()).expect("a way back");
    tell(&mut story, Fact::RollbackDecided { push: STORAGE, rollback: Box::new(rollback) });
    let (_, flat) = seen(&story, "2", (120, 40));
    assert!(flat.contains("storage v42, v43 → back to v41 "), "{flat}");
    let (_, flat) = seen(&story, "2", (80, 24));
    assert!(flat.contains("storage v42, v43→v41 ") && flat.contains("going back since"), "{flat}");
}

#[test]
fn what_became_of_a_stop_is_seen_over_whatever_is_read() {
    for size in crate::moments::SIZES {
        for keys in ["2 ? s", "2 e s", "2 i s", "2 i ? s"] {
            let (shown, _) = seen(&story::at_ten_percent(), keys, size);
            assert!(shown.contains(" sent  asked to stop storage"), "{keys} at {size:?}\n{shown}");
        }
    }
}
