//! Where the console meets a real terminal: input, frames, and giving the terminal back whatever happens.
//!
//! May use everything of the console, and tokio and crossterm, which nothing else in it may.
//!
//! # The order the loop keeps
//! The loop runs on the thread that entered the terminal. Each turn it waits for one of these, earlier ones first when
//! several are ready (a `biased` select):
//!
//! 1. **signals** ([`Signals::next`]), so that a flood of anything else cannot keep the console from being ended;
//!    sizes come from here too ([`Signal::Resize`], then [`terminal_size`]);
//! 2. **input** ([`read_input`]), which is never dropped;
//! 3. **results of effects** (outcomes of commands);
//! 4. **data** from the backend, over bounded channels that keep the latest per key;
//! 5. **the deadline**: the sooner of [`Pace::due`] and the model's own next deadline. There is no ticker.
//!
//! A terminal at the end of a slow line gets the next frame when the last has gone down it ([`Wire`]).
//!
//! Having woken, it takes up to [`DRAIN`] events that are ready without waiting, gives each to the model with the time it
//! came, then calls [`Screen::draw`] once if [`Pace::due`] has come. While [`TerminalGuard::entered`] is false nothing is
//! drawn; after [`Signal::Continue`] the guard re-enters and the screen is [redrawn](Screen::invalidate) from nothing.

mod clipboard;
mod input;
mod looks;
mod pace;
mod panics;
mod screen;
mod session;
mod signals;
mod sources;
mod terminal;
mod wire;

pub use clipboard::{Clipboard, Tool, Within};
pub use input::{Input, PASTE_LIMIT, Pointer, read_input};
pub use looks::{Again, Looks};
pub use pace::{Cause, Pace};
pub use panics::{PanicReport, install_panic_hook};
pub use screen::{Screen, buffered_stdout};
pub use session::{Hands, Nobody, SessionError, Wall, run};
pub use signals::{Signal, Signals};
pub use sources::{heard, wall_clock};
pub use terminal::{TerminalGuard, terminal_size};
pub use wire::Wire;

/// The most events taken before one frame, so that a burst cannot keep the screen from moving.
pub const DRAIN: usize = 64;
