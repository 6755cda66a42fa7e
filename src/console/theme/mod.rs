//! From meanings to looks: roles become styles, glyphs become characters. The only place that knows a colour.
//!
//! May use ratatui's style types; no terminal.

mod choice;
mod depth;
mod glyph;
mod role;
mod shipped;
mod source;
mod styles;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vision;

pub use choice::{Choice, NoTheme, own};
pub use depth::{ColourDepth, TerminalEnv};
pub use glyph::{Glyph, SPARKS, ascii_cell, ascii_twin, sparks};
pub use role::Role;
pub use shipped::{SHIPPED, Shipped};
pub use source::{Fault, ThemeError};
pub use styles::Theme;
