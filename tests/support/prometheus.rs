//! A Prometheus server in a folder of its own, and a fleet for it that keeps every text it gave away.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use pushdeck::backend::demo::declared;
use pushdeck::domain::id::{CellId, EnvironmentId};
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::evidence::delta::{CellCounters, CellTick};
use pushdeck::metrics::prometheus::{Options, PrometheusReader, Server};
use pushdeck::simulation::world::{Profile, Simulation};

const ENVIRONMENT: &str = "production";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until it is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An address of this machine that nobody listens at.
pub fn free_port() -> SocketAddr {
    StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// The configuration that finds a demo's cells.
pub fn discovered(at: SocketAddr) -> String {
    format!(
        "scrape_configs:\n- job_name: pushdeck\n  scrape_interval: 1s\n  honor_labels: true\n  http_sd_configs: [{{ url: \"http://{at}/targets\", refresh_interval: 1s }}]\n"
    )
}

/// One cell of a simulated fleet, whose clock is the wall's.
pub struct Fleet {
    address: SocketAddr,
    cell: CellId,
    told: Arc<Told>,
}

struct Told {
    simulation: Mutex<Simulation>,
    environment: EnvironmentId,
    cell: CellId,
    began: Instant,
    start: EngineTime,
    answers: AtomicBool,
    seed: AtomicU64,
    texts: Mutex<Vec<String>>,
}

fn simulated(at: EngineTime, seed: u64) -> Simulation {
    Simulation::new(&declared("shop").unwrap(), Profile::default(), at, seed)
}

impl Told {
    fn now(&self) -> EngineTime {
        self.start + Period::from_secs_f64(self.began.elapsed().as_secs_f64())
    }

    fn scrape(&self) -> Response {
        if !self.answers.load(Ordering::Relaxed) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let mut simulation = self.simulation.lock().unwrap();
        simulation.advance(self.now());
        let text = simulation.scrape(&self.environment, &self.cell).unwrap();
        self.texts.lock().unwrap().push(text.clone());
        text.into_response()
    }
}

impl Fleet {
    pub async fn begin() -> Self {
        let start = EngineTime::from_millis(1_800_000_000_000);
        let simulation = simulated(start, 7);
        let environment = EnvironmentId::new(ENVIRONMENT);
        let cell = simulation.cells().find(|(place, _)| **place == environment).map(|(_, cell)| cell.clone()).unwrap();
        let told = Arc::new(Told {
            simulation: Mutex::new(simulation),
            environment,
            cell: cell.clone(),
            began: Instant::now(),
            start,
            answers: AtomicBool::new(true),
            seed: AtomicU64::new(7),
            texts: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let page = Arc::clone(&told);
        let router = Router::new().route("/metrics", get(move || async move { page.scrape() }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, cell, told }
    }

    pub fn now(&self) -> EngineTime {
        self.told.now()
    }

    /// Another fleet takes this one's place, whose counters begin anew.
    pub fn restart(&self) {
        let mut simulation = self.told.simulation.lock().unwrap();
        let seed = self.told.seed.fetch_add(1, Ordering::Relaxed) + 1;
        *simulation = simulated(self.now(), seed);
    }

    pub fn answers(&self, yes: bool) {
        self.told.answers.store(yes, Ordering::Relaxed);
    }

    /// What a scraper makes of what was given away, text by text.
    pub fn ticks(&self) -> Vec<CellTick> {
        let mut counters = CellCounters::new(self.told.environment.clone(), self.cell.clone());
        self.told.texts.lock().unwrap().iter().filter_map(|text| counters.advance(text).ok()).collect()
    }

    pub fn scrape_config(&self) -> String {
        let (address, cell) = (self.address, &self.cell);
        format!(
            "scrape_configs:\n- job_name: fleet\n  scrape_interval: 1s\n  static_configs:\n  - targets: [\"{address}\"]\n    labels: {{ environment: {ENVIRONMENT}, cell: \"{cell}\" }}\n"
        )
    }
}

/// A server, with its data in a folder of its own. Both are gone when this is dropped.
pub struct Prometheus {
    child: Child,
    folder: PathBuf,
    address: SocketAddr,
}

impl Prometheus {
    pub fn begin(config: &str) -> Self {
        let address = free_port();
        let folder = std::env::temp_dir().join(format!("pushdeck-prometheus-{}-{}", std::process::id(), address.port()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, folder, address }
    }

    /// The server, once it answers.
    pub async fn ready(&self) -> Server {
        let server = Server::new(&Options { url: format!("http://{}", self.address), ..Options::default() }).unwrap();
        until("Prometheus to answer", async || server.instant("1", None).await.is_ok()).await;
        server
    }

    pub async fn reader(&self, fleet: &Fleet) -> PrometheusReader {
        PrometheusReader::new(self.ready().await, [(EnvironmentId::new(ENVIRONMENT), fleet.cell.clone())])
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // What is gone already needs no ending, and a folder that stays does no harm.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
