//! The cells' metrics and logs over loopback HTTP, so that what reads them reads them as it would anywhere.

use std::future::IntoFuture as _;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::time::{EngineTime, Period};

use super::world::Simulation;

/// A simulation that several tasks may use.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Mutex<Simulation>>);

impl Handle {
    /// A handle on a simulation.
    pub fn new(simulation: Simulation) -> Self {
        Self(Arc::new(Mutex::new(simulation)))
    }

    /// Does something with the simulation, alone. A panic in an earlier use does not bar later ones: a simulated fleet that is a step
    /// out is better than none.
    pub fn with<T>(&self, act: impl FnOnce(&mut Simulation) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets time pass until `to`, a second at a time, so that scrapes get their turn in between.
    pub fn advance(&self, to: EngineTime) {
        loop {
            let (before, after) = self.with(|simulation| {
                let before = simulation.now();
                simulation.advance(to.min(before + Period::from_secs(1)));
                (before, simulation.now())
            });
            if after == before {
                return;
            }
        }
    }
}

/// Where a cell's metrics can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Of which environment.
    pub environment: EnvironmentId,
    /// Which cell.
    pub cell: CellId,
    /// `http://127.0.0.1:PORT/metrics`.
    pub url: String,
}

/// The listeners of a simulation's cells. They close when this is dropped.
#[derive(Debug)]
pub struct Listeners {
    /// One per cell, in the order declared.
    pub endpoints: Vec<Endpoint>,
    _tasks: JoinSet<io::Result<()>>,
}

/// Opens a listener on a free loopback port for every cell.
///
/// # Errors
/// If a port cannot be had.
pub async fn serve(handle: &Handle) -> io::Result<Listeners> {
    let cells: Vec<_> = handle.with(|simulation| simulation.cells().map(|(place, cell)| (place.clone(), cell.clone())).collect());
    let (mut endpoints, mut tasks) = (Vec::new(), JoinSet::new());
    for (environment, cell) in cells {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/metrics", listener.local_addr()?);
        let state = (handle.clone(), environment.clone(), cell.clone());
        let router = Router::new().route("/metrics", get(metrics)).route(super::logs::PATH, get(logs)).with_state(state);
        tasks.spawn(axum::serve(listener, router).into_future());
        endpoints.push(Endpoint { environment, cell, url });
    }
    Ok(Listeners { endpoints, _tasks: tasks })
}

/// What answers for a cell.
type Place = (Handle, EnvironmentId, CellId);

async fn metrics(State((handle, environment, cell)): State<Place>) -> Response {
    exposition(&handle, &environment, &cell)
}

/// What a cell answers that is scraped.
pub(super) fn exposition(handle: &Handle, environment: &EnvironmentId, cell: &CellId) -> Response {
    match handle.with(|simulation| simulation.scrape(environment, cell)) {
        Some(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "this cell gives no metrics\n").into_response(),
    }
}

/// The lines of a cell as JSON, one a line, after a line that says the number of the newest.
async fn logs(State((handle, environment, cell)): State<Place>, RawQuery(query): RawQuery) -> Response {
    let after = query.as_deref().and_then(|query| query.strip_prefix("after=")).and_then(|after| after.parse().ok());
    let told = handle.with(|simulation| {
        let lines = simulation.lines(&environment, &cell)?;
        let wanted = lines.after(after.unwrap_or(u64::MAX)).filter_map(|line| serde_json::to_string(line).ok());
        let head = format!("{{\"newest\":{}}}\n", lines.last());
        Some(wanted.fold(head, |text, line| text + &line + "\n"))
    });
    match told {
        Some(text) => ([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "this cell gives no logs\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::super::sample;
    use super::super::world::Profile;
    use super::*;
    use crate::engine::spec::scenario::Fault;

    async fn get(url: &str) -> io::Result<String> {
        let address = url.trim_start_matches("http://").trim_end_matches("/metrics");
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn every_cell_tells_its_metrics_until_the_listeners_are_dropped() {
        let handle = Handle::new(Simulation::new(&sample::storage(), Profile::default(), sample::evening(), 7));
        handle.advance(sample::evening() + Period::from_secs(5));
        let listeners = serve(&handle).await.expect("ports");
        let cells: Vec<_> = listeners.endpoints.iter().map(|endpoint| endpoint.cell.as_str()).collect();
        assert_eq!(cells, ["lab", "ap", "us", "eu"]);
        let url = listeners.endpoints[3].url.clone();
        let answer = get(&url).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer:.80}");
        let body = handle.with(|simulation| simulation.scrape(&"production".into(), &"eu".into())).expect("metrics");
        assert!(answer.ends_with(&body));
        drop(listeners);
        while get(&url).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_cell_whose_metrics_vanished_answers_that_it_has_none() {
        let faults = sample::faulty("auth", "v41", Fault::MetricsVanish { after: Period::from_secs(1) });
        let profile = Profile { faults, ..Profile::default() };
        let handle = Handle::new(Simulation::new(&sample::auth(), profile, sample::evening(), 7));
        handle.advance(sample::evening() + Period::from_secs(5));
        let listeners = serve(&handle).await.expect("ports");
        let answer = get(&listeners.endpoints[1].url).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer:.80}");
    }
}
