//! Where the program's own troubles are written: a file, since the terminal is taken.

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::settings::Folders;

/// Lines that may wait for the disk; further ones are lost. Room for them is taken at once.
const WAITING: usize = 2_048;

/// Begins to write to `pushdeck.log` in the data folder, as much as `PUSHDECK_LOG` asks for (`warn` where it does not). What is written
/// reaches the disk while the guard lives. `None` where there is no such folder, or it cannot be written to: then nothing is logged.
pub fn begin() -> Option<WorkerGuard> {
    let folder = Folders::find(|name| std::env::var(name).ok()).ok()?.data;
    std::fs::create_dir_all(&folder).ok()?;
    let appender = tracing_appender::rolling::Builder::new().filename_prefix("pushdeck.log").max_log_files(3).build(folder).ok()?;
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(WAITING).finish(appender);
    let filter = EnvFilter::try_from_env("PUSHDECK_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(writer).try_init().ok()?;
    Some(guard)
}
