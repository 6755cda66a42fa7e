use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::*;
use crate::domain::call::{CallKey, CallLevel, Callee};
use crate::domain::id::PushId;

fn call() -> Call {
    Call {
        about: CallKey::RollbackFailed { push: PushId(Uuid::nil()), since: EngineTime::from_millis(5) },
        level: CallLevel::Call,
        text: "storage: ROLLBACK FAILED".to_owned(),
        to: Callee::Driver("ana".into()),
        escalation: 0,
    }
}

async fn result(notify: Notify, patience: Duration) -> Result<(), String> {
    let (mut caller, mut answers) = Caller::new(Vec::new());
    caller.patience = patience;
    caller.call(&notify, call(), EngineTime::from_millis(7));
    match answers.recv().await.expect("an answer") {
        Input::CallAnswered { about, result, .. } => {
            assert_eq!(about, call().about);
            result
        }
        other => panic!("{other:?}"),
    }
}

fn command(words: &[&str]) -> Notify {
    Notify { command: Some(words.iter().map(ToString::to_string).collect()), webhook: None }
}

fn webhook(url: String, secret_env: &str) -> Notify {
    Notify { command: None, webhook: Some(Webhook { url, secret_env: secret_env.to_owned() }) }
}

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(200);

#[test]
fn the_signature_is_that_of_the_published_test_case() {
    // RFC 4231, test case 2.
    assert_eq!(
        signature(b"Jefe", b"what do ya want for nothing?").as_deref(),
        Some("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    );
}

#[tokio::test]
async fn a_program_gets_the_call_and_its_failure_or_silence_is_said() {
    assert_eq!(result(command(&["grep", "-q", "\"text\":\"storage: ROLLBACK FAILED\""]), LONG).await, Ok(()));
    let ended = result(command(&["false"]), LONG).await;
    assert!(ended.as_ref().is_err_and(|why| why.contains("false ended with")), "{ended:?}");
    let hung = result(command(&["sleep", "60"]), SHORT).await;
    assert_eq!(hung, Err("sleep did not end within 0.2 s".to_owned()));
    let none = result(command(&["/nowhere/at-all"]), LONG).await;
    assert!(none.as_ref().is_err_and(|why| why.contains("cannot be run")), "{none:?}");
}

#[tokio::test]
async fn what_is_posted_is_signed_with_the_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/call", listener.local_addr().expect("its address"));
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a call");
        let mut seen = Vec::new();
        while !seen.ends_with(b"}") {
            let mut some = [0; 1024];
            let read = stream.read(&mut some).await.expect("what was posted");
            seen.extend_from_slice(&some[..read]);
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.expect("the answer");
        String::from_utf8(seen).expect("text")
    });
    // A variable that is set wherever tests run: its value is only used as bytes here.
    let secret = std::env::var("CARGO_PKG_NAME").expect("set by cargo");
    assert_eq!(result(webhook(url, "CARGO_PKG_NAME"), LONG).await, Ok(()));
    let seen = server.await.expect("the server");
    let (head, body) = seen.split_once("\r\n\r\n").expect("a body");
    let expected = signature(secret.as_bytes(), body.as_bytes()).expect("a signature");
    assert!(head.to_lowercase().contains(&format!("x-pushdeck-signature: {expected}")), "{head}");
    assert_eq!(body, super::body(&call(), EngineTime::from_millis(7)));
}

#[tokio::test]
async fn a_webhook_that_hangs_or_is_gone_is_said_and_nothing_goes_out_unsigned() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/call", listener.local_addr().expect("its address"));
    assert_eq!(
        result(webhook(url.clone(), "CARGO_PKG_NAME"), SHORT).await,
        Err("the webhook gave no answer within 0.2 s".to_owned())
    );
    let gone = result(webhook("http://127.0.0.1:1/".to_owned(), "CARGO_PKG_NAME"), LONG).await;
    assert_eq!(gone, Err("the webhook cannot be connected to".to_owned()));
    let unsigned = result(webhook(url, "PUSHDECK_NO_SUCH_SECRET"), LONG).await;
    assert!(unsigned.as_ref().is_err_and(|why| why.contains("PUSHDECK_NO_SUCH_SECRET is not set")), "{unsigned:?}");
}

/// The reading end of a pipe that a program holds open, and its path.
fn held_pipe(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("pushdeck-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    path
}

#[tokio::test]
async fn a_program_that_hangs_is_ended_with_all_it_has_started() {
    let path = held_pipe("hangs");
    let script = "exec 3>\"$0\"; sleep 60 & wait";
    let held = path.clone();
    // Reading ends when nobody holds the other end any more.
    let read = tokio::task::spawn_blocking(move || std::fs::read(held));
    let hung = result(command(&["sh", "-c", script, &path.to_string_lossy()]), Duration::from_secs(1)).await;
    assert_eq!(hung, Err("sh did not end within 1 s".to_owned()));
    let ended = timeout(Duration::from_secs(20), read).await;
    let _ = std::fs::remove_file(&path);
    assert_eq!(ended.expect("nothing of it is left").expect("a reader").expect("a pipe"), b"");
}

#[tokio::test]
async fn a_program_gets_the_engines_environment_without_the_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/call", listener.local_addr().expect("its address"));
    let script = "test -n \"$PATH\" && test -n \"$CARGO_PKG_VERSION\" && test -z \"$CARGO_PKG_NAME\"";
    let both = Notify { webhook: webhook(url.clone(), "CARGO_PKG_NAME").webhook, ..command(&["sh", "-c", script]) };
    // The webhook is silent: only what the program says makes it a success.
    assert_eq!(result(both, Duration::from_secs(2)).await, Ok(()));
    assert!(result(command(&["sh", "-c", script]), LONG).await.is_err(), "without a webhook there is no secret to take away");
}

#[tokio::test]
async fn neither_secret_nor_address_nor_argument_is_in_what_is_said_of_a_failure() {
    let secret = std::env::var("CARGO_PKG_NAME").expect("set by cargo");
    let url = "http://127.0.0.1:1/T0KEN?key=T0KEN".to_owned();
    let both = Notify { webhook: webhook(url, "CARGO_PKG_NAME").webhook, ..command(&["false", "T0KEN"]) };
    let why = result(both, LONG).await.expect_err("neither works");
    assert!(why.contains("false ended with") && why.contains("the webhook cannot be connected to"), "{why}");
    let body = super::body(&call(), EngineTime::from_millis(7));
    for told in [why, body] {
        assert!(!told.contains("T0KEN") && !told.contains(&secret), "{told}");
    }
}
