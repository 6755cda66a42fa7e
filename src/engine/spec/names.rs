//! Names: given once, and meaning something wherever they are used.

use std::collections::BTreeMap;

use crate::document::{At, Sheet, nearest};

/// The names of one kind of thing, each with the line that gave it.
#[derive(Debug)]
pub struct Names {
    kind: &'static str,
    lines: BTreeMap<String, usize>,
}

impl Names {
    /// No names yet. `kind` is what they name: `service`.
    pub fn new(kind: &'static str) -> Self {
        Self { kind, lines: BTreeMap::new() }
    }

    /// Takes a name in; one that is given already is a fault.
    pub fn add(&mut self, sheet: &Sheet, name: &At<String>) {
        if let Some(first) = self.lines.get(&name.value) {
            let what = format!("{} {:?} is declared twice (first at line {first})", self.kind, name.value);
            sheet.fault(name.line, &what, "give one of them another name");
            return;
        }
        self.lines.insert(name.value.clone(), name.line);
    }
}

/// Whether a name is known; one that is not is a fault that names the nearest.
pub fn refers<'k>(sheet: &Sheet, kind: &str, name: &At<String>, known: impl Iterator<Item = &'k str> + Clone) -> bool {
    if known.clone().any(|candidate| candidate == name.value) {
        return true;
    }
    let instead = match nearest(&name.value, known.clone()) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None if known.clone().next().is_none() => format!("declare a [[{kind}]] of that name"),
        None => format!("known are: {}", known.collect::<Vec<_>>().join(", ")),
    };
    sheet.fault(name.line, &format!("there is no {kind} {:?}", name.value), &instead);
    false
}
