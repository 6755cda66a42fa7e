//! Text from outside, made safe to show: the one door through which foreign text reaches a terminal, a log or the clipboard.
//!
//! May use std and the unicode crates only.

mod clean;
mod fit;
mod secret;
mod text;

pub use clean::{MAX_GRAPHEMES, clean};
pub use fit::{fit, width};
pub use secret::Secret;
pub use text::Text;
