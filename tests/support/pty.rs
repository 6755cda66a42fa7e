//! A program on a terminal of its own, with an emulator that shows what a person would see.
//!
//! Every wait polls for a state and fails, showing the screen, when the state does not come; none sleeps a fixed time.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken test set-up must fail the test")]
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Long enough for a loaded machine; only a failure ever takes so long.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two keys.
const FINGER: Duration = Duration::from_millis(60);
/// How often a state is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// A folder that is not there: without it, settings would be looked for in the home of whoever runs the tests.
pub const NOWHERE: &str = "/nonexistent";

/// Columns and rows.
pub type Size = (u16, u16);

struct Output {
    bytes: Vec<u8>,
    emulator: vt100::Parser,
    /// The program's side of the terminal is closed.
    ended: bool,
}

/// A program running on a pseudo-terminal. It is killed when dropped.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    output: Arc<Mutex<Output>>,
}

impl Pty {
    /// Runs pushdeck. The environment is only what is given, a `TERM` and a `PATH`, so that the person's own settings do not
    /// change a test.
    pub fn spawn(args: &[&str], size: Size, env: &[(&str, &str)]) -> Self {
        Self::command(env!("CARGO_BIN_EXE_pushdeck"), args, size, env)
    }

    /// The same at the end of a line that carries only so many bytes a second.
    pub fn at_the_end_of_a_slow_line(args: &[&str], size: Size, rate: usize) -> Self {
        Self::over(env!("CARGO_BIN_EXE_pushdeck"), args, size, &[], Some(rate))
    }

    /// Runs any program, with the same environment.
    pub fn command(program: &str, args: &[&str], size: Size, env: &[(&str, &str)]) -> Self {
        Self::over(program, args, size, env, None)
    }

    fn over(program: &str, args: &[&str], size: Size, env: &[(&str, &str)], rate: Option<usize>) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("PUSHDECK_CONFIG_DIR", NOWHERE);
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        // While this end is open, reading would never end.
        drop(pair.slave);
        let emulator = vt100::Parser::new(cells(size.1), cells(size.0), 0);
        let output = Arc::new(Mutex::new(Output { bytes: Vec::new(), emulator, ended: false }));
        follow(pair.master.try_clone_reader().unwrap(), Arc::clone(&output), rate);
        let keyboard = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, keyboard, output }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Types these bytes, as a keyboard would send them: `b"\x1b"` is Esc, `b"\r"` Enter, `b"\x13"` Ctrl-S.
    pub fn send(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Gives the terminal another size; the program is told.
    pub fn resize(&mut self, size: Size) {
        self.output.lock().unwrap().emulator.screen_mut().set_size(cells(size.1), cells(size.0));
        self.master.resize(pty_size(size)).unwrap();
    }

    /// What is on the screen: its lines, without spaces at their ends.
    pub fn screen(&self) -> String {
        self.look(vt100::Screen::contents)
    }

    /// What the emulator knows: colours, modes, cursor.
    pub fn look<T>(&self, see: impl FnOnce(&vt100::Screen) -> T) -> T {
        see(self.output.lock().unwrap().emulator.screen())
    }

    /// Every byte written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.output.lock().unwrap().bytes.clone()
    }

    /// How often this sequence was written so far.
    pub fn count(&self, sequence: &str) -> usize {
        self.bytes().windows(sequence.len()).filter(|window| *window == sequence.as_bytes()).count()
    }

    /// Waits until the text is on the screen.
    pub fn wait_for(&self, text: &str, timeout: Duration) {
        self.wait_until(&format!("{text:?} on the screen"), timeout, |pty| pty.screen().contains(text));
    }

    /// Waits until the text is not on the screen any more.
    pub fn wait_gone(&self, text: &str, timeout: Duration) {
        self.wait_until(&format!("{text:?} gone from the screen"), timeout, |pty| !pty.screen().contains(text));
    }

    /// Waits until something holds; `what` names it in the failure.
    pub fn wait_until(&self, what: &str, timeout: Duration, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + timeout;
        while !holds(self) {
            assert!(Instant::now() < end, "waited {timeout:?} for {what}; the screen:\n{}", self.frame());
            thread::sleep(LOOK);
        }
    }

    /// Types as a finger does: so slowly that no program takes it for a paste.
    pub fn type_slowly(&mut self, keys: &str) {
        for key in keys.chars() {
            self.send(key.encode_utf8(&mut [0; 4]).as_bytes());
            thread::sleep(FINGER);
        }
    }

    /// Strikes a key again and again until something holds. `again` is how long a stroke is given to work, and the silence that a
    /// question wants before the key that answers it.
    pub fn press_until(&mut self, key: &[u8], what: &str, again: Duration, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            self.send(key);
            let struck = Instant::now();
            while struck.elapsed() < again {
                if holds(self) {
                    return;
                }
                thread::sleep(LOOK);
            }
            assert!(Instant::now() < end, "struck {key:?} for {PATIENCE:?} to have {what}; the screen:\n{}", self.frame());
        }
    }

    /// Waits until nothing was written for so long, and returns how many bytes had been written by then.
    pub fn wait_quiet(&self, quiet: Duration, timeout: Duration) -> usize {
        let (end, mut since, mut written) = (Instant::now() + timeout, Instant::now(), self.bytes().len());
        while since.elapsed() < quiet {
            assert!(Instant::now() < end, "still writing after {timeout:?}; the screen:\n{}", self.frame());
            thread::sleep(LOOK);
            let now = self.output.lock().unwrap().bytes.len();
            if now != written {
                (since, written) = (Instant::now(), now);
            }
        }
        written
    }

    /// Waits until the program has ended and everything it wrote is read.
    pub fn wait_exit(&mut self, timeout: Duration) -> ExitStatus {
        let end = Instant::now() + timeout;
        loop {
            if let Some(status) = self.child.try_wait().unwrap()
                && self.output.lock().unwrap().ended
            {
                return status;
            }
            assert!(Instant::now() < end, "still running after {timeout:?}; the screen:\n{}", self.frame());
            thread::sleep(LOOK);
        }
    }

    fn frame(&self) -> String {
        self.screen().lines().fold(String::new(), |mut text, line| {
            writeln!(text, "  | {line}").unwrap();
            text
        })
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The emulator knows no empty screen; the program is told the size as it is.
fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap_or(NonZero::<u16>::MIN)
}

fn pty_size((cols, rows): Size) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// Bytes are taken from a slow line so often a second.
const SIPS: usize = 50;

fn follow(mut reader: Box<dyn Read + Send>, output: Arc<Mutex<Output>>, rate: Option<usize>) {
    thread::spawn(move || {
        let mut chunk = vec![0; rate.map_or(8192, |rate| rate / SIPS)];
        let began = Instant::now();
        let mut carried = 0;
        // On Linux, reading a terminal whose other side is closed is an error, not an end.
        while let Ok(count @ 1..) = reader.read(&mut chunk) {
            let Some(read) = chunk.get(..count) else { panic!("read more than was asked for") };
            let mut output = output.lock().unwrap();
            output.bytes.extend_from_slice(read);
            output.emulator.process(read);
            drop(output);
            carried += count;
            if let Some(rate) = rate {
                // A line that was idle carries no more for it.
                let due = Duration::from_secs_f64(carried as f64 / rate as f64);
                match due.checked_sub(began.elapsed()) {
                    Some(early) => thread::sleep(early),
                    None => carried = (began.elapsed().as_secs_f64() * rate as f64) as usize,
                }
            }
        }
        output.lock().unwrap().ended = true;
    });
}
