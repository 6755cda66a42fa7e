//! Calling people beside the engine: a program that hangs or a server that is gone keeps nobody waiting.

use std::process::Stdio;
use std::time::Duration;

use hmac::{Hmac, Mac};
use reqwest::header::CONTENT_TYPE;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use sha2::Sha256;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::domain::call::{Call, Notify, Webhook};
use crate::domain::time::EngineTime;
use crate::engine::effect::Input;

/// How long a program or a server may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many answers may wait to be taken in.
const ROOM: usize = 64;

/// Makes calls, each on its own.
#[derive(Debug)]
pub struct Caller {
    patience: Duration,
    /// Variables of the engine's environment that no program is given.
    secrets: Vec<String>,
    calls: JoinSet<()>,
    answers: mpsc::Sender<Input>,
}

impl Caller {
    /// One that has called nobody yet, and where its answers come. The environment variables named in `secrets`, and the webhook's, are
    /// kept from every program it runs.
    pub fn new(secrets: Vec<String>) -> (Self, mpsc::Receiver<Input>) {
        let (answers, answered) = mpsc::channel(ROOM);
        (Self { patience: PATIENCE, secrets, calls: JoinSet::new(), answers }, answered)
    }

    /// Makes a call by every way the spec gives. It reached nobody only where none of them worked.
    pub fn call(&mut self, notify: &Notify, call: Call, now: EngineTime) {
        while self.calls.try_join_next().is_some() {}
        let (notify, answers, patience) = (notify.clone(), self.answers.clone(), self.patience);
        let mut secrets = self.secrets.clone();
        secrets.extend(notify.webhook.iter().map(|webhook| webhook.secret_env.clone()));
        self.calls.spawn(async move {
            let body = body(&call, now);
            let (ran, posted) = tokio::join!(
                async {
                    match &notify.command {
                        Some(words) => Some(run(words, &secrets, &body, patience).await),
                        None => None,
                    }
                },
                async {
                    match &notify.webhook {
                        Some(webhook) => Some(post(webhook, &body, patience).await),
                        None => None,
                    }
                }
            );
            let ways: Vec<Result<(), String>> = [ran, posted].into_iter().flatten().collect();
            let failed: Vec<String> = ways.iter().filter_map(|way| way.as_ref().err().cloned()).collect();
            for why in &failed {
                tracing::warn!(why, "a way of calling people did not work");
            }
            let result = if failed.len() < ways.len() { Ok(()) } else { Err(failed.join("; ")) };
            // Whoever asked may be gone, and then nobody needs to know.
            let _ = answers.send(Input::CallAnswered { about: call.about, escalation: call.escalation, result }).await;
        });
    }
}

/// The call as one JSON object.
fn body(call: &Call, now: EngineTime) -> String {
    json!({
        "level": call.level,
        "kind": call.about.word(),
        "push": call.about.push(),
        "about": call.about,
        "text": call.text,
        "to": call.to.to_string(),
        "escalation": call.escalation,
        "at": now,
    })
    .to_string()
}

/// Runs the program without a shell, and ends it, with whatever it has started, where it takes too long. It gets the engine's environment
/// without what is secret there.
async fn run(words: &[String], secrets: &[String], body: &str, patience: Duration) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or("the command is empty")?;
    let mut command = Command::new(program);
    for name in secrets {
        command.env_remove(name);
    }
    let mut child = command
        .args(arguments)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{program} cannot be run: {error}"))?;
    let input = child.stdin.take();
    let done = timeout(patience, async {
        if let Some(mut input) = input {
            // A program need not read what it is given.
            let _ = input.write_all(body.as_bytes()).await;
        }
        child.wait().await
    })
    .await;
    match done {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("{program} ended with {status}")),
        Ok(Err(error)) => Err(format!("{program} cannot be waited for: {error}")),
        Err(_) => {
            end_group(&child);
            let _ = child.start_kill();
            Err(format!("{program} did not end within {} s", patience.as_secs_f32()))
        }
    }
}

/// Ends a program and everything it has started and not let go of.
fn end_group(child: &Child) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(group) = group {
        // What is gone already needs no ending.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Posts the call, signed.
async fn post(webhook: &Webhook, body: &str, patience: Duration) -> Result<(), String> {
    let secret = std::env::var(&webhook.secret_env)
        .ok()
        .filter(|secret| !secret.is_empty())
        .ok_or_else(|| format!("the environment variable {} is not set, and nothing is posted unsigned", webhook.secret_env))?;
    let signature = signature(secret.as_bytes(), body.as_bytes()).ok_or("the secret cannot be used")?;
    let client = super::ask::client()?;
    let request = client
        .post(&webhook.url)
        .header(CONTENT_TYPE, "application/json")
        .header("X-Pushdeck-Signature", signature)
        .timeout(patience)
        .body(body.to_owned());
    // What the library says of an error may hold the address, and with it a token.
    let response = request.send().await.map_err(|error| {
        if error.is_timeout() {
            format!("the webhook gave no answer within {} s", patience.as_secs_f32())
        } else if error.is_connect() {
            "the webhook cannot be connected to".to_owned()
        } else {
            "the webhook's answer is not HTTP, or broke off".to_owned()
        }
    })?;
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(format!("the webhook answered {}", status.as_u16())) }
}

/// `sha256=` and the HMAC-SHA256 of the body in hexadecimal.
fn signature(secret: &[u8], body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(body);
    let digits = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    Some(format!("sha256={digits}"))
}

#[cfg(test)]
mod tests;
