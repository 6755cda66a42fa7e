//! The console and the wall.

use std::io::IsTerminal as _;
use std::path::Path;

use crate::backend::recording::{Recorded, Replayed};
use crate::console::keymap::Access;
use crate::console::runtime::{Again, Hands, Looks, Nobody, Wall, run};
use crate::domain::time::Period;

use super::Global;
use super::exit::{Exit, complain};
use super::open::{self, Uri};
use super::plain;
use super::preferences::looks;

/// The console, for somebody who may act where the backend lets them.
pub async fn operate(global: &Global, uri: Uri) -> Exit {
    if global.plain {
        return plain::run(global, uri, Access::Operate).await;
    }
    let looks = match prepared(global) {
        Ok(looks) => looks,
        Err(exit) => return exit,
    };
    let ended = match uri {
        Uri::Demo { scenario, seed, speed } => match open::demo(global, scenario, seed, speed) {
            Ok(demo) => run(&demo.clone(), Hands::Operate(demo), global.actor(), looks).await,
            Err(exit) => return exit,
        },
        // Nothing can be asked of a recording: it is watched, though by a person with a keyboard.
        Uri::Recording(file) => {
            let wall = Wall { kiosk: false, cycle: None };
            run(&Recorded::new(&file), Hands::<Nobody>::Watch(wall), global.actor(), looks).await
        }
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(why) => complain(why, Exit::Misuse),
    }
}

/// A recording, from its beginning. Nothing can be asked of it.
pub async fn replay(global: &Global, file: &Path, speed: f64) -> Exit {
    let looks = match open::nothing_to_expose(global)
        .and_then(|()| open::speed(speed))
        .and_then(|()| open::readable(file))
        .and_then(|()| prepared(global))
    {
        Ok(looks) => looks,
        Err(exit) => return exit,
    };
    let wall = Wall { kiosk: false, cycle: None };
    match run(&Replayed::new(file, speed), Hands::<Nobody>::Watch(wall), global.actor(), looks).await {
        Ok(()) => Exit::Done,
        Err(why) => complain(why, Exit::Misuse),
    }
}

/// The wall.
pub async fn watch(global: &Global, kiosk: bool, cycle: u32) -> Exit {
    if global.plain {
        return match open::uri(global) {
            Ok(uri) => plain::run(global, uri, Access::Watch).await,
            Err(exit) => exit,
        };
    }
    let (uri, looks) = match (open::uri(global), prepared(global)) {
        (Ok(uri), Ok(looks)) => (uri, looks),
        (Err(exit), _) | (_, Err(exit)) => return exit,
    };
    let hands = Hands::<Nobody>::Watch(Wall { kiosk, cycle: Some(Period::from_secs(i64::from(cycle))) });
    let ended = match uri {
        Uri::Demo { scenario, seed, speed } => match open::demo(global, scenario, seed, speed) {
            Ok(demo) => run(&demo, hands, global.actor(), looks).await,
            Err(exit) => return exit,
        },
        Uri::Recording(file) => run(&Recorded::new(&file), hands, global.actor(), looks).await,
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(why) => complain(why, Exit::Misuse),
    }
}

/// A terminal to draw on, and how to draw.
fn prepared(global: &Global) -> Result<(Looks, Again), Exit> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        let why = "the console needs a terminal, and this is none; `pushdeck status` and `pushdeck events` print lines";
        return Err(complain(why, Exit::Misuse));
    }
    looks(global)
}
