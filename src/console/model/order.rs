//! The order of each list, which a key changes. What is said first by itself is what most needs to be seen; any other order is said in
//! words above the list. Row 3, the tabs and `g` know nothing of it, and the cursor stays on its thing.

use std::collections::BTreeMap;

use super::Model;
use super::fleet_rows::FleetRow;
use super::screen::Screen;
use super::signal_charts::Chart;
use super::waiting::WaitingRow;

/// An order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// As the spec declares it.
    Declared,
    /// Yours first, then by the time left.
    YoursFirst,
    /// The newest first.
    NewestFirst,
    /// The worst first.
    WorstFirst,
    /// What has waited longest first.
    LongestFirst,
    /// By name.
    ByName,
    /// By metric, then by service.
    ByMetric,
    /// By service, then by metric.
    ByService,
    /// The oldest first.
    OldestFirst,
}

impl Order {
    /// In words: `worst first`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Declared => "in the order declared",
            Self::YoursFirst => "yours first",
            Self::NewestFirst => "newest first",
            Self::WorstFirst => "worst first",
            Self::LongestFirst => "longest waiting first",
            Self::ByName => "by name",
            Self::ByMetric => "by metric, then by service",
            Self::ByService => "by service, then by metric",
            Self::OldestFirst => "oldest first",
        }
    }
}

/// The orders that were chosen; a list without one stands in its own.
pub(super) type Orders = BTreeMap<Screen, Order>;

/// The orders of a screen's list, its own first. None where there is nothing to choose.
const fn all(screen: Screen) -> &'static [Order] {
    match screen {
        Screen::Fleet => &[Order::Declared, Order::WorstFirst, Order::ByName],
        Screen::Push => &[],
        Screen::Waiting => &[Order::YoursFirst, Order::LongestFirst, Order::ByName],
        Screen::Signals => &[Order::WorstFirst, Order::ByMetric, Order::ByService],
        Screen::Timeline => &[Order::NewestFirst, Order::OldestFirst],
    }
}

/// The order of a screen's list, where it is not its own.
pub(super) fn of(model: &Model, screen: Screen) -> Option<Order> {
    model.place.orders.get(&screen).copied()
}

/// Gives the list of the screen shown its next order, or says why it has none.
pub(super) fn change(model: &mut Model) -> Result<(), String> {
    let screen = model.place.screen;
    let orders = all(screen);
    let at = of(model, screen).and_then(|order| orders.iter().position(|known| *known == order)).unwrap_or(0);
    match orders.get(at + 1) {
        Some(next) => drop(model.place.orders.insert(screen, *next)),
        None if orders.is_empty() => return Err("the lists of a push stand in the order in which it goes through them".to_owned()),
        None => drop(model.place.orders.remove(&screen)),
    }
    Ok(())
}

/// The rows of the Fleet screen in the order chosen: groups, each with its services behind it.
pub(super) fn fleet(rows: Vec<FleetRow>, order: Option<Order>) -> Vec<FleetRow> {
    let Some(order @ (Order::WorstFirst | Order::ByName)) = order else { return rows };
    let mut groups: Vec<Vec<FleetRow>> = Vec::new();
    for row in rows {
        match (groups.last_mut(), &row) {
            (Some(group), FleetRow::Service { .. }) => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    let by = |row: &FleetRow| {
        let (FleetRow::Group { status, .. } | FleetRow::Service { status, .. }) = row;
        // Where the order is by name, no status comes before another.
        (order == Order::WorstFirst).then_some(*status)
    };
    let name = |row: &FleetRow| match row {
        _ if order != Order::ByName => String::new(),
        FleetRow::Group { id, .. } => id.to_string(),
        FleetRow::Service { id, .. } => id.to_string(),
    };
    for group in &mut groups {
        if let Some((_, services)) = group.split_first_mut() {
            services.sort_by_cached_key(|row| (by(row), name(row)));
        }
    }
    groups.sort_by_cached_key(|group| group.first().map(|row| (by(row), name(row))));
    groups.into_iter().flatten().collect()
}

/// What waits, in the order chosen.
pub(super) fn waiting(mut rows: Vec<WaitingRow>, order: Option<Order>) -> Vec<WaitingRow> {
    match order {
        Some(Order::LongestFirst) => rows.sort_by_key(|row| row.since),
        Some(Order::ByName) => rows.sort_by(|a, b| a.name.cmp(&b.name)),
        _ => {}
    }
    rows
}

/// Charts, in the order chosen.
pub(super) fn charts(mut charts: Vec<Chart>, order: Option<Order>) -> Vec<Chart> {
    match order {
        Some(Order::ByMetric) => charts.sort_by(|a, b| (a.key.metric, &a.key.placement).cmp(&(b.key.metric, &b.key.placement))),
        Some(Order::ByService) => charts.sort_by(|a, b| a.key.cmp(&b.key)),
        _ => {}
    }
    charts
}

/// The place of a row among so many that are kept the newest first, and back.
pub(super) fn turned(place: usize, count: usize, order: Option<Order>) -> usize {
    if order == Some(Order::OldestFirst) { count.saturating_sub(place + 1) } else { place }
}
