//! What the gauges of a stage (processor, memory, saturation) say of its release, and how sure they are.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{CellId, ServiceId};
use super::metric::Metric;
use super::number::times;
use super::time::Period;

/// What is compared: one gauge of one service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GaugeId {
    /// Which service.
    pub service: ServiceId,
    /// Which gauge: processor, memory or saturation.
    pub metric: Metric,
}

/// What a gauge showed in the last ten minutes in which both versions said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaugeSeen {
    /// In which cell; none where all cells are meant together.
    pub cell: Option<CellId>,
    /// The new version's mean, as a share of what is granted.
    pub new: f64,
    /// The old version's beside it.
    pub old: f64,
    /// Up to which use the new one's is still taken for the difference between hosts.
    pub allowed: f64,
    /// Minutes compared since the stage began to count.
    pub blocks: u32,
}

impl GaugeSeen {
    /// How many times as much as the old version it uses; none where that uses nothing.
    pub fn ratio(&self) -> Option<f64> {
        (self.old > 0.0).then(|| self.new / self.old)
    }
}

/// How fast the new version's use grows away from the old one's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// By so much in an hour, as a share of what is granted.
    pub per_hour: f64,
    /// Seen over so long.
    pub over: Period,
    /// The limit it grows towards: the declared one, or all that is granted.
    pub limit: f64,
    /// How long until it is there at that pace; none where that is more than a month.
    pub reached_in: Option<Period>,
}

/// What one gauge says by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaugeStanding {
    /// Which.
    pub gauge: GaugeId,
    /// What it showed where it speaks most against the release; none before both versions said it for a minute.
    pub seen: Option<GaugeSeen>,
    /// Evidence that the new version uses more, as a share of what is needed: 0 to 1.
    pub worse: f64,
    /// Evidence that it began to use more late in the stage, likewise.
    pub late: f64,
    /// Evidence that it leaks, likewise.
    pub leaking: f64,
    /// Evidence that it does not use so much more, likewise.
    pub cleared: f64,
    /// How it grows, where it does.
    pub growth: Option<Growth>,
}

/// What the gauges of a stage say. Only [`GaugeVerdict::Cleared`] is good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum GaugeVerdict {
    /// The new version uses more than hosts differ by.
    Worse {
        /// Which gauge speaks most against it.
        gauge: GaugeId,
        /// What it showed.
        seen: GaugeSeen,
        /// Whether it became so late in the stage.
        late: bool,
    },
    /// The new version's use grows and does not level off.
    Leaking {
        /// Which gauge shows it most.
        gauge: GaugeId,
        /// What it showed.
        seen: GaugeSeen,
        /// How fast; none where it has stopped growing by the minute in which it was called so.
        growth: Option<Growth>,
    },
    /// In every gauge, so much more is ruled out, and nothing was shown to leak.
    Cleared {
        /// So many times as much as the old version.
        ruled_out: f64,
    },
    /// Nobody can say yet.
    Undecided {
        /// −1 all the way to worse, 0 nothing either way, 1 all the way to cleared.
        lean: f64,
        /// The gauge that speaks most against it.
        worst: GaugeId,
        /// What it showed; none before both versions said it for a minute.
        seen: Option<GaugeSeen>,
    },
    /// There is nothing to judge by. Never good.
    NoData {
        /// Why, in a clause.
        why: String,
    },
}

impl GaugeVerdict {
    /// Whether two verdicts say the same kind of thing.
    pub fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// What speaks against the release, in a clause: `CPU of blob: 61 % beside 40 %, 1.5×`; nothing where nothing does.
    pub fn against(&self) -> Option<String> {
        match self {
            Self::Worse { gauge, seen, .. } => Some(format!("{gauge}: {}", seen.words(gauge.metric))),
            Self::Leaking { gauge, seen, growth } => {
                let grows = growth.map(|growth| format!(", {}", growth.words(gauge.metric))).unwrap_or_default();
                Some(format!("{gauge} leaks: {}{grows}", seen.words(gauge.metric)))
            }
            Self::Cleared { .. } | Self::Undecided { .. } | Self::NoData { .. } => None,
        }
    }
}

impl fmt::Display for GaugeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.metric, self.service)
    }
}

impl GaugeSeen {
    /// `61 % beside 40 %, 1.5×, in eu`.
    pub fn words(&self, metric: Metric) -> String {
        let ratio = self.ratio().map(|ratio| format!(", {}", times(ratio))).unwrap_or_default();
        let place = self.cell.as_ref().map(|cell| format!(", in {cell}")).unwrap_or_default();
        format!("{} beside {}{ratio}{place}", metric.show(self.new), metric.show(self.old))
    }
}

impl Growth {
    /// `up 12 % an hour, at its limit of 90 % in 3 h`.
    pub fn words(&self, metric: Metric) -> String {
        let reached =
            self.reached_in.map(|left| format!(", at its limit of {} in {left}", metric.show(self.limit))).unwrap_or_default();
        format!("up {} an hour{reached}", metric.show(self.per_hour))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_uses_nothing_has_no_ratio() {
        let seen = |old| GaugeSeen { cell: None, new: 0.3, old, allowed: 0.4, blocks: 9 };
        assert_eq!((seen(0.0).ratio(), seen(0.15).ratio()), (None, Some(2.0)));
    }

    #[test]
    fn a_verdict_is_written_and_read_again() {
        let gauge = GaugeId { service: ServiceId::new("blob"), metric: Metric::Memory };
        let growth = Growth { per_hour: 0.25, over: Period::from_mins(60), limit: 0.9, reached_in: Some(Period::from_mins(72)) };
        let seen = GaugeSeen { cell: Some(CellId::new("eu")), new: 0.6, old: 0.4, allowed: 0.5, blocks: 60 };
        let verdict = GaugeVerdict::Leaking { gauge, seen, growth: Some(growth) };
        let text = serde_json::to_string(&verdict).unwrap();
        assert!(text.contains("\"is\":\"leaking\""), "{text}");
        assert_eq!(serde_json::from_str::<GaugeVerdict>(&text).unwrap(), verdict);
    }
}
