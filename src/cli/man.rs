//! The manual, from the same tables as the command line itself.

use std::io;
use std::path::Path;

use clap::CommandFactory as _;

use super::Cli;
use super::exit::{Exit, complain, say};

/// Prints the page of the program, or writes that and a page for each of its commands into a folder.
pub fn run(folder: Option<&Path>) -> Exit {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        return match clap_mangen::Man::new(Cli::command()).render(&mut page) {
            Ok(()) => {
                // A reader that has gone away is no fault.
                let _ = io::Write::write_all(&mut io::stdout().lock(), &page);
                Exit::Done
            }
            Err(why) => complain(why, Exit::Misuse),
        };
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    match written {
        Ok(()) => {
            say(format!("the pages are in {}", folder.display()));
            Exit::Done
        }
        Err(why) => complain(format!("{} cannot be written to: {why}", folder.display()), Exit::Misuse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcommand_has_a_page() {
        let folder = std::env::temp_dir().join(format!("pushdeck-man-{}", std::process::id()));
        assert_eq!(run(Some(&folder)), Exit::Done);
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert!(folder.join(format!("pushdeck-{name}.1")).exists(), "{name}");
        }
        let main = std::fs::read_to_string(folder.join("pushdeck.1")).unwrap();
        assert!(main.contains("reduced\\-motion") && main.contains("doctor"), "{main}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
