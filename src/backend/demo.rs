//! `demo:`: the embedded engine over the simulated fleet, inside this process.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use crate::document::Fault;
use crate::domain::change::Change;
use crate::domain::command::{Command, Outcome};
use crate::domain::declaration::Declaration;
use crate::domain::id::{EngineId, PersonId, PlacementId};
use crate::domain::time::{EngineTime, Period};
use crate::engine::journal::JournalError;
use crate::engine::run::live::{CannotBegin, Live, News, Outside};
use crate::engine::run::record::Recording;
use crate::engine::run::setup::Setup;
use crate::engine::run::stepped::{Parts, Stepped};
use crate::engine::spec::scenario::{self, Scenario};
use crate::engine::spec::{self, builtin};
use crate::evidence::instances::Instances;
use crate::metrics::health::TargetHealth;

use super::port::{Actuator, BoxFuture, BoxStream, Description, Observer, Update};

/// How often the cells are scraped while a scenario is brought to the point at which a console opens on it.
const COARSE: Period = Period::from_secs(3);

/// How often at the end of that way, which is what curves show.
const FINE: Period = Period::from_secs(1);
/// The time that curves show at first.
const CURVES: Period = Period::from_secs(130);

/// What a demo is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which scenario; the default one where none is named.
    pub scenario: Option<String>,
    /// Where its randomness begins; the scenario's own where none is given.
    pub seed: Option<u64>,
    /// How many times faster than the wall its clock runs (> 0).
    pub speed: f64,
    /// Who sits at the console: given every role of the demo, so that they may act.
    pub actor: PersonId,
    /// Where to write it down.
    pub record: Option<PathBuf>,
    /// Where its numbers come from, and where others can read them.
    pub outside: Outside,
}

/// Why a demo cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// There is no such scenario.
    #[error("there is no scenario {name:?}; there are {known}")]
    NoScenario {
        /// As it was asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// The scenario, or its spec, has faults.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faulty(Vec<Fault>),
    /// The recording cannot be begun.
    #[error(transparent)]
    Recording(#[from] JournalError),
    /// The engine could not begin.
    #[error(transparent)]
    Begin(#[from] CannotBegin),
    /// Something broke while the scenario was brought to its beginning.
    #[error("bringing the scenario to its beginning failed: {0}")]
    Broken(String),
}

/// Reads a scenario that comes with the program.
pub fn scenario(name: Option<&str>) -> Result<Scenario, CannotOpen> {
    let name = name.unwrap_or(builtin::DEFAULT_SCENARIO);
    let text = builtin::scenario(name).ok_or_else(|| CannotOpen::NoScenario {
        name: name.to_owned(),
        known: builtin::scenario_names().collect::<Vec<_>>().join(", "),
    })?;
    scenario::read(name, &format!("{name}.toml"), text, declared).map(|sound| sound.value).map_err(CannotOpen::Faulty)
}

/// What a spec that comes with the program declares.
pub fn declared(name: &str) -> Option<Declaration> {
    spec::read(&format!("{name}.toml"), builtin::spec(name)?).ok().map(|sound| sound.value)
}

type Ready = Option<Result<Arc<Live>, String>>;

/// The demo: it opens in the background, so that a console can draw its first frame at once.
#[derive(Clone, Debug)]
pub struct Demo {
    description: Description,
    ready: watch::Receiver<Ready>,
}

impl Demo {
    /// Begins to open a demo. What is wrong with the options is known at once; the fleet follows.
    pub fn open(options: &Options) -> Result<Self, CannotOpen> {
        let mut scenario = scenario(options.scenario.as_deref())?;
        entitle(&mut scenario.declaration, &options.actor);
        let description =
            Description { uri: format!("demo:{}", scenario.name), simulated: true, speed: options.speed, recorded: false };
        let (say, ready) = watch::channel(None);
        let start = today_at(scenario.start);
        let mut setup = Setup::new(&scenario, start, options.seed.unwrap_or(scenario.seed));
        setup.engine = EngineId(Uuid::now_v7());
        let recording = match &options.record {
            Some(path) => Some(Recording::create(path, setup.engine, &description.uri, start)?),
            None => None,
        };
        let (speed, outside) = (options.speed, options.outside.clone());
        tokio::spawn(async move {
            let live = match brought_to(setup, scenario.fast_forward).await {
                Ok(parts) => Live::begin(parts, speed, recording, outside).await.map_err(CannotOpen::from),
                Err(why) => Err(why),
            };
            let _ = say.send(Some(live.map(Arc::new).map_err(|why| why.to_string())));
            // The engine lives as long as anybody may still ask for it.
            say.closed().await;
        });
        Ok(Self { description, ready })
    }

    /// How each target of its metrics has answered lately, in the order declared, once it is open.
    ///
    /// # Errors
    /// Why it could not be opened.
    pub async fn health(&self) -> Result<Arc<[TargetHealth]>, String> {
        Ok(self.live().await?.health())
    }

    async fn live(&self) -> Result<Arc<Live>, String> {
        let mut ready = self.ready.clone();
        let gone = || "the engine did not begin".to_owned();
        let found = ready.wait_for(Option::is_some).await.map_err(|_| gone())?;
        found.clone().unwrap_or_else(|| Err(gone()))
    }
}

/// A run that has got to the point at which a console opens on it.
async fn brought_to(setup: Setup, forward: Period) -> Result<Parts, CannotOpen> {
    let run = tokio::task::spawn_blocking(move || {
        let mut stepped = Stepped::new(setup).scraping_every(COARSE);
        stepped.advance(forward.less(CURVES));
        let mut stepped = stepped.scraping_every(FINE);
        stepped.advance(forward.less(stepped.elapsed()));
        stepped.into_parts()
    });
    run.await.map_err(|broken| CannotOpen::Broken(broken.to_string()))
}

/// Whoever sits at a demo may decide everything in it.
fn entitle(declaration: &mut Declaration, actor: &PersonId) {
    let owners: Vec<_> = declaration.groups.iter().map(|group| group.owners.clone()).collect();
    declaration.people.entry(actor.clone()).or_default().extend(owners);
}

/// A time of day, today, in UTC.
fn today_at(since_midnight: Period) -> EngineTime {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let midnight = today.to_zoned(TimeZone::UTC).map_or(0, |midnight| midnight.timestamp().as_millisecond());
    EngineTime::from_millis(midnight) + since_midnight
}

impl Observer for Demo {
    fn describe(&self) -> Description {
        self.description.clone()
    }

    fn changes(&self) -> BoxStream<'static, Update> {
        let (say, hear) = mpsc::channel(256);
        let demo = self.clone();
        tokio::spawn(async move {
            let why = match demo.live().await {
                Ok(live) => follow(&live, &say).await,
                Err(why) => why,
            };
            let _ = say.send(Update::Ended { why }).await;
        });
        Box::pin(ReceiverStream::new(hear))
    }

    fn instances(&self, placement: PlacementId) -> BoxFuture<'static, Result<Instances, String>> {
        let demo = self.clone();
        Box::pin(async move {
            let answer = demo.live().await?.instances(placement).await;
            answer.unwrap_or_else(|| Err("the engine has ended".to_owned()))
        })
    }
}

/// Passes news on until there is no more, beginning again with a snapshot whenever some was lost.
async fn follow(live: &Live, say: &mpsc::Sender<Update>) -> String {
    loop {
        let Some(mut subscription) = live.subscribe().await else { return "the engine has ended".to_owned() };
        let seq = subscription.fleet.seq();
        // The heartbeat comes last: it says that everything known so far has been told.
        let mut first = vec![Update::Snapshot(subscription.fleet), Update::Past(subscription.past)];
        first.extend(subscription.batches.into_iter().map(Update::Readings));
        first.push(Update::Heartbeat { at: subscription.at, seq });
        for update in first {
            if say.send(update).await.is_err() {
                return String::new();
            }
        }
        loop {
            let update = match subscription.news.recv().await {
                Ok(News::Changes(changes)) => {
                    Update::Changes(changes.iter().filter(|change: &&Change| change.seq > seq).cloned().collect())
                }
                Ok(News::Readings(batch)) => Update::Readings(batch),
                Ok(News::Heartbeat { at, seq }) => Update::Heartbeat { at, seq },
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return "the engine has ended".to_owned(),
            };
            if say.send(update).await.is_err() {
                return String::new();
            }
        }
    }
}

impl Actuator for Demo {
    fn submit(&self, command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let answer = match self.live().await {
                Ok(live) => live.submit(command).await,
                Err(why) => return Outcome::Unknown { why },
            };
            answer.unwrap_or_else(|| Outcome::Unknown { why: "the engine has ended".to_owned() })
        })
    }
}
