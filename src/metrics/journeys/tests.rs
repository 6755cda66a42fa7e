//! Against servers that are really there, on the loopback address.

use std::collections::BTreeMap;
use std::future::IntoFuture as _;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::*;
use crate::domain::journey::{Header, Kept, Method, Step};
use crate::domain::time::Period;
use crate::evidence::reading::{Batch, JourneyReading};

/// What a server was asked: method, path and headers, as text.
type Seen = Arc<Mutex<Vec<String>>>;

/// A server and what it was asked. It ends with its task.
struct Server {
    url: String,
    seen: Seen,
    task: JoinHandle<std::io::Result<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Seen::default();
        let router = Router::new().route("/", any(answer)).route("/{*path}", any(answer)).with_state(Arc::clone(&seen));
        Self { url, seen, task: tokio::spawn(axum::serve(listener, router).into_future()) }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(State(seen): State<Seen>, path: Option<Path<String>>, request: Request) -> Response {
    let path = path.map(|Path(path)| path).unwrap_or_default();
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1_000_000).await.unwrap();
    let cookie = head.headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default().to_owned();
    let said = format!("{} /{path} {:?} {}", head.method, head.headers, String::from_utf8_lossy(&body));
    seen.lock().unwrap().push(said);
    match path.as_str() {
        "slow" => std::future::pending().await,
        "late" => {
            sleep(Duration::from_millis(60)).await;
            "at last".into_response()
        }
        "broken" => (StatusCode::SERVICE_UNAVAILABLE, "hunter2 was wrong").into_response(),
        "away" => (StatusCode::FOUND, [(header::LOCATION, "/home")]).into_response(),
        "endless" => axum::body::Body::from(vec![b'x'; 2 * 1024 * 1024]).into_response(),
        "login" => ([(header::SET_COOKIE, "session=s3cr3t; Path=/; HttpOnly")], r#"{"user":{"id":7}}"#).into_response(),
        "users/7" if cookie == "session=s3cr3t" => "Your basket".into_response(),
        "users/7" => StatusCode::UNAUTHORIZED.into_response(),
        _ => "welcome".into_response(),
    }
}

fn step(url: &str) -> Step {
    Step {
        name: format!("GET {url}"),
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        status: None,
        text: None,
        keep: BTreeMap::new(),
    }
}

fn header_of(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: value.to_owned() }
}

fn journey(address: &str, steps: Vec<Step>) -> Journey {
    Journey {
        name: "buy".to_owned(),
        group: "shop".into(),
        environment: "production".into(),
        cells: BTreeMap::from([("eu".into(), address.to_owned())]),
        every: Period::from_secs(1),
        timeout: Period::from_secs(5),
        within: None,
        headers: Vec::new(),
        secrets: BTreeMap::new(),
        steps,
    }
}

fn secret(variable: &str) -> Option<String> {
    (variable == "SHOP_TOKEN").then(|| "hunter2".to_owned())
}

async fn came(journey: &Journey) -> Came {
    let (cell, address) = journey.cells.iter().next().unwrap();
    Walk::new(guard::client(false).unwrap(), journey, (cell, address), secret).unwrap().walk().await
}

/// Why a journey failed.
async fn why(journey: &Journey) -> String {
    match came(journey).await {
        Came::Broken(why) | Came::Late(_, why) => why.as_str().to_owned(),
        Came::Through(took) => panic!("it succeeded in {took:?}"),
    }
}

#[tokio::test]
async fn a_journey_goes_through_with_its_cookie_and_what_it_kept() {
    let server = Server::new().await;
    let login = Step {
        method: Method::Post,
        body: Some("pin=${token}".to_owned()),
        keep: BTreeMap::from([("user".to_owned(), Kept::Pointer("/user/id".to_owned()))]),
        ..step("/login")
    };
    let basket = Step { text: Some("Your basket".to_owned()), ..step("/users/${user}") };
    let whole = Journey {
        headers: vec![header_of("Authorization", "Bearer ${token}")],
        secrets: BTreeMap::from([("token".to_owned(), "SHOP_TOKEN".to_owned())]),
        ..journey(&server.url, vec![login, basket])
    };
    assert!(matches!(came(&whole).await, Came::Through(_)));
    let seen = server.seen();
    assert!(seen[0].starts_with("POST /login") && seen[0].ends_with("pin=hunter2"), "{seen:?}");
    assert!(seen.iter().all(|asked| asked.contains("Bearer hunter2")), "{seen:?}");
    // Each journey begins without what the one before it was given.
    assert!(matches!(came(&whole).await, Came::Through(_)));
    assert!(!server.seen()[2].contains("s3cr3t"), "{seen:?}");
}

#[tokio::test]
async fn whatever_goes_wrong_is_said_with_its_step_and_no_word_of_the_answer() {
    let server = Server::new().await;
    let at = |steps: Vec<Step>| journey(&server.url, steps);
    assert_eq!(why(&at(vec![step("/"), step("/broken")])).await, "buy failed at step 2 of 2, GET /broken: answered 503, not 2xx");
    assert_eq!(why(&at(vec![step("/away")])).await, "buy failed at step 1 of 1, GET /away: answered 302, a redirect, not 2xx");
    let text = Step { text: Some("Thank you".to_owned()), ..step("/") };
    assert_eq!(why(&at(vec![text])).await, "buy failed at step 1 of 1, GET /: the answer does not hold \"Thank you\"");
    assert_eq!(why(&at(vec![step("/endless")])).await, "buy failed at step 1 of 1, GET /endless: answered with more than 1 MiB");
    let slow = Journey { timeout: Period::from_millis(200), ..at(vec![step("/slow")]) };
    assert_eq!(why(&slow).await, "buy failed at step 1 of 1, GET /slow: no answer within 0.2 s");
    let nobody = journey("http://127.0.0.1:1", vec![step("/")]);
    assert!(why(&nobody).await.starts_with("buy failed at step 1 of 1, GET /: cannot connect"), "{}", why(&nobody).await);
    // A redirect is a status like any other, and is not followed.
    let away = Step { status: Some(302), ..step("/away") };
    assert!(matches!(came(&at(vec![away])).await, Came::Through(_)));
    assert!(!server.seen().iter().any(|asked| asked.contains("/home")));
}

#[tokio::test]
async fn a_journey_that_takes_too_long_has_failed_and_its_time_counts() {
    let server = Server::new().await;
    let late = Journey { within: Some(Period::from_millis(30)), ..journey(&server.url, vec![step("/late")]) };
    match came(&late).await {
        Came::Late(took, why) => {
            assert!(took >= Duration::from_millis(60), "{took:?}");
            assert!(why.as_str().ends_with("and counts within 0.03 s"), "{}", why.as_str());
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn another_origin_gets_neither_headers_nor_cookies_and_no_secret_is_ever_told() {
    let (server, other) = (Server::new().await, Server::new().await);
    let own = Step { headers: vec![header_of("X-Only-There", "1")], ..step(&format!("{}/pay", other.url)) };
    let whole = Journey {
        headers: vec![header_of("Authorization", "Bearer ${token}"), header_of("X-Shop", "1")],
        secrets: BTreeMap::from([("token".to_owned(), "SHOP_TOKEN".to_owned())]),
        ..journey(&server.url, vec![step("/login"), own, step("/broken")])
    };
    let said = why(&whole).await;
    let asked = other.seen().remove(0);
    assert!(asked.contains("x-only-there"), "{asked}");
    for kept_back in ["hunter2", "authorization", "x-shop", "s3cr3t", "cookie"] {
        assert!(!asked.to_lowercase().contains(kept_back), "{kept_back}: {asked}");
    }
    let walk = Walk::new(guard::client(false).unwrap(), &whole, (&"eu".into(), &server.url), secret).unwrap();
    let prober = Prober::new(std::slice::from_ref(&whole), secret);
    for told in [said, format!("{walk:?}"), format!("{prober:?}"), serde_json::to_string(&whole).unwrap()] {
        assert!(!told.contains("hunter2") && !told.contains("s3cr3t"), "{told}");
    }
}

/// Looks until so many were tried in every place, and gives what was read.
async fn tried(prober: &mut Prober, least: u64) -> Vec<JourneyReading> {
    let (began, mut gathered) = (Instant::now(), Gathered::default());
    let looked = timeout(Duration::from_secs(30), async {
        loop {
            prober.look(EngineTime::from_millis(1_000_000 + began.elapsed().as_millis() as i64));
            gathered.add_all(prober.take());
            let told = gathered.clone().tell(Batch::default()).journeys;
            if told.iter().all(|reading| reading.attempts >= least || reading.untried.is_some()) {
                return told;
            }
            sleep(Duration::from_millis(10)).await;
        }
    });
    looked.await.expect("they are tried")
}

#[tokio::test]
async fn cells_are_tried_each_by_itself_and_one_that_hangs_keeps_nobody() {
    let server = Server::new().await;
    let in_cells = |cells: &[&str], url: &str| Journey {
        cells: cells.iter().map(|cell| ((*cell).into(), server.url.clone())).collect(),
        timeout: Period::from_secs(1),
        ..journey("", vec![step(url)])
    };
    let (others, hangs) = (in_cells(&["ap", "us"], "/"), in_cells(&["eu"], "/slow"));
    let told = tried(&mut Prober::new(&[others, hangs], secret), 2).await;
    let counts: Vec<_> = told.iter().map(|told| (told.cell.as_str(), told.attempts >= 2, told.succeeded >= 2)).collect();
    assert_eq!(counts, [("ap", true, true), ("eu", true, false), ("us", true, true)]);
    assert_eq!(told[0].latency.iter().sum::<u64>(), told[0].attempts);
    assert_eq!(told[1].latency.iter().sum::<u64>(), 0, "what never ended has no time");
    assert!(told[1].failure.as_ref().unwrap().as_str().ends_with("no answer within 1 s"));
}

#[tokio::test]
async fn what_cannot_be_tried_says_why_and_is_never_asked() {
    let server = Server::new().await;
    let secrets = BTreeMap::from([("pin".to_owned(), "SHOP_PIN".to_owned())]);
    let unset = Journey { secrets, ..journey(&server.url, vec![step("/")]) };
    let cells = BTreeMap::from([("us".into(), "http://169.254.169.254".to_owned())]);
    let refused = Journey { cells, ..journey("", vec![step("/")]) };
    let told = tried(&mut Prober::new(&[unset, refused], secret), 1).await;
    let whys: Vec<_> = told.iter().map(|told| (told.attempts, told.untried.as_ref().unwrap().as_str())).collect();
    assert_eq!(
        whys,
        [
            (0, "journey buy: the environment variable SHOP_PIN is not set"),
            (0, "journey buy: its address leads to a cloud's metadata service, which is never asked; give the address of a target"),
        ]
    );
    assert!(server.seen().is_empty());
}
