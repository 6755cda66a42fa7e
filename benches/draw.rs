//! What a changed frame costs over 5,000 placements, next to a bare ratatui dashboard of the same size in the same run.
//!
//! A changed frame is everything from a change to the bytes that a terminal gets: the change is folded, rows are worked out anew, cells
//! are drawn, compared and written. "Drawn" is the same from the model on, which is all that the dashboard does: its rows are there
//! already, and one number in them differs.
#![expect(clippy::expect_used, reason = "a bench that cannot be set up must stop")]
#![expect(clippy::print_stdout, reason = "its ratios are for whoever runs it")]

mod bare;
#[path = "../tests/support/frame.rs"]
mod frame;
#[path = "../tests/support/story.rs"]
mod story;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use bare::Dashboard;
use criterion::Criterion;
use frame::{strike, told};
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, Model, update};
use pushdeck::console::runtime::Screen;
use pushdeck::console::theme::{ColourDepth, Theme};
use pushdeck::console::view;
use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{CellId, GroupId, InstanceId, PlacementId, Seq, ServiceId};
use pushdeck::domain::placement::{Observation, Phase};
use pushdeck::domain::service::{Group, Release, Service};
use pushdeck::domain::time::Period;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use story::Story;

/// Services, each in two environments.
const SERVICES: usize = 2_500;
/// Services of each group that is added to the story's own.
const GROUP_SIZE: usize = 10;
const SIZES: [(u16, u16); 3] = [(80, 24), (200, 60), (400, 120)];

fn main() {
    let medians = RefCell::new(BTreeMap::new());
    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    let story = large();
    assert_eq!(story.fleet.placements().count(), 2 * SERVICES);
    for size in SIZES {
        let mut dashboard = Bare::new(size);
        measure(&mut criterion, &medians, ("bare dashboard", size), || timed(|| dashboard.changed_frame()));
        for (name, drawn, keys) in [("Fleet", "Fleet, drawn", "1"), ("Push", "Push, drawn", "2")] {
            let mut console = Console::new(&story, size, keys);
            measure(&mut criterion, &medians, (name, size), || timed(|| console.changed_frame()));
            measure(&mut criterion, &medians, (drawn, size), || {
                console.change();
                timed(|| console.frame())
            });
        }
    }
    report(&medians.into_inner());
}

type Subject = (&'static str, (u16, u16));
type Times = BTreeMap<Subject, Vec<Duration>>;

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// Measures with criterion what each run says it took, and keeps the time of each sample for the ratios.
fn measure(criterion: &mut Criterion, times: &RefCell<Times>, subject: Subject, mut run: impl FnMut() -> Duration) {
    let (name, (width, height)) = subject;
    criterion.bench_function(&format!("{name} {width}x{height}"), |bencher| {
        bencher.iter_custom(|times_to_run| {
            let took: Duration = (0..times_to_run).map(|_| run()).sum();
            let each = took / u32::try_from(times_to_run).unwrap_or(u32::MAX).max(1);
            times.borrow_mut().entry(subject).or_default().push(each);
            took
        });
    });
}

fn report(times: &Times) {
    let median = |subject: &Subject| {
        let mut all = times.get(subject).cloned().unwrap_or_default();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    println!("{:<16} {:>8} {:>12} {:>10}", "changed frame", "size", "median", "x bare");
    for subject in times.keys() {
        let (name, (width, height)) = subject;
        let (own, bare) = (median(subject), median(&("bare dashboard", (*width, *height))));
        let ratio = own.as_secs_f64() / bare.as_secs_f64().max(1e-9);
        println!("{name:<16} {:>8} {:>9.1} us {ratio:>10.2}", format!("{width}x{height}"), own.as_secs_f64() * 1e6);
    }
}

/// A console that hears of the whole fleet.
struct Console {
    model: Model,
    screen: Screen<io::Sink>,
    theme: Theme,
    turn: u32,
}

impl Console {
    fn new(story: &Story, size: (u16, u16), keys: &str) -> Self {
        let mut model = told(story, Access::Operate, "lena", size);
        strike(&mut model, keys);
        let theme = Theme::for_depth(ColourDepth::True).expect("an embedded theme");
        Self { model, screen: Screen::new(io::sink(), size, false), theme, turn: 0 }
    }

    /// Requests to the push's first service change, and the engine is heard.
    fn change(&mut self) {
        self.turn += 1;
        let (seq, at) = (Seq(self.model.fleet().seq().0 + 1), self.model.now());
        let rps = 13_000.0 + f64::from(self.turn % 900);
        let traffic = Fact::Traffic { placement: story::place("gateway", "production"), cell: CellId::new("eu"), rps };
        update(&mut self.model, Event::Changes(vec![Change { seq, at, fact: traffic }]));
        let heard = self.model.console_now() + Period::from_millis(10);
        update(&mut self.model, Event::Heartbeat { at: at + Period::from_millis(10), seq, heard });
    }

    fn changed_frame(&mut self) {
        self.change();
        self.frame();
    }

    fn frame(&mut self) {
        let (model, theme) = (&self.model, &self.theme);
        let written =
            self.screen.draw(|buffer: &mut Buffer| drop(view::draw(buffer, model, theme))).expect("nothing fails in a sink");
        assert!(written > 0, "the heartbeat alone changes a frame");
    }
}

/// The story's fleet with many quiet services beside it, some of them with an unhealthy instance.
fn large() -> Story {
    let Story { changes: told, signals, batches, now, .. } = story::at_ten_percent();
    let (mut fleet, mut seq, mut changes) = (Fleet::default(), 0, Vec::new());
    let mut tell = |at, fact| {
        seq += 1;
        let change = Change { seq: Seq(seq), at, fact };
        fleet.apply(&change);
        changes.push(change);
    };
    for change in told {
        match change.fact {
            Fact::Declared { mut declaration } => {
                let added = add(&mut declaration);
                let seen = observed(&declaration, &added);
                tell(change.at, Fact::Declared { declaration });
                tell(change.at, Fact::Observed { observations: seen });
            }
            fact => tell(change.at, fact),
        }
    }
    Story { fleet, signals, now, changes, batches }
}

/// Declares services after the pattern of one there is, in groups. Their names follow.
fn add(declaration: &mut Declaration) -> Vec<ServiceId> {
    let pattern = declaration.services.iter().find(|service| service.id.as_str() == "mail").expect("the story has it").clone();
    let group = declaration.group(&pattern.group).expect("it is in one").clone();
    let running = declaration.releases.iter().find(|release| release.service == pattern.id).expect("it runs").clone();
    let names: Vec<_> = (declaration.services.len()..SERVICES).map(|nth| ServiceId::new(&format!("service-{nth:04}"))).collect();
    for (nth, services) in names.chunks(GROUP_SIZE).enumerate() {
        let id = GroupId::new(&format!("group-{nth:03}"));
        declaration.groups.push(Group { id: id.clone(), services: services.to_vec(), ..group.clone() });
        for service in services {
            declaration.services.push(Service { id: service.clone(), group: id.clone(), ..pattern.clone() });
            declaration.releases.push(Release { service: service.clone(), ..running.clone() });
        }
    }
    names
}

/// Every instance of these services ready; of every fiftieth service, one keeps dying.
fn observed(declaration: &Declaration, services: &[ServiceId]) -> Vec<Observation> {
    let mut found = Vec::new();
    for (nth, id) in services.iter().enumerate() {
        let service = declaration.service(id).expect("just declared");
        for deployment in &service.deployments {
            let environment = declaration.environment(&deployment.environment).expect("the story has it");
            for (cell, count) in environment.cells.iter().zip(&deployment.instances) {
                for index in 0..*count {
                    let dies = nth % 50 == 0 && index == 0 && environment.protected;
                    let placement = PlacementId::new(id.clone(), environment.id.clone());
                    found.push(Observation {
                        instance: InstanceId { placement, cell: cell.id.clone(), index },
                        version: deployment.running.clone(),
                        phase: if dies { Phase::Crashed } else { Phase::Ready },
                        serving: !dies,
                        restarts: if dies { 9 } else { 0 },
                    });
                }
            }
        }
    }
    found
}

/// The bare dashboard on a terminal that swallows everything.
struct Bare {
    terminal: Terminal<CrosstermBackend<io::Sink>>,
    dashboard: Dashboard,
}

impl Bare {
    fn new((width, height): (u16, u16)) -> Self {
        let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
        let terminal = Terminal::with_options(CrosstermBackend::new(io::sink()), TerminalOptions { viewport }).expect("a sink");
        Self { terminal, dashboard: Dashboard::new(2 * SERVICES) }
    }

    fn changed_frame(&mut self) {
        self.dashboard.change();
        black_box(self.terminal.draw(|frame| self.dashboard.draw(frame)).expect("nothing fails in a sink"));
    }
}
