//! `[[journey.step]]`: one request, and what must come back.

use std::collections::{BTreeMap, BTreeSet};

use super::Headers;
use super::addresses::{address_fault, is_own};
use crate::document::{At, Table, nearest};
use crate::domain::journey::{Header, Kept, Method, Piece, Step, pieces};
use crate::safe;

/// The most steps a journey may have.
const MOST: usize = 20;

/// Headers whose value lets somebody in: written out, it would stand in every recording.
const CREDENTIALS: [&str; 5] = ["authorization", "proxy-authorization", "x-api-key", "x-auth-token", "api-key"];

/// Headers that are the client's own business, or that cookies kept within a journey are for.
const NOT_OURS: [&str; 5] = ["content-length", "transfer-encoding", "connection", "cookie", "upgrade"];

/// What `${…}` may stand for so far.
pub(super) struct Names {
    secrets: BTreeSet<String>,
    kept: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(secrets: &BTreeMap<String, String>) -> Self {
        Self { secrets: secrets.keys().cloned().collect(), kept: BTreeSet::new() }
    }

    /// Reports what stands for nothing.
    fn check(&self, table: &Table<'_>, text: &At<String>, what: &str) {
        for piece in pieces(&text.value) {
            let Piece::Named(name) = piece else { continue };
            if self.secrets.contains(name) || self.kept.contains(name) {
                continue;
            }
            let known = || self.secrets.iter().chain(&self.kept).map(String::as_str);
            let instead = match nearest(name, known()) {
                Some(meant) => format!("did you mean ${{{meant}}}?"),
                None => "write it under \"secrets\" of the journey, or under \"keep\" of an earlier step".to_owned(),
            };
            table.sheet().fault(text.line, &format!("${{{name}}} in {what} of {} stands for nothing", table.name()), &instead);
        }
    }
}

/// Every step, in the order made.
pub(super) fn read(journey: &Table<'_>, names: &mut Names) -> Vec<Step> {
    let tables = journey.tables("step");
    if tables.is_empty() {
        journey.missing("step", "at least one [[journey.step]] with its url");
    }
    if tables.len() > MOST {
        let what = format!("{} has {} steps", journey.name(), tables.len());
        journey.sheet().fault(journey.line, &what, &format!("{MOST} are the most: try its parts as journeys of their own"));
    }
    let mut found = Vec::new();
    for (number, table) in (1..).zip(tables) {
        let table = table.named(format!("step {number} of {}", journey.name()));
        found.extend(step(&table, names));
        table.close();
    }
    found
}

fn step(table: &Table<'_>, names: &mut Names) -> Option<Step> {
    let method = method(table);
    let url = table.need::<String>("url").filter(|url| is_sound(table, url, names));
    let name = table.get::<String>("name").map(|name| safe::clean(&name.value));
    let headers = headers(table, names);
    let body = table.get::<String>("body").inspect(|body| names.check(table, body, "the body"));
    let (status, text) = table.table("expect").map_or((None, None), |expect| answer(&expect));
    let keep = keep(table, names);
    if let Some(key) =
        (method == Method::Head).then(|| text.as_ref().map(|_| "text").or((!keep.is_empty()).then_some("keep"))).flatten()
    {
        let what = format!("{} asks by HEAD, whose answer has no body, and has {key:?}", table.name());
        table.sheet().fault(table.line, &what, "ask by GET");
    }
    let url = url?.value;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = name.unwrap_or_else(|| safe::clean(&format!("{} {path}", method.word())));
    Some(Step { name, method, url, headers, body: body.map(|body| body.value), status, text, keep })
}

fn method(table: &Table<'_>) -> Method {
    let Some(word) = table.get::<String>("method") else { return Method::Get };
    let known = || Method::ALL.into_iter().map(Method::word);
    Method::ALL.into_iter().find(|method| method.word() == word.value).unwrap_or_else(|| {
        let instead = match nearest(&word.value.to_uppercase(), known()) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("known are: {}", known().collect::<Vec<_>>().join(", ")),
        };
        table.sheet().fault(word.line, &format!("the method of {} is {:?}", table.name(), word.value), &instead);
        Method::Get
    })
}

/// A path behind the cell's address, or an address of its own.
fn is_sound(table: &Table<'_>, url: &At<String>, names: &Names) -> bool {
    let fault = if is_own(&url.value) {
        url.value.starts_with("//").then_some(("begins with two slashes", "begin a path with one, or write the whole address"))
    } else if url.value.contains("://") {
        address_fault(&url.value)
    } else {
        Some(("is neither a path nor an address", "write a path such as \"/login\", or a whole https address"))
    };
    let fault = fault.or_else(|| {
        let secret = |piece: &Piece<'_>| matches!(piece, Piece::Named(name) if names.secrets.contains(*name));
        let instead = "send it in a header or in the body: addresses are written into logs on the way";
        pieces(&url.value).iter().any(secret).then_some(("holds a secret", instead))
    });
    match fault {
        Some((what, instead)) => table.sheet().fault(url.line, &format!("the url of {} {what}", table.name()), instead),
        None => names.check(table, url, "the url"),
    }
    fault.is_none()
}

/// `headers = { Accept = "text/html", Authorization = "Bearer ${token}" }`.
pub(super) fn headers(table: &Table<'_>, names: &Names) -> Headers {
    let Some(headers) = table.table("headers") else { return Headers::new() };
    let sheet = table.sheet();
    let mut found = Headers::new();
    for name in headers.keys() {
        let Some(value) = headers.get::<String>(&name.value) else { continue };
        names.check(table, &value, &format!("header {:?}", name.value));
        let lower = name.value.to_ascii_lowercase();
        let is_token =
            !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        let is_written_out = pieces(&value.value).iter().all(|piece| matches!(piece, Piece::Plain(_)));
        if !is_token {
            let what = format!("{:?} in {} is no name of a header", name.value, headers.name());
            sheet.fault(name.line, &what, "write letters, digits and hyphens");
        } else if NOT_OURS.contains(&lower.as_str()) {
            let what = format!("{} sets {:?}", headers.name(), name.value);
            sheet.fault(
                name.line,
                &what,
                "leave it out: it is set as it has to be, and cookies are kept from one step to the next",
            );
        } else if CREDENTIALS.contains(&lower.as_str()) && is_written_out {
            // It is probably a secret: it is not repeated.
            let what = format!("{:?} in {} is written out, and would stand in every recording", name.value, headers.name());
            sheet.fault(value.line, &what, "write secrets = { token = \"SHOP_TOKEN\" } in the journey, and ${token} here");
        }
        if value.value.contains(char::is_control) {
            let what = format!("the value of {:?} in {} has a control character", name.value, headers.name());
            sheet.fault(value.line, &what, "write it on one line");
        }
        found.push(Header { name: name.value, value: value.value });
    }
    found
}

/// `expect = { status = 201, text = "Thank you" }`.
fn answer(expect: &Table<'_>) -> (Option<u16>, Option<String>) {
    let status = expect.get::<u32>("status");
    let text = expect.get::<String>("text").map(|text| text.value);
    if status.is_none() && text.is_none() && !expect.has("status") && !expect.has("text") {
        expect.missing("status", "201, or text = \"what the answer holds\"");
    }
    expect.close();
    let status = status.and_then(|status| {
        let sound = u16::try_from(status.value).ok().filter(|code| (200..=599).contains(code));
        if sound.is_none() {
            let what = format!("the status in {} is {}", expect.name(), status.value);
            expect.sheet().fault(status.line, &what, "write one between 200 and 599");
        }
        sound
    });
    (status, text)
}

/// `keep = { order = "/order/id" }`, or of an answer that is no JSON `keep = { csrf = { after = "…", before = "…" } }`.
fn keep(table: &Table<'_>, names: &mut Names) -> BTreeMap<String, Kept> {
    let mut found = BTreeMap::new();
    let Some(keep) = table.table("keep") else { return found };
    for name in keep.keys() {
        let kept = if keep.is_table(&name.value) { between(&keep, &name.value) } else { pointer(&keep, &name.value) };
        if names.secrets.contains(&name.value) {
            let what = format!("{} keeps {:?}, which is the name of a secret", table.name(), name.value);
            table.sheet().fault(name.line, &what, "give it another name");
        }
        names.kept.insert(name.value.clone());
        found.extend(kept.map(|kept| (name.value, kept)));
    }
    found
}

fn pointer(keep: &Table<'_>, name: &str) -> Option<Kept> {
    let pointer = keep.get::<String>(name)?;
    if !pointer.value.starts_with('/') {
        let what = format!("{name:?} in {} is no JSON pointer", keep.name());
        let instead = "begin it with a slash, such as \"/order/id\", or write { after = \"…\", before = \"…\" }";
        keep.sheet().fault(pointer.line, &what, instead);
    }
    Some(Kept::Pointer(pointer.value))
}

fn between(keep: &Table<'_>, name: &str) -> Option<Kept> {
    let table = keep.table(name)?;
    let (after, before) = (table.need::<String>("after"), table.need::<String>("before"));
    table.close();
    Some(Kept::Between { after: after?.value, before: before?.value })
}
