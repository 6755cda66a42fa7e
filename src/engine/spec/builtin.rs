//! The specs and scenarios that come with the program.

/// The scenario of `demo:` where none is named.
pub const DEFAULT_SCENARIO: &str = "steady";

const SCENARIOS: [(&str, &str); 23] = [
    ("steady", include_str!("../../../fixtures/scenarios/steady.toml")),
    ("canary-regression", include_str!("../../../fixtures/scenarios/canary-regression.toml")),
    ("crash-loop", include_str!("../../../fixtures/scenarios/crash-loop.toml")),
    ("same-commit", include_str!("../../../fixtures/scenarios/same-commit.toml")),
    ("no-data", include_str!("../../../fixtures/scenarios/no-data.toml")),
    ("tail-latency", include_str!("../../../fixtures/scenarios/tail-latency.toml")),
    ("slow-leak", include_str!("../../../fixtures/scenarios/slow-leak.toml")),
    ("only-at-scale", include_str!("../../../fixtures/scenarios/only-at-scale.toml")),
    ("bad-region", include_str!("../../../fixtures/scenarios/bad-region.toml")),
    ("shared-fault", include_str!("../../../fixtures/scenarios/shared-fault.toml")),
    ("out-of-band", include_str!("../../../fixtures/scenarios/out-of-band.toml")),
    ("capacity-squeeze", include_str!("../../../fixtures/scenarios/capacity-squeeze.toml")),
    ("one-way-door", include_str!("../../../fixtures/scenarios/one-way-door.toml")),
    ("two-operators", include_str!("../../../fixtures/scenarios/two-operators.toml")),
    ("freeze", include_str!("../../../fixtures/scenarios/freeze.toml")),
    ("sibling-skew", include_str!("../../../fixtures/scenarios/sibling-skew.toml")),
    ("fix-forward", include_str!("../../../fixtures/scenarios/fix-forward.toml")),
    ("held-and-fixed", include_str!("../../../fixtures/scenarios/held-and-fixed.toml")),
    ("flag-off", include_str!("../../../fixtures/scenarios/flag-off.toml")),
    ("blue-green", include_str!("../../../fixtures/scenarios/blue-green.toml")),
    ("blue-green-back", include_str!("../../../fixtures/scenarios/blue-green-back.toml")),
    ("train", include_str!("../../../fixtures/scenarios/train.toml")),
    ("stuck-way-back", include_str!("../../../fixtures/scenarios/stuck-way-back.toml")),
];

const SPECS: [(&str, &str); 3] = [
    ("demo", include_str!("../../../fixtures/specs/demo.toml")),
    ("blue-green", include_str!("../../../fixtures/specs/blue-green.toml")),
    ("shop", include_str!("../../../fixtures/specs/shop.toml")),
];

/// The names of the scenarios, the default first.
pub fn scenario_names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(name, _)| *name)
}

/// A scenario's text by name.
pub fn scenario(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// A spec's text by name.
pub fn spec(name: &str) -> Option<&'static str> {
    SPECS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
