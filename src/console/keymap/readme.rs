//! The keys as a Markdown table, for the README.

use super::action::Danger;
use super::map::labels;
use super::table::{Row, table};

/// The key table of the README, one line per action, ending in a line break. A test of the README compares with this, so
/// that it cannot drift.
pub fn readme_table() -> String {
    markdown(&table())
}

/// Any table of keys likewise: those in force.
pub fn markdown(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let effect = match row.danger {
            Danger::Safe => "",
            Danger::Record => " *(acts: recorded)*",
            Danger::Stopping => " *(acts: stops)*",
            Danger::Forward => " *(acts: forward)*",
            Danger::Back => " *(acts: back)*",
        };
        let keys: Vec<_> = labels(row, rows).split(", ").map(|key| format!("`{key}`")).collect();
        format!("| {} | {} | {}{effect} |\n", keys.join(", "), row.name, row.help)
    };
    let head = "| Key | Action | What it does |\n| --- | --- | --- |\n".to_owned();
    std::iter::once(head).chain(rows.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_well_formed_line_per_action() {
        let markdown = readme_table();
        assert_eq!(markdown.lines().count(), table().len() + 2);
        assert!(markdown.lines().all(|line| line.matches('|').count() == 4), "{markdown}");
        assert!(markdown.contains("| `s`, `Ctrl-S` | stop | Hold the push where it is"), "{markdown}");
    }
}
