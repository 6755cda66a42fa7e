//! Programs that a test needs besides a Rust toolchain.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Where this is `1`, nothing is skipped.
const REQUIRE_ALL: &str = "PUSHDECK_REQUIRE_ALL";

/// Whether tmux is there. Where it is not, the test is skipped and says so in one line, or fails where nothing may be skipped.
pub fn tmux(test: &str) -> bool {
    program(test, "tmux", "-V")
}

/// The same of a Prometheus server.
pub fn prometheus(test: &str) -> bool {
    program(test, "prometheus", "--version")
}

/// Whether a program is there that can be asked its version so.
fn program(test: &str, name: &str, version: &str) -> bool {
    let asked = Command::new(name).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = asked.is_ok_and(|status| status.success());
    assert!(is_there || std::env::var_os(REQUIRE_ALL).is_none_or(|value| value != "1"), "{test} needs {name}, and {REQUIRE_ALL}=1");
    if !is_there {
        // Not by a macro: what those print is kept from whoever runs the tests.
        let said = writeln!(std::io::stderr(), "skipped: {test} needs {name}, which is not here");
        drop(said);
    }
    is_there
}
