use std::future::IntoFuture as _;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::super::script::Script;
use super::super::setup::Setup;
use super::super::stepped::Stepped;
use super::*;
use crate::domain::declaration::Declaration;
use crate::domain::feed::{Feed, FeedState};
use crate::domain::id::EngineId;
use crate::domain::time::Period;
use crate::engine::driver::simulated::SimulatedDriver;
use crate::engine::spec;
use crate::evidence::reading::JourneyReading;
use crate::simulation::world::{Profile, Simulation};

/// A shop that is probed every second in both of its cells: one answers as it should, the other does not. `CARGO_PKG_NAME` is the secret, since
/// cargo sets it.
fn declared(url: &str) -> Declaration {
    let text = format!(
        r#"[people]
ana = ["oncall"]
[[environment]]
name = "production"
cells = [{{ name = "eu", users = 10 }}, {{ name = "us", users = 10 }}]
[[group]]
name = "shop"
services = ["front"]
owners = "oncall"
[[service]]
name = "front"
running = "v1"
rps_per_instance = 10
drain = "2s"
install = "5s"
slo = {{ availability = "99.9 %" }}
thresholds.end_to_end = {{ limit = "99 %", for = "10s" }}
in.production = {{ instances = {{ eu = 2, us = 2 }}, peak_rps = 20 }}
[[release]]
service = "front"
version = "v1"
digest = "sha256:1"
[[journey]]
name = "home"
group = "shop"
environment = "production"
cells = {{ eu = "{url}/good", us = "{url}/bad" }}
every = "1s"
secrets = {{ token = "CARGO_PKG_NAME" }}
headers = {{ Authorization = "Bearer ${{token}}" }}
[[journey.step]]
url = "/"
"#
    );
    spec::read("shop.toml", &text).unwrap_or_else(|faults| panic!("{faults:#?}")).value
}

async fn shop() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let good = |headers: HeaderMap| async move {
        let wanted = format!("Bearer {}", env!("CARGO_PKG_NAME"));
        if headers["authorization"] == wanted { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
    };
    let bad = || async { StatusCode::SERVICE_UNAVAILABLE };
    let router = Router::new().route("/good/", get(good)).route("/bad/", get(bad));
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

fn parts(declaration: Declaration) -> Parts {
    let start = EngineTime::from_millis(1_800_000_000_000);
    let simulation = Simulation::new(&declaration, Profile::default(), start, 7);
    let setup = Setup {
        engine: EngineId(Uuid::nil()),
        declaration,
        simulation,
        driver: SimulatedDriver::default(),
        script: Script::new(Vec::new(), 7),
    };
    let mut stepped = Stepped::new(setup);
    stepped.advance(Period::from_secs(2));
    stepped.into_parts()
}

#[tokio::test]
async fn a_spec_that_declares_journeys_has_them_tried_and_judged() {
    let live = Live::begin(parts(declared(&shop().await)), 1.0, None, Outside::default()).await.expect("it begins");
    let mut news = live.subscribe().await.expect("it lives").news;
    let mut told: Vec<JourneyReading> = Vec::new();
    let tried = |told: &[JourneyReading], cell: &str| -> (u64, u64) {
        let here = told.iter().filter(|told| told.cell.as_str() == cell && told.journey == "shop");
        here.fold((0, 0), |sum, told| (sum.0 + told.attempts, sum.1 + told.succeeded))
    };
    let found = async {
        loop {
            if let Ok(News::Readings(batch)) = news.recv().await {
                told.extend(batch.journeys.iter().cloned());
            }
            if tried(&told, "eu").0 >= 3 && tried(&told, "us").0 >= 3 {
                break;
            }
        }
        // The numbers of the last batch are judged when the next comes.
        loop {
            let fleet = live.subscribe().await.expect("it lives").fleet;
            let beyond = fleet.judgements().any(|(slice, judged)| {
                slice.cell.as_str() == "us" && matches!(judged.standing, crate::domain::metric::Standing::Beyond { .. })
            });
            if beyond {
                assert_eq!(fleet.feeds().get(&Feed::Probes), Some(&FeedState::Live));
                return;
            }
            let _ = news.recv().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), found).await.expect("both are tried and judged");
    let (eu, us) = (tried(&told, "eu"), tried(&told, "us"));
    assert!(eu.0 == eu.1 && eu.0 < 100, "what the simulated cell says of its users' journeys does not count: {eu:?}");
    assert_eq!(us.1, 0);
    let failure = told.iter().find_map(|told| told.failure.as_ref()).expect("a reason");
    assert_eq!(failure.as_str(), "home failed at step 1 of 1, GET /: answered 503, not 2xx");
}
