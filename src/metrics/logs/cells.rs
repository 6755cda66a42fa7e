//! Logs that cells tell over HTTP, beside their metrics.
//!
//! A cell is asked `PATH?after=N` and answers with JSON objects, one a line: first `{"newest":M}`, then each line with a number above N
//! as `{"n":…,"service":…,"version":…,"instance":…,"line":…}`. Asked without `after`, it answers the first alone. One that counts anew was
//! started anew, and is read from there on. Of an answer that is too long, its beginning is taken and the rest skipped.

use std::collections::BTreeMap;

use reqwest::{Client, Url};
use serde::Deserialize;
use tokio::task::JoinSet;

use super::super::fetch;
use crate::domain::id::{CellId, EnvironmentId};
use crate::evidence::logs::{Collector, Roster, Written};

type Asked = (EnvironmentId, CellId, String);

/// Where cells are asked.
#[derive(Debug)]
pub(super) struct Cells {
    client: Client,
    urls: BTreeMap<(EnvironmentId, CellId), Url>,
}

/// How far each cell's logs have been read: the number of its newest line.
#[derive(Debug, Default)]
pub(super) struct Newest(BTreeMap<Asked, u64>);

/// What a cell answered and nobody has gone through yet.
#[derive(Debug)]
pub(super) struct Answer {
    asked: Asked,
    after: Option<u64>,
    /// Its whole lines, and why these are not all.
    text: Result<(String, Option<String>), String>,
}

#[derive(Deserialize)]
struct Head {
    newest: u64,
}

/// What a cell told.
struct Told {
    /// The number of its newest line.
    newest: u64,
    /// The lines asked for.
    lines: Vec<Written>,
    /// Why these are not all.
    gap: Option<String>,
}

impl Cells {
    pub(super) fn new(client: Client, urls: BTreeMap<(EnvironmentId, CellId), Url>) -> Self {
        Self { client, urls }
    }

    /// Asks every cell at once for what is newer than that.
    pub(super) async fn ask(&self, roster: &Roster, newest: &Newest) -> Vec<Answer> {
        let mut tasks = JoinSet::new();
        for asked in roster.asked() {
            let url = self.urls.get(&(asked.0.clone(), asked.1.clone())).cloned();
            let (client, after) = (self.client.clone(), newest.0.get(&asked).copied());
            tasks.spawn(async move {
                let text = ask(&client, url, &asked.2, after).await;
                Answer { asked, after, text }
            });
        }
        let mut answers = Vec::new();
        while let Some(done) = tasks.join_next().await {
            answers.extend(done);
        }
        answers
    }
}

async fn ask(client: &Client, url: Option<Url>, path: &str, after: Option<u64>) -> Result<(String, Option<String>), String> {
    let mut url = url.ok_or("no address of its metrics is known")?;
    url.set_path(path);
    url.set_query(after.map(|after| format!("after={after}")).as_deref());
    fetch::lines(client, url).await
}

impl Newest {
    /// Goes through an answer.
    pub(super) fn take(&mut self, roster: &Roster, answer: Answer, collector: &mut Collector) {
        let Answer { asked, after, text } = answer;
        let (environment, cell, path) = &asked;
        let told = text.and_then(|(text, cut)| told(&text, cut, after));
        let gap = match &told {
            Ok(told) => {
                collector.cell(roster, (environment, cell, path), Ok(&told.lines));
                told.gap.as_ref()
            }
            Err(why) => Some(why),
        };
        if let Some(why) = gap {
            collector.cell(roster, (environment, cell, path), Err(why));
        }
        if let Ok(told) = told {
            self.0.insert(asked, told.newest);
        }
    }
}

fn told(text: &str, cut: Option<String>, after: Option<u64>) -> Result<Told, String> {
    let (head, lines) = text.split_once('\n').unwrap_or((text, ""));
    let newest =
        serde_json::from_str::<Head>(head).map_err(|_| "its answer does not begin with the number of the newest line")?.newest;
    if after.is_some_and(|after| newest < after) {
        return Ok(Told { newest, lines: Vec::new(), gap: None });
    }
    let mut strange = 0_u64;
    let mut understood = Vec::new();
    for line in lines.lines().filter(|line| !line.is_empty()) {
        match serde_json::from_str(line) {
            Ok(line) => understood.push(line),
            Err(_) => strange += 1,
        }
    }
    let gap = match (cut, strange) {
        (Some(why), _) => Some(format!("{why}: the rest was skipped")),
        (None, 0) => None,
        (None, 1) => Some("a line of its answer cannot be understood and was skipped".to_owned()),
        (None, many) => Some(format!("{many} lines of its answer cannot be understood and were skipped")),
    };
    Ok(Told { newest, lines: understood, gap })
}
