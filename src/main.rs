//! Arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser as _;
use pushdeck::cli::{self, Cli, Exit};

fn main() -> ExitCode {
    let cli = Cli::parse_from(cli::arguments(std::env::args_os()));
    let _log = cli::log::begin();
    // The console draws on this thread; everything that waits for a network or a disk does so on others. Each thread keeps memory of its
    // own, so there are no more of them than there is work for.
    match tokio::runtime::Builder::new_multi_thread().worker_threads(1).max_blocking_threads(2).enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(cli::run(cli));
            // A thread still waiting for the keyboard must not keep the process.
            runtime.shutdown_background();
            exit.into()
        }
        Err(_) => Exit::Unreachable.into(),
    }
}
