//! Reading a theme file, with every mistake in one go.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::role::Role;

/// One mistake in a theme file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
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
            write!(f, "{end}{}:{}: {}", self.file, fault.line, fault.what)?;
        }
        Ok(())
    }
}

/// What a theme file says, colours as written.
pub(super) struct Source {
    pub name: String,
    pub styles: BTreeMap<Role, Style>,
}

/// Reads a theme; `file` is only for naming it in faults.
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
        let mut source = Source { name: String::new(), styles: BTreeMap::new() };
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            self.fault(error.span().map_or(0, |span| span.start), error.message().to_owned());
        }
        for (key, value) in document.get_ref() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("name", DeValue::String(name)) => name.as_ref().clone_into(&mut source.name),
                ("role", DeValue::Table(roles)) => self.roles(roles, &mut source.styles),
                ("name" | "role", _) => self.fault(value.span().start, format!("`{}` has the wrong type", key.get_ref())),
                (other, _) => self.fault(key.span().start, format!("unknown entry `{other}`; a theme has `name` and `[role]`")),
            }
        }
        if source.name.is_empty() {
            self.fault(0, "`name` is missing".to_owned());
        }
        let missing: Vec<_> =
            Role::ALL.iter().filter(|(role, _)| !source.styles.contains_key(role)).map(|(_, name)| *name).collect();
        if !missing.is_empty() {
            self.fault(self.text.len(), format!("roles without a style: {}", missing.join(", ")));
        }
        source
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
            self.fault(value.span().start, "a colour is \"#rrggbb\" or \"reset\"".to_owned());
        }
        colour
    }
}

/// Only these two forms: named colours are the user's own sixteen, and nothing can be promised about their contrast.
fn colour(text: &str) -> Option<Color> {
    if text == "reset" {
        return Some(Color::Reset);
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
        let text = "name = 7\nsize = 1\n[role]\ntext = { fg = \"#12345\" }\nfancy = {}\ndim = { blink = true, bold = 1 }\nstrong = \"#ffffff\"\n";
        let error = read("mine.toml", text).err().unwrap();
        let lines: Vec<_> = error.faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [1, 1, 2, 4, 5, 6, 6, 7, 8], "{error}");
        let shown = error.to_string();
        for expected in [
            "mine.toml:1: `name` has the wrong type",
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
    fn text_that_is_not_toml_is_refused_with_its_line() {
        let error = read("mine.toml", "name = \"x\"\n[role\n").err().unwrap();
        assert!(error.faults.iter().any(|fault| fault.line == 2), "{error}");
    }
}
