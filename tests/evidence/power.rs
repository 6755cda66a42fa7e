//! What the stages of a push could see of its release.

use pushdeck::domain::time::Period;
use pushdeck::domain::verdict::Bad;
use pushdeck::evidence::power::{self, Detects};

use crate::story;

#[test]
fn later_stages_see_more_and_the_last_one_has_nothing_beside_it() {
    let story = story::at_ten_percent();
    let push = story.fleet.push(story::STORAGE).unwrap();
    let found: Vec<_> = push
        .plan
        .stages
        .iter()
        .map(|stage| power::of_stage(&story.fleet, &story.signals, &push.plan.moves, stage, story.now))
        .collect();
    assert_eq!(found.first(), Some(&Detects::NoUsers), "{found:#?}");
    assert!(matches!(found.last(), Some(Detects::NothingBeside(_))), "{found:#?}");
    let double: Vec<_> = found
        .iter()
        .filter_map(|detects| match detects {
            Detects::Sees { told, .. } => told.iter().find(|told| told.ratio < 2.1).map(|told| told.after),
            _ => None,
        })
        .collect();
    assert!(double.len() >= 2, "{found:#?}");
    let seconds = |after: Option<Period>| after.map_or(i64::MAX, Period::secs);
    assert!(double.windows(2).all(|pair| seconds(pair[0]) >= seconds(pair[1])), "{double:?}");
}

#[test]
fn what_was_not_measured_is_unknown() {
    let story = story::at_ten_percent();
    let push = story.fleet.push(story::STORAGE).unwrap();
    let nothing = pushdeck::evidence::series::Signals::default();
    let stage = push.plan.stages.get(1).unwrap();
    let Detects::Unknown { slice, requests: 0 } = power::of_stage(&story.fleet, &nothing, &push.plan.moves, stage, story.now)
    else {
        panic!("nobody can tell")
    };
    assert_eq!(slice.bad, Bad::Errors, "no histogram was seen, so that no edge is known");
}
