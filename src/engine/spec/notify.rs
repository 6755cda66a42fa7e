//! `[notify]`: how people are called.

use crate::document::{Sheet, Table};
use crate::domain::call::{Notify, Webhook};

/// How people are called, where the spec says so.
pub fn read(root: &Table<'_>) -> Option<Notify> {
    let table = root.table("notify")?;
    let sheet = table.sheet();
    if !table.has("command") && !table.has("webhook") {
        table.missing("command", "[\"page\", \"--team\", \"oncall\"] or webhook = { url = \"https://…\", secret_env = \"NAME\" }");
    }
    let command = table.list::<String>("command").and_then(|list| {
        let program = !list.value.is_empty();
        if !program {
            sheet.fault(list.line, "the command of notify is empty", "write the program first, then its arguments");
        }
        program.then(|| list.value.into_iter().map(|word| word.value).collect())
    });
    let webhook = table.table("webhook").and_then(|table| webhook(&table.named("the webhook of notify".to_owned()), sheet));
    table.close();
    (command.is_some() || webhook.is_some()).then_some(Notify { command, webhook })
}

fn webhook(table: &Table<'_>, sheet: &Sheet) -> Option<Webhook> {
    let (url, secret) = (table.need::<String>("url"), table.need::<String>("secret_env"));
    table.close();
    if let Some(url) = url.as_ref().filter(|url| !super::checks::is_http(&url.value)) {
        // Its path may be a secret: it is not repeated.
        sheet.fault(
            url.line,
            &format!("the url of {} is no http or https address", table.name()),
            "write an http or https address",
        );
    }
    if let Some(secret) = secret.as_ref().filter(|secret| !is_variable(&secret.value)) {
        let what = format!("the secret_env of {} names no environment variable", table.name());
        sheet.fault(secret.line, &what, "write the variable's name, such as PUSHDECK_SECRET, never the secret itself");
    }
    Some(Webhook { url: url?.value, secret_env: secret?.value })
}

/// Whether a text names an environment variable.
pub(super) fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
