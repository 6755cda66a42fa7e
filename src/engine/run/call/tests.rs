use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::*;
use crate::domain::call::{CallKey, CallLevel, Callee};
use crate::domain::id::PushId;

fn call() -> Call {
    Call {
        about: CallKey::RollbackFailed { push: PushId(Uuid::nil()) },
        level: CallLevel::Call,
        text: "storage: ROLLBACK FAILED".to_owned(),
        to: Callee::Driver("ana".into()),
        escalation: 0,
    }
}

async fn result(notify: Notify, patience: Duration) -> Result<(), String> {
    let (mut caller, mut answers) = Caller::new();
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
