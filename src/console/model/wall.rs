//! What a page of the wall says, for people four metres away: is anybody exposed to something new, is anything wrong, is somebody needed,
//! and is what they see fresh.

mod fleet;

use crate::domain::decision::{Decision, DecisionKind};
use crate::domain::explain;
use crate::domain::exposure::{self, Basis, Exposure};
use crate::domain::push::{Course, Push};
use crate::domain::rollback::Rollback;
use crate::domain::share::Share;
use crate::domain::status::{self, Status};
use crate::domain::time::EngineTime;

use super::Model;
use super::freshness::FeedHealth;
use super::timeline::Tone;
use super::turning::{self, PageId};
use super::words::{self, counted, grouped};

/// A page of the wall.
#[derive(Clone, Debug, PartialEq)]
pub struct WallPage {
    /// What it is about, and where that is.
    pub head: Figure,
    /// Which page of how many, from 1.
    pub place: (usize, usize),
    /// How old the data is, in words; nothing before the first.
    pub age: Option<String>,
    /// What is to be seen from afar, the most important first.
    pub blocks: Vec<Block>,
    /// What can be read from nearer.
    pub facts: Vec<Fact>,
}

/// Words or figures beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Block(pub Vec<Figure>);

/// Something to be seen from afar.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The word or figure, then the same in fewer letters for where there is less room. Never cut.
    pub forms: Vec<String>,
    /// What is meant by it, to be read from nearer.
    pub label: String,
    /// How much it should catch the eye.
    pub tone: Tone,
}

/// Something in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it tells: `Why`.
    pub word: &'static str,
    /// The sentence.
    pub text: String,
}

impl Figure {
    fn of(tone: Tone, forms: &[&str], label: impl Into<String>) -> Self {
        Self { forms: forms.iter().map(|form| (*form).to_owned()).collect(), label: label.into(), tone }
    }

    fn alone(self) -> Block {
        Block(vec![self])
    }
}

/// What the page shown says.
pub(super) fn page(model: &Model) -> WallPage {
    let shown = turning::shown(model);
    let pages = turning::pages(model);
    let at = pages.iter().position(|page| *page == shown);
    let push = match shown {
        PageId::Push(push) => model.fleet().push(push),
        PageId::Fleet => None,
    };
    let (head, blocks, facts) = match push {
        _ if !model.has_data() => no_data(model),
        Some(push) => (name(push), of_push(model, push), vec![why(model, push)]),
        None => (fleet::name(model), fleet::blocks(model), fleet::facts(model)),
    };
    WallPage {
        head,
        place: (at.map_or(1, |at| at + 1), pages.len().max(1)),
        age: age(model),
        blocks: stale(model).into_iter().chain(blocks).collect(),
        facts,
    }
}

fn no_data(model: &Model) -> (Figure, Vec<Block>, Vec<Fact>) {
    let label = model.ended().map_or_else(|| format!("waiting for {}", model.source().uri), str::to_owned);
    (fleet::name(model), vec![Figure::of(Tone::Waiting, &["NO DATA"], label).alone()], Vec::new())
}

fn age(model: &Model) -> Option<String> {
    if model.source().recorded {
        return Some("a recording, not live".to_owned());
    }
    let age = model.freshness().age?;
    Some(if age.secs() < 6 { "data < 6 s old".to_owned() } else { format!("data {age} old") })
}

/// That what is shown is old, or that a part of it does not arrive.
fn stale(model: &Model) -> Option<Block> {
    if !model.has_data() {
        return None;
    }
    let freshness = model.freshness();
    if let Some(why) = &freshness.stale {
        let aged = freshness.age.map(|age| format!("STALE {}", age.to_string().to_uppercase()));
        let forms = aged.into_iter().chain(["STALE".to_owned()]).collect();
        return Some(Figure { forms, label: format!("{why}: what is shown is old"), tone: Tone::Loudest }.alone());
    }
    let lost: Vec<_> = freshness
        .feeds
        .iter()
        .filter_map(|(feed, health)| match health {
            FeedHealth::Lost { age, .. } => Some(format!("{} for {age}", feed.word())),
            FeedHealth::Live | FeedHealth::Never => None,
        })
        .collect();
    let blind = if freshness.blind { "; automatic rollback BLIND: crash loops and readiness only" } else { "" };
    let block = Figure::of(Tone::Bad, &["DATA LOST"], format!("nothing from {}{blind}", lost.join(", "))).alone();
    (!lost.is_empty()).then_some(block)
}

fn name(push: &Push) -> Figure {
    let called = push.called().to_uppercase();
    let alone = push.plan.name.to_uppercase();
    let environment = push.environment().map(|environment| environment.as_str().to_uppercase()).unwrap_or_default();
    let stage = push.stage().map(|stage| stage.name.clone()).filter(|stage| stage.to_uppercase() != environment);
    let stage = stage.filter(|_| push.is_forward()).map(|stage| format!(" at {stage}")).unwrap_or_default();
    let versions = words::push_name(push);
    Figure { forms: vec![called, alone], label: format!("{versions}  {environment}{stage}"), tone: Tone::Plain }
}

fn why(model: &Model, push: &Push) -> Fact {
    let said = explain::push(model.fleet(), push, &model.moment());
    let text = match &push.course {
        Course::Back { rollback } if rollback.halted.is_none() => explain::trigger(&rollback.trigger),
        _ if said.why.is_empty() => said.next,
        _ => said.why,
    };
    Fact { word: "Why", text }
}

fn of_push(model: &Model, push: &Push) -> Vec<Block> {
    let status = status_word(model, push);
    let users = push.course.rollback().map(|rollback| users(model, push, rollback));
    let met = Some(met(model, push)).filter(|figures| !figures.0.is_empty());
    // What failed comes before what it has done.
    let failed = matches!(push.course, Course::RollbackFailed { .. });
    let (first, second) = if failed || users.is_none() { (Some(status), users) } else { (users, Some(status)) };
    let decisions = model.decisions().iter().filter(|decision| decision.push == Some(push.id()));
    let need = needed(model, decisions, false);
    [first, second, met, need].into_iter().flatten().collect()
}

/// How a push stands, as a word.
fn status_word(model: &Model, push: &Push) -> Block {
    let (fleet, moment) = (model.fleet(), model.moment());
    if let Some(stop) = push.not_stopped(moment.now) {
        let label = format!("a stop was asked for at {} and is not seen to work", stop.asked.hh_mm_ss(&moment.zone));
        return Figure::of(Tone::Loudest, &["NOT STOPPED"], label).alone();
    }
    let found = status::of_push(fleet, push, moment.now);
    let clock = |at: EngineTime| at.hh_mm(&moment.zone);
    let label = match &push.course {
        Course::Back { rollback } => match &rollback.halted {
            Some(hold) => format!("half way back, by {}, since {}", hold.holder(), clock(hold.since)),
            None => format!("since {}, all on the old version about {}", clock(rollback.decided), clock(back_at(rollback))),
        },
        Course::RolledBack { at, .. } | Course::Converged { at } | Course::Replaced { at, .. } => format!("since {}", clock(*at)),
        Course::RollbackFailed { stuck, at, .. } => {
            format!("{} not back by {}", counted(stuck.len() as u32, "instance"), clock(*at))
        }
        Course::Forward => forward_label(push, found, &clock),
    };
    Figure { forms: forms(found), label, tone: tone(found) }.alone()
}

fn forward_label(push: &Push, found: Status, clock: &dyn Fn(EngineTime) -> String) -> String {
    let steps = push.plan.stages.len();
    let step = push
        .cursor
        .stage
        .map_or_else(|| format!("before the first of {steps} steps"), |stage| format!("step {} of {steps}", stage + 1));
    let by = push.holds.first().filter(|_| found == Status::Held);
    let by = by.map(|hold| format!(", by {} since {}", hold.holder(), clock(hold.since))).unwrap_or_default();
    format!("{step}{by}")
}

fn back_at(rollback: &Rollback) -> EngineTime {
    rollback.since + rollback.plan.all_old
}

/// Whether users are safe, of a push that goes or went back.
fn users(model: &Model, push: &Push, rollback: &Rollback) -> Block {
    let moment = model.moment();
    if let Some(safe) = rollback.users_safe {
        let label = format!("no request reaches the new version since {}", safe.hh_mm(&moment.zone));
        return Figure::of(Tone::Good, &["USERS SAFE", "SAFE"], label).alone();
    }
    let since = push.cursor.arrived.unwrap_or(push.cursor.entered);
    let goes = matches!(push.course, Course::Back { .. }) && rollback.halted.is_none();
    let safe = rollback.since + rollback.plan.users_safe;
    let by = if goes { format!(", safe by {}", safe.hh_mm_ss(&moment.zone)) } else { String::new() };
    let label = format!("requests reach the new version since {}{by}", since.hh_mm(&moment.zone));
    Figure::of(Tone::Bad, &["USERS EXPOSED", "EXPOSED"], label).alone()
}

/// Who meets the new version.
fn met(model: &Model, push: &Push) -> Block {
    let Some(met) = exposure::now(model.fleet(), push) else { return Block(Vec::new()) };
    let share = if met.of > 0 { Share::new(f64::from(met.instances) / f64::from(met.of)) } else { Share::NONE };
    let version = push.plan.moves.first().map(|part| &part.to.version);
    let version = version.filter(|first| push.plan.moves.iter().all(|part| part.to.version == **first));
    let version = version.map_or_else(|| "the new version".to_owned(), ToString::to_string);
    let tone = Tone::Plain;
    let share = share.to_string();
    let label = format!("{} of {} instances on {version}", grouped(met.instances.into()), grouped(met.of.into()));
    Block(vec![Figure::of(tone, &[&share, &share.replace(' ', "")], label), requests(&met, &version)])
}

fn requests(met: &Exposure, version: &str) -> Figure {
    if met.rps <= 0.0 {
        return Figure::of(Tone::Plain, &["0/s"], format!("no request meets {version}"));
    }
    let basis = if met.rps_basis == Basis::Measured { "" } else { ", as declared" };
    let long = format!("{}/s", words::rate(met.rps));
    let short = match met.rps {
        1e6.. => format!("{:.1}M/s", met.rps / 1e6),
        1e4.. => format!("{:.0}K/s", met.rps / 1e3),
        _ => long.clone(),
    };
    Figure::of(Tone::Plain, &[&long, &short], format!("requests meet {version}, {} of all{basis}", met.share))
}

/// Whether a person is needed, for what, and when: by the first of these decisions.
fn needed<'d>(model: &Model, mut decisions: impl Iterator<Item = &'d Decision>, named: bool) -> Option<Block> {
    let moment = model.moment();
    let first = decisions.next()?;
    let name = if named { format!("{}: ", first.name) } else { String::new() };
    let what = format!("{name}{}, {}", first.words, first.who);
    let at = moment.day_clock(first.since);
    if !first.is_due(moment.now) {
        return Some(Figure::of(Tone::Plain, &[&at.to_uppercase()], format!("next decision, about then: {what}")).alone());
    }
    let others = decisions.filter(|decision| decision.is_due(moment.now)).count();
    let others = if others > 0 { format!("; {others} more") } else { String::new() };
    let tone = if first.kind == DecisionKind::NotStopped { Tone::Bad } else { Tone::Waiting };
    Some(Figure::of(tone, &["PERSON NEEDED", "NEEDED"], format!("{what}, since {at}{others}")).alone())
}

/// The word for a status, and a shorter one where it is long.
fn forms(status: Status) -> Vec<String> {
    let words: &[&str] = match status {
        Status::RollbackFailed => &["ROLLBACK FAILED", "NOT BACK"],
        Status::Ready => &["NEEDS A GO"],
        other => return vec![other.word().to_uppercase()],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

const fn tone(status: Status) -> Tone {
    match status {
        Status::RollbackFailed | Status::OutOfStep => Tone::Loudest,
        Status::Failed | Status::Unknown => Tone::Bad,
        Status::RollingBack
        | Status::Held
        | Status::RolledBack
        | Status::WaitingApproval
        | Status::Ready
        | Status::WaitingRequirements => Tone::Waiting,
        Status::Converging | Status::Baking | Status::Pending => Tone::Plain,
        Status::Replaced | Status::Converged => Tone::Good,
    }
}
