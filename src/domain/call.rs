//! Calling people: what is called for, to whom it goes, and what became of it.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::id::{EnvironmentId, GateId, PersonId, PlacementId, PushId, Role};
use super::time::{EngineTime, Period};

/// How much a call asks of whoever gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallLevel {
    /// Good to know; nothing waits for them.
    Tell,
    /// A decision is due.
    Call,
}

/// What a call is about. Nobody is called twice for one of these, unless it escalates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(missing_docs, reason = "fields are named by their types; a time is that at which it began")]
pub enum CallKey {
    /// A stop is not seen to work.
    NotStopped { push: PushId, asked: EngineTime },
    /// It is not all back, and does not get there by itself. One that was tried again and fails again is another.
    RollbackFailed { push: PushId, since: EngineTime },
    /// A gate asks for approvals, and they can be given. It asks anew where what was given no longer stands.
    Approval { gate: GateId, round: u32 },
    /// Everything is met at a gate that is left by hand.
    Go { gate: GateId, round: u32 },
    /// The numbers of a stage are still undecided after as long as they were given.
    Undecided { gate: GateId },
    /// A rule stopped it.
    Held { push: PushId, since: EngineTime },
    /// Something was changed by hand, and nothing is done about it until somebody says so.
    Drift { placement: PlacementId, since: EngineTime },
    /// Its environment closes before it is through.
    Window { push: PushId, environment: EnvironmentId, closes: EngineTime },
    /// It went back by itself.
    WentBack { push: PushId },
    /// It is through.
    Finished { push: PushId },
}

impl CallKey {
    /// A window closes every day, and one that closes too early is foreseen long before: that is told, and calls nobody.
    pub const fn level(&self) -> CallLevel {
        match self {
            Self::Window { .. } | Self::WentBack { .. } | Self::Finished { .. } => CallLevel::Tell,
            _ => CallLevel::Call,
        }
    }

    /// The kind in a word, as JSON has it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotStopped { .. } => "not_stopped",
            Self::RollbackFailed { .. } => "rollback_failed",
            Self::Approval { .. } => "approval",
            Self::Go { .. } => "go",
            Self::Undecided { .. } => "undecided",
            Self::Held { .. } => "held",
            Self::Drift { .. } => "drift",
            Self::Window { .. } => "window",
            Self::WentBack { .. } => "went_back",
            Self::Finished { .. } => "finished",
        }
    }

    /// The push it is about, if it is about one.
    pub const fn push(&self) -> Option<PushId> {
        match self {
            Self::Approval { gate, .. } | Self::Go { gate, .. } | Self::Undecided { gate } => Some(gate.push),
            Self::NotStopped { push, .. }
            | Self::RollbackFailed { push, .. }
            | Self::Held { push, .. }
            | Self::Window { push, .. }
            | Self::WentBack { push }
            | Self::Finished { push } => Some(*push),
            Self::Drift { .. } => None,
        }
    }
}

/// Whom a call is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Callee {
    /// Whoever drives the push.
    Driver(PersonId),
    /// Nobody drives: everybody with the role that owns it.
    Owners(Role),
    /// Nobody drives, and nobody owns it.
    Anybody,
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Driver(person) => write!(f, "{person}"),
            Self::Owners(role) => write!(f, "{role}"),
            Self::Anybody => f.write_str("anybody on call"),
        }
    }
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What it is about.
    pub about: CallKey,
    /// How much it asks.
    pub level: CallLevel,
    /// What is said, in one sentence without its end.
    pub text: String,
    /// For whom.
    pub to: Callee,
    /// 0 for the first call about something; 1 once it has escalated.
    pub escalation: u32,
}

/// A call that was made, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// As it was last made.
    pub call: Call,
    /// When it was first made.
    pub at: EngineTime,
    /// When it was last made.
    pub last: EngineTime,
    /// Why the last attempt reached nobody, where that is known.
    pub failed: Option<String>,
    /// Who was first to do something about it afterwards, and when.
    pub acted: Option<(PersonId, EngineTime)>,
}

impl Called {
    /// Whether it reached nobody and is to be made once more: after a minute, then each time after as long again as it has been tried.
    pub fn is_to_be_made_again(&self, now: EngineTime) -> bool {
        let pause = CALL_AGAIN.max(self.last.since(self.at));
        self.failed.is_some() && self.acted.is_none() && now.since(self.last) >= pause
    }
}

/// After how long a call that reached nobody is made once more for the first time.
pub const CALL_AGAIN: Period = Period::from_mins(1);

/// A stop that is not observed escalates once, this long after it was asked for: then its owners are called, whoever drives.
pub const NOT_STOPPED_ESCALATES: Period = Period::from_secs(60);

/// A way back that failed escalates once where nobody has done anything about it so long after the call.
pub const UNANSWERED_ESCALATES: Period = Period::from_mins(5);

/// Where one approval was given and more are needed, the call escalates once when the one given is this near its end (by the wall).
pub const APPROVAL_ESCALATES: Period = Period::from_mins(3);

/// How people are called, as the spec says. At least one of the two is given. Addresses and arguments may hold tokens: neither is ever
/// written down or printed, and what is read from a recording calls nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notify {
    /// A program and its arguments; gets the call as one JSON object on its standard input. Never empty.
    #[serde(serialize_with = "program_alone")]
    pub command: Option<Vec<String>>,
    /// Where the same JSON is posted.
    pub webhook: Option<Webhook>,
}

/// A signed webhook.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// An http or https address.
    #[serde(serialize_with = "host_alone")]
    pub url: String,
    /// The environment variable of the engine that holds the secret it is signed with.
    pub secret_env: String,
}

/// What stands for something that is not written down.
const LEFT_OUT: &str = "…";

fn shown_program(command: &[String]) -> Vec<&str> {
    let more = command.get(1).map(|_| LEFT_OUT);
    command.first().map(String::as_str).into_iter().chain(more).collect()
}

#[expect(clippy::ref_option, reason = "serde hands a field by reference")]
fn program_alone<S: Serializer>(command: &Option<Vec<String>>, to: S) -> Result<S::Ok, S::Error> {
    command.as_deref().map(shown_program).serialize(to)
}

/// `https://hooks.example.com/…`: neither who it is asked as, nor the path.
fn shown_host(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}/{LEFT_OUT}")
}

fn host_alone<S: Serializer>(url: &str, to: S) -> Result<S::Ok, S::Error> {
    shown_host(url).serialize(to)
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = self.command.as_deref().map(shown_program);
        f.debug_struct("Notify").field("command", &command).field("webhook", &self.webhook).finish()
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("url", &shown_host(&self.url)).field("secret_env", &self.secret_env).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_an_address_nor_an_argument_is_written_down_or_printed() {
        let url = "https://lena:hunter2@hooks.example.com/services/T0KEN?key=T0KEN".to_owned();
        let notify = Notify {
            command: Some(["page", "--token", "T0KEN"].map(str::to_owned).to_vec()),
            webhook: Some(Webhook { url, secret_env: "PUSHDECK_SECRET".to_owned() }),
        };
        let written = serde_json::to_string(&notify).unwrap();
        assert_eq!(
            written,
            r#"{"command":["page","…"],"webhook":{"url":"https://hooks.example.com/…","secret_env":"PUSHDECK_SECRET"}}"#
        );
        for told in [written, format!("{notify:?}")] {
            assert!(!told.contains("T0KEN") && !told.contains("hunter2"), "{told}");
        }
    }
}
