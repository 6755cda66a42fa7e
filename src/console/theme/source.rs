//! Reading a theme file, with every mistake in one go. A theme is called as its file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::role::Role;
use super::shipped;

/// One mistake in a theme file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1; 0 where the file could not be read at all.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub what: String,
}

/// Every mistake of one theme file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeError {
    /// The file, as it was named.
    pub file: String,
    /// Never empty.
    pub faults: Vec<Fault>,
}

impl std::error::Error for ThemeError {}

/// One line per mistake: `themes/dark.toml:12: ...`.
impl fmt::Display for ThemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            match fault.line {
                0 => write!(f, "{end}{}: {}", self.file, fault.what)?,
                line => write!(f, "{end}{}:{line}: {}", self.file, fault.what)?,
            }
        }
        Ok(())
    }
}

/// What a theme file says, colours as written: a style for every role.
pub(super) struct Source {
    pub styles: BTreeMap<Role, Style>,
}

impl Source {
    /// Whether it asks for a colour that a terminal of sixteen does not have.
    pub fn has_fixed_colours(&self) -> bool {
        self.styles.values().flat_map(|style| [style.fg, style.bg]).flatten().any(|colour| matches!(colour, Color::Rgb(..)))
    }
}

/// Reads a theme; `file` is only for naming it in faults. With `based_on`, roles it leaves out look as in that shipped theme.
pub(super) fn read(file: &str, text: &str) -> Result<Source, ThemeError> {
    let mut reader = Reader { text, faults: Vec::new() };
    let source = reader.file();
    if reader.faults.is_empty() {
        return Ok(source);
    }
    reader.faults.sort_by_key(|fault| fault.line);
    Err(ThemeError { file: file.to_owned(), faults: reader.faults })
}

type Entry<'a, 'i> = (&'a Spanned<Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

struct Reader<'t> {
    text: &'t str,
    faults: Vec<Fault>,
}

impl<'t> Reader<'t> {
    fn fault(&mut self, at: usize, what: String) {
        let line = self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        self.faults.push(Fault { line, what });
    }

    fn file(&mut self) -> Source {
        let mut own = BTreeMap::new();
        let mut base = None;
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            self.fault(error.span().map_or(0, |span| span.start), error.message().to_owned());
        }
        for (key, value) in document.get_ref() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("based_on", DeValue::String(name)) => base = Some(self.base(name, value.span().start)),
                ("role", DeValue::Table(roles)) => self.roles(roles, &mut own),
                ("based_on" | "role", _) => self.fault(value.span().start, format!("`{}` has the wrong type", key.get_ref())),
                (other, _) => {
                    let what = "a theme has `based_on` and `[role]`, and is called as its file";
                    self.fault(key.span().start, format!("unknown entry `{other}`; {what}"));
                }
            }
        }
        let Some(mut styles) = base else {
            let missing: Vec<_> = Role::ALL.iter().filter(|(role, _)| !own.contains_key(role)).map(|(_, name)| *name).collect();
            if !missing.is_empty() {
                let what = "add them, or begin with based_on = \"dark\"";
                self.fault(self.text.len(), format!("roles without a style: {}; {what}", missing.join(", ")));
            }
            return Source { styles: own };
        };
        styles.append(&mut own);
        Source { styles }
    }

    /// The styles of the shipped theme this one is a patch over.
    fn base(&mut self, name: &str, at: usize) -> BTreeMap<Role, Style> {
        let Some(shipped) = shipped::named(name) else {
            let there = shipped::SHIPPED.iter().map(|theme| theme.name).collect::<Vec<_>>().join(", ");
            self.fault(at, format!("no theme `{name}` comes with the program; there are {there}"));
            return BTreeMap::new();
        };
        read(shipped.file, shipped.text).map_or_else(|_| BTreeMap::new(), |source| source.styles)
    }

    fn roles(&mut self, roles: &DeTable<'t>, styles: &mut BTreeMap<Role, Style>) {
        for (key, value) in roles {
            let name = key.get_ref();
            match (Role::named(name), value.get_ref()) {
                (Some(role), DeValue::Table(entries)) => {
                    let mut style = Style::new();
                    for entry in entries {
                        style = self.entry(entry, style);
                    }
                    styles.insert(role, style);
                }
                (Some(role), _) => {
                    self.fault(value.span().start, format!("`{name}` must be a table such as {{ fg = \"#d5dae0\", bold = true }}"));
                    // Wrong, but not also missing.
                    styles.insert(role, Style::new());
                }
                (None, _) => self.fault(key.span().start, format!("unknown role `{name}`")),
            }
        }
    }

    fn entry(&mut self, (key, value): Entry<'_, 't>, style: Style) -> Style {
        let modifier = match key.get_ref().as_ref() {
            "fg" => return self.colour(value).map_or(style, |colour| style.fg(colour)),
            "bg" => return self.colour(value).map_or(style, |colour| style.bg(colour)),
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underlined" => Modifier::UNDERLINED,
            "reversed" => Modifier::REVERSED,
            other => {
                self.fault(
                    key.span().start,
                    format!("unknown entry `{other}`; use fg, bg, bold, dim, italic, underlined, reversed"),
                );
                return style;
            }
        };
        match value.get_ref() {
            DeValue::Boolean(true) => style.add_modifier(modifier),
            DeValue::Boolean(false) => style,
            _ => {
                self.fault(value.span().start, format!("`{}` must be true or false", key.get_ref()));
                style
            }
        }
    }

    fn colour(&mut self, value: &Spanned<DeValue<'t>>) -> Option<Color> {
        let colour = match value.get_ref() {
            DeValue::String(text) => colour(text),
            _ => None,
        };
        if colour.is_none() {
            let what = "a colour is \"#rrggbb\", \"reset\", or one of the sixteen by name, such as \"red\" or \"bright red\"";
            self.fault(value.span().start, what.to_owned());
        }
        colour
    }
}

/// The colours every terminal has. They are the user's own: nothing can be promised about their contrast.
const NAMED: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright black", Color::DarkGray),
    ("bright red", Color::LightRed),
    ("bright green", Color::LightGreen),
    ("bright yellow", Color::LightYellow),
    ("bright blue", Color::LightBlue),
    ("bright magenta", Color::LightMagenta),
    ("bright cyan", Color::LightCyan),
    ("bright white", Color::White),
];

fn colour(text: &str) -> Option<Color> {
    if text == "reset" {
        return Some(Color::Reset);
    }
    if let Some((_, colour)) = NAMED.iter().find(|(name, _)| *name == text) {
        return Some(*colour);
    }
    let digits =
        text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Color::Rgb(r, g, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_listed_with_its_line() {
        let text = "based_on = 7\nsize = 1\n[role]\ntext = { fg = \"#12345\" }\nfancy = {}\ndim = { blink = true, bold = 1 }\nstrong = \"#ffffff\"\n";
        let error = read("mine.toml", text).err().unwrap();
        let lines: Vec<_> = error.faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [1, 2, 4, 5, 6, 6, 7, 8], "{error}");
        let shown = error.to_string();
        for expected in [
            "mine.toml:1: `based_on` has the wrong type",
            "mine.toml:2: unknown entry `size`",
            "mine.toml:4: a colour is \"#rrggbb\"",
            "mine.toml:5: unknown role `fancy`",
            "mine.toml:6: unknown entry `blink`",
            "mine.toml:6: `bold` must be true or false",
            "mine.toml:7: `strong` must be a table",
            "mine.toml:8: roles without a style: base, good, moving",
        ] {
            assert!(shown.contains(expected), "{expected}\n{shown}");
        }
    }

    #[test]
    fn a_patch_says_only_what_differs() {
        let source =
            read("mine.toml", "based_on = \"light\"\n[role]\ngood = { fg = \"bright blue\", bold = true }\n").ok().unwrap();
        let light = shipped::named("light").unwrap();
        let base = read(light.file, light.text).ok().unwrap();
        assert_eq!(source.styles.len(), base.styles.len());
        assert_eq!(source.styles[&Role::Good], Style::new().fg(Color::LightBlue).add_modifier(Modifier::BOLD));
        assert_eq!(source.styles[&Role::Bad], base.styles[&Role::Bad]);
        let error = read("mine.toml", "\nbased_on = \"pink\"\n").err().unwrap();
        assert!(
            error.to_string().starts_with("mine.toml:2: no theme `pink` comes with the program; there are dark, light"),
            "{error}"
        );
    }

    #[test]
    fn text_that_is_not_toml_is_refused_with_its_line() {
        let error = read("mine.toml", "based_on = \"dark\"\n[role\n").err().unwrap();
        assert!(error.faults.iter().any(|fault| fault.line == 2), "{error}");
    }
}
