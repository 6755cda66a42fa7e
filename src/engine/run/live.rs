//! An engine over a simulated fleet that follows the wall clock, with its metrics read over HTTP like any other fleet's.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::domain::change::Change;
use crate::domain::check::Look;
use crate::domain::command::{Command, Direction, Outcome};
use crate::domain::feed::{Feed, FeedState};
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::{CheckId, GateId, PlacementId, PushId, Seq};
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::engine::driver::simulated::SimulatedDriver;
use crate::engine::effect::{Effect, Input, Step};
use crate::evidence::instances::{self, Instances};
use crate::evidence::logs::Roster;
use crate::evidence::reading::{Batch, keep};
use crate::metrics::logs::LogReader;
use crate::metrics::scrape::{CannotScrape, Scraper, Target};
use crate::simulation::serve::{self, Handle};

use super::ask::Inquirer;
use super::call::Caller;
use super::core::Core;
use super::logs::{self, Unsaid};
use super::record::Recording;
use super::script::Script;
use super::stepped::{Parts, Passed};

/// How often the engine looks, by the wall.
const LOOK: Duration = Duration::from_millis(250);
/// The longest stretch of engine time that is passed at once, so that at speed nothing is overlooked.
const STRIDE: Period = Period::from_millis(500);
/// How often the cells are scraped, by the wall.
const SCRAPE: Duration = Duration::from_secs(1);
/// After how long without a batch, by the wall, the numbers count as lost: a round takes two seconds at most.
const SILENCE: Duration = Duration::from_secs(6);
/// How often it is said that the engine is alive, by the wall.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How many ticks of numbers a newcomer is given.
const KEPT: usize = 240;
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

/// What a newcomer is given: where things stand, the last ticks, and what comes.
#[derive(Debug)]
pub struct Subscription {
    /// Everything known.
    pub fleet: Arc<Fleet>,
    /// The engine's clock.
    pub at: EngineTime,
    /// What led there, as far as it is kept.
    pub past: History,
    /// The last ticks' numbers.
    pub batches: Vec<Arc<Batch>>,
    /// What comes.
    pub news: broadcast::Receiver<News>,
}

/// Why a live engine could not begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotBegin {
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
    _tasks: JoinSet<()>,
}

impl Live {
    /// Carries a stepped run on, `speed` times as fast as the wall.
    pub async fn begin(parts: Parts, speed: f64, recording: Option<Recording>) -> Result<Self, CannotBegin> {
        let Parts { core, simulation, driver, script, start, passed } = parts;
        let clock = Clock {
            began: Instant::now(),
            at: simulation.now(),
            speed,
            shown: Arc::new(AtomicI64::new(simulation.now().millis())),
        };
        let handle = Handle::new(simulation);
        let listeners = serve::serve(&handle).await?;
        let targets: Vec<Target> = listeners
            .endpoints
            .iter()
            .map(|endpoint| Target {
                environment: endpoint.environment.clone(),
                cell: endpoint.cell.clone(),
                url: endpoint.url.clone(),
            })
            .collect();
        let reader = LogReader::new(&targets)?;
        let scraper = Scraper::new(targets)?;
        let (roster, posted) = watch::channel(Arc::new(Roster::of(core.fleet())));
        let (asks, asked) = mpsc::channel(64);
        let (batches, rounds) = mpsc::channel(4);
        let (news, _) = broadcast::channel(1_024);
        let (kept, past) = (VecDeque::new(), History::since(Arc::default(), REMEMBERED));
        let read_last = (Instant::now(), clock.at);
        let (inquirer, answered) = Inquirer::new();
        let (caller, calls) = Caller::new();
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
            inquirer,
            caller,
            roster,
        };
        engine.take_up(passed);
        let mut tasks = JoinSet::new();
        let unsaid = Unsaid::default();
        tasks.spawn(logs::read(reader, posted, Arc::clone(&engine.clock.shown), unsaid.clone()));
        tasks.spawn(scrape(scraper, unsaid, Arc::clone(&engine.clock.shown), batches));
        tasks.spawn(async move {
            engine.run(asked, rounds, (answered, calls)).await;
            drop(listeners);
        });
        Ok(Self { asks, _tasks: tasks })
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

    /// Where things stand, and what comes. `None` where the engine is gone.
    pub async fn subscribe(&self) -> Option<Subscription> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Subscribe(answer)).await.ok()?;
        answered.await.ok()
    }
}

/// The engine's clock, hung on the wall's.
#[derive(Debug)]
struct Clock {
    began: Instant,
    at: EngineTime,
    speed: f64,
    shown: Arc<AtomicI64>,
}

impl Clock {
    fn now(&self) -> EngineTime {
        self.at + Period::from_secs_f64(self.began.elapsed().as_secs_f64() * self.speed)
    }
}

/// One round a second of wall time, whatever the engine's clock does.
async fn scrape(mut scraper: Scraper, unsaid: Unsaid, shown: Arc<AtomicI64>, batches: mpsc::Sender<Batch>) {
    let mut ticks = interval(SCRAPE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = EngineTime::from_millis(shown.load(Ordering::Relaxed));
        let batch = scraper.round(now).await;
        if batches.send(Batch { logs: unsaid.take(), ..batch }).await.is_err() {
            return;
        }
    }
}

struct Running {
    core: Core,
    handle: Handle,
    driver: SimulatedDriver,
    script: Script,
    start: EngineTime,
    clock: Clock,
    news: broadcast::Sender<News>,
    kept: VecDeque<Arc<Batch>>,
    past: History,
    recording: Option<Recording>,
    /// Whether the recording has refused something.
    torn: bool,
    /// When numbers last came: by the wall, and by the engine's clock.
    read_last: (Instant, EngineTime),
    /// Asks what others have to say.
    inquirer: Inquirer,
    /// Calls people.
    caller: Caller,
    /// Whose logs are read, as of the last batch.
    roster: watch::Sender<Arc<Roster>>,
}

impl Running {
    /// Takes up what had happened before, changes and numbers in the order of their times.
    fn take_up(&mut self, passed: Passed) {
        let mut batches = passed.batches.into_iter().peekable();
        for step in passed.changes.chunk_by(|a, b| a.at == b.at) {
            while let Some(batch) = batches.next_if(|batch| step.first().is_some_and(|change| batch.at < change.at)) {
                self.keep(batch);
            }
            self.remember(step);
        }
        batches.for_each(|batch| {
            self.keep(batch);
        });
    }

    async fn run(
        &mut self,
        mut asked: mpsc::Receiver<Ask>,
        mut rounds: mpsc::Receiver<Batch>,
        (mut answered, mut calls): (mpsc::Receiver<Input>, mpsc::Receiver<Input>),
    ) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut beats = interval(HEARTBEAT);
        loop {
            tokio::select! {
                biased;
                ask = asked.recv() => match ask {
                    Some(ask) => self.answer(ask),
                    None => return,
                },
                Some(batch) = rounds.recv() => self.read(batch),
                Some(answer) = answered.recv() => {
                    self.inquirer.answered(&answer);
                    self.take(answer);
                }
                Some(answer) = calls.recv() => {
                    self.take(answer);
                }
                _ = beats.tick() => self.say(News::Heartbeat { at: self.now(), seq: self.core.fleet().seq() }),
                _ = looks.tick() => self.look(),
            }
        }
    }

    fn now(&self) -> EngineTime {
        EngineTime::from_millis(self.clock.shown.load(Ordering::Relaxed))
    }

    fn answer(&mut self, ask: Ask) {
        // Whoever asked may have gone away meanwhile; what was asked still counts.
        match ask {
            Ask::Subscribe(answer) => {
                let subscription = Subscription {
                    fleet: Arc::clone(self.core.fleet()),
                    at: self.now(),
                    past: self.past.clone(),
                    batches: self.kept.iter().cloned().collect(),
                    news: self.news.subscribe(),
                };
                let _ = answer.send(subscription);
            }
            Ask::Command(command, answer) => {
                let _ = answer.send(self.command(*command));
            }
            Ask::Instances(placement, answer) => {
                let _ = answer.send(self.instances(&placement));
            }
        }
    }

    /// Reads a scrape of each of its cells, instance by instance.
    fn instances(&self, placement: &PlacementId) -> Result<Instances, String> {
        let at = self.now();
        let declared = self.core.fleet().declaration().environment(&placement.environment);
        let mut readings = Vec::new();
        for cell in declared.into_iter().flat_map(|environment| &environment.cells) {
            let text = self.handle.with(|simulation| simulation.scrape(&placement.environment, &cell.id));
            let text = text.ok_or_else(|| format!("{} answers no scrape", cell.id))?;
            readings.extend(instances::read(&text, &cell.id, &placement.service));
        }
        Ok(Instances { at, readings })
    }

    fn command(&mut self, command: Command) -> Outcome {
        if command.order.direction() == Direction::Forward
            && let Some(why) = self.recording.as_ref().and_then(Recording::broken)
        {
            return Outcome::refused(format!(
                "nothing goes forward while the recording cannot be written ({why}); s and r still work"
            ));
        }
        let (forward, was_torn) = (command.order.direction() == Direction::Forward, self.torn);
        let outcome = self.take(Input::Command(Box::new(command)));
        if forward && self.torn && !was_torn {
            return Outcome::Unknown { why: "writing it down failed while it was carried out".to_owned() };
        }
        outcome.unwrap_or_else(|| Outcome::Unknown { why: "the engine gave no answer".to_owned() })
    }

    /// Lets the time pass that has passed on the wall, in strides.
    fn look(&mut self) {
        self.notice_silence();
        let until = self.clock.now();
        loop {
            let now = self.now();
            if now >= until {
                return;
            }
            let next = (now + STRIDE).min(until);
            self.clock.shown.store(next.millis(), Ordering::Relaxed);
            let (seen, taken) = self.handle.with(|simulation| {
                simulation.advance(next);
                (simulation.observe(), simulation.flags_seen())
            });
            for taken in taken {
                self.take(taken.into());
            }
            self.take(if seen.is_empty() { Input::Tick } else { Input::Observed(seen) });
            for command in self.script.due(self.core.fleet(), next - self.start, next) {
                self.command(command);
            }
        }
    }

    /// Says so where nothing is scraped any more, whether the scraper is gone or this process was stopped for a while: what was judged
    /// before must not carry anything forward.
    fn notice_silence(&mut self) {
        let (wall, since) = self.read_last;
        if wall.elapsed() > SILENCE {
            let state = FeedState::Lost { since, why: "nothing is scraped".to_owned() };
            self.take(Input::Feed { feed: Feed::Metrics, state });
        }
    }

    fn read(&mut self, batch: Batch) {
        self.read_last = (Instant::now(), batch.at);
        let now = self.now().max(batch.at);
        for step in self.core.read(&batch, now, wall()) {
            self.follow(step);
        }
        let batch = self.keep(batch);
        self.say(News::Readings(batch));
        self.roster.send_replace(Arc::new(Roster::of(self.core.fleet())));
    }

    fn keep(&mut self, batch: Batch) -> Arc<Batch> {
        if let Some(recording) = &mut self.recording {
            recording.reading(&batch);
        }
        let batch = Arc::new(batch);
        self.kept.push_back(Arc::clone(&batch));
        keep(&mut self.kept, KEPT);
        batch
    }

    fn take(&mut self, input: Input) -> Option<Outcome> {
        let now = self.now();
        let step = self.core.take(input, now, wall());
        self.follow(step)
    }

    /// Makes a step's changes durable and known, then carries out what it wants done.
    fn follow(&mut self, step: Step) -> Option<Outcome> {
        let mut effects: VecDeque<Effect> = step.effects.into();
        let was_torn = self.torn;
        self.publish(step.changes);
        if self.torn && !was_torn {
            self.hold_for_the_recording();
        }
        while let Some(effect) = effects.pop_front() {
            let now = self.now();
            let answers = match effect {
                Effect::Check { push, gate, name } => self.ask(push, gate, name, now),
                Effect::Call(call) => {
                    if let Some(notify) = &self.core.fleet().declaration().notify {
                        self.caller.call(notify, *call, now);
                    }
                    Vec::new()
                }
                effect => self.handle.with(|simulation| self.driver.carry_out(effect, simulation, now)),
            };
            for answer in answers {
                let next = self.core.take(answer, now, wall());
                self.publish(next.changes);
                effects.extend(next.effects);
            }
        }
        step.outcome
    }

    /// A check of the scenario answers at once or not at all; any other is asked beside the engine, and answers when it does.
    fn ask(&mut self, push: PushId, gate: GateId, name: CheckId, now: EngineTime) -> Vec<Input> {
        if let Some(answer) = self.script.asked(&name, now - self.start) {
            let look = |answer| Look { gate, asked: now, answer };
            return answer.map(|answer| Input::Checked { push, name, look: look(answer) }).into_iter().collect();
        }
        if let Some(check) = self.core.fleet().declaration().checks.get(&name) {
            self.inquirer.ask(push, gate, check, now);
        }
        Vec::new()
    }

    /// Nothing goes forward that cannot be written down; stopping and going back still do.
    fn hold_for_the_recording(&mut self) {
        let now = self.now();
        let why = "what it does cannot be written down".to_owned();
        let lost = Input::Feed { feed: Feed::Engine, state: FeedState::Lost { since: now, why } };
        let step = self.core.take(lost, now, wall());
        self.publish(step.changes);
    }

    fn publish(&mut self, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.remember(&changes);
            self.say(News::Changes(changes.into()));
        }
    }

    /// Writes changes down before anybody is told of them.
    fn remember(&mut self, changes: &[Change]) {
        if let Some(recording) = &mut self.recording {
            recording.changes(changes);
            self.torn = recording.broken().is_some();
        }
        for change in changes {
            self.past.push(change.clone(), self.core.fleet());
        }
    }

    fn say(&self, news: News) {
        // Nobody listening is no fault.
        let _ = self.news.send(news);
    }
}

/// The wall's clock, by which what people said runs out.
fn wall() -> ConsoleTime {
    ConsoleTime::from_millis(Timestamp::now().as_millisecond())
}
