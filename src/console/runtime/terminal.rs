//! Taking the terminal, and giving it back exactly once.
//!
//! There is one terminal, so its state is one flag of the process: whoever clears it gives the terminal back, and everybody
//! after finds nothing to do. Quit, drop, a panic of the drawing thread and signals all come through here.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::style::ResetColor;
use crossterm::terminal::{
    self, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use rustix::process::{Signal, getpgrp, getpid, getsid, kill_process};

static ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is to be listened to while the terminal is ours.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Buttons and wheel alone, with coordinates of any size; crossterm's own also reports every movement, which a slow line has to carry.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// Keeps the window's title (xterm's title stack), since there is no reading it; terminals without it ignore this.
const PUSH_TITLE: &[u8] = b"\x1b[22;0t";
/// The title is emptied first: a terminal without that stack would keep it.
const POP_TITLE: &[u8] = b"\x1b]0;\x07\x1b[23;0t";

/// The columns and rows of the terminal; 0 by 0 where it does not say.
pub fn terminal_size() -> (u16, u16) {
    terminal::size().unwrap_or((0, 0))
}

/// The terminal, taken: raw mode, alternate screen, bracketed paste, no cursor. Given back when dropped, if nobody did before.
#[derive(Debug)]
#[must_use = "dropping it gives the terminal back"]
pub struct TerminalGuard(());

impl TerminalGuard {
    /// Takes the terminal. Take the [signals](super::Signals::take) and set the [panic hook](super::install_panic_hook) first.
    ///
    /// # Errors
    /// Where standard input is no terminal, or it cannot be written to; nothing is then left changed.
    pub fn enter() -> io::Result<Self> {
        take()?;
        Ok(Self(()))
    }

    /// Whether the terminal is ours now. While it is not, nothing may be drawn.
    pub fn entered(&self) -> bool {
        is_ours()
    }

    /// Listens to the mouse from now on, or no longer.
    ///
    /// # Errors
    /// Where the terminal cannot be written to.
    pub fn listen_to_mouse(&self, listen: bool) -> io::Result<()> {
        if MOUSE.swap(listen, Ordering::SeqCst) == listen || !is_ours() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        out.write_all(if listen { MOUSE_ON } else { MOUSE_OFF })?;
        out.flush()
    }

    /// Gives the terminal back and stops this process, as a shell expects of Ctrl-Z. Says whether it did: without a shell
    /// between this process and its session's leader (`ssh -t HOST pushdeck`) nobody could continue it, so it goes on.
    ///
    /// Returns at once, possibly before the stop takes effect: the terminal is ours again only after
    /// [`Signal::Continue`](super::Signal::Continue) and [`reenter`](Self::reenter).
    ///
    /// # Errors
    /// Where the system refuses; the terminal is then ours again.
    pub fn suspend(&self) -> io::Result<bool> {
        if getsid(None)? == getpgrp() {
            return Ok(false);
        }
        give_back();
        if let Err(error) = kill_process(getpid(), Signal::STOP) {
            take()?;
            return Err(error.into());
        }
        Ok(true)
    }

    /// Takes the terminal again after a stop, whoever caused it: the shell may have changed its mode meanwhile. The screen must
    /// then be drawn from nothing, at the size the terminal has now.
    ///
    /// # Errors
    /// Where the terminal cannot be taken.
    pub fn reenter(&self) -> io::Result<()> {
        give_back();
        take()
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let entered = enter_screen(&mut io::stdout().lock());
    if entered.is_err() {
        give_back();
    }
    entered
}

fn enter_screen(out: &mut impl Write) -> io::Result<()> {
    out.write_all(PUSH_TITLE)?;
    queue!(out, EnterAlternateScreen, EnableBracketedPaste, Hide, Clear(ClearType::All), MoveTo(0, 0))?;
    if MOUSE.load(Ordering::SeqCst) {
        out.write_all(MOUSE_ON)?;
    }
    out.flush()
}

/// Gives the terminal back if it is ours. Says whether it was. Failures are not reported: this is the way out, and a terminal
/// that cannot be written to has nothing left to restore.
pub(super) fn give_back() -> bool {
    let ours = ENTERED.swap(false, Ordering::SeqCst);
    if ours {
        drop(leave_screen(&mut io::stdout().lock()));
        drop(disable_raw_mode());
    }
    ours
}

fn leave_screen(out: &mut impl Write) -> io::Result<()> {
    if MOUSE.load(Ordering::SeqCst) {
        out.write_all(MOUSE_OFF)?;
    }
    queue!(out, EndSynchronizedUpdate, ResetColor, DisableBracketedPaste, LeaveAlternateScreen, Show)?;
    out.write_all(POP_TITLE)?;
    out.flush()
}

/// Whether the terminal is ours now.
pub(super) fn is_ours() -> bool {
    ENTERED.load(Ordering::SeqCst)
}
