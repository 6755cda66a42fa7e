//! A theme: each role's style at one colour depth.

use std::collections::BTreeMap;

use ratatui::style::Style;

use super::depth::ColourDepth;
use super::role::Role;
use super::source::{ThemeError, read};

const DARK: (&str, &str) = ("themes/dark.toml", include_str!("../../../themes/dark.toml"));
const MONO: (&str, &str) = ("themes/mono.toml", include_str!("../../../themes/mono.toml"));

/// Role → style. Every role has one.
#[derive(Clone, Debug)]
pub struct Theme {
    name: String,
    styles: BTreeMap<Role, Style>,
}

impl Theme {
    /// The theme for a terminal of this depth: dark, or mono where there are no colours.
    ///
    /// # Errors
    /// The embedded files are tested to be right; an error means that this build is broken.
    pub fn for_depth(depth: ColourDepth) -> Result<Self, ThemeError> {
        let (file, text) = if depth == ColourDepth::Mono { MONO } else { DARK };
        Self::parse(file, text, depth)
    }

    /// A theme from a file's text, its colours brought to the depth; `file` names it in errors.
    ///
    /// # Errors
    /// Every mistake of the file, with line and reason.
    pub fn parse(file: &str, text: &str, depth: ColourDepth) -> Result<Self, ThemeError> {
        let source = read(file, text)?;
        let styles = source.styles.into_iter().map(|(role, style)| (role, shown(style, depth))).collect();
        Ok(Self { name: source.name, styles })
    }

    /// The theme's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The look of a meaning. Where it has no background, what is underneath shows through.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

fn shown(style: Style, depth: ColourDepth) -> Style {
    let bring = |colour| depth.show(colour);
    Style { fg: style.fg.map(bring), bg: style.bg.map(bring), ..style }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier};

    use super::super::depth::xterm;
    use super::super::vision::{Sight, contrast, difference};
    use super::*;

    fn rgb(colour: Option<Color>) -> [u8; 3] {
        match colour {
            Some(Color::Rgb(r, g, b)) => [r, g, b],
            Some(Color::Indexed(index)) => xterm(index).unwrap(),
            other => panic!("{other:?} is no fixed colour"),
        }
    }

    fn dark() -> [Theme; 2] {
        [ColourDepth::True, ColourDepth::Indexed].map(|depth| Theme::for_depth(depth).unwrap())
    }

    #[test]
    fn text_can_be_read_on_every_ground() {
        let lines = [Role::Rule, Role::Gap, Role::Shade, Role::Base, Role::Selected, Role::Dialog];
        for theme in dark() {
            let ground = |role| rgb(theme.style(role).bg);
            let grounds = [Role::Base, Role::Selected, Role::Dialog].map(ground);
            for (role, name) in Role::ALL.into_iter().filter(|(role, _)| !lines.contains(role)) {
                let style = theme.style(role);
                for on in style.bg.map_or(grounds.to_vec(), |bg| vec![rgb(Some(bg))]) {
                    let ratio = contrast(rgb(style.fg), on);
                    assert!(ratio >= 4.5, "{name} {ratio:.2} on {on:?}");
                }
            }
            for role in [Role::Base, Role::Dialog] {
                assert!(contrast(rgb(theme.style(role).fg), ground(role)) >= 7.0, "{role:?}");
            }
            for role in [Role::Rule, Role::Gap, Role::Shade] {
                assert!(contrast(rgb(theme.style(role).fg), ground(Role::Base)) >= 3.0, "{role:?}");
            }
        }
    }

    #[test]
    fn good_waiting_and_bad_differ_for_every_eye() {
        for theme in dark() {
            for sight in [Sight::Full, Sight::Protan, Sight::Deutan] {
                let [good, waiting, bad] = [Role::Good, Role::Waiting, Role::Bad].map(|role| rgb(theme.style(role).fg));
                for (pair, a, b) in [("good, waiting", good, waiting), ("good, bad", good, bad), ("waiting, bad", waiting, bad)] {
                    let apart = difference(a, b, sight);
                    assert!(apart >= 20.0, "{pair}: {apart:.1} for {sight:?}");
                }
            }
        }
    }

    #[test]
    fn mono_sends_no_colour_and_still_tells_apart() {
        let theme = Theme::for_depth(ColourDepth::Mono).unwrap();
        for (role, name) in Role::ALL {
            let style = theme.style(role);
            assert!([style.fg, style.bg].into_iter().flatten().all(|colour| colour == Color::Reset), "{name}");
        }
        let mut looks = [Role::Good, Role::Waiting, Role::Bad, Role::Loud, Role::Stale].map(|role| theme.style(role).add_modifier);
        looks.sort_unstable_by_key(Modifier::bits);
        assert!(looks.windows(2).all(|pair| pair[0] != pair[1]), "{looks:?}");
    }

    #[test]
    fn only_mode_and_the_loudest_are_reversed() {
        for depth in [ColourDepth::Mono, ColourDepth::Indexed, ColourDepth::True] {
            let theme = Theme::for_depth(depth).unwrap();
            for (role, name) in Role::ALL {
                let reversed = theme.style(role).add_modifier.contains(Modifier::REVERSED);
                assert_eq!(reversed, matches!(role, Role::Mode | Role::Loud), "{name}");
            }
        }
    }
}
