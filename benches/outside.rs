//! What a person at a terminal meets, measured from outside, on a pseudo-terminal of 200×60: how soon the first frame is there, how long a
//! key takes to be seen while changes pour in, what a console costs that has nothing to do, and its memory.
//!
//! The bench runs itself as the programs that are no part of pushdeck: a bare dashboard, and a console over a backend that tells fifty
//! thousand changes a second.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a bench that cannot be set up must stop")]
#![expect(clippy::print_stdout, reason = "its figures are for whoever runs it")]

mod bare;
#[path = "../tests/support/story.rs"]
mod story;

use std::fs;
use std::io::{self, Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bare::Dashboard;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use pushdeck::backend::port::{BoxStream, Description, Observer, Update};
use pushdeck::console::runtime::{Again, Hands, Looks, Nobody, Wall, run};
use pushdeck::console::theme::{ColourDepth, Theme};
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::id::{CellId, PersonId, Seq};
use pushdeck::domain::time::Period;
use ratatui::backend::CrosstermBackend;
use ratatui::{Terminal, TerminalOptions, Viewport};
use tokio_stream::wrappers::ReceiverStream;

const SIZE: (u16, u16) = (200, 60);
const PUSHDECK: &str = env!("CARGO_BIN_EXE_pushdeck");
const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/recordings/rolled-back.jsonl");
/// What this program is when it runs itself.
const ROLE: &str = "PUSHDECK_BENCH_ROLE";
/// Changes a second that the flood tells, in so many parts.
const FLOOD: u64 = 50_000;
const PARTS: u64 = 1_000;
const STARTS: usize = 15;
const KEYS: usize = 300;

fn main() {
    match std::env::var(ROLE).as_deref() {
        Ok("bare") => return dashboard(),
        Ok("flood") => return flooded(),
        _ => {}
    }
    // `cargo test --benches` only wants to know whether it can run.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let this = std::env::current_exe().expect("this program");
    let this = this.to_str().expect("a path in UTF-8");
    let bare = median((0..STARTS).map(|_| first_frame(&Program::new(this, &[], Some("bare")))).collect());
    println!("{:<44} {:>9} {:>14}", "first frame, from its start", "median", "over bare");
    println!("{:<44} {:>6.1} ms", "a bare dashboard", ms(bare));
    for (name, args) in [("pushdeck replay FILE", vec!["replay", RECORDING]), ("pushdeck demo", vec!["demo"])] {
        let took = median((0..STARTS).map(|_| first_frame(&Program::new(PUSHDECK, &args, None))).collect());
        println!("{name:<44} {:>6.1} ms {:>+11.1} ms", ms(took), ms(took) - ms(bare));
    }
    let mut took = keys(&Program::new(this, &[], Some("flood")));
    took.sort_unstable();
    let at = |share: usize| ms(took.get((took.len() * share / 100).min(took.len() - 1)).copied().unwrap_or_default());
    println!("\nkey to paint under {FLOOD} changes/s: median {:.1} ms, p99 {:.1} ms, of {} keys", at(50), at(99), took.len());
    idle();
    bytes();
    for (name, args, after) in [
        ("pushdeck replay FILE, all of it", vec!["replay", RECORDING, "--speed", "600"], 10),
        ("pushdeck demo, 30 s", vec!["demo"], 30),
    ] {
        println!("memory of {name:<34} {:>6.1} MB resident", resident(&Program::new(PUSHDECK, &args, None), after));
    }
}

/// A bare program: takes the terminal, draws the dashboard, and again after every key.
fn dashboard() {
    let (columns, rows) = crossterm::terminal::size().expect("a terminal");
    crossterm::terminal::enable_raw_mode().expect("a terminal");
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout());
    crossterm::queue!(out, crossterm::terminal::EnterAlternateScreen).expect("a terminal");
    let viewport = Viewport::Fixed(ratatui::layout::Rect::new(0, 0, columns, rows));
    let mut terminal = Terminal::with_options(CrosstermBackend::new(out), TerminalOptions { viewport }).expect("a terminal");
    let mut dashboard = Dashboard::new(5_000);
    loop {
        terminal.draw(|frame| dashboard.draw(frame)).expect("a terminal");
        if !matches!(io::stdin().read(&mut [0]), Ok(1)) {
            return;
        }
        dashboard.change();
    }
}

/// A console over a fleet of which it is told more than it could ever show.
fn flooded() {
    struct Flood(Arc<story::Story>);
    impl Observer for Flood {
        fn describe(&self) -> Description {
            Description { uri: "engine:flood".to_owned(), simulated: false, speed: 1.0, recorded: false }
        }
        fn changes(&self) -> BoxStream<'static, Update> {
            let (say, hear) = tokio::sync::mpsc::channel(64);
            let story = Arc::clone(&self.0);
            tokio::spawn(async move {
                let _ = say.send(Update::Snapshot(Arc::new(story.fleet.clone()))).await;
                let (mut seq, mut at) = (story.fleet.seq().0, story.now);
                let mut part = tokio::time::interval(Duration::from_micros(1_000_000 / PARTS));
                loop {
                    part.tick().await;
                    at = at + Period::from_millis(1);
                    let changes = (0..FLOOD / PARTS).map(|nth| {
                        seq += 1;
                        let placement = story::place(if nth % 2 == 0 { "gateway" } else { "blob" }, "production");
                        let rps = 13_000.0 + (seq % 900) as f64;
                        Change { seq: Seq(seq), at, fact: Fact::Traffic { placement, cell: CellId::new("eu"), rps } }
                    });
                    let changes = Update::Changes(changes.collect());
                    let heartbeat = Update::Heartbeat { at, seq: Seq(seq) };
                    if say.send(changes).await.is_err() || say.send(heartbeat).await.is_err() {
                        return;
                    }
                }
            });
            Box::pin(ReceiverStream::new(hear))
        }
    }
    let looks = || Looks {
        theme: Theme::for_depth(ColourDepth::True).expect("an embedded theme"),
        ascii: false,
        zone: jiff::tz::TimeZone::UTC,
        keys: Vec::new(),
        motion: pushdeck::settings::Motion::Full,
        mouse: false,
        columns: pushdeck::settings::Columns::default(),
        files: Vec::new(),
    };
    let again: Again = Box::new(move || Ok(looks()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let flood = Flood(Arc::new(story::at_ten_percent()));
    let hands = Hands::<Nobody>::Watch(Wall::default());
    runtime.block_on(run(&flood, hands, PersonId::new("lena"), (looks(), again))).expect("a session");
    runtime.shutdown_background();
}

struct Program<'a> {
    path: &'a str,
    args: &'a [&'a str],
    role: Option<&'a str>,
}

impl<'a> Program<'a> {
    const fn new(path: &'a str, args: &'a [&'a str], role: Option<&'a str>) -> Self {
        Self { path, args, role }
    }
}

/// What came out of a program, and when.
type Heard = (Instant, Vec<u8>);

struct Running {
    began: Instant,
    child: Box<dyn Child + Send + Sync>,
    heard: Receiver<Heard>,
    keyboard: Box<dyn Write + Send>,
    _master: Box<dyn MasterPty + Send>,
}

impl Running {
    fn start(program: &Program<'_>) -> Self {
        let size = PtySize { cols: SIZE.0, rows: SIZE.1, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program.path);
        command.args(program.args);
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("PUSHDECK_CONFIG_DIR", "/nonexistent")] {
            command.env(name, value);
        }
        if let Some(role) = program.role {
            command.env(ROLE, role);
        }
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let (say, heard) = channel();
        let began = Instant::now();
        let child = pair.slave.spawn_command(command).expect("a program");
        drop(pair.slave);
        thread::spawn(move || {
            let mut bytes = vec![0; 1 << 16];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if say.send((Instant::now(), bytes.iter().take(count).copied().collect())).is_err() {
                    break;
                }
            }
        });
        let keyboard = pair.master.take_writer().expect("its keyboard");
        Self { began, child, heard, keyboard, _master: pair.master }
    }

    /// Everything until nothing came for so long.
    fn until_quiet(&self, quiet: Duration) -> Vec<Heard> {
        let mut all = Vec::new();
        loop {
            match self.heard.recv_timeout(if all.is_empty() { Duration::from_secs(20) } else { quiet }) {
                Ok(heard) => all.push(heard),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return all,
            }
        }
    }

    /// Everything within so long.
    fn within(&self, time: Duration) -> Vec<Heard> {
        let end = Instant::now() + time;
        let mut all = Vec::new();
        while let Ok(heard) = self.heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
            all.push(heard);
        }
        all
    }

    fn status(&self, of: &str) -> String {
        let process = self.child.process_id().expect("it runs");
        fs::read_to_string(format!("/proc/{process}/{of}")).expect("a process of this system")
    }

    /// How often its threads went to sleep of themselves so far.
    fn sleeps(&self) -> u64 {
        let process = self.child.process_id().expect("it runs");
        let tasks = fs::read_dir(format!("/proc/{process}/task")).expect("a process of this system");
        let status = |task: io::Result<fs::DirEntry>| fs::read_to_string(task.ok()?.path().join("status")).ok();
        tasks.filter_map(status).map(|status| field(&status, "voluntary_ctxt_switches:")).sum()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|value| value.parse().ok()).unwrap_or_default()
}

/// From the start of the program to the last byte of the first burst of any size: one frame.
fn first_frame(program: &Program<'_>) -> Duration {
    let running = Running::start(program);
    let heard = running.until_quiet(Duration::from_millis(15));
    let mut total = 0;
    let mut last = None;
    for (at, bytes) in &heard {
        // What comes later than this after a frame belongs to the next one.
        if total > 2_000 && last.is_some_and(|last| at.duration_since(last) > Duration::from_millis(8)) {
            break;
        }
        total += bytes.len();
        last = Some(*at);
    }
    last.expect("it draws").duration_since(running.began)
}

/// From each key to the moment the screen shows what it asked for.
fn keys(program: &Program<'_>) -> Vec<Duration> {
    let mut running = Running::start(program);
    let mut heard = running.within(Duration::from_secs(3));
    let struck: Mutex<Vec<(Instant, u8)>> = Mutex::default();
    for nth in 0..KEYS {
        let key = b'1' + (nth % 5) as u8;
        running.keyboard.write_all(&[key]).and_then(|()| running.keyboard.flush()).expect("its keyboard");
        struck.lock().unwrap().push((Instant::now(), key));
        // Not in step with its frames.
        heard.extend(running.within(Duration::from_micros(60_000 + (nth as u64 * 7_919) % 40_000)));
    }
    let side = |cells: u16| NonZero::new(cells).expect("a terminal has cells");
    let mut emulator = vt100::Parser::new(side(SIZE.1), side(SIZE.0), 0);
    let mut took = Vec::new();
    let mut waiting = struck.into_inner().unwrap().into_iter().peekable();
    for (at, bytes) in heard {
        emulator.process(&bytes);
        while let Some((since, key)) = waiting.peek().copied().filter(|(since, _)| *since <= at) {
            let tabs = emulator.screen().rows(0, SIZE.0).nth(1).unwrap_or_default();
            if !tabs.contains(&format!("▌{}", char::from(key))) {
                break;
            }
            took.push(at.duration_since(since));
            waiting.next();
        }
    }
    assert!(waiting.next().is_none(), "every key was seen to work");
    took
}

/// A recording that has come to its end: nothing changes any more.
fn idle() {
    let running = Running::start(&Program::new(PUSHDECK, &["replay", RECORDING, "--speed", "100000"], None));
    running.until_quiet(Duration::from_secs(5));
    let before = running.sleeps();
    let heard = running.within(Duration::from_secs(20));
    let bytes: usize = heard.iter().map(|(_, bytes)| bytes.len()).sum();
    let wakes = (running.sleeps() - before) as f64 / 20.0;
    println!("a finished recording, for 20 s: {bytes} bytes written, {wakes:.1} wake-ups a second\n");
}

/// What frames take on the wire while a demo lives, on each screen.
fn bytes() {
    let mut running = Running::start(&Program::new(PUSHDECK, &["demo"], None));
    running.within(Duration::from_secs(8));
    for (key, screen) in [(b'1', "Fleet"), (b'2', "Push"), (b'3', "Waiting"), (b'4', "Signals"), (b'5', "Timeline")] {
        running.keyboard.write_all(&[key]).and_then(|()| running.keyboard.flush()).expect("its keyboard");
        running.within(Duration::from_secs(1));
        let heard: Vec<u8> = running.within(Duration::from_secs(10)).into_iter().flat_map(|(_, bytes)| bytes).collect();
        let text = String::from_utf8_lossy(&heard);
        let mut frames: Vec<usize> = text.split("\u{1b}[?2026h").skip(1).map(str::len).collect();
        frames.sort_unstable();
        let at = |share: usize| frames.get(frames.len() * share / 100).copied().unwrap_or_default();
        let each = heard.len() / 10;
        println!("{screen:<10} {each:>7} bytes a second, a frame {:>6} at the median, {:>6} at p90", at(50), at(90));
    }
    println!();
}

fn resident(program: &Program<'_>, seconds: u64) -> f64 {
    let running = Running::start(program);
    running.within(Duration::from_secs(seconds));
    field(&running.status("status"), "VmRSS:") as f64 * 1024.0 / 1e6
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() / 2).copied().expect("something was measured")
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
