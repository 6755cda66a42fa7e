//! The order of each list: what stands first, that the order is said, and that the cursor stays on its thing.

use crate::frame::{drawn, remembered, strike, text, told};
use crate::story;
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{FleetRow, Model, Order};
use pushdeck::domain::status::Status;

fn opened(story: &story::Story, keys: &str) -> Model {
    let mut model = remembered(story, Access::Operate, "lena", (80, 24));
    strike(&mut model, keys);
    model
}

/// A group with its status, and its services with theirs.
type Group = (String, Status, Vec<(String, Status)>);

/// Every group listed, each with its services behind it.
fn groups(model: &Model) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for row in model.fleet_rows() {
        match row {
            FleetRow::Group { id, status, .. } => groups.push((id.to_string(), *status, Vec::new())),
            FleetRow::Service { id, group, status, .. } => {
                let last = groups.last_mut().expect("a group before its services");
                assert_eq!(last.0, group.as_str());
                last.2.push((id.to_string(), *status));
            }
        }
    }
    groups
}

#[test]
fn the_fleet_is_listed_as_declared_or_worst_first_or_by_name() {
    let story = story::at_ten_percent();
    let mut model = opened(&story, "1 end");
    let (declared, cursor) = (groups(&model), model.cursor().cloned());
    assert!(model.order().is_none() && !text(&drawn(&model)).contains("Listed"));

    strike(&mut model, "o");
    let worst = groups(&model);
    assert_eq!(model.order(), Some(Order::WorstFirst));
    assert!(worst.iter().map(|(_, status, _)| *status).is_sorted() && worst != declared, "{worst:?}");
    assert!(worst.iter().all(|(_, _, services)| services.iter().map(|(_, status)| *status).is_sorted()));
    assert!(text(&drawn(&model)).contains(" Listed worst first.   o changes the order"), "{}", text(&drawn(&model)));
    assert_eq!(model.cursor(), cursor.as_ref());

    strike(&mut model, "o");
    let named = groups(&model);
    assert!(named.iter().map(|(name, ..)| name).is_sorted());
    assert!(named.iter().all(|(_, _, services)| services.iter().map(|(name, _)| name).is_sorted()));
    assert_eq!(model.cursor(), cursor.as_ref());

    strike(&mut model, "o");
    assert_eq!((groups(&model), model.order()), (declared, None));
}

#[test]
fn what_waits_is_listed_yours_first_or_the_longest_waiting_or_by_name() {
    let story = story::waiting_for_approval();
    let mut model = opened(&story, "3 down");
    let cursor = model.cursor().cloned();
    let own: Vec<_> = model.waiting_shown().to_vec();
    assert!(own.len() > 1);
    strike(&mut model, "o");
    assert!(model.waiting_shown().iter().map(|row| row.since).is_sorted());
    assert!(text(&drawn(&model)).contains("Listed longest waiting first."));
    strike(&mut model, "o");
    assert!(model.waiting_shown().iter().map(|row| &row.name).is_sorted());
    assert_eq!(model.cursor(), cursor.as_ref());
    strike(&mut model, "o");
    assert_eq!(model.waiting_shown(), own);
}

#[test]
fn charts_are_listed_worst_first_or_by_metric_or_by_service() {
    let story = story::exposed();
    let mut model = opened(&story, "2 4");
    let cursor = model.cursor().cloned();
    let keys = |model: &Model| model.charts().iter().map(|chart| chart.key.clone()).collect::<Vec<_>>();
    let own = keys(&model);
    strike(&mut model, "o");
    assert!(keys(&model).iter().map(|key| (key.metric, key.placement.clone())).is_sorted());
    strike(&mut model, "o");
    assert!(keys(&model).is_sorted() && own.len() == keys(&model).len());
    assert!(text(&drawn(&model)).contains("Listed by service, then by metric."));
    assert!(cursor.is_some());
    strike(&mut model, "o");
    assert_eq!(keys(&model), own);
}

#[test]
fn the_timeline_is_listed_from_either_end() {
    let story = story::rolled_back();
    let mut model = opened(&story, "5 down down");
    let cursor = model.cursor().cloned();
    let newest: Vec<_> = model.timeline_listed(0, 10_000).map(|row| row.seq).collect();
    strike(&mut model, "o");
    let oldest: Vec<_> = model.timeline_listed(0, 10_000).map(|row| row.seq).collect();
    assert!(oldest.iter().rev().eq(&newest) && newest.len() > 3);
    assert_eq!((model.cursor(), model.timeline_cursor()), (cursor.as_ref(), Some(newest.len() - 3)));
    assert!(text(&drawn(&model)).contains("Listed oldest first."));
    // Down goes on down the list.
    strike(&mut model, "down");
    assert_eq!(model.timeline_cursor(), Some(newest.len() - 2));
    strike(&mut model, "home");
    assert_eq!(model.timeline_cursor(), Some(0));
}

#[test]
fn a_filter_and_an_order_are_said_in_one_row_and_a_push_has_none() {
    let mut model = opened(&story::at_ten_percent(), "1 / s t o enter o");
    let shown = text(&drawn(&model));
    let row = shown.lines().nth(3).unwrap_or_default();
    assert!(row.starts_with(" Find  sto ") && row.contains("; worst first"), "{shown}");
    strike(&mut model, "2 o");
    let shown = text(&drawn(&model));
    assert!(model.order().is_none() && shown.contains("in which it goes through them"), "{shown}");
}

#[test]
fn a_wall_may_be_ordered_as_well() {
    let mut model = told(&story::at_ten_percent(), Access::Watch, "lena", (80, 24));
    strike(&mut model, "1 o");
    assert_eq!(model.order(), Some(Order::WorstFirst));
}
