//! Finding the lines of wanted families, by how each line begins. Samples of a family may stand anywhere in a text, so every line is
//! looked at; but of a line that is not wanted hardly more than its first bytes are, and it may hold any bytes.

use std::iter;

use memchr::{memchr_iter, memchr2};

use super::{limits, line};

/// What a histogram's or a summary's samples add to the name of their family.
const SUFFIXES: [&[u8]; 3] = [b"_bucket", b"_sum", b"_count"];

/// A line of a wanted family.
pub(super) struct Line<'a> {
    bytes: &'a [u8],
    /// Whether a line feed ends it.
    is_whole: bool,
}

impl<'a> Line<'a> {
    /// Its text without the blanks around it; `None` where it is cut off, too long, or not UTF-8.
    pub(super) fn text(&self) -> Option<&'a str> {
        let may_be_read = self.is_whole && self.bytes.len() <= limits::LINE;
        Some(std::str::from_utf8(may_be_read.then_some(self.bytes)?).ok()?.trim_matches(line::AROUND))
    }
}

/// The families wanted.
pub(super) struct Selection<'a> {
    families: &'a [&'a str],
    /// What all their names begin with: most lines of other families do not.
    stem: &'a [u8],
}

impl<'a> Selection<'a> {
    pub(super) fn new(families: &'a [&'a str]) -> Self {
        let mut stem = families.first().map_or(&[][..], |first| first.as_bytes());
        for family in families {
            let shared = iter::zip(stem, family.as_bytes()).take_while(|(ours, theirs)| ours == theirs).count();
            stem = stem.get(..shared).unwrap_or_default();
        }
        Self { families, stem }
    }

    /// The wanted families' lines, in the order of the text.
    pub(super) fn lines(&'a self, text: &'a [u8]) -> impl Iterator<Item = Line<'a>> {
        let mut ends = memchr_iter(b'\n', text);
        let mut start = 0;
        // Lines of one name follow each other, so the verdict on the last name mostly answers for the next line.
        let mut last: (&[u8], bool) = (&[], false);
        iter::from_fn(move || {
            while start < text.len() {
                let end = ends.next();
                let bytes = text.get(start..end.unwrap_or(text.len()))?;
                start = end.map_or(text.len(), |end| end + 1);
                if self.wants(bytes, &mut last) {
                    return Some(Line { bytes, is_whole: end.is_some() });
                }
            }
            None
        })
    }

    fn wants(&self, line: &'a [u8], last: &mut (&'a [u8], bool)) -> bool {
        match line.first() {
            None | Some(b'#') => false,
            Some(b' ' | b'\t' | b'\r') => {
                let begin = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
                begin.and_then(|begin| line.get(begin..)).is_some_and(|line| self.wants(line, last))
            }
            Some(b'{') => self.wants_quoted(line),
            Some(_) if !line.starts_with(self.stem) => false,
            Some(_) => {
                let is_same_name = line.strip_prefix(last.0).is_some_and(|rest| rest.first().is_none_or(|byte| !is_of_name(*byte)));
                if !is_same_name || last.0.is_empty() {
                    let name = name(line);
                    *last = (name, self.wants_name(name));
                }
                last.1
            }
        }
    }

    /// Whether a quoted name inside the braces that a line begins with is wanted. Label values are quoted too, but follow a `=`.
    fn wants_quoted(&self, line: &[u8]) -> bool {
        let mut rest = line;
        while let Some(quote) = memchr2(b'"', b'}', rest) {
            let (before, quoted) = rest.split_at_checked(quote).unwrap_or_default();
            let Some(text) = quoted.strip_prefix(b"\"") else { return false };
            let is_value = before.trim_ascii_end().ends_with(b"=");
            let Some(end) = line::quote_end(text) else { return !is_value && self.wants_name(name(text)) };
            let (inside, after) = text.split_at_checked(end).unwrap_or_default();
            rest = after.strip_prefix(b"\"").unwrap_or_default();
            if !is_value && !rest.trim_ascii_start().starts_with(b"=") && self.wants_name(inside) {
                return true;
            }
        }
        false
    }

    fn wants_name(&self, name: &[u8]) -> bool {
        let is_of =
            |family: &&str| name.strip_prefix(family.as_bytes()).is_some_and(|rest| rest.is_empty() || SUFFIXES.contains(&rest));
        self.families.iter().any(is_of)
    }
}

/// What a line begins with, up to the first byte that stands in no name.
fn name(line: &[u8]) -> &[u8] {
    line.split(|byte| !is_of_name(*byte)).next().unwrap_or_default()
}

/// Whether a byte goes on with a name, for the purpose of finding where it ends. Not every such name is sound.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}' | b'"' | b'=' | b',' | b'#')
}
