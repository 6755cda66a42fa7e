//! Logs that a program prints: run for each version of a service in each cell, beside everything else, never twice at a time.
//!
//! It gets `PUSHDECK_ENVIRONMENT`, `PUSHDECK_CELL`, `PUSHDECK_SERVICE`, `PUSHDECK_VERSION`, and as `PUSHDECK_SINCE` and `PUSHDECK_UNTIL`
//! the time whose lines it is to print, as RFC 3339 in UTC. It ends well once it has printed them all. Where it prints too much or
//! takes too long, what it has printed by then is taken and the rest of that time skipped; where it fails, it is asked for the same again. It gets the engine's environment
//! without what is secret there.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::logs::LogSource;
use crate::domain::time::EngineTime;
use crate::evidence::logs::{Collector, Roster, Writer};

/// How often each is run, by the wall.
const EVERY: Duration = Duration::from_secs(10);
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many run at once.
const AT_ONCE: usize = 8;
/// The most that it may print: 1 MiB.
const MOST: u64 = 1024 * 1024;

type Asked = (PlacementId, CellId, Version);

/// What was run for, up to when it was to print lines, and what it printed or why that is of no use.
type Done = (Asked, EngineTime, Result<Printed, String>);

/// What a program printed and nobody has gone through yet.
#[derive(Debug)]
pub(super) struct Printed {
    text: String,
    /// Why that is not all.
    gap: Option<String>,
}

/// Programs that are run, and how far each has read.
#[derive(Debug)]
pub(super) struct Commands {
    read: BTreeMap<Asked, State>,
    running: JoinSet<Done>,
    turns: Arc<Semaphore>,
    /// Environment variables that no program gets.
    secrets: Vec<String>,
    pub(super) every: Duration,
    pub(super) patience: Duration,
}

#[derive(Debug)]
struct State {
    /// Up to when lines were read.
    until: EngineTime,
    /// When it was run last; nothing while it runs.
    ended: Option<Instant>,
    /// Why the last run failed or was cut short.
    failed: Option<String>,
}

impl Commands {
    /// None that has run yet. They get the engine's environment without these variables.
    pub(super) fn new(secrets: Vec<String>) -> Self {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        Self { read: BTreeMap::new(), running: JoinSet::new(), turns, secrets, every: EVERY, patience: PATIENCE }
    }

    /// What was printed since the last round; runs what is due.
    pub(super) fn round(&mut self, roster: &Roster, collector: &mut Collector, now: EngineTime) -> Vec<(Asked, Printed)> {
        let mut printed = Vec::new();
        while let Some(done) = self.running.try_join_next() {
            if let Ok(done) = done {
                printed.extend(self.ended(done));
            }
        }
        let wanted: Vec<(Asked, &Vec<String>)> = roster
            .in_cells()
            .filter_map(|(placement, cell, versions, logs)| match &logs.from {
                LogSource::Command(words) => {
                    Some(versions.iter().map(move |version| ((placement.clone(), cell.clone(), version.clone()), words)))
                }
                LogSource::Cell(_) | LogSource::File(_) => None,
            })
            .flatten()
            .collect();
        let known: BTreeSet<&Asked> = wanted.iter().map(|(asked, _)| asked).collect();
        self.read.retain(|asked, state| state.ended.is_none() || known.contains(asked));
        for (asked, words) in wanted {
            let fresh = !self.read.contains_key(&asked);
            let state = self.read.entry(asked.clone()).or_insert(State { until: now, ended: Some(Instant::now()), failed: None });
            if let Some(why) = &state.failed {
                collector.unread(&asked.0, &asked.1, why);
            }
            // What was written before it was first seen is not asked for.
            let is_due = state.ended.is_some_and(|ended| ended.elapsed() >= self.every) && !fresh && now > state.until;
            if is_due {
                state.ended = None;
                let (mut command, turns) = (command(words, &asked, [state.until, now]), Arc::clone(&self.turns));
                if let Some(command) = &mut command {
                    self.secrets.iter().for_each(|name| _ = command.env_remove(name));
                }
                let patience = self.patience;
                self.running.spawn(async move {
                    let _turn = turns.acquire_owned().await;
                    let printed = match command {
                        Some(command) => run(command, patience).await,
                        None => Err("the command is empty".to_owned()),
                    };
                    (asked, now, printed)
                });
            }
        }
        printed
    }

    fn ended(&mut self, (asked, until, printed): Done) -> Option<(Asked, Printed)> {
        let state = self.read.get_mut(&asked)?;
        state.ended = Some(Instant::now());
        match printed {
            Ok(printed) => {
                // Asked for the same time again, it would print as much or more, and never be read.
                (state.until, state.failed) = (until, printed.gap.clone());
                Some((asked, printed))
            }
            // The next run asks for the same time once more.
            Err(why) => {
                state.failed = Some(why);
                None
            }
        }
    }
}

/// Goes through what was printed.
pub(super) fn take(roster: &Roster, ((placement, cell, version), printed): &(Asked, Printed), collector: &mut Collector) {
    let Some(logs) = roster.logs(&placement.service) else { return };
    if printed.gap.is_none() {
        collector.was_read(placement, version);
    }
    let by = Writer { placement, cell, version, instance: None };
    printed.text.lines().for_each(|line| _ = collector.line(by, logs, line));
}

fn command(words: &[String], (placement, cell, version): &Asked, [since, until]: [EngineTime; 2]) -> Option<Command> {
    let (program, arguments) = words.split_first()?;
    let clock = |at: EngineTime| at.format(&TimeZone::UTC, "%Y-%m-%dT%H:%M:%S.%3fZ");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("PUSHDECK_ENVIRONMENT", placement.environment.as_str())
        .env("PUSHDECK_CELL", cell.as_str())
        .env("PUSHDECK_SERVICE", placement.service.as_str())
        .env("PUSHDECK_VERSION", version.as_str())
        .env("PUSHDECK_SINCE", clock(since))
        .env("PUSHDECK_UNTIL", clock(until))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    Some(command)
}

/// Runs a program without a shell, and ends it, with whatever it has started, where it takes too long or prints too much.
async fn run(mut command: Command, patience: Duration) -> Result<Printed, String> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().map_err(|error| format!("{program} cannot be run: {}", error.kind()))?;
    let mut bytes = Vec::new();
    let ended = timeout(patience, print(&mut child, &mut bytes)).await;
    if !matches!(ended, Ok(Ok(Some(_)))) {
        end_group(&child);
        let _ = child.start_kill();
    }
    let gap = match ended {
        Ok(Ok(Some(status))) if status.success() => None,
        Ok(Ok(Some(status))) => return Err(format!("{program} ended with {status}")),
        Ok(Ok(None)) => Some(format!("{program} printed more than {} MiB, the rest was skipped", MOST / 1024 / 1024)),
        Ok(Err(error)) => return Err(format!("{program} broke off: {}", error.kind())),
        Err(_) => {
            Some(format!("{program} did not end within {} s, what it had not printed by then was skipped", patience.as_secs()))
        }
    };
    if gap.is_some() {
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
    }
    Ok(Printed { text: String::from_utf8_lossy(&bytes).into_owned(), gap })
}

/// How a program ended, with what it printed; `None` where that is too much.
async fn print(child: &mut Child, into: &mut Vec<u8>) -> std::io::Result<Option<ExitStatus>> {
    if let Some(output) = child.stdout.take() {
        output.take(MOST + 1).read_to_end(into).await?;
    }
    if into.len() as u64 > MOST { Ok(None) } else { child.wait().await.map(Some) }
}

/// Ends a program and everything it has started and not let go of.
fn end_group(child: &Child) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(group) = group {
        // What is gone already needs no ending.
        let _ = kill_process_group(group, Signal::KILL);
    }
}
