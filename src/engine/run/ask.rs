//! Asking checks by others over HTTP, beside the engine: a server that hangs keeps nobody but itself.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::domain::check::{Answer, Check, Expected, Look};
use crate::domain::id::{CheckId, GateId, PushId};
use crate::domain::time::EngineTime;
use crate::engine::effect::Input;
use crate::safe;

/// The most bytes of an answer that are read: 64 KiB.
const MAX_BYTES: usize = 64 * 1024;

/// How many answers may wait to be taken in.
const ROOM: usize = 64;

/// The longest that what was answered is quoted, in signs.
const QUOTED: usize = 60;

/// Asks, one question of each gate and check at a time.
#[derive(Debug)]
pub struct Inquirer {
    /// Built with the first question. Without a client every question is answered by why there is none.
    client: Option<Result<Client, String>>,
    under_way: BTreeMap<(GateId, CheckId), Instant>,
    questions: JoinSet<()>,
    answers: mpsc::Sender<Input>,
}

impl Inquirer {
    /// One that has asked nothing yet, and where its answers come.
    pub fn new() -> (Self, mpsc::Receiver<Input>) {
        let (answers, answered) = mpsc::channel(ROOM);
        (Self { client: None, under_way: BTreeMap::new(), questions: JoinSet::new(), answers }, answered)
    }

    /// Asks a check on behalf of a gate, unless that is being done already.
    pub fn ask(&mut self, push: PushId, gate: GateId, check: &Check, now: EngineTime) {
        let patience = Duration::from_millis(check.timeout.millis().unsigned_abs());
        let (key, begun) = ((gate, check.id.clone()), Instant::now());
        self.under_way.retain(|_, until| *until > begun);
        while self.questions.try_join_next().is_some() {}
        if self.under_way.contains_key(&key) {
            return;
        }
        // Engine time may run faster than the wall: the next question waits for the wall at least.
        self.under_way.insert(key, begun + patience + Duration::from_millis(100));
        let client = self.client.get_or_insert_with(client).clone();
        let (check, answers) = (check.clone(), self.answers.clone());
        self.questions.spawn(async move {
            let answer = match client {
                Ok(client) => timeout(patience, put(&client, &check))
                    .await
                    .unwrap_or_else(|_| Answer::Broken { why: format!("no answer within {}", check.timeout) }),
                Err(why) => Answer::Broken { why },
            };
            // Whoever asked may be gone, and then nobody needs to know.
            let _ = answers.send(Input::Checked { push, name: check.id, look: Look { gate, asked: now, answer } }).await;
        });
    }

    /// An answer has come: the next question may be asked.
    pub fn answered(&mut self, input: &Input) {
        if let Input::Checked { name, look, .. } = input {
            self.under_way.remove(&(look.gate, name.clone()));
        }
    }
}

/// A client that follows no redirect, lest a log-in page's 200 pass for a yes, and uses no proxy.
pub(super) fn client() -> Result<Client, String> {
    // Whoever comes second finds a provider installed, and any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder =
        || Client::builder().no_proxy().redirect(Policy::none()).user_agent(concat!("pushdeck/", env!("CARGO_PKG_VERSION")));
    // A machine that has no certificates can still ask over plain HTTP.
    builder().build().or_else(|_| builder().tls_certs_only([]).build()).map_err(|_| "no HTTP client can be had here".to_owned())
}

/// Puts the question and reads the answer.
async fn put(client: &Client, check: &Check) -> Answer {
    let broken = |why: &str| Answer::Broken { why: why.to_owned() };
    let Ok(url) = Url::parse(&check.url) else { return broken("its address cannot be read") };
    let response = match client.get(url).send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return broken("cannot connect"),
        Err(_) => return broken("the answer is not HTTP, or broke off"),
    };
    let status = response.status();
    if status.is_redirection() {
        return broken(&format!("answered {}, a redirect; the spec must name the address it leads to", status.as_u16()));
    }
    if status.is_server_error() || status.is_informational() {
        return broken(&format!("answered {}", status.as_u16()));
    }
    if !status.is_success() {
        return Answer::Failed { why: format!("answered {}", status.as_u16()) };
    }
    match &check.expect {
        None => Answer::Passed,
        Some(expected) => match body(response).await {
            Ok(bytes) => compare(&bytes, expected),
            Err(why) => Answer::Broken { why },
        },
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| "the answer broke off".to_owned())? {
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(format!("answered with more than {} KiB", MAX_BYTES / 1024));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Whether the answer holds what is expected. One that is no JSON, or lacks the place, was not understood.
fn compare(bytes: &[u8], expected: &Expected) -> Answer {
    let Ok(answer) = serde_json::from_slice::<Value>(bytes) else {
        return Answer::Broken { why: "the answer is no JSON".to_owned() };
    };
    let Some(found) = answer.pointer(&expected.pointer) else {
        return Answer::Broken { why: format!("the answer has no {}", safe::clean(&expected.pointer)) };
    };
    let said = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    if said == expected.value {
        return Answer::Passed;
    }
    let quoted: String = safe::clean(&said).chars().take(QUOTED).collect();
    Answer::Failed { why: format!("{} is {quoted}, not {}", safe::clean(&expected.pointer), safe::clean(&expected.value)) }
}

#[cfg(test)]
mod tests;
