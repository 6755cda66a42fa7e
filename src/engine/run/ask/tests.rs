use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::*;
use crate::domain::time::Period;

const GATE: GateId = GateId { push: PushId(Uuid::nil()), stage: None, entry: 0 };

fn check(url: String, expect: Option<(&str, &str)>) -> Check {
    Check {
        id: "board".into(),
        url,
        every: Period::from_secs(1),
        timeout: Period::from_millis(500),
        who: "managers".into(),
        text: None,
        expect: expect.map(|(pointer, value)| Expected { pointer: pointer.to_owned(), value: value.to_owned() }),
    }
}

/// A server that answers every question with these bytes, or hangs where there are none.
async fn server(answer: Option<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/board", listener.local_addr().expect("its address"));
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = [0; 1024];
            let _ = stream.read(&mut question).await;
            if let Some(answer) = &answer {
                let _ = stream.write_all(answer.as_bytes()).await;
            } else {
                kept.push(stream);
            }
        }
    });
    url
}

fn http(status: &str, more: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

async fn answer(url: String, expect: Option<(&str, &str)>) -> Answer {
    let (mut inquirer, mut answers) = Inquirer::new();
    let check = check(url, expect);
    inquirer.ask(GATE.push, GATE, &check, EngineTime::from_millis(7));
    // While one question is under way no other is asked.
    inquirer.ask(GATE.push, GATE, &check, EngineTime::from_millis(8));
    assert_eq!(inquirer.under_way.len(), 1);
    let input = answers.recv().await.expect("an answer");
    inquirer.answered(&input);
    assert!(inquirer.under_way.is_empty());
    match input {
        Input::Checked { look, .. } => {
            assert_eq!((look.gate, look.asked), (GATE, EngineTime::from_millis(7)));
            look.answer
        }
        other => panic!("{other:?}"),
    }
}

/// What a server answers, what is expected in it, and what that is.
type Row<'a> = (Option<String>, Option<(&'static str, &'static str)>, &'a dyn Fn(&Answer) -> bool);

#[tokio::test]
async fn only_a_yes_that_is_understood_is_one() {
    let passed = |answer: &Answer| *answer == Answer::Passed;
    let failed = |answer: &Answer| matches!(answer, Answer::Failed { .. });
    let broken = |answer: &Answer| matches!(answer, Answer::Broken { .. });
    let huge = format!("\"{}\"", "x".repeat(MAX_BYTES));
    let rows: [Row<'_>; 13] = [
        (Some(http("200 OK", "", "")), None, &passed),
        (Some(http("204 No Content", "", "")), None, &passed),
        (Some(http("403 Forbidden", "", "")), None, &failed),
        (Some(http("409 Conflict", "", "")), None, &failed),
        (Some(http("302 Found", "location: http://127.0.0.1:1/login\r\n", "")), None, &broken),
        (Some(http("500 Internal Server Error", "", "")), None, &broken),
        (Some(http("503 Service Unavailable", "", "")), None, &broken),
        (Some("SSH-2.0-OpenSSH_9.6\r\n".to_owned()), None, &broken),
        (None, None, &broken),
        (Some(http("200 OK", "", r#"{"change":{"state":"approved"}}"#)), Some(("/change/state", "approved")), &passed),
        (Some(http("200 OK", "", r#"{"change":{"state":"open"}}"#)), Some(("/change/state", "approved")), &failed),
        (Some(http("200 OK", "", "<html>")), Some(("/change/state", "approved")), &broken),
        (Some(http("200 OK", "", &huge)), Some(("", "x")), &broken),
    ];
    for (given, expect, is) in rows {
        let said = given.as_ref().map_or("nothing".to_owned(), |text| text.chars().take(20).collect());
        let found = answer(server(given).await, expect).await;
        assert!(is(&found), "{said}: {found:?}");
    }
    let nobody = answer("http://127.0.0.1:1/board".to_owned(), None).await;
    assert!(broken(&nobody), "{nobody:?}");
}
