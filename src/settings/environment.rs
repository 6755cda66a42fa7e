//! The environment's layer.

use super::{Layer, MOTION, Motion, Origin, Said, YES_OR_NO, ZONE, is_zone};

/// The variables that are settings, in the order of [`ENTRIES`](super::ENTRIES); keys and columns have none.
pub const VARIABLES: [&str; 6] =
    ["PUSHDECK_THEME", "PUSHDECK_ASCII", "PUSHDECK_COLOUR", "PUSHDECK_ZONE", "PUSHDECK_MOTION", "PUSHDECK_MOUSE"];

/// A variable of the environment that does not say what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value:?}; set it to {expected}, or unset it")]
pub struct BadVariable {
    /// The variable.
    pub name: &'static str,
    /// Its value, made safe to show.
    pub value: String,
    /// What it may be.
    pub expected: &'static str,
}

/// The environment's layer: [`VARIABLES`], and `NO_COLOR`, which by its convention turns colour off when it is set to anything but
/// nothing. `PUSHDECK_COLOUR` is the more particular and wins over it.
///
/// # Errors
/// Every variable that does not say what it should.
pub fn environment(variable: impl Fn(&str) -> Option<String>) -> Result<Layer, Vec<BadVariable>> {
    let mut asked = Asked { variable, faults: Vec::new() };
    let layer = Layer {
        theme: asked.text("PUSHDECK_THEME", "the name of a theme", |_| true),
        ascii: asked.yes("PUSHDECK_ASCII"),
        colour: asked.yes("PUSHDECK_COLOUR").or_else(|| {
            let refused = asked.set("NO_COLOR")?;
            (!refused.is_empty()).then_some(Said { value: false, origin: Origin::Variable("NO_COLOR") })
        }),
        zone: asked.text("PUSHDECK_ZONE", ZONE, is_zone),
        motion: asked.one("PUSHDECK_MOTION", MOTION, Motion::named),
        mouse: asked.yes("PUSHDECK_MOUSE"),
        keys: Vec::new(),
        columns: super::Columns::new(),
        metrics: None,
    };
    if asked.faults.is_empty() { Ok(layer) } else { Err(asked.faults) }
}

struct Asked<V> {
    variable: V,
    faults: Vec<BadVariable>,
}

impl<V: Fn(&str) -> Option<String>> Asked<V> {
    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    fn one<T>(&mut self, name: &'static str, expected: &'static str, read: impl Fn(&str) -> Option<T>) -> Option<Said<T>> {
        let text = self.set(name)?;
        let value = read(&text);
        if value.is_none() {
            self.faults.push(BadVariable { name, value: crate::safe::clean(&text), expected });
        }
        value.map(|value| Said { value, origin: Origin::Variable(name) })
    }

    fn text(&mut self, name: &'static str, expected: &'static str, fits: impl Fn(&str) -> bool) -> Option<Said<String>> {
        self.one(name, expected, |text| fits(text).then(|| text.to_owned()))
    }

    fn yes(&mut self, name: &'static str) -> Option<Said<bool>> {
        self.one(name, YES_OR_NO, |text| match text {
            "1" | "true" | "yes" => Some(true),
            "0" | "false" | "no" => Some(false),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(set: &'static [(&str, &str)]) -> Result<Layer, Vec<BadVariable>> {
        environment(move |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn no_color_holds_unless_colour_is_asked_for_by_name() {
        let colour = |set| only(set).expect("no fault").colour.map(|said| (said.value, said.origin));
        assert_eq!(colour(&[("NO_COLOR", "1")]), Some((false, Origin::Variable("NO_COLOR"))));
        assert_eq!(colour(&[("NO_COLOR", "")]), None);
        assert_eq!(colour(&[("NO_COLOR", "1"), ("PUSHDECK_COLOUR", "1")]), Some((true, Origin::Variable("PUSHDECK_COLOUR"))));
    }

    #[test]
    fn every_variable_that_says_nothing_it_should_is_named() {
        let set = &[("PUSHDECK_ASCII", "maybe"), ("PUSHDECK_ZONE", "Mars/Olympus"), ("PUSHDECK_MOTION", "some")];
        let faults = only(set).expect_err("three faults");
        assert_eq!(
            faults.iter().map(|fault| fault.name).collect::<Vec<_>>(),
            ["PUSHDECK_ASCII", "PUSHDECK_ZONE", "PUSHDECK_MOTION"]
        );
    }
}
