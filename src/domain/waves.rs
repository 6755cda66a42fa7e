//! Cells in waves: which of an environment's cells are changed together, and in which order.

use super::environment::{Cell, Environment};
use super::id::CellId;

/// Waves of one cell each before several may go together (as AWS and Azure order regions: a quiet one first, then one more, then broad).
const ALONE: usize = 2;

/// The cells of an environment in waves, the one with the least traffic first.
///
/// The first two waves are one cell each, so that never two zones of one region are changed together early. Later waves take as many
/// cells as all waves before them together, and never two that are paired: whatever takes over for a cell is left alone meanwhile.
pub fn of(environment: &Environment) -> Vec<Vec<CellId>> {
    let mut waiting: Vec<&Cell> = environment.cells.iter().collect();
    waiting.sort_by(|a, b| a.weight.total_cmp(&b.weight));
    let mut waves: Vec<Vec<&Cell>> = Vec::new();
    while !waiting.is_empty() {
        let most = if waves.len() < ALONE { 1 } else { waves.iter().map(Vec::len).sum() };
        let mut wave: Vec<&Cell> = Vec::new();
        waiting.retain(|cell| {
            let joins = wave.len() < most && wave.iter().all(|other| !cell.is_paired_with(other));
            if joins {
                wave.push(cell);
            }
            !joins
        });
        waves.push(wave);
    }
    waves.into_iter().map(|wave| wave.into_iter().map(|cell| cell.id.clone()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{EnvironmentId, RegionId};

    fn environment(cells: Vec<Cell>) -> Environment {
        Environment {
            id: EnvironmentId::new("production"),
            after: Vec::new(),
            protected: true,
            cells,
            waive_alone_up_to: crate::domain::environment::alone_up_to(),
            drift: crate::domain::drift::DriftRule::Hold,
            window: None,
            at_window_end: None,
        }
    }

    fn named(waves: &[Vec<CellId>]) -> Vec<String> {
        waves.iter().map(|wave| wave.iter().map(CellId::as_str).collect::<Vec<_>>().join(" ")).collect()
    }

    fn zone(name: &str, region: &str, weight: f64) -> Cell {
        Cell { region: RegionId::new(region), ..Cell::new(name.into(), weight, 1) }
    }

    #[test]
    fn the_quietest_cell_goes_first() {
        let cells = vec![Cell::new("us".into(), 5.0, 1), Cell::new("ap".into(), 2.0, 1), Cell::new("eu".into(), 4.0, 1)];
        assert_eq!(named(&of(&environment(cells))), ["ap", "eu", "us"]);
    }

    #[test]
    fn early_waves_are_single_zones_and_later_ones_double() {
        let cells = (0..8).map(|at| zone(&format!("z{at}"), if at < 4 { "eu" } else { "us" }, f64::from(at) + 1.0)).collect();
        assert_eq!(named(&of(&environment(cells))), ["z0", "z1", "z2 z3", "z4 z5 z6 z7"]);
    }

    #[test]
    fn paired_regions_are_never_in_one_wave() {
        let paired =
            |name: &str, with: &str, weight| Cell { paired: Some(RegionId::new(with)), ..Cell::new(name.into(), weight, 1) };
        let cells = vec![
            Cell::new("a".into(), 1.0, 1),
            Cell::new("b".into(), 2.0, 1),
            paired("c", "d", 3.0),
            Cell::new("d".into(), 4.0, 1),
            Cell::new("e".into(), 5.0, 1),
        ];
        assert_eq!(named(&of(&environment(cells))), ["a", "b", "c e", "d"]);
    }
}
