//! Completions, from the same tables as the command line itself.

use std::io;

use clap::{CommandFactory as _, ValueEnum};
use clap_complete::generate;

use super::Cli;
use super::exit::Exit;

/// A shell that completions are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
    /// Nushell
    Nushell,
}

/// Prints them.
pub fn run(shell: Shell) -> Exit {
    let mut out = Vec::new();
    write(shell, &mut out);
    // A reader that has gone away is no fault.
    let _ = io::Write::write_all(&mut io::stdout().lock(), &out);
    Exit::Done
}

fn write(shell: Shell, out: &mut Vec<u8>) {
    let (mut command, name) = (Cli::command(), "pushdeck");
    match shell {
        Shell::Bash => generate(clap_complete::Shell::Bash, &mut command, name, out),
        Shell::Zsh => generate(clap_complete::Shell::Zsh, &mut command, name, out),
        Shell::Fish => generate(clap_complete::Shell::Fish, &mut command, name, out),
        Shell::Nushell => generate(clap_complete_nushell::Nushell, &mut command, name, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcommand_and_flag_is_completed_in_every_shell() {
        for shell in Shell::value_variants() {
            let mut out = Vec::new();
            write(*shell, &mut out);
            let text = String::from_utf8(out).unwrap();
            let command = Cli::command();
            let names = command.get_subcommands().map(clap::Command::get_name);
            for name in names.chain(command.get_arguments().filter_map(clap::Arg::get_long)) {
                assert!(text.contains(name), "{name} for {shell:?}");
            }
        }
    }
}
