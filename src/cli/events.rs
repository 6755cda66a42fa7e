//! What happened.

use super::Global;
use super::exit::Exit;

/// Prints it.
pub async fn run(_global: &Global, _json: bool, _follow: bool) -> Exit {
    Exit::Done
}
