//! The Signals screen: alerts by how near they are to the push, then every metric of the selection as a chart, the worst first.

mod chart;
mod errors;
mod foot;
mod head;
mod instances;
mod rows;
mod slices;

use ratatui::layout::Rect;

use crate::console::model::{Chart, Layout, Model, RowKey, Split, Spot};
use crate::console::theme::Role;

use super::fleet_table::beyond;
use super::kit::{Painter, Slot};
use super::line::Line;

/// Rows of a chart beside its curves: two of words, and the ground line.
const AROUND: usize = 3;

/// Draws the screen.
pub fn draw(painter: &mut Painter<'_>, model: &Model) {
    let height = usize::from(painter.height());
    let charts = model.charts();
    let selected = model.selected_chart();
    let head = head::lines(model, usize::from(painter.width()), height);
    let width = usize::from(painter.width());
    let of_logs = model.selected_errors();
    let foot = match (of_logs, selected) {
        (Some(errors), _) => errors::foot(model, errors, width),
        (None, chart) => chart.map(|chart| foot::lines(model, chart, width, height)).unwrap_or_default(),
    };
    for (row, line) in head.iter().cloned().enumerate() {
        line.draw(painter, row as u16);
    }
    let top = head.len() + logs(painter, model, head.len());
    if selected.is_none() && of_logs.is_none() {
        Line::of(Role::Dim, " Nothing of the selection is measured yet.").draw(painter, top as u16);
        return;
    }
    let bottom = height.saturating_sub(foot.len());
    for (row, line) in foot.into_iter().enumerate() {
        line.draw(painter, (bottom + row) as u16);
    }
    let room = Rect::new(0, top as u16, painter.width(), bottom.saturating_sub(top) as u16);
    let mut middle = painter.part(room);
    match (selected, model.opened_chart()) {
        (None, Some(_)) => _ = of_logs.map(|errors| errors::draw(&mut middle, model, errors)),
        (_, None) => {
            let here = charts.iter().position(|chart| selected.is_some_and(|selected| chart.key == selected.key));
            several(&mut middle, model, charts, Of::Services(here));
        }
        (Some(selected), Some(Split::Whole)) => whole(&mut middle, model, selected),
        (Some(selected), Some(Split::Instances)) => instances::draw(&mut middle, model, selected),
        (Some(selected), Some(Split::Cells)) => {
            let cells: Vec<Chart> = selected.cells_worst_first().into_iter().map(|cell| selected.of_cell(cell)).collect();
            several(&mut middle, model, &cells, Of::Cells);
        }
    }
}

/// A chart alone, and beneath it what is compared; the chart keeps half of the rows at least.
fn whole(painter: &mut Painter<'_>, model: &Model, chart: &Chart) {
    let (width, height) = (painter.width(), painter.height());
    let below = slices::lines(model, chart, (usize::from(width), usize::from(height / 2)));
    let of_chart = height.saturating_sub(below.len() as u16 + u16::from(!below.is_empty()));
    chart::draw(&mut painter.part(Rect::new(0, 0, width, of_chart)), model, chart, true);
    for (row, line) in below.into_iter().enumerate() {
        line.draw(painter, of_chart + 1 + row as u16);
    }
}

/// What logs say, a row for each push, above the charts; how many rows that takes. Where there is room, that none are read.
fn logs(painter: &mut Painter<'_>, model: &Model, top: usize) -> usize {
    let width = usize::from(painter.width());
    // Where there is room, the head ends with a blank row: the first row stands in it, and the blank comes after the last.
    let is_roomy = painter.height() >= 30;
    let first = top - usize::from(is_roomy).min(top);
    let found = model.new_errors();
    for (nth, errors) in found.iter().enumerate() {
        let y = (first + nth) as u16;
        errors::row(model, errors, width).draw(painter, y);
        painter.spot_row(y, RowKey::Errors(errors.push));
        if model.cursor() == Some(&RowKey::Errors(errors.push)) {
            painter.overlay_row(y, Role::Selected);
        }
    }
    let is_read = model.fleet().declaration().services.iter().any(|service| service.logs.is_some());
    if is_roomy && !is_read && model.charts().iter().any(|chart| chart.new.is_some()) {
        let words =
            "No logs are read: \"logs\" of a service in the spec says where its lines are, and new errors are counted here.";
        Line::of(Role::Dim, format!(" {words}")).cut(width).draw(painter, first as u16);
    }
    found.len()
}

/// What several charts are of.
#[derive(Clone, Copy)]
enum Of {
    /// Metrics of services, the one at a place selected.
    Services(Option<usize>),
    /// The cells of one chart, which is one thing to select.
    Cells,
}

/// Charts, or rows where there is too little room for charts: the page on which the one selected is.
fn several(painter: &mut Painter<'_>, model: &Model, charts: &[Chart], of: Of) {
    let here = if let Of::Services(here) = of { here } else { None };
    let height = usize::from(painter.height());
    match model.chart_layout() {
        Layout::Grid { across, width } if height > AROUND + 2 => {
            let grid = Grid::of(usize::from(across), charts.len(), height);
            let first = here.unwrap_or(0) / grid.holds() * grid.holds();
            let mut used = 0;
            for (nth, chart) in charts.iter().enumerate().skip(first).take(grid.holds()) {
                let area = grid.place(nth - first, width);
                if matches!(of, Of::Services(_)) {
                    (area.y..area.bottom()).for_each(|row| {
                        painter.spot(Slot::new(area.x, row, area.width), Spot::Row(RowKey::Chart(chart.key.clone())));
                    });
                }
                chart::draw(&mut painter.part(area), model, chart, here == Some(nth));
                used = usize::from(area.bottom());
            }
            // What does not fit as a chart has a row, as far as there are rows; the rest is counted.
            let rest = charts.len().saturating_sub(first + grid.holds());
            let mut below = painter.part(Rect::new(0, used as u16, painter.width(), (height - used.min(height)) as u16));
            if rest > 0 || first > 0 {
                after(&mut below, model, charts, (first, first + grid.holds()));
            }
        }
        _ => rows::draw(painter, model, charts, here),
    }
}

/// The charts after those drawn, a row each while there are two rows or more, then how many are not shown at all.
fn after(painter: &mut Painter<'_>, model: &Model, charts: &[Chart], (before, next): (usize, usize)) {
    let rows = usize::from(painter.height());
    let rest = charts.get(next..).unwrap_or_default();
    let shown = if rest.len() <= rows && before == 0 { rest.len() } else { rows.saturating_sub(1).min(rest.len()) };
    for (row, chart) in rest.iter().take(shown).enumerate() {
        rows::row(model, chart, false, usize::from(painter.width())).draw(painter, row as u16);
        painter.spot_row(row as u16, RowKey::Chart(chart.key.clone()));
    }
    if let Some(words) = beyond(before, rest.len() - shown) {
        Line::of(Role::Dim, format!("   {words}")).draw(painter, shown as u16);
    }
}

/// Charts of one size side by side and below one another.
#[derive(Clone, Copy, Debug)]
struct Grid {
    across: usize,
    down: usize,
    /// Rows of the curves of each.
    curves: usize,
}

impl Grid {
    /// Rows of curves that a chart has at least and at most; a blank row stands between charts where there is room for more than two.
    const CURVES: (usize, usize) = (3, 14);

    fn of(across: usize, charts: usize, height: usize) -> Self {
        let needed = charts.div_ceil(across.max(1)).max(1);
        // One alone across is a narrow screen: two of them, and a list below.
        let (least, rest) = if across == 1 { (4, 2) } else { (5, 1) };
        let each = least + AROUND;
        let down = ((height - rest.min(height)) / each).clamp(1, if across == 1 { 2 } else { needed }).min(needed);
        let spare = if needed > down { rest } else { 0 };
        let curves = (height.saturating_sub(spare) / down).saturating_sub(AROUND).clamp(1, Self::CURVES.1);
        Self { across, down, curves: curves.max(Self::CURVES.0.min(height.saturating_sub(AROUND))) }
    }

    const fn holds(self) -> usize {
        self.across * self.down
    }

    /// Where the chart with a number, from 0, stands on its page.
    const fn place(self, nth: usize, width: u16) -> Rect {
        let each = self.curves + AROUND;
        let (column, row) = (nth % self.across, nth / self.across);
        Rect::new(column as u16 * width, (row * each) as u16, width, each as u16)
    }
}
