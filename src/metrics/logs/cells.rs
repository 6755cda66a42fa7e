//! Logs that cells tell over HTTP, beside their metrics.
//!
//! A cell is asked `PATH?after=N` and answers with JSON objects, one a line: first `{"newest":M}`, then each line with a number above N
//! as `{"n":…,"service":…,"version":…,"instance":…,"line":…}`. Asked without `after`, it answers the first alone. One that counts anew was
//! started anew, and is read from there on.

use std::collections::BTreeMap;

use reqwest::{Client, Url};
use serde::Deserialize;
use tokio::task::JoinSet;

use super::super::fetch;
use crate::domain::id::{CellId, EnvironmentId};
use crate::evidence::logs::{Collector, Roster, Written};

type Asked = (EnvironmentId, CellId, String);

/// How far each cell's logs have been read.
#[derive(Debug)]
pub(super) struct Cells {
    client: Client,
    urls: BTreeMap<(EnvironmentId, CellId), Url>,
    newest: BTreeMap<Asked, u64>,
}

#[derive(Deserialize)]
struct Head {
    newest: u64,
}

/// What a cell told: the number of its newest line, and the lines asked for.
type Told = Result<(u64, Vec<Written>), String>;

impl Cells {
    pub(super) fn new(client: Client, urls: BTreeMap<(EnvironmentId, CellId), Url>) -> Self {
        Self { client, urls, newest: BTreeMap::new() }
    }

    /// Asks every cell at once.
    pub(super) async fn round(&mut self, roster: &Roster, collector: &mut Collector) {
        let mut tasks = JoinSet::new();
        for asked in roster.asked() {
            let url = self.urls.get(&(asked.0.clone(), asked.1.clone())).cloned();
            let (client, after) = (self.client.clone(), self.newest.get(&asked).copied());
            tasks.spawn(async move {
                let told = ask(&client, url, &asked.2, after).await;
                (asked, told)
            });
        }
        while let Some(done) = tasks.join_next().await {
            let Ok((asked, told)) = done else { continue };
            let (environment, cell, path) = &asked;
            match &told {
                Ok((_, lines)) => collector.cell(roster, (environment, cell, path), Ok(lines)),
                Err(why) => collector.cell(roster, (environment, cell, path), Err(why)),
            }
            if let Ok((newest, _)) = told {
                self.newest.insert(asked, newest);
            }
        }
    }
}

async fn ask(client: &Client, url: Option<Url>, path: &str, after: Option<u64>) -> Told {
    let mut url = url.ok_or("no address of its metrics is known")?;
    url.set_path(path);
    url.set_query(after.map(|after| format!("after={after}")).as_deref());
    let text = fetch::text(client, url).await?;
    let (head, lines) = text.split_once('\n').unwrap_or((&text, ""));
    let newest =
        serde_json::from_str::<Head>(head).map_err(|_| "its answer does not begin with the number of the newest line")?.newest;
    if after.is_some_and(|after| newest < after) {
        return Ok((newest, Vec::new()));
    }
    let lines = lines.lines().filter(|line| !line.is_empty()).map(serde_json::from_str::<Written>);
    let lines: Result<Vec<_>, _> = lines.collect();
    lines.map(|lines| (newest, lines)).map_err(|_| "a line of its answer cannot be understood".to_owned())
}
