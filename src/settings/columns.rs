//! Which columns the lists show: `[columns]` of the settings. Whether a fleet has an environment of a name, only the console learns.

use std::collections::BTreeMap;
use std::fmt;

use super::{Origin, Said, nearest};
use crate::document::{At, Table};
use crate::domain::id::EnvironmentId;

/// A list whose columns can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Columned {
    /// The table of the Fleet screen.
    Fleet,
    /// What waits for a person.
    Waiting,
    /// What happened.
    Timeline,
}

impl Columned {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fleet, Self::Waiting, Self::Timeline];

    /// The word in settings: `fleet`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fleet => "fleet",
            Self::Waiting => "waiting",
            Self::Timeline => "timeline",
        }
    }

    /// The columns that every fleet has, in the order of precedence; environments beside them are named by the fleet's spec.
    pub const fn fixed(self) -> &'static [Column] {
        match self {
            Self::Fleet => &[Column::Next, Column::Cells],
            Self::Waiting => &[Column::Since, Column::Until, Column::Who],
            Self::Timeline => &[Column::When, Column::Who],
        }
    }

    /// What is always shown, and so is no column to be chosen.
    const fn always(self) -> &'static [&'static str] {
        match self {
            Self::Fleet => &["name"],
            Self::Waiting => &["name", "what"],
            Self::Timeline => &["what"],
        }
    }
}

/// A column of a list, beside what is always shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// How things stand in an environment.
    Environment(EnvironmentId),
    /// How much of each cell of the last environment is on the new version.
    Cells,
    /// What comes next, and when, or who must act.
    Next,
    /// Who does it, or did it.
    Who,
    /// Since when it waits.
    Since,
    /// Until when it can wait.
    Until,
    /// When it happened.
    When,
}

/// What makes sure that a word is meant as the name of an environment: the same as in a filter.
const ENVIRONMENT: &str = "env:";

impl Column {
    /// The column a word means in a list.
    ///
    /// # Errors
    /// What is wrong with the word, and what would be right.
    fn read(list: Columned, word: &str) -> Result<Self, (String, String)> {
        let fixed = list.fixed();
        if let Some(column) = fixed.iter().find(|column| column.to_string() == word) {
            return Ok(column.clone());
        }
        if list.always().contains(&word) {
            return Err((format!("{word:?} is always shown"), "leave it out".to_owned()));
        }
        let words: Vec<String> = fixed.iter().map(Self::to_string).collect();
        let near = nearest(word, words.iter().map(String::as_str));
        let unknown = format!("{word:?} is no column of {:?}", list.word());
        if list != Columned::Fleet {
            let all = words.join(", ");
            return Err((unknown, near.map_or_else(|| format!("there are {all}"), |meant| format!("did you mean {meant:?}?"))));
        }
        if let Some(name) = word.strip_prefix(ENVIRONMENT) {
            return Ok(Self::Environment(EnvironmentId::new(name)));
        }
        // Environments have names that no settings file knows; what begins like a column and is nearly one was mistyped.
        match near.filter(|meant| meant.chars().next() == word.chars().next()) {
            Some(meant) => Err((unknown, format!("did you mean {meant:?}? An environment of that name is {ENVIRONMENT}{word}"))),
            None if word.trim().is_empty() => Err((unknown, format!("write the name of an environment, or {}", words.join(", ")))),
            None => Ok(Self::Environment(EnvironmentId::new(word))),
        }
    }
}

impl fmt::Display for Column {
    /// The word in settings, such that it is read as the same column.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Environment(name) => {
                let word = name.as_str();
                let is_plain = Self::read(Columned::Fleet, word).is_ok_and(|read| read == *self);
                return write!(f, "{}{word}", if is_plain { "" } else { ENVIRONMENT });
            }
            Self::Cells => "cells",
            Self::Next => "next",
            Self::Who => "who",
            Self::Since => "since",
            Self::Until => "until",
            Self::When => "when",
        };
        f.write_str(word)
    }
}

/// The columns of each list that somebody chose some for, those first that keep their place where there is little room.
pub type Columns = BTreeMap<Columned, Said<Vec<Column>>>;

/// The line of `[columns]` that chooses these: `fleet = ["production", "next"]`.
pub fn line(list: Columned, columns: &[Column]) -> String {
    let words: Vec<_> = columns.iter().map(|column| format!("{:?}", column.to_string())).collect();
    format!("{} = [{}]", list.word(), words.join(", "))
}

/// Reads `[columns]`: for each list the names of its columns. Whatever is wrong is recorded with its line.
pub(super) fn columns(file: &str, table: &Table<'_>) -> Columns {
    let mut all = Columns::new();
    for list in Columned::ALL {
        let Some(At { value: words, line }) = table.list::<String>(list.word()) else { continue };
        let mut chosen: Vec<Column> = Vec::new();
        for word in words {
            match Column::read(list, &word) {
                Ok(column) if chosen.contains(&column) => {
                    table.sheet().fault(word.line, &format!("{:?} stands there twice", word.value), "leave one of them out");
                }
                Ok(column) => chosen.push(column),
                Err((what, instead)) => table.sheet().fault(word.line, &what, &instead),
            }
        }
        all.insert(list, Said { value: chosen, origin: Origin::File { file: file.to_owned(), line } });
    }
    table.close();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::read;

    fn chosen(text: &str) -> Columns {
        read("settings.toml", text).expect("sound").value.columns
    }

    #[test]
    fn a_line_that_is_told_is_read_as_what_it_tells() {
        let environment = |name| Column::Environment(EnvironmentId::new(name));
        let asked = vec![environment("production"), environment("nex"), environment("cells"), Column::Next, environment("env:x")];
        let line = line(Columned::Fleet, &asked);
        assert_eq!(line, r#"fleet = ["production", "env:nex", "env:cells", "next", "env:env:x"]"#);
        let read = chosen(&format!("[columns]\n{line}\nwaiting = []\n"));
        assert_eq!(read.get(&Columned::Fleet).map(|said| (&said.value, said.origin.to_string())), {
            Some((&asked, "settings.toml:2".to_owned()))
        });
        assert_eq!(read.get(&Columned::Waiting).map(|said| said.value.len()), Some(0));
    }

    #[test]
    fn what_is_no_column_is_named_with_its_line_and_the_nearest() {
        let text = "[columns]\nfleet = [\n  \"test\", \"nxt\",\n  \"name\",\n  \"test\",\n]\nwaiting = [\"untill\"]\ntimeline = [\"x\"]\nflet = []\n";
        let faults: Vec<_> = read("s.toml", text).expect_err("faults").iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            [
                "s.toml:3: \"nxt\" is no column of \"fleet\"; did you mean \"next\"? An environment of that name is env:nxt",
                "s.toml:4: \"name\" is always shown; leave it out",
                "s.toml:5: \"test\" stands there twice; leave one of them out",
                "s.toml:7: \"untill\" is no column of \"waiting\"; did you mean \"until\"?",
                "s.toml:8: \"x\" is no column of \"timeline\"; there are when, who",
                "s.toml:9: \"columns\" of the document has an unknown key \"flet\"; did you mean \"fleet\"?",
            ]
        );
    }
}
