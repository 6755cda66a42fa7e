//! Alerts: raised when a limit has been crossed for its duration, ended when the metric is back.

use crate::domain::alert::Alert;
use crate::domain::change::Fact;
use crate::domain::metric::{SliceId, Standing};

use super::work::Work;

pub(super) fn alerts(work: &mut Work<'_>) {
    let fleet = work.fleet();
    let raised: Vec<Alert> = fleet
        .judgements()
        .filter(|(slice, _)| fleet.alert(slice).is_none())
        .filter_map(|(slice, judged)| match judged.standing {
            Standing::Beyond { value, limit } | Standing::SharedFault { value, limit, .. } => {
                let sustained = fleet.threshold(&slice.service, slice.metric)?.sustained;
                (work.now.since(judged.since) >= sustained).then(|| Alert {
                    slice: slice.clone(),
                    value,
                    limit,
                    since: judged.since,
                    acknowledged: None,
                })
            }
            _ => None,
        })
        .collect();
    let ended: Vec<SliceId> = fleet
        .alerts()
        .filter(|alert| fleet.judgement(&alert.slice).is_none_or(|judged| matches!(judged.standing, Standing::Within { .. })))
        .map(|alert| alert.slice.clone())
        .collect();
    for alert in raised {
        work.record(Fact::AlertRaised { alert });
    }
    for slice in ended {
        work.record(Fact::AlertEnded { slice });
    }
}
