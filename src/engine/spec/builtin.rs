//! The specs and scenarios that come with the program.

/// The scenario of `demo:` where none is named.
pub const DEFAULT_SCENARIO: &str = "steady";

const SCENARIOS: [(&str, &str); 6] = [
    ("steady", include_str!("../../../fixtures/scenarios/steady.toml")),
    ("canary-regression", include_str!("../../../fixtures/scenarios/canary-regression.toml")),
    ("crash-loop", include_str!("../../../fixtures/scenarios/crash-loop.toml")),
    ("no-data", include_str!("../../../fixtures/scenarios/no-data.toml")),
    ("fix-forward", include_str!("../../../fixtures/scenarios/fix-forward.toml")),
    ("train", include_str!("../../../fixtures/scenarios/train.toml")),
];

const SPECS: [(&str, &str); 1] = [("demo", include_str!("../../../fixtures/specs/demo.toml"))];

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
