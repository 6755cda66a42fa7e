//! The strip of instances: a mark for each instance of a push's services, a service or a group in one environment, over the screen. It says
//! of each which version it runs and how it is; where they are more than there is room for, a mark stands for several and shows the worst
//! of them. One goes into a mark, down to the page of a single instance, and out again.
//!
//! The cursor belongs to an instance. Marks are worked out once for each state of the fleet, and placed once for each size.

mod kind;
mod layout;
mod picture;
mod told;

use std::sync::Arc;

pub use kind::{Health, Kind, On};
pub use layout::{Layout, Piece, Row};
pub(super) use picture::side;
pub use picture::{Picture, Strand};
pub use told::{Legend, detail, title};
pub(super) use told::{name as instance_name, since};

use self::layout::Mark;
use super::explain::{Explaining, Subject};
use super::overlay::Overlay;
use super::screen::{RowKey, Screen};
use super::{Model, When, place, words};
use crate::console::keymap::{Action, Key, Place};
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, InstanceId, PlacementId, Seq, ServiceId};
use crate::domain::push::Push;

/// Rows of the terminal that are not the strip's: three at the top, and the last.
const TAKEN: u16 = 4;
/// The narrowest terminal in which what is said above and below the marks has one line; below it has two.
const WIDE: u16 = 100;
/// Rows that the page keys move by.
const PAGE: isize = 10;

/// What a strip is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What it is called: `storage v41→v42`.
    pub name: String,
    /// Its services, in order.
    pub services: Vec<ServiceId>,
    /// Where.
    pub environment: EnvironmentId,
}

/// Instances that one mark stood for, and that were gone into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    place: PlacementId,
    green: bool,
    cell: CellId,
    first: u32,
    last: u32,
}

/// A strip, open over the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    scope: Scope,
    /// The marks gone into, the last one deepest.
    spans: Vec<Span>,
    cursor: Option<InstanceId>,
    picture: Picture,
    layout: Layout,
    legend: Legend,
    /// What all of it was worked out from: the state, the size, and how deep one is in it.
    of: Option<(Seq, (u16, u16), usize)>,
}

impl Strip {
    fn new(scope: Scope) -> Self {
        let (picture, layout, legend) = Default::default();
        Self { scope, spans: Vec::new(), cursor: None, picture, layout, legend, of: None }
    }

    /// What it is of.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether it shows what one mark stood for, and not the whole.
    pub fn is_inside(&self) -> bool {
        !self.spans.is_empty()
    }

    /// Its marks.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Where they stand.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What they mean, and how many there are of each.
    pub fn legend(&self) -> &Legend {
        &self.legend
    }

    /// The instance that the cursor is on.
    pub fn cursor(&self) -> Option<&InstanceId> {
        self.cursor.as_ref()
    }

    /// In which row the mark of the cursor stands, and in which column.
    pub fn cursor_at(&self) -> Option<(usize, usize)> {
        self.layout.place_of(self.mark()?)
    }

    /// The instances of the mark of the cursor.
    pub fn selected(&self) -> &[(u32, Kind)] {
        self.mark().map_or(&[], |mark| self.layout.instances(&self.picture, mark))
    }

    /// The mark of some of a block's instances, for whoever draws a piece: the worst of them.
    pub fn kinds(&self, strand: usize, piece: &Piece) -> impl Iterator<Item = Kind> {
        let (block, each) = (self.picture.block(strand, piece.cell), self.layout.each.max(1));
        let marks = block.chunks(each).skip(piece.from).take(piece.marks);
        marks.filter_map(|instances| instances.iter().map(|(_, kind)| *kind).min_by_key(|kind| kind.rank()))
    }

    fn mark(&self) -> Option<Mark> {
        self.picture.find(self.cursor.as_ref()).map(|spot| self.layout.mark_of(spot))
    }

    /// Puts the cursor on an instance of a mark: the first, or the worst.
    fn select(&mut self, mark: Mark, worst: bool) {
        let instances = self.layout.instances(&self.picture, mark);
        let found = if worst { instances.iter().min_by_key(|(_, kind)| kind.rank()) } else { instances.first() };
        let Some((index, _)) = found else { return };
        let placement = self.picture.strands.get(mark.strand).map(|strand| strand.place.clone());
        let cell = self.picture.cells.get(mark.cell).cloned();
        if let (Some(placement), Some(cell)) = (placement, cell) {
            self.cursor = Some(InstanceId { placement, cell, index: *index });
        }
    }

    /// Works everything out anew where what it follows from has changed.
    fn make(&mut self, fleet: &Fleet, size: (u16, u16), taken: u16) {
        let of = Some((fleet.seq(), (size.0, size.1.saturating_sub(taken)), self.spans.len()));
        if self.of == of {
            return;
        }
        self.of = of;
        self.picture = Picture::of(fleet, &self.scope, self.spans.last());
        while self.picture.count() == 0 && self.spans.pop().is_some() {
            self.picture = Picture::of(fleet, &self.scope, self.spans.last());
        }
        let (width, height) = (usize::from(size.0), usize::from(size.1.saturating_sub(taken)));
        self.legend = Legend::of(&self.picture, width);
        let room = height.saturating_sub(self.legend.lines.len() + 2 * said_rows(size.0)).max(1);
        self.layout = Layout::of(&self.picture, (width, room));
        let spot = self.picture.find(self.cursor.as_ref());
        self.cursor = spot.and_then(|spot| self.picture.id(spot));
    }

    /// Moves by so many marks, in the order of services, cells and numbers.
    fn step(&mut self, by: isize) {
        let marks: Vec<Mark> = self.layout.marks(&self.picture).collect();
        let at = self.mark().and_then(|mark| marks.iter().position(|known| *known == mark)).unwrap_or(0);
        let at = at.saturating_add_signed(by).min(marks.len().saturating_sub(1));
        if let Some(mark) = marks.get(at) {
            self.select(*mark, false);
        }
    }

    /// The wheel of the mouse: a row up or down.
    pub(super) fn wheel(&mut self, by: isize) {
        self.rows(by);
    }

    /// Moves by so many rows, staying in the column as far as it can.
    fn rows(&mut self, by: isize) {
        let Some(mark) = self.mark() else { return };
        let Some((row, x)) = self.layout.place_of(mark) else { return };
        let rows = self.layout.column(mark, x);
        let at = rows.iter().position(|known| *known == row).unwrap_or(0);
        let at = at.saturating_add_signed(by).min(rows.len().saturating_sub(1));
        if let Some(mark) = rows.get(at).and_then(|row| self.layout.nearest(*row, x)) {
            self.select(mark, false);
        }
    }

    /// Goes to the next mark with an instance that is not well; from the last of them to the first.
    fn trouble(&mut self, forward: bool) {
        let is_unwell = |mark: &Mark| self.layout.instances(&self.picture, *mark).iter().any(|(_, kind)| !kind.is_well());
        let mut marks: Vec<Mark> = self.layout.marks(&self.picture).collect();
        if !forward {
            marks.reverse();
        }
        let here = self.mark();
        let after = marks.iter().position(|mark| Some(*mark) == here).map_or(0, |at| at + 1);
        let found = marks.iter().cycle().skip(after).take(marks.len()).find(|mark| is_unwell(mark)).copied();
        if let Some(mark) = found {
            self.select(mark, true);
        }
    }

    /// Goes into the mark of the cursor. An instance is given back where the mark is of one alone.
    fn enter(&mut self) -> Option<InstanceId> {
        let mark = self.mark()?;
        let (first, last) = match self.layout.instances(&self.picture, mark) {
            [(first, _), .., (last, _)] => (*first, *last),
            _ => return self.cursor.clone(),
        };
        let strand = self.picture.strands.get(mark.strand)?;
        let (place, green) = (strand.place.clone(), strand.green);
        let cell = self.picture.cells.get(mark.cell)?.clone();
        self.select(mark, true);
        self.spans.push(Span { place, green, cell, first, last });
        None
    }
}

/// Rows above the marks, and as many below them, that say what they are.
pub const fn said_rows(width: u16) -> usize {
    if width >= WIDE { 1 } else { 2 }
}

/// Opens the strip of what is selected, or says why there is none.
pub(super) fn begin(model: &mut Model) -> Result<(), String> {
    let scope =
        scope(model).ok_or("nothing is selected that has instances; choose a group, a service or a push with the arrows")?;
    model.place.overlays.push(Overlay::Instances(Box::new(Strip::new(scope))));
    Ok(())
}

/// Of a push: its services in the environment it is in. Of anything else: its services in the environment chosen.
fn scope(model: &Model) -> Option<Scope> {
    let fleet = model.fleet();
    let chosen = || model.selected_placement().map(|placement| placement.environment);
    if let Some(RowKey::Chart(chart)) = model.cursor() {
        let PlacementId { service, environment } = chart.placement.clone();
        return Some(Scope { name: service.to_string(), services: vec![service], environment });
    }
    let on_fleet = model.screen() == Screen::Fleet;
    let shown = if model.screen() == Screen::Push { place::shown_push(model) } else { None };
    let push = shown.or_else(|| model.selected_push().and_then(|push| fleet.push(push)));
    let services: Vec<ServiceId> = match (push, model.cursor()) {
        (_, Some(RowKey::Service(service))) => vec![service.clone()],
        (_, Some(RowKey::Group(group))) => fleet.declaration().group(group)?.services.clone(),
        (Some(push), _) => push.plan.moves.iter().map(|part| part.service.clone()).collect(),
        (None, _) => model.place.services.clone(),
    };
    let name = match (model.cursor(), push) {
        (Some(RowKey::Service(service)), _) => service.to_string(),
        (Some(RowKey::Group(group)), _) => group.to_string(),
        (_, Some(push)) => words::push_name(push),
        (_, None) => services.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let its_own = push.filter(|_| !on_fleet).and_then(Push::environment).cloned();
    let environment = its_own.or_else(chosen)?;
    (!services.is_empty()).then_some(Scope { name, services, environment })
}

/// Brings an open strip up to date.
pub(super) fn settle(model: &mut Model) {
    let fleet = Arc::clone(&model.fleet);
    let (size, taken) = (model.setup.size, TAKEN + u16::from(model.when() != When::Now));
    if let Some(strip) = open(model) {
        strip.make(&fleet, size, taken);
    }
}

fn open(model: &mut Model) -> Option<&mut Strip> {
    model.place.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Instances(strip) => Some(strip.as_mut()),
        _ => None,
    })
}

/// Takes a key while a strip is open. What it does not know itself is given back.
pub(super) fn key(model: &mut Model, key: Key) -> Option<Action> {
    let keymap = model.keymap();
    let action = keymap.action(key, Place::Reading).or_else(|| keymap.action(key, Place::Screen))?;
    let strip = open(model)?;
    match action {
        Action::Left => strip.step(-1),
        Action::Right => strip.step(1),
        Action::Home => strip.step(isize::MIN),
        Action::End => strip.step(isize::MAX),
        Action::Up => strip.rows(-1),
        Action::Down => strip.rows(1),
        Action::PageUp => strip.rows(-PAGE),
        Action::PageDown => strip.rows(PAGE),
        Action::NextPane => strip.trouble(true),
        Action::PrevPane => strip.trouble(false),
        Action::Open | Action::Explain => {
            if let Some(id) = strip.enter() {
                model.place.overlays.push(Overlay::Explain(Explaining { subject: Subject::Instance(id), scroll: 0 }));
            }
        }
        Action::Back if strip.spans.pop().is_some() => {}
        Action::Back | Action::Instances => drop(model.place.overlays.pop()),
        Action::Help => model.place.overlays.push(Overlay::Help { scroll: 0 }),
        other => return Some(other),
    }
    None
}
