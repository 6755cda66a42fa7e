//! All cells below one address that stays the same, so that a Prometheus server can be pointed at a simulated fleet.

use std::future::IntoFuture as _;
use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::serve::{self, Handle};
use crate::domain::id::{CellId, EnvironmentId};

/// Where Prometheus finds its targets (`http_sd_configs`).
const TARGETS: &str = "/targets";

/// What answers for all cells. It closes when this is dropped.
#[derive(Debug)]
pub struct Exposed {
    /// Where it listens.
    pub address: SocketAddr,
    _tasks: JoinSet<io::Result<()>>,
}

#[derive(Clone, Debug)]
struct Fleet {
    handle: Handle,
    address: SocketAddr,
}

/// Opens a listener that gives each cell's metrics at `/metrics/ENVIRONMENT/CELL`, and at `/targets` the list of them as Prometheus reads
/// it, each with the labels `environment` and `cell`.
///
/// # Errors
/// If the address cannot be had.
pub async fn expose(handle: &Handle, at: SocketAddr) -> io::Result<Exposed> {
    let listener = TcpListener::bind(at).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/metrics/{environment}/{cell}", get(metrics))
        .route(TARGETS, get(targets))
        .with_state(Fleet { handle: handle.clone(), address });
    let mut tasks = JoinSet::new();
    tasks.spawn(axum::serve(listener, router).into_future());
    Ok(Exposed { address, _tasks: tasks })
}

async fn metrics(State(fleet): State<Fleet>, Path((environment, cell)): Path<(String, String)>) -> Response {
    let (environment, cell) = (EnvironmentId::new(&environment), CellId::new(&cell));
    let is_known = fleet.handle.with(|simulation| simulation.cells().any(|place| place == (&environment, &cell)));
    if is_known {
        serve::exposition(&fleet.handle, &environment, &cell)
    } else {
        (StatusCode::NOT_FOUND, "there is no such cell; /targets lists them\n").into_response()
    }
}

/// The address in it is the one that was asked, so that it holds wherever Prometheus runs.
async fn targets(State(Fleet { handle, address }): State<Fleet>, asked: HeaderMap) -> Response {
    let host = asked.get(header::HOST).and_then(|host| host.to_str().ok()).map_or_else(|| address.to_string(), str::to_owned);
    let target = |(environment, cell): (&EnvironmentId, &CellId)| {
        let path = format!("/metrics/{}/{}", segment(environment.as_str()), segment(cell.as_str()));
        json!({
            "targets": [host],
            "labels": { "__metrics_path__": path, "environment": environment.as_str(), "cell": cell.as_str() },
        })
    };
    let list: Vec<_> = handle.with(|simulation| simulation.cells().map(target).collect());
    ([(header::CONTENT_TYPE, "application/json")], json!(list).to_string()).into_response()
}

/// A name as one part of a path: every byte but the plainest as its number.
fn segment(name: &str) -> String {
    let written = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    name.bytes().map(written).collect()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::super::sample;
    use super::super::world::{Profile, Simulation};
    use super::*;
    use crate::domain::time::Period;
    use crate::metrics::guard;

    #[tokio::test]
    async fn every_target_that_is_listed_can_be_scraped() {
        let handle = Handle::new(Simulation::new(&sample::storage(), Profile::default(), sample::evening(), 7));
        handle.advance(sample::evening() + Period::from_secs(5));
        let exposed = expose(&handle, (Ipv4Addr::LOCALHOST, 0).into()).await.expect("a port");
        let client = guard::client(false).expect("a client");
        let base = format!("http://{}", exposed.address);
        let list = client.get(format!("{base}{TARGETS}")).send().await.expect("a list").text().await.expect("a text");
        let list: Vec<serde_json::Value> = serde_json::from_str(&list).expect("JSON");
        let cells: Vec<_> = list.iter().map(|target| target["labels"]["cell"].as_str().expect("a cell")).collect();
        assert_eq!(cells, ["lab", "ap", "us", "eu"]);
        for target in &list {
            assert_eq!(target["targets"][0], exposed.address.to_string());
            let path = target["labels"]["__metrics_path__"].as_str().expect("a path");
            let text = client.get(format!("{base}{path}")).send().await.expect("an answer").text().await.expect("a text");
            assert!(text.contains("pushdeck_time_seconds"), "{path}: {text:.80}");
        }
        let nowhere = client.get(format!("{base}/metrics/production/mars")).send().await.expect("an answer");
        assert_eq!(nowhere.status().as_u16(), 404);
    }

    #[test]
    fn a_name_stays_one_part_of_a_path() {
        assert_eq!((segment("eu-west_1.a"), segment("a/b c?é")), ("eu-west_1.a".to_owned(), "a%2Fb%20c%3F%C3%A9".to_owned()));
    }
}
