//! Listening to a backend for as long as one answer takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;

use crate::backend::port::{Observer, Update};
use crate::backend::recording::Recorded;
use crate::domain::change::Change;
use crate::domain::fleet::Fleet;
use crate::domain::id::Seq;
use crate::domain::time::EngineTime;
use crate::evidence::series::Signals;
use crate::query::{MEANING, Query};

use super::Global;
use super::exit::{Exit, complain};
use super::open::{self, Uri};

/// How long a backend has to say where things stand.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where things stand, how they came to, and what comes.
pub(super) struct Gathered {
    /// Everything known.
    pub fleet: Arc<Fleet>,
    /// The last ticks' numbers.
    pub signals: Signals,
    /// The engine's clock.
    pub at: EngineTime,
    /// The changes that led there.
    pub past: Vec<Change>,
    /// What comes.
    pub news: mpsc::Receiver<Update>,
    /// How the answer ends: done, or, of a recording that could be read in part only, bad input.
    pub exit: Exit,
}

/// Opens the backend the flags name and listens until it has said where things stand: a demo after its first scrape.
pub(super) async fn gather(global: &Global) -> Result<Gathered, Exit> {
    let observer: Box<dyn Observer> = match open::uri(global)? {
        Uri::Demo { scenario, seed, speed } => Box::new(open::demo(global, scenario, seed, speed)?),
        Uri::Recording(file) => Box::new(Recorded::new(&file)),
    };
    let recorded = observer.describe().recorded;
    let (say, mut news) = mpsc::channel(1_024);
    let mut stream = observer.changes();
    tokio::spawn(async move {
        // The observer goes along: a demo lives only as long as somebody looks at it.
        let _observer = observer;
        while let Some(update) = stream.next().await {
            if say.send(update).await.is_err() {
                return;
            }
        }
    });
    let mut gathered = match tokio::time::timeout(PATIENCE, first(&mut news, recorded)).await {
        Ok(found) => found?,
        Err(_) => return Err(complain(format!("nothing was heard within {} s", PATIENCE.as_secs()), Exit::TimedOut)),
    };
    std::mem::swap(&mut gathered.news, &mut news);
    Ok(gathered)
}

async fn first(news: &mut mpsc::Receiver<Update>, recorded: bool) -> Result<Gathered, Exit> {
    let (fleet, signals, past, none) = (Arc::default(), Signals::default(), Vec::new(), mpsc::channel(1).1);
    let mut gathered = Gathered { fleet, signals, at: EngineTime::default(), past, news: none, exit: Exit::Done };
    // A heartbeat says that everything known so far has been told.
    let mut told = false;
    loop {
        match news.recv().await {
            Some(Update::Snapshot(fleet)) => {
                gathered.at = fleet.at();
                gathered.fleet = fleet;
            }
            Some(Update::Recorded { .. }) => {}
            Some(Update::Past(history)) => gathered.past = history.changes().cloned().collect(),
            Some(Update::Changes(changes)) => {
                let fleet = Arc::make_mut(&mut gathered.fleet);
                for change in &changes {
                    fleet.apply(change);
                }
                gathered.past.extend(changes);
            }
            Some(Update::Heartbeat { at, .. }) => {
                gathered.at = gathered.at.max(at);
                told = true;
                if recorded || gathered.signals.last_tick().is_some() {
                    return Ok(gathered);
                }
            }
            Some(Update::Readings(batch)) => {
                gathered.at = gathered.at.max(batch.at);
                let taken = gathered.signals.ingest(&batch);
                if taken && told && !recorded && !batch.readings.is_empty() {
                    return Ok(gathered);
                }
            }
            // What was read before the damage stays an answer.
            Some(Update::Ended { why }) if recorded && gathered.fleet.seq() > Seq(0) => {
                gathered.exit = complain(why, Exit::Misuse);
                return Ok(gathered);
            }
            Some(Update::Ended { why }) => return Err(complain(why, Exit::Unreachable)),
            None => return Err(complain("the backend has ended", Exit::Unreachable)),
        }
    }
}

/// What the words of a command line mean together.
pub(super) fn query(words: &[String]) -> Result<Query, Exit> {
    Query::read(&words.join(" ")).map_err(|fault| complain(format!("{fault}; such as {MEANING}"), Exit::Misuse))
}
