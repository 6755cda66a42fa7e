//! Recordings: what was lived and what is replayed are the same, change by change, and what is damaged says so and stays of use.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken test set-up must fail the test")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use pushdeck::backend::port::{Observer as _, Update};
use pushdeck::backend::recording::{Read, Recording, Replayed};
use pushdeck::console::keymap::{Access, Keymap};
use pushdeck::console::model::{Event, Model, Setup, Source, When, next_deadline, update};
use pushdeck::domain::change::Change;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::history::History;
use pushdeck::domain::id::{PersonId, Seq};
use pushdeck::domain::time::{ConsoleTime, EngineTime, Period};
use pushdeck::engine::run::record::Recording as Recorder;
use pushdeck::engine::run::setup::Setup as Engine;
use pushdeck::engine::run::stepped::Stepped;
use support::pty::{NOWHERE, PATIENCE, Pty};
use tokio_stream::StreamExt as _;

const SHIPPED: [&str; 2] = ["rolled-back", "held-and-fixed"];

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/recordings/{name}.jsonl"))
}

fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_file(&path));
    path
}

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushdeck"));
    command.args(args).env_clear().env("PUSHDECK_CONFIG_DIR", NOWHERE).output().unwrap()
}

fn model(speed: f64) -> Model {
    let source = Source { uri: "a recording".to_owned(), simulated: false, speed, recorded: true };
    Model::new(Setup {
        access: Access::Watch,
        actor: PersonId::new("lena"),
        source,
        zone: TimeZone::UTC,
        keymap: Keymap::new(Access::Watch).unwrap(),
        size: (80, 24),
        kiosk: false,
        cycle: None,
        motion: pushdeck::settings::Motion::default(),
        columns: pushdeck::settings::Columns::new(),
        at: ConsoleTime::from_millis(0),
    })
}

/// A replay of a file, as a console is given it, and why it ended early if it did.
fn replayed(path: &Path, speed: f64) -> (Model, Option<String>) {
    let mut model = model(speed);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let why = runtime.block_on(async {
        let mut updates = Replayed::new(path, speed).changes();
        while let Some(heard) = updates.next().await {
            match heard {
                Update::Recorded { changes, batches } => drop(update(&mut model, Event::Recorded { changes, batches })),
                Update::Ended { why } => {
                    update(&mut model, Event::Ended { why: why.clone() });
                    return Some(why);
                }
                other => panic!("{other:?}"),
            }
        }
        None
    });
    (model, why)
}

/// Lets a replay run to its end, and gives every fleet it showed to `see`.
fn play(model: &mut Model, mut see: impl FnMut(&Fleet)) {
    let mut at = model.console_now();
    see(model.fleet());
    while let Some(due) = next_deadline(model) {
        at = due.max(at + Period::from_millis(1));
        update(model, Event::Tick { at });
        see(model.fleet());
    }
}

#[test]
fn living_through_a_push_and_replaying_it_are_the_same_after_every_change() {
    let path = scratch("lived.jsonl");
    let scenario = pushdeck::backend::demo::scenario(Some("blue-green-back")).unwrap();
    let engine = Engine::new(&scenario, EngineTime::from_millis(1_795_170_000_000), scenario.seed);
    let mut recorder = Recorder::create(&path, engine.engine, "demo:blue-green-back", EngineTime::default()).unwrap();
    let mut stepped = Stepped::new(engine);
    let (mut lived, mut last) = (vec![Fleet::default()], Fleet::default());
    for _ in 0..400 {
        stepped.advance(Period::from_millis(500));
        let passed = stepped.drain();
        recorder.changes(&passed.changes);
        passed.batches.iter().for_each(|batch| recorder.reading(batch));
        for change in &passed.changes {
            last.apply(change);
            lived.push(last.clone());
        }
        assert!(last == **stepped.fleet(), "what was told is what is so");
    }
    assert!(recorder.broken().is_none() && lived.len() > 100, "{}", lived.len());
    drop(recorder);
    let (mut model, why) = replayed(&path, 1.0);
    assert_eq!(why, None);
    let mut seen = std::collections::BTreeSet::new();
    play(&mut model, |fleet| {
        assert!(lived[fleet.seq().0 as usize] == *fleet, "after change {}", fleet.seq());
        seen.insert(fleet.seq());
    });
    assert!(*model.fleet() == last && seen.len() > 50, "{}", seen.len());
    // And every single one, whatever is shown at once.
    let history = history(&path);
    for (seq, fleet) in (0..).zip(&lived) {
        assert!(history.at(Seq(seq)).as_ref() == Some(fleet), "change {seq}");
    }
}

fn history(path: &Path) -> History {
    let (mut fleet, mut history) = (std::sync::Arc::<Fleet>::default(), History::since(std::sync::Arc::default(), usize::MAX));
    let mut recording = Recording::open(path).unwrap();
    recording
        .drain_whole(|read| {
            if let Read::Change(change) = read {
                std::sync::Arc::make_mut(&mut fleet).apply(&change);
                history.push(*change, &fleet);
            }
        })
        .unwrap();
    history
}

#[test]
fn what_comes_with_the_program_is_whole_and_tells_its_story() {
    for (name, ends) in SHIPPED.into_iter().zip(["is rolled back", "is converged"]) {
        let path = shipped(name);
        assert!(fs::metadata(&path).unwrap().len() < 600_000, "{name} is small");
        let file = path.to_str().unwrap();
        let verified = run(&["journal", "verify", file]);
        let said = String::from_utf8(verified.stdout).unwrap();
        assert!(verified.status.success() && said.contains("the chain stands at change "), "{said}");
        let (mut model, why) = replayed(&path, 600.0);
        assert_eq!(why, None, "{name}");
        play(&mut model, |_| {});
        assert!(matches!(model.when(), When::Replay { ended: true, .. }));
        assert!(model.timeline_rows().any(|row| row.text.ends_with(ends)), "{name}");
        assert!(model.signals().last_tick().is_some(), "{name}");
    }
}

/// Cut anywhere, or with any byte altered, a recording is read up to there and says where and why.
#[test]
fn what_is_damaged_names_its_line_and_what_stands_before_it_is_good() {
    let whole = fs::read(shipped("rolled-back")).unwrap();
    let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let path = scratch("damaged.jsonl");
    let fleet_before = |line: usize| {
        let mut fleet = Fleet::default();
        let mut recording = Recording::open(&shipped("rolled-back")).unwrap();
        let mut lines = 1;
        while lines < line - 1
            && let Some(read) = recording.poll()
        {
            if let Read::Change(change) = read.unwrap() {
                fleet.apply(&change);
            }
            lines += 1;
        }
        fleet
    };
    for place in (1..40).map(|nth| whole.len() * nth / 40) {
        let line = ends.iter().filter(|end| **end < place).count() + 1;
        let mut altered = whole.clone();
        altered[place] = if altered[place] == b'7' { b'8' } else { b'7' };
        let cut = whole[..place].to_vec();
        let mut garbage = whole[..=ends[line - 2]].to_vec();
        garbage.extend_from_slice(b"\x00\xff not a record\n");
        garbage.extend_from_slice(&whole[ends[line - 2] + 1..]);
        for (what, bytes) in [("altered", altered), ("cut", cut), ("garbage", garbage)] {
            fs::write(&path, bytes).unwrap();
            let (mut model, why) = replayed(&path, 600.0);
            let why = why.unwrap_or_default();
            assert!(
                why.contains(&format!("damaged.jsonl line {line}: ")) && why.ends_with("what stands before it is shown"),
                "{what}: {why}"
            );
            play(&mut model, |_| {});
            assert!(*model.fleet() == fleet_before(line), "{what} at line {line}");
        }
    }
}

#[test]
fn the_command_line_says_what_is_damaged_and_answers_with_the_rest() {
    let path = scratch("edited.jsonl");
    let text = fs::read_to_string(shipped("rolled-back")).unwrap();
    let line = text.lines().position(|line| line.contains("\"rolled_back\"")).unwrap() + 1;
    fs::write(&path, text.replace("\"rolled_back\"", "\"users_safe\"")).unwrap();
    let file = path.to_str().unwrap();
    let backend = format!("recording:{file}");
    for command in ["status", "events", "pushes"] {
        let output = run(&[command, "--backend", &backend]);
        let (said, complained) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(complained.contains(&format!("{file} line {line}: the line was altered")), "{command}: {complained}");
        assert!(!said.is_empty(), "{command}");
        assert_eq!(output.status.code(), Some(2), "{command}");
    }
    let verified = run(&["journal", "verify", file]);
    let complained = String::from_utf8(verified.stderr).unwrap();
    assert_eq!(verified.status.code(), Some(1));
    assert!(complained.contains(&format!("line {line}: the line was altered")), "{complained}");
    assert_eq!(run(&["replay", "no-such-file.jsonl"]).status.code(), Some(6));
    assert_eq!(run(&["replay", file, "--speed", "9000"]).status.code(), Some(2));
}

#[test]
fn a_replay_on_a_terminal_runs_stands_still_and_ends_in_silence() {
    let file = shipped("rolled-back");
    let args = ["replay", file.to_str().unwrap(), "--speed", "600", "--zone", "UTC"];
    let mut pty = Pty::spawn(&args, (100, 30), &[]);
    pty.wait_for(" REPLAY ×600 ", PATIENCE);
    pty.wait_for("at its end", PATIENCE);
    let written = pty.wait_quiet(Duration::from_secs(2), PATIENCE);
    let wakes = |pty: &Pty| switches(pty.id());
    let (before, since) = (wakes(&pty), Instant::now());
    pty.wait_until("three seconds to pass", PATIENCE, |_| since.elapsed() > Duration::from_secs(3));
    assert_eq!(pty.bytes().len(), written, "0 bytes while it stands still");
    if let Some((before, after)) = before.zip(wakes(&pty)) {
        assert!(after - before <= 6, "{} wake-ups in 3 s", after - before);
    }
    if let Some(kib) = resident(pty.id()) {
        assert!(kib < 120 * 1024, "{kib} KiB");
    }
    pty.send(b"{");
    pty.wait_for("paused", PATIENCE);
    pty.send(b" ");
    pty.wait_for("at its end", PATIENCE);
    pty.send(b"5");
    pty.wait_for("is rolled back", PATIENCE);
    pty.send(b"q");
    assert_eq!(pty.wait_exit(PATIENCE).exit_code(), 0);
}

/// How often the threads of a process have been woken, where the system says.
fn switches(process: u32) -> Option<u64> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let of = |path: PathBuf| -> Option<u64> {
        let text = fs::read_to_string(path.join("status")).ok()?;
        text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok()
    };
    Some(tasks.flatten().filter_map(|task| of(task.path())).sum())
}

/// How much memory a process holds, in KiB, where the system says.
fn resident(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn a_change_is_one_line_of_a_recording() {
    let mut changes: Vec<Change> = Vec::new();
    Recording::open(&shipped("held-and-fixed"))
        .unwrap()
        .drain_whole(|read| {
            if let Read::Change(change) = read {
                changes.push(*change);
            }
        })
        .unwrap();
    assert!(changes.windows(2).all(|pair| pair[1].seq.0 == pair[0].seq.0 + 1 && pair[0].at <= pair[1].at));
}
