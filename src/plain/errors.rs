//! The error lines that only the new version of a push writes, as lines and as JSON.

use serde_json::{Value, json};

use crate::console::model::{Known, NewErrors, Said, kind_told};
use crate::domain::explain::Moment;
use crate::domain::push::Push;
use crate::evidence::logs::NewKind;

/// What its logs say in a line, and a line for each kind; none where no logs are read.
pub(super) fn lines(known: Known<'_>, push: &Push, moment: &Moment) -> Vec<String> {
    let Some(errors) = NewErrors::of(known.fleet, known.signals, push, moment.now) else { return Vec::new() };
    let kinds = errors.kinds.iter().map(|new| format!("    {}: {}", new.kind.signature, kind_told(new, moment)));
    std::iter::once(format!("  {}", errors.sentence(moment.now))).chain(kinds).collect()
}

/// What its logs say as JSON, or null where none are read: `known` is false where nobody can tell.
pub(super) fn json(known: Known<'_>, push: &Push, moment: &Moment) -> Option<Value> {
    let errors = NewErrors::of(known.fleet, known.signals, push, moment.now)?;
    let kind = |new: &NewKind| {
        json!({
            "service": new.pair.placement.service,
            "environment": new.pair.placement.environment,
            "version": new.pair.new,
            "line": new.kind.signature,
            "count": new.kind.count,
            "first": new.kind.first,
            "last": new.kind.last,
            "cells": new.kind.cells,
        })
    };
    Some(json!({
        "known": errors.said() != Said::Unknown,
        "kinds": errors.kinds.iter().map(kind).collect::<Vec<_>>(),
        "not_read": errors.gaps(),
    }))
}
