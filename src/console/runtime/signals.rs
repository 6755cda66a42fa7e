//! The signals a console has to answer.

use std::io;

use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, or SIGINT from elsewhere: end.
    Terminate,
    /// SIGHUP: the terminal is gone; end without writing to it.
    Hangup,
    /// SIGTSTP from elsewhere: [suspend](super::TerminalGuard::suspend). Ctrl-Z arrives as a key, since the terminal is raw.
    Suspend,
    /// SIGCONT: [re-enter](super::TerminalGuard::reenter) and draw from nothing, whether or not it was we who stopped.
    Continue,
    /// SIGWINCH: the terminal has another [size](super::terminal_size). Taken from here because the keyboard's reader can be
    /// stuck in an unfinished paste (crossterm 0.29 reads a blocking terminal until an event is whole).
    Resize,
}

/// The signals of this process, taken over from their default effects.
pub struct Signals {
    terminate: Stream,
    interrupt: Stream,
    hangup: Stream,
    suspend: Stream,
    resume: Stream,
    resize: Stream,
}

impl Signals {
    /// Takes the signals over; needs a tokio runtime. Take them before entering the terminal, or a signal between the two
    /// would end the process with the terminal raw.
    ///
    /// # Errors
    /// Where the system refuses a handler.
    pub fn take() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            suspend: signal(SignalKind::from_raw(Number::TSTP.as_raw()))?,
            resume: signal(SignalKind::from_raw(Number::CONT.as_raw()))?,
            resize: signal(SignalKind::window_change())?,
        })
    }

    /// The next signal. May be dropped while it waits; nothing is lost.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Terminate,
            _ = self.hangup.recv() => Signal::Hangup,
            _ = self.suspend.recv() => Signal::Suspend,
            _ = self.resume.recv() => Signal::Continue,
            _ = self.resize.recv() => Signal::Resize,
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{getpid, kill_process};

    use super::*;

    #[tokio::test]
    async fn signals_are_told_apart() {
        let mut signals = Signals::take().unwrap();
        for (number, expected) in [
            (Number::TERM, Signal::Terminate),
            (Number::HUP, Signal::Hangup),
            (Number::TSTP, Signal::Suspend),
            (Number::CONT, Signal::Continue),
            (Number::WINCH, Signal::Resize),
        ] {
            kill_process(getpid(), number).unwrap();
            assert_eq!(signals.next().await, expected);
        }
    }
}
