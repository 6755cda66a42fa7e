//! Getting one text over HTTP, packed with gzip or not, within bounds, with reasons that may be shown.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, Response, Url};

use super::guard::{CONNECT, TOTAL};
use crate::evidence::exposition::{is_whole_open_metrics, limits};
use crate::safe;

/// The most bytes that log lines may have: 8 MiB. Those of an exposition are limited where it is read.
const MAX_LINES: usize = 8 * 1024 * 1024;

/// What a target is asked for. The plain text comes first, because `OpenMetrics` may add `_total` to the names of counters.
const FORMATS: &str = "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

/// The exposition at an address, or why there is none, in words without the address (it may hold a password).
pub(super) async fn exposition(client: &Client, url: Url) -> Result<Vec<u8>, String> {
    let response = answer(client.get(url).header(ACCEPT, FORMATS)).await?;
    let is_open_metrics = is_open_metrics(&response);
    match body(response, limits::BODY, TOTAL).await? {
        (_, Some(why)) => Err(why),
        (bytes, None) if is_open_metrics && !is_whole_open_metrics(&bytes) => {
            Err("answered with OpenMetrics text that lacks \"# EOF\" at its end: it was cut off".to_owned())
        }
        (bytes, None) => Ok(bytes),
    }
}

/// The whole lines at an address as far as they came within bounds, and why these are not all.
pub(super) async fn lines(client: &Client, url: Url) -> Result<(String, Option<String>), String> {
    let (mut bytes, cut) = body(answer(client.get(url)).await?, MAX_LINES, TOTAL).await?;
    if cut.is_some() {
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
    }
    Ok((String::from_utf8_lossy(&bytes).into_owned(), cut))
}

async fn answer(request: RequestBuilder) -> Result<Response, String> {
    let response = send(request, TOTAL).await?;
    if response.status().is_success() { Ok(response) } else { Err(format!("answered {}", response.status().as_u16())) }
}

/// What is answered, whatever its status. `patience` is how long the client waits, for the words that say so.
pub(super) async fn send(request: RequestBuilder, patience: Duration) -> Result<Response, String> {
    request.send().await.map_err(|error| reason(&error.without_url(), patience))
}

fn is_open_metrics(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/openmetrics-text"))
}

/// What came within bounds of time and of size (once unpacked), and why that is not all.
pub(super) async fn body(mut response: Response, most: usize, patience: Duration) -> Result<(Vec<u8>, Option<String>), String> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > most => {
                return Ok((bytes, Some(format!("answered with more than {} MiB", most / 1024 / 1024))));
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok((bytes, None)),
            Err(error) if error.is_timeout() => return Ok((bytes, Some(reason(&error.without_url(), patience)))),
            Err(error) => return Err(reason(&error.without_url(), patience)),
        }
    }
}

fn reason(error: &reqwest::Error, patience: Duration) -> String {
    if error.is_timeout() {
        let limit = if error.is_connect() { CONNECT } else { patience };
        return format!("no answer within {} s", limit.as_secs());
    }
    broken(error)
}

/// Why a request failed that did not just take too long, without its address.
pub(super) fn broken(error: &reqwest::Error) -> String {
    let what = if error.is_connect() {
        "cannot connect"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else {
        "the request failed"
    };
    match root_cause(error) {
        Some(cause) => safe::clean(&format!("{what}: {cause}")),
        None => what.to_owned(),
    }
}

/// The innermost cause, which says most: "Connection refused" rather than "error sending request".
fn root_cause(error: &dyn Error) -> Option<String> {
    std::iter::successors(error.source(), |&cause| cause.source()).last().map(ToString::to_string)
}
