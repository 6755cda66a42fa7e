//! Terms of a query that begin with `-`: to clap they would be options.

use std::ffi::OsString;

/// The commands that take a query.
const QUERIED: [&str; 2] = ["status", "events"];
/// The options of one letter there are.
const LETTERS: [&str; 2] = ["-h", "-V"];

/// The arguments as they are to be parsed: behind a command that takes a query, a word with one `-` before it is a term that is turned
/// round, and is given its other sign, `!`. Options of two `-` stay what they are, before the terms or behind them.
pub fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut is_queried = false;
    let told = |argument: OsString| {
        let Some(text) = argument.to_str() else { return argument };
        is_queried |= QUERIED.contains(&text);
        let term = text.strip_prefix('-').filter(|term| !term.is_empty() && !term.starts_with('-'));
        match term.filter(|_| is_queried && !LETTERS.contains(&text)) {
            Some(term) => format!("!{term}").into(),
            None => argument,
        }
    };
    given.map(told).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Cli, Command};
    use super::*;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(arguments(line.split(' ').map(OsString::from)))
    }

    #[test]
    fn a_term_may_be_turned_round_wherever_it_stands_and_options_stay_options() {
        for line in [
            "pushdeck status -status:failed env:production --json --zone UTC",
            "pushdeck --zone UTC status --json -status:failed env:production",
            "pushdeck status --zone UTC -- !status:failed env:production",
        ] {
            let cli = parsed(line).unwrap();
            let Some(Command::Status { query, json }) = cli.command else { panic!("{line}") };
            assert_eq!(query, ["!status:failed", "env:production"], "{line}");
            assert_eq!((json, cli.global.zone.as_deref()), (line.contains("--json"), Some("UTC")), "{line}");
        }
        let Some(Command::Events { query, follow, .. }) = parsed("pushdeck events -who:lena --follow").unwrap().command else {
            panic!()
        };
        assert_eq!((query, follow), (vec!["!who:lena".to_owned()], true));
    }

    #[test]
    fn what_is_no_option_is_refused_as_before() {
        assert_eq!(parsed("pushdeck status -h").unwrap_err().kind(), clap::error::ErrorKind::DisplayHelp);
        assert_eq!(parsed("pushdeck status --jsno").unwrap_err().kind(), clap::error::ErrorKind::UnknownArgument);
        assert_eq!(parsed("pushdeck plan -x").unwrap_err().kind(), clap::error::ErrorKind::UnknownArgument);
    }
}
