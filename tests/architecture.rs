//! The layers hold: no source file imports what its layer may not use.
//!
//! A path is seen wherever it is written, in a `use` (grouped or not) and in the middle of an expression. Test modules are held to the
//! same table, except for what their own file's first `#[cfg(test)]` begins, and files named `tests.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// What one layer may reach. A source belongs to the layer with the longest prefix that fits its path.
struct Layer {
    /// Folder or file, below `src`.
    prefix: &'static str,
    /// Modules of this crate, besides the layer's own.
    may: &'static [&'static str],
    /// External crates it must not name.
    never: &'static [&'static str],
}

const PURE: &[&str] = &[
    "rand",
    "tokio",
    "tokio_stream",
    "reqwest",
    "axum",
    "ratatui",
    "crossterm",
    "tracing",
    "directories",
    "std::fs",
    "std::net",
    "std::process",
];
/// The same, but for streams of numbers that follow from a seed.
const SEEDED: &[&str] = PURE.split_at(1).1;
/// Questions whose answer differs from one run to the next.
const CLOCKS: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "now_v7",
    "new_v4",
    "rand::rng",
    "rand::random",
    "SysRng",
    "ThreadRng",
];
const NO_SCREEN: &[&str] = &["ratatui", "crossterm"];
const NO_RUNTIME: &[&str] = &["tokio", "tokio_stream", "crossterm", "reqwest", "axum"];

const LAYERS: &[Layer] = &[
    Layer { prefix: "safe", may: &[], never: PURE },
    Layer { prefix: "domain", may: &["safe"], never: PURE },
    Layer { prefix: "document", may: &["safe", "domain"], never: PURE },
    Layer { prefix: "evidence", may: &["domain", "safe"], never: SEEDED },
    Layer { prefix: "query", may: &["domain", "safe"], never: PURE },
    Layer { prefix: "protocol", may: &["domain", "evidence", "safe"], never: PURE },
    Layer { prefix: "engine", may: &["domain", "evidence", "document", "safe"], never: PURE },
    Layer { prefix: "engine/mod.rs", may: &["domain", "evidence", "document", "safe"], never: NO_SCREEN },
    Layer { prefix: "engine/journal", may: SHELL, never: NO_SCREEN },
    Layer { prefix: "engine/run", may: SHELL, never: NO_SCREEN },
    Layer { prefix: "engine/driver", may: SHELL, never: NO_SCREEN },
    Layer { prefix: "simulation", may: &["domain", "evidence", "engine", "document", "safe"], never: NO_SCREEN },
    Layer { prefix: "metrics", may: &["domain", "evidence", "safe"], never: NO_SCREEN },
    Layer {
        prefix: "backend",
        may: &["domain", "evidence", "protocol", "engine", "metrics", "simulation", "document", "safe"],
        never: NO_SCREEN,
    },
    Layer { prefix: "server", may: &["backend", "protocol", "domain", "evidence", "safe"], never: NO_SCREEN },
    Layer { prefix: "settings", may: &["domain", "document", "metrics/guard", "safe"], never: NO_SCREEN },
    Layer { prefix: "console", may: CONSOLE, never: &["reqwest", "axum"] },
    Layer { prefix: "console/model", may: MODEL, never: PURE },
    Layer { prefix: "console/keymap", may: MODEL, never: PURE },
    Layer {
        prefix: "console/view",
        may: &["console/model", "console/keymap", "console/theme", "domain", "evidence", "query", "settings", "safe"],
        never: NO_RUNTIME,
    },
    Layer { prefix: "console/theme", may: &["console/model", "console/keymap", "domain", "document", "safe"], never: NO_RUNTIME },
    Layer { prefix: "plain", may: &["domain", "evidence", "query", "console/model", "console/keymap", "safe"], never: NO_SCREEN },
    Layer { prefix: "cli", may: &["*"], never: &[] },
    Layer { prefix: "main", may: &["*"], never: &[] },
    Layer { prefix: "lib", may: &["*"], never: &[] },
];

const SHELL: &[&str] = &["domain", "evidence", "document", "engine", "protocol", "metrics", "simulation", "safe"];
const MODEL: &[&str] = &["console/model", "console/keymap", "domain", "evidence", "query", "settings", "safe"];
const CONSOLE: &[&str] = &["console", "domain", "evidence", "query", "settings", "backend", "protocol", "document", "safe"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    // A folder that cannot be read yields nothing; that too little was found is noticed by the test itself.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The layer of a file, given its path below `src`.
fn layer_of(file: &str) -> Option<&'static Layer> {
    let fits = |layer: &&Layer| file.strip_prefix(layer.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']));
    LAYERS.iter().filter(fits).max_by_key(|layer| layer.prefix.len())
}

/// A source's code without its comments, its texts and its tests; lines keep their places.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        if line.trim_start().starts_with("#[cfg(test)]") {
            break;
        }
        let mut in_text = false;
        let mut previous = ' ';
        let mut kept = String::new();
        for c in line.chars() {
            if c == '"' && previous != '\\' && previous != '\'' {
                in_text = !in_text;
            } else if !in_text && c == '/' && previous == '/' {
                kept.pop();
                break;
            } else if !in_text {
                kept.push(c);
            }
            previous = c;
        }
        code.push_str(&kept);
        code.push('\n');
    }
    code
}

/// Every path that begins with `root`, flattened out of its groups, as segments joined by `/`, with the line it begins on.
fn paths(code: &str, root: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(root) {
        let (head, tail) = code.split_at(at);
        let before = head.chars().next_back().unwrap_or(' ');
        if before.is_alphanumeric() || before == '_' || before == ':' {
            continue;
        }
        expand(tail.trim_start_matches(root), "", head.matches('\n').count() + 1, &mut found);
    }
    found
}

/// Reads `a::{b, c::d}` from the start of `rest` into whole paths; gives back what follows.
fn expand<'c>(rest: &'c str, prefix: &str, line: usize, found: &mut Vec<(usize, String)>) -> &'c str {
    let rest = rest.trim_start();
    if let Some(mut inner) = rest.strip_prefix('{') {
        loop {
            inner = expand(inner, prefix, line, found).trim_start();
            if let Some(next) = inner.strip_prefix(',') {
                inner = next;
            } else {
                return inner.strip_prefix('}').unwrap_or(inner);
            }
        }
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*')).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
    if let Some(deeper) = after.strip_prefix("::") {
        return expand(deeper, &path, line, found);
    }
    if !name.is_empty() {
        found.push((line, path));
    }
    let after = after.trim_start();
    after.strip_prefix("as ").map_or(after, |renamed| renamed.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
}

fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What is forbidden in one file, as `file:line: what`.
fn faults(file: &str, text: &str) -> Vec<String> {
    let code = code_of(text);
    let mut faults = Vec::new();
    let Some(layer) = layer_of(file) else {
        return vec![format!("src/{file}:1: belongs to no layer; add it to DESIGN's table and to this test's")];
    };
    let own = layer.prefix.trim_end_matches("/mod.rs");
    for (line, path) in paths(&code, "crate::") {
        let allowed = layer.may.contains(&"*") || below(&path, own) || layer.may.iter().any(|may| below(&path, may));
        if !allowed {
            faults.push(format!("src/{file}:{line}: {} may not use crate::{}", layer.prefix, path.replace('/', "::")));
        }
    }
    for never in layer.never {
        let (root, below_root) = never.split_once("::").unwrap_or((never, ""));
        for (line, _) in
            paths(&code, &format!("{root}::")).iter().filter(|(_, path)| below_root.is_empty() || below(path, below_root))
        {
            faults.push(format!("src/{file}:{line}: {} may not use {never}", layer.prefix));
        }
    }
    if [PURE, SEEDED].contains(&layer.never) {
        for clock in CLOCKS {
            let lines = code.lines().enumerate().filter(|(_, line)| line.contains(clock));
            faults.extend(lines.map(|(line, _)| format!("src/{file}:{}: {} may not ask {clock}", line + 1, layer.prefix)));
        }
    }
    if !file.starts_with("console/theme") {
        for (line, _) in paths(&code, "Color::") {
            faults.push(format!("src/{file}:{line}: a colour outside the theme; ask for a role instead"));
        }
    }
    faults
}

#[test]
fn no_layer_reaches_where_it_may_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    assert!(files.len() > 10, "no sources found below {}", root.display());
    let mut found = Vec::new();
    for path in files.iter().filter(|path| path.file_name().is_some_and(|name| name != "tests.rs")) {
        let file = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        found.extend(faults(&file, &fs::read_to_string(path).expect("a source")));
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_forbidden_import_is_found_in_every_form() {
    let line = |file: &str, text: &str| faults(file, text).first().cloned().unwrap_or_default();
    assert_eq!(
        line("domain/x.rs", "//! x\nuse crate::engine::spec;\n"),
        "src/domain/x.rs:2: domain may not use crate::engine::spec"
    );
    assert!(line("domain/x.rs", "use crate::{safe, engine::{spec}};\n").contains("crate::engine::spec"));
    assert!(line("evidence/x.rs", "fn f() { crate::console::run() }\n").contains("crate::console::run"));
    assert!(line("engine/step/x.rs", "use tokio::time;\n").contains("may not use tokio"));
    assert!(line("domain/x.rs", "use std::{fmt, fs::File};\n").contains("may not use std::fs"));
    assert!(line("domain/x.rs", "let t = Instant::now();\n").contains("may not ask Instant::now"));
    assert!(line("domain/x.rs", "use rand::SeedableRng;\n").contains("may not use rand"));
    assert!(line("evidence/x.rs", "let mut rng = rand::rng();\n").contains("may not ask rand::rng"));
    assert!(line("console/view/x.rs", "let c = Color::Red;\n").contains("outside the theme"));
    assert!(line("console/model/x.rs", "use crate::console::view::x;\n").contains("crate::console::view::x"));
    assert!(line("elsewhere.rs", "").contains("belongs to no layer"));
}

#[test]
fn what_is_allowed_or_only_spoken_of_passes() {
    assert_eq!(faults("engine/journal/x.rs", "use crate::protocol::record;\nuse std::fs;\n"), [""; 0]);
    assert_eq!(faults("evidence/x.rs", "use rand::SeedableRng as _;\n"), [""; 0]);
    assert_eq!(faults("domain/x.rs", "// crate::engine is above\nlet t = \"crate::engine::spec\";\n"), [""; 0]);
    assert_eq!(faults("domain/x.rs", "#[cfg(test)]\nmod tests { use crate::engine::spec; }\n"), [""; 0]);
    assert_eq!(faults("console/view/x.rs", "use crate::console::{model::x, theme as t};\n"), [""; 0]);
    assert_eq!(faults("console/runtime/x.rs", "use crate::backend::Observer;\nuse crossterm::event;\n"), [""; 0]);
}
