//! Error budgets that burn too fast: over which windows that is looked at, and what was found.
//!
//! Source: Google, *The Site Reliability Workbook*, chapter 5, *Alerting on SLOs*, approach 6, multiwindow multi-burn-rate alerts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{CellId, PlacementId, Version};
use super::number::times;
use super::slo::Objective;
use super::time::Period;

/// A burn rate and the two windows it is looked for in. The long one says that it matters, the short one that it goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BurnWindows {
    /// How many times as fast as it may the budget must burn, in both windows.
    pub rate: f64,
    /// How far back it is added up.
    pub long: Period,
    /// A twelfth of that: how soon it is over once it is over.
    pub short: Period,
}

/// What calls somebody at once: 2 % of a budget of 30 days in an hour, or 5 % in six.
pub const PAGE: [BurnWindows; 2] = [
    BurnWindows { rate: 14.4, long: Period::from_mins(60), short: Period::from_mins(5) },
    BurnWindows { rate: 6.0, long: Period::from_mins(6 * 60), short: Period::from_mins(30) },
];

/// What can wait until morning: a tenth of it in a day, or in three.
pub const TICKET: [BurnWindows; 2] = [
    BurnWindows { rate: 3.0, long: Period::from_mins(24 * 60), short: Period::from_mins(2 * 60) },
    BurnWindows { rate: 1.0, long: Period::from_mins(3 * 24 * 60), short: Period::from_mins(6 * 60) },
];

/// One error budget: of an objective, as the requests of one version of a service in an environment use it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// The service, and where.
    pub placement: PlacementId,
    /// Which version's requests.
    pub version: Version,
    /// What is owed.
    pub objective: Objective,
}

/// A budget that burns too fast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Burn {
    /// Which.
    pub budget: Budget,
    /// The cell in which it burns fastest; none where only all of the environment together shows it.
    pub cell: Option<CellId>,
    /// How many times as fast as it may the budget burns, over the long window.
    pub rate: f64,
    /// The long window.
    pub over: Period,
    /// The short window, in which it burns as well.
    pub confirmed: Period,
    /// How fast the old version beside it burns over the short window, where that is about as fast: not this version's doing.
    pub beside: Option<f64>,
}

impl Burn {
    /// Whether the old version beside it burns alike.
    pub const fn is_shared(&self) -> bool {
        self.beside.is_some()
    }
}

/// `p99 of blob v42 in eu: budget burn 14× over 1 h, and over the last 5 min`
impl fmt::Display for Burn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { budget: Budget { placement, version, objective }, rate, over, confirmed, .. } = self;
        let place = self.cell.as_ref().map_or_else(|| placement.environment.to_string(), ToString::to_string);
        write!(f, "{} of {} {version} in {place}: budget burn {}", objective.name(), placement.service, times(*rate))?;
        write!(f, " over {over}, and over the last {confirmed}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verdict::Bad;

    #[test]
    fn a_window_is_confirmed_by_a_twelfth_of_it_and_burns_the_share_that_the_workbook_says() {
        for windows in PAGE.into_iter().chain(TICKET) {
            assert_eq!(windows.long, windows.short * 12);
        }
        let part = |windows: BurnWindows| windows.rate * windows.long.secs_f64() / (30.0 * 86_400.0);
        let parts: Vec<String> = PAGE.into_iter().chain(TICKET).map(|windows| format!("{:.2}", part(windows))).collect();
        assert_eq!(parts, ["0.02", "0.05", "0.10", "0.10"]);
    }

    #[test]
    fn a_burn_is_told_with_what_burns_where_and_how_fast() {
        let burn = Burn {
            budget: Budget {
                placement: "blob@production".parse().expect("a placement"),
                version: "v42".into(),
                objective: Objective { bad: Bad::slower_than(0.3), allowed: 0.01 },
            },
            cell: Some("eu".into()),
            rate: 15.2,
            over: Period::from_mins(60),
            confirmed: Period::from_mins(5),
            beside: None,
        };
        assert_eq!(burn.to_string(), "p99 of blob v42 in eu: budget burn 15× over 1 h, and over the last 5 min");
        let whole = Burn { cell: None, rate: 6.04, ..burn };
        assert_eq!(whole.to_string(), "p99 of blob v42 in production: budget burn 6× over 1 h, and over the last 5 min");
    }
}
