//! Drawing primitives over a buffer of cells. None panics at any size, and none draws outside its painter's area.
//!
//! Coordinates are relative to the painter's area; looks are asked for by role, marks by meaning.

mod chart;
mod dialog;
mod painter;
mod region;
mod scrub;
mod text;

pub use chart::{Axis, Plot, Scale, TwoSided};
pub use dialog::{Opened, open_dialog};
pub use painter::{Align, Column, Painter, Slot};
pub use region::{Parted, Region, Report, spot_at};
pub use scrub::{scrub, scrub_cells};
pub use text::{clip, is_simple, width};
