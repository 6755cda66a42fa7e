//! What a panic does to the screen.

use std::panic::{self, PanicHookInfo};
use std::thread::{self, ThreadId};

use tokio::sync::mpsc;

use super::terminal::{give_back, is_ours};
use crate::safe::clean;

/// A panic of a thread that does not draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicReport {
    /// What and where, cleaned, in one line.
    pub message: String,
}

/// How many reports may wait. One is a banner already, more of them add nothing.
const WAITING: usize = 16;

/// Sets the panic hook. A panic of the calling thread, which must be the one that draws, gives the terminal back and is then
/// printed as ever. A panic of any other thread is sent as a report, and the console keeps drawing; it is printed only while
/// the terminal is not ours.
///
/// ratatui's own hook gives the terminal back for a panic of any thread, with the console drawing on over the shell.
pub fn install_panic_hook() -> mpsc::Receiver<PanicReport> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let drawing: ThreadId = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == drawing {
            give_back();
            before(info);
        } else if is_ours() {
            // Full means that enough is known already.
            drop(sender.try_send(report(info)));
        } else {
            before(info);
        }
    }));
    receiver
}

fn report(info: &PanicHookInfo<'_>) -> PanicReport {
    let payload = info.payload();
    let words = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let what = words.unwrap_or("a panic without words");
    let place = info.location().map(|location| format!(" at {}:{}", location.file(), location.line())).unwrap_or_default();
    PanicReport { message: clean(&format!("{what}{place}")).replace(['\n', '\r'], " ") }
}
