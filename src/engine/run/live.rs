//! An engine over a simulated fleet that follows the wall clock, with its metrics read over HTTP like any other fleet's.

mod running;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::domain::change::Change;
use crate::domain::command::{Command, Outcome};
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::{PlacementId, Seq};
use crate::domain::time::EngineTime;
use crate::evidence::instances::Instances;
use crate::evidence::logs::Roster;
use crate::evidence::reading::Batch;
use crate::evidence::tape::Tape;
use crate::metrics::Source;
use crate::metrics::health::TargetHealth;
use crate::metrics::journeys::Prober;
use crate::metrics::logs::LogReader;
use crate::metrics::prometheus::{PrometheusReader, Server};
use crate::metrics::scrape::{CannotScrape, Scraper, Target};
use crate::simulation::expose::expose;
use crate::simulation::serve::{self, Handle};

use self::running::{Clock, Read, Running, read};
use super::ask::Inquirer;
use super::call::Caller;
use super::journeys::{self, Untold};
use super::logs::{self, Unsaid};
use super::record::Recording;
use super::stepped::Parts;

/// How many changes of the past a newcomer is given.
const REMEMBERED: usize = 20_000;

/// News of a live engine.
#[derive(Clone, Debug)]
pub enum News {
    /// What happened, in order.
    Changes(Arc<[Change]>),
    /// One tick's numbers.
    Readings(Arc<Batch>),
    /// The engine is alive.
    Heartbeat {
        /// Its clock.
        at: EngineTime,
        /// Its last change.
        seq: Seq,
    },
}

/// What a newcomer is given: where things stand, what led there, and what comes.
#[derive(Debug)]
pub struct Subscription {
    /// Everything known.
    pub fleet: Arc<Fleet>,
    /// The engine's clock.
    pub at: EngineTime,
    /// What led there, as far as it is kept.
    pub past: History,
    /// The numbers from the beginning on, the older the coarser.
    pub batches: Vec<Arc<Batch>>,
    /// What comes.
    pub news: broadcast::Receiver<News>,
}

/// What a live engine has to do with the world around it.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// The server that its numbers come from; without one the cells are scraped.
    pub prometheus: Option<Server>,
    /// Where the cells can be scraped by others, such as that server.
    pub expose: Option<SocketAddr>,
}

/// Why a live engine could not begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotBegin {
    /// The address at which the cells are to be scraped by others is not to be had.
    #[error("the cells cannot be exposed at {at}: {why}; give another address or a free port")]
    Expose {
        /// Where.
        at: SocketAddr,
        /// Why.
        why: std::io::Error,
    },
    /// The simulated cells found no port to listen on.
    #[error("the simulated cells cannot listen on the loopback address: {0}; is it blocked here?")]
    Listen(#[from] std::io::Error),
    /// Scraping cannot begin.
    #[error(transparent)]
    Scrape(#[from] CannotScrape),
}

enum Ask {
    Command(Box<Command>, oneshot::Sender<Outcome>),
    Subscribe(oneshot::Sender<Subscription>),
    Instances(PlacementId, oneshot::Sender<Result<Instances, String>>),
}

/// A live engine. It ends when this is dropped.
#[derive(Debug)]
pub struct Live {
    asks: mpsc::Sender<Ask>,
    read: watch::Receiver<Read>,
    _tasks: JoinSet<()>,
}

impl Live {
    /// Carries a stepped run on, `speed` times as fast as the wall.
    pub async fn begin(parts: Parts, speed: f64, recording: Option<Recording>, outside: Outside) -> Result<Self, CannotBegin> {
        let Parts { core, simulation, driver, script, start, passed } = parts;
        let clock = Clock {
            began: Instant::now(),
            at: simulation.now(),
            speed,
            shown: Arc::new(AtomicI64::new(simulation.now().millis())),
        };
        let handle = Handle::new(simulation);
        let listeners = serve::serve(&handle).await?;
        let exposed = match outside.expose {
            Some(at) => Some(expose(&handle, at).await.map_err(|why| CannotBegin::Expose { at, why })?),
            None => None,
        };
        let targets: Vec<Target> = listeners
            .endpoints
            .iter()
            .map(|endpoint| Target {
                environment: endpoint.environment.clone(),
                cell: endpoint.cell.clone(),
                url: endpoint.url.clone(),
            })
            .collect();
        let secrets = secrets(core.fleet(), &outside);
        let mut prober = Prober::new(&core.fleet().declaration().journeys, |variable| std::env::var(variable).ok());
        let reader = LogReader::new(&targets, secrets.clone())?;
        let source = source(outside.prometheus, targets)?;
        let (tell, told) = watch::channel(Read::of(&source));
        let (roster, posted) = watch::channel(Arc::new(Roster::of(core.fleet())));
        let (asks, asked) = mpsc::channel(64);
        let (batches, rounds) = mpsc::channel(4);
        let (news, _) = broadcast::channel(1_024);
        let (kept, past) = (Tape::default(), History::since(Arc::default(), REMEMBERED));
        let read_last = (Instant::now(), clock.at);
        let (inquirer, answered) = Inquirer::new();
        let (caller, calls) = Caller::new(secrets);
        let mut engine = Running {
            core,
            handle,
            driver,
            script,
            start,
            clock,
            news,
            kept,
            past,
            recording,
            torn: false,
            read_last,
            told: told.clone(),
            inquirer,
            caller,
            roster,
        };
        engine.take_up(passed);
        let mut tasks = JoinSet::new();
        let unsaid = Unsaid::default();
        tasks.spawn(logs::read(reader, posted, Arc::clone(&engine.clock.shown), unsaid.clone()));
        let untold = Untold::of(&mut prober);
        tasks.spawn(journeys::run(prober, Arc::clone(&engine.clock.shown), untold.clone()));
        tasks.spawn(read(source, (unsaid, untold), Arc::clone(&engine.clock.shown), (batches, tell)));
        tasks.spawn(async move {
            engine.run(asked, rounds, (answered, calls)).await;
            drop((listeners, exposed));
        });
        Ok(Self { asks, read: told, _tasks: tasks })
    }

    /// Gives a command. `None` where the engine is gone: it may or may not have been carried out.
    pub async fn submit(&self, command: Command) -> Option<Outcome> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Command(Box::new(command), answer)).await.ok()?;
        answered.await.ok()
    }

    /// What each instance of a placement says now, or why that cannot be had. `None` where the engine is gone.
    pub async fn instances(&self, placement: PlacementId) -> Option<Result<Instances, String>> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Instances(placement, answer)).await.ok()?;
        answered.await.ok()
    }

    /// How each target has answered lately, in the order declared.
    pub fn health(&self) -> Arc<[TargetHealth]> {
        Arc::clone(&self.read.borrow().health)
    }

    /// Where things stand, and what comes. `None` where the engine is gone.
    pub async fn subscribe(&self) -> Option<Subscription> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Subscribe(answer)).await.ok()?;
        answered.await.ok()
    }
}

/// Where the numbers come from: the server, where there is one, and else the cells themselves.
fn source(server: Option<Server>, targets: Vec<Target>) -> Result<Source, CannotScrape> {
    Ok(match server {
        Some(server) => {
            let cells = targets.into_iter().map(|target| (target.environment, target.cell));
            Source::Prometheus(PrometheusReader::new(server, cells))
        }
        None => Source::Scraping(Scraper::new(targets)?),
    })
}

/// The variables of this program's environment that no program it starts is given.
fn secrets(fleet: &Fleet, outside: &Outside) -> Vec<String> {
    let server = outside.prometheus.as_ref().and_then(Server::secret_variable).map(str::to_owned);
    fleet.declaration().secret_variables().into_iter().chain(server).collect()
}

#[cfg(test)]
mod tests;
