//! Where everything stands, once.

use super::Global;
use super::exit::Exit;

/// Prints it.
pub async fn run(_global: &Global, _json: bool) -> Exit {
    Exit::Done
}
