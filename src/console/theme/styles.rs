//! A theme: each role's style at one colour depth.

use ratatui::style::Style;

use super::depth::ColourDepth;
use super::role::Role;
use super::shipped::{self, SHIPPED};
use super::source::{Source, ThemeError, read};

/// Role → style. Every role has one.
#[derive(Clone, Debug)]
pub struct Theme {
    /// In the order of the roles.
    styles: Vec<Style>,
}

impl Theme {
    /// The default theme for a terminal of this depth.
    ///
    /// # Errors
    /// The embedded files are tested to be right; an error means that this build is broken.
    pub fn for_depth(depth: ColourDepth) -> Result<Self, ThemeError> {
        let [default, ..] = &SHIPPED;
        Self::parse(default.file, default.text, depth)
    }

    /// A theme from a file's text, its colours brought to the depth; `file` names it in errors. Where the terminal has fewer colours
    /// than the theme asks for, a theme made for that many takes its place.
    ///
    /// # Errors
    /// Every mistake of the file, with line and reason.
    pub fn parse(file: &str, text: &str, depth: ColourDepth) -> Result<Self, ThemeError> {
        let source = read(file, text)?;
        let source = match depth {
            ColourDepth::Mono => instead("mono")?.unwrap_or(source),
            ColourDepth::Sixteen if source.has_fixed_colours() => instead("16-colour")?.unwrap_or(source),
            ColourDepth::Sixteen | ColourDepth::Indexed | ColourDepth::True => source,
        };
        let style = |(role, _): &(Role, _)| source.styles.get(role).map(|style| shown(*style, depth)).unwrap_or_default();
        let styles = Role::ALL.iter().map(style).collect();
        Ok(Self { styles })
    }

    /// The look of a meaning. Where it has no background, what is underneath shows through.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

fn instead(name: &str) -> Result<Option<Source>, ThemeError> {
    shipped::named(name).map(|theme| read(theme.file, theme.text)).transpose()
}

fn shown(style: Style, depth: ColourDepth) -> Style {
    let bring = |colour| depth.show(colour);
    Style { fg: style.fg.map(bring), bg: style.bg.map(bring), ..style }
}
