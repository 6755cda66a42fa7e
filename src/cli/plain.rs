//! Any live view as announced lines: works without a terminal, and writes nothing but words.

use std::io::{self, Write as _};
use std::time::Duration;

use tokio_stream::StreamExt as _;

use crate::backend::port::{Observer, Update};
use crate::backend::recording::Recorded;
use crate::console::keymap::{Access, Keymap};
use crate::console::model::{Event, Model, Setup, Source, next_deadline, update};
use crate::console::runtime::{Signal, Signals, heard, wall_clock};
use crate::plain::Announcer;
use crate::settings::Motion;

use super::Global;
use super::exit::{Exit, complain};
use super::open::{self, Uri};
use super::preferences::zone_of;

/// Announces what changes until the backend ends, a signal comes, or nobody reads any more.
pub async fn run(global: &Global, uri: Uri, access: Access) -> Exit {
    match open(global, uri, access) {
        Ok((observer, model)) => match Signals::take() {
            Ok(signals) => announce(observer.as_ref(), model, signals).await,
            Err(why) => complain(why, Exit::Misuse),
        },
        Err(exit) => exit,
    }
}

fn open(global: &Global, uri: Uri, access: Access) -> Result<(Box<dyn Observer>, Model), Exit> {
    let zone = zone_of(global)?;
    let observer: Box<dyn Observer> = match uri {
        Uri::Demo { scenario, seed, speed } => Box::new(open::demo(global, scenario, seed, speed)?),
        Uri::Recording(file) => Box::new(Recorded::new(&file)),
    };
    let described = observer.describe();
    let access = if described.recorded { Access::Watch } else { access };
    let keymap = Keymap::new(access).map_err(|faults| faults.iter().fold(Exit::Misuse, |exit, fault| complain(fault, exit)))?;
    let source =
        Source { uri: described.uri, simulated: described.simulated, speed: described.speed, recorded: described.recorded };
    let model = Model::new(Setup {
        access,
        actor: global.actor(),
        source,
        zone,
        keymap,
        size: (0, 0),
        kiosk: true,
        cycle: None,
        motion: Motion::Reduced,
        columns: crate::settings::Columns::new(),
        at: wall_clock(),
    });
    Ok((observer, model))
}

async fn announce(observer: &dyn Observer, mut model: Model, mut signals: Signals) -> Exit {
    let mut stream = observer.changes();
    let mut announcer = Announcer::default();
    loop {
        let wake = next_deadline(&model).map(|due| wall_clock().until(due).millis().unsigned_abs());
        let event = tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Terminate | Signal::Hangup => return Exit::Done,
                Signal::Suspend | Signal::Continue | Signal::Resize => continue,
            },
            news = stream.next() => match news {
                Some(Update::Ended { why }) => {
                    print(&[format!("the end: {}", crate::safe::clean(&why))]);
                    return Exit::Done;
                }
                Some(news) => heard(news, wall_clock()),
                None => return Exit::Done,
            },
            () = tokio::time::sleep(Duration::from_millis(wake.unwrap_or(3_600_000))) => Event::Tick { at: wall_clock() },
        };
        update(&mut model, event);
        if !print(&announcer.heard(&model)) {
            return Exit::Done;
        }
    }
}

/// Says whether anybody reads.
fn print(lines: &[String]) -> bool {
    let mut out = io::stdout().lock();
    lines.iter().all(|line| writeln!(out, "{line}").is_ok()) && out.flush().is_ok()
}
