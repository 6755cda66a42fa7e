//! The marks of a strip, worked out once for each state of the fleet: services down, cells across, instances in the order of their numbers.

use std::collections::{BTreeMap, BTreeSet};

use unicode_width::UnicodeWidthStr;

use super::kind::{self, Kind, Versions};
use super::{Scope, Span};
use crate::domain::drift;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, InstanceId, PlacementId, Version};
use crate::domain::placement::Placement;

/// The instances of a service, or of one of its two sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strand {
    /// What stands before its marks: `blob`, `cart green`.
    pub label: String,
    /// Which service, and where.
    pub place: PlacementId,
    /// Whether it is the side that is changed while the other one serves.
    pub green: bool,
    /// For each cell of the picture its instances: number, and what their marks say.
    pub blocks: Vec<Vec<(u32, Kind)>>,
}

/// Where an instance is in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// In which strand.
    pub strand: usize,
    /// In which cell.
    pub cell: usize,
    /// At which place there, from 0.
    pub at: usize,
}

/// Every mark of a strip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The cells, in the order declared.
    pub cells: Vec<CellId>,
    /// Services, each with its sides one below the other.
    pub strands: Vec<Strand>,
    /// The versions that pushes bring.
    pub new: Vec<Version>,
    /// The versions that run where no push has brought another.
    pub old: Vec<Version>,
}

impl Picture {
    /// What a scope looks like; of it only a span, where one was gone into.
    pub(super) fn of(fleet: &Fleet, scope: &Scope, span: Option<&Span>) -> Self {
        let mut picture = Self::default();
        if let Some(environment) = fleet.declaration().environment(&scope.environment) {
            picture.cells = environment.cells.iter().map(|cell| cell.id.clone()).collect();
        }
        for placement in scope.services.iter().filter_map(|service| fleet.placement(service, &scope.environment)) {
            picture.add(fleet, placement);
        }
        match span {
            Some(span) => picture.narrowed(span),
            None => picture,
        }
    }

    fn add(&mut self, fleet: &Fleet, placement: &Placement) {
        let versions = versions(fleet, placement);
        self.note(placement, &versions);
        let two = placement.sides.is_some();
        let service = &placement.id.service;
        let strand = |green: bool| Strand {
            label: if two { format!("{service} {}", side(green)) } else { service.to_string() },
            place: placement.id.clone(),
            green,
            blocks: vec![Vec::new(); self.cells.len()],
        };
        let (mut blue, mut green) = (strand(false), strand(true));
        // As of the last change: marks follow from the state alone, and not from the clock.
        let strays = drift::of(placement, fleet.at());
        let astray: BTreeSet<(&CellId, u32)> = strays.iter().map(|stray| (&stray.cell, stray.index)).collect();
        let mut here: Option<(&CellId, Option<usize>)> = None;
        for (cell, index, instance) in placement.instances() {
            // They come cell by cell.
            let at = match here {
                Some((last, at)) if std::ptr::eq(last, cell) => at,
                _ => self.cells.iter().position(|known| known == cell),
            };
            here = Some((cell, at));
            let strand = if two && !placement.is_blue(cell, index) { &mut green } else { &mut blue };
            if let Some(block) = at.and_then(|at| strand.blocks.get_mut(at)) {
                block.push((
                    index,
                    kind::of(placement, instance, &versions, instance.by_hand.is_some() && astray.contains(&(cell, index))),
                ));
            }
        }
        self.strands.extend([blue, green].into_iter().filter(|strand| strand.blocks.iter().any(|block| !block.is_empty())));
    }

    fn note(&mut self, placement: &Placement, versions: &Versions<'_>) {
        let current = placement.current();
        let replaced = versions.replaced.iter().filter(|version| current.contains_key(version));
        for new in versions.new.into_iter().chain(replaced) {
            if !self.new.contains(new) {
                self.new.push(new.clone());
            }
        }
        if !self.old.contains(versions.old) {
            self.old.push(versions.old.clone());
        }
    }

    fn narrowed(mut self, span: &Span) -> Self {
        self.strands.retain(|strand| strand.place == span.place && strand.green == span.green);
        let cell = self.cells.iter().position(|cell| *cell == span.cell);
        for strand in &mut self.strands {
            let block = cell.and_then(|cell| strand.blocks.get_mut(cell)).map(std::mem::take).unwrap_or_default();
            strand.blocks = vec![block.into_iter().filter(|(index, _)| (span.first..=span.last).contains(index)).collect()];
        }
        self.cells = vec![span.cell.clone()];
        self
    }

    /// How many instances it shows.
    pub fn count(&self) -> usize {
        self.blocks().map(<[_]>::len).sum()
    }

    /// How many instances of a cell it shows.
    fn count_in(&self, cell: usize) -> usize {
        self.strands.iter().filter_map(|strand| strand.blocks.get(cell)).map(Vec::len).sum()
    }

    /// What stands above each cell: its name, and how many of its instances are shown.
    pub fn headings(&self) -> impl Iterator<Item = String> {
        self.cells.iter().enumerate().map(|(at, cell)| format!("{cell} {}", self.count_in(at)))
    }

    /// How many there are of each kind, the worst first. They sum to [`count`](Self::count).
    pub fn counts(&self) -> Vec<(Kind, usize)> {
        let mut counts = BTreeMap::new();
        for (_, kind) in self.blocks().flatten() {
            counts.entry(kind.rank()).or_insert((*kind, 0)).1 += 1;
        }
        counts.into_values().collect()
    }

    /// The instances of a strand in a cell.
    pub fn block(&self, strand: usize, cell: usize) -> &[(u32, Kind)] {
        self.strands.get(strand).and_then(|strand| strand.blocks.get(cell)).map_or(&[], Vec::as_slice)
    }

    fn blocks(&self) -> impl Iterator<Item = &[(u32, Kind)]> {
        self.strands.iter().flat_map(|strand| strand.blocks.iter().map(Vec::as_slice))
    }

    /// Where an instance is; where it is gone, its nearest neighbour in its cell, else the first there is.
    pub(super) fn find(&self, id: Option<&InstanceId>) -> Option<Spot> {
        let own = |id: &InstanceId| {
            let cell = self.cells.iter().position(|cell| *cell == id.cell)?;
            let strands = self.strands.iter().enumerate().filter(|(_, strand)| strand.place == id.placement);
            let near = strands.filter_map(|(strand, _)| {
                let block = self.block(strand, cell);
                let at = block.partition_point(|(index, _)| *index < id.index).min(block.len().checked_sub(1)?);
                Some((block.get(at)?.0.abs_diff(id.index), Spot { strand, cell, at }))
            });
            near.min_by_key(|(distance, _)| *distance).map(|(_, spot)| spot)
        };
        id.and_then(own).or_else(|| {
            let mut all = (0..self.strands.len()).flat_map(|strand| (0..self.cells.len()).map(move |cell| (strand, cell)));
            let (strand, cell) = all.find(|(strand, cell)| !self.block(*strand, *cell).is_empty())?;
            Some(Spot { strand, cell, at: 0 })
        })
    }

    /// The instance at a place.
    pub(super) fn id(&self, spot: Spot) -> Option<InstanceId> {
        let index = self.block(spot.strand, spot.cell).get(spot.at)?.0;
        let placement = self.strands.get(spot.strand)?.place.clone();
        Some(InstanceId { placement, cell: self.cells.get(spot.cell)?.clone(), index })
    }

    /// How wide its widest label is, in columns.
    pub(super) fn label_width(&self) -> usize {
        self.strands.iter().map(|strand| strand.label.width()).max().unwrap_or(0)
    }
}

/// How a side is called.
pub(in crate::console::model) const fn side(green: bool) -> &'static str {
    if green { "green" } else { "blue" }
}

fn versions<'a>(fleet: &'a Fleet, placement: &'a Placement) -> Versions<'a> {
    let granted = placement.grant.as_ref().map(|grant| &grant.version);
    // Before anything is granted, and after it was taken back, a push still has a version of its own.
    let part = fleet.open_push_of(&placement.id.service).and_then(|push| push.move_of(&placement.id.service));
    let pushed = || part.map(|part| &part.to.version);
    let is_new = |version: &&Version| **version != placement.base;
    let replaced = part.map(|part| part.replaced.as_slice()).unwrap_or_default();
    Versions { new: granted.filter(is_new).or_else(|| pushed().filter(is_new)), replaced, old: &placement.base }
}
