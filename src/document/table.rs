//! A cursor over a table that yields values and records what is wrong with the rest.

use std::cell::RefCell;
use std::ops::Deref;

use toml::de::{DeTable, DeValue};

use super::fault::{Checked, Fault, Sound};
use super::nearest::nearest;
use super::value::{FromDocument, kind};

/// A value and the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// What was read.
    pub value: T,
    /// From 1.
    pub line: usize,
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// One document being read: its name, where its lines begin, and what was found wrong so far.
#[derive(Debug)]
pub struct Sheet {
    file: String,
    line_starts: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
    warnings: RefCell<Vec<Fault>>,
}

impl Sheet {
    fn new(file: &str, text: &str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file: file.to_owned(), line_starts, faults: RefCell::default(), warnings: RefCell::default() }
    }

    /// Records that something on a line is wrong, and what would be right.
    pub fn fault(&self, line: usize, what: &str, instead: &str) {
        self.faults.borrow_mut().push(Fault::new(&self.file, line, what, instead));
    }

    /// Records that something on a line is allowed and yet surprising.
    pub fn warn(&self, line: usize, what: &str, instead: &str) {
        self.warnings.borrow_mut().push(Fault::new(&self.file, line, what, instead));
    }

    /// Whether anything was found wrong so far.
    pub fn is_faulty(&self) -> bool {
        !self.faults.borrow().is_empty()
    }

    fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).max(1)
    }

    fn finish<T>(self, value: Option<T>) -> Checked<Sound<T>> {
        let mut faults = self.faults.into_inner();
        let mut warnings = self.warnings.into_inner();
        faults.sort_by_key(|fault| fault.line);
        faults.dedup();
        warnings.sort_by_key(|fault| fault.line);
        match value {
            Some(value) if faults.is_empty() => Ok(Sound { value, warnings }),
            None if faults.is_empty() => {
                Err(vec![Fault::new(&self.file, 1, "the document says too little", "write it out in full")])
            }
            _ => Err(faults),
        }
    }
}

/// Reads a document whole. `body` takes what it wants from the root table and may give up with `None` once it has recorded why;
/// keys it never asked for are faults.
///
/// # Errors
/// Every fault that was found. Where the text is not TOML at all, only those are reported: what follows from them would be noise.
pub fn read<T>(file: &str, text: &str, body: impl FnOnce(&Table<'_>) -> Option<T>) -> Checked<Sound<T>> {
    let sheet = Sheet::new(file, text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = sheet.line_of(error.span().map_or(0, |span| span.start));
        let message = error.message().split('\n').next().unwrap_or_default();
        sheet.fault(line, &format!("this is not TOML: {message}"), "mend the line, then check again");
    }
    if sheet.is_faulty() {
        return sheet.finish(None);
    }
    let value = {
        let table =
            Table { sheet: &sheet, content: root.get_ref(), line: 1, name: "the document".to_owned(), asked: RefCell::default() };
        let value = body(&table);
        table.close();
        value
    };
    sheet.finish(value)
}

/// One table of a document. Ask for each key it may have, then [`close`](Self::close) it.
#[derive(Debug)]
pub struct Table<'s> {
    sheet: &'s Sheet,
    content: &'s DeTable<'s>,
    /// Where it begins, from 1.
    pub line: usize,
    name: String,
    asked: RefCell<Vec<String>>,
}

impl<'s> Table<'s> {
    /// The document it belongs to.
    pub fn sheet(&self) -> &'s Sheet {
        self.sheet
    }

    /// What the table is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the table a name that helps to find it, such as `service "blob"`.
    #[must_use]
    pub fn named(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    /// The value of a key that may be left out.
    pub fn get<T: FromDocument>(&self, key: &str) -> Option<At<T>> {
        let found = self.raw(key)?;
        self.convert(&format!("{key:?} in {}", self.name), &found)
    }

    /// The value of a key that must be there.
    pub fn need<T: FromDocument>(&self, key: &str) -> Option<At<T>> {
        if self.raw(key).is_none() {
            self.missing(key, T::WRITTEN);
        }
        self.get(key)
    }

    /// The value of a key, or what holds where it is left out or wrong.
    pub fn or<T: FromDocument>(&self, key: &str, otherwise: T) -> T {
        self.get(key).map_or(otherwise, |found| found.value)
    }

    /// A list, each entry with its line; entries that are wrong are left out. `None` where the key is.
    pub fn list<T: FromDocument>(&self, key: &str) -> Option<At<Vec<At<T>>>> {
        let found = self.raw(key)?;
        let Some(items) = found.value.as_array() else {
            self.wrong_kind(key, &found, "a list");
            return None;
        };
        let what = format!("an entry of {key:?} in {}", self.name);
        let all = items
            .iter()
            .filter_map(|item| self.convert(&what, &At { value: item.get_ref(), line: self.sheet.line_of(item.span().start) }));
        Some(At { value: all.collect(), line: found.line })
    }

    /// A table that may be left out.
    pub fn table(&self, key: &str) -> Option<Table<'s>> {
        let found = self.raw(key)?;
        let Some(table) = found.value.as_table() else {
            self.wrong_kind(key, &found, "a table");
            return None;
        };
        Some(self.child(table, found.line, format!("{key:?} of {}", self.name)))
    }

    /// A list of tables, `[[key]]` or `key = [{ … }]`. Empty where it is left out.
    pub fn tables(&self, key: &str) -> Vec<Table<'s>> {
        let Some(found) = self.raw(key) else { return Vec::new() };
        let Some(items) = found.value.as_array() else {
            self.wrong_kind(key, &found, &format!("a list of tables, each begun by [[{key}]]"));
            return Vec::new();
        };
        let mut all = Vec::new();
        for item in items {
            let line = self.sheet.line_of(item.span().start);
            match item.get_ref().as_table() {
                Some(table) => all.push(self.child(table, line, format!("a {key:?}"))),
                None => self.wrong_kind(key, &At { value: item.get_ref(), line }, "a table"),
            }
        }
        all
    }

    /// Every key of a table whose keys are names, in the order they are written.
    pub fn keys(&self) -> Vec<At<String>> {
        let mut keys: Vec<_> = self.content.iter().map(|(key, _)| (key.span().start, key.get_ref().to_string())).collect();
        keys.sort();
        keys.into_iter().map(|(start, value)| At { value, line: self.sheet.line_of(start) }).collect()
    }

    /// Whether a key is there, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.raw(key).is_some()
    }

    /// Whether a key holds a table.
    pub fn is_table(&self, key: &str) -> bool {
        self.raw(key).is_some_and(|found| found.value.is_table())
    }

    /// Whether a key holds a list.
    pub fn is_list(&self, key: &str) -> bool {
        self.raw(key).is_some_and(|found| found.value.is_array())
    }

    /// Records that a key is missing, and how it would be written.
    pub fn missing(&self, key: &str, written: &str) {
        self.sheet.fault(self.line, &format!("{} has no {key:?}", self.name), &format!("add {key} = {written}"));
    }

    /// Records every key that nothing asked for.
    pub fn close(&self) {
        let asked = self.asked.borrow();
        for key in self.keys() {
            if asked.contains(&key.value) {
                continue;
            }
            let mut known: Vec<&str> = asked.iter().map(String::as_str).collect();
            known.sort_unstable();
            known.dedup();
            let instead = match nearest(&key.value, known.iter().copied()) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => format!("what may stand here: {}", known.join(", ")),
            };
            self.sheet.fault(key.line, &format!("{} has an unknown key {:?}", self.name, key.value), &instead);
        }
    }

    fn raw(&self, key: &str) -> Option<At<&'s DeValue<'s>>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.iter().any(|known| known == key) {
            asked.push(key.to_owned());
        }
        let (written, value) = self.content.get_key_value(key)?;
        // A table's own span is its header's, which is where a person looks; a value is looked for beside its key.
        let start = if value.get_ref().is_table() { value.span().start } else { written.span().start };
        Some(At { value: value.get_ref(), line: self.sheet.line_of(start) })
    }

    fn convert<T: FromDocument>(&self, what: &str, found: &At<&DeValue<'_>>) -> Option<At<T>> {
        match T::from_document(found.value) {
            Ok(value) => Some(At { value, line: found.line }),
            Err(wrong) => {
                let wrong = wrong.unwrap_or_else(|| format!("is {}", kind(found.value)));
                self.sheet.fault(found.line, &format!("{what} {wrong}"), &format!("write {}", T::WRITTEN));
                None
            }
        }
    }

    fn wrong_kind(&self, key: &str, found: &At<&DeValue<'_>>, expected: &str) {
        self.sheet.fault(found.line, &format!("{key:?} in {} is {}", self.name, kind(found.value)), &format!("write {expected}"));
    }

    fn child(&self, content: &'s DeTable<'s>, line: usize, name: String) -> Table<'s> {
        Table { sheet: self.sheet, content, line, name, asked: RefCell::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<T>(read: &Checked<Sound<T>>) -> Vec<String> {
        read.as_ref().err().map(|faults| faults.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        let text = "size = \"large\"\n\n[[thing]]\nnmae = \"a\"\n\n[[thing]]\nname = 3\n";
        let read = read("x.toml", text, |root| {
            let size = root.get::<u32>("size");
            for thing in root.tables("thing") {
                let _: Option<At<String>> = thing.need("name");
                thing.close();
            }
            size
        });
        assert_eq!(
            lines(&read),
            [
                "x.toml:1: \"size\" in the document is a string; write a whole number between 0 and 4294967295",
                "x.toml:3: a \"thing\" has no \"name\"; add name = text in quotes",
                "x.toml:4: a \"thing\" has an unknown key \"nmae\"; did you mean \"name\"?",
                "x.toml:7: \"name\" in a \"thing\" is an integer; write text in quotes",
            ]
        );
    }

    #[test]
    fn a_text_that_is_not_toml_says_where() {
        let read = read("x.toml", "a = 1\nb = = 2\n", |root| root.get::<u32>("a"));
        assert!(lines(&read).first().is_some_and(|line| line.starts_with("x.toml:2: this is not TOML")), "{read:?}");
    }

    #[test]
    fn keys_come_in_the_order_they_are_written() {
        let read = read("x.toml", "[people]\nzoe = [\"a\"]\nana = [\"a\"]\n", |root| {
            let people = root.table("people")?;
            let keys: Vec<String> = people.keys().into_iter().map(|key| key.value).collect();
            for key in &keys {
                people.list::<String>(key);
            }
            people.close();
            Some(keys)
        });
        assert_eq!(read.map(|sound| sound.value), Ok(vec!["zoe".to_owned(), "ana".to_owned()]));
    }
}
