//! An engine over a simulated fleet in virtual time, without a network: the same inputs, the same state to the byte.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::domain::call::Call;
use crate::domain::change::Change;
use crate::domain::check::Look;
use crate::domain::command::{Command, Outcome};
use crate::domain::feed::{Feed, FeedState};
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId};
use crate::domain::time::{ConsoleTime, EngineTime, Period};
use crate::engine::driver::simulated::SimulatedDriver;
use crate::engine::effect::{Effect, Input, Step};
use crate::evidence::delta::CellCounters;
use crate::evidence::logs::{Collector, LogTick, Roster};
use crate::evidence::reading::Batch;
use crate::evidence::round::{self, CellResult};
use crate::simulation::logs::{Lines, PATH};
use crate::simulation::world::Simulation;

use super::core::Core;
use super::script::Script;
use super::setup::Setup;

/// How often the engine looks.
const LOOK: Period = Period::from_millis(500);
/// How often the cells are scraped where nothing else is asked for.
const SCRAPE: Period = Period::from_secs(1);

/// What happened while time passed.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// Changes, in order.
    pub changes: Vec<Change>,
    /// One batch a second.
    pub batches: Vec<Batch>,
}

/// An engine, its driver, its fleet and its scripted people, stepped by hand.
#[derive(Clone, Debug)]
pub struct Stepped {
    core: Core,
    simulation: Simulation,
    driver: SimulatedDriver,
    script: Script,
    counters: Vec<(EnvironmentId, CellId, CellCounters)>,
    /// The newest line of each cell's logs that was read.
    lines_read: BTreeMap<(EnvironmentId, CellId), u64>,
    now: EngineTime,
    start: EngineTime,
    last_batch: Option<EngineTime>,
    scrape_every: Period,
    passed: Passed,
    calls: Vec<Call>,
}

/// A stepped run taken apart, to be carried on by something else.
#[derive(Debug)]
pub struct Parts {
    /// The engine's state.
    pub core: Core,
    /// The fleet.
    pub simulation: Simulation,
    /// What changes it.
    pub driver: SimulatedDriver,
    /// What people will still do.
    pub script: Script,
    /// When it began.
    pub start: EngineTime,
    /// What happened and was not drained.
    pub passed: Passed,
}

impl Stepped {
    /// Begins at the setup's first moment.
    pub fn new(setup: Setup) -> Self {
        let Setup { engine, declaration, simulation, driver, script } = setup;
        let start = simulation.now();
        let (core, changes) = Core::begin(engine, 1, declaration, start);
        let counters = simulation
            .cells()
            .map(|(place, cell)| (place.clone(), cell.clone(), CellCounters::new(place.clone(), cell.clone())))
            .collect();
        let passed = Passed { changes, batches: Vec::new() };
        let mut stepped = Self {
            core,
            simulation,
            driver,
            script,
            counters,
            lines_read: BTreeMap::new(),
            now: start,
            start,
            last_batch: None,
            scrape_every: SCRAPE,
            passed,
            calls: Vec::new(),
        };
        stepped.take(Input::Feed { feed: Feed::Targets, state: FeedState::Live });
        stepped
    }

    /// Scrapes less often than every second: whoever only wants to get somewhere need not look at everything on the way.
    #[must_use]
    pub fn scraping_every(mut self, period: Period) -> Self {
        self.scrape_every = period.max(LOOK);
        self
    }

    /// Takes it apart.
    pub fn into_parts(self) -> Parts {
        let Self { core, simulation, driver, script, start, passed, .. } = self;
        Parts { core, simulation, driver, script, start, passed }
    }

    /// Everything known so far.
    pub fn fleet(&self) -> &Arc<Fleet> {
        self.core.fleet()
    }

    /// The simulated world, for counts that the engine does not know.
    pub fn simulation(&mut self) -> &mut Simulation {
        &mut self.simulation
    }

    /// The engine's clock.
    pub fn now(&self) -> EngineTime {
        self.now
    }

    /// How long it has run.
    pub fn elapsed(&self) -> Period {
        self.now - self.start
    }

    /// What happened since this was last asked.
    pub fn drain(&mut self) -> Passed {
        std::mem::take(&mut self.passed)
    }

    /// Every call that would have been sent. Here nothing leaves the engine.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Gives a command.
    pub fn command(&mut self, command: Command) -> Option<Outcome> {
        self.take(Input::Command(Box::new(command)))
    }

    /// Lets time pass, half a second at a time.
    pub fn advance(&mut self, period: Period) {
        let until = self.now + period;
        while self.now + LOOK <= until {
            self.now = self.now + LOOK;
            self.look();
        }
    }

    /// In virtual time the wall's clock is the engine's.
    fn wall(&self) -> ConsoleTime {
        ConsoleTime::from_millis(self.now.millis())
    }

    fn look(&mut self) {
        self.simulation.advance(self.now);
        let seen = self.simulation.observe();
        self.take(if seen.is_empty() { Input::Tick } else { Input::Observed(seen) });
        for taken in self.simulation.flags_seen() {
            self.take(taken.into());
        }
        if (self.now - self.start).millis() % self.scrape_every.millis() == 0 {
            let batch = self.scrape();
            for step in self.core.read(&batch, self.now, self.wall()) {
                self.follow(step);
            }
            self.passed.batches.push(batch);
        }
        let due = self.script.due(self.core.fleet(), self.now - self.start, self.now);
        for command in due {
            self.command(command);
        }
    }

    fn scrape(&mut self) -> Batch {
        let Self { simulation, counters, .. } = self;
        let results = counters
            .iter_mut()
            .map(|(environment, cell, counters)| CellResult {
                tick: match simulation.scrape(environment, cell) {
                    Some(text) => counters.advance(&text).map_err(|none| none.to_string()),
                    None => Err("answered 503".to_owned()),
                },
                environment: environment.clone(),
                cell: cell.clone(),
            })
            .collect();
        let batch = round::batch(results, self.now, self.last_batch);
        self.last_batch = Some(batch.at);
        Batch { logs: self.logs(batch.at), ..batch }
    }

    /// What the cells' logs tell since they were read last.
    fn logs(&mut self, at: EngineTime) -> LogTick {
        let roster = Roster::of(self.core.fleet());
        let mut collector = Collector::new(at);
        for (environment, cell, path) in roster.asked() {
            let lines = self.simulation.lines(&environment, &cell).filter(|_| path == PATH);
            let before = self.lines_read.entry((environment.clone(), cell.clone())).or_default();
            let told: Option<Vec<_>> = lines.map(|lines| lines.after(*before).cloned().collect());
            *before = lines.map_or(*before, Lines::last);
            collector.cell(&roster, (&environment, &cell, &path), told.as_deref().ok_or("it answers nothing"));
        }
        collector.finish()
    }

    fn take(&mut self, input: Input) -> Option<Outcome> {
        let step = self.core.take(input, self.now, self.wall());
        self.follow(step)
    }

    /// Carries out what a step wants done, and everything that follows from the answers.
    fn follow(&mut self, step: Step) -> Option<Outcome> {
        let outcome = step.outcome;
        self.passed.changes.extend(step.changes);
        let mut effects: VecDeque<Effect> = step.effects.into();
        while let Some(effect) = effects.pop_front() {
            for answer in self.carry_out(effect) {
                let next = self.core.take(answer, self.now, self.wall());
                self.passed.changes.extend(next.changes);
                effects.extend(next.effects);
            }
        }
        outcome
    }

    /// Checks are answered by the script alone: where it is silent there is no answer.
    fn carry_out(&mut self, effect: Effect) -> Vec<Input> {
        match effect {
            Effect::Check { push, gate, name } => {
                let answer = self.script.asked(&name, self.now - self.start).flatten();
                answer
                    .map(|answer| Input::Checked { push, name, look: Look { gate, asked: self.now, answer } })
                    .into_iter()
                    .collect()
            }
            Effect::Call(call) => {
                self.calls.push(*call);
                Vec::new()
            }
            effect => self.driver.carry_out(effect, &mut self.simulation, self.now),
        }
    }
}
