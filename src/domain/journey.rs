//! Journeys that are tried end to end over HTTP, as a user would make them: what is asked for, step by step, and what must come back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{CellId, EnvironmentId, GroupId};
use super::time::Period;

/// After how many periods without a try what is known of journeys no longer counts.
pub const FRESH_FOR: u32 = 3;

/// A declared journey. No secret stands in it, only the names of the environment variables that hold them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// Its name.
    pub name: String,
    /// The group whose users make it; its journeys are counted together.
    pub group: GroupId,
    /// Where it is made.
    pub environment: EnvironmentId,
    /// Each cell it is tried in, with the http or https address it begins at, which has no slash at its end.
    pub cells: BTreeMap<CellId, String>,
    /// How often it is tried in each cell, on the engine's clock (> 0).
    pub every: Period,
    /// How long one answer may take, by the wall (> 0).
    pub timeout: Period,
    /// How long all of it may take to count as a success, by the wall; as long as its steps may where `None`.
    pub within: Option<Period>,
    /// Headers of every step that goes to the cell's own address. No other origin gets them.
    pub headers: Vec<Header>,
    /// What is known of secrets: the name each is used by, and the environment variable that holds it.
    pub secrets: BTreeMap<String, String>,
    /// In the order made. Never empty.
    pub steps: Vec<Step>,
}

/// A header as declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value; `${name}` stands for a secret or for what an earlier step kept.
    pub value: String,
}

/// One request, and what must come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name: the method and the path where the spec gives none.
    pub name: String,
    /// Its method.
    pub method: Method,
    /// A path, which follows the cell's address, or an http or https address of its own; `${name}` stands for what an earlier step kept.
    pub url: String,
    /// Its own headers.
    pub headers: Vec<Header>,
    /// What is sent; `${name}` stands for a secret or for what an earlier step kept.
    pub body: Option<String>,
    /// The status that must come back; any from 200 to 299 where `None`.
    pub status: Option<u16>,
    /// What must stand in the answer.
    pub text: Option<String>,
    /// What later steps use of the answer, by the name they use it by.
    pub keep: BTreeMap<String, Kept>,
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are what HTTP calls them")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// As HTTP writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Where in an answer something stands that later steps use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// At a JSON pointer: `/order/id`.
    Pointer(String),
    /// Between the first of one text and the next of another.
    Between {
        /// What stands before it.
        after: String,
        /// What stands behind it.
        before: String,
    },
}

impl Journey {
    /// The longest that trying it once takes, by the wall.
    pub fn longest(&self) -> Period {
        self.timeout * u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }

    /// For how long without a try nothing is missing yet.
    pub fn counts_for(&self) -> Period {
        self.every * FRESH_FOR + self.longest()
    }
}

/// A part of a text in which `${name}` stands for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// As it is.
    Plain(&'t str),
    /// What stands for something else, by its name.
    Named(&'t str),
}

/// The parts of a text. What begins with `${` and never ends is plain.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((before, begun)) = rest.split_once("${") {
        let Some((name, after)) = begun.split_once('}') else { break };
        found.extend([Piece::Plain(before), Piece::Named(name)]);
        rest = after;
    }
    found.push(Piece::Plain(rest));
    found.retain(|piece| *piece != Piece::Plain(""));
    found
}

/// The text with everything named filled in, or the first name that nothing is known of.
///
/// # Errors
/// That name.
pub fn filled(text: &str, known: impl Fn(&str) -> Option<String>) -> Result<String, &str> {
    pieces(text).into_iter().try_fold(String::with_capacity(text.len()), |mut whole, piece| {
        match piece {
            Piece::Plain(text) => whole.push_str(text),
            Piece::Named(name) => whole.push_str(&known(name).ok_or(name)?),
        }
        Ok(whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_filled_in() {
        assert_eq!(pieces("a ${b}${c} {d}"), [Piece::Plain("a "), Piece::Named("b"), Piece::Named("c"), Piece::Plain(" {d}")]);
        assert_eq!(pieces("{\"a\": {}}"), [Piece::Plain("{\"a\": {}}")]);
        assert_eq!(pieces("${open"), [Piece::Plain("${open")]);
        assert_eq!(pieces(""), []);
        let known = |name: &str| (name == "b").then(|| "${c}".to_owned());
        assert_eq!(filled("Bearer ${b}", known).as_deref(), Ok("Bearer ${c}"), "what is filled in is not read again");
        assert_eq!(filled("${b} ${x}", known), Err("x"));
    }
}
