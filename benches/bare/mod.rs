//! What a terminal dashboard of this kind comes to in bare ratatui: four gauges, a table of eight columns of which the rows in sight are
//! drawn, and 24 bordered sparklines. Its rows and figures are ready; it works nothing out. The yardstick of the console's own frames.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Style};
use ratatui::widgets::{Block, Gauge, Row, Sparkline, Table};

/// What it shows.
pub struct Dashboard {
    rows: Vec<[String; 8]>,
    curves: Vec<Vec<u64>>,
    turn: u64,
}

impl Dashboard {
    /// One over so many rows.
    pub fn new(rows: usize) -> Self {
        let row = |nth| {
            let service = format!("service-{nth}");
            [
                service,
                "v41".into(),
                "v42".into(),
                "baking".into(),
                "10 %".into(),
                "13,000/s".into(),
                "284 ms".into(),
                "0.02 %".into(),
            ]
        };
        let curve = |nth: u64| (0..200).map(|at| (at * 7 + nth * 3) % 11).collect();
        Self { rows: (0..rows).map(row).collect(), curves: (0..24).map(curve).collect(), turn: 0 }
    }

    /// One value and the gauges change.
    pub fn change(&mut self) {
        self.turn += 1;
        if let Some([.., last]) = self.rows.first_mut() {
            *last = format!("0.{:02} %", self.turn % 100);
        }
    }

    /// Draws all of it.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        let [gauges, below] = Layout::vertical([Constraint::Length(4), Constraint::Min(0)]).areas(frame.area());
        for (nth, area) in Layout::vertical([Constraint::Length(1); 4]).split(gauges).iter().enumerate() {
            let ratio = ((self.turn + nth as u64 * 13) % 100) as f64 / 100.0;
            frame.render_widget(Gauge::default().ratio(ratio).gauge_style(Style::new().fg(Color::Cyan)), *area);
        }
        let [left, right] = Layout::horizontal([Constraint::Percentage(60), Constraint::Percentage(40)]).areas(below);
        let shown = self.rows.iter().take(usize::from(left.height.saturating_sub(1)));
        let table = Table::new(shown.map(|row| Row::new(row.iter().map(String::as_str))), [Constraint::Fill(1); 8])
            .header(Row::new(["service", "old", "new", "state", "share", "requests", "p99", "errors"]));
        frame.render_widget(table, left);
        let lines = Layout::vertical([Constraint::Fill(1); 8]).split(right);
        for (line, curves) in lines.iter().zip(self.curves.chunks(3)) {
            for (area, curve) in Layout::horizontal([Constraint::Fill(1); 3]).split(*line).iter().zip(curves) {
                let sparkline = Sparkline::default().data(curve).style(Style::new().fg(Color::Yellow));
                frame.render_widget(sparkline.block(Block::bordered().title("p99")), *area);
            }
        }
    }
}
