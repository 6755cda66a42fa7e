use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::net::TcpListener;

use super::*;
use crate::domain::time::Period;
use crate::evidence::exposition::limits;

/// A cell whose requests rise by 100 and whose clock moves by a second with every scrape.
fn counting() -> Router {
    let scrapes = Arc::new(AtomicU64::new(0));
    let page = move || {
        let n = scrapes.fetch_add(1, Ordering::Relaxed) + 1;
        let requests = n * 100;
        async move {
            format!(
                "pushdeck_time_seconds {n}.5\n\
                 pushdeck_requests_total{{service=\"auth\",version=\"v42\",instance=\"0\",code=\"200\"}} {requests}\n\
                 pushdeck_up{{service=\"auth\",version=\"v42\",instance=\"0\"}} 1\n"
            )
        }
    };
    Router::new().route("/metrics", get(page))
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn target(cell: &str, url: String) -> Target {
    Target { environment: EnvironmentId::new("production"), cell: CellId::new(cell), url }
}

async fn only_reason(router: Router) -> String {
    let address = serve(router).await;
    let mut scraper = Scraper::new(vec![target("eu", format!("http://{address}/metrics?token=secret"))]).unwrap();
    let why = scraper.round(EngineTime::default()).await.missing.remove(0).why;
    assert!(!why.contains("secret") && !why.contains(&address.to_string()), "{why}");
    why
}

#[tokio::test]
async fn two_rounds_make_a_batch_and_a_silent_cell_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let alive = serve(counting()).await;
    let targets = vec![target("us", format!("http://{closed}/metrics")), target("eu", format!("http://{alive}/metrics"))];
    let mut scraper = Scraper::new(targets).unwrap();

    let first = scraper.round(EngineTime::from_millis(1_400)).await;
    assert_eq!((first.at, first.readings.len(), first.missing.len()), (EngineTime::from_millis(1_400), 0, 2));

    let second = scraper.round(EngineTime::from_millis(2_400)).await;
    assert_eq!((second.at, second.over), (EngineTime::from_millis(2_500), Period::from_secs(1)));
    assert_eq!((second.readings.len(), second.readings[0].requests, second.readings[0].up), (1, 100, 1));
    let [silent] = second.missing.as_slice() else { panic!("one cell is silent: {:?}", second.missing) };
    assert_eq!(silent.cell.as_str(), "us");
    assert!(silent.why.starts_with("cannot connect: Connection refused"), "{}", silent.why);
}

#[tokio::test]
async fn answers_that_are_no_exposition_give_a_reason_without_the_address() {
    let page = |status: StatusCode, body: &'static str| Router::new().route("/metrics", get(move || async move { (status, body) }));
    assert_eq!(only_reason(page(StatusCode::SERVICE_UNAVAILABLE, "")).await, "answered 503");
    let no_time = "the scrape has no readable pushdeck_time_seconds, so nobody knows when it is from";
    assert_eq!(only_reason(page(StatusCode::OK, "<html>")).await, no_time);
    let latin = Router::new().route("/metrics", get(|| async { Body::from(vec![0xE4]) }));
    assert_eq!(only_reason(latin).await, no_time);
    let elsewhere = get(|| async { (StatusCode::FOUND, [(header::LOCATION, "http://169.254.169.254/")]) });
    assert_eq!(only_reason(Router::new().route("/metrics", elsewhere)).await, "answered 302");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let endless = Router::new().route("/metrics", get(|| async { Body::from(vec![b'#'; limits::BODY + 1]) }));
    assert_eq!(only_reason(endless).await, "answered with more than 16 MiB");
}

/// Packs a text as a target does that is asked for it.
fn packed(text: &[u8]) -> ([(header::HeaderName, &'static str); 1], Body) {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(text).unwrap();
    ([(header::CONTENT_ENCODING, "gzip")], Body::from(packer.finish().unwrap()))
}

/// What comes of one scrape of this page: the reason why there is nothing, which for one that reads is that it was the first.
async fn reason_of<R: IntoResponse + 'static>(page: fn(HeaderMap) -> R) -> String {
    only_reason(Router::new().route("/metrics", get(move |asked: HeaderMap| async move { page(asked) }))).await
}

const FIRST: &str = "first scrape of the cell: its counters are compared from the next one on";

#[tokio::test]
async fn a_packed_answer_is_unpacked_within_the_same_bounds() {
    let why = reason_of(|asked| {
        assert_eq!(asked[header::ACCEPT_ENCODING], "gzip");
        packed(b"pushdeck_time_seconds 1\n")
    });
    assert_eq!(why.await, FIRST);
    let bomb = reason_of(|_| packed(&vec![b'#'; limits::BODY + 1]));
    assert_eq!(bomb.await, "answered with more than 16 MiB");
    let broken = reason_of(|_| ([(header::CONTENT_ENCODING, "gzip")], "pushdeck_time_seconds 1\n")).await;
    assert!(broken.starts_with("the answer broke off"), "{broken}");
}

#[tokio::test]
async fn open_metrics_without_its_end_was_cut_off() {
    const OPEN_METRICS: [(header::HeaderName, &str); 1] =
        [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    let whole = reason_of(|_| (OPEN_METRICS, "# TYPE pushdeck_time_seconds gauge\npushdeck_time_seconds 1 1.5\n# EOF\n"));
    assert_eq!(whole.await, FIRST);
    let cut = reason_of(|_| (OPEN_METRICS, "# TYPE pushdeck_time_seconds gauge\npushdeck_time_seconds 1 1.5\n"));
    assert_eq!(cut.await, "answered with OpenMetrics text that lacks \"# EOF\" at its end: it was cut off");
    assert_eq!(reason_of(|_| "pushdeck_time_seconds 1\n").await, FIRST);
}

#[tokio::test]
async fn what_is_asked_for_is_prometheus_text_and_open_metrics_for_want_of_it() {
    let why = reason_of(|asked| {
        assert!(asked[header::ACCEPT].to_str().unwrap().starts_with("text/plain;version=0.0.4,application/openmetrics-text"));
        "pushdeck_time_seconds 1\n"
    });
    assert_eq!(why.await, FIRST);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_not_waited_for() {
    let never = Router::new().route("/metrics", get(std::future::pending::<String>));
    assert_eq!(only_reason(never).await, "no answer within 2 s");
}

#[test]
fn an_address_that_cannot_be_scraped_is_refused_without_being_repeated() {
    for (url, said) in [
        ("file:///etc/passwd", "the metrics address of production/eu is of another kind; give an http or https address"),
        ("user:secret", "the metrics address of production/eu is of another kind; give an http or https address"),
        (
            "http://lena:secret@10.0.0.1/metrics",
            "the metrics address of production/eu holds a user or a password; take them out and give them in a file or an environment variable",
        ),
        (
            "http://169.254.169.254/metrics",
            "the metrics address of production/eu leads to a cloud's metadata service, which is never asked; give the address of a target",
        ),
        (
            "/metrics",
            "the metrics address of production/eu cannot be read (relative URL without a base); give an http or https address",
        ),
    ] {
        assert_eq!(Scraper::new(vec![target("eu", url.to_owned())]).unwrap_err().to_string(), said);
    }
}
