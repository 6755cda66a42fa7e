//! What a person has made of the Signals screen: the time shown, the moment read, a chart opened, charts pinned.

use crate::domain::id::PlacementId;
use crate::domain::time::EngineTime;
use crate::evidence::instances::Instances;
use crate::evidence::series::Columns;

use super::new_errors::NewErrors;
use super::signal_charts::{Chart, ChartKey};
use super::signal_time::Chosen;
use super::{Effect, Model, RowKey, Screen, signal_instances};

/// Columns left of a chart's curves: the numbers on its axis, and the line they stand at.
pub const AXIS: u16 = 9;

/// The least size at which charts are drawn; below it, each is a row with a curve of one row.
const LEAST: (u16, u16) = (64, 20);

/// How an opened chart is taken apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// One large chart.
    #[default]
    Whole,
    /// A chart for each cell.
    Cells,
    /// A row for each instance, as the backend tells it when asked.
    Instances,
}

impl Split {
    const fn next(self) -> Self {
        match self {
            Self::Whole => Self::Cells,
            Self::Cells => Self::Instances,
            Self::Instances => Self::Whole,
        }
    }
}

/// How charts are laid out on the screen shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A row each.
    Rows {
        /// Columns of each curve.
        curve: u16,
    },
    /// Side by side and below one another.
    Grid {
        /// How many stand side by side.
        across: u16,
        /// Columns of each, with its axis.
        width: u16,
    },
    /// One alone.
    One,
}

/// What a person has chosen.
#[derive(Clone, Debug, Default)]
pub(super) struct SignalPlace {
    pub time: Chosen,
    /// Whether the selected chart is opened, and how it is taken apart.
    pub opened: Option<Split>,
    /// Charts that lead the signals of the Push screen, in the order pinned.
    pub pinned: Vec<ChartKey>,
    /// The placement whose instances were asked for last, and the answer once there is one.
    instances: Option<(PlacementId, Option<Result<Instances, String>>)>,
    /// The one of them that the arrows were moved to.
    pub instance: Option<signal_instances::Which>,
}

/// What is known of the instances of a placement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told<'a> {
    /// Nobody has asked.
    NotAsked,
    /// The answer has not come yet.
    Asked,
    /// The backend cannot say, and why.
    CannotSay(&'a str),
    /// The answer.
    Known(&'a Instances),
}

impl Model {
    /// What the Signals screen has to show, the worst first.
    pub fn charts(&self) -> &[Chart] {
        &self.rows.charts
    }

    /// The selected chart.
    pub fn selected_chart(&self) -> Option<&Chart> {
        match self.place.cursor(Screen::Signals)? {
            RowKey::Chart(key) => self.rows.charts.iter().find(|chart| chart.key == *key),
            _ => None,
        }
    }

    /// What logs say of the pushes of the selection.
    pub fn new_errors(&self) -> &[NewErrors] {
        &self.rows.errors
    }

    /// Of these, what is selected.
    pub fn selected_errors(&self) -> Option<&NewErrors> {
        match self.place.cursor(Screen::Signals)? {
            RowKey::Errors(push) => self.rows.errors.iter().find(|errors| errors.push == *push),
            _ => None,
        }
    }

    /// Whether what is selected is opened, and how a chart is taken apart.
    pub fn opened_chart(&self) -> Option<Split> {
        self.place.signals.opened
    }

    /// How charts are laid out at this size.
    pub fn chart_layout(&self) -> Layout {
        let (width, height) = self.setup.size;
        let grid = |across: u16| Layout::Grid { across, width: width / across };
        match (width, self.place.signals.opened) {
            (_, Some(Split::Whole)) => Layout::One,
            _ if width < LEAST.0 || height < LEAST.1 => Layout::Rows { curve: (width / 5).clamp(6, 24) },
            (150.., _) => grid(3),
            (104.., _) => grid(2),
            _ => grid(1),
        }
    }

    /// The columns of every chart shown.
    pub fn chart_columns(&self) -> Columns {
        let room = match self.chart_layout() {
            Layout::Rows { curve } => curve,
            Layout::Grid { width, .. } => width.saturating_sub(AXIS + 2),
            Layout::One => self.setup.size.0.saturating_sub(AXIS + 2),
        };
        self.place.signals.time.columns(&self.signals, self.now(), usize::from(room))
    }

    /// The moment whose values are read; `None` where the newest are.
    pub fn moment_read(&self) -> Option<EngineTime> {
        self.place.signals.time.read.filter(|read| *read <= self.now())
    }

    /// What is known of the instances of a placement.
    pub fn instances_of(&self, placement: &PlacementId) -> Told<'_> {
        match self.place.signals.instances.as_ref().filter(|(asked, _)| asked == placement) {
            None => Told::NotAsked,
            Some((_, None)) => Told::Asked,
            Some((_, Some(Err(why)))) => Told::CannotSay(why),
            Some((_, Some(Ok(known)))) => Told::Known(known),
        }
    }

    /// The charts that lead the signals of the Push screen, in the order pinned.
    pub fn pinned(&self) -> &[ChartKey] {
        &self.place.signals.pinned
    }
}

/// Reads another moment.
pub(super) fn step(model: &mut Model, by: isize) {
    if model.signals.last_tick().is_none() {
        return;
    }
    let shown = model.chart_columns();
    model.place.signals.time.step(shown, by);
}

/// Shows less time in more detail, or more in less.
pub(super) fn zoom(model: &mut Model, by: i8) {
    let shown = model.chart_columns();
    model.place.signals.time.zoom(shown, by);
}

/// Opens what is selected; asks the instances anew where they are shown.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if model.selected_chart().is_some() || model.selected_errors().is_some() {
        model.place.signals.opened.get_or_insert_default();
    }
    ask(model)
}

/// The answer to what was asked last; any other is too late.
pub(super) fn told(model: &mut Model, placement: &PlacementId, told: Result<Instances, String>) {
    if let Some((_, answer)) = model.place.signals.instances.as_mut().filter(|(asked, _)| asked == placement) {
        *answer = Some(told);
    }
}

/// Asks for the instances of the selected chart, where they are what is shown.
fn ask(model: &mut Model) -> Vec<Effect> {
    let placement = model.selected_chart().map(|chart| chart.key.placement.clone());
    let Some(placement) = placement.filter(|_| model.opened_chart() == Some(Split::Instances)) else { return Vec::new() };
    // Whoever asks the same instances again stays with the one they looked at.
    let is_other = model.place.signals.instances.as_ref().is_none_or(|(asked, _)| *asked != placement);
    if is_other {
        model.place.signals.instance = None;
    }
    model.place.signals.instances = Some((placement.clone(), None));
    vec![Effect::AskInstances(placement)]
}

/// Opens the selected chart, or takes the one opened apart in another way.
pub(super) fn split(model: &mut Model) -> Vec<Effect> {
    if model.selected_chart().is_some() {
        model.place.signals.opened = Some(model.place.signals.opened.map_or(Split::Cells, Split::next));
    }
    ask(model)
}

/// Takes the last thing back: the moment read, then the chart opened. Whether there was any.
pub(super) fn back(model: &mut Model) -> bool {
    let place = &mut model.place.signals;
    place.time.read.take().is_some() || place.opened.take().is_some()
}

/// Pins the selected chart to the Push screen, or takes it off.
pub(super) fn pin(model: &mut Model) {
    let Some(key) = model.selected_chart().map(|chart| chart.key.clone()) else { return };
    let pinned = &mut model.place.signals.pinned;
    match pinned.iter().position(|known| *known == key) {
        Some(at) => _ = pinned.remove(at),
        None => pinned.push(key),
    }
}
