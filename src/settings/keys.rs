//! Keys of one's own, as written. What they mean, only the console's key table knows.

use crate::document::Table;

/// One line of `[keys]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWish {
    /// The action, as written: a name of `pushdeck keys`, where `_` and `-` stand for blanks.
    pub action: String,
    /// Its keys, as written; none takes every key from it.
    pub keys: Vec<String>,
    /// The settings file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
}

/// Reads `[keys]`: each entry is one key or a list of them.
pub(super) fn keys(file: &str, table: &Table<'_>) -> Vec<KeyWish> {
    let wish = |action: crate::document::At<String>| {
        let keys = if table.is_list(&action.value) {
            table.list::<String>(&action.value)?.value.into_iter().map(|key| key.value).collect()
        } else {
            vec![table.get::<String>(&action.value)?.value]
        };
        Some(KeyWish { action: action.value, keys, file: file.to_owned(), line: action.line })
    };
    table.keys().into_iter().filter_map(wish).collect()
}
