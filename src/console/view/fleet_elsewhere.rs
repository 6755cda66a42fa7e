//! What is wrong in environments that have no column: a row never hides that something of it fails.

use crate::console::theme::Role;
use crate::domain::explain::Moment;
use crate::domain::id::EnvironmentId;
use crate::domain::status::Status;

use super::fleet_columns::Columns;
use super::kit::width;
use super::line::Line;
use super::mark;
use super::placed::Placed;

/// The worst of the environments without a column, where that is trouble: `✗ failed staging`, in few cells `✗ staging`. Of siblings only
/// what is not their group's as well.
pub fn told<'a>(
    columns: &Columns<'a>,
    placed: impl Fn(&'a EnvironmentId) -> Placed<'a>,
    (moment, with_group): (&Moment, bool),
    cells: usize,
) -> Line {
    let mut troubled: Vec<(Status, &EnvironmentId)> = Vec::new();
    let mut parted = Line::new();
    for environment in &columns.without {
        let placed = placed(environment);
        if placed.is_absent() {
            continue;
        }
        let status = placed.status(moment);
        if is_trouble(status, with_group) {
            troubled.push((status, environment));
        }
        if columns.crowded_out.contains(environment) {
            parted = parted.standing_for(environment.as_str(), &placed.said(status, moment).text());
        }
    }
    let Some((status, environment)) = troubled.iter().min_by_key(|(status, _)| *status) else { return parted };
    let (glyph, role) = mark::of_status(*status);
    let more = if troubled.len() > 1 { format!(" +{}", troubled.len() - 1) } else { String::new() };
    let whole = format!("{} {} {environment}{more}", glyph.symbol(), status.word());
    let short = format!("{} {environment}{more}", glyph.symbol());
    parted.then(if role == Role::Dim { Role::Text } else { role }, if usize::from(width(&whole)) <= cells { whole } else { short })
}

/// Whether a status is one that must be seen. What siblings share is told by their group's row.
fn is_trouble(status: Status, with_group: bool) -> bool {
    let own = matches!(status, Status::OutOfStep | Status::Failed | Status::Unknown);
    own || (!with_group && status <= Status::RolledBack)
}
