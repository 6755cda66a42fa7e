//! The task in which a live engine runs: it lets time pass, takes in what comes, and tells what came of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::domain::change::Change;
use crate::domain::check::Look;
use crate::domain::command::{Command, Direction, Outcome};
use crate::domain::feed::{Feed, FeedState};
use crate::domain::history::History;
use crate::domain::id::{CheckId, GateId, PlacementId, PushId};
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::engine::driver::simulated::SimulatedDriver;
use crate::engine::effect::{Effect, Input, Step};
use crate::engine::run::ask::Inquirer;
use crate::engine::run::call::Caller;
use crate::engine::run::core::Core;
use crate::engine::run::journeys::Untold;
use crate::engine::run::logs::Unsaid;
use crate::engine::run::record::Recording;
use crate::engine::run::script::Script;
use crate::engine::run::stepped::Passed;
use crate::evidence::instances::{self, Instances};
use crate::evidence::logs::Roster;
use crate::evidence::reading::Batch;
use crate::evidence::tape::Tape;
use crate::metrics::Source;
use crate::metrics::health::TargetHealth;
use crate::simulation::serve::Handle;

use super::{Ask, News, Subscription};

/// How often the engine looks, by the wall.
const LOOK: Duration = Duration::from_millis(250);
/// The longest stretch of engine time that is passed at once, so that at speed nothing is overlooked.
const STRIDE: Period = Period::from_millis(500);
/// How often numbers are read at most, by the wall.
const READ: Duration = Duration::from_secs(1);
/// How often it is said that the engine is alive, by the wall.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The engine's clock, hung on the wall's.
#[derive(Debug)]
pub(super) struct Clock {
    pub began: Instant,
    pub at: EngineTime,
    pub speed: f64,
    pub shown: Arc<AtomicI64>,
}

impl Clock {
    fn now(&self) -> EngineTime {
        self.at + Period::from_secs_f64(self.began.elapsed().as_secs_f64() * self.speed)
    }
}

/// What is known of the source beside its numbers.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub health: Arc<[TargetHealth]>,
    /// After how long without a batch, by the wall, the numbers count as lost.
    pub silence: Duration,
}

impl Read {
    pub(super) fn of(source: &Source) -> Self {
        Self { health: source.health().into(), silence: source.silence() }
    }
}

/// One round a second of wall time, whatever the engine's clock does, or as often as the source has something new.
pub(super) async fn read(
    mut source: Source,
    (unsaid, untold): (Unsaid, Untold),
    shown: Arc<AtomicI64>,
    (batches, tell): (mpsc::Sender<Batch>, watch::Sender<Read>),
) {
    let mut ticks = interval(READ);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = EngineTime::from_millis(shown.load(Ordering::Relaxed));
        let batch = untold.tell(source.round(now).await);
        tell.send_replace(Read::of(&source));
        if batches.send(Batch { logs: unsaid.take(), ..batch }).await.is_err() {
            return;
        }
    }
}

pub(super) struct Running {
    pub core: Core,
    pub handle: Handle,
    pub driver: SimulatedDriver,
    pub script: Script,
    pub start: EngineTime,
    pub clock: Clock,
    pub news: broadcast::Sender<News>,
    pub kept: Tape,
    pub past: History,
    pub recording: Option<Recording>,
    /// Whether the recording has refused something.
    pub torn: bool,
    /// When numbers last came: by the wall, and by the engine's clock.
    pub read_last: (Instant, EngineTime),
    /// What is known of the source of the numbers.
    pub told: watch::Receiver<Read>,
    /// Asks what others have to say.
    pub inquirer: Inquirer,
    /// Calls people.
    pub caller: Caller,
    /// Whose logs are read, as of the last batch.
    pub roster: watch::Sender<Arc<Roster>>,
}

impl Running {
    /// Takes up what had happened before, changes and numbers in the order of their times.
    pub(super) fn take_up(&mut self, passed: Passed) {
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

    pub(super) async fn run(
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
                    batches: self.kept.batches().cloned().collect(),
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

    /// Says so where nothing is scraped any more, whether the reader is gone or this process was stopped for a while: what was judged
    /// before must not carry anything forward.
    fn notice_silence(&mut self) {
        let (wall, since) = self.read_last;
        let silence = self.told.borrow().silence;
        if wall.elapsed() > silence {
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
        self.kept.push(&batch);
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
