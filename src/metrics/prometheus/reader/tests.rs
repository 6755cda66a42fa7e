use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::post;
use tokio::net::TcpListener;

use super::super::server::Options;
use super::*;

/// A server that gives these answers one after another, and the last of them for ever.
async fn reader(answers: &'static [&'static str]) -> PrometheusReader {
    let asked = Arc::new(AtomicUsize::new(0));
    let page = move || {
        let answer = answers.get(asked.fetch_add(1, Ordering::Relaxed)).or(answers.last()).copied().unwrap_or_default();
        async move { format!("{{\"status\":\"success\",{answer}}}") }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/api/v1/query", post(page))).await });
    let server = Server::new(&Options { url, ..Options::default() }).unwrap();
    PrometheusReader::new(server, [(EnvironmentId::new("production"), CellId::new("eu"))])
}

/// Why the only cell gave nothing.
async fn why(reader: &mut PrometheusReader) -> String {
    let batch = reader.round(EngineTime::from_millis(7_000)).await;
    assert_eq!((batch.at, batch.readings.len()), (EngineTime::from_millis(7_000), 0));
    batch.missing[0].why.clone()
}

const FIRST: &str = "first look at Prometheus: counters are compared from the scrape after the next one on";
const KNOWN: &str = r#""data":{"resultType":"matrix","result":[
    {"metric":{"__name__":"pushdeck_time_seconds","environment":"production","cell":"eu"},"values":[[7,"7"],[8,"8"]]}]}"#;
const NOTHING: &str = r#""data":{"resultType":"matrix","result":[]}"#;

#[tokio::test]
async fn a_warning_is_no_data_and_is_quoted() {
    let mut reader = reader(&[KNOWN, r#""warnings":["store down"],"data":{"resultType":"matrix","result":[]}"#]).await;
    assert_eq!(why(&mut reader).await, FIRST);
    assert_eq!(reader.health()[0].health.failures(), 0);
    assert_eq!(why(&mut reader).await, "Prometheus: it answered with a warning, so it may not have told all: store down");
    assert_eq!(reader.health()[0].health.failures(), 1);
}

#[tokio::test]
async fn a_cell_that_no_target_answers_for_is_told_which_labels_it_needs() {
    let mut reader = reader(&[NOTHING]).await;
    assert_eq!(why(&mut reader).await, "Prometheus does not scrape it: no target has environment=\"production\" and cell=\"eu\"");
    assert_eq!(reader.health()[0].health.age(), None);
}

#[tokio::test]
async fn a_cell_that_is_scraped_no_more_is_missed() {
    let mut reader = reader(&[KNOWN]).await;
    assert_eq!(why(&mut reader).await, FIRST);
    let said = why(&mut reader).await;
    assert!(said.starts_with("Prometheus has not scraped it for "), "{said}");
}

const TWICE: &str = r#""data":{"resultType":"matrix","result":[
    {"metric":{"__name__":"pushdeck_time_seconds","environment":"production","cell":"eu","replica":"a"},"values":[[9,"9"],[10,"10"]]},
    {"metric":{"__name__":"pushdeck_time_seconds","environment":"production","cell":"eu","replica":"b"},"values":[[9.5,"9"],[10.5,"10"]]}]}"#;
const FAILED: &str = r#""data":{"resultType":"matrix","result":[
    {"metric":{"__name__":"up","environment":"production","cell":"eu"},"values":[[11,"0"]]}]}"#;

#[tokio::test]
async fn two_targets_at_once_and_a_scrape_that_failed_give_no_numbers() {
    let mut reader = reader(&[KNOWN, TWICE, FAILED]).await;
    assert_eq!(why(&mut reader).await, FIRST);
    assert_eq!(
        why(&mut reader).await,
        "two targets of Prometheus answer for it at once, which differ in the label \"replica\"; let one of them be scraped"
    );
    assert_eq!(why(&mut reader).await, "Prometheus cannot scrape it");
    assert!(reader.silence() >= Duration::from_secs(8));
}
