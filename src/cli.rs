//! The command line: what may be written, and what is done about it.

mod check;
mod completions;
mod console;
mod doctor;
mod events;
mod exit;
mod gather;
mod journal;
mod keys;
pub mod log;
mod man;
mod negated;
mod open;
mod plain;
mod plan;
mod preferences;
mod pushes;
mod settings;
mod status;
mod themes;
mod verdict;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use completions::Shell;

pub use exit::Exit;
pub use negated::arguments;

use crate::domain::id::PersonId;
use crate::domain::time::Period;
use open::Uri;

/// The console for the on-call engineer during a push, with the engine that carries it out.
#[derive(Debug, Parser)]
#[command(name = "pushdeck", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that may stand anywhere.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line, given or not")]
struct Global {
    /// What to look at: demo:SCENARIO?seed=7&speed=60, or recording:FILE
    #[arg(long, global = true, value_name = "URI")]
    backend: Option<String>,
    /// Write down what happens, as it happens, to this new file
    #[arg(long, global = true, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Who you are; your login name where it is not given
    #[arg(long = "as", global = true, value_name = "NAME")]
    actor: Option<String>,
    /// Let a demo's cells be scraped below this address, such as 127.0.0.1:9400; /targets lists them for Prometheus
    #[arg(long, global = true, value_name = "ADDRESS")]
    expose: Option<SocketAddr>,
    /// A theme by its name, or a theme file; `pushdeck themes` shows them
    #[arg(long, global = true, value_name = "NAME")]
    theme: Option<String>,
    /// Draw with ASCII alone
    #[arg(long, global = true)]
    ascii: bool,
    /// No colours; the same as `NO_COLOR=1`
    #[arg(long, global = true)]
    no_color: bool,
    /// Nothing turns or moves by itself
    #[arg(long, global = true)]
    reduced_motion: bool,
    /// Listen to the mouse: wheel, click, double click
    #[arg(long, global = true)]
    mouse: bool,
    /// No screen: announce what changes, a line each, for screen readers and logs
    #[arg(long, global = true)]
    plain: bool,
    /// Show clock times in this zone: an IANA name, UTC, or local
    #[arg(long, global = true, value_name = "ZONE")]
    zone: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The console over a simulated fleet: nothing real will change
    Demo {
        /// steady, or another: a name that is not there is answered with those that are
        scenario: Option<String>,
        /// Where its randomness begins
        #[arg(long)]
        seed: Option<u64>,
        /// How many times faster than the wall its clock runs, 0.1 to 600
        #[arg(long, default_value_t = 1.0)]
        speed: f64,
    },
    /// The console over a recording, from its beginning
    Replay {
        /// What an engine wrote down
        file: PathBuf,
        /// How many times faster than it was lived, 0.1 to 600
        #[arg(long, default_value_t = 1.0)]
        speed: f64,
    },
    /// What an engine wrote down
    #[command(subcommand)]
    Journal(Journal),
    /// The same read-only, turning its pages by itself, for shared screens
    Watch {
        /// Ignore the keyboard; signals still end it
        #[arg(long)]
        kiosk: bool,
        /// How many seconds each page stays
        #[arg(long, default_value_t = 15, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(2..=3_600))]
        cycle: u32,
    },
    /// Where everything stands, once
    Status {
        /// Only what is meant: env:production -status:converged p99>300ms, or any words
        query: Vec<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What a push would do before it starts: its stages, people, conflicts and ways back
    Plan {
        /// What to push, each as SERVICE@VERSION
        #[arg(required = true, value_name = "SERVICE@VERSION")]
        releases: Vec<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What happened
    Events {
        /// Only what is meant: group:storage who:lena kind:stop, or any words
        query: Vec<String>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        /// Go on as more happens
        #[arg(long)]
        follow: bool,
    },
    /// The pushes that are over, what they cost, and the alerts that led to nothing
    Pushes {
        /// How far back: 7d, 12h
        #[arg(long, default_value = "7d", value_name = "TIME", value_parser = pushes::since)]
        since: Period,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What verdicts are worth: how often they are wrong, and what they take to be right
    Verdict {
        /// Live through stages of which the truth is known, and count
        #[arg(long, required = true)]
        calibration: bool,
        /// How often each; a thousand take about half a minute
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
        runs: u32,
        /// Where the randomness begins
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Every fault of a spec, scenario, settings or theme file, with line, reason and remedy
    Check {
        /// The file
        file: PathBuf,
    },
    /// The keys of the console, as they are in force
    Keys,
    /// Every theme there is, with a sample where this is a terminal
    Themes,
    /// Where the settings file is, and what holds
    Settings {
        #[command(subcommand)]
        command: Option<settings::Command>,
    },
    /// What holds and who said so, what this terminal can do, and what is wrong
    Doctor,
    /// Completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// The manual page, or every page of it into a folder
    Man {
        /// Where to write the pages; without it the first goes to standard output
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum Journal {
    /// Whether every line is as it was written, and where the chain stands
    Verify {
        /// The file
        file: PathBuf,
    },
}

/// Does what the command line says.
pub async fn run(cli: Cli) -> Exit {
    let Cli { global, command } = cli;
    match command {
        Some(Command::Check { file }) => check::run(&file),
        Some(Command::Keys) => keys::run(&global),
        Some(Command::Themes) => themes::run(&global),
        Some(Command::Settings { command }) => settings::run(&global, command),
        Some(Command::Doctor) => doctor::run(&global).await,
        Some(Command::Completions { shell }) => completions::run(shell),
        Some(Command::Man { folder }) => man::run(folder.as_deref()),
        Some(Command::Status { query, json }) => status::run(&global, &query, json).await,
        Some(Command::Plan { releases, json }) => plan::run(&global, &releases, json).await,
        Some(Command::Events { query, json, follow }) => events::run(&global, &query, json, follow).await,
        Some(Command::Pushes { since, json }) => pushes::run(&global, since, json).await,
        Some(Command::Verdict { calibration: _, runs, seed, json }) => verdict::calibration(runs, seed, json).await,
        Some(Command::Watch { kiosk, cycle }) => console::watch(&global, kiosk, cycle).await,
        Some(Command::Replay { file, speed }) => console::replay(&global, &file, speed).await,
        Some(Command::Journal(Journal::Verify { file })) => journal::verify(&file),
        Some(Command::Demo { scenario, seed, speed }) => console::operate(&global, Uri::Demo { scenario, seed, speed }).await,
        None => match open::uri(&global) {
            Ok(uri) => console::operate(&global, uri).await,
            Err(exit) => exit,
        },
    }
}

impl Global {
    fn actor(&self) -> PersonId {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let named = self.actor.clone().or_else(|| ["USER", "LOGNAME"].into_iter().find_map(variable));
        PersonId::new(named.as_deref().unwrap_or("operator"))
    }
}
